// Pure arithmetic of the live view: extents, ticks, positions on an axis.
import { powerOfTen } from "../common/format.js";

// The end of float32, in which the models train: the log axis reaches no further down.
export const FLOOR = 1e-45;

// Smallest and largest finite number of several columns, or null when there is none.
export function extent(columns) {
  let low = Infinity;
  let high = -Infinity;
  for (const column of columns) {
    for (const value of column) {
      if (value !== null && Number.isFinite(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
  }
  return low <= high ? [low, high] : null;
}

// The position of `value` between `from` and `to`, in proportion to that between `low` and `high`.
export function scaleLinear(value, [low, high], [from, to]) {
  if (high === low) return (from + to) / 2;
  return from + ((value - low) / (high - low)) * (to - from);
}

// Round numbers from low to high, about `count` of them.
export function ticks(low, high, count) {
  if (!(high > low)) return [low];
  const raw = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((k) => k * power).find((candidate) => candidate >= raw);
  const values = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + step * 1e-9; k++) {
    values.push(Number((k * step).toPrecision(12)));
  }
  return values;
}

// The exponents of powers of ten that enclose the data, at least two decades apart; null without
// positive data.
export function decadeRange(columns) {
  const range = extent(columns.map((column) => column.map(logOrNull)));
  if (range === null) return null;
  const low = Math.floor(range[0]);
  return [low, Math.max(Math.ceil(range[1]), low + 2)];
}

// log10; null for what has no position on the log axis: no number, zero, and less than FLOOR.
export function logOrNull(value) {
  if (value === null || !Number.isFinite(value) || value < FLOOR) return null;
  return Math.log10(value);
}

// Which of `values` lie below the log axis: {k, zero} each, `zero` if exactly so.
export function belowFloor(values) {
  return values
    .map((value, k) => ({ k, zero: value === 0, low: value !== null && value < FLOOR }))
    .filter(({ low }) => low)
    .map(({ k, zero }) => ({ k, zero }));
}

// Index of the entry of the ascending `xs` that is closest to x; -1 for an empty list.
export function nearestIndex(xs, x) {
  let low = 0;
  let high = xs.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (xs[middle] < x) low = middle;
    else high = middle;
  }
  if (high < 0) return -1;
  return Math.abs(xs[low] - x) <= Math.abs(xs[high] - x) ? low : high;
}

// Index of the last of the ascending `xs` that is not after x; 0 if all are.
export function lastIndexUntil(xs, x) {
  let index = 0;
  while (index + 1 < xs.length && xs[index + 1] <= x) index++;
  return index;
}

// A tick as plain digits, in powers of ten only where plain digits would be long.
export function formatTick(value) {
  const size = Math.abs(value);
  if (value !== 0 && (size >= 1e5 || size < 1e-3)) {
    const [digits, exponent] = value.toExponential().split("e");
    return (digits === "1" ? "" : `${digits}×`) + powerOfTen(Number(exponent));
  }
  return String(Number(value.toPrecision(3)));
}

// Largest absolute value, for a scale centred on zero; 1 when everything is zero.
export function maxAbsolute(values) {
  let most = 0;
  for (const value of values) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  return most || 1;
}
