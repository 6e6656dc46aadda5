import assert from "node:assert/strict";
import test from "node:test";

import {
  colourTable,
  isDark,
  luminance,
  parseColour,
  rampColour,
  tableIndex,
} from "../../assets/common/colours.js";
import { splitSubscripts } from "../../assets/common/dom.js";
import {
  formatFactor,
  formatNumber,
  formatPercent,
  powerOfTen,
} from "../../assets/common/format.js";
import {
  decodeBytes,
  decodeFloats,
  decodeInt16,
  float32At,
  wideAt,
} from "../../assets/common/packed.js";
import { isolated, translator, visibleToken } from "../../assets/common/words.js";

test("numbers keep the digits that count, over the whole range of float64", () => {
  const expected = [
    [0, "0"],
    [1, "1"],
    [0.5, "0.500"],
    [-0.1234, "−0.123"],
    [0.00995, "0.010"],
    [12.345, "12.35"],
    [123.45, "123.5"],
    [1234.5, "1235"],
    [0.0000123, "1.2×10⁻⁵"],
    [-9.96e-4, "−1.0×10⁻³"],
    [123456.7, "1.2×10⁵"],
    [1e-45, "1.0×10⁻⁴⁵"],
    [-5.5e-80, "−5.5×10⁻⁸⁰"],
    [9.97e-301, "1.0×10⁻³⁰⁰"],
    [5e-324, "4.9×10⁻³²⁴"],
    [NaN, "–"],
    [Infinity, "∞"],
    [-Infinity, "−∞"],
  ];
  for (const [value, text] of expected) assert.equal(formatNumber(value), text);
});

test("factors and shares never round a small thing to nothing", () => {
  assert.equal(formatFactor(0.42), "×0.42");
  assert.equal(formatFactor(12.34), "×12.3");
  assert.equal(formatFactor(0.0004), "×4.0×10⁻⁴");
  assert.equal(formatFactor(1e-300), "×1.0×10⁻³⁰⁰");
  assert.equal(formatFactor(0), "×0");
  assert.equal(formatFactor(NaN), "");
  assert.equal(formatPercent(0.6234), "62 %");
  assert.equal(formatPercent(0.00001), "<0.1 %");
  assert.equal(formatPercent(0.99999), ">99.9 %");
  assert.equal(formatPercent(1), "100 %");
  assert.equal(powerOfTen(-12), "10⁻¹²");
});

test("colours are parsed in every notation that a theme may use", () => {
  assert.deepEqual(parseColour("#fff"), [255, 255, 255]);
  assert.deepEqual(parseColour(" #2166ac "), [33, 102, 172]);
  assert.deepEqual(parseColour("rgb(1, 2, 3)"), [1, 2, 3]);
  assert.deepEqual(parseColour("rgba(1 2 3 / 0.5)"), [1, 2, 3]);
  assert.ok(isDark("#14171c"));
  assert.ok(!isDark("#ffffff"));
  assert.ok(Math.abs(luminance([255, 255, 255]) - 1) < 1e-9);
});

test("the diverging table has zero in its middle and both ends at its ends", () => {
  const table = colourTable(["#2166ac", "#f7f7f5", "#b2182b"]);
  const at = (value, limit) =>
    Array.from(table.slice(3 * tableIndex(value, limit), 3 * tableIndex(value, limit) + 3));
  assert.deepEqual(at(0, 1), [247, 247, 245]);
  assert.deepEqual(at(-2, 2), [33, 102, 172]);
  assert.deepEqual(at(7, 2), [178, 24, 43]);
  assert.deepEqual(at(1, 0), [247, 247, 245]);
  assert.deepEqual(at(-1e-300, 1e-300), [33, 102, 172]);
  assert.deepEqual(at(NaN, 1), [247, 247, 245]);
  assert.deepEqual(
    rampColour(
      [
        [0, 0, 0],
        [10, 10, 10],
        [30, 30, 30],
      ],
      0.75,
    ),
    [20, 20, 20],
  );
});

test("packed numbers are decoded as they were", () => {
  const pack = (numbers) => Buffer.from(numbers.buffer).toString("base64");
  const floats = Float32Array.of(0, -1, 0.25, Infinity);
  assert.deepEqual(decodeFloats(pack(floats)), floats);
  const words = Uint32Array.of(0x3f800000, 0xbfe00000, 0x00000001, 0x7ff80000, 5, 0).buffer;
  assert.deepEqual(float32At(words, [0, 1]), Float32Array.of(1));
  assert.deepEqual(wideAt(words, [4, 2, 2]), Float64Array.of(5 * Number.MIN_VALUE));
  assert.deepEqual(wideAt(words, [1, 3, 1]), Float64Array.of(-0.5, 2 ** -1042, NaN));
  assert.deepEqual([...decodeInt16(pack(Int16Array.of(1, -2)))], [1, -2]);
  assert.deepEqual([...decodeBytes("AQI=")], [1, 2]);
});

test("a formula is split at its subscripts", () => {
  const parts = splitSubscripts("W_ih x_t + h_{t-1}");
  assert.deepEqual(
    parts.filter((part) => part.sub).map((part) => part.text),
    ["ih", "t", "t-1"],
  );
  assert.equal(parts.map((part) => part.text).join(""), "Wih xt + ht-1");
});

test("nouns agree with their number", () => {
  const say = translator({ "{T} time {T:step|steps}": "{T} 시점" });
  const english = translator();
  assert.equal(say("{T} time {T:step|steps}", { T: 1 }), "1 시점");
  assert.equal(
    english("{T} time {T:step|steps}, {H} {H:unit|units}", { T: 1, H: 2 }),
    "1 time step, 2 units",
  );
  assert.equal(english("{T} time {T:step|steps}", { T: "1" }), "1 time step");
  assert.equal(english("{T:a|b} {x:c|d}", { T: 0 }), "b {x:c|d}");
});

test("sentences are looked up, filled once, and never filled from a visitor's text", () => {
  const say = translator({ "reads {token}": "{token}을 읽습니다" });
  assert.equal(say("reads {token}", { token: "{token}" }), "{token}을 읽습니다");
  assert.equal(say("not known {x}", { x: 1 }), "not known 1");
  assert.equal(visibleToken(" "), "␣");
  assert.equal(visibleToken("<b> x"), "<b> x");
  assert.equal(isolated("مرحبا").length, 7);
});
