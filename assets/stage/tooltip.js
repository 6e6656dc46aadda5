// The number under the pointer, beside it.
import { make, setText } from "../common/dom.js";
import { formatNumber } from "../common/format.js";
import { unitUnder } from "./grid.js";

export function addTooltip(stage) {
  const { grid, model, say } = stage;
  const tooltip = make("div", { class: "tooltip", "aria-hidden": "true", hidden: true });
  grid.sheet.append(tooltip);
  grid.sheet.onpointerleave = () => {
    tooltip.hidden = true;
  };
  grid.sheet.onpointermove = (event) => {
    const { step, target, value } = unitUnder(grid, model, event);
    tooltip.hidden = !target || event.pointerType === "touch" || stage.dragging;
    if (tooltip.hidden) return;
    setText(
      tooltip,
      say("step {step}, unit {unit}: {value}", {
        step: step + 1,
        unit: target.unit + 1,
        value: formatNumber(value),
      }),
    );
    const sheet = grid.sheet.getBoundingClientRect();
    // To the left of the pointer where there is no space at its right.
    const right = event.clientX + 190 < grid.element.getBoundingClientRect().right;
    const x = event.clientX - sheet.left + (right ? 14 : -14);
    const y = event.clientY - sheet.top - 34;
    const shift = right ? "" : " translateX(-100%)";
    tooltip.style.transform = `translate(${x}px, ${y}px)${shift}`;
  };
}
