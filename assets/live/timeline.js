// The slider over the moments whose weights are kept; at its right end stands what is now.
import { setText } from "../common/dom.js";

const REST = 150; // milliseconds without a move after which Python is asked

// Which moment a place of the slider means: null behind the last.
export function momentOf(moments, place) {
  return place >= moments.length ? null : moments[place];
}

// The place of a moment; behind the last for null, or for one that is not there.
export function placeOf(moments, moment) {
  const place = moments.indexOf(moment);
  return place < 0 ? moments.length : place;
}

// root.moment is what is looked at; `report` tells Python, with -1 for now.
export function drawTimeline(root, data, say, report) {
  const line = root.querySelector(".timeline");
  const slider = line.querySelector("input");
  const output = line.querySelector("output");
  const now = line.querySelector("button");
  if (root.moment !== null && !data.moments.includes(root.moment)) choose(root, null, report);
  line.hidden = data.moments.length === 0;
  setText(line.querySelector("[data-text=timeline]"), say("Look back on the training"));
  setText(now, say("Now"));
  const show = () => {
    slider.max = data.moments.length;
    slider.value = placeOf(data.moments, root.moment);
    const text = root.moment === null ? say("now") : say("after training step {step}", { step: root.moment });
    setText(output, text);
    slider.setAttribute("aria-valuetext", text);
    now.disabled = root.moment === null;
  };
  slider.oninput = () => {
    choose(root, momentOf(data.moments, Number(slider.value)), report);
    show();
    root.drawCharts();
  };
  now.onclick = () => {
    choose(root, null, report);
    show();
    root.drawCharts();
  };
  show();
}

function choose(root, moment, report) {
  root.moment = moment;
  clearTimeout(root.resting);
  root.resting = setTimeout(() => report("moment", moment ?? -1), REST);
}
