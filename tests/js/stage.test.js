import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { isLineActive } from "../../assets/stage/details_panel.js";
import { atStep, explain, fillFormula } from "../../assets/stage/explain.js";
import {
  cellAt,
  columnWidth,
  heatHeight,
  nodeGap,
  preferredColumnWidth,
  scrollTarget,
} from "../../assets/stage/layout.js";
import { powerTicks } from "../../assets/stage/legend.js";
import { narrate } from "../../assets/stage/narration.js";
import { numbersInside } from "../../assets/stage/numbers.js";
import {
  decodePayload,
  hasBackward,
  rowNamed,
  topLayer,
  topPredictions,
} from "../../assets/stage/payload.js";
import {
  barPixels,
  columnLimits,
  heatPixels,
  logRange,
  logShare,
} from "../../assets/stage/pixels.js";
import {
  axisLength,
  clampIndex,
  endIndex,
  homeIndex,
  indexAfterKey,
  indexOf,
  indexOfStep,
  positionAt,
  stepDuration,
} from "../../assets/stage/playback.js";

// The payload that Python sends, of an LSTM with two units that reads two tokens.
const FIXTURE = new URL("../fixtures/stage_payload.json", import.meta.url);
const payload = JSON.parse(readFileSync(FIXTURE, "utf8"));
const model = decodePayload(payload, numbersInside(payload));
const say = (text, values = {}) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const target = (row, step, phase = "forward", unit = 1) => ({
  cell: 0,
  layer: 0,
  row,
  unit,
  step,
  phase,
});

test("the payload becomes typed arrays, NaN included", () => {
  const [layer] = model.cells[0].layers;
  assert.ok(hasBackward(model));
  assert.deepEqual(Array.from(rowNamed(layer, "c").values), [5, 6, 7, 8]);
  assert.ok(layer.backward.norms instanceof Float64Array);
  assert.deepEqual(Array.from(layer.backward.factors).map(Number.isNaN), [false, true]);
});

test("the axis runs T steps forward and the same T back, and every key stays on it", () => {
  const T = 5;
  for (let index = 0; index < axisLength(T, true); index += 1)
    assert.equal(indexOf(positionAt(index, T), T), index);
  assert.deepEqual(positionAt(4, T), { step: 4, phase: "forward" });
  assert.deepEqual(positionAt(5, T), { step: 4, phase: "backward" });
  assert.deepEqual(positionAt(9, T), { step: 0, phase: "backward" });
  let index = 0;
  for (let press = 0; press < 20; press += 1) index = indexAfterKey("ArrowRight", index, T, true);
  assert.equal(index, 9);
  for (let press = 0; press < 20; press += 1) index = indexAfterKey("ArrowLeft", index, T, true);
  assert.equal(index, 0);
  assert.equal(indexAfterKey("x", 3, T, true), null);
  assert.equal(indexAfterKey("ArrowRight", 4, T, false), 4);
  assert.equal(indexOfStep(99, "backward", T), 5);
  assert.equal(clampIndex(NaN, T, true), 0);
});

test("End and Home lead to the ends of the direction, then further", () => {
  assert.deepEqual(
    [
      endIndex(0, 5, true),
      endIndex(4, 5, true),
      endIndex(6, 5, true),
      endIndex(2, 5, false),
      endIndex(4, 5, false),
    ],
    [4, 9, 9, 4, 4],
  );
  assert.deepEqual(
    [homeIndex(9, 5), homeIndex(5, 5), homeIndex(3, 5), homeIndex(0, 5)],
    [5, 0, 0, 0],
  );
});

test("long sequences play faster", () => {
  assert.equal(stepDuration(1, 5), 1000);
  assert.equal(stepDuration(2, 200), 60);
  assert.equal(stepDuration(1, 100000), 40);
});

test("columns fill the room, and never become too narrow for tokens", () => {
  assert.equal(columnWidth(700, 5, 84, 84), 123);
  assert.equal(columnWidth(700, 200, 30, 84), 30);
  assert.equal(columnWidth(5000, 2, 30, 84), 176);
  assert.equal(preferredColumnWidth(["a", "b"]), 30);
  assert.equal(preferredColumnWidth(["a".repeat(500)]), 84);
  assert.equal(preferredColumnWidth(["😀"]), 30);
  assert.ok(nodeGap(30) < 30 / 2 && nodeGap(132) <= 40);
});

