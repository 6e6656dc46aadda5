// Beside the board: what each cell holds at this step, and the pseudocode with its running line.
import { make, setText, withSubscripts } from "../common/dom.js";
import { formatFactor, formatNumber, formatPercent } from "../common/format.js";
import { visibleToken } from "../common/words.js";
import { topLayer, topPredictions } from "./decode.js";
import { heatPixels, largest, paintPixels } from "./heat.js";

const BAR_COUNT = 4;

export function buildAside(stage) {
  const { model, say } = stage;
  const cards = model.cells.map((cell) => buildCard(stage, cell));
  const code = model.code.length ? buildCode(stage) : null;
  const element = make(
    "div",
    { class: "aside" },
    make(
      "div",
      { class: "cards", role: "group", "aria-label": say("At this step") },
      ...cards.map((card) => card.element),
    ),
    code?.element ?? null,
  );
  return { element, cards, code };
}

function buildCode(stage) {
  const { model, say } = stage;
  const lines = model.code.map((line) => {
    const live = make("span", { class: "code-live" });
    const element = make(
      "li",
      { class: `code-line ${line.phase}` },
      make("code", {}, line.text),
      live,
    );
    return { line, live, element };
  });
  const follows = make("span", { class: "code-cell" });
  const element = make(
    "div",
    { class: "code" },
    make("div", { class: "code-head" }, make("h2", {}, say("The program")), follows),
    make(
      "ol",
      { "aria-label": say("Pseudocode, the running lines are marked") },
      ...lines.map((entry) => entry.element),
    ),
  );
  return { element, lines, follows };
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
        buildBar(say, cell.predictions.own),
      )
    : [];
  const gradient = cell.layers[0].backward ? buildFacts(say) : null;
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

function buildBar(say, own) {
  const label = make("bdi", { class: "bar-label", dir: "auto" });
  const fill = make("div", { class: "bar-fill" });
  const share = make("span", { class: "bar-share" });
  const target = make(
    "span",
    { class: "bar-target" },
    own ? say("own answer") : say("right answer"),
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

function buildFacts(say) {
  const names = [
    say("size of the gradient"),
    say("factor from the step after"),
    say("this step's share of ∂L/∂W_hh"),
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

export function showAside(aside, stage, place) {
  for (const card of aside.cards) {
    showVector(card, stage, place);
    if (place.phase === "backward") showFacts(card, stage, place.step);
    else showBars(card, place.step);
  }
  if (aside.code) showCode(aside.code, stage, place);
}

function showVector(card, stage, place) {
  const layer = topLayer(card.cell);
  const back = place.phase === "backward" && layer.backward;
  const values = (back ? layer.backward.rows[0] : layer.rows[0]).values.subarray(
    place.step * layer.units,
    (place.step + 1) * layer.units,
  );
  const limit = back ? largest(values) : stage.limits[layer.rows[0].name];
  // One step of H units, lying down: a picture of H columns and one row.
  paintPixels(
    card.vector,
    heatPixels(values, layer.units, 1, () => limit, stage.look.table),
    layer.units,
    1,
  );
  const symbol = back ? `∂L/∂h_{${place.step + 1}}` : `h_{${place.step + 1}}`;
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

function showFacts(card, stage, step) {
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

export function runsNow(line, place, steps) {
  if (line.phase !== place.phase) return false;
  const first = place.phase === "forward" ? 0 : steps - 1;
  if (line.when === "first") return place.step === first;
  if (line.when === "last") return place.step === steps - 1 - first;
  return true;
}

// The values beside the program are those of the cell that the visitor looked into last.
export function showCode(code, stage, place) {
  const cell = stage.model.cells[stage.inspect?.last ?? 0];
  setText(code.follows, stage.say("values of {cell}", { cell: fullName(cell) }));
  code.follows.style.setProperty("--cell", cell.colour);
  for (const { line, live, element } of code.lines) {
    const on = runsNow(line, place, stage.model.steps);
    element.classList.toggle("on", on);
    if (on) element.setAttribute("aria-current", "step");
    else element.removeAttribute("aria-current");
    setText(live, on ? liveValue(line.value, stage.model, cell, place) : "");
  }
}

// Of several layers the one that is read out is meant.
function fullName(cell) {
  return cell.layers.length > 1 ? `${cell.name} · ${topLayer(cell).label}` : cell.name;
}

function liveValue(kind, model, cell, place) {
  const { step } = place;
  const layer = topLayer(cell);
  const vector = (values) =>
    `[${Array.from(values.subarray(step * layer.units, step * layer.units + 2), formatNumber).join(", ")}${layer.units > 2 ? ", …" : ""}]`;
  const back = layer.backward;
  if (kind === "start") return "[0, 0, …]";
  if (kind === "token") return `“${visibleToken(model.tokens[step])}”`;
  if (kind === "state") return vector(layer.rows[0].values);
  if (kind === "prediction" && cell.predictions) {
    const [best] = topPredictions(cell.predictions, step, 1);
    return `${visibleToken(best.label)} ${formatPercent(best.probability)}`;
  }
  if (kind === "loss" && cell.loss !== null) return formatNumber(cell.loss);
  if (kind === "gradient" && back) return vector(back.rows[0].values);
  if (kind === "factor" && back) return formatFactor(back.factors[step]);
  if (kind === "sum" && back) return `|dW_hh| ${formatNumber(back.weightSum[step])}`;
  return "";
}
