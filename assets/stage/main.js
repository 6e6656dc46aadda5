// The stage: complete traces arrive once; the visitor steps through them in the browser.
import { colourTable, isDark, parseColour } from "../common/colours.js";
import { make, setText } from "../common/dom.js";
import { translator } from "../common/words.js";
import { buildDetailsPanel, showDetails, showPseudocode } from "./details_panel.js";
import { buildGrid, paintGrid, resizeGrid, showOnGrid } from "./grid.js";
import { onKey, startDrag } from "./input.js";
import { buildInspector, drawInspector, setTarget } from "./inspector.js";
import { sharedLimits } from "./layer_rows.js";
import { buildLegend, buildRowSwitches, paintLegend } from "./legend.js";
import { narrate } from "./narration.js";
import { fetchNumbers, numbersInside } from "./numbers.js";
import { decodePayload, hasBackward } from "./payload.js";
import {
  axisLength,
  clampIndex,
  homeIndex,
  indexOf,
  indexOfStep,
  positionAt,
  stepDuration,
} from "./playback.js";
import { buildPlaybackBar, showPlaying, showPosition } from "./playback_bar.js";
import { showSourceMarks } from "./source_marks.js";
import { statusBar } from "./status_bar.js";
import { addTooltip } from "./tooltip.js";

const REPORT_DELAY = 250;
const ANNOUNCE_DELAY = 400;

const stages = new WeakMap();
// What each place shows as soon as its numbers have been fetched.
const expected = new WeakMap();

export default function renderStage(mount) {
  const { data, parentElement } = mount;
  const isThere = stages.get(parentElement)?.id === data.id;
  const words = isThere ? null : numbersInside(data);
  if (words || isThere) {
    expected.delete(parentElement);
    draw(mount, words);
  } else {
    awaitNumbers(mount);
  }
  return () => {
    expected.delete(parentElement);
    stages.get(parentElement)?.dispose();
    stages.delete(parentElement);
  };
}

// Fetches the numbers; meanwhile the stage before stays.
function awaitNumbers(mount) {
  const { data, parentElement, setStateValue } = mount;
  const isUnderWay = expected.get(parentElement)?.data.id === data.id;
  expected.set(parentElement, mount);
  if (isUnderWay) return;
  const latest = () => {
    const current = expected.get(parentElement);
    return current?.data.id === data.id ? current : null;
  };
  fetchNumbers(data.address).then(
    (words) => {
      const current = latest();
      if (!current) return;
      expected.delete(parentElement);
      draw(current, words);
    },
    () => {
      if (!latest()) return;
      expected.delete(parentElement);
      setStateValue("missing", data.id); // The server then sends them with its message.
    },
  );
}

// Shows `data`, whose numbers are `words`; null where the stage has them already.
function draw({ data, parentElement, setStateValue }, words) {
  const previous = stages.get(parentElement);
  let stage = previous;
  if (words) {
    previous?.dispose();
    stage = createStage(data, words, parentElement);
    stages.set(parentElement, stage);
  } else if (indexOf(data.start, stage.model.steps) !== stage.startIndex) {
    stage.startIndex = indexOf(data.start, stage.model.steps);
    if (goTo(stage, stage.startIndex)) scrollIntoViewIfAbove(stage);
  }
  stage.report = (position) => setStateValue("position", position);
  if (previous !== stage) scrollIntoViewIfAbove(stage);
  if (previous && previous !== stage) reportSoon(stage);
  applyTheme(stage);
}

function createStage(data, words, parentElement) {
  const model = decodePayload(data, words);
  const back = hasBackward(model);
  const startIndex = clampIndex(indexOf(data.start, model.steps), model.steps, back);
  const stage = {
    id: data.id,
    model,
    back,
    startIndex,
    compact: data.compact,
    say: translator(data.strings),
    palette: data.palette,
    limits: sharedLimits(model),
    index: startIndex,
    position: positionAt(startIndex, model.steps),
    speed: 1,
    timer: 0,
    dragging: false,
    dark: null,
  };
  build(stage, parentElement.querySelector(".rnnviz-stage-mount"));
  listen(stage);
  applyTheme(stage);
  stage.resize();
  if (data.autoplay && !matchMedia("(prefers-reduced-motion: reduce)").matches)
    setPlaying(stage, true);
  return stage;
}

