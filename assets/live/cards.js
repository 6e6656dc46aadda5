// One card per contestant: who it is, how far it is, how well it does, what it costs.
import { make, makeSvg } from "../common/dom.js";
import { addSample, secondsLeft, timeLeftText } from "./eta.js";
import { formatTick } from "./scale.js";
import { dashOf } from "./training_curves.js";

const UNITS = [
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

// 1234567 -> "1.2 M": a size at a glance.
export function shortCount(count) {
  for (const [size, letter] of UNITS) {
    if (count >= size) return `${formatTick(Number((count / size).toPrecision(2)))} ${letter}`;
  }
  return String(count);
}

// `format` is that of the metric, number and unit apart; `view.progress` keeps samples of how far
// each contestant was, from which the time left is estimated.
export function drawCards(view, format) {
  const { root, data, say } = view;
  const now = performance.now() / 1000;
  const cards = data.contestants.map((contestant, k) => {
    const earlier = view.progress.get(k) ?? [];
    const { state, progress } = contestant;
    const samples = state === "running" ? addSample(earlier, now, progress) : [];
    view.progress.set(k, samples);
    const score = scoreText(contestant.latestValidationMetric, format);
    return card(contestant, k, data.metricName, score, say, secondsLeft(samples));
  });
  root.querySelector(".cards").replaceChildren(...cards);
}

/** @param {import("./payload.js").Contestant} contestant */
function card(contestant, k, metricName, score, say, left) {
  const { code, name, colour, state, stateTitle, progress } = contestant;
  const fill = `width:${(100 * progress).toFixed(1)}%;background:${colour}`;
  return make(
    "li",
    { class: "card", "data-cell": code, "data-state": state },
    make(
      "div",
      { class: "card-head" },
      drawKey(colour, dashOf(k)),
      make("strong", {}, name),
      make("span", { class: "quiet" }, stateTitle),
    ),
    make("div", { class: "score" }, score, make("span", { class: "quiet" }, metricName)),
    make("div", { class: "bar" }, make("div", { class: "fill", style: fill })),
    make(
      "div",
      { class: "numbers" },
      ...details(contestant, left, say).map((text) => make("span", {}, text)),
    ),
  );
}

// The number in large type; its unit, which may be a whole phrase, small behind it.
function scoreText(metric, format) {
  const text = metric === null ? "–" : format.number(metric);
  const number = make("span", { class: "big" }, text);
  const unit = metric === null ? "" : format.unit;
  return make("span", {}, number, ...(unit ? [" ", make("span", { class: "unit" }, unit)] : []));
}

/** @param {import("./payload.js").Contestant} contestant */
function details(contestant, left, say) {
  const { step, totalSteps, seeds, queuePosition, stepsPerSecond } = contestant;
  const parts = [
    totalSteps === null
      ? say("step {step}", { step })
      : say("step {step} of {total}", { step, total: totalSteps }),
  ];
  if (seeds > 1) parts.push(say("{count} seeds", { count: seeds }));
  if (queuePosition === 0) parts.push(say("next in the queue"));
  else if (queuePosition !== null) {
    parts.push(say("{count} ahead in the queue", { count: queuePosition }));
  }
  if (left !== null && left > 0) parts.push(timeLeftText(left, say));
  if (stepsPerSecond !== null) {
    parts.push(say("{speed} steps/s", { speed: formatTick(stepsPerSecond) }));
  }
  if (contestant.testStepText) {
    parts.push(say("evaluated {when}", { when: contestant.testStepText }));
  }
  const count = shortCount(contestant.multiplyAdds);
  parts.push(contestant.sizeText, say("{count} multiply-adds per step, forward", { count }));
  return parts;
}

// A short piece of a contestant's line.
export function drawKey(colour, dash) {
  const style = `stroke:${colour};stroke-width:3;stroke-dasharray:${dash}`;
  const line = makeSvg("line", { x1: 0, x2: 26, y1: 6, y2: 6, style });
  return makeSvg("svg", { class: "line-key", "aria-hidden": "true" }, line);
}
