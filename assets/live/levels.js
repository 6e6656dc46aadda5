// The lines to beat: a dashed line each with a key behind its right end, where no curve comes; a list under the chart
// says whose key it is. Their names are whole sentences: beside the lines they would cover the curves.
import { make, makeSvg } from "../common/dom.js";
import { place } from "./scale.js";

export const KEYS = "①②③④⑤⑥⑦⑧⑨";
export const ROOM = 30; // pixels that the keys need to the right of the curves
export const KEY = 14; // the height of a key
const REACH = 6; // from the end of a line to where the stroke to its key has arrived

// Heights for keys that want to stand at `ys`, from the bottom up: none over another, none above `top`.
export function apart(ys, top) {
  const order = ys.map((_, k) => k).sort((a, b) => ys[b] - ys[a]);
  const found = [];
  let last = Infinity;
  for (const k of order) {
    last = Math.min(ys[k], last - KEY);
    found[k] = last;
  }
  // What was pushed out at the top goes below its neighbours again.
  for (const k of [...order].reverse()) {
    if (found[k] >= top) break;
    found[k] = top;
    top += KEY;
  }
  return found;
}

// The levels of a chart ({key, title, y}) that lie inside its range.
export function visible(chart) {
  return (chart.levels ?? []).filter(({ y }) => y >= chart.y.range[0] && y <= chart.y.range[1]);
}

export function drawLevels(chart, box) {
  const shown = visible(chart);
  const ys = shown.map((each) => place(each.y, chart.y.range, box.y));
  const heights = apart(ys, box.y[1]);
  const end = box.x[1];
  return shown.flatMap((each, k) => [
    makeSvg("line", { class: "level", x1: box.x[0], x2: end, y1: ys[k], y2: ys[k] }),
    makeSvg("line", { class: "level-end", x1: end, x2: end + REACH, y1: ys[k], y2: heights[k] }),
    makeSvg("text", { class: "level-key", x: end + REACH + 2, y: heights[k] + 4.5 }, each.key),
  ]);
}

// Whose line is which, and how high: a text for each level that can be seen.
export function listLevels(list, chart, say) {
  const shown = visible(chart);
  list.hidden = shown.length === 0;
  list.setAttribute("aria-label", say("Lines to beat"));
  list.replaceChildren(
    ...shown.map((each) => make("li", {}, make("span", { class: "level-key" }, each.key), `${each.title}: ${chart.tell(each.y)}`)),
  );
}
