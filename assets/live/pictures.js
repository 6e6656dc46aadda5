// The pictures of a race: hidden states, gradients over training, attention. Pure but for the painting.
import { colourTable, parseColour, rampColour, tableIndex } from "../common/colours.js";
import { make } from "../common/dom.js";
import { formatNumber } from "../common/format.js";
import { isolated, visibleToken } from "../common/words.js";
import { drawPicture } from "./heat.js";
import { bytes, floats, reach, shorts, tickText } from "./scale.js";

const FINEST = 500; // levels of a decade in what the server sent
const NOTHING = -32768; // a norm without a logarithm
const COLUMNS = 120; // of a picture of the whole training

// One figure per run in `holder`, none too many.
export function figures(holder, runs) {
  while (holder.children.length > runs.length) holder.lastElementChild.remove();
  return runs.map((run, k) => {
    const figure = holder.children[k] ?? holder.appendChild(emptyFigure());
    figure.querySelector("figcaption strong").textContent = run.name;
    return figure;
  });
}

function emptyFigure() {
  return make(
    "figure",
    { class: "heat" },
    make("figcaption", {}, make("strong"), make("span", { class: "readout" })),
    make("canvas", { tabindex: 0, role: "img" }),
  );
}

function token(tokens, t) {
  return isolated(visibleToken(tokens[t - 1] ?? ""));
}

// A column per time step, a row per unit.
export function drawStates(holder, runs, tokens, diverging, say) {
  const table = colourTable(diverging);
  for (const [k, figure] of figures(holder, runs).entries()) {
    const { times, H, step, states } = runs[k].probe;
    const values = floats(states);
    const limit = Math.max(1, reach(values));
    drawPicture(figure, {
      W: times.length,
      H,
      content: `${diverging} ${states}`,
      colour: (x, y) => {
        const entry = 3 * tableIndex(values[x * H + y], limit);
        return [table[entry], table[entry + 1], table[entry + 2]];
      },
      label: say("{name}: hidden states of the fixed example after training step {step}, {T} time {T:step|steps}, {H} {H:unit|units}, from {low} to {high}", {
        name: runs[k].name,
        step,
        T: times.length,
        H,
        low: formatNumber(-limit),
        high: formatNumber(limit),
      }),
      tell: (x, y) =>
        say("t = {t} “{token}”, unit {unit}: {value}", {
          t: times[x],
          token: token(tokens, times[x]),
          unit: y + 1,
          value: formatNumber(values[x * H + y]),
        }),
    });
  }
}

// The logarithms of all runs, and whole decades around them; null where no run has any.
export function growth(runs) {
  const logs = runs.map((run) => shorts(run.heat.logs));
  let low = Infinity;
  let high = -Infinity;
  for (const each of logs) {
    for (const value of each) {
      if (value === NOTHING) continue;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  }
  if (low > high) return null;
  low = Math.floor(low / FINEST);
  return { logs, low, high: Math.max(low + 1, Math.ceil(high / FINEST)) };
}

// Which of the ascending `steps` is the latest that is not after `step`; the first if none.
export function latest(steps, step) {
  let found = 0;
  while (found + 1 < steps.length && steps[found + 1] <= step) found++;
  return found;
}

// A column for a stretch of the training, a row per time step, the first on top; one log scale for all runs.
export function drawGrowth(panel, runs, total, tokens, sequential, say) {
  const found = growth(runs);
  panel.hidden = found === null;
  if (found === null) return;
  const { logs, low, high } = found;
  panel.querySelector(".low").textContent = tickText(10 ** low);
  panel.querySelector(".high").textContent = tickText(10 ** high);
  panel.querySelector(".colours").style.background = `linear-gradient(90deg, ${sequential.join(", ")})`;
  const stops = sequential.map(parseColour);
  for (const [k, figure] of figures(panel.querySelector(".heats"), runs).entries()) {
    const { steps, times } = runs[k].heat;
    const T = times.length;
    const W = Math.max(2, Math.min(COLUMNS, total));
    const column = Array.from({ length: W }, (_, x) => latest(steps, (x * total) / (W - 1)));
    const done = steps[steps.length - 1];
    const value = (x, y) => ((x - 1) * total) / (W - 1) > done ? NOTHING : logs[k][column[x] * T + y];
    drawPicture(figure, {
      W,
      H: T,
      content: `${sequential} ${low} ${high} ${total} ${runs[k].heat.logs}`,
      colour: (x, y) => {
        const log = value(x, y);
        if (log === NOTHING) return stops[0];
        return rampColour(stops, (log / FINEST - low) / (high - low));
      },
      label: say("{name}: norm of the gradient at each of {T} time {T:step|steps}, from training step {first} to {last}", {
        name: runs[k].name,
        T,
        first: steps[0],
        last: steps[steps.length - 1],
      }),
      tell: (x, y) => {
        const log = value(x, y);
        return say("training step {step}, t = {t} “{token}”: {value}", {
          step: steps[column[x]],
          t: times[y],
          token: token(tokens, times[y]),
          value: log === NOTHING ? "–" : formatNumber(10 ** (log / FINEST)),
        });
      },
    });
  }
}

// A column per symbol that is read, a row per symbol that is written.
export function drawAttention(panel, runs, tokens, sequential, say) {
  panel.hidden = runs.length === 0;
  const stops = sequential.map(parseColour);
  for (const [k, figure] of figures(panel.querySelector(".heats"), runs).entries()) {
    const { U, T, shares } = runs[k].probe.attention;
    const levels = bytes(shares);
    drawPicture(figure, {
      W: T,
      H: U,
      content: `${sequential} ${shares}`,
      colour: (x, y) => rampColour(stops, levels[y * T + x] / 255),
      label: say("{name}: where each of {U} symbols that it writes looks among {T} that it has read", { name: runs[k].name, U, T }),
      tell: (x, y) =>
        say("symbol {u} looks at t = {t} “{token}”: {share} %", {
          u: y + 1,
          t: x + 1,
          token: token(tokens, x + 1),
          share: Math.round(levels[y * T + x] / 2.55),
        }),
    });
  }
}
