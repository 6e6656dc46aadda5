// Outlines on the grid: the unit that is explained, and its sources by role.
import { make } from "../common/dom.js";

export function showSourceMarks(grid, model, explanation) {
  grid.marks.replaceChildren();
  if (!explanation) return;
  const { cell, layer, row, unit, step } = explanation.target;
  addMark(grid, model, {
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
    addMark(grid, model, {
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

function addMark(grid, model, mark) {
  if (mark.step < 0 || mark.step >= model.steps) return;
  const area = markArea(grid, mark);
  if (!area) return;
  grid.marks.append(
    make("div", {
      class: `mark ${mark.role}`,
      style: `left:${area.left}px;top:${area.top}px;width:${area.width}px;height:${area.height}px`,
    }),
  );
}

function markArea(grid, mark) {
  const origin = grid.sheet.getBoundingClientRect();
  const left = grid.gutter + mark.step * grid.column;
  if (mark.row === "token") {
    const token = grid.tokens[mark.step].getBoundingClientRect();
    return {
      left: left + 2,
      top: token.top - origin.top,
      width: grid.column - 4,
      height: token.height,
    };
  }
  const candidates = grid.rows.filter(
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
    candidates.find((row) => row.line.offsetParent !== null) ??
    grid.rows.find(
      (row) =>
        row.node && row.cell === mark.cell && row.layer === mark.layer && row.name === mark.row,
    );
  if (!row || row.line.offsetParent === null) return null;
  const picture = row.picture.getBoundingClientRect();
  const unit = picture.height / row.units;
  const height = mark.whole ? picture.height : Math.max(7, unit);
  const top = picture.top - origin.top + (mark.whole ? 0 : (mark.unit + 0.5) * unit - height / 2);
  return { left, top, width: grid.column, height };
}
