// Where one number came from, as data: formula, the same with numbers, the result, its sources.
import { formatNumber } from "../common/format.js";
import { namedRow } from "./decode.js";

// where: {cell, layer, row, unit, step, phase}; answers null for what the model does not have.
export function explain(model, where) {
  const layer = model.cells[where.cell]?.layers[where.layer];
  if (!layer || where.unit >= layer.units || where.step >= model.steps) return null;
  const back =
    where.phase === "backward" && layer.backward?.rows.find((row) => row.name === where.row);
  return back ? explainBackward(layer, back, where) : explainForward(model, layer, where);
}

function explainForward(model, layer, where) {
  const row = namedRow(layer, where.row);
  const formula = layer.formulas[where.row];
  if (!row || !formula) return null;
  const sources = formula.sources.map((source) => readSource(model, layer, source, where));
  return {
    where,
    gradient: false,
    label: row.label,
    symbol: formula.symbol,
    text: formula.text,
    numbers: fillFormula(
      formula.numbers,
      sources.map((source) => source.value),
    ),
    value: row.values[where.step * layer.units + where.unit],
    sources,
  };
}

function readSource(model, layer, source, where) {
  const step = where.step + (layer.reverse ? source.lag : -source.lag);
  const memory = source.kind === "hidden part";
  const list =
    source.kind in (layer.parts[source.name] ?? {})
      ? layer.parts[source.name][source.kind]
      : namedRow(layer, source.name)?.values;
  const inside = step >= 0 && step < model.steps;
  const before = where.step + (layer.reverse ? 1 : -1);
  return {
    role: source.role,
    kind: source.kind,
    label: source.label,
    symbol: source.symbol,
    value: inside && list ? list[step * layer.units + where.unit] : 0,
    initial: !inside || (memory && (before < 0 || before >= model.steps)),
    // Which part of the board shows it: a token, the whole memory of the step before, or one unit.
    row: source.kind === "input part" ? "token" : memory ? "h" : source.name,
    step: memory ? before : step,
    whole: memory,
  };
}

function explainBackward(layer, row, where) {
  const at = where.step * layer.units + where.unit;
  const sources = row.terms.map((term) => ({
    role:
      { output: "input", hidden: "hidden" }[term.name] ?? (row.name === "h" ? "hidden" : "cell"),
    kind: "term",
    label: term.label,
    symbol: "",
    value: term.values[at],
    initial: false,
    row: row.name,
    step: term.name === "next" ? where.step + (layer.reverse ? -1 : 1) : where.step,
    whole: term.name === "next",
  }));
  return {
    where,
    gradient: true,
    label: namedRow(layer, row.name)?.label ?? row.name,
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
  return template.replace(/\{(\d+)\}/g, (_, index, place) => {
    const text = formatNumber(values[Number(index)]);
    return text.startsWith("\u2212") && place > 0 && !template.slice(0, place).endsWith("(")
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
