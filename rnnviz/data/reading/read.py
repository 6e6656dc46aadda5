"""Reading a table of measurements: each step decides one thing, from the whole column."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rnnviz.data.reading.arguments import Arguments, Codes, check_columns
from rnnviz.data.reading.form.cleaning import clean
from rnnviz.data.reading.form.dialect import recognise_dialect
from rnnviz.data.reading.form.encoding import decode
from rnnviz.data.reading.form.formats import refuse_binary, refuse_markup
from rnnviz.data.reading.form.lines import BAD_QUOTES, unify_ends
from rnnviz.data.reading.form.table import Table, read_table
from rnnviz.data.reading.groups import fill_groups
from rnnviz.data.reading.order import arrange
from rnnviz.data.reading.result import Question, SeriesReading
from rnnviz.data.reading.times import TimeReading, recognise_times
from rnnviz.data.reading.values.cells import Cells, Numbers
from rnnviz.data.reading.values.directions import recognise_directions
from rnnviz.data.reading.values.likeness import NO_SERIES, follows_no_order, panel_remark
from rnnviz.data.reading.values.marks import Decision, Form, decide_marks, mark_remarks
from rnnviz.data.reading.values.missing import (
    code_questions,
    codes_of,
    find_codes,
    likely_codes,
    missing_remarks,
    without,
)
from rnnviz.data.reading.values.roles import NUMBER_SHARE, Columns, assign_roles, is_index
from rnnviz.data.reading.values.target import default_target
from rnnviz.data.validate import SERIES_LIMIT, check_size, check_written
from rnnviz.messages import N_, Message, Problem, excerpt

HEAD_ROWS = 10

NO_NUMBERS = N_("No column holds numbers; the columns are: {columns}.")
NO_ROWS = N_("No row of the file holds both a time and a number.")
NO_TARGET = N_("{value} cannot be forecast; the columns of numbers are: {columns}.")


@dataclass
class _Notes:
    """The remarks and questions of the parts of a reading, in their order."""

    remarks: list[Message] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)

    def add(self, remarks: Iterable[Message] = (), questions: Iterable[Question] = ()) -> None:
        self.remarks.extend(remarks)
        self.questions.extend(questions)


def read(content: bytes, arguments: Arguments) -> SeriesReading:
    """The measurements in a visitor's table.

    Raises:
        Problem: it is no such table; it says why, and where.
    """
    notes = _Notes()
    check_size(content, SERIES_LIMIT)
    refuse_binary(content)
    decoded = decode(content, arguments.encoding)
    notes.add(decoded.remarks, decoded.questions)
    check_written(decoded.text)
    data = clean(unify_ends(decoded.text)).encode("utf-8", "replace")
    refuse_markup(data)
    dialect = recognise_dialect(data, arguments.separator, arguments.header)
    notes.add(dialect.remarks, dialect.questions)
    table = read_table(dialect)
    notes.add(table.remarks)
    check_columns(arguments.time, dialect.names)
    check_columns(arguments.directions, dialect.names)

    cells = [Cells.of(name, table.frame[name]) for name in dialect.names]
    form = Form(dialect.separator, b'"' in dialect.body.data)
    marks = decide_marks(cells, form, arguments.decimal, arguments.thousands)
    numbers = {column.name: column.numbers(marks.of(column.name)) for column in cells}
    index = _index(cells, numbers, arguments.time or (), dialect.header > 0)
    times = _times(table, marks, index, arguments)
    also = [name for name in times.also if name != arguments.target]
    columns = assign_roles(cells, numbers, (*times.names, *also), index)
    if not columns.numbers and times.names and arguments.time is None:
        return read(content, replace(arguments, time=()))  # a count is all that was measured
    if not columns.numbers:
        raise Problem(NO_NUMBERS, columns=excerpt(", ".join(dialect.names)))
    _refuse_open_quotes(cells, columns, table)
    number_cells = [part.cells for part in columns.numbers.values()]
    notes.add(mark_remarks(marks, number_cells), marks.questions)
    notes.add(times.remarks, times.questions)
    notes.add(columns.remarks)

    missing, code_doubts = _missing(columns, arguments)
    parts = {name: without(part, codes_of(missing, name)) for name, part in columns.numbers.items()}
    notes.add(missing_remarks(parts.values()), code_doubts)
    measured = {name: part.rows for name, part in parts.items()}
    order = arrange(times, arguments.spacing)
    notes.add(order.remarks, order.questions)
    if not len(order.rows):
        raise Problem(NO_ROWS)
    values = {name: column[order.rows] for name, column in measured.items()}
    labels = {
        name: table.frame[name]
        for name, role in columns.roles.items()
        if role in ("text", "number")
    }
    notes.add(_doubts(times, labels, measured))

    directions, remarks, questions = recognise_directions(values, arguments.directions)
    notes.add(remarks, questions)
    target = arguments.target or default_target(values, directions)
    if target not in values:
        raise Problem(NO_TARGET, value=excerpt(target), columns=excerpt(", ".join(values)))
    decisions = {
        "encoding": decoded.encoding,
        "separator": dialect.separator,
        "decimal": marks.marks.decimal,
        "thousands": marks.marks.thousands,
        "header": dialect.header,
        "time": list(times.names),
        "time_format": times.time_format,
        "missing": missing,
        "target": target,
        "spacing": order.spacing,
        "directions": list(directions),
    }
    is_first = order.rows < HEAD_ROWS
    places = {int(order.rows[place]): int(place) for place in np.flatnonzero(is_first)}
    return SeriesReading(
        times=order.times,
        elapsed=order.elapsed,
        step=order.step,
        columns=values,
        target=target,
        directions=directions,
        spacing=order.spacing,
        remarks=tuple(notes.remarks),
        questions=tuple(notes.questions),
        decisions=decisions,
        roles=columns.roles,
        head=tuple(map(tuple, table.frame.iloc[:HEAD_ROWS].astype(str).to_numpy())),
        head_rows=tuple(places.get(row) for row in range(min(HEAD_ROWS, len(table.frame)))),
    )


def _refuse_open_quotes(cells: Sequence[Cells], columns: Columns, table: Table) -> None:
    """Refuse a cell of a number or time that goes on over the next lines: its mark is not closed.

    Raises:
        Problem: there is one; it names the line.
    """
    for column in cells:
        if columns.roles[column.name] in ("number", "time"):
            for place, text in enumerate(column.texts):
                if "\n" in text or "\r" in text:
                    row = int(np.argmax(column.codes == place))
                    raise Problem(BAD_QUOTES, line=int(table.lines[row]))


def _index(
    cells: Sequence[Cells], numbers: Mapping[str, Numbers], times: Sequence[str], named: bool
) -> tuple[str, ...]:
    """The columns that only number the rows, unless no other holds numbers."""
    index = tuple(
        column.name
        for place, column in enumerate(cells)
        if column.name not in times and is_index(column, numbers[column.name], place == 0, named)
    )
    others = [
        name
        for name, part in numbers.items()
        if name not in index and part.share > NUMBER_SHARE and part.present
    ]
    return index if others else ()


def _times(
    table: Table, marks: Decision, index: Sequence[str], arguments: Arguments
) -> TimeReading:
    def parse_number(column: "pd.Series[str]") -> NDArray[np.float64]:
        cells = Cells.of(str(column.name), column)
        return cells.numbers(marks.of(cells.name)).rows

    cells, remarks = fill_groups(
        {str(name): table.frame[name] for name in table.frame if name not in index}
    )
    reading = recognise_times(
        cells,
        parse_number,
        time=arguments.time,
        time_format=arguments.time_format or None,
    )
    of_times = [remark for remark in remarks if remark.values["column"] in reading.names]
    return replace(reading, remarks=(*reading.remarks, *of_times))


def _missing(columns: Columns, arguments: Arguments) -> tuple[Codes, tuple[Question, ...]]:
    """The numbers that stand for missing, and the questions whether they do."""
    if arguments.missing is not None:
        return arguments.missing, ()
    parts = list(columns.numbers.values())
    suspicions = find_codes(parts)
    return likely_codes(suspicions, parts), code_questions(suspicions, parts)


def _doubts(
    times: TimeReading,
    labels: Mapping[str, "pd.Series[str]"],
    columns: Mapping[str, NDArray[np.float64]],
) -> list[Message]:
    """What speaks against a time series."""
    if times.instants is not None:
        remark = panel_remark(times.instants, labels)
        return [] if remark is None else [remark]
    if times.elapsed is None and follows_no_order(columns.values()):
        return [Message(NO_SERIES)]
    return []
