// The heatmaps of a race: hidden states, gradients over the training, attention.
import { colourTable, parseColour, rampColour, tableIndex } from "../common/colours.js";
import { formatNumber } from "../common/format.js";
import { decodeBytes, decodeFloats, decodeInt16 } from "../common/packed.js";
import { isolated, visibleToken } from "../common/words.js";
import { createFigure, drawHeatmap } from "./heatmap.js";
import { withAttention, withGradientHistory, withHiddenStates } from "./payload.js";
import { formatTick, lastIndexUntil, maxAbsolute } from "./scale.js";

const LOG_LEVELS = 500; // per decade, as Python packs the logarithms
const NO_LOG = -32768; // stands for a norm without a logarithm
const COLUMNS = 120; // of a heatmap of the whole training

/**
 * @param {import("./view.js").View} view
 * @param {import("./payload.js").Palette} palette that of the theme
 */
export function drawHeatmapPanels(view, palette) {
  const { data } = view;
  const withStates = withHiddenStates(data.contestants);
  for (const name of ["gradient", "states"]) panelOf(view, name).hidden = !withStates.length;
  drawHiddenStates(view, withStates, palette.diverging);
  drawGradientHistory(view, withGradientHistory(data.contestants), palette.sequential);
  drawAttention(view, withAttention(data.contestants), palette.sequential);
}

function panelOf(view, name) {
  return view.root.querySelector(`[data-panel=${name}]`);
}

// One figure per contestant in the panel; figures that are not needed any more are removed.
function figuresOf(view, name, contestants) {
  view.heatmaps[name] ??= [];
  const figures = view.heatmaps[name];
  for (const { element } of figures.splice(contestants.length)) element.remove();
  for (const [k, contestant] of contestants.entries()) {
    if (!figures[k]) {
      figures[k] = createFigure();
      panelOf(view, name).querySelector(".heatmaps").append(figures[k].element);
    }
    figures[k].title.textContent = contestant.name;
  }
  return figures;
}

function tokenText(tokens, t) {
  return isolated(visibleToken(tokens[t - 1] ?? ""));
}

function gradientCss(colours) {
  return `linear-gradient(90deg, ${colours.join(", ")})`;
}

// A column per time step, a row per unit.
function drawHiddenStates(view, contestants, diverging) {
  const { data, say } = view;
  const panel = panelOf(view, "states");
  panel.querySelector(".colours").style.background = gradientCss(diverging);
  const table = colourTable(diverging);
  for (const [k, figure] of figuresOf(view, "states", contestants).entries()) {
    const { name, snapshot } = contestants[k];
    const { timeSteps, units, step, hiddenStates } = snapshot;
    const values = decodeFloats(hiddenStates);
    const limit = Math.max(1, maxAbsolute(values));
    drawHeatmap(figure, {
      W: timeSteps.length,
      H: units,
      content: `${diverging} ${hiddenStates}`,
      colour: (x, y) => {
        const entry = 3 * tableIndex(values[x * units + y], limit);
        return [table[entry], table[entry + 1], table[entry + 2]];
      },
      label: say(
        "{name}: hidden states of the fixed example after training step {step}, {T} time {T:step|steps}, {H} {H:unit|units}, from {low} to {high}",
        {
          name,
          step,
          T: timeSteps.length,
          H: units,
          low: formatNumber(-limit),
          high: formatNumber(limit),
        },
      ),
      readout: (x, y) =>
        say("t = {t} “{token}”, unit {unit}: {value}", {
          t: timeSteps[x],
          token: tokenText(data.tokens, timeSteps[x]),
          unit: y + 1,
          value: formatNumber(values[x * units + y]),
        }),
    });
  }
}

// The logarithms of all contestants, and whole decades around them; null where nobody has any.
/** @param {import("./payload.js").Contestant[]} contestants */
export function decodeGradientHistories(contestants) {
  const logs = contestants.map(({ gradientHistory }) => decodeInt16(gradientHistory.logs));
  let low = Infinity;
  let high = -Infinity;
  for (const values of logs) {
    for (const value of values) {
      if (value === NO_LOG) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return null;
  low = Math.floor(low / LOG_LEVELS);
  return { logs, low, high: Math.max(low + 1, Math.ceil(high / LOG_LEVELS)) };
}

// A column for a stretch of the training, a row per time step, the first at the top; one log scale
// for all contestants.
function drawGradientHistory(view, contestants, sequential) {
  const { data, say } = view;
  const { tokens, totalSteps } = data;
  const panel = panelOf(view, "gradient-history");
  const decoded = decodeGradientHistories(contestants);
  panel.hidden = decoded === null;
  if (decoded === null) return;
  const { logs, low, high } = decoded;
  panel.querySelector(".low").textContent = formatTick(10 ** low);
  panel.querySelector(".high").textContent = formatTick(10 ** high);
  panel.querySelector(".colours").style.background = gradientCss(sequential);
  const stops = sequential.map(parseColour);
  for (const [k, figure] of figuresOf(view, "gradient-history", contestants).entries()) {
    const { steps, timeSteps, logs: packed } = contestants[k].gradientHistory;
    const T = timeSteps.length;
    const W = Math.max(2, Math.min(COLUMNS, totalSteps));
    const stepAt = (x) => (x * totalSteps) / (W - 1);
    const rows = Array.from({ length: W }, (_, x) => lastIndexUntil(steps, stepAt(x)));
    const lastStep = steps[steps.length - 1];
    const logAt = (x, y) => (stepAt(x - 1) > lastStep ? NO_LOG : logs[k][rows[x] * T + y]);
    drawHeatmap(figure, {
      W,
      H: T,
      content: `${sequential} ${low} ${high} ${totalSteps} ${packed}`,
      colour: (x, y) => {
        const log = logAt(x, y);
        if (log === NO_LOG) return stops[0];
        return rampColour(stops, (log / LOG_LEVELS - low) / (high - low));
      },
      label: say(
        "{name}: norm of the gradient at each of {T} time {T:step|steps}, from training step {first} to {last}",
        { name: contestants[k].name, T, first: steps[0], last: lastStep },
      ),
      readout: (x, y) => {
        const log = logAt(x, y);
        return say("training step {step}, t = {t} “{token}”: {value}", {
          step: steps[rows[x]],
          t: timeSteps[y],
          token: tokenText(tokens, timeSteps[y]),
          value: log === NO_LOG ? "–" : formatNumber(10 ** (log / LOG_LEVELS)),
        });
      },
    });
  }
}

// A column per input symbol, a row per output symbol.
function drawAttention(view, contestants, sequential) {
  const { data, say } = view;
  panelOf(view, "attention").hidden = contestants.length === 0;
  const stops = sequential.map(parseColour);
  for (const [k, figure] of figuresOf(view, "attention", contestants).entries()) {
    const { outputSteps: U, inputSteps: T, weights } = contestants[k].snapshot.attention;
    const levels = decodeBytes(weights);
    drawHeatmap(figure, {
      W: T,
      H: U,
      content: `${sequential} ${weights}`,
      colour: (x, y) => rampColour(stops, levels[y * T + x] / 255),
      label: say("{name}: attention of each of {U} output symbols to {T} input symbols", {
        name: contestants[k].name,
        U,
        T,
      }),
      readout: (x, y) =>
        say("output symbol {u}, t = {t} “{token}”: attention {share} %", {
          u: y + 1,
          t: x + 1,
          token: tokenText(data.tokens, x + 1),
          share: Math.round(levels[y * T + x] / 2.55),
        }),
    });
  }
}
