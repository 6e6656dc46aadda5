// What the runs were told to change on the way, in words.
import { nearest } from "./scale.js";

const NAMED = 6; // more changes than that no note lists

// Which change each run did at which step: {text, first, last}, those that several runs did taken together, in the
// order of their steps. The second time that a run is told the same is another change.
export function gathered(runs) {
  const found = new Map();
  for (const run of runs) {
    const times = new Map();
    for (const { step, text } of run.marks) {
      const time = times.get(text) ?? 0;
      times.set(text, time + 1);
      const key = `${time} ${text}`;
      const { first, last } = found.get(key) ?? { first: step, last: step };
      found.set(key, { text, first: Math.min(first, step), last: Math.max(last, step) });
    }
  }
  return [...found.values()].sort((a, b) => a.first - b.first);
}

// The note under a chart with grey lines; "" without.
export function changesNote(runs, say) {
  const found = gathered(runs);
  if (!found.length) return "";
  const parts = found.slice(-NAMED).map(({ text, first, last }) =>
    first === last
      ? say("{change} at step {step}", { change: text, step: first })
      : say("{change} at steps {first} to {last}", { change: text, first, last }),
  );
  if (found.length > NAMED) parts.unshift("…");
  return say("Grey lines: {changes}.", { changes: parts.join("; ") });
}

// What the marks say that are nearest to the point `k` of the ascending `xs`, if they are in `range`.
export function markedAt(marks, xs, k, range) {
  const seen = marks.filter(({ x }) => x >= range[0] && x <= range[1] && nearest(xs, x) === k);
  return [...new Set(seen.map(({ text }) => text))];
}
