import assert from "node:assert/strict";
import test from "node:test";
import { firstAndLast, lastValues } from "../../assets/live/alternatives.js";
import { curvesTitle } from "../../assets/live/answers.js";
import { short } from "../../assets/live/cards.js";
import { area, band, path, told, triangles } from "../../assets/live/chart.js";
import { changesNote, gathered, markedAt } from "../../assets/live/changes.js";
import { cellUnder } from "../../assets/live/heat.js";
import { courseChart, courses, horizon, lossRange, marks, momentAt } from "../../assets/live/courses.js";
import { remember, roughly, timeLeft } from "../../assets/live/eta.js";
import { excerpt, gradientChart, gradientNote, stepTicks } from "../../assets/live/gradients.js";
import { KEY, ROOM, apart, visible } from "../../assets/live/levels.js";
import { growth, latest } from "../../assets/live/pictures.js";
import { bytes, decades, extent, floats, logOf, nearest, place, reach, shorts, sunk, tickText, ticks } from "../../assets/live/scale.js";
import { momentOf, placeOf } from "../../assets/live/timeline.js";
import { brushed, scaled } from "../../assets/live/zoom.js";

const say = (english, values = {}) => english.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));

test("the extent leaves out what is no number", () => {
  assert.deepEqual(extent([[3, null, NaN], [-1, Infinity]]), [-1, 3]);
  assert.equal(extent([[null], []]), null);
});

test("a value is placed between the ends of an axis, also of one that runs upwards", () => {
  assert.equal(place(5, [0, 10], [100, 200]), 150);
  assert.equal(place(10, [0, 10], [200, 20]), 20);
  assert.equal(place(7, [7, 7], [0, 10]), 5);
});

test("ticks are round, inside the range, and include its round ends", () => {
  assert.deepEqual(ticks(0, 1, 4), [0, 0.5, 1]);
  assert.deepEqual(ticks(0, 1000, 5), [0, 200, 400, 600, 800, 1000]);
  for (const [low, high] of [[0, 0.0007], [1, 201], [0, 3.3]]) {
    const found = ticks(low, high, 5);
    assert.ok(found.length >= 2 && found.length <= 7, String(found));
    assert.ok(found.every((tick) => tick >= low && tick <= high + 1e-9), String(found));
  }
});

test("the log axis covers whole decades, as far down as float32 reaches", () => {
  assert.deepEqual(decades([[0.02, 3e-5]]), [-5, -1]);
  assert.deepEqual(decades([[0.02, 2e-40]]), [-40, -1]);
  assert.deepEqual(decades([[0.02, 1e-60, 0]]), [-2, 0]);
  assert.equal(decades([[0]]), null);
  assert.equal(decades([[null, NaN]]), null);
  assert.equal(logOf(1e-40), -40);
  assert.equal(logOf(0), null);
  assert.equal(logOf(null), null);
});

test("what lies below the log axis is marked, and zero is told from tiny", () => {
  assert.deepEqual(sunk([0, 1e-60, 1e-40, null, 0.5]), [{ k: 0, zero: true }, { k: 1, zero: false }]);
  const line = { xs: [1, 2, 3, 60], below: [{ k: 0, zero: false }, { k: 1, zero: false }, { k: 2, zero: true }, { k: 3, zero: true }] };
  const places = triangles(line, [1, 101], [0, 100]);
  assert.deepEqual(places, [{ x: 0, zero: false }, { x: 2, zero: true }, { x: 59, zero: true }]);
  assert.deepEqual(triangles({ xs: [1] }, [1, 2], [0, 100]), []);
});

test("the read-out and the note of the gradient chart say the true numbers", () => {
  const chartOf = (norms) => gradientChart([{ name: "RNN", colour: "#000", probe: { norms } }], [], say);
  const chart = chartOf([0, 1e-60, 1e-20, 0.1]);
  assert.deepEqual(chart.lines[0].ys, [null, null, -20, -1]);
  assert.deepEqual(chart.lines[0].shown.map((value) => told(chart, value)), ["0", "1.0×10⁻⁶⁰", "1.0×10⁻²⁰", "0.100"]);
  assert.match(chart.label, /: 0 at the first/);
  assert.match(gradientNote(chart, say), /▼ less than 10⁻⁴⁵, ▽ exactly 0/);
  assert.doesNotMatch(gradientNote(chartOf([1e-40, 0.1]), say), /▼/);
  assert.equal(told(chart, null), "–");
});

