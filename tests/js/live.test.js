import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { firstAndLast, lastValues } from "../../assets/live/alternatives.js";
import { curvesTitle } from "../../assets/live/answers.js";
import { axisFormat, metricFormat } from "../../assets/live/axis_format.js";
import {
  KEY_HEIGHT,
  KEY_SPACE,
  spreadKeys,
  visibleBaselines,
} from "../../assets/live/baselines.js";
import { shortCount } from "../../assets/live/cards.js";
import { changesAt, changesNote, groupChanges } from "../../assets/live/changes.js";
import { bandPath, linePath, plotArea, triangles } from "../../assets/live/chart.js";
import { formatValue } from "../../assets/live/chart_input.js";
import { addSample, secondsLeft, timeLeftText } from "../../assets/live/eta.js";
import {
  excerpt,
  gradientChart,
  gradientNote,
  timeStepTicks,
} from "../../assets/live/gradients.js";
import { cellUnder } from "../../assets/live/heatmap.js";
import { decodeGradientHistories } from "../../assets/live/heatmap_panels.js";
import { positionOfStep, stepAtPosition } from "../../assets/live/history_slider.js";
import {
  namesWithoutHiddenStates,
  withAttention,
  withGradientHistory,
  withHiddenStates,
} from "../../assets/live/payload.js";
import {
  belowFloor,
  decadeRange,
  extent,
  formatTick,
  lastIndexUntil,
  logOrNull,
  maxAbsolute,
  nearestIndex,
  scaleLinear,
  ticks,
} from "../../assets/live/scale.js";
import {
  changeLines,
  lossRange,
  savedStepX,
  trainingChart,
  trainingCurves,
  wholeAxis,
} from "../../assets/live/training_curves.js";
import { brushRange, zoomRange } from "../../assets/live/zoom.js";

// What Python sends, as tests/test_live_payload.py wrote it.
const payload = JSON.parse(
  readFileSync(new URL("../fixtures/live_payload.json", import.meta.url), "utf8"),
);
const { contestants } = payload;
const [gru, dense] = contestants;

const say = (english, values = {}) =>
  english.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

test("the payload says which contestants have what", () => {
  assert.deepEqual(withHiddenStates(contestants), [gru]);
  assert.deepEqual(withAttention(contestants), [gru]);
  assert.deepEqual(withGradientHistory(contestants), [gru]);
  assert.deepEqual(namesWithoutHiddenStates(contestants), ["Dense network"]);
  assert.deepEqual(namesWithoutHiddenStates([{ ...dense, snapshot: null }]), []);
});

test("the extent leaves out what is not a number", () => {
  assert.deepEqual(
    extent([
      [3, null, NaN],
      [-1, Infinity],
    ]),
    [-1, 3],
  );
  assert.equal(extent([[null], []]), null);
});

test("a value is scaled to the ends of an axis, also of one that runs upwards", () => {
  assert.equal(scaleLinear(5, [0, 10], [100, 200]), 150);
  assert.equal(scaleLinear(10, [0, 10], [200, 20]), 20);
  assert.equal(scaleLinear(7, [7, 7], [0, 10]), 5);
});

test("ticks are round, inside the range, and include its round ends", () => {
  assert.deepEqual(ticks(0, 1, 4), [0, 0.5, 1]);
  assert.deepEqual(ticks(0, 1000, 5), [0, 200, 400, 600, 800, 1000]);
  for (const [low, high] of [
    [0, 0.0007],
    [1, 201],
    [0, 3.3],
  ]) {
    const values = ticks(low, high, 5);
    assert.ok(values.length >= 2 && values.length <= 7, String(values));
    assert.ok(
      values.every((tick) => tick >= low && tick <= high + 1e-9),
      String(values),
    );
  }
});

test("the log axis covers whole decades, as far down as float32 reaches", () => {
  assert.deepEqual(decadeRange([[0.02, 3e-5]]), [-5, -1]);
  assert.deepEqual(decadeRange([[0.02, 2e-40]]), [-40, -1]);
  assert.deepEqual(decadeRange([[0.02, 1e-60, 0]]), [-2, 0]);
  assert.equal(decadeRange([[0]]), null);
  assert.equal(decadeRange([[null, NaN]]), null);
  assert.deepEqual([1e-40, 0, null].map(logOrNull), [-40, null, null]);
});

test("what lies below the log axis is marked, and zero differs from tiny", () => {
  const zero = (k) => ({ k, zero: true });
  const tiny = (k) => ({ k, zero: false });
  assert.deepEqual(belowFloor([0, 1e-60, 1e-40, null, 0.5]), [zero(0), tiny(1)]);
  const line = { xs: [1, 2, 3, 60], below: [tiny(0), tiny(1), zero(2), zero(3)] };
  assert.deepEqual(triangles(line, [1, 101], [0, 100]), [
    { x: 0, zero: false },
    { x: 2, zero: true },
    { x: 59, zero: true },
  ]);
  assert.deepEqual(triangles({ xs: [1] }, [1, 2], [0, 100]), []);
});

