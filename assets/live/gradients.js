// The gradient norm at each time step, now: one line per contestant, on a log scale.
import { formatNumber } from "../common/format.js";
import { visibleToken } from "../common/words.js";
import { firstAndLast } from "./alternatives.js";
import { withHiddenStates } from "./payload.js";
import { belowFloor, decadeRange, FLOOR, formatTick, logOrNull, ticks } from "./scale.js";
import { dashOf } from "./training_curves.js";

const EXCERPT = 30; // tokens

/** @param {import("./payload.js").Contestant[]} contestants */
export function gradientChart(contestants, tokens, say) {
  const lines = withHiddenStates(contestants).map((contestant) => {
    const norms = contestant.snapshot.gradientNorms;
    return {
      name: contestant.name,
      colour: contestant.colour,
      dash: dashOf(contestants.indexOf(contestant)),
      xs: norms.map((_, t) => t + 1),
      ys: norms.map(logOrNull),
      values: norms,
      below: belowFloor(norms),
    };
  });
  const range = decadeRange(lines.map((line) => line.values)) ?? [-4, 0];
  const T = Math.max(2, ...lines.map((line) => line.xs.length));
  const title = say("Gradient that reaches each time step");
  return {
    lines,
    x: { range: [1, T], ticks: timeStepTicks(T, tokens), label: say("time step t") },
    y: { range, ticks: decadeTicks(range) },
    readout: (t) => `t = ${t} ${tokens[t - 1] === undefined ? "" : visibleToken(tokens[t - 1])}`,
    format: formatNumber,
    label: firstAndLast(
      say,
      title,
      lines.map((line) => ({ ...line, ys: line.values })),
    ),
  };
}

function decadeTicks([low, high]) {
  const stride = Math.max(1, Math.ceil((high - low) / 6));
  const powers = [];
  for (let power = low; power <= high; power += stride) {
    powers.push({ at: power, text: formatTick(10 ** power) });
  }
  return powers;
}

// What the gradient chart shows, and what its triangles mean if it has any.
export function gradientNote(chart, say) {
  const note = say("Norm of dL/dh_t on the fixed example, log scale; the past is on the left.");
  if (!chart.lines.some((line) => line.below.length)) return note;
  const below = say("▼ less than {floor}, ▽ exactly 0.", { floor: formatTick(FLOOR) });
  return `${note} ${below}`;
}

// The tokens themselves while they fit, else round numbers.
export function timeStepTicks(T, tokens) {
  if (T <= 12 && tokens.length === T && tokens.join("").length <= 40) {
    return tokens.map((token, t) => ({ at: t + 1, text: visibleToken(token) }));
  }
  return ticks(1, T, 6)
    .map((at) => Math.max(1, Math.round(at)))
    .filter((at, k, all) => all.indexOf(at) === k)
    .map((at) => ({ at, text: String(at) }));
}

// The whole example, or its beginning.
export function excerpt(tokens, joiner) {
  const text = tokens.slice(0, EXCERPT).join(joiner);
  return tokens.length > EXCERPT ? `${text}…` : text;
}
