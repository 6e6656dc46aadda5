// "Look inside": how one number came about, with up to two explanations pinned beside it.
import { make, setText, withSubscripts } from "../common/dom.js";
import { formatNumber } from "../common/format.js";
import { visibleToken } from "../common/words.js";
import { atStep, explain } from "./explain.js";

const MOST_PINS = 2;

// actions: {look(where or null), goTo(step)}
export function buildInspect(stage, actions) {
  const { say } = stage;
  const panel = { stage, actions, where: null, last: 0, pins: [], explanation: null };
  panel.picker = buildPicker(panel);
  panel.hint = make(
    "p",
    { class: "hint" },
    say("Click any unit in a picture, or press Enter, to see where its number comes from."),
  );
  panel.cards = make("div", { class: "explanations" });
  panel.element = make(
    "section",
    { class: "inspect", tabindex: "-1", "aria-label": say("Look inside") },
    make(
      "div",
      { class: "inspect-head" },
      make("h2", {}, say("Look inside")),
      panel.picker.element,
    ),
    panel.hint,
    panel.cards,
  );
  drawPanel(panel);
  return panel;
}

function buildPicker(panel) {
  const { say, model } = panel.stage;
  const row = make(
    "select",
    { "aria-label": say("Which row") },
    ...rowChoices(model).map((choice) => make("option", { value: choice.value }, choice.text)),
  );
  const unit = make("input", {
    type: "number",
    min: "1",
    step: "1",
    value: "1",
    "aria-label": say("Which unit"),
  });
  const close = make("button", { type: "button", class: "quiet" }, say("Close"));
  const element = make(
    "div",
    { class: "picker" },
    row,
    make("label", {}, say("unit"), unit),
    close,
  );
  const chosen = () => {
    const [cell, layer, name] = JSON.parse(row.value);
    const units = model.cells[cell].layers[layer].units;
    const number = Math.min(units, Math.max(1, Math.round(Number(unit.value)) || 1));
    panel.actions.look({ cell, layer, row: name, unit: number - 1 });
  };
  row.onchange = chosen;
  unit.onchange = chosen;
  close.onclick = () => {
    panel.actions.look(null);
    panel.element.focus({ preventScroll: true });
  };
  return { element, row, unit, close };
}

function rowChoices(model) {
  return model.cells.flatMap((cell) =>
    cell.layers.flatMap((layer) =>
      layer.rows.map((row) => ({
        value: JSON.stringify([cell.index, layer.index, row.name]),
        text: [cell.name, cell.layers.length > 1 ? layer.label : "", row.label]
          .filter(Boolean)
          .join(" · "),
      })),
    ),
  );
}

// where: {cell, layer, row, unit}; the step is the cursor's.
export function lookAt(panel, where) {
  panel.where = where;
  panel.last = where?.cell ?? panel.last;
  drawPanel(panel);
}

export function drawPanel(panel) {
  const { stage, where } = panel;
  panel.explanation = where ? explain(stage.model, { ...where, ...stage.place }) : null;
  panel.picker.close.hidden = !where;
  panel.hint.hidden = Boolean(where) || panel.pins.length > 0;
  if (where) {
    panel.picker.row.value = JSON.stringify([where.cell, where.layer, where.row]);
    panel.picker.unit.value = String(where.unit + 1);
    panel.picker.unit.max = String(stage.model.cells[where.cell].layers[where.layer].units);
  }
  const cards = panel.pins.map((pin) => explanationCard(panel, pin, true));
  if (panel.explanation) cards.unshift(explanationCard(panel, panel.explanation, false));
  panel.cards.replaceChildren(...cards, ...comparison(panel));
}

function explanationCard(panel, explanation, pinned) {
  const { stage } = panel;
  const { say, model } = stage;
  const { where } = explanation;
  const cell = model.cells[where.cell];
  const layer = cell.layers[where.layer];
  const unit = say("unit {unit}", { unit: where.unit + 1 });
  const title = [cell.name, cell.layers.length > 1 ? layer.label : "", explanation.label, unit]
    .filter(Boolean)
    .join(" · ");
  const symbol = atStep(explanation.symbol, where.step + 1);
  const text = atStep(explanation.text, where.step + 1);
  return make(
    "article",
    { class: pinned ? "explanation pinned" : "explanation", style: `--cell:${cell.colour}` },
    make(
      "header",
      {},
      make(
        "div",
        {},
        make("strong", {}, title),
        make(
          "div",
          { class: "muted" },
          say("step {step}", { step: where.step + 1 }),
          " ",
          make("bdi", { dir: "auto" }, visibleToken(model.tokens[where.step])),
        ),
      ),
      pinButton(panel, explanation, pinned),
    ),
    make(
      "p",
      { class: "formula" },
      make("span", { class: "left" }, ...withSubscripts(symbol)),
      make("span", { class: "right" }, "= ", ...withSubscripts(text)),
    ),
    make(
      "p",
      { class: "formula" },
      make("span", { class: "left" }),
      make("span", { class: "right" }, "= ", explanation.numbers),
    ),
    make(
      "p",
      { class: "formula result" },
      make("span", { class: "left" }),
      make("span", { class: "right" }, "= ", formatNumber(explanation.value)),
    ),
    make(
      "ul",
      { class: "sources" },
      ...explanation.sources.map((source) => sourceItem(panel, explanation, source)),
    ),
  );
}

function sourceItem(panel, explanation, source) {
  const { stage, actions } = panel;
  const { say } = stage;
  const role = { input: say("input"), hidden: say("hidden"), cell: say("cell"), gate: say("gate") }[
    source.role
  ];
  const label =
    source.initial && source.kind !== "hidden part"
      ? say("{label} (start: zero)", { label: source.label })
      : source.label;
  const inside = [
    make("span", { class: "role" }, role),
    make("span", { class: "source-label" }, label),
    source.symbol
      ? make(
          "span",
          { class: "row-symbol" },
          ...withSubscripts(atStep(source.symbol, explanation.where.step + 1)),
        )
      : null,
    make("b", {}, formatNumber(source.value)),
  ];
  const follow =
    !explanation.gradient && !source.initial && !source.whole && source.row !== "token";
  if (!follow) return make("li", {}, make("div", { class: `source ${source.role}` }, ...inside));
  const button = make(
    "button",
    { type: "button", class: `source ${source.role}`, title: say("Look inside this one") },
    ...inside,
  );
  button.onclick = () => {
    actions.look({ ...panel.explanation?.where, ...explanation.where, row: source.row });
    actions.goTo(source.step);
    panel.element.focus({ preventScroll: true });
  };
  return make("li", {}, button);
}

function pinButton(panel, explanation, pinned) {
  const { say } = panel.stage;
  if (!pinned && panel.pins.length >= MOST_PINS) return null;
  const button = make(
    "button",
    { type: "button", class: "quiet" },
    pinned ? say("Unpin") : say("Pin"),
  );
  button.onclick = () => {
    panel.pins = pinned
      ? panel.pins.filter((pin) => pin !== explanation)
      : [...panel.pins, explanation];
    drawPanel(panel);
    panel.element.focus({ preventScroll: true });
  };
  return button;
}

// Two pins: the one number that compares them.
function comparison(panel) {
  const { say } = panel.stage;
  if (panel.pins.length < MOST_PINS) return [];
  const [first, second] = panel.pins.map((pin) => pin.value);
  const element = make("p", { class: "compare" });
  setText(
    element,
    say("Pinned: {first} and {second}, apart by {difference}.", {
      first: formatNumber(first),
      second: formatNumber(second),
      difference: formatNumber(Math.abs(first - second)),
    }),
  );
  return [element];
}
