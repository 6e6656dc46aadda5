// The two charts over the training: the validation metric and the training loss.
import { lastValues } from "./alternatives.js";
import { axisFormat, LOSS_FORMAT, metricFormat } from "./axis_format.js";
import { KEYS, listBaselines } from "./baselines.js";
import { drawChart } from "./chart.js";
import {
  changeLines,
  lossRange,
  savedStepX,
  trainingChart,
  trainingCurves,
} from "./training_curves.js";

/** @param {import("./view.js").View} view */
export function drawTrainingCharts(view) {
  const { root, data, say, axis, zoomed } = view;
  const { contestants, stepsPerEpoch, totalSteps, baselines } = data;
  const common = {
    total: { step: totalSteps, epoch: totalSteps / stepsPerEpoch, seconds: 0 }[axis],
    zoomed,
    x: axisFormat(axis, say),
    changes: changeLines(contestants, axis, stepsPerEpoch),
    savedStepX: savedStepX(view.savedStep, contestants, axis, stepsPerEpoch),
    zoom: (range) => {
      view.zoomed = range;
      drawTrainingCharts(view);
    },
  };
  const draw = (name, title, column, baselineColumn, options) => {
    const lines = trainingCurves(contestants, axis, column, stepsPerEpoch);
    const chart = trainingChart({
      ...common,
      ...options,
      lines,
      baselines: keyedBaselines(baselines, baselineColumn),
      label: lastValues(title, lines),
    });
    drawChart(view.charts[name], chart);
    listBaselines(root.querySelector(`[data-baselines=${name}]`), chart, say);
  };
  const [chance] = baselines;
  const close = Boolean(zoomed);
  draw("loss", say("Training loss"), "trainLoss", "validationLoss", {
    yRange: (lines) => lossRange(lines, chance.validationLoss, close),
    format: LOSS_FORMAT,
  });
  draw("metric", data.metricTitle, "validationMetric", "validationMetric", {
    yRange: (lines) =>
      data.isShare ? [0, 1.02] : lossRange(lines, chance.validationMetric, close),
    format: metricFormat(data),
  });
  root.querySelector("[data-text=unzoom]").hidden = !zoomed;
}

/** @param {import("./payload.js").Baseline[]} baselines */
function keyedBaselines(baselines, column) {
  return baselines
    .map((baseline, k) => ({ key: KEYS[k], title: baseline.title, y: baseline[column] }))
    .filter(({ y }) => y !== null);
}
