// The slider over the saved steps, whose weights are stored; its right end is the present.
import { setText } from "../common/dom.js";

const REST = 150; // milliseconds without a move after which Python is informed

// Which saved step a position of the slider means: null behind the last.
export function stepAtPosition(savedSteps, position) {
  return position >= savedSteps.length ? null : savedSteps[position];
}

// The position of a saved step; behind the last for null, or for one that does not exist.
export function positionOfStep(savedSteps, step) {
  const position = savedSteps.indexOf(step);
  return position < 0 ? savedSteps.length : position;
}

// `view.savedStep` is the one that is shown; Python receives -1 for the present.
/** @param {import("./view.js").View} view */
export function drawHistorySlider(view) {
  const { root, data, say } = view;
  const { savedSteps } = data;
  const bar = root.querySelector(".history-slider");
  const slider = bar.querySelector("input");
  const output = bar.querySelector("output");
  const present = bar.querySelector("button");
  if (view.savedStep !== null && !savedSteps.includes(view.savedStep)) selectStep(view, null);
  bar.hidden = savedSteps.length === 0;
  setText(bar.querySelector("[data-text=history-slider]"), say("Training history"));
  setText(present, say("Now"));
  const draw = () => {
    const step = view.savedStep;
    slider.max = savedSteps.length;
    slider.value = positionOfStep(savedSteps, step);
    const text = step === null ? say("now") : say("after training step {step}", { step });
    setText(output, text);
    slider.setAttribute("aria-valuetext", text);
    present.disabled = step === null;
  };
  const select = (step) => {
    selectStep(view, step);
    draw();
    view.drawTrainingCharts();
  };
  slider.oninput = () => select(stepAtPosition(savedSteps, Number(slider.value)));
  present.onclick = () => select(null);
  draw();
}

function selectStep(view, step) {
  view.savedStep = step;
  clearTimeout(view.reportTimer);
  view.reportTimer = setTimeout(() => view.setState("saved_step", step ?? -1), REST);
}
