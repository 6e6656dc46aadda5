// The fixed questions with everybody's answers: as a table of words, as little curves, as written text.
import { make, makeSvg } from "../common/dom.js";
import { isolated } from "../common/words.js";
import { chip } from "./cards.js";
import { path } from "./chart.js";
import { DASHES } from "./courses.js";
import { extent } from "./scale.js";

const CURVE = { width: 260, height: 90 };

export function drawAnswers(panel, data, say) {
  panel.hidden = data.answers.length === 0;
  if (panel.hidden) return;
  panel.querySelector(".scrolling").setAttribute("aria-label", say("Questions and answers"));
  const titles = [say("Question"), say("Right answer"), ...data.runs.map((run) => run.name)];
  const head = titles.map((title) => make("th", { scope: "col", role: "columnheader" }, title));
  const rows = data.answers.map((each) =>
    row(
      make("th", { scope: "row", role: "rowheader" }, isolated(each.question)),
      cell(titles[1], {}, isolated(each.wanted)),
      ...each.given.map((given, k) => answer(titles[k + 2], given, each.right[k], say)),
    ),
  );
  const table = panel.querySelector("table");
  table.replaceChildren(
    make("thead", { role: "rowgroup" }, row(...head)),
    make("tbody", { role: "rowgroup" }, ...rows),
  );
}

// The roles are a table's own, which it loses in some browsers when it is shown as cards.
function row(...cells) {
  return make("tr", { role: "row" }, ...cells);
}

// `title`: that of its column, which a card says in front.
function cell(title, attributes, ...content) {
  return make("td", { role: "cell", "data-title": title, ...attributes }, make("span", {}, ...content));
}

function answer(title, given, right, say) {
  if (given === null) return cell(title, {}, "–");
  const sign = right === null ? null : make("span", { class: "sign", role: "img", "aria-label": right ? say("right") : say("wrong") }, right ? "✓" : "✗");
  return cell(title, { "data-right": right === null ? null : String(right) }, sign, isolated(given));
}

// An answer that is right or wrong is a label: no curve can show it, only what was read.
export function curvesTitle(answers, say) {
  const labels = answers.some((each) => each.right.some((right) => right !== null));
  return labels ? say("What they read, as curves") : say("The same answers as curves");
}

// For numbers: the question's own curves in ink, each model's answer in its colour.
export function drawCurves(panel, data, say) {
  const drawn = data.answers.filter((each) => each.lines.length || each.own.some((own) => own.length));
  panel.hidden = drawn.length === 0;
  if (panel.hidden) return;
  const inks = [...new Set(drawn.flatMap((each) => each.lines.map((line) => line.name)))];
  panel.querySelector(".legend").replaceChildren(
    ...inks.map((name, k) => make("li", {}, chip("currentColor", DASHES[k % DASHES.length]), name)),
    ...data.runs
      .filter((_, k) => drawn.some((each) => each.own[k].length))
      .map((run) => make("li", {}, chip(run.colour, "none"), run.name)),
  );
  panel.querySelector(".curves").replaceChildren(...drawn.map((each) => curve(each, inks, data.runs, say)));
}

function curve(answer, inks, runs, say) {
  const all = [...answer.lines, ...answer.own.flat()];
  const x = extent(all.map((line) => line.xs)) ?? [0, 1];
  const y = extent(all.map((line) => line.ys)) ?? [0, 1];
  const box = { x: [4, CURVE.width - 4], y: [CURVE.height - 6, 6] };
  const draw = (line, colour, dash) => {
    const style = `stroke:${colour};fill:none;stroke-width:1.5;stroke-dasharray:${dash}`;
    if (line.xs.length > 1) return makeSvg("path", { d: path(line.xs, line.ys, x, y, box), style });
    // A single value is a point.
    const [cx, cy] = path(line.xs, line.ys, x, y, box).slice(1).split(" ");
    return makeSvg("circle", { cx: cx || 0, cy: cy || 0, r: 4, style: `fill:${colour}` });
  };
  const parts = [
    ...answer.lines.map((line) => draw(line, "currentColor", DASHES[inks.indexOf(line.name) % DASHES.length])),
    ...answer.own.flatMap((own, k) => own.map((line) => draw(line, runs[k].colour, "none"))),
  ].filter(Boolean);
  const label = say("Wanted: {wanted}. {answers}", {
    wanted: answer.wanted,
    answers: answer.given.map((given, k) => `${runs[k].name}: ${given ?? "–"}`).join("; "),
  });
  return makeSvg("svg", { role: "img", "aria-label": label, viewBox: `0 0 ${CURVE.width} ${CURVE.height}` }, ...parts);
}

// What each model writes by itself.
export function drawSamples(panel, runs) {
  const written = runs.filter((run) => run.probe?.sample);
  panel.hidden = written.length === 0;
  panel
    .querySelector(".samples")
    .replaceChildren(...written.flatMap((run) => [make("dt", {}, run.name), make("dd", {}, isolated(run.probe.sample))]));
}