test("the nearest of ascending places is found by halving", () => {
  const xs = [0, 10, 20, 40];
  for (const [x, index] of [[-5, 0], [4, 0], [6, 1], [29, 2], [31, 3], [900, 3]]) {
    assert.equal(nearest(xs, x), index, `x = ${x}`);
  }
  assert.equal(nearest([], 1), -1);
});

test("ticks are written plainly, tiny ones as powers of ten", () => {
  assert.deepEqual([0, 0.5, 1500, 0.001, 1e-6, 2e-7, 1e5].map(tickText), [
    "0", "0.5", "1500", "0.001", "10⁻⁶", "2×10⁻⁷", "10⁵",
  ]);
});

test("packed numbers come back as they were", () => {
  const numbers = Float32Array.from([0, -1, 0.25, Infinity]);
  const packed = Buffer.from(numbers.buffer).toString("base64");
  assert.deepEqual([...floats(packed)], [...numbers]);
  assert.equal(reach(floats(packed)), 1);
  assert.equal(reach([0, 0]), 1);
});

test("a line is broken where a value is missing", () => {
  const box = { x: [0, 100], y: [100, 0] };
  assert.equal(path([0, 5, 10], [0, 5, 10], [0, 10], [0, 10], box), "M0.0 100.0L50.0 50.0L100.0 0.0");
  assert.equal(path([0, 5, 10], [0, null, 10], [0, 10], [0, 10], box), "M0.0 100.0M100.0 0.0");
  assert.ok(area(300).x[1] < 300);
});

test("a point of the heatmap belongs to one time step and one unit", () => {
  assert.deepEqual(cellUnder(0, 0, 20, 8), { x: 0, y: 0 });
  assert.deepEqual(cellUnder(0.999, 0.5, 20, 8), { x: 19, y: 4 });
  assert.deepEqual(cellUnder(1, 1.2, 20, 8), { x: 19, y: 7 });
});

test("courses are drawn against steps, epochs or seconds", () => {
  const run = { name: "GRU", colour: "#009E73", loss: { step: [0, 10], seconds: [0, 0.5], values: [1, 0.5] } };
  assert.deepEqual(courses([run], "seconds", "loss")[0].xs, [0, 0.5]);
  assert.deepEqual(courses([run], "step", "loss")[0].ys, [1, 0.5]);
  assert.deepEqual(courses([run], "epoch", "loss", 5)[0].xs, [0, 2]);
  assert.equal(momentAt(8, [run], "seconds", null), 0.5);
  assert.equal(momentAt(8, [run], "epoch", 4), 2);
  assert.equal(momentAt(null, [run], "step", null), null);
  assert.deepEqual(horizon([{ xs: [0, 10] }], 1000), [0, 100]);
  assert.deepEqual(horizon([{ xs: [0, 700] }], 1000), [0, 700]);
});

test("the loss axis shows blind guessing and cuts an explosion off", () => {
  assert.ok(lossRange([{ ys: [0.1] }], 1.39)[1] > 1.39);
  assert.ok(lossRange([{ ys: [1e6, 1] }], 1.39)[1] < 5);
});

test("a run without a look inside has no gradient line, and the axis stands all the same", () => {
  assert.deepEqual(gradientChart([{ name: "RNN", probe: null }, { name: "Dense", probe: { norms: [] } }], [], say).y.range, [-4, 0]);
  const probe = { norms: [1e-5, 0.1] };
  const chart = gradientChart([{ name: "RNN", colour: "#000", probe }], ["A", " "], say);
  assert.deepEqual(chart.lines[0].ys, [-5, -1]);
  assert.equal(chart.readout(2), "t = 2 ␣");
  assert.deepEqual(chart.x.ticks.map((tick) => tick.text), ["A", "␣"]);
});

test("long sequences are ticked by number", () => {
  const texts = stepTicks(101, []).map((tick) => tick.text);
  assert.equal(new Set(texts).size, texts.length);
  assert.ok(texts.every((text) => Number(text) >= 1 && Number(text) <= 101));
});

