// What the stage receives; rnnviz/ui/stage/payload_types.py defines the same types, and a test
// compares them. Below the types: packed numbers become the typed arrays that all pictures read. A
// slice, "where numbers are", is [words before them, words], in words of four bytes, and of wide ones
// the words that each takes.
// T time steps, H hidden units, V labels.
import { float32At, wideAt } from "../common/packed.js";

/**
 * @typedef {object} StagePayload
 * @property {string} id changes with the content, not with `start`
 * @property {string} language
 * @property {Object<string, string>} strings translations by English message
 * @property {Object<string, Palette>} palette by theme: "light" and "dark"
 * @property {StagePosition} start
 * @property {string} numbers base64 of all words of four bytes, or ""
 * @property {string} address from which to fetch them then, or ""
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
 * @property {number[]} values where the (T,V) probabilities are
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
 * @property {Object<string, Object<string, number[]>>} parts where (T,H) values are, by name and kind
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
 * @property {number[]} values where (T,H) of them are
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
 * @property {number[]} norms
 * @property {number[]} factors
 * @property {number[]} weightSteps
 * @property {number[]} weightSum
 */

/**
 * The gradient of a state, the sum of its terms.
 * @typedef {object} GradientRow
 * @property {string} name
 * @property {number[]} values where (T,H) of them are
 * @property {Term[]} terms
 */

/**
 * @typedef {object} Term
 * @property {string} name
 * @property {string} label
 * @property {number[]} values where (T,H) of them are
 */

// `words` holds all numbers of the payload, as in `packed.js`.
export function decodePayload(payload, words) {
  return {
    steps: payload.tokens.length,
    tokens: payload.tokens,
    unknown: payload.unknown,
    code: payload.code,
    title: payload.predictionTitle,
    cells: payload.cells.map((cell, index) => ({
      ...cell,
      index,
      layers: cell.layers.map((layer, number) => decodeLayer(layer, number, words)),
      predictions: cell.predictions && {
        ...cell.predictions,
        values: float32At(words, cell.predictions.values),
      },
    })),
  };
}

function decodeLayer(layer, index, words) {
  const rows = layer.rows.map((row) => ({ ...row, values: float32At(words, row.values) }));
  const parts = {};
  for (const [name, kinds] of Object.entries(layer.parts)) {
    parts[name] = Object.fromEntries(
      Object.entries(kinds).map(([kind, values]) => [kind, float32At(words, values)]),
    );
  }
  return {
    ...layer,
    index,
    rows,
    parts,
    backward: layer.backward && decodeBackward(layer.backward, words),
  };
}

function decodeBackward(backward, words) {
  return {
    rows: backward.rows.map((row) => ({
      ...row,
      values: wideAt(words, row.values),
      terms: row.terms.map((term) => ({ ...term, values: wideAt(words, term.values) })),
    })),
    norms: wideAt(words, backward.norms),
    factors: wideAt(words, backward.factors),
    weightSteps: wideAt(words, backward.weightSteps),
    weightSum: wideAt(words, backward.weightSum),
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