test("the gradient chart shows the true norms in its lines, its read-out and its note", () => {
  const chart = gradientChart(contestants, ["2", " ", "2"], say);
  assert.deepEqual(
    chart.lines.map(({ name }) => name),
    ["GRU"],
    "a contestant without hidden states has no line",
  );
  const [{ ys, values }] = chart.lines;
  assert.deepEqual(ys, [null, null, Math.log10(0.125)]);
  const texts = values.map((value) => formatValue(chart, value));
  assert.deepEqual(texts, ["1.0×10⁻⁶⁰", "0", "0.125"]);
  assert.equal(formatValue(chart, null), "–");
  assert.equal(chart.readout(2), "t = 2 ␣");
  assert.deepEqual(
    chart.x.ticks.map(({ text }) => text),
    ["2", "␣", "2"],
  );
  assert.match(chart.label, /GRU: 1\.0×10⁻⁶⁰ at the first time step, 0\.125 at the last/);
  assert.match(gradientNote(chart, say), /▼ less than 10⁻⁴⁵, ▽ exactly 0/);
  const empty = gradientChart([dense, { ...dense, snapshot: null }], [], say);
  assert.deepEqual(empty.y.range, [-4, 0], "the axis is there all the same");
  assert.doesNotMatch(gradientNote(empty, say), /▼/);
});

test("the nearest of ascending numbers is found by bisection", () => {
  const xs = [0, 10, 20, 40];
  for (const [x, index] of [
    [-5, 0],
    [4, 0],
    [6, 1],
    [29, 2],
    [31, 3],
    [900, 3],
  ]) {
    assert.equal(nearestIndex(xs, x), index, `x = ${x}`);
  }
  assert.equal(nearestIndex([], 1), -1);
  assert.deepEqual(
    [0, 3, 4, 99].map((step) => lastIndexUntil([0, 4, 8], step)),
    [0, 0, 1, 2],
  );
});

test("ticks are written plainly, tiny ones as powers of ten", () => {
  const texts = ["0", "0.5", "1500", "0.001", "10⁻⁶", "2×10⁻⁷", "10⁵"];
  assert.deepEqual([0, 0.5, 1500, 0.001, 1e-6, 2e-7, 1e5].map(formatTick), texts);
});

test("a scale centred on zero reaches to the largest absolute value", () => {
  assert.equal(maxAbsolute([0, -1, 0.25, Infinity]), 1);
  assert.equal(maxAbsolute([0, 0]), 1);
});

test("a line is broken where a value is missing", () => {
  const box = { x: [0, 100], y: [100, 0] };
  const path = (ys) => linePath([0, 5, 10], ys, [0, 10], [0, 10], box);
  assert.equal(path([0, 5, 10]), "M0.0 100.0L50.0 50.0L100.0 0.0");
  assert.equal(path([0, null, 10]), "M0.0 100.0M100.0 0.0");
  assert.ok(plotArea(300).x[1] < 300);
});

test("a band goes there and back, and leaves out what is not known", () => {
  const box = { x: [0, 100], y: [100, 0] };
  const outline = bandPath([0, 5, 10], [0, null, 5], [10, 10, 10], [0, 10], [0, 10], box);
  assert.equal(outline, "M0.0 0.0L100.0 0.0L100.0 50.0L0.0 100.0Z");
  assert.equal(bandPath([], [], [], [0, 1], [0, 1], box), "");
});

test("a point of a heatmap belongs to one column and one row", () => {
  assert.deepEqual(cellUnder(0, 0, 20, 8), { x: 0, y: 0 });
  assert.deepEqual(cellUnder(0.999, 0.5, 20, 8), { x: 19, y: 4 });
  assert.deepEqual(cellUnder(1, 1.2, 20, 8), { x: 19, y: 7 });
});

test("training curves are drawn against steps, epochs or seconds", () => {
  const [line] = trainingCurves([gru], "seconds", "trainLoss");
  assert.deepEqual(line.xs, gru.trainLoss.seconds);
  assert.deepEqual(line.ys, gru.trainLoss.values);
  assert.deepEqual([line.low, line.high], [gru.trainLoss.low, gru.trainLoss.high]);
  const { stepsPerEpoch } = payload;
  const epochs = trainingCurves([gru], "epoch", "validationMetric", stepsPerEpoch);
  assert.deepEqual(epochs[0].xs, [0, 2]);
  assert.equal(savedStepX(8, [gru], "seconds", null), gru.trainLoss.seconds[1]);
  assert.equal(savedStepX(8, [gru], "epoch", 4), 2);
  assert.equal(savedStepX(null, [gru], "step", null), null);
  assert.deepEqual(wholeAxis([{ xs: [0, 10] }], 1000), [0, 100]);
  assert.deepEqual(wholeAxis([{ xs: [0, 700] }], 1000), [0, 700]);
});

