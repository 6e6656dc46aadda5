// The parts of a grid row: a label in the gutter, a picture, and a cover over what is not reached.
import { make, withSubscripts } from "../common/dom.js";
import { heatPixels, paintPixels } from "./pixels.js";

export function gridRow(context, options) {
  const { cell, layer } = context;
  const canvas = make("canvas", { "aria-hidden": "true" });
  const cover = make("div", { class: "cover" });
  const picture = make(
    "div",
    {
      class: "picture",
      style: `height:${options.height}px`,
      role: "img",
      "aria-label": options.title,
    },
    canvas,
    cover,
  );
  if (options.svg) picture.append(options.svg);
  if (options.unitLines)
    picture.append(
      make("div", { class: "unit-lines", style: unitLineStyle(options.height, options.units) }),
    );
  const line = make(
    "div",
    { class: `line ${options.className}`, style: `--height:${options.height}px` },
    make("div", { class: "gutter" }, ...options.gutter),
    make("div", { class: "track" }, picture),
  );
  return {
    cell: cell.index,
    layer: layer.index,
    cover,
    canvas,
    picture,
    line,
    units: layer.units,
    optional: false,
    ...options,
  };
}

function unitLineStyle(height, units) {
  return height / units >= 5 ? `--unit:${height / units}px` : "--unit:0px";
}

export function label(text, symbol, ...details) {
  const name = make("span", { class: "row-name" }, text);
  const sign = symbol ? make("span", { class: "row-symbol" }, ...withSubscripts(symbol)) : null;
  return [
    make("span", { class: "row-label" }, name, sign),
    ...details.map((detail) => make("span", { class: "row-scale" }, detail)),
  ];
}

export function rowDescription(context, text) {
  const { stage, cell, layer } = context;
  const { say } = stage;
  return say("{cell}, {layer}, {what}: {units} {units:unit|units}, {steps} {steps:step|steps}", {
    cell: cell.name,
    layer: layer.label,
    what: text,
    units: layer.units,
    steps: stage.model.steps,
  });
}

export function paintHeat(canvas, values, units, steps, limitAt, theme) {
  paintPixels(canvas, heatPixels(values, steps, units, limitAt, theme.table), steps, units);
}
