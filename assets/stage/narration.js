// The step in words: the visible caption and what a screen reader hears.
import { formatFactor, formatNumber, formatPercent } from "../common/format.js";
import { isolated, visibleToken } from "../common/words.js";
import { topLayer, topPredictions } from "./decode.js";

// The caption above the board: one short sentence.
export function captionOf(model, place, say) {
  const token = isolated(visibleToken(model.tokens[place.step]));
  const values = { step: place.step + 1, steps: model.steps, token };
  if (place.phase === "backward")
    return say("Step {step} of {steps}: the gradient reaches “{token}”", values);
  return say("Step {step} of {steps}: the network reads “{token}”", values);
}

// The text alternative: the caption and, for each cell, what its pictures show at this step.
export function narrate(model, place, say) {
  const sentences = [captionOf(model, place, say) + "."];
  if (model.unknown[place.step]) sentences.push(say("The model does not know this token (UNK)."));
  for (const cell of model.cells) {
    const sentence =
      place.phase === "backward"
        ? gradientSentence(cell, place.step, say)
        : predictionSentence(cell, place.step, say);
    if (sentence) sentences.push(sentence);
    if (place.phase === "forward" && place.step === model.steps - 1 && cell.loss !== null) {
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
  return say("{cell} expects {label} with {share}.", values);
}

function gradientSentence(cell, step, say) {
  const { backward: back } = topLayer(cell);
  if (!back) return "";
  const values = {
    cell: cell.name,
    norm: formatNumber(back.norms[step]),
    factor: formatFactor(back.factors[step]),
  };
  if (Number.isNaN(back.factors[step]))
    return say("{cell}: the gradient has the size {norm}.", values);
  return say("{cell}: the gradient has the size {norm}, {factor} from the step after.", values);
}
