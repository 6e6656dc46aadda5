// Turns the payload into the model that all pictures read: packed numbers become typed arrays.

// Base64 of little-endian float32, or {float64: base64} for what may be smaller than float32 can be.
export function decodeFloats(packed) {
  const wide = typeof packed !== "string";
  const letters = atob(wide ? packed.float64 : packed);
  const bytes = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k += 1) bytes[k] = letters.charCodeAt(k);
  const Floats = wide ? Float64Array : Float32Array;
  if (new Uint8Array(new Uint16Array([1]).buffer)[0] === 1) return new Floats(bytes.buffer);
  const view = new DataView(bytes.buffer);
  const size = Floats.BYTES_PER_ELEMENT;
  return Floats.from({ length: bytes.length / size }, (_, k) =>
    wide ? view.getFloat64(size * k, true) : view.getFloat32(size * k, true),
  );
}

export function decodePayload(payload) {
  return {
    steps: payload.tokens.length,
    tokens: payload.tokens,
    unknown: payload.unknown,
    code: payload.code,
    title: payload.predictionTitle,
    cells: payload.cells.map((cell, index) => ({
      ...cell,
      index,
      layers: cell.layers.map(decodeLayer),
      predictions: cell.predictions && {
        ...cell.predictions,
        values: decodeFloats(cell.predictions.values),
      },
    })),
  };
}

function decodeLayer(layer, index) {
  const rows = layer.rows.map((row) => ({ ...row, values: decodeFloats(row.values) }));
  const parts = {};
  for (const [name, kinds] of Object.entries(layer.parts)) {
    parts[name] = Object.fromEntries(
      Object.entries(kinds).map(([kind, values]) => [kind, decodeFloats(values)]),
    );
  }
  return {
    ...layer,
    index,
    rows,
    parts,
    backward: layer.backward && decodeBackward(layer.backward),
  };
}

function decodeBackward(backward) {
  return {
    rows: backward.rows.map((row) => ({
      ...row,
      values: decodeFloats(row.values),
      terms: row.terms.map((term) => ({ ...term, values: decodeFloats(term.values) })),
    })),
    norms: decodeFloats(backward.norms),
    factors: decodeFloats(backward.factors),
    weightSteps: decodeFloats(backward.weightSteps),
    weightSum: decodeFloats(backward.weightSum),
  };
}

export function hasBackward(model) {
  return model.cells.some((cell) => cell.layers.some((layer) => layer.backward));
}

export function namedRow(layer, name) {
  return layer.rows.find((row) => row.name === name);
}

// The layer that is read out: the last one that walks forward.
export function topLayer(cell) {
  return cell.layers.findLast((layer) => !layer.reverse) ?? cell.layers[cell.layers.length - 1];
}

// The labels with the highest probability after `step`, best first.
export function topPredictions(predictions, step, count) {
  const size = predictions.labels.length;
  const shares = Array.from(predictions.values.subarray(step * size, (step + 1) * size));
  return shares
    .map((probability, index) => ({ index, probability, label: predictions.labels[index] }))
    .sort((a, b) => b.probability - a.probability || a.index - b.index)
    .slice(0, count)
    .map((entry) => ({ ...entry, target: predictions.targets[step] === entry.index }));
}
