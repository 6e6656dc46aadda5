// The unrolled network's nodes and arrows: one tile per time step, repeated by an SVG pattern.
//
// A tile paints the page's colour around a hole; through the hole one sees the true numbers of the
// picture below. So 200 steps cost as much as one.
import { makeSvg } from "../common/dom.js";
import { nodeGap } from "./layout.js";

let patternCount = 0;

function tiledSvg(className) {
  patternCount += 1;
  const id = `rnnviz-tile-${patternCount}`;
  const pattern = makeSvg("pattern", { id, patternUnits: "userSpaceOnUse" });
  const svg = makeSvg(
    "svg",
    { class: className, "aria-hidden": "true", focusable: "false" },
    makeSvg("defs", {}, pattern),
    makeSvg("rect", { width: "100%", height: "100%", fill: `url(#${id})` }),
  );
  return { svg, pattern };
}

export function nodeTiles(height, reverse) {
  const { svg, pattern } = tiledSvg("tiles");
  const frame = makeSvg("path", { class: "tile-ground", "fill-rule": "evenodd" });
  const outline = makeSvg("path", { class: "tile-outline" });
  const arrow = makeSvg("path", { class: "tile-arrow" });
  pattern.append(frame, outline, arrow);
  return {
    svg,
    resize(column) {
      const hole = nodePath(column, height);
      sizePattern(pattern, column, height);
      frame.setAttribute("d", `M0 0H${column}V${height}H0Z${hole}`);
      outline.setAttribute("d", hole);
      arrow.setAttribute("d", arrowPath(column, height));
      arrow.setAttribute("transform", reverse ? `translate(${column} 0) scale(-1 1)` : "");
    },
  };
}

export function gradientTiles(height, reverse) {
  const { svg, pattern } = tiledSvg("tiles");
  const frame = makeSvg("path", { class: "tile-ground", "fill-rule": "evenodd" });
  pattern.append(frame);
  return {
    svg,
    resize(column) {
      sizePattern(pattern, column, height);
      frame.setAttribute("d", `M0 0H${column}V${height}H0Z${backArrowPath(column, height)}`);
      frame.setAttribute("transform", reverse ? `translate(${column} 0) scale(-1 1)` : "");
    },
  };
}

function sizePattern(pattern, column, height) {
  pattern.setAttribute("width", column);
  pattern.setAttribute("height", height);
}

export function nodePath(column, height) {
  const gap = nodeGap(column) / 2;
  const left = gap;
  const width = column - 2 * gap;
  const round = Math.min(6, width / 3);
  const top = 1;
  const tall = height - 2;
  return (
    `M${left + round} ${top}h${width - 2 * round}q${round} 0 ${round} ${round}v${tall - 2 * round}` +
    `q0 ${round} ${-round} ${round}h${-(width - 2 * round)}q${-round} 0 ${-round} ${-round}` +
    `v${-(tall - 2 * round)}q0 ${-round} ${round} ${-round}z`
  );
}

// Half an arrow at each side of the tile: tail at the right, head at the left of the next one.
function arrowPath(column, height) {
  const gap = nodeGap(column) / 2;
  const middle = height / 2;
  const head = Math.min(5, gap - 1);
  return (
    `M${column - gap + 2} ${middle}H${column}M0 ${middle}H${gap - 2}` +
    `m${-head} ${-head}l${head} ${head}l${-head} ${head}`
  );
}

// A full arrow from right to left, as the gradient goes.
export function backArrowPath(column, height) {
  const head = Math.min(14, column * 0.4);
  const middle = height / 2;
  const half = height * 0.18;
  return (
    `M2 ${middle}L${2 + head} 1V${middle - half}H${column - 2}V${middle + half}H${2 + head}` +
    `V${height - 1}Z`
  );
}
