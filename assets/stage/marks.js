// Outlines on the board: the unit that is explained, and its sources by role.
import { make } from "../common/dom.js";

export function markSources(board, model, explanation) {
  board.marks.replaceChildren();
  if (!explanation) return;
  const { cell, layer, row, unit, step } = explanation.where;
  addMark(board, model, {
    cell,
    layer,
    row,
    unit,
    step,
    role: "target",
    gradient: explanation.gradient,
  });
  for (const source of explanation.sources) {
    if (source.initial) continue;
    addMark(board, model, {
      cell,
      layer,
      row: source.row,
      unit,
      step: source.step,
      whole: source.whole,
      role: source.role,
      gradient: explanation.gradient,
    });
  }
}

function addMark(board, model, mark) {
  if (mark.step < 0 || mark.step >= model.steps) return;
  const area = markArea(board, mark);
  if (!area) return;
  board.marks.append(
    make("div", {
      class: `mark ${mark.role}`,
      style: `left:${area.left}px;top:${area.top}px;width:${area.width}px;height:${area.height}px`,
    }),
  );
}

function markArea(board, mark) {
  const origin = board.sheet.getBoundingClientRect();
  const left = board.gutter + mark.step * board.column;
  if (mark.row === "token") {
    const token = board.tokens[mark.step].getBoundingClientRect();
    return {
      left: left + 2,
      top: token.top - origin.top,
      width: board.column - 4,
      height: token.height,
    };
  }
  const candidates = board.rows.filter(
    (row) =>
      row.picture &&
      row.values &&
      row.cell === mark.cell &&
      row.layer === mark.layer &&
      row.name === mark.row &&
      !row.node &&
      (row.kind === "gradient") === mark.gradient,
  );
  const row =
    candidates.find((one) => one.line.offsetParent !== null) ??
    board.rows.find(
      (one) =>
        one.node && one.cell === mark.cell && one.layer === mark.layer && one.name === mark.row,
    );
  if (!row || row.line.offsetParent === null) return null;
  const picture = row.picture.getBoundingClientRect();
  const unit = picture.height / row.units;
  const height = mark.whole ? picture.height : Math.max(7, unit);
  const top = picture.top - origin.top + (mark.whole ? 0 : (mark.unit + 0.5) * unit - height / 2);
  return { left, top, width: board.column, height };
}
