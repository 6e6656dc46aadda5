// What the curves of a race show, as plain values: pure functions of the payload.
import { extent, formatTick, nearestIndex, ticks } from "./scale.js";
import { valuesInside } from "./zoom.js";

// Lines differ by more than their colour.
export const DASHES = ["none", "7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2"];

export function dashOf(k) {
  return DASHES[k % DASHES.length];
}

// The points of a curve on the axis: "step", "epoch" (of so many steps) or "seconds".
/** @param {import("./payload.js").Curve} curve */
export function axisValues(axis, curve, stepsPerEpoch) {
  if (axis === "seconds") return curve.seconds;
  return axis === "epoch" ? curve.steps.map((step) => step / stepsPerEpoch) : curve.steps;
}

// One line per contestant; `column` is "trainLoss" or "validationMetric".
/** @param {import("./payload.js").Contestant[]} contestants */
export function trainingCurves(contestants, axis, column, stepsPerEpoch) {
  return contestants.map((contestant, k) => {
    const curve = contestant[column];
    return {
      name: contestant.name,
      colour: contestant.colour,
      dash: dashOf(k),
      xs: axisValues(axis, curve, stepsPerEpoch),
      ys: curve.values,
      values: curve.values,
      low: curve.low,
      high: curve.high,
    };
  });
}

// Where each contestant's settings were changed; the seconds are unknown before its first row.
/** @param {import("./payload.js").Contestant[]} contestants */
export function changeLines(contestants, axis, stepsPerEpoch) {
  const position = ({ step, seconds }) =>
    axis === "seconds" ? seconds : axis === "epoch" ? step / stepsPerEpoch : step;
  return contestants
    .flatMap(({ name, changes }) =>
      changes.map((change) => ({ x: position(change), text: `${name}: ${change.text}` })),
    )
    .filter(({ x }) => x !== null);
}

// The position of a saved step on the axis, or null where it has none.
/** @param {import("./payload.js").Contestant[]} contestants */
export function savedStepX(savedStep, contestants, axis, stepsPerEpoch) {
  if (savedStep === null) return null;
  if (axis !== "seconds") return axis === "epoch" ? savedStep / stepsPerEpoch : savedStep;
  const { steps, seconds } = contestants[0].trainLoss;
  const k = nearestIndex(steps, savedStep);
  return k < 0 ? null : seconds[k];
}

// From zero to the last point, but at least a tenth of the `total` that is to come.
export function wholeAxis(lines, total) {
  const range = extent(lines.map((line) => line.xs));
  return [0, Math.max(range ? range[1] : 0, total / 10, 1e-3)];
}

// `options`: {lines, total, zoomed: range or null, yRange: lines -> range, x: {label, readout},
// format: {tick, value}}, and what else a `Chart` of chart.js has.
export function trainingChart({ total, zoomed, yRange, format, x, ...options }) {
  const whole = wholeAxis(options.lines, total);
  const range = zoomed ?? whole;
  const visible = options.lines.map((line) => {
    const inside = (values) => values && valuesInside(line.xs, values, range);
    const [xs, ys] = [inside(line.xs), inside(line.ys)];
    return { ...line, xs, ys, low: inside(line.low), high: inside(line.high) };
  });
  const y = yRange(visible);
  return {
    ...options,
    x: {
      range,
      whole,
      ticks: ticks(...range, 5).map((at) => ({ at, text: formatTick(at) })),
      label: x.label,
    },
    y: { range: y, ticks: ticks(...y, 4).map((at) => ({ at, text: format.tick(at) })) },
    readout: x.readout,
    format: format.value,
  };
}

// From zero to a little over the largest value; the first wild steps may be cut off above. `chance`
// is what blind guessing reaches; it need not be visible in a `zoomed` chart.
export function lossRange(lines, chance, zoomed = false) {
  const range = extent(lines.flatMap((line) => [line.ys, line.high ?? []]));
  const high = range ? range[1] : 1;
  const capped = Math.min(high, 3 * (chance || high));
  if (zoomed && range) return [0, (capped || 1) * 1.05];
  return [0, Math.max(chance ? chance * 1.15 : 0, capped) * 1.05];
}
