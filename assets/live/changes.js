// The settings that were changed while the race was running, as text.
import { nearestIndex } from "./scale.js";

const LISTED = 6; // a note lists no more changes than that

// Which setting was changed at which step: {text, first, last}, equal changes of several
// contestants as one, in the order of their steps. A contestant's second equal change is another.
/** @param {import("./payload.js").Contestant[]} contestants */
export function groupChanges(contestants) {
  const groups = new Map();
  for (const { changes } of contestants) {
    const counts = new Map();
    for (const { step, text } of changes) {
      const count = counts.get(text) ?? 0;
      counts.set(text, count + 1);
      const key = `${count} ${text}`;
      const { first, last } = groups.get(key) ?? { first: step, last: step };
      groups.set(key, { text, first: Math.min(first, step), last: Math.max(last, step) });
    }
  }
  return [...groups.values()].sort((a, b) => a.first - b.first);
}

// The note under a chart with grey lines; "" without.
/** @param {import("./payload.js").Contestant[]} contestants */
export function changesNote(contestants, say) {
  const groups = groupChanges(contestants);
  if (!groups.length) return "";
  const parts = groups
    .slice(-LISTED)
    .map(({ text, first, last }) =>
      first === last
        ? say("{change} at step {step}", { change: text, step: first })
        : say("{change} at steps {first} to {last}", { change: text, first, last }),
    );
  if (groups.length > LISTED) parts.unshift("…");
  return say("Grey lines: {changes}.", { changes: parts.join("; ") });
}

// The texts of the grey lines inside `range` that are nearest to entry `k` of the ascending `xs`.
export function changesAt(lines, xs, k, range) {
  const near = lines.filter(({ x }) => x >= range[0] && x <= range[1] && nearestIndex(xs, x) === k);
  return [...new Set(near.map(({ text }) => text))];
}
