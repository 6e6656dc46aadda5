// Pictures of numbers: one pixel for each, which CSS enlarges, and a read-out under the pointer.

// Paint W columns of H cells; `colour(x, y)` answers with red, green and blue.
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

// Which cell of a picture of W columns and H rows lies under a point given as shares of both.
export function cellUnder(x, y, W, H) {
  const inside = (share, size) => Math.min(size - 1, Math.max(0, Math.floor(share * size)));
  return { x: inside(x, W), y: inside(y, H) };
}

// picture: {W, H, colour: (x, y) -> [r, g, b], content: what decides the pixels, label, tell: (x, y) -> text}.
// `figure` holds canvas and read-out; what has not changed is not painted again.
export function drawPicture(figure, picture) {
  const canvas = figure.querySelector("canvas");
  const readout = figure.querySelector(".readout");
  const { W, H } = picture;
  if (canvas.painted !== picture.content) {
    paint(canvas, W, H, picture.colour);
    canvas.painted = picture.content;
  }
  canvas.setAttribute("aria-label", picture.label);
  const show = (cell) => {
    canvas.cell = cell;
    const text = cell ? picture.tell(cell.x, cell.y) : "";
    if (readout.textContent !== text) readout.textContent = text;
  };
  canvas.onpointermove = (event) => {
    const place = canvas.getBoundingClientRect();
    show(cellUnder((event.clientX - place.left) / place.width, (event.clientY - place.top) / place.height, W, H));
  };
  canvas.onpointerleave = () => show(null);
  canvas.onblur = () => show(null);
  canvas.onkeydown = (event) => {
    const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    const { x, y } = canvas.cell ?? { x: 0, y: 0 };
    show({ x: Math.min(W - 1, Math.max(0, x + move[0])), y: Math.min(H - 1, Math.max(0, y + move[1])) });
  };
  const cell = canvas.cell;
  show(cell && cell.x < W && cell.y < H ? cell : null);
}
