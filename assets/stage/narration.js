// The step in words: the visible caption and the text for screen readers.
import { formatFactor, formatNumber, formatPercent } from "../common/format.js";
import { isolated, visibleToken } from "../common/words.js";
import { topLayer, topPredictions } from "./payload.js";

// The caption above the grid: one short sentence.
export function captionOf(model, position, say) {
  const token = isolated(visibleToken(model.tokens[position.step]));
  const values = { step: position.step + 1, steps: model.steps, token };
  if (position.phase === "backward")
    return say("Step {step} of {steps}: the gradient reaches “{token}”", values);
  return say("Step {step} of {steps}: the network reads “{token}”", values);
}

// The text alternative: the caption and, for each cell, what its pictures show at this step.
export function narrate(model, position, say) {
  const sentences = [`${captionOf(model, position, say)}.`];
  if (model.unknown[position.step])
    sentences.push(say("The model does not know this token (UNK)."));
  for (const cell of model.cells) {
    const sentence =
      position.phase === "backward"
        ? gradientSentence(cell, position.step, say)
        : predictionSentence(cell, position.step, say);
    if (sentence) sentences.push(sentence);
    if (position.phase === "forward" && position.step === model.steps - 1 && cell.loss !== null) {
      sentences.push(
        say("{cell}: the loss is {loss}.", { cell: cell.name, loss: formatNumber(cell.loss) }),
      );
    }
  }
  return sentences.join(" ");
}

function predictionSentence(cell, step, say) {
  if (!cell.predictions) return "";
  const [best] = topPredictions(cell.predictions, step, 1);
  const values = {
    cell: cell.name,
    label: isolated(visibleToken(best.label)),
    share: formatPercent(best.probability),
  };
  return say("{cell} predicts {label} with probability {share}.", values);
}

function gradientSentence(cell, step, say) {
  const { backward: back } = topLayer(cell);
  if (!back) return "";
  const values = {
    cell: cell.name,
    norm: formatNumber(back.norms[step]),
    factor: formatFactor(back.factors[step]),
  };
  if (Number.isNaN(back.factors[step])) return say("{cell}: the gradient norm is {norm}.", values);
  return say("{cell}: the gradient norm is {norm}, {factor} from the next step.", values);
}
