// Beside the grid: what each cell holds at this step, and the pseudocode with its running line.
import { make, setText, withSubscripts } from "../common/dom.js";
import { formatFactor, formatNumber, formatPercent } from "../common/format.js";
import { visibleToken } from "../common/words.js";
import { topLayer, topPredictions } from "./payload.js";
import { heatPixels, maxAbsolute, paintPixels } from "./pixels.js";

const BAR_COUNT = 4;

export function buildDetailsPanel(stage) {
  const { model, say } = stage;
  const cards = model.cells.map((cell) => buildCard(stage, cell));
  const code = model.code.length ? buildPseudocode(stage) : null;
  const element = make(
    "div",
    { class: "details" },
    make(
      "div",
      { class: "cards", role: "group", "aria-label": say("At this step") },
      ...cards.map((card) => card.element),
    ),
    code?.element ?? null,
  );
  return { element, cards, code };
}

function buildPseudocode(stage) {
  const { model, say } = stage;
  const lines = model.code.map((line) => {
    const value = make("span", { class: "code-value" });
    const element = make(
      "li",
      { class: `code-line ${line.phase}` },
      make("code", {}, line.text),
      value,
    );
    return { line, value, element };
  });
  const cellLabel = make("span", { class: "code-cell" });
  const element = make(
    "div",
    { class: "code" },
    make("div", { class: "code-head" }, make("h2", {}, say("Pseudocode")), cellLabel),
    make(
      "ol",
      { "aria-label": say("Pseudocode; the lines that run now are marked") },
      ...lines.map((entry) => entry.element),
    ),
  );
  return { element, lines, cellLabel };
}

function buildCard(stage, cell) {
  const { say } = stage;
  const vector = make("canvas", {
    class: "vector",
    role: "img",
    "aria-label": say("{cell}: the vector at this step", { cell: cell.name }),
  });
  const vectorName = make("span", { class: "vector-name" });
  const bars = cell.predictions
    ? Array.from({ length: Math.min(BAR_COUNT, cell.predictions.labels.length) }, () =>
        buildBar(say, cell.predictions.ownAnswer),
      )
    : [];
  const gradient = cell.layers[0].backward ? buildGradientFacts(say) : null;
  const element = make(
    "div",
    { class: "card", style: `--cell:${cell.colour}` },
    make(
      "div",
      { class: "card-head" },
      make(
        "span",
        { class: "cell-name" },
        make("span", { class: "chip", style: `background:${cell.colour}` }),
        cell.name,
      ),
      vectorName,
    ),
    vector,
    bars.length
      ? make(
          "div",
          { class: "bars-list forward-only" },
          stage.model.title ? make("div", { class: "bars-title" }, stage.model.title) : null,
          ...bars.map((bar) => bar.element),
        )
      : null,
    gradient?.element ?? null,
  );
  return { cell, element, vector, vectorName, bars, gradient };
}

function buildBar(say, ownAnswer) {
  const label = make("bdi", { class: "bar-label", dir: "auto" });
  const fill = make("div", { class: "bar-fill" });
  const share = make("span", { class: "bar-share" });
  const target = make(
    "span",
    { class: "bar-target" },
    ownAnswer ? say("model's answer") : say("right answer"),
  );
  return {
    label,
    fill,
    share,
    target,
    element: make(
      "div",
      { class: "bar" },
      make("span", { class: "bar-name" }, label, target),
      make("div", { class: "bar-track" }, fill),
      share,
    ),
  };
}

function buildGradientFacts(say) {
  const names = [
    say("gradient norm"),
    say("factor from the next step"),
    say("this step's part of ∂L/∂W_hh"),
    say("running sum of ∂L/∂W_hh"),
  ];
  const values = names.map(() => make("dd", {}));
  const element = make(
    "dl",
    { class: "facts backward-only" },
    ...names.flatMap((name, k) => [make("dt", {}, ...withSubscripts(name)), values[k]]),
  );
  return { element, values };
}

export function showDetails(details, stage, position) {
  for (const card of details.cards) {
    showVector(card, stage, position);
    if (position.phase === "backward") showGradientFacts(card, stage, position.step);
    else showBars(card, position.step);
  }
  if (details.code) showPseudocode(details.code, stage, position);
}

