// The baselines: a dashed line each with a key behind its right end, where no curve comes; a list
// under the chart names them. Their names are whole sentences, which would cover the curves.
import { make, makeSvg } from "../common/dom.js";
import { scaleLinear } from "./scale.js";

export const KEYS = "①②③④⑤⑥⑦⑧⑨";
export const KEY_SPACE = 30; // pixels that the keys need to the right of the curves
export const KEY_HEIGHT = 14;
const LEADER = 6; // pixels from the end of a line to where the stroke to its key ends

// Heights for keys that belong at `ys`, from the bottom up: none over another, none above `top`.
export function spreadKeys(ys, top) {
  const order = ys.map((_, k) => k).sort((a, b) => ys[b] - ys[a]);
  const heights = [];
  let last = Infinity;
  for (const k of order) {
    last = Math.min(ys[k], last - KEY_HEIGHT);
    heights[k] = last;
  }
  // What was pushed out at the top goes below its neighbours again.
  for (const k of [...order].reverse()) {
    if (heights[k] >= top) break;
    heights[k] = top;
    top += KEY_HEIGHT;
  }
  return heights;
}

// The baselines of a chart ({key, title, y}) that lie inside its range.
export function visibleBaselines(chart) {
  const [low, high] = chart.y.range;
  return (chart.baselines ?? []).filter(({ y }) => y >= low && y <= high);
}

export function drawBaselines(chart, box) {
  const baselines = visibleBaselines(chart);
  const ys = baselines.map(({ y }) => scaleLinear(y, chart.y.range, box.y));
  const heights = spreadKeys(ys, box.y[1]);
  const end = box.x[1];
  const keyX = end + LEADER;
  return baselines.flatMap(({ key }, k) => [
    makeSvg("line", { class: "baseline", x1: box.x[0], x2: end, y1: ys[k], y2: ys[k] }),
    makeSvg("line", { class: "baseline-leader", x1: end, x2: keyX, y1: ys[k], y2: heights[k] }),
    makeSvg("text", { class: "baseline-key", x: keyX + 2, y: heights[k] + 4.5 }, key),
  ]);
}

// The name and the value of each baseline that is visible in the chart.
export function listBaselines(list, chart, say) {
  const baselines = visibleBaselines(chart);
  list.hidden = baselines.length === 0;
  list.setAttribute("aria-label", say("Baselines"));
  list.replaceChildren(
    ...baselines.map(({ key, title, y }) => {
      const text = `${title}: ${chart.format(y)}`;
      return make("li", {}, make("span", { class: "baseline-key" }, key), text);
    }),
  );
}
