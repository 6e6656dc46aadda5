// Keys and pointers: what the visitor does becomes a move or a look.
//
// actions: {goTo(index), look(where or null), setPlaying(on)}
import { placeUnder } from "./board.js";
import { indexAfterKey, indexOfStep } from "./playback.js";

const OWN_ARROWS = ["SELECT", "TEXTAREA"];

export function onKey(stage, event, actions) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const { tagName, type } = event.target;
  if (OWN_ARROWS.includes(tagName) || type === "number") return;
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
  const where = stage.inspect?.where;
  if (key === "Enter" && !onButton && stage.inspect) {
    const [first] = stage.model.cells[0].layers[0].rows;
    actions.look(where ? null : { cell: 0, layer: 0, row: first.name, unit: 0 });
    return true;
  }
  if ((key === "ArrowUp" || key === "ArrowDown") && where) {
    const { units } = stage.model.cells[where.cell].layers[where.layer];
    actions.look({ ...where, unit: (where.unit + (key === "ArrowUp" ? units - 1 : 1)) % units });
    return true;
  }
  return false;
}

const DRAG_FROM = 4;

// Drag the plot to scrub; a press that does not move is a click on a unit.
export function startDrag(stage, event, actions) {
  if (event.button !== 0 || !event.target.closest(".track")) return;
  const { board, model } = stage;
  const from = event.clientX;
  const pressed = placeUnder(board, model, event);
  const move = (moved) => {
    stage.dragging ||= Math.abs(moved.clientX - from) > DRAG_FROM;
    if (!stage.dragging) return;
    const { step } = placeUnder(board, model, moved);
    actions.goTo(indexOfStep(step, stage.place.phase, model.steps));
  };
  const end = (ended) => {
    board.element.onpointermove = board.element.onpointerup = board.element.onpointercancel = null;
    const scrubbed = stage.dragging;
    stage.dragging = false;
    if (scrubbed || ended.type === "pointercancel") return;
    actions.goTo(indexOfStep(pressed.step, stage.place.phase, model.steps));
    if (pressed.looked && stage.inspect) actions.look(pressed.looked);
  };
  board.element.setPointerCapture(event.pointerId);
  board.element.onpointermove = move;
  board.element.onpointerup = board.element.onpointercancel = end;
}
