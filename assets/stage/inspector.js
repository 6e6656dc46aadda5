// "Look inside": how one number was computed, with up to two explanations pinned beside it.
import { make, setText, withSubscripts } from "../common/dom.js";
import { formatNumber } from "../common/format.js";
import { visibleToken } from "../common/words.js";
import { atStep, explain } from "./explain.js";

const MAX_PINS = 2;

// actions: {inspect(target or null), goTo(step)}
export function buildInspector(stage, actions) {
  const { say } = stage;
  const inspector = { stage, actions, target: null, lastCell: 0, pins: [], explanation: null };
  inspector.picker = buildPicker(inspector);
  inspector.hint = make(
    "p",
    { class: "hint" },
    say("Click any unit in a picture, or press Enter, to see where its number comes from."),
  );
  inspector.cards = make("div", { class: "explanations" });
  inspector.element = make(
    "section",
    { class: "inspector", tabindex: "-1", "aria-label": say("Look inside") },
    make(
      "div",
      { class: "inspector-head" },
      make("h2", {}, say("Look inside")),
      inspector.picker.element,
    ),
    inspector.hint,
    inspector.cards,
  );
  drawInspector(inspector);
  return inspector;
}

function buildPicker(inspector) {
  const { say, model } = inspector.stage;
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
  const onChange = () => {
    const [cell, layer, name] = JSON.parse(row.value);
    const units = model.cells[cell].layers[layer].units;
    const number = Math.min(units, Math.max(1, Math.round(Number(unit.value)) || 1));
    inspector.actions.inspect({ cell, layer, row: name, unit: number - 1 });
  };
  row.onchange = onChange;
  unit.onchange = onChange;
  close.onclick = () => {
    inspector.actions.inspect(null);
    inspector.element.focus({ preventScroll: true });
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

// target: {cell, layer, row, unit}; the step is the cursor's.
export function setTarget(inspector, target) {
  inspector.target = target;
  inspector.lastCell = target?.cell ?? inspector.lastCell;
  drawInspector(inspector);
}

export function drawInspector(inspector) {
  const { stage, target } = inspector;
  inspector.explanation = target ? explain(stage.model, { ...target, ...stage.position }) : null;
  inspector.picker.close.hidden = !target;
  inspector.hint.hidden = Boolean(target) || inspector.pins.length > 0;
  if (target) {
    inspector.picker.row.value = JSON.stringify([target.cell, target.layer, target.row]);
    inspector.picker.unit.value = String(target.unit + 1);
    inspector.picker.unit.max = String(stage.model.cells[target.cell].layers[target.layer].units);
  }
  const cards = inspector.pins.map((pin) => explanationCard(inspector, pin, true));
  if (inspector.explanation) {
    cards.unshift(explanationCard(inspector, inspector.explanation, false));
  }
  inspector.cards.replaceChildren(...cards, ...comparison(inspector));
}

function explanationCard(inspector, explanation, pinned) {
  const { stage } = inspector;
  const { say, model } = stage;
  const { target } = explanation;
  const cell = model.cells[target.cell];
  const layer = cell.layers[target.layer];
  const unit = say("unit {unit}", { unit: target.unit + 1 });
  const title = [cell.name, cell.layers.length > 1 ? layer.label : "", explanation.label, unit]
    .filter(Boolean)
    .join(" · ");
  const symbol = atStep(explanation.symbol, target.step + 1);
  const text = atStep(explanation.text, target.step + 1);
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
          say("step {step}", { step: target.step + 1 }),
          " ",
          make("bdi", { dir: "auto" }, visibleToken(model.tokens[target.step])),
        ),
      ),
      pinButton(inspector, explanation, pinned),
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
      ...explanation.sources.map((source) => sourceItem(inspector, explanation, source)),
    ),
  );
}

function sourceItem(inspector, explanation, source) {
  const { stage, actions } = inspector;
  const { say } = stage;
  const role = { input: say("input"), hidden: say("hidden"), cell: say("cell"), gate: say("gate") }[
    source.role
  ];
  const label =
    source.initial && source.kind !== "hidden part"
      ? say("{label} (start: zero)", { label: source.label })
      : source.label;
  const children = [
    make("span", { class: "role" }, role),
    make("span", { class: "source-label" }, label),
    source.symbol
      ? make(
          "span",
          { class: "row-symbol" },
          ...withSubscripts(atStep(source.symbol, explanation.target.step + 1)),
        )
      : null,
    make("b", {}, formatNumber(source.value)),
  ];
  const canFollow =
    !explanation.gradient && !source.initial && !source.whole && source.row !== "token";
  if (!canFollow)
    return make("li", {}, make("div", { class: `source ${source.role}` }, ...children));
  const button = make(
    "button",
    { type: "button", class: `source ${source.role}`, title: say("Look inside this value") },
    ...children,
  );
  button.onclick = () => {
    actions.inspect({ ...inspector.explanation?.target, ...explanation.target, row: source.row });
    actions.goTo(source.step);
    inspector.element.focus({ preventScroll: true });
  };
  return make("li", {}, button);
}

function pinButton(inspector, explanation, pinned) {
  const { say } = inspector.stage;
  if (!pinned && inspector.pins.length >= MAX_PINS) return null;
  const button = make(
    "button",
    { type: "button", class: "quiet" },
    pinned ? say("Unpin") : say("Pin"),
  );
  button.onclick = () => {
    inspector.pins = pinned
      ? inspector.pins.filter((pin) => pin !== explanation)
      : [...inspector.pins, explanation];
    drawInspector(inspector);
    inspector.element.focus({ preventScroll: true });
  };
  return button;
}

// The difference between two pinned numbers.
function comparison(inspector) {
  const { say } = inspector.stage;
  if (inspector.pins.length < MAX_PINS) return [];
  const [first, second] = inspector.pins.map((pin) => pin.value);
  const element = make("p", { class: "compare" });
  setText(
    element,
    say("Pinned: {first} and {second}; they differ by {difference}.", {
      first: formatNumber(first),
      second: formatNumber(second),
      difference: formatNumber(Math.abs(first - second)),
    }),
  );
  return [element];
}
