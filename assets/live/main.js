// The live view of a race: receives all curves (thinned) at each update and draws them anew.
import { isDark } from "../common/colours.js";
import { setText } from "../common/dom.js";
import { translator } from "../common/words.js";
import { drawAnswerCurves, drawAnswers, drawGeneratedText } from "./answers.js";
import { metricFormat } from "./axis_format.js";
import { drawCards } from "./cards.js";
import { drawChart } from "./chart.js";
import { gradientChart, gradientNote } from "./gradients.js";
import { drawHeatmapPanels } from "./heatmap_panels.js";
import { drawHistorySlider } from "./history_slider.js";
import { drawAxisChoice, drawLabels } from "./labels.js";
import { drawTrainingCharts } from "./training_charts.js";
import { createView } from "./view.js";

/** @type {WeakMap<HTMLElement, import("./view.js").View>} by root element */
const views = new WeakMap();

/** @param {import("./view.js").View} view */
function draw(view) {
  const { root, data, say } = view;
  for (const chartView of Object.values(view.charts)) {
    chartView.width = chartView.svg.clientWidth;
  }
  root.dataset.running = String(data.running);
  drawLabels(view);
  drawAxisChoice(view);
  drawCards(view, metricFormat(data));
  drawHistorySlider(view);
  drawTrainingCharts(view);
  const gradient = gradientChart(data.contestants, data.tokens, say);
  drawChart(view.charts.gradient, gradient);
  setText(root.querySelector("[data-text=note-gradient]"), gradientNote(gradient, say));
  drawHeatmapPanels(view, data.palette[themeOf(root)]);
  drawAnswers(root.querySelector("[data-panel=answers]"), data, say);
  drawAnswerCurves(root.querySelector("[data-panel=curves]"), data, say);
  drawGeneratedText(root.querySelector("[data-panel=generated-text]"), data.contestants);
}

function themeOf(root) {
  const background = getComputedStyle(root).getPropertyValue("--st-background-color");
  return isDark(background || "#ffffff") ? "dark" : "light";
}

function mount(root) {
  const view = createView(root);
  view.draw = () => draw(view);
  view.drawTrainingCharts = () => drawTrainingCharts(view);
  view.observer = new ResizeObserver(() => {
    // The first call comes at once; drawing again is needed only when the width has changed.
    if (view.drawnWidth === root.clientWidth) return;
    view.drawnWidth = root.clientWidth;
    view.draw();
  });
  views.set(root, view);
  return view;
}

/** Called by Streamlit at each update, with the same elements; `data` is JSON as bytes. */
export default function renderRace({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".rnnviz-live");
  if (!root || !data) return;
  const view = views.get(root) ?? mount(root);
  view.data = JSON.parse(new TextDecoder().decode(data));
  view.say = translator(view.data.strings);
  view.setState = setStateValue;
  // Hidden until now: a frame without its words says nothing, least of all to a screen reader.
  root.hidden = false;
  view.draw();
  view.observer.observe(root);
  return () => view.observer.disconnect();
}
