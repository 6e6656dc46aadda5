// How one number was computed, as data: formula, the same with numbers, the result, its sources.
import { formatNumber } from "../common/format.js";
import { rowNamed } from "./payload.js";

// target: {cell, layer, row, unit, step, phase}; null for what the model does not have.
export function explain(model, target) {
  const layer = model.cells[target.cell]?.layers[target.layer];
  if (!layer || target.unit >= layer.units || target.step >= model.steps) return null;
  const back =
    target.phase === "backward" && layer.backward?.rows.find((row) => row.name === target.row);
  return back ? explainBackward(layer, back, target) : explainForward(model, layer, target);
}

function explainForward(model, layer, target) {
  const row = rowNamed(layer, target.row);
  const formula = layer.formulas[target.row];
  if (!row || !formula) return null;
  const sources = formula.sources.map((source) => readSource(model, layer, source, target));
  return {
    target,
    gradient: false,
    label: row.label,
    symbol: formula.symbol,
    text: formula.text,
    numbers: fillFormula(
      formula.numbers,
      sources.map((source) => source.value),
    ),
    value: row.values[target.step * layer.units + target.unit],
    sources,
  };
}

function readSource(model, layer, source, target) {
  const step = target.step + (layer.reverse ? source.lag : -source.lag);
  const recurrent = source.kind === "hidden part";
  const list =
    source.kind in (layer.parts[source.name] ?? {})
      ? layer.parts[source.name][source.kind]
      : rowNamed(layer, source.name)?.values;
  const inside = step >= 0 && step < model.steps;
  const before = target.step + (layer.reverse ? 1 : -1);
  return {
    role: source.role,
    kind: source.kind,
    label: source.label,
    symbol: source.symbol,
    value: inside && list ? list[step * layer.units + target.unit] : 0,
    initial: !inside || (recurrent && (before < 0 || before >= model.steps)),
    // Which part of the grid shows it: a token, the whole state of the step before, or one unit.
    row: source.kind === "input part" ? "token" : recurrent ? "h" : source.name,
    step: recurrent ? before : step,
    whole: recurrent,
  };
}

function explainBackward(layer, row, target) {
  const at = target.step * layer.units + target.unit;
  const sources = row.terms.map((term) => ({
    role:
      { output: "input", hidden: "hidden" }[term.name] ?? (row.name === "h" ? "hidden" : "cell"),
    kind: "term",
    label: term.label,
    symbol: "",
    value: term.values[at],
    initial: false,
    row: row.name,
    step: term.name === "next" ? target.step + (layer.reverse ? -1 : 1) : target.step,
    whole: term.name === "next",
  }));
  return {
    target,
    gradient: true,
    label: rowNamed(layer, row.name)?.label ?? row.name,
    symbol: `∂L/∂${row.name}_t`,
    text: row.terms.map((term) => term.label).join(" + "),
    numbers: fillFormula(
      sources.map((_, k) => `{${k}}`).join(" + "),
      sources.map((source) => source.value),
    ),
    value: row.values[at],
    sources,
  };
}

// "{0} · {1}" with numbers; a negative one after a sign gets brackets.
export function fillFormula(template, values) {
  return template.replace(/\{(\d+)\}/g, (_, index, offset) => {
    const text = formatNumber(values[Number(index)]);
    return text.startsWith("\u2212") && offset > 0 && !template.slice(0, offset).endsWith("(")
      ? `(${text})`
      : text;
  });
}

// "h_t" at step 4 (counted from 1) is h_4; c_{t-1} is c_3.
export function atStep(symbol, step) {
  return symbol
    .replace(/_t\b/g, `_{${step}}`)
    .replace(/_\{t-(\d+)\}/g, (_, lag) => `_{${step - Number(lag)}}`);
}
