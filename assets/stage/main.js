// The stage: complete traces come in once, the visitor walks through them here.
import { colourTable, isDark, parseColour } from "../common/colours.js";
import { make, setText } from "../common/dom.js";
import { translator } from "../common/words.js";
import { buildAside, showAside, showCode } from "./aside.js";
import { buildBoard, paintBoard, resizeBoard, showOnBoard } from "./board.js";
import { decodePayload, hasBackward } from "./decode.js";
import { footer } from "./foot.js";
import { onKey, startDrag } from "./input.js";
import { buildInspect, drawPanel, lookAt } from "./inspect.js";
import { buildLegend, buildSwitches, paintLegend } from "./legend.js";
import { markSources } from "./marks.js";
import { narrate } from "./narration.js";
import { axisLength, clampIndex, homeIndex, indexOf, indexOfStep, placeAt, stepDuration } from "./playback.js";
import { sharedLimits } from "./rows.js";
import { addTip } from "./tip.js";
import { buildTransport, showPlaying, showTransport } from "./transport.js";

const REPORT_AFTER = 250;
const SPEAK_AFTER = 400;

const stages = new WeakMap();

export default function renderStage({ data, parentElement, setStateValue }) {
  const known = stages.get(parentElement);
  let stage = known;
  if (!known || known.id !== data.id) {
    known?.dispose();
    stage = createStage(data, parentElement);
    stages.set(parentElement, stage);
  } else if (indexOf(data.start, stage.model.steps) !== stage.startIndex) {
    stage.startIndex = indexOf(data.start, stage.model.steps);
    if (goTo(stage, stage.startIndex)) bringIntoView(stage);
  }
  stage.report = (place) => setStateValue("position", place);
  if (known !== stage) bringIntoView(stage);
  if (known && known !== stage) reportSoon(stage);
  dress(stage);
  return () => {
    stages.get(parentElement)?.dispose();
    stages.delete(parentElement);
  };
}

function createStage(data, parentElement) {
  const model = decodePayload(data);
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
    place: placeAt(startIndex, model.steps),
    speed: 1,
    timer: 0,
    dragging: false,
    dark: null,
  };
  build(stage, parentElement.querySelector(".rnnviz-stage-mount"));
  listen(stage);
  dress(stage);
  stage.measure();
  if (data.autoplay && !matchMedia("(prefers-reduced-motion: reduce)").matches)
    setPlaying(stage, true);
  return stage;
}

function build(stage, mount) {
  const { say, compact } = stage;
  stage.transport = buildTransport(stage, {
    home: () => goTo(stage, homeIndex(stage.index, stage.model.steps)),
    step: (by) => goTo(stage, stage.index + by),
    toggle: () => setPlaying(stage, !stage.timer),
    goToIndex: (index) => goTo(stage, index),
    speed: (factor) => {
      stage.speed = factor;
    },
  });
  stage.board = buildBoard(stage);
  addTip(stage);
  stage.legend = buildLegend(stage);
  stage.aside = buildAside(stage);
  stage.inspect = compact
    ? null
    : buildInspect(stage, {
        look: (where) => look(stage, where),
        goTo: (step) => goTo(stage, indexOfStep(step, stage.place.phase, stage.model.steps)),
      });
  stage.spoken = make("div", { class: "spoken", "aria-live": "polite", role: "status" });
  const switches = buildSwitches(stage, stage.board);
  stage.transport.heading.append(stage.legend.element);
  stage.root = make(
    "div",
    {
      class: compact ? "rnnviz-stage compact" : "rnnviz-stage",
      "data-testid": "stage",
      tabindex: "0",
      role: "region",
      "aria-label": say("The stage: a network reads step by step"),
    },
    stage.transport.bar,
    stage.transport.heading,
    make(
      "div",
      { class: "main" },
      make("div", { class: "left" }, stage.board.element, compact ? null : switches),
      stage.aside.element,
    ),
    stage.inspect?.element ?? null,
    compact ? null : footer(stage),
    stage.spoken,
  );
  showPlaying(stage.transport, stage, false);
  mount.replaceChildren(stage.root);
}

// Everything that depends on the theme; called at the start and whenever the theme may have changed.
function dress(stage) {
  const background =
    getComputedStyle(stage.root).getPropertyValue("--st-background-color") || "#ffffff";
  const dark = isDark(background);
  if (stage.dark === dark) return;
  stage.dark = dark;
  stage.root.dataset.theme = dark ? "dark" : "light";
  const { diverging, sequential } = stage.palette[dark ? "dark" : "light"];
  stage.look = {
    table: colourTable(diverging),
    sequential,
    divergingStops: diverging.map(parseColour),
    sequentialStops: sequential.map(parseColour),
    ink: parseColour(dark ? "#e8eaed" : "#1b1f24"),
  };
  paintBoard(stage.board, stage.look);
  paintLegend(stage.legend, stage.look);
  if (stage.board.column) show(stage);
}

function listen(stage) {
  const { root, board } = stage;
  const actions = {
    goTo: (index) => goTo(stage, index),
    look: (where) => look(stage, where),
    setPlaying: (on) => setPlaying(stage, on),
  };
  root.onkeydown = (event) => onKey(stage, event, actions);
  board.element.onpointerdown = (event) => startDrag(stage, event, actions);
  stage.rearranged = () => refreshMarks(stage);
  stage.measure = () => {
    resizeBoard(board, stage.model);
    show(stage);
  };
  const observer = new ResizeObserver(stage.measure);
  observer.observe(root);
  stage.dispose = () => {
    observer.disconnect();
    clearTimeout(stage.timer);
    clearTimeout(stage.reporter);
    clearTimeout(stage.speaker);
  };
}

function goTo(stage, index) {
  const next = clampIndex(index, stage.model.steps, stage.back);
  if (next === stage.index) return false;
  stage.index = next;
  stage.place = placeAt(next, stage.model.steps);
  show(stage);
  reportSoon(stage);
  return true;
}

// A suggestion further down sets the stage: what it promises has to be seen.
function bringIntoView({ root, compact }) {
  if (!compact && root.getBoundingClientRect().top < 0) root.scrollIntoView({ block: "start" });
}

function reportSoon(stage) {
  clearTimeout(stage.reporter);
  stage.reporter = setTimeout(() => report(stage), REPORT_AFTER);
}

// Where the visitor has come to rest; while it plays nobody has.
function report(stage) {
  if (!stage.compact && !stage.timer) stage.report({ ...stage.place });
}

function show(stage) {
  const { root, place, model } = stage;
  root.dataset.step = String(place.step);
  root.dataset.phase = place.phase;
  showOnBoard(stage.board, model, place, stage.dragging);
  showTransport(stage.transport, stage, place, stage.index);
  showAside(stage.aside, stage, place);
  if (stage.inspect?.where) drawPanel(stage.inspect);
  refreshMarks(stage);
  clearTimeout(stage.speaker);
  stage.speaker = setTimeout(
    () => setText(stage.spoken, stage.timer ? "" : narrate(model, stage.place, stage.say)),
    SPEAK_AFTER,
  );
}

function refreshMarks(stage) {
  if (stage.inspect) markSources(stage.board, stage.model, stage.inspect.explanation);
}

function look(stage, where) {
  lookAt(stage.inspect, where);
  if (stage.aside.code) showCode(stage.aside.code, stage, stage.place);
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
  showPlaying(stage.transport, stage, Boolean(stage.timer));
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
