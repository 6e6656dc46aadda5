// Keys and pointers: what the visitor does moves the position or inspects a unit.
//
// actions: {goTo(index), inspect(target or null), setPlaying(on)}
import { unitUnder } from "./grid.js";
import { indexAfterKey, indexOfStep } from "./playback.js";

const TAGS_WITH_ARROW_KEYS = ["SELECT", "TEXTAREA"];

export function onKey(stage, event, actions) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const { tagName, type } = event.target;
  if (TAGS_WITH_ARROW_KEYS.includes(tagName) || type === "number") return;
  if (handleKey(stage, event.key, tagName === "BUTTON", actions)) event.preventDefault();
}

function handleKey(stage, key, onButton, actions) {
  const next = indexAfterKey(key, stage.index, stage.model.steps, stage.back);
  if (next !== null) {
    actions.goTo(next);
    return true;
  }
  if (key === " " && !onButton) {
    actions.setPlaying(!stage.timer);
    return true;
  }
  const target = stage.inspector?.target;
  if (key === "Enter" && !onButton && stage.inspector) {
    const [first] = stage.model.cells[0].layers[0].rows;
    actions.inspect(target ? null : { cell: 0, layer: 0, row: first.name, unit: 0 });
    return true;
  }
  if ((key === "ArrowUp" || key === "ArrowDown") && target) {
    const { units } = stage.model.cells[target.cell].layers[target.layer];
    actions.inspect({
      ...target,
      unit: (target.unit + (key === "ArrowUp" ? units - 1 : 1)) % units,
    });
    return true;
  }
  return false;
}

const DRAG_THRESHOLD = 4;

// Drag the plot to scrub; a press that does not move is a click on a unit.
export function startDrag(stage, event, actions) {
  if (event.button !== 0 || !event.target.closest(".track")) return;
  const { grid, model } = stage;
  const from = event.clientX;
  const pressed = unitUnder(grid, model, event);
  const move = (moved) => {
    stage.dragging ||= Math.abs(moved.clientX - from) > DRAG_THRESHOLD;
    if (!stage.dragging) return;
    const { step } = unitUnder(grid, model, moved);
    actions.goTo(indexOfStep(step, stage.position.phase, model.steps));
  };
  const end = (ended) => {
    grid.element.onpointermove = grid.element.onpointerup = grid.element.onpointercancel = null;
    const scrubbed = stage.dragging;
    stage.dragging = false;
    if (scrubbed || ended.type === "pointercancel") return;
    actions.goTo(indexOfStep(pressed.step, stage.position.phase, model.steps));
    if (pressed.target && stage.inspector) actions.inspect(pressed.target);
  };
  grid.element.setPointerCapture(event.pointerId);
  grid.element.onpointermove = move;
  grid.element.onpointerup = grid.element.onpointercancel = end;
}