function showVector(card, stage, position) {
  const layer = topLayer(card.cell);
  const back = position.phase === "backward" && layer.backward;
  const values = (back ? layer.backward.rows[0] : layer.rows[0]).values.subarray(
    position.step * layer.units,
    (position.step + 1) * layer.units,
  );
  const limit = back ? maxAbsolute(values) : stage.limits[layer.rows[0].name];
  // The H units of one step, side by side: a picture of H columns and one row.
  paintPixels(
    card.vector,
    heatPixels(values, layer.units, 1, () => limit, stage.theme.table),
    layer.units,
    1,
  );
  const symbol = back ? `∂L/∂h_{${position.step + 1}}` : `h_{${position.step + 1}}`;
  if (card.symbol !== symbol) {
    card.vectorName.replaceChildren(...withSubscripts(symbol));
    card.symbol = symbol;
  }
}

function showBars(card, step) {
  const { predictions } = card.cell;
  if (!predictions) return;
  topPredictions(predictions, step, card.bars.length).forEach((entry, k) => {
    const bar = card.bars[k];
    setText(bar.label, visibleToken(entry.label));
    setText(bar.share, formatPercent(entry.probability));
    bar.fill.style.transform = `scaleX(${entry.probability})`;
    bar.element.classList.toggle("is-target", entry.target);
  });
}

function showGradientFacts(card, stage, step) {
  const back = topLayer(card.cell).backward;
  if (!back || !card.gradient) return;
  const factor = back.factors[step];
  const texts = [
    formatNumber(back.norms[step]),
    Number.isNaN(factor) ? "–" : lostOrGained(factor, stage.say),
    formatNumber(back.weightSteps[step]),
    formatNumber(back.weightSum[step]),
  ];
  texts.forEach((text, k) => setText(card.gradient.values[k], text));
}

function lostOrGained(factor, say) {
  const text = formatFactor(factor);
  if (factor < 1) return say("{factor} (lost)", { factor: text });
  if (factor > 1) return say("{factor} (gained)", { factor: text });
  return text;
}

export function isLineActive(line, position, steps) {
  if (line.phase !== position.phase) return false;
  const first = position.phase === "forward" ? 0 : steps - 1;
  if (line.when === "first") return position.step === first;
  if (line.when === "last") return position.step === steps - 1 - first;
  return true;
}

// The values beside the pseudocode are those of the cell that was inspected last.
export function showPseudocode(code, stage, position) {
  const cell = stage.model.cells[stage.inspector?.lastCell ?? 0];
  setText(code.cellLabel, stage.say("values of {cell}", { cell: fullName(cell) }));
  code.cellLabel.style.setProperty("--cell", cell.colour);
  for (const { line, value, element } of code.lines) {
    const on = isLineActive(line, position, stage.model.steps);
    element.classList.toggle("on", on);
    if (on) element.setAttribute("aria-current", "step");
    else element.removeAttribute("aria-current");
    setText(value, on ? valueOfLine(line.value, stage.model, cell, position) : "");
  }
}

// Of several layers the values are those of the one that the head reads.
function fullName(cell) {
  return cell.layers.length > 1 ? `${cell.name} · ${topLayer(cell).label}` : cell.name;
}

function valueOfLine(kind, model, cell, position) {
  const { step } = position;
  const layer = topLayer(cell);
  const firstTwo = (values) => {
    const start = step * layer.units;
    const numbers = Array.from(values.subarray(start, start + 2), formatNumber);
    return `[${numbers.join(", ")}${layer.units > 2 ? ", …" : ""}]`;
  };
  const back = layer.backward;
  if (kind === "start") return "[0, 0, …]";
  if (kind === "token") return `“${visibleToken(model.tokens[step])}”`;
  if (kind === "state") return firstTwo(layer.rows[0].values);
  if (kind === "prediction" && cell.predictions) {
    const [best] = topPredictions(cell.predictions, step, 1);
    return `${visibleToken(best.label)} ${formatPercent(best.probability)}`;
  }
  if (kind === "loss" && cell.loss !== null) return formatNumber(cell.loss);
  if (kind === "gradient" && back) return firstTwo(back.rows[0].values);
  if (kind === "factor" && back) return formatFactor(back.factors[step]);
  if (kind === "sum" && back) return `|dW_hh| ${formatNumber(back.weightSum[step])}`;
  return "";
}
