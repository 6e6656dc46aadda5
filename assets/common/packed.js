// Decodes packed numbers: base64 of little-endian values, as Python packs them.

const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

export function decodeBytes(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k += 1) bytes[k] = text.charCodeAt(k);
  return bytes;
}

// `packed` is base64 of float32, or {float64: base64} for what may be smaller than float32 can be.
export function decodeFloats(packed) {
  if (typeof packed === "string") return decodeNumbers(packed, Float32Array, "getFloat32");
  return decodeNumbers(packed.float64, Float64Array, "getFloat64");
}

export function decodeInt16(base64) {
  return decodeNumbers(base64, Int16Array, "getInt16");
}

// `getter` is the method of DataView that reads one number of the type `Numbers`.
function decodeNumbers(base64, Numbers, getter) {
  const { buffer } = decodeBytes(base64);
  if (LITTLE_ENDIAN) return new Numbers(buffer);
  const view = new DataView(buffer);
  const size = Numbers.BYTES_PER_ELEMENT;
  const length = buffer.byteLength / size;
  return Numbers.from({ length }, (_, k) => view[getter](size * k, true));
}