test("the text alternatives carry the numbers", () => {
  const lines = [{ name: "LSTM", ys: [0.5, 0.25] }, { name: "RNN", ys: [] }];
  assert.equal(lastValues("Loss", lines), "Loss. LSTM: 0.250");
  assert.match(firstAndLast(say, "Gradient", lines), /LSTM: 0\.500 at the first time step, 0\.250 at the last/);
});

test("a long example is cut, a short one is whole", () => {
  assert.equal(excerpt(["what", "time"], " "), "what time");
  assert.equal(excerpt(Array(81).fill("x"), ""), `${"x".repeat(30)}…`);
});

test("a change is marked where its run was told of it", () => {
  const run = { name: "GRU", colour: "#009E73", marks: [{ step: 20, seconds: 0.7, text: "learning rate 0.03" }] };
  assert.deepEqual(marks([run], "step", null), [{ x: 20, text: "GRU: learning rate 0.03" }]);
  assert.equal(marks([run], "seconds", null)[0].x, 0.7);
  assert.equal(marks([run], "epoch", 10)[0].x, 2);
  const waiting = { name: "GRU", marks: [{ step: 1, seconds: null, text: "clipping 1" }] };
  assert.deepEqual(marks([waiting], "seconds", null), []);
});

test("the note under the chart says what was changed, to what, and at which step", () => {
  const run = (...marks) => ({ marks: marks.map(([step, text]) => ({ step, text })) });
  assert.equal(changesNote([run(), run()], say), "");
  const one = run([120, "learning rate 0.01"], [300, "clipping 0.5"]);
  assert.equal(changesNote([one], say), "Grey lines: learning rate 0.01 at step 120; clipping 0.5 at step 300.");
  const two = run([90, "learning rate 0.01"], [300, "clipping 0.5"]);
  assert.equal(changesNote([one, two], say), "Grey lines: learning rate 0.01 at steps 90 to 120; clipping 0.5 at step 300.");
  const back = run([1, "no clipping"], [5, "clipping 1"], [9, "no clipping"]);
  assert.deepEqual(gathered([back, run([2, "no clipping"])]), [
    { text: "no clipping", first: 1, last: 2 },
    { text: "clipping 1", first: 5, last: 5 },
    { text: "no clipping", first: 9, last: 9 },
  ]);
  const many = run(...Array.from({ length: 9 }, (_, k) => [k, `temperature ${k}`]));
  assert.match(changesNote([many], say), /^Grey lines: …; temperature 3 at step 3; .* temperature 8 at step 8\.$/);
});

test("the read-out tells a change at the point that is nearest to it", () => {
  const marked = [{ x: 12, text: "GRU: clipping 1" }, { x: 12, text: "GRU: clipping 1" }, { x: 28, text: "RNN: clipping 1" }];
  const xs = [0, 10, 20, 30];
  const at = (k, range = [0, 30]) => markedAt(marked, xs, k, range);
  assert.deepEqual([0, 1, 2, 3].map((k) => at(k)), [[], ["GRU: clipping 1"], [], ["RNN: clipping 1"]]);
  assert.deepEqual(at(3, [0, 25]), [], "out of sight");
});

test("a part of the axis shows its own points, and its values fill the height", () => {
  const lines = [{ name: "GRU", xs: [0, 10, 20, 30], ys: [9, 1, 0.5, 0.25], shown: [9, 1, 0.5, 0.25] }];
  const ask = (part) =>
    courseChart({ lines, total: 0, part, x: {}, tell: { tick: String, value: String }, range: (seen) => lossRange(seen, 9, Boolean(part)) });
  assert.deepEqual(ask(null).x.range, [0, 30]);
  const zoomed = ask([15, 30]);
  assert.deepEqual(zoomed.x.range, [15, 30]);
  assert.deepEqual(zoomed.x.whole, [0, 30]);
  assert.ok(zoomed.y.range[1] < 0.6 && zoomed.y.range[1] > 0.5);
});

test("dragging chooses a part, a click does not, and no part leaves the axis", () => {
  assert.deepEqual(brushed(70, 20, [0, 100]), [20, 70]);
  assert.deepEqual(brushed(-5, 20, [0, 100]), [0, 20]);
  assert.equal(brushed(20, 20.2, [0, 100]), null);
});

