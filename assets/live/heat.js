// The hidden states of the fixed example as heatmaps: a column per time step, a row per unit.
import { colourTable, tableIndex } from "../common/colours.js";
import { formatNumber } from "../common/format.js";
import { isolated, visibleToken } from "../common/words.js";
import { floats, reach } from "./scale.js";

// Paint (T,H) values as T columns of H cells, one pixel each; CSS enlarges the pixels.
function paint(canvas, values, T, H, limit, table) {
  canvas.width = T;
  canvas.height = H;
  const image = new ImageData(T, H);
  for (let t = 0; t < T; t++) {
    for (let h = 0; h < H; h++) {
      const entry = 3 * tableIndex(values[t * H + h], limit);
      image.data.set([...table.subarray(entry, entry + 3), 255], 4 * (h * T + t));
    }
  }
  canvas.getContext("2d").putImageData(image, 0, 0);
}

// Which cell of the (T,H) picture lies under a point given as shares of width and height.
export function cellUnder(x, y, T, H) {
  const inside = (share, size) => Math.min(size - 1, Math.max(0, Math.floor(share * size)));
  return { t: inside(x, T), h: inside(y, H) };
}

// One heatmap: `figure` holds canvas and read-out, `run` its probe.
export function drawHeat(figure, run, tokens, diverging, say) {
  const canvas = figure.querySelector("canvas");
  const readout = figure.querySelector(".readout");
  const { T, H, step } = run.probe;
  const values = floats(run.probe.states);
  const limit = Math.max(1, reach(values));
  paint(canvas, values, T, H, limit, colourTable(diverging));
  canvas.setAttribute(
    "aria-label",
    say("{name}: hidden states of the fixed example after training step {step}, {T} time steps, {H} units, from {low} to {high}", {
      name: run.name,
      step,
      T,
      H,
      low: formatNumber(-limit),
      high: formatNumber(limit),
    }),
  );
  const show = (cell) => {
    canvas.cell = cell;
    readout.textContent = cell
      ? say("t = {t} “{token}”, unit {unit}: {value}", {
          t: cell.t + 1,
          token: isolated(visibleToken(tokens[cell.t] ?? "")),
          unit: cell.h + 1,
          value: formatNumber(values[cell.t * H + cell.h]),
        })
      : "";
  };
  canvas.onpointermove = (event) => {
    const place = canvas.getBoundingClientRect();
    const x = (event.clientX - place.left) / place.width;
    const y = (event.clientY - place.top) / place.height;
    show(cellUnder(x, y, T, H));
  };
  canvas.onpointerleave = () => show(null);
  canvas.onblur = () => show(null);
  canvas.onkeydown = (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    const { t, h } = canvas.cell ?? { t: 0, h: 0 };
    show({ t: Math.min(T - 1, Math.max(0, t + move[0])), h: Math.min(H - 1, Math.max(0, h + move[1])) });
  };
  const cell = canvas.cell;
  show(cell && cell.t < T && cell.h < H ? cell : null);
}
