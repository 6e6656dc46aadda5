// Colours as [red, green, blue] from 0 to 255, and the scales that every picture shares.

export function parseColour(text) {
  const value = text.trim();
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])$/i.exec(value);
  if (short) return short.slice(1).map((digit) => parseInt(digit + digit, 16));
  const long = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})/i.exec(value);
  if (long) return long.slice(1).map((pair) => parseInt(pair, 16));
  const functional = /^rgba?\(\s*([\d.]+)[\s,]+([\d.]+)[\s,]+([\d.]+)/i.exec(value);
  return functional ? functional.slice(1).map(Number) : [255, 255, 255];
}

export function cssColour([red, green, blue]) {
  return `rgb(${Math.round(red)}, ${Math.round(green)}, ${Math.round(blue)})`;
}

export function mixColours(from, to, share) {
  return from.map((channel, k) => channel + (to[k] - channel) * share);
}

// The colour at `share` (0 to 1) of the way through equally spaced stops.
export function rampColour(stops, share) {
  const position = Math.min(1, Math.max(0, share)) * (stops.length - 1);
  const below = Math.min(stops.length - 2, Math.floor(position));
  return mixColours(stops[below], stops[below + 1], position - below);
}

// WCAG's relative luminance, 0 (black) to 1 (white).
export function luminance(colour) {
  const [red, green, blue] = colour.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

export function isDark(colourText) {
  return luminance(parseColour(colourText)) < 0.25;
}

const HALF = 255;

// A table of 2 * 255 + 1 colours, so that painting a pixel is a look-up: -1 first, 0 in the middle.
export function colourTable(stops) {
  const colours = stops.map(parseColour);
  const size = 2 * HALF + 1;
  const table = new Uint8ClampedArray(size * 3);
  for (let k = 0; k < size; k += 1)
    table.set(rampColour(colours, k / (size - 1)).map(Math.round), 3 * k);
  return table;
}

// The index of `value` in a table that is centred on zero and reaches to `limit` on both sides.
export function tableIndex(value, limit) {
  if (!(limit > 0) || Number.isNaN(value)) return HALF;
  return Math.round(HALF + HALF * Math.min(1, Math.max(-1, value / limit)));
}
