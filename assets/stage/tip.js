// The number under the pointer, beside it.
import { make, setText } from "../common/dom.js";
import { formatNumber } from "../common/format.js";
import { placeUnder } from "./board.js";

export function addTip(stage) {
  const { board, model, say } = stage;
  const tip = make("div", { class: "tip", "aria-hidden": "true", hidden: true });
  board.sheet.append(tip);
  board.sheet.onpointerleave = () => {
    tip.hidden = true;
  };
  board.sheet.onpointermove = (event) => {
    const { step, looked, value } = placeUnder(board, model, event);
    tip.hidden = !looked || event.pointerType === "touch" || stage.dragging;
    if (tip.hidden) return;
    setText(
      tip,
      say("step {step}, unit {unit}: {value}", {
        step: step + 1,
        unit: looked.unit + 1,
        value: formatNumber(value),
      }),
    );
    const sheet = board.sheet.getBoundingClientRect();
    // To the left of the pointer where there is no room at its right.
    const right = event.clientX + 190 < board.element.getBoundingClientRect().right;
    tip.style.transform = `translate(${event.clientX - sheet.left + (right ? 14 : -14)}px, ${event.clientY - sheet.top - 34}px)${right ? "" : " translateX(-100%)"}`;
  };
}
