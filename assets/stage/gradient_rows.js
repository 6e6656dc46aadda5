// The rows of the way back: sizes, factors, gradients on two scales, and the running sum.
import { mixColours, parseColour } from "../common/colours.js";
import { make } from "../common/dom.js";
import { formatFactor, formatNumber } from "../common/format.js";
import { barPixels, columnLimits, largest, normPixels, paintPixels } from "./heat.js";
import { heatHeight } from "./layout.js";
import { gradientOverlay } from "./nodes.js";
import { described, label, paintHeat, track } from "./row.js";

const LANE = 24;

const BARS = 46;

export function laneRow(context) {
  const { stage, layer } = context;
  const { say } = stage;
  const overlay = gradientOverlay(LANE, layer.reverse);
  return track(context, {
    className: "lane backward-only",
    name: "h",
    kind: "norm",
    values: null,
    height: LANE,
    gutter: label(say("size"), "|∂L/∂h_t|"),
    svg: overlay.svg,
    resize: overlay.resize,
    title: described(context, say("size of the gradient")),
    paint: (canvas, look) =>
      paintPixels(
        canvas,
        normPixels(layer.backward.norms, stage.limits.norms, look.sequential),
        stage.model.steps,
        1,
      ),
  });
}

// Text, not a picture: the factor from the step after, under each node.
export function factorRow(context) {
  const { stage, layer } = context;
  const { say } = stage;
  const veil = make("div", { class: "veil" });
  const marks = Array.from(layer.backward.factors, (factor) =>
    make("span", { class: factor < 1 ? "factor lost" : "factor gained" }, formatFactor(factor)),
  );
  const line = make(
    "div",
    { class: "line factors backward-only", style: "--height:20px" },
    make("div", { class: "gutter" }, ...label(say("factor per step"), "")),
    make(
      "div",
      { class: "track", "aria-hidden": "true" },
      make("div", { class: "picture marks" }, ...marks, veil),
    ),
  );
  return {
    cell: context.cell.index,
    layer: layer.index,
    kind: "factor",
    line,
    veil,
    optional: false,
  };
}

export function gradientRow(context, row, relative) {
  const { stage, layer, wished } = context;
  const { say } = stage;
  const height = heatHeight(layer.units, Math.min(wished, 52));
  const limits = columnLimits(row.values, stage.model.steps, layer.units);
  const limit = stage.limits.gradient[row.name];
  const text = relative ? say("each step by itself") : say("one scale for all");
  return track(context, {
    className: "heat backward-only",
    name: row.name,
    kind: "gradient",
    values: row.values,
    height,
    grid: true,
    optional: row.name !== "h",
    optionLabel: namedLabel(layer, row.name),
    gutter: label("", `∂L/∂${row.name}_t`, relative ? text : `${text} ±${formatNumber(limit)}`),
    title: described(context, `∂L/∂${row.name}, ${text}`),
    paint: (canvas, look) =>
      paintHeat(
        canvas,
        row.values,
        layer.units,
        stage.model.steps,
        relative ? (step) => limits[step] : () => limit,
        look,
      ),
  });
}

function namedLabel(layer, name) {
  return layer.rows.find((row) => row.name === name)?.label ?? name;
}

export function sumRow(context) {
  const { stage, cell, layer } = context;
  const { say } = stage;
  const { weightSum, weightSteps } = layer.backward;
  const most = Math.max(largest(weightSum), largest(weightSteps));
  return track(context, {
    className: "bars backward-only",
    name: "h",
    kind: "sum",
    values: null,
    height: BARS,
    gutter: label(
      say("running sum"),
      "∂L/∂W_hh",
      say("up to {number}", { number: formatNumber(most) }),
      say("inner bar: this step"),
    ),
    title: described(context, say("running sum of the gradient of W_hh")),
    paint: (canvas, look) =>
      paintPixels(
        canvas,
        barPixels(
          weightSum,
          weightSteps,
          BARS,
          parseColour(cell.colour),
          mixColours(parseColour(cell.colour), look.ink, 0.62),
        ),
        stage.model.steps,
        BARS,
      ),
  });
}
