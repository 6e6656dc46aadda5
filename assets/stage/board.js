// The board: tokens, unrolled network and heatmaps in one sheet with a common cursor.
import { make } from "../common/dom.js";
import { formatNumber } from "../common/format.js";
import { visibleToken } from "../common/words.js";
import { hasBackward } from "./decode.js";
import { cellAt, columnWidth, LOSS_WIDTH, scrollTarget, wishedColumn } from "./layout.js";
import { layerRows } from "./rows.js";

// While one steps, the cursor keeps this share of the view free before and behind it.
const FOLLOW = 0.3;

export function buildBoard(stage) {
  const { model, say } = stage;
  const tokens = model.tokens.map((token, step) => tokenElement(stage, token, step));
  const cursor = make("div", { class: "cursor", "aria-hidden": "true" });
  const marks = make("div", { class: "source-marks", "aria-hidden": "true" });
  const sheet = make("div", { class: "sheet" }, tokenLine(stage, tokens));
  const element = make(
    "div",
    {
      class: "board",
      tabindex: "0",
      role: "group",
      "aria-label": say("Pictures of every step: drag to scrub, click a unit to look inside"),
    },
    sheet,
  );
  const rows = [];
  const losses = [];
  for (const cell of model.cells) {
    const section = make("section", { class: "cell", "aria-label": cell.name });
    for (const layer of cell.layers) {
      const found = layerRows(stage, cell, layer);
      rows.push(...found);
      section.append(...found.map((row) => row.line));
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
    at: -1,
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

// After the last token, behind the last layer: what the answer cost.
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

// Called when the room changes: everything else follows from one custom property.
export function resizeBoard(board, model) {
  const style = getComputedStyle(board.sheet);
  const gutter = parseFloat(style.getPropertyValue("--gutter")) || 0;
  const viewport = board.element.clientWidth - gutter;
  const column = columnWidth(viewport, model.steps, wishedColumn(model.tokens), board.tail);
  board.viewport = viewport;
  if (column === board.column && gutter === board.gutter) return;
  board.column = column;
  board.gutter = gutter;
  board.sheet.style.setProperty("--column", `${column}px`);
  board.sheet.style.setProperty("--steps", model.steps);
  board.sheet.style.setProperty("--tail", `${board.tail}px`);
  board.sheet.classList.toggle("narrow", column < 46);
  for (const row of board.rows) row.resize?.(column);
}

export function paintBoard(board, look) {
  for (const row of board.rows) if (row.paint) row.paint(row.canvas, look);
}

// The work of one step: the cursor, two tokens, and a veil per row.
export function showOnBoard(board, model, place, dragging) {
  const { column } = board;
  const back = place.phase === "backward";
  // Read before anything is written: the browser need not lay out twice.
  const margin = dragging ? 0 : board.viewport * FOLLOW;
  const target = scrollTarget(
    { step: place.step, steps: model.steps, tail: board.tail },
    column,
    board.element.scrollLeft,
    board.viewport,
    margin,
  );
  board.cursor.style.transform = `translateX(${board.gutter + place.step * column}px)`;
  board.cursor.style.width = `${column}px`;
  for (const row of board.rows) {
    const fromLoss = row.line.classList.contains("backward-only");
    const edge = fromLoss
      ? (place.step - model.steps) * column
      : back
        ? model.steps * column
        : (place.step + 1) * column;
    row.veil.style.transform = `translateX(${edge}px)`;
  }
  if (board.at !== place.step) {
    board.tokens[board.at]?.classList.remove("current");
    board.tokens[place.step].classList.add("current");
    board.at = place.step;
  }
  const reached = back || place.step === model.steps - 1;
  for (const loss of board.losses) {
    loss.element.classList.toggle("reached", reached);
    const text = reached ? loss.text : "?";
    if (loss.value.textContent !== text) loss.value.textContent = text;
  }
  if (target !== null) board.element.scrollLeft = target;
}

// Which rows can be shown or hidden, by name, over all cells.
export function optionalRows(board) {
  const names = new Map();
  for (const row of board.rows) if (row.optional) names.set(row.name, row.optionLabel);
  return names;
}

export function showOptional(board, shown) {
  for (const row of board.rows) if (row.optional) row.line.hidden = !shown.has(row.name);
}

// The step, and where there is one the unit, under a pointer.
export function placeUnder(board, model, event) {
  const sheet = board.sheet.getBoundingClientRect();
  const row = board.rows.find((one) => one.picture?.contains(event.target));
  const picture = row?.picture.getBoundingClientRect();
  const { step, unit } = cellAt(
    event.clientX - sheet.left - board.gutter,
    picture ? event.clientY - picture.top : 0,
    {
      column: board.column,
      steps: model.steps,
      height: picture?.height ?? 1,
      units: row?.units ?? 1,
    },
  );
  const looked = row?.values ? { cell: row.cell, layer: row.layer, row: row.name, unit } : null;
  return { step, looked, value: looked ? row.values[step * row.units + unit] : NaN };
}
