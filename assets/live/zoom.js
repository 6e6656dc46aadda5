// Which part of an axis is shown: pure arithmetic on ranges [low, high].

const MIN_PART = 0.01; // of the whole axis; closer there is nothing more to see

// The range between two points that were dragged over; null when that is a click and no drag.
export function brushRange(from, to, whole) {
  const low = Math.max(whole[0], Math.min(from, to));
  const high = Math.min(whole[1], Math.max(from, to));
  return high - low < MIN_PART * (whole[1] - whole[0]) ? null : [low, high];
}

// `range` made `factor` times as long about the point `x`; null when that is the whole axis.
export function zoomRange(range, whole, factor, x) {
  const length = Math.max((range[1] - range[0]) * factor, MIN_PART * (whole[1] - whole[0]));
  if (length >= whole[1] - whole[0]) return null;
  const share = (x - range[0]) / (range[1] - range[0]);
  const low = Math.min(Math.max(whole[0], x - share * length), whole[1] - length);
  return [low, low + length];
}

// The values of a line whose points lie inside `range`.
export function valuesInside(xs, ys, range) {
  return ys.filter((_, k) => xs[k] >= range[0] && xs[k] <= range[1]);
}
