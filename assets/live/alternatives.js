// The text alternatives of the charts. `say` translates and fills in.
import { formatNumber } from "../common/format.js";

// The text alternative of a line chart: each line's last value.
export function lastValues(title, lines) {
  const parts = lines
    .filter((line) => line.ys.length)
    .map((line) => `${line.name}: ${formatNumber(line.ys[line.ys.length - 1])}`);
  return `${title}. ${parts.join("; ")}`;
}

// The text alternative of the gradient chart: each line at the first and the last time step.
export function firstAndLast(say, title, lines) {
  const parts = lines
    .filter((line) => line.ys.length)
    .map((line) =>
      say("{name}: {first} at the first time step, {last} at the last", {
        name: line.name,
        first: formatNumber(line.ys[0]),
        last: formatNumber(line.ys[line.ys.length - 1]),
      }),
    );
  return `${title}. ${parts.join("; ")}`;
}
