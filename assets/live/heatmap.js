// A heatmap: one pixel per number, which CSS enlarges, and a read-out under pointer and keys.
import { make } from "../common/dom.js";

/**
 * @typedef {object} Heatmap
 * @property {number} W columns
 * @property {number} H rows
 * @property {(x: number, y: number) => number[]} colour red, green and blue of a cell
 * @property {string} content what decides the pixels: if it is equal, nothing is painted again
 * @property {string} label the text alternative
 * @property {(x: number, y: number) => string} readout
 */

// What one heatmap on the page remembers: its elements, what it shows, the cell under the cursor.
export function createFigure() {
  const title = make("strong");
  const readout = make("span", { class: "readout" });
  const canvas = make("canvas", { tabindex: 0, role: "img" });
  const caption = make("figcaption", {}, title, readout);
  const element = make("figure", { class: "heatmap" }, caption, canvas);
  return { element, title, readout, canvas, content: null, cell: null };
}

function paint(canvas, W, H, colour) {
  canvas.width = W;
  canvas.height = H;
  const image = new ImageData(W, H);
  for (let x = 0; x < W; x++) {
    for (let y = 0; y < H; y++) {
      const [red, green, blue] = colour(x, y);
      const at = 4 * (y * W + x);
      image.data[at] = red;
      image.data[at + 1] = green;
      image.data[at + 2] = blue;
      image.data[at + 3] = 255;
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Which cell of W columns and H rows lies under a point given as shares of width and height.
export function cellUnder(x, y, W, H) {
  const index = (share, size) => clamp(Math.floor(share * size), size);
  return { x: index(x, W), y: index(y, H) };
}

function clamp(index, size) {
  return Math.min(size - 1, Math.max(0, index));
}

const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {ReturnType<typeof createFigure>} figure
 * @param {Heatmap} heatmap
 */
export function drawHeatmap(figure, heatmap) {
  const { canvas, readout } = figure;
  const { W, H } = heatmap;
  if (figure.content !== heatmap.content) {
    paint(canvas, W, H, heatmap.colour);
    figure.content = heatmap.content;
  }
  canvas.setAttribute("aria-label", heatmap.label);
  const moveCursor = (cell) => {
    figure.cell = cell;
    const text = cell ? heatmap.readout(cell.x, cell.y) : "";
    if (readout.textContent !== text) readout.textContent = text;
  };
  canvas.onpointermove = ({ clientX, clientY }) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    moveCursor(cellUnder((clientX - left) / width, (clientY - top) / height, W, H));
  };
  canvas.onpointerleave = () => moveCursor(null);
  canvas.onblur = () => moveCursor(null);
  canvas.onkeydown = (event) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const { x, y } = figure.cell ?? { x: 0, y: 0 };
    moveCursor({ x: clamp(x + move[0], W), y: clamp(y + move[1], H) });
  };
  const { cell } = figure;
  moveCursor(cell && cell.x < W && cell.y < H ? cell : null);
}
