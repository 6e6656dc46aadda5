// A line chart in SVG: drawn whole each time, with a read-out that follows pointer or arrow keys.
import { makeSvg, setText } from "../common/dom.js";
import { nearest, place } from "./scale.js";

const HEIGHT = 210;
const MARGIN = { left: 46, right: 12, top: 10, bottom: 34 };
const TRIANGLE = 8; // its width and height

// The drawing area of a chart that is `width` wide.
export function area(width) {
  return { x: [MARGIN.left, width - MARGIN.right], y: [HEIGHT - MARGIN.bottom, MARGIN.top] };
}

// "M x y L x y ..." through the points; a missing value leaves a gap.
export function path(xs, ys, xRange, yRange, box) {
  let drawing = false;
  let d = "";
  for (let i = 0; i < xs.length; i++) {
    if (ys[i] === null || !Number.isFinite(ys[i])) {
      drawing = false;
      continue;
    }
    const x = place(xs[i], xRange, box.x).toFixed(1);
    const y = place(ys[i], yRange, box.y).toFixed(1);
    d += `${drawing ? "L" : "M"}${x} ${y}`;
    drawing = true;
  }
  return d;
}

// Where triangles stand for the values below the axis: not closer than they are wide.
export function triangles(line, xRange, xs) {
  const places = [];
  for (const { k, zero } of line.below ?? []) {
    const x = place(line.xs[k], xRange, xs);
    const last = places[places.length - 1];
    if (!last || last.zero !== zero || x - last.x >= TRIANGLE) places.push({ x, zero });
  }
  return places;
}

// What the read-out says of one value; a gap is a dash.
export function told(chart, value) {
  return value === null || value === undefined ? "–" : chart.tell(value);
}

// chart: {lines: [{name, colour, dash, xs, ys, shown, below}], x: {range, ticks, label}, y: the same with
// `show`, level: {y, label} or null, readout: x -> text, tell: value -> text, label}. `ys` are places on the axis;
// `below` ({k, zero}, optional) are the points that lie under it.
export function drawChart(svg, chart) {
  const width = Math.max(220, svg.clientWidth || svg.parentElement.clientWidth);
  const box = area(width);
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.setAttribute("height", HEIGHT);
  svg.setAttribute("aria-label", chart.label);
  const parts = [...axes(chart, box, width)];
  for (const line of chart.lines) parts.push(...drawLine(line, chart, box));
  parts.push(...drawTriangles(chart, box));
  if (chart.level) parts.push(...level(chart, box));
  const cursor = makeSvg("g", { class: "cursor" });
  parts.push(cursor);
  svg.replaceChildren(...parts);
  follow(svg, chart, box, cursor);
}

function axes(chart, box, width) {
  const parts = [];
  for (const tick of chart.y.ticks) {
    const y = place(tick.at, chart.y.range, box.y);
    parts.push(makeSvg("line", { class: "grid", x1: box.x[0], x2: box.x[1], y1: y, y2: y }));
    parts.push(
      makeSvg("text", { class: "tick", x: box.x[0] - 6, y: y + 4, "text-anchor": "end" }, tick.text),
    );
  }
  for (const tick of chart.x.ticks) {
    const x = place(tick.at, chart.x.range, box.x);
    parts.push(
      makeSvg("text", { class: "tick", x, y: box.y[0] + 15, "text-anchor": "middle" }, tick.text),
    );
  }
  parts.push(
    makeSvg("text", { class: "axis", x: (box.x[0] + width) / 2, y: HEIGHT - 3, "text-anchor": "middle" },
      chart.x.label,
    ),
  );
  return parts;
}

function level(chart, box) {
  const y = place(chart.level.y, chart.y.range, box.y);
  return [
    makeSvg("line", { class: "level", x1: box.x[0], x2: box.x[1], y1: y, y2: y }),
    makeSvg("text", { class: "level-label", x: box.x[1], y: y - 4, "text-anchor": "end" },
      chart.level.label,
    ),
  ];
}

function drawLine(line, chart, box) {
  const style = `stroke:${line.colour};stroke-dasharray:${line.dash}`;
  const d = path(line.xs, line.ys, chart.x.range, chart.y.range, box);
  return d ? [makeSvg("path", { class: "line", d, style })] : [];
}

// At the foot of the axis, one row per line, so that no line hides another's.
function drawTriangles(chart, box) {
  const parts = [];
  const lines = chart.lines.filter((line) => line.below?.length);
  for (const [row, line] of lines.entries()) {
    const y = box.y[0] - row * (TRIANGLE + 1);
    for (const { x, zero } of triangles(line, chart.x.range, box.x)) {
      const d = `M${x - TRIANGLE / 2} ${y - TRIANGLE}h${TRIANGLE}l${-TRIANGLE / 2} ${TRIANGLE}z`;
      const style = `stroke:${line.colour};fill:${zero ? "none" : line.colour}`;
      parts.push(makeSvg("path", { class: "below", d, style }));
    }
  }
  return parts;
}

// Pointer and arrow keys move one cursor; it stays where it is while new data arrives.
function follow(svg, chart, box, cursor) {
  const longest = chart.lines.reduce((a, b) => (b.xs.length > a.xs.length ? b : a), { xs: [] }).xs;
  const show = (x) => {
    svg.cursorAt = x;
    const index = x === null ? -1 : nearest(longest, x);
    cursor.replaceChildren();
    if (index < 0) {
      setText(svg.readout, "");
      return;
    }
    const at = longest[index];
    const px = place(at, chart.x.range, box.x);
    cursor.append(makeSvg("line", { x1: px, x2: px, y1: box.y[0], y2: box.y[1] }));
    for (const line of chart.lines) {
      const k = nearest(line.xs, at);
      if (k < 0 || line.ys[k] === null) continue;
      const cy = place(line.ys[k], chart.y.range, box.y);
      const cx = place(line.xs[k], chart.x.range, box.x);
      cursor.append(makeSvg("circle", { cx, cy, r: 4, style: `fill:${line.colour}` }));
    }
    const values = chart.lines
      .filter((line) => line.xs.length)
      .map((line) => `${line.name} ${told(chart, line.shown[nearest(line.xs, at)])}`);
    setText(svg.readout, `${chart.readout(at)} · ${values.join(" · ")}`);
  };
  svg.onpointermove = (event) => {
    const left = svg.getBoundingClientRect().left;
    show(place(event.clientX - left, box.x, chart.x.range));
  };
  svg.onpointerleave = () => show(null);
  svg.onblur = () => show(null);
  svg.onkeydown = (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move || !longest.length) return;
    event.preventDefault();
    const current = svg.cursorAt ?? null;
    const index = current === null ? longest.length - 1 : nearest(longest, current) + move;
    show(longest[Math.min(longest.length - 1, Math.max(0, index))]);
  };
  show(svg.cursorAt ?? null);
}
