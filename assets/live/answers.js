// The fixed questions with the answers of all contestants: a table, small curves, generated text.
import { make, makeSvg } from "../common/dom.js";
import { isolated } from "../common/words.js";
import { drawKey } from "./cards.js";
import { linePath } from "./chart.js";
import { extent } from "./scale.js";
import { DASHES, dashOf } from "./training_curves.js";

const CURVE = { width: 260, height: 90 };

/** @param {import("./payload.js").RacePayload} data */
export function drawAnswers(panel, data, say) {
  panel.hidden = data.answers.length === 0;
  if (panel.hidden) return;
  panel.querySelector(".scrolling").setAttribute("aria-label", say("Questions and answers"));
  const names = data.contestants.map(({ name }) => name);
  const titles = [say("Question"), say("Right answer"), ...names];
  const head = titles.map((title) => make("th", { scope: "col", role: "columnheader" }, title));
  const rows = data.answers.map(({ question, target, answers, correct }) =>
    tableRow(
      make("th", { scope: "row", role: "rowheader" }, isolated(question)),
      tableCell(titles[1], {}, isolated(target)),
      ...answers.map((answer, k) => answerCell(names[k], answer, correct[k], say)),
    ),
  );
  panel
    .querySelector("table")
    .replaceChildren(
      make("thead", { role: "rowgroup" }, tableRow(...head)),
      make("tbody", { role: "rowgroup" }, ...rows),
    );
}

// Some browsers take a table's own roles away when it is laid out as cards.
function tableRow(...cells) {
  return make("tr", { role: "row" }, ...cells);
}

// `title` is that of the column; a card shows it in front of the value.
function tableCell(title, attributes, ...content) {
  const text = make("span", {}, ...content);
  return make("td", { role: "cell", "data-title": title, ...attributes }, text);
}

function answerCell(title, answer, correct, say) {
  if (answer === null) return tableCell(title, {}, "–");
  const sign =
    correct === null
      ? null
      : make(
          "span",
          { class: "sign", role: "img", "aria-label": correct ? say("right") : say("wrong") },
          correct ? "✓" : "✗",
        );
  const attributes = { "data-right": correct === null ? null : String(correct) };
  return tableCell(title, attributes, sign, isolated(answer));
}

// An answer that is right or wrong is a label, which no curve shows: the curves are the inputs.
export function curvesTitle(answers, say) {
  const labels = answers.some(({ correct }) => correct.some((value) => value !== null));
  return labels ? say("The inputs as curves") : say("The same answers as curves");
}

// For numbers: the question's own curves in ink, each contestant's answer in its colour.
/** @param {import("./payload.js").RacePayload} data */
export function drawAnswerCurves(panel, data, say) {
  const answers = data.answers.filter(
    ({ sharedCurves, curves }) => sharedCurves.length || curves.some((own) => own.length),
  );
  panel.hidden = answers.length === 0;
  if (panel.hidden) return;
  const inkNames = [
    ...new Set(answers.flatMap(({ sharedCurves }) => sharedCurves.map(({ name }) => name))),
  ];
  panel
    .querySelector(".legend")
    .replaceChildren(
      ...inkNames.map((name, k) => make("li", {}, drawKey("currentColor", dashOf(k)), name)),
      ...data.contestants
        .filter((_, k) => answers.some(({ curves }) => curves[k].length))
        .map(({ name, colour }) => make("li", {}, drawKey(colour, DASHES[0]), name)),
    );
  panel
    .querySelector(".curves")
    .replaceChildren(
      ...answers.map((answer) => answerChart(answer, inkNames, data.contestants, say)),
    );
}

function answerChart({ target, answers, sharedCurves, curves }, inkNames, contestants, say) {
  const all = [...sharedCurves, ...curves.flat()];
  const x = extent(all.map(({ xs }) => xs)) ?? [0, 1];
  const y = extent(all.map(({ ys }) => ys)) ?? [0, 1];
  const box = { x: [4, CURVE.width - 4], y: [CURVE.height - 6, 6] };
  const draw = ({ xs, ys }, colour, dash) => {
    const d = linePath(xs, ys, x, y, box);
    const style = `stroke:${colour};fill:none;stroke-width:1.5;stroke-dasharray:${dash}`;
    if (xs.length > 1) return makeSvg("path", { d, style });
    // A single value is drawn as a point.
    const [cx, cy] = d.slice(1).split(" ");
    return makeSvg("circle", { cx: cx || 0, cy: cy || 0, r: 4, style: `fill:${colour}` });
  };
  const lines = [
    ...sharedCurves.map((curve) =>
      draw(curve, "currentColor", dashOf(inkNames.indexOf(curve.name))),
    ),
    ...curves.flatMap((own, k) =>
      own.map((curve) => draw(curve, contestants[k].colour, DASHES[0])),
    ),
  ];
  const label = say("Right answer: {target}. {answers}", {
    target,
    answers: answers.map((answer, k) => `${contestants[k].name}: ${answer ?? "–"}`).join("; "),
  });
  const viewBox = `0 0 ${CURVE.width} ${CURVE.height}`;
  return makeSvg("svg", { role: "img", "aria-label": label, viewBox }, ...lines);
}

// Text that each model has generated.
/** @param {import("./payload.js").Contestant[]} contestants */
export function drawGeneratedText(panel, contestants) {
  const writers = contestants.filter(({ snapshot }) => snapshot?.generatedText);
  panel.hidden = writers.length === 0;
  panel
    .querySelector(".generated-text")
    .replaceChildren(
      ...writers.flatMap(({ name, snapshot }) => [
        make("dt", {}, name),
        make("dd", {}, isolated(snapshot.generatedText)),
      ]),
    );
}