test("zooming keeps the place under the cursor and ends with the whole axis", () => {
  assert.deepEqual(scaled([0, 100], [0, 100], 0.5, 50), [25, 75]);
  assert.deepEqual(scaled([0, 100], [0, 100], 0.5, 0), [0, 50]);
  assert.deepEqual(scaled([60, 100], [0, 100], 2, 100), [20, 100]);
  assert.equal(scaled([25, 75], [0, 100], 2, 50), null);
});

test("keys of near levels do not lie over one another, and have room beside the curves", () => {
  const found = apart([100, 98, 40, 99, 97], 10);
  const sorted = [...found].sort((a, b) => a - b);
  for (let k = 1; k < sorted.length; k++) assert.ok(sorted[k] - sorted[k - 1] >= KEY, String(found));
  assert.equal(found[2], 40);
  const high = apart([12, 11, 10, 10, 10], 10);
  assert.ok(Math.min(...high) >= 10, String(high));
  assert.equal(new Set(high).size, 5);
  assert.equal(area(300, true).x[1], 300 - ROOM);
  assert.ok(area(300).x[1] > area(300, true).x[1], "a chart without levels leaves no room for keys");
});

test("a level out of sight has no key and no place in the list", () => {
  const levels = [{ y: 0.5 }, { y: 2 }, { y: 0 }];
  assert.deepEqual(visible({ levels, y: { range: [0, 1] } }), [{ y: 0.5 }, { y: 0 }]);
  assert.deepEqual(visible({ y: { range: [0, 1] } }), []);
});

test("a band goes there and back, and leaves out what is not known", () => {
  const box = { x: [0, 100], y: [100, 0] };
  assert.equal(band([0, 5, 10], [0, null, 5], [10, 10, 10], [0, 10], [0, 10], box), "M0.0 0.0L100.0 0.0L100.0 50.0L0.0 100.0Z");
  assert.equal(band([], [], [], [0, 1], [0, 1], box), "");
});

test("the time left follows the visitor's own clock, and a race begun anew starts anew", () => {
  let samples = [];
  for (let now = 0; now <= 4; now++) samples = remember(samples, now, now / 10);
  assert.ok(Math.abs(timeLeft(samples) - 6) < 1e-9);
  assert.equal(timeLeft(remember([], 0, 0.5)), null);
  assert.equal(remember(samples, 5, 0.1).length, 1);
  assert.ok(remember(samples, 11, 0.9).every((each) => each.now >= 3));
  assert.equal(roughly(0.2, say), "about 1 s left");
  assert.equal(roughly(150, say), "about 3 min left");
});

test("sizes are told at a glance", () => {
  assert.deepEqual([12, 1500, 910_000, 1_234_567, 3e9].map(short), ["12", "1.5 k", "910 k", "1.2 M", "3 G"]);
});

test("curves of what was read only are not called answers", () => {
  const titled = (...right) => curvesTitle(right.map((each) => ({ right: each })), say);
  assert.equal(titled([true, null], [false, null]), "What they read, as curves");
  assert.equal(titled([null, null], [null, null]), "The same answers as curves");
});

test("the slider's last place is now", () => {
  assert.equal(momentOf([0, 5, 9], 1), 5);
  assert.equal(momentOf([0, 5, 9], 3), null);
  assert.equal(placeOf([0, 5, 9], 9), 2);
  assert.equal(placeOf([0, 5, 9], null), 3);
  assert.equal(placeOf([], 4), 0);
});

test("the gradients of a whole training share one scale of whole decades", () => {
  const packed = (numbers) => Buffer.from(Int16Array.from(numbers).buffer).toString("base64");
  const found = growth([{ heat: { logs: packed([-1250, -32768]) } }, { heat: { logs: packed([100, -500]) } }]);
  assert.deepEqual([found.low, found.high], [-3, 1]);
  assert.deepEqual([...found.logs[0]], [-1250, -32768]);
  assert.equal(growth([{ heat: { logs: packed([-32768]) } }]), null);
  assert.deepEqual([...shorts(packed([1, -2]))], [1, -2]);
  assert.deepEqual([...bytes("AQI=")], [1, 2]);
  assert.deepEqual([0, 3, 4, 99].map((step) => latest([0, 4, 8], step)), [0, 0, 1, 2]);
});
