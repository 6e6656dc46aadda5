// The rows of the backward pass: norms, factors, gradients on two scales, and the running sum.
import { mixColours, parseColour } from "../common/colours.js";
import { make } from "../common/dom.js";
import { formatFactor, formatNumber } from "../common/format.js";
import { gridRow, label, paintHeat, rowDescription } from "./grid_row.js";
import { heatHeight } from "./layout.js";
import { barPixels, columnLimits, maxAbsolute, normPixels, paintPixels } from "./pixels.js";
import { gradientTiles } from "./tiles.js";

const NORM_HEIGHT = 24;

const BAR_HEIGHT = 46;

export function normRow(context) {
  const { stage, layer } = context;
  const { say } = stage;
  const overlay = gradientTiles(NORM_HEIGHT, layer.reverse);
  return gridRow(context, {
    className: "norms backward-only",
    name: "h",
    kind: "norm",
    values: null,
    height: NORM_HEIGHT,
    gutter: label(say("norm"), "|∂L/∂h_t|"),
    svg: overlay.svg,
    resize: overlay.resize,
    title: rowDescription(context, say("gradient norm")),
    paint: (canvas, theme) =>
      paintPixels(
        canvas,
        normPixels(layer.backward.norms, stage.limits.norms, theme.sequential),
        stage.model.steps,
        1,
      ),
  });
}

// Text, not a picture: the factor from the next step, under each node.
export function factorRow(context) {
  const { stage, layer } = context;
  const { say } = stage;
  const cover = make("div", { class: "cover" });
  const texts = Array.from(layer.backward.factors, (factor) =>
    make("span", { class: factor < 1 ? "factor lost" : "factor gained" }, formatFactor(factor)),
  );
  const line = make(
    "div",
    { class: "line factors backward-only", style: "--height:20px" },
    make("div", { class: "gutter" }, ...label(say("factor per step"), "")),
    make(
      "div",
      { class: "track", "aria-hidden": "true" },
      make("div", { class: "picture marks" }, ...texts, cover),
    ),
  );
  return {
    cell: context.cell.index,
    layer: layer.index,
    kind: "factor",
    line,
    cover,
    optional: false,
  };
}

export function gradientRow(context, row, relative) {
  const { stage, layer, preferredHeight } = context;
  const { say } = stage;
  const height = heatHeight(layer.units, Math.min(preferredHeight, 52));
  const limits = columnLimits(row.values, stage.model.steps, layer.units);
  const limit = stage.limits.gradient[row.name];
  const text = relative ? say("scaled step by step") : say("one scale for all");
  return gridRow(context, {
    className: "heat backward-only",
    name: row.name,
    kind: "gradient",
    values: row.values,
    height,
    unitLines: true,
    optional: row.name !== "h",
    optionLabel: labelOfState(layer, row.name),
    gutter: label("", `∂L/∂${row.name}_t`, relative ? text : `${text} ±${formatNumber(limit)}`),
    title: rowDescription(context, `∂L/∂${row.name}, ${text}`),
    paint: (canvas, theme) =>
      paintHeat(
        canvas,
        row.values,
        layer.units,
        stage.model.steps,
        relative ? (step) => limits[step] : () => limit,
        theme,
      ),
  });
}

function labelOfState(layer, name) {
  return layer.rows.find((row) => row.name === name)?.label ?? name;
}

export function sumRow(context) {
  const { stage, cell, layer } = context;
  const { say } = stage;
  const { weightSum, weightSteps } = layer.backward;
  const max = Math.max(maxAbsolute(weightSum), maxAbsolute(weightSteps));
  return gridRow(context, {
    className: "bars backward-only",
    name: "h",
    kind: "sum",
    values: null,
    height: BAR_HEIGHT,
    gutter: label(
      say("running sum"),
      "∂L/∂W_hh",
      say("up to {number}", { number: formatNumber(max) }),
      say("inner bar: this step"),
    ),
    title: rowDescription(context, say("running sum of the gradient of W_hh")),
    paint: (canvas, theme) =>
      paintPixels(
        canvas,
        barPixels(
          weightSum,
          weightSteps,
          BAR_HEIGHT,
          parseColour(cell.colour),
          mixColours(parseColour(cell.colour), theme.ink, 0.62),
        ),
        stage.model.steps,
        BAR_HEIGHT,
      ),
  });
}
