// A line chart in SVG: drawn whole each time, with a read-out that follows pointer or arrow keys.
import { makeSvg, setText } from "../common/dom.js";
import { markedAt } from "./changes.js";
import { ROOM, drawLevels } from "./levels.js";
import { nearest, place } from "./scale.js";
import { brushed, scaled } from "./zoom.js";

const HEIGHT = 210;
const MARGIN = { left: 46, right: 12, top: 10, bottom: 34 };
const TRIANGLE = 8; // its width and height

// The drawing area of a chart that is `width` wide; `keyed`: its levels have keys at the right.
export function area(width, keyed = false) {
  return { x: [MARGIN.left, width - (keyed ? ROOM : MARGIN.right)], y: [HEIGHT - MARGIN.bottom, MARGIN.top] };
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

// The outline of the band between two lines.
export function band(xs, low, high, xRange, yRange, box) {
  const there = xs.map((_, k) => k).filter((k) => low[k] !== null && high[k] !== null);
  const pick = (values, order) => order.map((k) => values[k]);
  const back = [...there].reverse();
  const outline = path(
    [...pick(xs, there), ...pick(xs, back)],
    [...pick(high, there), ...pick(low, back)],
    xRange,
    yRange,
    box,
  );
  return outline && `${outline}Z`;
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

// chart: {lines: [{name, colour, dash, xs, ys, shown, below, low, high}], x: {range, whole, ticks, label}, y: the same
// with `show`, levels: [{key, title, y}], marks: [{x, text}], at: x or null, readout: x -> text, tell: value -> text,
// label, zoom: part -> nothing, if it can be zoomed}. `ys` are places on the axis; `below` ({k, zero}) are the points
// that lie under it; `low` and `high` the ends of a band.
export function drawChart(svg, chart) {
  // Asking for a width in the middle of a drawing makes the browser lay out all of the page.
  const width = Math.max(220, svg.room || svg.clientWidth || svg.parentElement.clientWidth);
  const box = area(width, chart.levels?.length > 0);
  svg.setAttribute("viewBox", `0 0 ${width} ${HEIGHT}`);
  svg.setAttribute("height", HEIGHT);
  svg.setAttribute("aria-label", chart.label);
  const parts = [...axes(chart, box, width)];
  const window = pane(box);
  for (const mark of chart.marks ?? []) window.append(drawMark(mark, chart, box));
  for (const line of chart.lines) window.append(...drawLine(line, chart, box));
  parts.push(window, ...drawTriangles(chart, box), ...drawLevels(chart, box));
  if (chart.at !== null && chart.at !== undefined) {
    const x = place(chart.at, chart.x.range, box.x);
    if (x >= box.x[0] && x <= box.x[1]) parts.push(makeSvg("line", { class: "moment", x1: x, x2: x, y1: box.y[0], y2: box.y[1] }));
  }
  const cursor = makeSvg("g", { class: "cursor" });
  parts.push(cursor);
  svg.replaceChildren(...parts);
  const show = follow(svg, chart, box, cursor);
  if (chart.zoom) brush(svg, chart, box, show);
}

// What is drawn into the pane is cut off at its edges.
function pane(box) {
  const [x, y] = [box.x[0], box.y[1] - 2];
  const [width, height] = [box.x[1] - x, box.y[0] - y + 2];
  return makeSvg("svg", { x, y, width, height, viewBox: `${x} ${y} ${width} ${height}` });
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

function drawMark(mark, chart, box) {
  const x = place(mark.x, chart.x.range, box.x);
  const title = makeSvg("title", {}, mark.text);
  return makeSvg("line", { class: "mark", x1: x, x2: x, y1: box.y[0], y2: box.y[1] }, title);
}

function drawLine(line, chart, box) {
  const parts = [];
  if (line.low) {
    const d = band(line.xs, line.low, line.high, chart.x.range, chart.y.range, box);
    if (d) parts.push(makeSvg("path", { class: "band", d, style: `fill:${line.colour}` }));
  }
  const style = `stroke:${line.colour};stroke-dasharray:${line.dash}`;
  const d = path(line.xs, line.ys, chart.x.range, chart.y.range, box);
  if (d) parts.push(makeSvg("path", { class: "line", d, style }));
  return parts;
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
  const longest = chart.lines
    .reduce((a, b) => (b.xs.length > a.xs.length ? b : a), { xs: [] })
    .xs.filter((x) => x >= chart.x.range[0] && x <= chart.x.range[1]);
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
      if (cy >= box.y[1] && cx >= box.x[0] && cx <= box.x[1])
        cursor.append(makeSvg("circle", { cx, cy, r: 4, style: `fill:${line.colour}` }));
    }
    const values = chart.lines
      .filter((line) => line.xs.length)
      .map((line) => `${line.name} ${told(chart, line.shown[nearest(line.xs, at)])}`);
    const changes = markedAt(chart.marks ?? [], longest, index, chart.x.range);
    setText(svg.readout, [chart.readout(at), ...values, ...changes].join(" · "));
  };
  svg.onpointermove = (event) => show(under(svg, event, chart, box));
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
  return show;
}

function under(svg, event, chart, box) {
  return place(event.clientX - svg.getBoundingClientRect().left, box.x, chart.x.range);
}

// Dragging zooms, a double click shows everything again; so do +, - and 0. A drag outlives updates.
function brush(svg, chart, box, show) {
  const rectangle = makeSvg("rect", { class: "brush", y: box.y[1], height: box.y[0] - box.y[1] });
  const draw = () => {
    if (!svg.brush) return;
    const [a, b] = svg.brush.map((x) => place(x, chart.x.range, box.x)).sort((p, q) => p - q);
    rectangle.setAttribute("x", a);
    rectangle.setAttribute("width", b - a);
    if (!rectangle.isConnected) svg.append(rectangle);
  };
  svg.onpointerdown = (event) => {
    if (event.button !== 0) return;
    svg.setPointerCapture(event.pointerId);
    const x = under(svg, event, chart, box);
    svg.brush = [x, x];
  };
  svg.onpointermove = (event) => {
    const x = under(svg, event, chart, box);
    show(x);
    if (!svg.brush) return;
    svg.brush[1] = x;
    draw();
  };
  svg.onpointerup = () => {
    const dragged = svg.brush;
    svg.brush = null;
    rectangle.remove();
    const part = dragged && brushed(...dragged, chart.x.range);
    if (part) chart.zoom(part);
  };
  svg.onpointercancel = () => {
    svg.brush = null;
    rectangle.remove();
  };
  svg.ondblclick = () => chart.zoom(null);
  const arrows = svg.onkeydown;
  svg.onkeydown = (event) => {
    const about = svg.cursorAt ?? (chart.x.range[0] + chart.x.range[1]) / 2;
    const factor = { "+": 0.5, "=": 0.5, "-": 2 }[event.key];
    if (factor) chart.zoom(scaled(chart.x.range, chart.x.whole, factor, about));
    else if (event.key === "0" || event.key === "Escape") chart.zoom(null);
    else arrows(event);
  };
  draw();
}
