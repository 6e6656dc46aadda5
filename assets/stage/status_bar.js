// Below the stage: its keys, and the largest difference of its numbers from PyTorch's.
import { make } from "../common/dom.js";
import { formatNumber } from "../common/format.js";

export function statusBar({ say, model }) {
  const difference = formatNumber(Math.max(...model.cells.map((cell) => cell.agreement)));
  return make(
    "div",
    { class: "status-bar" },
    keysHelp(say),
    make(
      "p",
      {},
      say("Checked against PyTorch: the largest difference is {difference}.", {
        difference: difference,
      }),
    ),
  );
}

function keysHelp(say) {
  const keys = [
    ["← →", say("step")],
    ["Home End", say("start and end of a direction")],
    ["Space", say("play, pause")],
    ["Enter", say("look inside")],
    ["↑ ↓", say("other unit")],
  ];
  return make(
    "p",
    { class: "keys" },
    ...keys.map(([key, text]) => make("span", {}, make("kbd", {}, key), ` ${text}`)),
  );
}
