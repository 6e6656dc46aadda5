// Sizes, all in CSS pixels. Every picture of the grid shares one column per time step.

export const LOSS_WIDTH = 84;

// How wide a column must be for its token, without letting one long word decide for all.
export function preferredColumnWidth(tokens) {
  const longest = tokens.reduce((most, token) => Math.max(most, [...token].length), 1);
  return Math.min(84, Math.max(30, 12 + 9 * Math.min(longest, 8)));
}

// Columns fill the available width; if they would be too narrow, the grid scrolls.
export function columnWidth(available, steps, preferred, tail) {
  return Math.floor(Math.max(preferred, Math.min(176, (available - tail) / steps)));
}

// The gap between two nodes of the unrolled network, for the arrow.
export function nodeGap(column) {
  return Math.round(Math.min(40, Math.max(10, column * 0.36)));
}

// Height of a picture of H units: whole pixels per unit while that is possible.
export function heatHeight(units, preferredHeight) {
  const perUnit = Math.min(16, Math.floor(preferredHeight / units));
  if (perUnit >= 1) return perUnit * units;
  return units <= 2 * preferredHeight ? units : preferredHeight;
}

export function cellAt(x, y, geometry) {
  const { column, steps, height, units } = geometry;
  return {
    step: Math.min(steps - 1, Math.max(0, Math.floor(x / column))),
    unit: Math.min(units - 1, Math.max(0, Math.floor((y / height) * units))),
  };
}

// Where to scroll so that the column of `step` stays `margin` away from both edges, or null if it
// does. With the last column the loss is shown as well, which is `tail` wide.
export function scrollTarget(position, column, scroll, viewport, margin) {
  const { step, steps, tail } = position;
  const left = step * column;
  const right = left + column;
  const end = Math.max(0, steps * column + tail - viewport);
  let target = scroll;
  if (right + margin > scroll + viewport) target = right + margin - viewport;
  if (left - margin < target) target = left - margin;
  if (step === steps - 1) target = end;
  target = Math.round(Math.min(end, Math.max(0, target)));
  return target === Math.round(scroll) ? null : target;
}