test("a unit is a whole number of pixels high whenever there is room", () => {
  for (const [units, preferredHeight, height] of [
    [2, 96, 32],
    [16, 96, 96],
    [24, 96, 96],
    [64, 96, 64],
    [64, 52, 64],
    [256, 64, 64],
  ]) {
    assert.equal(heatHeight(units, preferredHeight), height);
  }
});

test("a pointer has a step and a unit, also outside of the picture", () => {
  const geometry = { column: 30, steps: 4, height: 64, units: 16 };
  assert.deepEqual(cellAt(31, 5, geometry), { step: 1, unit: 1 });
  assert.deepEqual(cellAt(-5, -5, geometry), { step: 0, unit: 0 });
  assert.deepEqual(cellAt(1e6, 1e6, geometry), { step: 3, unit: 15 });
});

test("the grid scrolls only when the cursor comes near an edge, and then shows the loss as well", () => {
  const position = (step) => ({ step, steps: 100, tail: 84 });
  assert.equal(scrollTarget(position(3), 30, 0, 300, 90), null);
  assert.equal(scrollTarget(position(50), 30, 0, 300, 90), 51 * 30 + 90 - 300);
  assert.equal(scrollTarget(position(50), 30, 1320, 300, 90), null);
  assert.equal(scrollTarget(position(50), 30, 2000, 300, 90), 50 * 30 - 90);
  assert.equal(scrollTarget(position(0), 30, 500, 300, 90), 0);
  assert.equal(scrollTarget(position(99), 30, 0, 300, 90), 3000 + 84 - 300);
  assert.equal(scrollTarget({ step: 4, steps: 5, tail: 84 }, 30, 0, 300, 90), null);
  assert.equal(scrollTarget(position(50), 30, 1490, 300, 0), null);
});

test("a picture has a row per unit and a column per step", () => {
  const table = new Uint8ClampedArray(511 * 3);
  table.set([9, 9, 9], 0);
  table.set([7, 7, 7], 510 * 3);
  const pixels = heatPixels(Float32Array.from([-1, 0, 0, 1, 0, 0]), 2, 3, () => 1, table);
  assert.deepEqual([pixels[0], pixels[4]], [9, 7]);
  assert.equal(pixels.length, 2 * 3 * 4);
  assert.deepEqual(Array.from(columnLimits(Float32Array.from([1, -3, 0, 0.5]), 2, 2)), [3, 0.5]);
});

test("each step by itself has its colours, however small its gradient is", () => {
  assert.deepEqual(Array.from(columnLimits(Float64Array.of(1, -3, 0, 1e-300), 2, 2)), [3, 1e-300]);
  const table = new Uint8ClampedArray(511 * 3);
  table.set([7, 7, 7], 510 * 3);
  assert.equal(heatPixels(Float64Array.of(1e-300), 1, 1, () => 1e-300, table)[0], 7);
});

test("the printed scale holds whole powers of ten, down to the smallest that is not zero", () => {
  assert.deepEqual(
    logRange([
      [0.003, 0.2],
      [0, NaN],
    ]),
    { low: -3, high: 0 },
  );
  assert.deepEqual(logRange([[0, 0]]), { low: -1, high: 0 });
  assert.deepEqual(logRange([[1]]), { low: -1, high: 0 });
  const whole = logRange([[1e-300, 5]]);
  assert.deepEqual(whole, { low: -301, high: 1 });
  assert.ok(logShare(1e-300, whole) > 0);
  assert.ok(logShare(1e-100, whole) < logShare(1e-99, whole));
  assert.ok(powerTicks(whole).every(Number.isInteger));
  assert.equal(logShare(0, { low: -3, high: 0 }), 0);
  assert.ok(Math.abs(logShare(0.1, { low: -3, high: 0 }) - 2 / 3) < 1e-9);
  assert.deepEqual(powerTicks({ low: -12, high: 0 }), [-12, -9, -6, -3, 0]);
  assert.deepEqual(powerTicks({ low: -1, high: 0 }), [-1, 0]);
  for (let low = -12; low < 0; low += 1)
    assert.ok(powerTicks({ low, high: 0 }).every(Number.isInteger));
});