test("numbers on the axes and in the read-out have their unit", () => {
  const error = metricFormat(payload);
  assert.deepEqual([error.value(0.5), error.number(0.5), error.unit], ["0.500 K", "0.500", "K"]);
  const share = metricFormat({ ...payload, isShare: true });
  assert.deepEqual([share.value(0.5), share.tick(0.5), share.unit], ["50 %", "50 %", ""]);
  const readouts = ["step", "epoch", "seconds"].map((axis) => axisFormat(axis, say).readout(2));
  assert.deepEqual(readouts, ["training step 2", "epoch 2", "2 s"]);
});

test("the loss axis shows blind guessing and cuts an explosion off", () => {
  assert.ok(lossRange([{ ys: [0.1] }], 1.39)[1] > 1.39);
  assert.ok(lossRange([{ ys: [1e6, 1] }], 1.39)[1] < 5);
});

test("long sequences are ticked by number", () => {
  const texts = timeStepTicks(101, []).map((tick) => tick.text);
  assert.equal(new Set(texts).size, texts.length);
  assert.ok(texts.every((text) => Number(text) >= 1 && Number(text) <= 101));
});

test("the text alternatives carry the numbers", () => {
  const lines = [
    { name: "LSTM", ys: [0.5, 0.25] },
    { name: "RNN", ys: [] },
  ];
  assert.equal(lastValues("Loss", lines), "Loss. LSTM: 0.250");
  const label = "Gradient. LSTM: 0.500 at the first time step, 0.250 at the last";
  assert.equal(firstAndLast(say, "Gradient", lines), label);
});

test("a long example is cut, a short one is whole", () => {
  assert.equal(excerpt(["what", "time"], " "), "what time");
  assert.equal(excerpt(Array(81).fill("x"), ""), `${"x".repeat(30)}…`);
});

test("a change is drawn where a setting was changed", () => {
  const text = "GRU: learning rate 0.02";
  assert.deepEqual(changeLines(contestants, "step", null), [
    { x: 5, text },
    { x: 6, text },
  ]);
  assert.equal(changeLines([gru], "seconds", null)[0].x, gru.changes[0].seconds);
  assert.equal(changeLines([gru], "epoch", 10)[0].x, 0.5);
  const queued = { name: "GRU", changes: [{ step: 1, seconds: null, text: "clipping 1" }] };
  assert.deepEqual(changeLines([queued], "seconds", null), []);
});

test("the note under the chart says what was changed, to what, and at which step", () => {
  const run = (...changes) => ({ changes: changes.map(([step, text]) => ({ step, text })) });
  assert.equal(changesNote([run(), run()], say), "");
  const one = run([120, "learning rate 0.01"], [300, "clipping 0.5"]);
  assert.equal(
    changesNote([one], say),
    "Grey lines: learning rate 0.01 at step 120; clipping 0.5 at step 300.",
  );
  const two = run([90, "learning rate 0.01"], [300, "clipping 0.5"]);
  assert.equal(
    changesNote([one, two], say),
    "Grey lines: learning rate 0.01 at steps 90 to 120; clipping 0.5 at step 300.",
  );
  const back = run([1, "no clipping"], [5, "clipping 1"], [9, "no clipping"]);
  assert.deepEqual(groupChanges([back, run([2, "no clipping"])]), [
    { text: "no clipping", first: 1, last: 2 },
    { text: "clipping 1", first: 5, last: 5 },
    { text: "no clipping", first: 9, last: 9 },
  ]);
  const many = run(...Array.from({ length: 9 }, (_, k) => [k, `temperature ${k}`]));
  assert.match(
    changesNote([many], say),
    /^Grey lines: …; temperature 3 at step 3; .* temperature 8 at step 8\.$/,
  );
});

test("the read-out names a change at the point that is nearest to it", () => {
  const lines = [
    { x: 12, text: "GRU: clipping 1" },
    { x: 12, text: "GRU: clipping 1" },
    { x: 28, text: "RNN: clipping 1" },
  ];
  const at = (k, range = [0, 30]) => changesAt(lines, [0, 10, 20, 30], k, range);
  assert.deepEqual(
    [0, 1, 2, 3].map((k) => at(k)),
    [[], ["GRU: clipping 1"], [], ["RNN: clipping 1"]],
  );
  assert.deepEqual(at(3, [0, 25]), [], "out of sight");
});

