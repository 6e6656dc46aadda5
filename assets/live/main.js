// The live view of a race: receives the whole (thinned) course each time and draws it again.
import { isDark } from "../common/colours.js";
import { make, makeSvg } from "../common/dom.js";
import { formatNumber, formatPercent } from "../common/format.js";
import { translator } from "../common/words.js";
import { place, tickText } from "./scale.js";
import { lastValues } from "./alternatives.js";
import { DASHES, courseChart, courses, excerpt, gradientChart, gradientNote, lossRange } from "./courses.js";
import { drawChart } from "./chart.js";
import { drawHeat } from "./heat.js";

const PLAIN = { tick: tickText, value: formatNumber };
const SHARE = { tick: (at) => `${Math.round(100 * at)} %`, value: formatPercent };

// One card per run: who it is, how far it is, how well it does.
function drawCards(root, data, say) {
  const cards = data.runs.map((run, k) => {
    const done = Math.round(place(run.step, [0, Math.max(1, run.total)], [0, 100]));
    const metric = run.metric === null ? "–" : formatPercent(run.metric);
    const speed = run.speed === null ? null : say("{speed} steps/s", { speed: tickText(run.speed) });
    return make(
      "li",
      { class: "card", "data-cell": run.code, "data-state": run.state },
      make(
        "div",
        { class: "card-head" },
        chip(run.colour, DASHES[k % DASHES.length]),
        make("strong", {}, run.name),
        make("span", { class: "quiet" }, run.stateTitle),
      ),
      make(
        "div",
        { class: "score" },
        make("span", { class: "big" }, metric),
        make("span", { class: "quiet" }, data.metricName),
      ),
      make(
        "div",
        { class: "bar" },
        make("div", { class: "fill", style: `width:${done}%;background:${run.colour}` }),
      ),
      make(
        "div",
        { class: "numbers" },
        make("span", {}, say("step {step} of {total}", { step: run.step, total: run.total })),
        make("span", {}, run.size),
        speed && make("span", {}, speed),
      ),
    );
  });
  root.querySelector(".cards").replaceChildren(...cards);
}

function chip(colour, dash) {
  const style = `stroke:${colour};stroke-width:3;stroke-dasharray:${dash}`;
  const line = makeSvg("line", { x1: 0, x2: 26, y1: 6, y2: 6, style });
  return makeSvg("svg", { class: "chip", "aria-hidden": "true" }, line);
}

function drawCourses(root, data, say) {
  const axis = root.dataset.axis;
  const total = axis === "step" ? data.total : 0;
  const x =
    axis === "step"
      ? { label: say("training step"), readout: (at) => say("training step {step}", { step: at }) }
      : { label: say("seconds of training"), readout: (at) => say("{seconds} s", { seconds: formatNumber(at) }) };
  const loss = courses(data.runs, axis, "loss");
  const metric = courses(data.runs, axis, "score");
  const blind = data.chanceLoss === null ? null : { y: data.chanceLoss, label: say("blind guessing") };
  const chance = data.chance === null ? null : { y: data.chance, label: say("chance level") };
  const lossTitle = say("Loss");
  drawChart(
    root.querySelector("[data-chart=loss]"),
    courseChart(loss, total, lossRange(loss, data.chanceLoss), x, blind, lastValues(lossTitle, loss), PLAIN),
  );
  drawChart(
    root.querySelector("[data-chart=metric]"),
    courseChart(metric, total, [0, 1.02], x, chance, lastValues(data.metricTitle, metric), SHARE),
  );
}

function drawHeats(root, data, say) {
  const holder = root.querySelector(".heats");
  const dark = isDark(getComputedStyle(root).getPropertyValue("--st-background-color") || "#ffffff");
  const diverging = data.palette[dark ? "dark" : "light"];
  const scale = root.querySelector(".colours");
  scale.style.background = `linear-gradient(90deg, ${diverging.join(", ")})`;
  const runs = data.runs.filter((run) => run.probe);
  for (const [k, run] of runs.entries()) {
    const figure = holder.children[k] ?? holder.appendChild(heatFigure());
    figure.querySelector("figcaption strong").textContent = run.name;
    drawHeat(figure, run, data.tokens, diverging, say);
  }
  while (holder.children.length > runs.length) holder.lastElementChild.remove();
}

function heatFigure() {
  return make(
    "figure",
    { class: "heat" },
    make("figcaption", {}, make("strong"), make("span", { class: "readout" })),
    make("canvas", { tabindex: 0, role: "img" }),
  );
}

// Texts that depend on the language only, and the two buttons that choose the axis.
function label(root, data, say) {
  const texts = {
    "title-loss": say("Loss"),
    "title-metric": data.metricTitle,
    "title-gradient": say("Gradient that reaches each time step"),
    "title-states": say("Hidden states of one fixed example"),
    "note-loss": say("Lower is better."),
    "note-states": say("A column per time step, a row per unit: {example}", {
      example: excerpt(data.tokens, data.joiner),
    }),
  };
  for (const [name, text] of Object.entries(texts)) {
    root.querySelector(`[data-text=${name}]`).textContent = text;
  }
  root.querySelector("[role=group]").setAttribute("aria-label", say("Horizontal axis"));
  const choices = { step: say("Against steps"), seconds: say("Against seconds") };
  for (const button of root.querySelectorAll("[data-axis-choice]")) {
    button.textContent = choices[button.dataset.axisChoice];
    button.setAttribute("aria-pressed", String(button.dataset.axisChoice === root.dataset.axis));
    button.onclick = () => {
      root.dataset.axis = button.dataset.axisChoice;
      for (const svg of root.querySelectorAll("[data-chart]")) svg.cursorAt = null;
      root.draw();
    };
  }
}

function draw(root, data) {
  const say = translator(data.strings);
  root.dataset.running = String(data.running);
  label(root, data, say);
  drawCards(root, data, say);
  drawCourses(root, data, say);
  const gradient = gradientChart(data.runs, data.tokens, say);
  drawChart(root.querySelector("[data-chart=gradient]"), gradient);
  root.querySelector("[data-text=note-gradient]").textContent = gradientNote(gradient, say);
  drawHeats(root, data, say);
}

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".rnnviz-live");
  if (!root || !data) return;
  for (const svg of root.querySelectorAll("[data-chart]")) {
    svg.readout = svg.parentElement.querySelector(".readout");
  }
  root.draw = () => draw(root, data);
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
