// Pointer and keys on a chart: a cursor with a read-out, and a brush that zooms.
import { makeSvg, setText } from "../common/dom.js";
import { changesAt } from "./changes.js";
import { nearestIndex, scaleLinear } from "./scale.js";
import { brushRange, zoomRange } from "./zoom.js";

// What the read-out says of one value; a gap is a dash.
export function formatValue(chart, value) {
  return value === null || value === undefined ? "–" : chart.format(value);
}

// Pointer and arrow keys move one cursor; it stays where it is while new data arrives.
export function attachCursor(chartView, chart, box, cursor) {
  const { svg } = chartView;
  const xs = cursorStops(chart);
  const moveCursor = (x) => {
    chartView.cursorX = x;
    const index = x === null ? -1 : nearestIndex(xs, x);
    cursor.replaceChildren(...(index < 0 ? [] : drawCursor(chart, box, xs[index])));
    setText(chartView.readout, index < 0 ? "" : readoutText(chart, xs, index));
  };
  svg.onpointermove = (event) => moveCursor(pointerX(svg, event, chart, box));
  svg.onpointerleave = () => moveCursor(null);
  svg.onblur = () => moveCursor(null);
  svg.onkeydown = (event) => {
    const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!move || !xs.length) return;
    event.preventDefault();
    const { cursorX } = chartView;
    const index = cursorX === null ? xs.length - 1 : nearestIndex(xs, cursorX) + move;
    moveCursor(xs[Math.min(xs.length - 1, Math.max(0, index))]);
  };
  moveCursor(chartView.cursorX);
  return moveCursor;
}

// The cursor stops at the visible points of the longest line.
function cursorStops(chart) {
  const longest = chart.lines.reduce((a, b) => (b.xs.length > a.xs.length ? b : a), { xs: [] });
  return longest.xs.filter((x) => x >= chart.x.range[0] && x <= chart.x.range[1]);
}

function drawCursor(chart, box, at) {
  const x = scaleLinear(at, chart.x.range, box.x);
  const parts = [makeSvg("line", { x1: x, x2: x, y1: box.y[0], y2: box.y[1] })];
  for (const line of chart.lines) {
    const k = nearestIndex(line.xs, at);
    if (k < 0 || line.ys[k] === null) continue;
    const cy = scaleLinear(line.ys[k], chart.y.range, box.y);
    const cx = scaleLinear(line.xs[k], chart.x.range, box.x);
    if (cy >= box.y[1] && cx >= box.x[0] && cx <= box.x[1])
      parts.push(makeSvg("circle", { cx, cy, r: 4, style: `fill:${line.colour}` }));
  }
  return parts;
}

function readoutText(chart, xs, index) {
  const at = xs[index];
  const values = chart.lines
    .filter((line) => line.xs.length)
    .map((line) => {
      const value = line.values[nearestIndex(line.xs, at)];
      return `${line.name} ${formatValue(chart, value)}`;
    });
  const changes = changesAt(chart.changes ?? [], xs, index, chart.x.range);
  return [chart.readout(at), ...values, ...changes].join(" · ");
}

function pointerX(svg, event, chart, box) {
  const pixels = event.clientX - svg.getBoundingClientRect().left;
  return scaleLinear(pixels, box.x, chart.x.range);
}

// Dragging zooms, a double click shows everything again; so do +, - and 0. `chartView.brush` holds
// both ends of a drag, which outlives updates.
export function attachBrush(chartView, chart, box, moveCursor) {
  const { svg } = chartView;
  const rectangle = makeSvg("rect", { class: "brush", y: box.y[1], height: box.y[0] - box.y[1] });
  const draw = () => {
    if (!chartView.brush) return;
    const [low, high] = chartView.brush
      .map((x) => scaleLinear(x, chart.x.range, box.x))
      .sort((a, b) => a - b);
    rectangle.setAttribute("x", low);
    rectangle.setAttribute("width", high - low);
    if (!rectangle.isConnected) svg.append(rectangle);
  };
  const end = () => {
    chartView.brush = null;
    rectangle.remove();
  };
  svg.onpointerdown = (event) => {
    if (event.button !== 0) return;
    svg.setPointerCapture(event.pointerId);
    const x = pointerX(svg, event, chart, box);
    chartView.brush = [x, x];
  };
  svg.onpointermove = (event) => {
    const x = pointerX(svg, event, chart, box);
    moveCursor(x);
    if (!chartView.brush) return;
    chartView.brush[1] = x;
    draw();
  };
  svg.onpointerup = () => {
    const { brush } = chartView;
    end();
    const range = brush && brushRange(...brush, chart.x.range);
    if (range) chart.zoom(range);
  };
  svg.onpointercancel = end;
  svg.ondblclick = () => chart.zoom(null);
  const moveByArrows = svg.onkeydown;
  svg.onkeydown = (event) => {
    const [low, high] = chart.x.range;
    const centre = chartView.cursorX ?? (low + high) / 2;
    const factor = { "+": 0.5, "=": 0.5, "-": 2 }[event.key];
    if (factor) chart.zoom(zoomRange(chart.x.range, chart.x.whole, factor, centre));
    else if (event.key === "0" || event.key === "Escape") chart.zoom(null);
    else moveByArrows(event);
  };
  draw();
}