test("a part of the axis shows its own points, and its values fill the height", () => {
  const ys = [9, 1, 0.5, 0.25];
  const chart = (zoomed) =>
    trainingChart({
      lines: [{ name: "GRU", xs: [0, 10, 20, 30], ys, values: ys }],
      total: 0,
      zoomed,
      x: {},
      format: { tick: String, value: String },
      yRange: (lines) => lossRange(lines, 9, Boolean(zoomed)),
    });
  assert.deepEqual(chart(null).x.range, [0, 30]);
  const { x, y } = chart([15, 30]);
  assert.deepEqual(
    [x.range, x.whole],
    [
      [15, 30],
      [0, 30],
    ],
  );
  assert.ok(y.range[1] < 0.6 && y.range[1] > 0.5);
});

test("dragging selects a range, a click does not, and no range leaves the axis", () => {
  assert.deepEqual(brushRange(70, 20, [0, 100]), [20, 70]);
  assert.deepEqual(brushRange(-5, 20, [0, 100]), [0, 20]);
  assert.equal(brushRange(20, 20.2, [0, 100]), null);
});

test("zooming keeps the point under the cursor and ends with the whole axis", () => {
  assert.deepEqual(zoomRange([0, 100], [0, 100], 0.5, 50), [25, 75]);
  assert.deepEqual(zoomRange([0, 100], [0, 100], 0.5, 0), [0, 50]);
  assert.deepEqual(zoomRange([60, 100], [0, 100], 2, 100), [20, 100]);
  assert.equal(zoomRange([25, 75], [0, 100], 2, 50), null);
});

test("keys of near baselines do not overlap, and have space beside the curves", () => {
  const heights = spreadKeys([100, 98, 40, 99, 97], 10);
  const sorted = [...heights].sort((a, b) => a - b);
  for (let k = 1; k < sorted.length; k++)
    assert.ok(sorted[k] - sorted[k - 1] >= KEY_HEIGHT, String(heights));
  assert.equal(heights[2], 40);
  const high = spreadKeys([12, 11, 10, 10, 10], 10);
  assert.ok(Math.min(...high) >= 10, String(high));
  assert.equal(new Set(high).size, 5);
  assert.equal(plotArea(300, true).x[1], 300 - KEY_SPACE);
  assert.ok(plotArea(300).x[1] > plotArea(300, true).x[1], "without baselines no space for keys");
});

test("a baseline out of sight has no key and no entry in the list", () => {
  const baselines = [{ y: 0.5 }, { y: 2 }, { y: 0 }];
  const y = { range: [0, 1] };
  assert.deepEqual(visibleBaselines({ baselines, y }), [{ y: 0.5 }, { y: 0 }]);
  assert.deepEqual(visibleBaselines({ y }), []);
});

test("the time left follows the visitor's own clock, and a restarted race starts anew", () => {
  let samples = [];
  for (let now = 0; now <= 4; now++) samples = addSample(samples, now, now / 10);
  assert.ok(Math.abs(secondsLeft(samples) - 6) < 1e-9);
  assert.equal(secondsLeft(addSample([], 0, 0.5)), null);
  assert.equal(addSample(samples, 5, 0.1).length, 1);
  assert.ok(addSample(samples, 11, 0.9).every((sample) => sample.now >= 3));
  assert.equal(timeLeftText(0.2, say), "about 1 s left");
  assert.equal(timeLeftText(150, say), "about 3 min left");
});

test("sizes are written briefly", () => {
  const texts = ["12", "1.5 k", "910 k", "1.2 M", "3 G"];
  assert.deepEqual([12, 1500, 910_000, 1_234_567, 3e9].map(shortCount), texts);
});

test("curves of the inputs only are not called answers", () => {
  assert.equal(curvesTitle(payload.answers, say), "The same answers as curves");
  const labels = [...payload.answers, { correct: [true, null] }];
  assert.equal(curvesTitle(labels, say), "The inputs as curves");
});

test("the slider's last position is the present", () => {
  const { savedSteps } = payload;
  assert.deepEqual(
    [0, 1, 2].map((position) => stepAtPosition(savedSteps, position)),
    [0, 8, null],
  );
  assert.deepEqual(
    [0, 8, null, 5].map((step) => positionOfStep(savedSteps, step)),
    [0, 1, 2, 2],
  );
});

test("the gradients of a whole training share one scale of whole decades", () => {
  const { logs, low, high } = decodeGradientHistories([gru]);
  assert.deepEqual([...logs[0]], [-1500, -32768, -500, -1000, -500, 500]);
  assert.deepEqual([low, high], [-3, 1]);
  const logless = Buffer.from(Int16Array.of(-32768).buffer).toString("base64");
  assert.equal(decodeGradientHistories([{ gradientHistory: { logs: logless } }]), null);
});
