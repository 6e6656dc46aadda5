"""The window to guess, the degrees that can be picked, and the table of all methods."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rnnviz.ui.ideas.forecasting.marks import ANSWER, LINE, NOW, READ, Axis, curve, rule, svg, words
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ideas.forecasting.guesses import Question

LEFT, NOW_X, BUTTON = 44, 640, 104
CELL, TOP = 18, 34

Row = tuple[str, float | None, float, str]
"""A method: its name, its error on the windows that were guessed, on all, and what it took."""


def question_picture(question: "Question", guesses: str, ahead: int) -> Markup:
    """Draw the window up to now, and behind it a button for each degree."""
    low, high = min(question.line), max(question.line)
    choices = question.choices
    bottom, top = min(low - 1, choices[-1] - 0.5), max(high + 1, choices[0] + 0.5)
    height = CELL * (top - bottom)
    y = Axis(bottom, top, TOP + height, TOP)
    x = Axis(0, len(question.line) - 1, LEFT, NOW_X)
    parts: list[Any] = []
    for degrees in y.ticks(5):
        parts.append(rule(LEFT, y(degrees), NOW_X, y(degrees), stroke_opacity=0.2))
        parts.append(words(LEFT - 6, y(degrees) + 4, f"{degrees}°", "end", class_="muted"))
    points = [(x(hour), y(value)) for hour, value in enumerate(question.line)]
    parts.append(curve(points, stroke=READ, stroke_width=1.6))
    parts.append(tag("circle", cx=NOW_X, cy=y(question.now), r=5, fill=NOW))
    now = _("now, {date}: {value:.1f} °C", date=question.date, value=question.now)
    parts.append(words(NOW_X, 18, now, "end", font_weight=600))
    parts.append(rule(NOW_X, TOP, NOW_X, TOP + height, stroke=LINE, stroke_dasharray="3 3"))
    label = _(
        "The temperature of the window, which ends at {value:.1f} °C; the degrees at the right "
        "are buttons.",
        value=question.now,
    )
    size: dict[str, Any] = {"height": TOP + height + 10, "label": label}
    line = svg(*parts, width=NOW_X + 8, **size)
    buttons = svg(*_choices(choices, y, guesses, ahead), width=BUTTON + 4, **size)
    # Where it is narrow, the latest days are seen, and the buttons.
    latest = "min-width:0;overflow:hidden;display:flex;justify-content:flex-end"
    return tag("div", tag("div", line, style=latest), buttons, style="display:flex;gap:0.5rem")


def _choices(choices: Sequence[int], y: Axis, guesses: str, ahead: int) -> list[Any]:
    """A button for each degree, at its height."""
    title = _("in {count} {count:hour|hours}?", count=ahead)
    parts = [words(BUTTON / 2 + 2, 18, title, "middle", font_weight=600)]
    for degrees in choices:
        name = _("Guess {degrees} °C", degrees=degrees)
        box = {"x": 2, "y": y(degrees + 0.5), "width": BUTTON, "height": CELL - 1, "rx": 3}
        fill = {"fill": ANSWER, "fill_opacity": 0.14}
        pick = f"{guesses}{degrees}c"
        parts.append(tag("rect", data_pick=pick, aria_label=name, **fill, **box))
        text = f"{degrees} °C"
        place = BUTTON / 2 + 2, y(degrees) + 4
        parts.append(words(*place, text, "middle", pointer_events="none"))
    return parts


def answers(guesses: Sequence[int], questions: "Sequence[Question]") -> Markup:
    """One mark for each guess: what was said, what came, and how far they lie apart."""
    chips = []
    for guess, question in zip(guesses, questions, strict=False):
        off = abs(guess - question.target)
        closer = off < abs(question.now - question.target)
        colour = NOW if closer else ANSWER
        chips.append(
            tag(
                "span",
                _("{guess} → {target:.1f} °C", guess=guess, target=question.target),
                " ",
                tag("b", _("off by {error:.1f}", error=off)),
                style=f"border:2px solid {colour};border-radius:4px;padding:0.1rem 0.5rem",
                title=_("“As it is now” said {value:.1f} °C.", value=question.now),
            )
        )
    style = "display:flex;flex-wrap:wrap;gap:0.35rem;margin:0.4rem 0"
    return tag("div", chips, style=style)


def table(rows: Sequence[Row], guessed: int, windows: int) -> Markup:
    """All methods on the same windows, the best on top."""
    longest = max(error for _name, _own, error, _took in rows)
    titles = [_("Method")]
    if guessed:
        titles.append(_("Error on your {count} {count:window|windows}", count=guessed))
    titles += [_("Error on all {count} windows", count=windows), "", _("What it took")]
    head = tag("tr", [tag("th", title) for title in titles])
    body = []
    for name, own, error, took in rows:
        cells = [tag("td", name)]
        if guessed:
            cells.append(tag("td", "–" if own is None else f"{own:.2f} °C"))
        width = f"{100 * error / longest:.0f}%" if error else "0"
        bar = tag("div", style=f"width:{width};height:0.8rem;background:{READ}")
        cells.append(tag("td", f"{error:.2f} °C" if error else "–"))
        cells.append(tag("td", bar, style="width:28%;min-width:4rem"))
        cells.append(tag("td", took, class_="muted"))
        style = "font-weight:600" if not error else None
        body.append(tag("tr", cells, style=style))
    return tag("table", tag("thead", head), tag("tbody", body), class_="code-table")
