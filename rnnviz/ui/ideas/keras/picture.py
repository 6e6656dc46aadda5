"""Three programs side by side: lines that match have one number and light up together."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.messages import Message
from rnnviz.ui.language import _, say
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ideas.keras.defaults_part import Difference
    from rnnviz.ideas.keras.lines import Comparison, Line, Program

DIGITS = "①②③④⑤⑥⑦⑧⑨"


def comparison(comparison: "Comparison") -> Markup:
    """The three programs, what their lines do, and what replaces the outdated ones."""
    numbers = dict(zip(comparison.jobs, DIGITS, strict=False))
    keras, pytorch, book = (
        _program(title, program, numbers)
        for title, program in (
            ("Keras 3", comparison.keras),
            ("PyTorch", comparison.pytorch),
            (_("The book, 2018 (Keras 2)"), comparison.book),
        )
    )
    return tag(
        "div",
        tag(
            "div",
            tag("div", keras, book, class_="code-column"),
            tag("div", pytorch, _replacements(comparison), class_="code-column"),
            class_="code-columns",
        ),
        _jobs(comparison, numbers),
    )


def _program(title: str, program: "Program", numbers: dict[str, str]) -> Markup:
    rows = [_line(line, numbers) for line in program.lines]
    output = tag("div", f"→ {program.output}", class_="code-output") if program.output else None
    return tag(
        "section",
        tag("div", title, class_="code-title"),
        tag("div", rows, output, class_="code-lines"),
        aria_label=title,
    )


def _line(line: "Line", numbers: dict[str, str]) -> Markup:
    before, outdated, after = line.text, "", ""
    if line.outdated:
        before, outdated, after = line.text.partition(line.outdated)
    return tag(
        "div",
        tag("span", numbers.get(line.job, ""), class_="code-number"),
        tag("span", before, tag("del", outdated) if outdated else None, after, class_="code-text"),
        class_="code-line",
        data_twin=line.job or None,
    )


def _jobs(comparison: "Comparison", numbers: dict[str, str]) -> Markup:
    rows = [
        tag(
            "div",
            tag("span", numbers[job], class_="code-number"),
            tag("span", say(text)),
            class_="code-line",
            data_twin=job,
        )
        for job, text in comparison.jobs.items()
    ]
    title = tag("div", _("What the lines do"), class_="code-title")
    return tag("section", title, tag("div", rows, class_="code-jobs"))


def _replacements(comparison: "Comparison") -> Markup:
    rows = [
        tag("div", tag("del", each.old, class_="code-text"), " → ", say(each.new))
        for each in comparison.replacements
    ]
    title = tag("div", _("Struck out, and what takes its place"), class_="code-title")
    return tag("section", title, rows)


def defaults_table(rows: Sequence["Difference"]) -> Markup:
    """The defaults that differ."""
    head = [tag("th", name, scope="col") for name in ("", "Keras 3", "PyTorch")]
    body = [
        tag(
            "tr",
            tag("th", _text(row.what), scope="row"),
            tag("td", _text(row.keras)),
            tag("td", _text(row.pytorch)),
        )
        for row in rows
    ]
    return tag("table", tag("thead", tag("tr", head)), tag("tbody", body), class_="code-table")


def _text(part: Message | str) -> str:
    return say(part) if isinstance(part, Message) else part
