"""The six drawings, one for each kind of problem: what is read, where it goes, what is answered."""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from rnnviz.ui.ideas.kinds.controls import EXAMPLES, KINDS
from rnnviz.ui.ideas.kinds.tiles import LINE, PALE, PRIMARY, style
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw, tag
from rnnviz.ui.shared_cache import shared

DRAWINGS = {
    "one-to-one": ("b", "u"),
    "one-to-many": ("bwww", "uuuu"),
    "many-to-one": ("bbbb", "   u"),
    "in-step": ("bbbb", "uuuu"),
    "not-in-step": ("bbwww", "  uuu"),
    "language-model": ("bbbb", "uuuu"),
}
"""By kind its cells, `b` those that read and `w` those that write, and `u` where one answers."""

GAP, WIDTH, HEIGHT, TOP = 26, 132, 76, 32


def draw_gallery(kind: str) -> None:
    """Draw all six; the open one is framed, and a click opens another."""
    draw(_gallery(kind, current()), key="kinds.gallery", pick="kinds.kind")


@shared(max_entries=20)
def _gallery(kind: str, language: str) -> Markup:
    cards = [_card(code, is_open=code == kind) for code in KINDS]
    return tag(
        "div",
        cards,
        role="group",
        aria_label=_("Kinds of problems"),
        style=style(
            display="grid",
            grid_template_columns="repeat(auto-fit,minmax(min(132px,30%),1fr))",
            gap="8px",
            padding="3px",
        ),
    )


def _card(code: str, *, is_open: bool) -> Markup:
    frame = f"2px solid {PRIMARY}" if is_open else f"1px solid {LINE}"
    return tag(
        "div",
        _drawing(code),
        tag("div", _(KINDS[code]), style=style(font_weight="600")),
        tag("div", _(EXAMPLES[code]), class_="muted", style=style(font_size="0.8rem")),
        data_pick=code,
        aria_pressed="true" if is_open else "false",
        style=style(
            border=frame,
            border_radius="10px",
            padding="6px 4px 8px",
            text_align="center",
            line_height="1.3",
            background=PALE if is_open else "transparent",
        ),
    )


def _drawing(code: str) -> Markup:
    cells, answers = DRAWINGS[code]
    left = (WIDTH - GAP * (len(cells) - 1)) / 2
    parts: list[Any] = []
    for number, (cell, answer) in enumerate(zip(cells, answers, strict=True)):
        x = left + GAP * number
        if number:
            parts.append(_line((x - GAP + 7, TOP + 8), (x - 7, TOP + 8), "currentcolor"))
        writes = cell == "w"
        parts.append(
            tag(
                "rect",
                x=x - 7,
                y=TOP,
                width=14,
                height=16,
                rx=3,
                fill="var(--st-background-color)" if writes else LINE,
                stroke="currentcolor",
            )
        )
        if not writes:
            parts += _arrow(x, TOP + 42, TOP + 18, "currentcolor")
        if answer == "u":
            parts += _arrow(x, TOP - 3, TOP - 26, PRIMARY)
    return tag(
        "svg",
        parts,
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        width=WIDTH,
        height=HEIGHT,
        aria_hidden="true",
        style=style(margin="0 auto", max_width="100%"),
    )


def _arrow(x: float, start: float, end: float, colour: str) -> Sequence[Markup]:
    """An arrow upwards."""
    head = f"M{x - 4:g} {end + 6:g}L{x:g} {end:g}L{x + 4:g} {end + 6:g}"
    return (
        _line((x, start), (x, end), colour),
        tag("path", d=head, fill="none", stroke=colour, stroke_width=1.5),
    )


def _line(start: tuple[float, float], end: tuple[float, float], colour: str) -> Markup:
    return tag(
        "line",
        x1=start[0],
        y1=start[1],
        x2=end[0],
        y2=end[1],
        stroke=colour,
        stroke_width=1.5,
    )
