// The grid of time steps: tokens, unrolled network and heatmaps in one sheet with a common cursor.
import { make } from "../common/dom.js";
import { formatNumber } from "../common/format.js";
import { visibleToken } from "../common/words.js";
import { layerRows } from "./layer_rows.js";
import { cellAt, columnWidth, LOSS_WIDTH, preferredColumnWidth, scrollTarget } from "./layout.js";
import { hasBackward } from "./payload.js";

// The share of the view that stays free on both sides of the cursor while the visitor steps.
const SCROLL_MARGIN = 0.3;

export function buildGrid(stage) {
  const { model, say } = stage;
  const tokens = model.tokens.map((token, step) => tokenElement(stage, token, step));
  const cursor = make("div", { class: "cursor", "aria-hidden": "true" });
  const marks = make("div", { class: "source-marks", "aria-hidden": "true" });
  const sheet = make("div", { class: "sheet" }, tokenLine(stage, tokens));
  const element = make(
    "div",
    {
      class: "grid",
      tabindex: "0",
      role: "group",
      "aria-label": say("All time steps: drag to scrub, click a unit to look inside"),
    },
    sheet,
  );
  const rows = [];
  const losses = [];
  for (const cell of model.cells) {
    const section = make("section", { class: "cell", "aria-label": cell.name });
    for (const layer of cell.layers) {
      const ofLayer = layerRows(stage, cell, layer);
      rows.push(...ofLayer);
      section.append(...ofLayer.map((row) => row.line));
    }
    if (cell.loss !== null) losses.push(lossElement(stage, cell, section));
    sheet.append(section);
  }
  sheet.append(cursor, marks);
  return {
    element,
    sheet,
    cursor,
    marks,
    tokens,
    rows,
    losses,
    tail: hasBackward(model) ? LOSS_WIDTH : 0,
    column: 0,
    gutter: 0,
    viewport: 0,
    shownStep: -1,
  };
}

function tokenElement(stage, token, step) {
  const { say } = stage;
  const unknown = stage.model.unknown[step];
  return make(
    "div",
    {
      class: unknown ? "token unknown" : "token",
      title: unknown ? say("Not in the vocabulary: the model reads UNK") : token,
    },
    make("bdi", { class: "token-text", dir: "auto" }, visibleToken(token)),
    make("span", { class: "token-step" }, unknown ? `${step + 1} UNK` : String(step + 1)),
  );
}

function tokenLine(stage, tokens) {
  const { say } = stage;
  return make(
    "div",
    { class: "line tokens" },
    make("div", { class: "gutter" }, make("span", { class: "row-scale" }, say("tokens"))),
    make("div", { class: "track" }, make("div", { class: "picture marks" }, ...tokens)),
  );
}

// The loss, after the last token and the last layer.
function lossElement(stage, cell, section) {
  const { say } = stage;
  const value = make("span", { class: "loss-value" }, "");
  const element = make(
    "div",
    { class: "loss" },
    make("span", { class: "loss-name" }, say("loss")),
    value,
  );
  const lines = section.querySelectorAll(".line.nodes");
  lines[lines.length - 1].querySelector(".track").append(element);
  return { element, value, text: formatNumber(cell.loss) };
}

// Called when the size changes: everything else follows from one custom property.
export function resizeGrid(grid, model) {
  const style = getComputedStyle(grid.sheet);
  const gutter = parseFloat(style.getPropertyValue("--gutter")) || 0;
  const viewport = grid.element.clientWidth - gutter;
  const column = columnWidth(viewport, model.steps, preferredColumnWidth(model.tokens), grid.tail);
  grid.viewport = viewport;
  if (column === grid.column && gutter === grid.gutter) return;
  grid.column = column;
  grid.gutter = gutter;
  grid.sheet.style.setProperty("--column", `${column}px`);
  grid.sheet.style.setProperty("--steps", model.steps);
  grid.sheet.style.setProperty("--tail", `${grid.tail}px`);
  grid.sheet.classList.toggle("narrow", column < 46);
  for (const row of grid.rows) row.resize?.(column);
}

export function paintGrid(grid, theme) {
  for (const row of grid.rows) if (row.paint) row.paint(row.canvas, theme);
}

// All that one step changes: the cursor, two tokens, and a cover per row.
export function showOnGrid(grid, model, position, dragging) {
  const { column } = grid;
  const back = position.phase === "backward";
  // Read before anything is written: the browser need not lay out twice.
  const margin = dragging ? 0 : grid.viewport * SCROLL_MARGIN;
  const target = scrollTarget(
    { step: position.step, steps: model.steps, tail: grid.tail },
    column,
    grid.element.scrollLeft,
    grid.viewport,
    margin,
  );
  grid.cursor.style.transform = `translateX(${grid.gutter + position.step * column}px)`;
  grid.cursor.style.width = `${column}px`;
  for (const row of grid.rows) {
    const fromLoss = row.line.classList.contains("backward-only");
    const edge = fromLoss
      ? (position.step - model.steps) * column
      : back
        ? model.steps * column
        : (position.step + 1) * column;
    row.cover.style.transform = `translateX(${edge}px)`;
  }
  if (grid.shownStep !== position.step) {
    grid.tokens[grid.shownStep]?.classList.remove("current");
    grid.tokens[position.step].classList.add("current");
    grid.shownStep = position.step;
  }
  const reached = back || position.step === model.steps - 1;
  for (const loss of grid.losses) {
    loss.element.classList.toggle("reached", reached);
    const text = reached ? loss.text : "?";
    if (loss.value.textContent !== text) loss.value.textContent = text;
  }
  if (target !== null) grid.element.scrollLeft = target;
}

// Which rows can be shown or hidden, by name, over all cells.
export function optionalRows(grid) {
  const names = new Map();
  for (const row of grid.rows) if (row.optional) names.set(row.name, row.optionLabel);
  return names;
}

export function showOptional(grid, visible) {
  for (const row of grid.rows) if (row.optional) row.line.hidden = !visible.has(row.name);
}

// The step under a pointer, and the unit if there is one.
export function unitUnder(grid, model, event) {
  const sheet = grid.sheet.getBoundingClientRect();
  const row = grid.rows.find((row) => row.picture?.contains(event.target));
  const picture = row?.picture.getBoundingClientRect();
  const { step, unit } = cellAt(
    event.clientX - sheet.left - grid.gutter,
    picture ? event.clientY - picture.top : 0,
    {
      column: grid.column,
      steps: model.steps,
      height: picture?.height ?? 1,
      units: row?.units ?? 1,
    },
  );
  const target = row?.values ? { cell: row.cell, layer: row.layer, row: row.name, unit } : null;
  return { step, target, value: target ? row.values[step * row.units + unit] : NaN };
}
