// The printed scales, and the switches for gates and cell state.
import { cssColour, rampColour } from "../common/colours.js";
import { make } from "../common/dom.js";
import { formatNumber, powerOfTen } from "../common/format.js";
import { optionalRows, showOptional } from "./grid.js";

export function buildLegend(stage) {
  const { say, limits } = stage;
  const heat = make("div", { class: "ramp" });
  const norms = make("div", { class: "ramp" });
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
          make("span", {}, say("gradient norm")),
          make(
            "div",
            {},
            norms,
            make(
              "div",
              { class: "ticks" },
              ...powerTicks(limits.norms).map((power) => make("span", {}, powerOfTen(power))),
            ),
          ),
        )
      : null,
  );
  return { element, heat, norms };
}

export function paintLegend(legend, theme) {
  const ramp = (colours) => {
    const stops = Array.from({ length: 9 }, (_, k) => cssColour(rampColour(colours, k / 8)));
    return `linear-gradient(to right, ${stops.join(", ")})`;
  };
  legend.heat.style.background = ramp(theme.divergingStops);
  legend.norms.style.background = ramp(theme.sequentialStops);
}

// At most five whole powers of ten, equally far difference, with both ends.
export function powerTicks({ low, high }) {
  const span = high - low;
  const parts = [4, 3, 2, 1].find((count) => span % count === 0 && span >= count) ?? 1;
  return Array.from({ length: parts + 1 }, (_, k) => low + (k * span) / parts);
}

// One switch for all gates; once they are shown, one for each of them.
export function buildRowSwitches(stage, grid) {
  const { say } = stage;
  const names = optionalRows(grid);
  if (!names.size) return null;
  const visible = new Set();
  const allSwitch = make("button", { type: "button", class: "switch" });
  const switches = [...names].map(([name, text]) => ({
    name,
    button: make("button", { type: "button", class: "switch small" }, text),
  }));
  const element = make(
    "div",
    { class: "switches", role: "group", "aria-label": say("Gates and cell state") },
    allSwitch,
    ...switches.map((entry) => entry.button),
  );
  const draw = () => {
    showOptional(grid, visible);
    allSwitch.replaceChildren(
      visible.size ? say("Hide gates and cell state") : say("Show gates and cell state"),
    );
    allSwitch.setAttribute("aria-expanded", String(visible.size > 0));
    for (const entry of switches) {
      entry.button.hidden = visible.size === 0;
      entry.button.setAttribute("aria-pressed", String(visible.has(entry.name)));
    }
    stage.onRowsChanged?.();
  };
  allSwitch.onclick = () => {
    if (visible.size) visible.clear();
    else for (const name of names.keys()) visible.add(name);
    draw();
  };
  for (const entry of switches) {
    entry.button.onclick = () => {
      if (!visible.delete(entry.name)) visible.add(entry.name);
      draw();
    };
  }
  draw();
  return element;
}
