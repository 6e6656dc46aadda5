// The printed scales, and the switches for gates and cell state.
import { cssColour, rampColour } from "../common/colours.js";
import { make } from "../common/dom.js";
import { formatNumber, powerOfTen } from "../common/format.js";
import { optionalRows, showOptional } from "./board.js";

export function buildLegend(stage) {
  const { say, limits } = stage;
  const heat = make("div", { class: "ramp" });
  const sizes = make("div", { class: "ramp" });
  const limit = formatNumber(limits.h ?? 1);
  const element = make(
    "div",
    { class: "legend", "aria-hidden": "true" },
    make(
      "div",
      { class: "scale forward-only" },
      make("span", {}, say("hidden state")),
      make("span", { class: "end" }, `−${limit}`),
      heat,
      make("span", { class: "end" }, `+${limit}`),
    ),
    stage.back
      ? make(
          "div",
          { class: "scale backward-only" },
          make("span", {}, say("size of the gradient")),
          make(
            "div",
            {},
            sizes,
            make(
              "div",
              { class: "ticks" },
              ...powerTicks(limits.norms).map((power) => make("span", {}, powerOfTen(power))),
            ),
          ),
        )
      : null,
  );
  return { element, heat, sizes };
}

export function paintLegend(legend, look) {
  const ramp = (colours) =>
    `linear-gradient(to right, ${Array.from({ length: 9 }, (_, k) => cssColour(rampColour(colours, k / 8))).join(", ")})`;
  legend.heat.style.background = ramp(look.divergingStops);
  legend.sizes.style.background = ramp(look.sequentialStops);
}

// At most five whole powers of ten, equally far apart, with both ends.
export function powerTicks({ low, high }) {
  const span = high - low;
  const parts = [4, 3, 2, 1].find((count) => span % count === 0 && span >= count) ?? 1;
  return Array.from({ length: parts + 1 }, (_, k) => low + (k * span) / parts);
}

// One switch for all gates; once they are shown, one for each of them.
export function buildSwitches(stage, board) {
  const { say } = stage;
  const names = optionalRows(board);
  if (!names.size) return null;
  const shown = new Set();
  const all = make("button", { type: "button", class: "switch" });
  const each = [...names].map(([name, text]) => ({
    name,
    button: make("button", { type: "button", class: "switch small" }, text),
  }));
  const element = make(
    "div",
    { class: "switches", role: "group", "aria-label": say("Gates and cell state") },
    all,
    ...each.map((entry) => entry.button),
  );
  const draw = () => {
    showOptional(board, shown);
    all.replaceChildren(
      shown.size ? say("Hide gates and cell state") : say("Show gates and cell state"),
    );
    all.setAttribute("aria-expanded", String(shown.size > 0));
    for (const entry of each) {
      entry.button.hidden = shown.size === 0;
      entry.button.setAttribute("aria-pressed", String(shown.has(entry.name)));
    }
    stage.rearranged?.();
  };
  all.onclick = () => {
    if (shown.size) shown.clear();
    else for (const name of names.keys()) shown.add(name);
    draw();
  };
  for (const entry of each) {
    entry.button.onclick = () => {
      if (!shown.delete(entry.name)) shown.add(entry.name);
      draw();
    };
  }
  draw();
  return element;
}
