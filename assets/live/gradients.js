// The gradient that reaches each time step, now: one line per run, on a log scale.
import { formatNumber } from "../common/format.js";
import { visibleToken } from "../common/words.js";
import { FLOOR, decades, logOf, sunk, tickText, ticks } from "./scale.js";
import { firstAndLast } from "./alternatives.js";
import { DASHES } from "./courses.js";

const EXCERPT = 30; // tokens

// The runs that have a hidden state to look at.
export function walked(runs) {
  return runs.filter((run) => run.probe?.norms.length);
}

export function gradientChart(runs, tokens, say) {
  const lines = runs
    .map((run, k) => ({ run, dash: DASHES[k % DASHES.length] }))
    .filter(({ run }) => run.probe?.norms.length)
    .map(({ run, dash }) => ({
      name: run.name,
      colour: run.colour,
      dash,
      xs: run.probe.norms.map((_, t) => t + 1),
      ys: run.probe.norms.map(logOf),
      shown: run.probe.norms,
      below: sunk(run.probe.norms),
    }));
  const range = decades(walked(runs).map((run) => run.probe.norms)) ?? [-4, 0];
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
