"""Which mark stands before the decimals and which between thousands, from whole columns.

A cell such as "1,5", "0,123" or "1.400,50" proves it; one such as "1,003" may be read both ways. A
column of these only is decided by the others of the file, or by its numbers without a mark: 998
beside 1,003 means thousands. What remains is asked.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rnnviz.data.reading.result import Choice, Question
from rnnviz.data.reading.values.cells import Cells
from rnnviz.data.reading.values.numbers import Marks, groups, take_apart
from rnnviz.messages import N_, Message, excerpt

DECIMAL_COMMA = N_("The decimal mark is a comma.")
THOUSANDS = N_("The numbers have thousands marks: {cell} is read as {value}.")
OTHER_MARKS = N_(
    "Column {column} is written with other marks than the rest: {cell} is read as {value}."
)
TWO_READINGS = N_("Column {column}: what is {cell}?")
READS = N_("{cell} is {value}")

_CERTAIN = 10
"""How many groups of three digits, beside numbers below 1,000, are thousands without a question."""

_SIMPLE = re.compile(r"[+-]?(\d+)(?:([.,])(\d*))?", re.ASCII)
_OTHER = {".": ",", ",": "."}


@dataclass(frozen=True)
class Form:
    """What stands between the cells of the file, and whether any stands in quotation marks."""

    separator: str
    quoted: bool


@dataclass
class Evidence:
    """What the cells of a column say about its marks, in rows.

    decimal     mark -> rows in which it can only stand before decimals
    thousands   mark -> rows in which it can only stand between thousands
    either      mark -> rows in which it may do both; `sample` has one of the cells of each
    whole       how many different numbers from 1 to 999 have no mark
    large       rows of larger numbers without a mark
    """

    decimal: Counter[str] = field(default_factory=Counter)
    thousands: Counter[str] = field(default_factory=Counter)
    either: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    large: int = 0
    sample: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, cells: Cells) -> "Evidence":
        """The evidence in a column."""
        evidence = cls()
        for text, count, missing in zip(cells.texts, cells.counts, cells.missing, strict=True):
            if not missing:
                evidence.add(text, int(count))
        return evidence

    def add(self, text: str, count: int) -> None:
        """Count the rows that hold this text."""
        simple = _SIMPLE.fullmatch(text)
        if simple:
            before, mark, after = simple.groups()
            if mark:
                self._add_single(before, mark, after, (), False, count, text)
            else:
                self._add_whole(before, count)
            return
        written = take_apart(text)
        if written is None:
            return
        body = written.body
        marks = [mark for mark in "., '" if mark in body]
        if not marks:
            self._add_whole(body, count)
            return
        last = max(".,", key=body.rfind)
        before, mark, after = body.rpartition(last)
        others = [other for other in marks if other != last]
        if mark and body.count(last) == 1:
            self._add_single(before, last, after, others, bool(written.exponent), count, text)
        elif len(marks) == 1 and groups(body, marks[0]):
            self.thousands[marks[0]] += count
            self.sample.setdefault(marks[0], text)

    def _add_whole(self, digits: str, count: int) -> None:
        if len(digits.lstrip("0")) > 3:
            self.large += count
        elif digits.strip("0"):
            self.whole += 1

    def _add_single(
        self,
        before: str,
        mark: str,
        after: str,
        others: Sequence[str],
        exponent: bool,
        count: int,
        text: str,
    ) -> None:
        """Count a cell with one dot or comma, and perhaps thousands marks before it."""
        if others:
            if len(others) == 1 and groups(before, others[0]):
                self.decimal[mark] += count
                self.thousands[others[0]] += count
                self.sample.setdefault(others[0], text)
            return
        fits = len(after) == 3 and 1 <= len(before) <= 3 and before[0] != "0" and not exponent
        (self.either if fits else self.decimal)[mark] += count
        self.sample.setdefault(mark, text)


@dataclass(frozen=True)
class Decision:
    """The marks of the file, and of each column (by name) where these are others."""

    marks: Marks
    columns: Mapping[str, Marks]
    questions: tuple[Question, ...]

    def of(self, column: str) -> Marks:
        """The marks of one column."""
        return self.columns.get(column, self.marks)


def decide_marks(
    columns: Sequence[Cells], form: Form, decimal: str | None, thousands: str | None
) -> Decision:
    """The decimal and thousands marks of a file; what is not None is taken as it is."""
    evidence = [Evidence.of(cells) for cells in columns]
    questions: tuple[Question, ...] = ()
    if decimal is None:
        decimal = _OTHER.get(thousands or "") or _proved(evidence)
    if decimal is None:
        marks, questions = _from_doubtful(columns, evidence, form)
        decimal = marks.decimal
    if thousands is None:
        thousands = _thousands_of(evidence, decimal)
    marks = Marks(decimal, thousands)
    own = {
        cells.name: _own_marks(part, marks) for cells, part in zip(columns, evidence, strict=True)
    }
    others = {name: other for name, other in own.items() if other != marks}
    return Decision(marks, others, questions)


def _proved(columns: Sequence[Evidence]) -> str | None:
    """The decimal mark that cells prove, None if none does; each column has one vote."""
    votes = {".": 0.0, ",": 0.0}
    for evidence in columns:
        dot = evidence.decimal["."] + evidence.thousands[","]
        comma = evidence.decimal[","] + evidence.thousands["."]
        if dot + comma:
            votes["."] += dot / (dot + comma)
            votes[","] += comma / (dot + comma)
    return max(votes, key=votes.__getitem__) if any(votes.values()) else None


def _thousands_of(columns: Sequence[Evidence], decimal: str) -> str:
    """The thousands mark of a file with this decimal mark, "" for none."""
    counts: Counter[str] = Counter()
    for evidence in columns:
        counts.update(evidence.thousands)
        counts[_OTHER[decimal]] += evidence.either[_OTHER[decimal]]
    counts[decimal] = 0
    mark, count = max(counts.items(), key=lambda item: item[1])
    return mark if count else ""


def _own_marks(evidence: Evidence, marks: Marks) -> Marks:
    """The marks of one column: those of the file unless most of its cells prove others."""
    decimal, rival = marks.decimal, _OTHER[marks.decimal]
    agree = evidence.decimal[decimal] + evidence.thousands[rival]
    if evidence.decimal[rival] + evidence.thousands[decimal] > agree:
        decimal, rival = rival, decimal
    proved = {mark: count for mark, count in evidence.thousands.items() if mark != decimal}
    if proved:
        return Marks(decimal, max(proved, key=proved.__getitem__))
    if decimal == marks.decimal:
        return marks
    return Marks(decimal, rival if evidence.either[rival] else "")


def _from_doubtful(
    columns: Sequence[Cells], evidence: Sequence[Evidence], form: Form
) -> tuple[Marks, tuple[Question, ...]]:
    """The marks of a file in which no cell proves them, and the question that remains."""
    doubts: list[tuple[Marks, tuple[Question, ...]]] = []
    for cells, part in zip(columns, evidence, strict=True):
        for mark in ".,":
            if not part.either[mark]:
                continue
            first, second, sure = _readings(part, mark, form)
            if sure:
                return first, ()
            doubts.append((first, (_question(cells.name, part.sample[mark], first, second),)))
    return doubts[0] if doubts else (Marks(".", ""), ())


def _readings(evidence: Evidence, mark: str, form: Form) -> tuple[Marks, Marks, bool]:
    """The likelier and the other reading of a doubtful column, and whether no question remains."""
    as_decimal, as_thousands = Marks(mark, ""), Marks(_OTHER[mark], mark)
    if not evidence.whole and not evidence.large:
        if mark == "," and form.separator != ";":
            return as_thousands, as_decimal, False  # with semicolons, decimal commas are usual
        # Where commas stand between cells without quotes, the decimal mark is a dot.
        return as_decimal, as_thousands, mark == "." and form.separator == "," and not form.quoted
    if evidence.large:
        return as_decimal, as_thousands, False
    # Decimals without their last zeros would have one or two digits in one cell of ten, and none
    # in one of a thousand. A single whole number may be a code.
    sure = evidence.whole > 1 and evidence.either[mark] >= _CERTAIN
    return as_thousands, as_decimal, sure


def _number(cell: str, marks: Marks) -> float:
    parsed = marks.parse(cell)
    return parsed[0] if parsed else float("nan")


def _question(column: str, cell: str, first: Marks, second: Marks) -> Question:
    choices = tuple(
        Choice(
            Message(READS, {"cell": excerpt(cell), "value": f"{_number(cell, marks):.15g}"}),
            {"decimal": marks.decimal, "thousands": marks.thousands},
        )
        for marks in (first, second)
    )
    values = {"column": column, "cell": excerpt(cell)}
    return Question(Message(TWO_READINGS, values), choices)


def mark_remarks(decision: Decision, columns: Sequence[Cells]) -> list[Message]:
    """What to say about the marks in the columns that hold numbers."""
    marks = decision.marks
    remarks = [Message(DECIMAL_COMMA)] if marks.decimal == "," else []
    if marks.thousands:
        example = _example(columns, decision, marks)
        if example:
            remarks.append(Message(THOUSANDS, example))
    for cells in columns:
        own = decision.columns.get(cells.name)
        if own is not None:
            example = _example([cells], decision, own)
            remarks.append(Message(OTHER_MARKS, {"column": cells.name, **example}))
    return remarks


def _example(columns: Sequence[Cells], decision: Decision, marks: Marks) -> dict[str, str]:
    """A cell with these thousands (or decimal) marks and the number that is read from it."""
    mark = marks.thousands or marks.decimal
    for cells in columns:
        if decision.of(cells.name) == marks:
            for text in cells.texts:
                written = take_apart(text)
                if written and mark in written.body:
                    number = marks.parse(text)
                    if number is not None:
                        return {"cell": excerpt(text), "value": f"{number[0]:.15g}"}
    return {}
