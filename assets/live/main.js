// The live view of a race: receives the whole (thinned) course each time and draws it again.
import { isDark } from "../common/colours.js";
import { make, makeSvg } from "../common/dom.js";
import { formatNumber, formatPercent } from "../common/format.js";
import { translator, visibleToken } from "../common/words.js";
import { decades, extent, logOf, place, tickText, ticks } from "./scale.js";
import { firstAndLast, lastValues } from "./alternatives.js";
import { drawChart } from "./chart.js";
import { drawHeat } from "./heat.js";

const PLAIN = { tick: tickText, value: formatNumber };
const SHARE = { tick: (at) => `${Math.round(100 * at)} %`, value: formatPercent };
const EXCERPT = 30; // tokens
const DASHES = ["none", "7 3", "2 3", "9 3 2 3"]; // lines differ by more than their colour

// One line of a course per run, against steps or seconds.
export function courses(runs, axis, column) {
  return runs.map((run, k) => ({
    name: run.name,
    colour: run.colour,
    dash: DASHES[k % DASHES.length],
    xs: run[column][axis],
    ys: run[column].values,
    shown: run[column].values,
  }));
}

// From zero to the right end of the axis, at least a tenth of what is to come.
export function horizon(lines, total) {
  const range = extent(lines.map((line) => line.xs));
  return [0, Math.max(range ? range[1] : 0, total / 10, 1e-3)];
}

// tell: how a value is written, at the ticks and in the read-out.
export function courseChart(lines, total, y, x, level, label, tell) {
  const xRange = horizon(lines, total);
  return {
    lines,
    x: {
      range: xRange,
      ticks: ticks(...xRange, 5).map((at) => ({ at, text: tickText(at) })),
      label: x.label,
    },
    y: {
      range: y,
      ticks: ticks(...y, 4).map((at) => ({ at, text: tell.tick(at) })),
    },
    level,
    readout: x.readout,
    tell: tell.value,
    label,
  };
}

// From zero to a little over the largest loss; the first wild steps may be cut off above.
export function lossRange(lines, level) {
  const range = extent(lines.map((line) => line.ys));
  const high = range ? range[1] : 1;
  return [0, Math.max(level ? level * 1.15 : 0, Math.min(high, 3 * (level || high))) * 1.05];
}

export function gradientChart(runs, tokens, say) {
  const lines = runs
    .filter((run) => run.probe)
    .map((run, k) => ({
      name: run.name,
      colour: run.colour,
      dash: DASHES[k % DASHES.length],
      xs: run.probe.norms.map((_, t) => t + 1),
      ys: run.probe.norms.map(logOf),
      shown: run.probe.norms,
    }));
  const range = decades(runs.filter((run) => run.probe).map((run) => run.probe.norms)) ?? [-4, 0];
  const T = Math.max(2, ...lines.map((line) => line.xs.length));
  const every = Math.max(1, Math.ceil((range[1] - range[0]) / 6));
  const powers = [];
  for (let power = range[0]; power <= range[1]; power += every) {
    powers.push({ at: power, text: tickText(10 ** power) });
  }
  const title = say("Gradient that reaches each time step");
  return {
    lines,
    x: { range: [1, T], ticks: stepTicks(T, tokens), label: say("time step t") },
    y: { range, ticks: powers },
    level: null,
    readout: (t) => `t = ${t} ${tokens[t - 1] === undefined ? "" : visibleToken(tokens[t - 1])}`,
    tell: formatNumber,
    label: firstAndLast(
      say,
      title,
      lines.map((line) => ({ ...line, ys: line.shown })),
    ),
  };
}

// The tokens themselves while they fit, else round numbers.
export function stepTicks(T, tokens) {
  if (T <= 12 && tokens.length === T && tokens.join("").length <= 40) {
    return tokens.map((token, t) => ({ at: t + 1, text: visibleToken(token) }));
  }
  return ticks(1, T, 6)
    .map((at) => Math.max(1, Math.round(at)))
    .filter((at, k, all) => all.indexOf(at) === k)
    .map((at) => ({ at, text: String(at) }));
}

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

// The example as it is read, or its beginning.
export function excerpt(tokens, joiner) {
  const shown = tokens.slice(0, EXCERPT).join(joiner);
  return tokens.length > EXCERPT ? `${shown}…` : shown;
}

// Texts that depend on the language only, and the two buttons that choose the axis.
function label(root, data, say) {
  const texts = {
    "title-loss": say("Loss"),
    "title-metric": data.metricTitle,
    "title-gradient": say("Gradient that reaches each time step"),
    "title-states": say("Hidden states of one fixed example"),
    "note-loss": say("Lower is better."),
    "note-gradient": say("Norm of dL/dh_t on the fixed example, log scale: far to the left lies the past."),
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
  drawChart(root.querySelector("[data-chart=gradient]"), gradientChart(data.runs, data.tokens, say));
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
