// The rows of the grid: which pictures a cell has, and how each is painted.
import { make } from "../common/dom.js";
import { formatNumber } from "../common/format.js";
import { factorRow, gradientRow, normRow, sumRow } from "./gradient_rows.js";
import { gridRow, label, paintHeat, rowDescription } from "./grid_row.js";
import { heatHeight } from "./layout.js";
import { logRange, maxAbsolute } from "./pixels.js";
import { nodeTiles } from "./tiles.js";

const NODE = 56;

// One scale per kind of number, shared by all cells and layers, so that colours can be compared.
export function sharedLimits(model) {
  const limits = { gates: 1, gradient: {} };
  const layers = model.cells.flatMap((cell) => cell.layers);
  for (const layer of layers) {
    for (const row of layer.rows.filter((row) => row.kind === "state")) {
      limits[row.name] = Math.max(limits[row.name] ?? 0, maxAbsolute(row.values));
    }
    for (const row of layer.backward?.rows ?? []) {
      limits.gradient[row.name] = Math.max(limits.gradient[row.name] ?? 0, maxAbsolute(row.values));
    }
  }
  limits.norms = logRange(
    layers.filter((layer) => layer.backward).map((layer) => layer.backward.norms),
  );
  return limits;
}

// All rows of one layer, from top to bottom.
export function layerRows(stage, cell, layer) {
  const preferredHeight = preferredHeatHeight(stage.model, stage.compact);
  const context = { stage, cell, layer, preferredHeight };
  const rows = [nodeRow(context)];
  for (const row of layer.rows) rows.push(heatRow(context, row));
  if (!layer.backward) return rows;
  rows.push(normRow(context), factorRow(context));
  for (const row of layer.backward.rows) {
    rows.push(gradientRow(context, row, false), gradientRow(context, row, true));
  }
  rows.push(sumRow(context));
  return rows;
}

// The more pictures there are below one another, the lower each of them is.
function preferredHeatHeight(model, compact) {
  const bands = model.cells.reduce((sum, cell) => sum + cell.layers.length, 0);
  if (compact) return 64;
  return bands <= 1 ? 128 : bands <= 3 ? 80 : 64;
}

function nodeRow(context) {
  const { stage, cell, layer } = context;
  const { say } = stage;
  const height = Math.max(32, heatHeight(layer.units, stage.compact ? 48 : NODE));
  const overlay = nodeTiles(height, layer.reverse);
  const state = layer.rows[0];
  const several = cell.layers.length > 1;
  const gutter = [
    layer.index === 0
      ? make(
          "span",
          { class: "cell-name" },
          make("span", { class: "chip", style: `background:${cell.colour}` }),
          cell.name,
        )
      : null,
    several ? make("span", { class: "row-scale" }, layer.label) : null,
  ];
  return gridRow(context, {
    className: "nodes",
    name: state.name,
    kind: state.kind,
    values: state.values,
    height,
    gutter,
    svg: overlay.svg,
    resize: overlay.resize,
    node: true,
    title: rowDescription(context, say("unrolled over time")),
    paint: (canvas, theme) =>
      paintHeat(
        canvas,
        state.values,
        layer.units,
        stage.model.steps,
        () => stage.limits[state.name],
        theme,
      ),
  });
}

function heatRow(context, row) {
  const { stage, layer, preferredHeight } = context;
  const limit = row.kind === "gate" ? stage.limits.gates : stage.limits[row.name];
  const height = heatHeight(
    layer.units,
    row.name === "h" ? preferredHeight : Math.min(preferredHeight, 64),
  );
  return gridRow(context, {
    className: "heat forward-only",
    name: row.name,
    kind: row.kind,
    values: row.values,
    height,
    unitLines: true,
    optional: row.name !== "h",
    optionLabel: row.label,
    gutter: label(row.label, row.symbol, scaleText(row, limit, stage.say)),
    title: rowDescription(context, row.label),
    paint: (canvas, theme) =>
      paintHeat(canvas, row.values, layer.units, stage.model.steps, () => limit, theme),
  });
}

// A gate that only opens and closes has no negative half.
function scaleText(row, limit, say) {
  return row.kind === "gate" && row.values.every((value) => value >= 0)
    ? say("0 to 1")
    : `±${formatNumber(limit)}`;
}
