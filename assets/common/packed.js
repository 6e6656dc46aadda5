// Decodes packed numbers: little-endian values, as Python packs them, as base64 or fetched.

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export function decodeBytes(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k += 1) bytes[k] = text.charCodeAt(k);
  return bytes;
}

// Of base64.
export function decodeFloats(base64) {
  return readNumbers(decodeBytes(base64).buffer, Float32Array, "getFloat32");
}

export function decodeInt16(base64) {
  return readNumbers(decodeBytes(base64).buffer, Int16Array, "getInt16");
}

// `words` is a buffer of values of four bytes, of which `length` begin after `start` others.
export function float32At(words, [start, length]) {
  return readNumbers(words, Float32Array, "getFloat32", start, length);
}

// Numbers that may be smaller than float32 can be: upper halves of float64, a word each, or whole
// ones, two words each.
export function wideAt(words, [start, length, each]) {
  if (each === 2) {
    const copy = words.slice(4 * start, 4 * (start + length)); // begins at a multiple of 8 bytes
    return readNumbers(copy, Float64Array, "getFloat64");
  }
  const view = new DataView(words, 4 * start, 4 * length);
  const whole = new DataView(new ArrayBuffer(8));
  return Float64Array.from({ length }, (_, k) => {
    whole.setUint32(0, view.getUint32(4 * k, true));
    return whole.getFloat64(0);
  });
}

// `getter` is the method of DataView that reads one number of the type `Numbers`.
function readNumbers(buffer, Numbers, getter, start = 0, length = undefined) {
  const size = Numbers.BYTES_PER_ELEMENT;
  if (LITTLE_ENDIAN) return new Numbers(buffer, size * start, length);
  const view = new DataView(buffer, size * start);
  const count = length ?? view.byteLength / size;
  return Numbers.from({ length: count }, (_, k) => view[getter](size * k, true));
}
