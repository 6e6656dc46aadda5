// The live view of a race: receives the whole (thinned) course each time and draws it again.
import { isDark } from "../common/colours.js";
import { setText } from "../common/dom.js";
import { formatNumber, formatPercent } from "../common/format.js";
import { translator } from "../common/words.js";
import { tickText } from "./scale.js";
import { lastValues } from "./alternatives.js";
import { curvesTitle, drawAnswers, drawCurves, drawSamples } from "./answers.js";
import { drawCards } from "./cards.js";
import { changesNote } from "./changes.js";
import { drawChart } from "./chart.js";
import { courseChart, courses, lossRange, marks, momentAt } from "./courses.js";
import { excerpt, gradientChart, gradientNote, walked } from "./gradients.js";
import { KEYS, listLevels } from "./levels.js";
import { drawAttention, drawGrowth, drawStates } from "./pictures.js";
import { drawTimeline } from "./timeline.js";

const PLAIN = { tick: tickText, value: formatNumber };
const SHARE = { tick: (at) => `${Math.round(100 * at)} %`, value: formatPercent };

// How the metric is written: a share in percent, an error with its unit; where there is room for the unit by itself,
// the number alone.
function metricWords(share, unit) {
  if (share) return { ...SHARE, number: formatPercent, unit: "" };
  return { tick: tickText, value: (value) => `${formatNumber(value)} ${unit}`.trim(), number: formatNumber, unit };
}

function axisWords(axis, say) {
  if (axis === "seconds") return { label: say("seconds of training"), readout: (at) => say("{seconds} s", { seconds: formatNumber(at) }) };
  if (axis === "epoch") return { label: say("epoch"), readout: (at) => say("epoch {epoch}", { epoch: formatNumber(at) }) };
  return { label: say("training step"), readout: (at) => say("training step {step}", { step: at }) };
}

function drawCourses(root, data, say) {
  const axis = root.dataset.axis;
  const total = { step: data.total, epoch: data.total / data.epoch, seconds: 0 }[axis];
  const common = {
    total,
    part: root.zoomed ?? null,
    x: axisWords(axis, say),
    marks: marks(data.runs, axis, data.epoch),
    at: momentAt(root.moment, data.runs, axis, data.epoch),
    zoom: (part) => {
      root.zoomed = part;
      root.drawCharts();
    },
  };
  const loss = courses(data.runs, axis, "loss", data.epoch);
  const metric = courses(data.runs, axis, "score", data.epoch);
  const [chance] = data.levels;
  const named = (value) =>
    data.levels
      .map((each, k) => ({ key: KEYS[k], title: each.title, y: each[value] }))
      .filter((each) => each.y !== null);
  const draw = (name, chart) => {
    drawChart(root.querySelector(`[data-chart=${name}]`), chart);
    listLevels(root.querySelector(`[data-levels=${name}]`), chart, say);
  };
  draw(
    "loss",
    courseChart({
      ...common,
      lines: loss,
      levels: named("loss"),
      range: (seen) => lossRange(seen, chance.loss, Boolean(root.zoomed)),
      label: lastValues(say("Loss in training"), loss),
      tell: PLAIN,
    }),
  );
  draw(
    "metric",
    courseChart({
      ...common,
      lines: metric,
      levels: named("metric"),
      range: (seen) => (data.share ? [0, 1.02] : lossRange(seen, chance.metric, Boolean(root.zoomed))),
      label: lastValues(data.metricTitle, metric),
      tell: metricWords(data.share, data.unit),
    }),
  );
  root.querySelector("[data-text=unzoom]").hidden = !root.zoomed;
}

function drawPictures(root, data, say) {
  const dark = isDark(getComputedStyle(root).getPropertyValue("--st-background-color") || "#ffffff");
  const theme = dark ? "dark" : "light";
  const panel = (name) => root.querySelector(`[data-panel=${name}]`);
  const seen = walked(data.runs);
  for (const name of ["gradient", "states"]) panel(name).hidden = seen.length === 0;
  panel("states").querySelector(".colours").style.background = `linear-gradient(90deg, ${data.palette[theme].join(", ")})`;
  drawStates(panel("states").querySelector(".heats"), seen, data.tokens, data.palette[theme], say);
  const grown = data.runs.filter((run) => run.heat);
  drawGrowth(panel("growth"), grown, data.total, data.tokens, data.sequential[theme], say);
  const attending = data.runs.filter((run) => run.probe?.attention);
  drawAttention(panel("attention"), attending, data.tokens, data.sequential[theme], say);
}

