// Below the stage: its keys, and how far its numbers are from PyTorch's own.
import { make } from "../common/dom.js";
import { formatNumber } from "../common/format.js";

export function footer({ say, model }) {
  const apart = formatNumber(Math.max(...model.cells.map((cell) => cell.agreement)));
  return make(
    "div",
    { class: "foot" },
    keysHelp(say),
    make(
      "p",
      {},
      say("Checked against PyTorch: the largest difference is {difference}.", {
        difference: apart,
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
