// What the curves of a race show, as plain values: pure functions of what the server sent.
import { extent, nearest, tickText, ticks } from "./scale.js";
import { inside } from "./zoom.js";

// Lines differ by more than their colour.
export const DASHES = ["none", "7 3", "2 3", "9 3 2 3", "12 4", "4 2 1 2"];

// Where a training step stands on the axis: "step", "epoch" (of so many steps) or "seconds".
export function along(axis, column, epoch) {
  if (axis === "seconds") return column.seconds;
  return axis === "epoch" ? column.step.map((step) => step / epoch) : column.step;
}

// One line of a course per run.
export function courses(runs, axis, column, epoch) {
  return runs.map((run, k) => ({
    name: run.name,
    colour: run.colour,
    dash: DASHES[k % DASHES.length],
    xs: along(axis, run[column], epoch),
    ys: run[column].values,
    shown: run[column].values,
    low: run[column].low,
    high: run[column].high,
  }));
}

// Where each run was told to change something; no place in time is known before its first row.
export function marks(runs, axis, epoch) {
  return runs
    .flatMap((run) =>
      run.marks.map((mark) => ({
        x: axis === "seconds" ? mark.seconds : axis === "epoch" ? mark.step / epoch : mark.step,
        text: `${run.name}: ${mark.text}`,
      })),
    )
    .filter(({ x }) => x !== null);
}

// The place of a moment (a training step) on the axis, or null where it has none.
export function momentAt(moment, runs, axis, epoch) {
  if (moment === null) return null;
  if (axis !== "seconds") return axis === "epoch" ? moment / epoch : moment;
  const { step, seconds } = runs[0].loss;
  const k = nearest(step, moment);
  return k < 0 ? null : seconds[k];
}

// From zero to the right end of the axis, at least a tenth of what is to come.
export function horizon(lines, total) {
  const range = extent(lines.map((line) => line.xs));
  return [0, Math.max(range ? range[1] : 0, total / 10, 1e-3)];
}

// course: {lines, total, part, range: lines -> y range, x: {label, readout}, levels, marks, at, label, tell, zoom};
// `part` of the axis is shown, all of it if null. tell: how a value is written, at the ticks and in the read-out.
export function courseChart(course) {
  const whole = horizon(course.lines, course.total);
  const part = course.part ?? whole;
  const seen = course.lines.map((line) => {
    const pick = (ys) => ys && inside(line.xs, ys, part);
    return { ...line, xs: inside(line.xs, line.xs, part), ys: pick(line.ys), low: pick(line.low), high: pick(line.high) };
  });
  const y = course.range(seen);
  return {
    ...course,
    x: {
      range: part,
      whole,
      ticks: ticks(...part, 5).map((at) => ({ at, text: tickText(at) })),
      label: course.x.label,
    },
    y: { range: y, ticks: ticks(...y, 4).map((at) => ({ at, text: course.tell.tick(at) })) },
    readout: course.x.readout,
    tell: course.tell.value,
  };
}

// From zero to a little over the largest value; the first wild steps may be cut off above. `level` is what blind
// guessing reaches; with `close` it need not be seen.
export function lossRange(lines, level, close = false) {
  const range = extent(lines.flatMap((line) => [line.ys, line.high ?? []]));
  const high = range ? range[1] : 1;
  if (close && range) return [0, (Math.min(high, 3 * (level || high)) || 1) * 1.05];
  return [0, Math.max(level ? level * 1.15 : 0, Math.min(high, 3 * (level || high))) * 1.05];
}
