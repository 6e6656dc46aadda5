// Which part of an axis is shown: pure arithmetic.

const LEAST = 0.01; // of the whole axis; closer there is nothing more to see

// The part between two places that were dragged over; null when that is a click and no drag.
export function brushed(from, to, whole) {
  const low = Math.max(whole[0], Math.min(from, to));
  const high = Math.min(whole[1], Math.max(from, to));
  return high - low < LEAST * (whole[1] - whole[0]) ? null : [low, high];
}

// `part` made `factor` times as long about the place `about`; null when that is the whole axis.
export function scaled(part, whole, factor, about) {
  const length = Math.max((part[1] - part[0]) * factor, LEAST * (whole[1] - whole[0]));
  if (length >= whole[1] - whole[0]) return null;
  const share = (about - part[0]) / (part[1] - part[0]);
  const low = Math.min(Math.max(whole[0], about - share * length), whole[1] - length);
  return [low, low + length];
}

// The values of a line whose places lie inside `part`.
export function inside(xs, ys, part) {
  return ys.filter((_, k) => xs[k] >= part[0] && xs[k] <= part[1]);
}
