// One card per contestant: who it is, how far it is, how well it does, what it costs.
import { make, makeSvg } from "../common/dom.js";
import { DASHES } from "./courses.js";
import { remember, roughly, timeLeft } from "./eta.js";
import { tickText } from "./scale.js";

// 1234567 -> "1.2 M": a size at a glance.
export function short(count) {
  for (const [size, letter] of [[1e9, "G"], [1e6, "M"], [1e3, "k"]]) {
    if (count >= size) return `${tickText(Number((count / size).toPrecision(2)))} ${letter}`;
  }
  return String(count);
}

// progress: what this view remembers of each run, to know how long it will take.
// words: how the metric is written, number and unit apart.
export function drawCards(root, data, words, say) {
  root.progress ??= new Map();
  const now = performance.now() / 1000;
  const cards = data.runs.map((run, k) => {
    const samples = run.state === "running" ? remember(root.progress.get(k) ?? [], now, run.share) : [];
    root.progress.set(k, samples);
    return card(run, k, data.metricName, words, say, timeLeft(samples));
  });
  root.querySelector(".cards").replaceChildren(...cards);
}

function card(run, k, metricName, words, say, left) {
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
    make("div", { class: "score" }, score(run.metric, words), make("span", { class: "quiet" }, metricName)),
    make(
      "div",
      { class: "bar" },
      make("div", { class: "fill", style: `width:${(100 * run.share).toFixed(1)}%;background:${run.colour}` }),
    ),
    make("div", { class: "numbers" }, ...numbers(run, left, say).map((text) => make("span", {}, text))),
  );
}

// The number in large type; its unit, which may be a whole phrase, small behind it.
function score(metric, words) {
  const number = make("span", { class: "big" }, metric === null ? "–" : words.number(metric));
  const unit = metric === null ? "" : words.unit;
  return make("span", {}, number, ...(unit ? [" ", make("span", { class: "unit" }, unit)] : []));
}

function numbers(run, left, say) {
  const known = run.total !== null;
  const found = [known ? say("step {step} of {total}", { step: run.step, total: run.total }) : say("step {step}", { step: run.step })];
  if (run.seeds > 1) found.push(say("{count} seeds", { count: run.seeds }));
  if (run.place !== null) found.push(run.place ? say("{count} before it", { count: run.place }) : say("next in line"));
  if (left !== null && left > 0) found.push(roughly(left, say));
  if (run.speed !== null) found.push(say("{speed} steps/s", { speed: tickText(run.speed) }));
  if (run.tested) found.push(say("tested {when}", { when: run.tested }));
  found.push(run.size, say("{count} multiply-adds per step, forward", { count: short(run.cost) }));
  return found;
}

export function chip(colour, dash) {
  const style = `stroke:${colour};stroke-width:3;stroke-dasharray:${dash}`;
  const line = makeSvg("line", { x1: 0, x2: 26, y1: 6, y2: 6, style });
  return makeSvg("svg", { class: "chip", "aria-hidden": "true" }, line);
}