// Texts that depend on the language only, and the buttons that choose the axis.
function label(root, data, say) {
  const stateless = data.runs.filter((run) => run.probe && !run.probe.norms.length).map((run) => run.name);
  const without = stateless.length ? say("No hidden state: {names}.", { names: stateless.join(", ") }) : "";
  // Numbers in a row say less than how many there are.
  const example = data.numbers
    ? say("A column per time step, a row per unit: {count} time {count:step|steps} of numbers, first {first}, last {last}.", data.numbers)
    : say("A column per time step, a row per unit: {example}", { example: excerpt(data.tokens, data.joiner) });
  const changed = changesNote(data.runs, say);
  const together = (...notes) => notes.filter(Boolean).join(" ");
  const texts = {
    "title-loss": say("Loss in training"),
    "title-metric": data.metricTitle,
    "title-gradient": say("Gradient that reaches each time step"),
    "title-states": say("Hidden states of one fixed example"),
    "title-growth": say("The same gradient over the whole training"),
    "title-attention": say("Where the decoder looks"),
    "title-answers": say("Questions and the answers so far"),
    "title-curves": curvesTitle(data.answers, say),
    "title-sample": say("What the models write by themselves"),
    "note-metric": together(
      data.error && say("Lower is better."),
      changed,
      data.waiting && say("More lines to beat are being computed …"),
    ),
    "note-answers": data.signs,
    "note-loss": together(say("Lower is better."), say("The lines to beat: loss on the validation examples."), changed),
    "note-states": together(example, without),
    "note-growth": say("To the right the training goes on; from top to bottom the time steps, the first on top."),
    "note-attention": say("A column per symbol that was read, a row per symbol of the right answer."),
    "note-zoom": say("Drag to zoom, double-click to see all; + − 0 on the keyboard."),
    unzoom: say("Show everything"),
  };
  for (const [name, text] of Object.entries(texts)) setText(root.querySelector(`[data-text=${name}]`), text);
  root.querySelector(".axis-choice").setAttribute("aria-label", say("Horizontal axis"));
  if (root.dataset.axis === "epoch" && !data.epoch) root.dataset.axis = "step";
  const choices = { step: say("Against steps"), epoch: say("Against epochs"), seconds: say("Against seconds") };
  for (const button of root.querySelectorAll("[data-axis-choice]")) {
    const axis = button.dataset.axisChoice;
    setText(button, choices[axis]);
    button.hidden = axis === "epoch" && !data.epoch;
    button.setAttribute("aria-pressed", String(axis === root.dataset.axis));
    button.onclick = () => {
      root.dataset.axis = axis;
      root.zoomed = null;
      for (const svg of root.querySelectorAll("[data-chart]")) svg.cursorAt = null;
      root.draw();
    };
  }
  root.querySelector("[data-text=unzoom]").onclick = () => {
    root.zoomed = null;
    root.drawCharts();
  };
}

function draw(root, data, report) {
  const say = translator(data.strings);
  for (const svg of root.querySelectorAll("[data-chart]")) svg.room = svg.clientWidth;
  root.dataset.running = String(data.running);
  label(root, data, say);
  drawCards(root, data, metricWords(data.share, data.unit), say);
  drawTimeline(root, data, say, report);
  root.drawCharts();
  const gradient = gradientChart(data.runs, data.tokens, say);
  drawChart(root.querySelector("[data-chart=gradient]"), gradient);
  setText(root.querySelector("[data-text=note-gradient]"), gradientNote(gradient, say));
  drawPictures(root, data, say);
  drawAnswers(root.querySelector("[data-panel=answers]"), data, say);
  drawCurves(root.querySelector("[data-panel=curves]"), data, say);
  drawSamples(root.querySelector("[data-panel=sample]"), data.runs);
}

export default function ({ data, parentElement, setStateValue }) {
  const root = parentElement.querySelector(".rnnviz-live");
  if (!root || !data) return;
  // Hidden until now: a frame without its words says nothing, least of all to a screen reader.
  root.hidden = false;
  root.moment ??= null;
  for (const svg of root.querySelectorAll("[data-chart]")) {
    svg.readout = svg.parentElement.querySelector(".readout");
  }
  root.drawCharts = () => drawCourses(root, data, translator(data.strings));
  root.draw = () => draw(root, data, setStateValue);
  root.draw();
  if (!root.watcher) {
    root.watcher = new ResizeObserver(() => {
      // The first call comes at once; drawing again is needed only when the width has changed.
      if (root.drawnWidth !== root.clientWidth) {
        root.drawnWidth = root.clientWidth;
        root.draw();
      }
    });
    root.watcher.observe(root);
  }
  return () => root.watcher.disconnect();
}
