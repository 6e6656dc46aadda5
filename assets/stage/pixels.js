// Numbers to pixels: one pixel per unit and step; the browser enlarges them without smoothing.
import { parseColour, rampColour, tableIndex } from "../common/colours.js";

// values[step * units + unit]; a row of pixels per unit, a column per step.
export function heatPixels(values, steps, units, limitAt, table) {
  const pixels = new Uint8ClampedArray(steps * units * 4);
  for (let step = 0; step < steps; step += 1) {
    const limit = limitAt(step);
    for (let unit = 0; unit < units; unit += 1) {
      const colour = 3 * tableIndex(values[step * units + unit], limit);
      const pixel = 4 * (unit * steps + step);
      pixels[pixel] = table[colour];
      pixels[pixel + 1] = table[colour + 1];
      pixels[pixel + 2] = table[colour + 2];
      pixels[pixel + 3] = 255;
    }
  }
  return pixels;
}

export function maxAbsolute(values) {
  let most = 0;
  for (const value of values)
    if (Math.abs(value) > most && Number.isFinite(value)) most = Math.abs(value);
  return most;
}

export function columnLimits(values, steps, units) {
  return Float64Array.from({ length: steps }, (_, step) =>
    maxAbsolute(values.subarray(step * units, (step + 1) * units)),
  );
}

// The printed scale of the norms: whole powers of ten around all that are not zero, however many:
// a gradient of 1e-80 is not the same as one of 1e-20, and neither is nothing.
export function logRange(lists) {
  let low = Infinity;
  let high = -Infinity;
  for (const list of lists) {
    for (const value of list) {
      if (!(value > 0) || !Number.isFinite(value)) continue;
      low = Math.min(low, Math.log10(value));
      high = Math.max(high, Math.log10(value));
    }
  }
  if (high === -Infinity) return { low: -1, high: 0 };
  const top = Math.ceil(high) + 0;
  const span = Math.max(1, top - Math.floor(low));
  // An even span can be cut into equal parts, for the numbers below the scale.
  return { low: top - (span > 4 && span % 2 === 1 ? span + 1 : span), high: top };
}

// 0 (the low end, or below it) to 1 on that scale.
export function logShare(value, range) {
  if (!(value > 0)) return 0;
  return Math.min(1, Math.max(0, (Math.log10(value) - range.low) / (range.high - range.low)));
}

export function normPixels(norms, range, stops) {
  const colours = stops.map(parseColour);
  const pixels = new Uint8ClampedArray(norms.length * 4);
  norms.forEach((norm, step) =>
    pixels.set([...rampColour(colours, logShare(norm, range)).map(Math.round), 255], 4 * step),
  );
  return pixels;
}

// Bars from the bottom: the running sum in one colour, the step's own contribution inside it.
export function barPixels(sums, contributions, height, sumColour, stepColour) {
  const steps = sums.length;
  const most = Math.max(maxAbsolute(sums), maxAbsolute(contributions));
  const pixels = new Uint8ClampedArray(steps * height * 4);
  const scaled = (value) => (most > 0 ? Math.round((value / most) * height) : 0);
  for (let step = 0; step < steps; step += 1) {
    for (let y = 0; y < height; y += 1) {
      const level = height - y;
      const colour =
        level <= scaled(contributions[step])
          ? stepColour
          : level <= scaled(sums[step])
            ? sumColour
            : null;
      if (colour) pixels.set([...colour.map(Math.round), 255], 4 * (y * steps + step));
    }
  }
  return pixels;
}

export function paintPixels(canvas, pixels, width, height) {
  canvas.width = width;
  canvas.height = height;
  canvas.getContext("2d").putImageData(new ImageData(pixels, width, height), 0, 0);
}