function build(stage, mount) {
  const { say, compact } = stage;
  stage.playbackBar = buildPlaybackBar(stage, {
    home: () => goTo(stage, homeIndex(stage.index, stage.model.steps)),
    step: (by) => goTo(stage, stage.index + by),
    toggle: () => setPlaying(stage, !stage.timer),
    goToIndex: (index) => goTo(stage, index),
    speed: (factor) => {
      stage.speed = factor;
    },
  });
  stage.grid = buildGrid(stage);
  addTooltip(stage);
  stage.legend = buildLegend(stage);
  stage.details = buildDetailsPanel(stage);
  stage.inspector = compact
    ? null
    : buildInspector(stage, {
        inspect: (target) => inspect(stage, target),
        goTo: (step) => goTo(stage, indexOfStep(step, stage.position.phase, stage.model.steps)),
      });
  stage.announcement = make("div", {
    class: "announcement",
    "aria-live": "polite",
    role: "status",
  });
  const switches = buildRowSwitches(stage, stage.grid);
  stage.playbackBar.heading.append(stage.legend.element);
  stage.root = make(
    "div",
    {
      class: compact ? "rnnviz-stage compact" : "rnnviz-stage",
      "data-testid": "stage",
      tabindex: "0",
      role: "region",
      "aria-label": say("A network reads the sequence step by step"),
    },
    stage.playbackBar.bar,
    stage.playbackBar.heading,
    make(
      "div",
      { class: "main" },
      make("div", { class: "left" }, stage.grid.element, compact ? null : switches),
      stage.details.element,
    ),
    stage.inspector?.element ?? null,
    compact ? null : statusBar(stage),
    stage.announcement,
  );
  showPlaying(stage.playbackBar, stage, false);
  mount.replaceChildren(stage.root);
}

// Draws what depends on the theme; called whenever that may have changed.
function applyTheme(stage) {
  const background =
    getComputedStyle(stage.root).getPropertyValue("--st-background-color") || "#ffffff";
  const dark = isDark(background);
  if (stage.dark === dark) return;
  stage.dark = dark;
  stage.root.dataset.theme = dark ? "dark" : "light";
  const { diverging, sequential } = stage.palette[dark ? "dark" : "light"];
  stage.theme = {
    table: colourTable(diverging),
    sequential,
    divergingStops: diverging.map(parseColour),
    sequentialStops: sequential.map(parseColour),
    ink: parseColour(dark ? "#e8eaed" : "#1b1f24"),
  };
  paintGrid(stage.grid, stage.theme);
  paintLegend(stage.legend, stage.theme);
  if (stage.grid.column) show(stage);
}

function listen(stage) {
  const { root, grid } = stage;
  const actions = {
    goTo: (index) => goTo(stage, index),
    inspect: (target) => inspect(stage, target),
    setPlaying: (on) => setPlaying(stage, on),
  };
  root.onkeydown = (event) => onKey(stage, event, actions);
  grid.element.onpointerdown = (event) => startDrag(stage, event, actions);
  stage.onRowsChanged = () => refreshMarks(stage);
  stage.resize = () => {
    resizeGrid(grid, stage.model);
    show(stage);
  };
  const observer = new ResizeObserver(stage.resize);
  observer.observe(root);
  stage.dispose = () => {
    observer.disconnect();
    clearTimeout(stage.timer);
    clearTimeout(stage.reportTimer);
    clearTimeout(stage.announceTimer);
  };
}

function goTo(stage, index) {
  const next = clampIndex(index, stage.model.steps, stage.back);
  if (next === stage.index) return false;
  stage.index = next;
  stage.position = positionAt(next, stage.model.steps);
  show(stage);
  reportSoon(stage);
  return true;
}

// A suggestion below the stage sets it: its effect has to be visible.
function scrollIntoViewIfAbove({ root, compact }) {
  if (!compact && root.getBoundingClientRect().top < 0) root.scrollIntoView({ block: "start" });
}

function reportSoon(stage) {
  clearTimeout(stage.reportTimer);
  stage.reportTimer = setTimeout(() => report(stage), REPORT_DELAY);
}

// Reports the position at which the visitor has stopped; none while it plays.
function report(stage) {
  if (!stage.compact && !stage.timer) stage.report({ ...stage.position });
}

function show(stage) {
  const { root, position, model } = stage;
  root.dataset.step = String(position.step);
  root.dataset.phase = position.phase;
  showOnGrid(stage.grid, model, position, stage.dragging);
  showPosition(stage.playbackBar, stage, position, stage.index);
  showDetails(stage.details, stage, position);
  if (stage.inspector?.target) drawInspector(stage.inspector);
  refreshMarks(stage);
  clearTimeout(stage.announceTimer);
  stage.announceTimer = setTimeout(
    () => setText(stage.announcement, stage.timer ? "" : narrate(model, stage.position, stage.say)),
    ANNOUNCE_DELAY,
  );
}

function refreshMarks(stage) {
  if (stage.inspector) showSourceMarks(stage.grid, stage.model, stage.inspector.explanation);
}

function inspect(stage, target) {
  setTarget(stage.inspector, target);
  if (stage.details.code) showPseudocode(stage.details.code, stage, stage.position);
  refreshMarks(stage);
}

function setPlaying(stage, on) {
  clearTimeout(stage.timer);
  stage.timer = 0;
  if (on) {
    const last = axisLength(stage.model.steps, stage.back) - 1;
    if (stage.index === last) goTo(stage, 0);
    playOn(stage, last);
  } else {
    report(stage);
  }
  showPlaying(stage.playbackBar, stage, Boolean(stage.timer));
}

function playOn(stage, last) {
  stage.timer = setTimeout(
    () => {
      if (stage.index < last) goTo(stage, stage.index + 1);
      else if (stage.compact) goTo(stage, 0);
      if (stage.index < last || stage.compact) playOn(stage, last);
      else setPlaying(stage, false);
    },
    stepDuration(stage.speed, stage.model.steps) * (stage.index === last ? 2 : 1),
  );
}
