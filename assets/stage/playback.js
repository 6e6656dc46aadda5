// The position as one number on one axis: T steps forward, then the same T back.

export function axisLength(steps, back) {
  return back ? 2 * steps : steps;
}

export function positionAt(index, steps) {
  return index < steps
    ? { step: index, phase: "forward" }
    : { step: 2 * steps - 1 - index, phase: "backward" };
}

export function indexOf(position, steps) {
  return position.phase === "backward" ? 2 * steps - 1 - position.step : position.step;
}

export function clampIndex(index, steps, back) {
  return Math.min(Math.max(Math.round(index) || 0, 0), axisLength(steps, back) - 1);
}

// The index of a step in the visitor's phase.
export function indexOfStep(step, phase, steps) {
  return indexOf({ step: Math.min(Math.max(step, 0), steps - 1), phase }, steps);
}

// End leads to the end of the phase and, from there, to the very end; Home likewise.
export function endIndex(index, steps, back) {
  return index < steps - 1 || !back ? steps - 1 : 2 * steps - 1;
}

export function homeIndex(index, steps) {
  return index > steps ? steps : 0;
}

const MOVES = {
  ArrowRight: (index) => index + 1,
  ArrowLeft: (index) => index - 1,
  Home: (index, steps) => homeIndex(index, steps),
  End: (index, steps, back) => endIndex(index, steps, back),
};

// The index after a key press, or null for a key that does not move.
export function indexAfterKey(key, index, steps, back) {
  const move = MOVES[key];
  return move ? clampIndex(move(index, steps, back), steps, back) : null;
}

export const SPEEDS = [0.5, 1, 2, 4, 8];

// Milliseconds per step: long sequences play faster, so that none takes minutes.
export function stepDuration(speed, steps) {
  return Math.max(40, Math.min(1000, 24000 / steps)) / speed;
}
