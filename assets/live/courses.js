// What the charts of a race show, as plain values: pure functions of what the server sent.
import { formatNumber } from "../common/format.js";
import { visibleToken } from "../common/words.js";
import { FLOOR, decades, extent, logOf, sunk, tickText, ticks } from "./scale.js";
import { firstAndLast } from "./alternatives.js";

const EXCERPT = 30; // tokens
export const DASHES = ["none", "7 3", "2 3", "9 3 2 3"]; // lines differ by more than their colour

// One line of a course per run, against steps or seconds.
export function courses(runs, axis, column) {
  return runs.map((run, k) => ({
    name: run.name,
    colour: run.colour,
    dash: DASHES[k % DASHES.length],
    xs: run[column][axis],
    ys: run[column].values,
    shown: run[column].values,
  }));
}

// From zero to the right end of the axis, at least a tenth of what is to come.
export function horizon(lines, total) {
  const range = extent(lines.map((line) => line.xs));
  return [0, Math.max(range ? range[1] : 0, total / 10, 1e-3)];
}

// tell: how a value is written, at the ticks and in the read-out.
export function courseChart(lines, total, y, x, level, label, tell) {
  const xRange = horizon(lines, total);
  return {
    lines,
    x: {
      range: xRange,
      ticks: ticks(...xRange, 5).map((at) => ({ at, text: tickText(at) })),
      label: x.label,
    },
    y: {
      range: y,
      ticks: ticks(...y, 4).map((at) => ({ at, text: tell.tick(at) })),
    },
    level,
    readout: x.readout,
    tell: tell.value,
    label,
  };
}

// From zero to a little over the largest loss; the first wild steps may be cut off above.
export function lossRange(lines, level) {
  const range = extent(lines.map((line) => line.ys));
  const high = range ? range[1] : 1;
  return [0, Math.max(level ? level * 1.15 : 0, Math.min(high, 3 * (level || high))) * 1.05];
}

export function gradientChart(runs, tokens, say) {
  const lines = runs
    .filter((run) => run.probe)
    .map((run, k) => ({
      name: run.name,
      colour: run.colour,
      dash: DASHES[k % DASHES.length],
      xs: run.probe.norms.map((_, t) => t + 1),
      ys: run.probe.norms.map(logOf),
      shown: run.probe.norms,
      below: sunk(run.probe.norms),
    }));
  const range = decades(runs.filter((run) => run.probe).map((run) => run.probe.norms)) ?? [-4, 0];
  const T = Math.max(2, ...lines.map((line) => line.xs.length));
  const every = Math.max(1, Math.ceil((range[1] - range[0]) / 6));
  const powers = [];
  for (let power = range[0]; power <= range[1]; power += every) {
    powers.push({ at: power, text: tickText(10 ** power) });
  }
  const title = say("Gradient that reaches each time step");
  return {
    lines,
    x: { range: [1, T], ticks: stepTicks(T, tokens), label: say("time step t") },
    y: { range, ticks: powers },
    level: null,
    readout: (t) => `t = ${t} ${tokens[t - 1] === undefined ? "" : visibleToken(tokens[t - 1])}`,
    tell: formatNumber,
    label: firstAndLast(
      say,
      title,
      lines.map((line) => ({ ...line, ys: line.shown })),
    ),
  };
}

// What the gradient chart shows, and what its triangles mean if it has any.
export function gradientNote(chart, say) {
  const note = say("Norm of dL/dh_t on the fixed example, log scale: far to the left lies the past.");
  if (!chart.lines.some((line) => line.below.length)) return note;
  const below = say("▼ less than {floor}, ▽ exactly 0.", { floor: tickText(FLOOR) });
  return `${note} ${below}`;
}

// The tokens themselves while they fit, else round numbers.
export function stepTicks(T, tokens) {
  if (T <= 12 && tokens.length === T && tokens.join("").length <= 40) {
    return tokens.map((token, t) => ({ at: t + 1, text: visibleToken(token) }));
  }
  return ticks(1, T, 6)
    .map((at) => Math.max(1, Math.round(at)))
    .filter((at, k, all) => all.indexOf(at) === k)
    .map((at) => ({ at, text: String(at) }));
}

// The example as it is read, or its beginning.
export function excerpt(tokens, joiner) {
  const shown = tokens.slice(0, EXCERPT).join(joiner);
  return tokens.length > EXCERPT ? `${shown}…` : shown;
}