test("bars stand on the ground: the step's own part inside the running sum", () => {
  const pixels = barPixels([2, 4], [1, 4], 4, [1, 1, 1], [2, 2, 2]);
  const column = (step) => [0, 1, 2, 3].map((y) => pixels[4 * (y * 2 + step)]);
  assert.deepEqual(column(0), [0, 0, 1, 2]);
  assert.deepEqual(column(1), [2, 2, 2, 2]);
});

test("an explanation has the formula, its numbers and its sources", () => {
  const explanation = explain(model, target("c", 1));
  assert.equal(explanation.numbers, "0.400 · 6 + 0.500 · 0.500");
  assert.equal(explanation.value, 8);
  assert.deepEqual(
    explanation.sources.map((source) => [source.role, source.row, source.step]),
    [
      ["gate", "forget", 1],
      ["cell", "c", 0],
      ["gate", "input", 1],
      ["gate", "candidate", 1],
    ],
  );
});

test("before the first step there is the initial state, zero", () => {
  const [, before] = explain(model, target("c", 0)).sources;
  assert.deepEqual([before.value, before.initial], [0, true]);
});

test("the parts of a gate come from the token and from the whole state before", () => {
  const [input, hidden] = explain(model, target("forget", 1)).sources;
  assert.deepEqual([input.row, input.value, input.step], ["token", 40, 1]);
  assert.deepEqual([hidden.row, hidden.value, hidden.step, hidden.whole], ["h", 80, 0, true]);
});

test("in the backward pass the terms add up to the gradient", () => {
  for (const step of [0, 1]) {
    const explanation = explain(model, target("h", step, "backward"));
    assert.equal(
      explanation.sources.reduce((sum, source) => sum + source.value, 0),
      explanation.value,
    );
    assert.ok(explanation.gradient);
  }
  assert.equal(explain(model, target("forget", 0, "backward")).gradient, false);
});

test("what is not there has no explanation", () => {
  assert.equal(explain(model, target("h", 5)), null);
  assert.equal(explain(model, target("h", 0, "forward", 2)), null);
  assert.equal(explain(model, target("nothing", 0)), null);
  assert.equal(explain(model, { ...target("h", 0), cell: 3 }), null);
});

test("negative numbers get brackets after a sign, and no others", () => {
  assert.equal(fillFormula("{0} · {1} + {2}", [-0.5, -0.25, 0.125]), "−0.500 · (−0.250) + 0.125");
  assert.equal(fillFormula("tanh({0})", [-0.5]), "tanh(−0.500)");
  assert.equal(atStep("f_t · c_{t-1}", 4), "f_{4} · c_{3}");
});

test("predictions are sorted, with the right answer marked", () => {
  const best = topPredictions(model.cells[0].predictions, 1, 2);
  assert.deepEqual(
    best.map((entry) => entry.label),
    ["x", "z"],
  );
  assert.deepEqual(
    best.map((entry) => entry.target),
    [true, false],
  );
});

test("the top layer is the last one that reads forward", () => {
  assert.equal(
    topLayer({
      layers: [
        { reverse: false, k: 0 },
        { reverse: true, k: 1 },
      ],
    }).k,
    0,
  );
});

test("the narration describes what the pictures show", () => {
  const forward = narrate(model, { step: 1, phase: "forward" }, say);
  assert.match(forward, /Step 2 of 2/);
  assert.match(forward, /<b>/);
  assert.match(forward, /UNK/);
  assert.match(forward, /LSTM predicts \u2068x\u2069 with probability 70 %/);
  assert.match(forward, /loss is 0.500/);
  assert.match(narrate(model, { step: 0, phase: "backward" }, say), /norm is 0.100, ×0.10 from/);
  assert.match(narrate(model, { step: 1, phase: "backward" }, say), /norm is 1\./);
});

test("a line of pseudocode runs in its phase, at its steps", () => {
  const line = (phase, when) => ({ phase, when });
  const forward = (step) => ({ step, phase: "forward" });
  const backward = (step) => ({ step, phase: "backward" });
  assert.ok(isLineActive(line("forward", "first"), forward(0), 5));
  assert.ok(!isLineActive(line("forward", "last"), forward(0), 5));
  assert.ok(isLineActive(line("forward", "last"), forward(4), 5));
  assert.ok(isLineActive(line("backward", "first"), backward(4), 5));
  assert.ok(isLineActive(line("backward", "last"), backward(0), 5));
  assert.ok(!isLineActive(line("forward", "each"), backward(2), 5));
});
