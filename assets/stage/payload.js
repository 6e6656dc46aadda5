// What the stage receives; rnnviz/ui/stage/payload_types.py defines the same types, and a test
// compares them. Below the types: packed numbers become the typed arrays that all pictures read.
// T time steps, H hidden units, V labels.
import { decodeFloats } from "../common/packed.js";

/**
 * @typedef {object} StagePayload
 * @property {string} id changes with the content, not with `start`
 * @property {string} language
 * @property {Object<string, string>} strings translations by English message
 * @property {Object<string, Palette>} palette by theme: "light" and "dark"
 * @property {StagePosition} start
 * @property {string[]} tokens T of them
 * @property {boolean[]} unknown per token whether the model does not know it
 * @property {Cell[]} cells
 * @property {PseudocodeLine[]} code
 * @property {boolean} compact the small stage, without code, explanations and reports
 * @property {boolean} autoplay
 * @property {string} predictionTitle
 */

/**
 * @typedef {object} Palette
 * @property {string[]} diverging negative, zero, positive
 * @property {string[]} sequential small to large
 */

/**
 * @typedef {object} StagePosition
 * @property {number} step counted from 0
 * @property {string} phase "forward" or "backward"
 */

/**
 * @typedef {object} PseudocodeLine
 * @property {string} text
 * @property {string} phase
 * @property {string} when at which steps it runs: "first", "each" or "last" of the phase
 * @property {string} value which value is shown beside it; "" for none
 */

/**
 * @typedef {object} Cell
 * @property {string} name
 * @property {string} code
 * @property {string} colour
 * @property {number} agreement the largest difference from PyTorch
 * @property {number|null} loss null without a backward pass
 * @property {Layer[]} layers
 * @property {Predictions|null} predictions
 */

/**
 * @typedef {object} Predictions
 * @property {string[]} labels V of them
 * @property {string} values packed (T,V) probabilities
 * @property {(number|null)[]} targets per step the index of the right label
 * @property {boolean} ownAnswer whether the targets are the model's own answers
 */

/**
 * One layer and direction.
 * @typedef {object} Layer
 * @property {string} label
 * @property {boolean} reverse
 * @property {number} units H
 * @property {Row[]} rows
 * @property {Object<string, Object<string, string>>} parts packed (T,H), by name and kind
 * @property {Object<string, RowFormula>} formulas by the name of a row
 * @property {Backward|null} backward
 */

/**
 * A state or a gate.
 * @typedef {object} Row
 * @property {string} name
 * @property {string} kind "state" or "gate"
 * @property {string} label
 * @property {string} symbol
 * @property {string} values packed (T,H)
 */

/**
 * @typedef {object} RowFormula
 * @property {string} symbol
 * @property {string} text
 * @property {string} numbers the formula with {0}, {1}, ... for the values of the sources
 * @property {FormulaSource[]} sources
 */

/**
 * @typedef {object} FormulaSource
 * @property {string} kind "input part", "hidden part", "gate" or "state"
 * @property {string} name
 * @property {string} role
 * @property {number} lag how many steps back
 * @property {string} label
 * @property {string} symbol
 */

/**
 * The backward pass; all but the rows hold one number per time step.
 * @typedef {object} Backward
 * @property {GradientRow[]} rows
 * @property {Float64} norms
 * @property {Float64} factors
 * @property {Float64} weightSteps
 * @property {Float64} weightSum
 */

/**
 * The gradient of a state, the sum of its terms.
 * @typedef {object} GradientRow
 * @property {string} name
 * @property {Float64} values packed (T,H)
 * @property {Term[]} terms
 */

/**
 * @typedef {object} Term
 * @property {string} name
 * @property {string} label
 * @property {Float64} values packed (T,H)
 */

/**
 * @typedef {object} Float64
 * @property {string} float64 base64 of little-endian float64
 */

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

export function rowNamed(layer, name) {
  return layer.rows.find((row) => row.name === name);
}

// The layer that the head reads: the last one that reads forward.
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
