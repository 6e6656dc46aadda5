"""The drawings of the memory machine: chain, loop, tree, and a dense network."""

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ideas.sequences.machine import Machine

WIDTH, BOX, HEIGHT = 136, 92, 44
FILL = "var(--st-secondary-background-color)"
OFF = "4 5"
"""The dashes of an edge that carries nothing."""


def chain(run: "Machine", step: int) -> Markup:
    """A processor for each time step; what it hands on stands on the arrow."""
    parts = []
    for place, (number, state) in enumerate(zip(run.numbers, run.states, strict=True), 1):
        x, y = 12 + (place - 1) * WIDTH, 52
        parts.append(tag("text", _("time step {t}", t=place), x=x + BOX / 2, y=20, **_centred()))
        parts.append(_processor(x, y, f"{state:,}", pick=place, is_here=place == step, t=place))
        parts += _input(x + BOX / 2, y + HEIGHT, f"{number:,}")
        if place < len(run.numbers):
            parts += _arrow(x + BOX, y + HEIGHT / 2, x + WIDTH, y + HEIGHT / 2, run.has_memory)
    description = _(
        "A chain of processors that hold {states}.", states=", ".join(map(str, run.states))
    )
    width = 24 + WIDTH * (len(run.numbers) - 1) + BOX
    return _svg(parts, width, 172, description)


def loop(run: "Machine", step: int) -> Markup:
    """One processor with an edge back to itself, at one time step."""
    x, y, middle = 120, 64, 120 + BOX / 2
    dashes = None if run.has_memory else OFF
    parts = [
        tag(
            "path",
            d=f"M{x + BOX},{y + 14} C{x + BOX + 60},{y + 10} {x + BOX + 40},22 {middle},22 "
            f"S{x - 60},{y + 10} {x - 6},{y + 14}",
            fill="none",
            stroke="currentcolor",
            stroke_width=1.6,
            stroke_dasharray=dashes,
        ),
        tag("path", d=f"M{x},{y + 15}l-9,-6v11z", fill="currentcolor"),
        tag("text", f"{run.memories[step - 1]:,}", x=middle, y=15, **_centred()),
        _processor(x, y, f"{run.states[step - 1]:,}", pick=None, is_here=True, t=step),
        *_input(middle, y + HEIGHT, f"{run.numbers[step - 1]:,}"),
    ]
    for place, number in enumerate(run.numbers, 1):
        column, row = (place - 1) % 4, (place - 1) // 4
        left, top = 4 + column * 84, 182 + row * 32
        frame = "here" if place == step else None
        parts.append(
            tag(
                "g",
                tag("rect", x=left, y=top, width=78, height=26, rx=4, fill=FILL, class_=frame),
                tag("text", f"{number:,}", x=left + 39, y=top + 18, **_centred()),
                data_pick=place,
                aria_label=_("time step {t}", t=place),
            )
        )
    description = _("One processor with a loop, at step {t}.", t=step)
    rows = (len(run.numbers) + 3) // 4
    return _svg(parts, 342, 184 + 32 * rows, description)


def tree(levels: tuple[tuple[int, ...], ...]) -> Markup:
    """A tree over the numbers, the total at the top."""
    height = 70 * len(levels)
    parts: list[Markup] = []
    places = [12 + BOX / 2 + (BOX + 16) * number for number in range(len(levels[0]))]
    for level, values in enumerate(levels):
        y = height - 56 - 70 * level
        for number, value in enumerate(values):
            x = places[number]
            parts.append(_processor(x - BOX / 2, y, f"{value:,}", is_here=False))
        above = []
        for number in range(0, len(values), 2):
            pair = places[number : number + 2]
            middle = sum(pair) / len(pair)
            above.append(middle)
            if level + 1 < len(levels):
                parts += [_line(x, y, middle, y - 26) for x in pair]
        places = above
    description = _(
        "A tree over {numbers}; at its top stands {total}.",
        numbers=", ".join(map(str, levels[0])),
        total=levels[-1][0],
    )
    return _svg(parts, 24 + (BOX + 16) * len(levels[0]), height, description)


def dense(numbers: tuple[int, ...]) -> Markup:
    """All numbers at once, each with its own weight, to one unit."""
    height = 34 * len(numbers) + 8
    middle = height / 2
    parts = [_line(100, 20 + 34 * place, 220, middle) for place in range(len(numbers))]
    for place, number in enumerate(numbers):
        y = 4 + 34 * place
        parts.append(tag("rect", x=4, y=y, width=96, height=28, rx=4, fill=FILL))
        parts.append(tag("text", f"{number:,}", x=52, y=y + 19, **_centred()))
    parts.append(tag("rect", x=220, y=middle - 22, width=BOX, height=44, rx=22, fill=FILL))
    parts.append(tag("text", f"{sum(numbers):,}", x=220 + BOX / 2, y=middle + 5, **_centred()))
    description = _(
        "A dense network: {count} {count:input|inputs}, each with its own weight, make {total}.",
        count=len(numbers),
        total=sum(numbers),
    )
    return _svg(parts, 220 + BOX + 4, height, description)


def _svg(parts: list[Markup], width: float, height: float, description: str) -> Markup:
    return tag("svg", parts, width=width, height=height, role="group", aria_label=description)


def _centred() -> dict[str, Any]:
    return {"text_anchor": "middle"}


def _processor(
    x: float, y: float, state: str, *, is_here: bool, pick: int | None = None, t: int = 0
) -> Markup:
    return tag(
        "g",
        tag(
            "rect",
            x=x,
            y=y,
            width=BOX,
            height=HEIGHT,
            rx=6,
            fill=FILL,
            stroke="currentcolor",
            stroke_width=1,
            class_="here" if is_here else None,
        ),
        tag("text", state, x=x + BOX / 2, y=y + 28, font_weight=600, **_centred()),
        data_pick=pick,
        aria_label=_("time step {t}", t=t) + f": {state}" if pick else None,
    )


def _input(x: float, bottom: float, number: str) -> list[Markup]:
    """The number that comes in from below."""
    return [
        _line(x, bottom + 34, x, bottom + 8),
        tag("path", d=f"M{x},{bottom + 1}l-5,9h10z", fill="currentcolor"),
        tag("text", number, x=x, y=bottom + 52, **_centred()),
    ]


def _arrow(x1: float, y1: float, x2: float, y2: float, carries: bool) -> list[Markup]:
    return [
        _line(x1, y1, x2 - 8, y2, None if carries else OFF),
        tag("path", d=f"M{x2},{y2}l-10,-5v10z", fill="currentcolor"),
        tag("text", "× 1" if carries else "× 0", x=(x1 + x2) / 2 - 3, y=y1 - 8, **_centred()),
    ]


def _line(x1: float, y1: float, x2: float, y2: float, dashes: str | None = None) -> Markup:
    return tag(
        "line",
        x1=x1,
        y1=y1,
        x2=x2,
        y2=y2,
        stroke="currentcolor",
        stroke_width=1.4,
        stroke_dasharray=dashes,
    )
