"""Pipes, valves and water, of which the unit is drawn; all lengths are pixels."""

from dataclasses import dataclass

from markupsafe import Markup

from rnnviz.ideas.gates.goals import number
from rnnviz.palette import DIVERGING, Theme
from rnnviz.ui.picture import tag

PIPE = 22
"""The width of a pipe."""
GREY = "#8a929c"
"""Of a gate that nobody holds."""


@dataclass(frozen=True)
class Valve:
    """A valve in a pipe.

    Attributes:
        x, y: its centre.
        upright: whether its pipe is.
        label: its symbol.
        opening: from 0 to 1.
        colour: of its plate.
    """

    x: float
    y: float
    upright: bool
    label: str
    opening: float
    colour: str


def draw_water(
    start: float, end: float, across: float, valve: Valve, level: float, theme: Theme
) -> list[Markup]:
    """A pipe full of water before its valve; behind it only what the valve lets through.

    A level pipe goes from `start` to `end` at the height `across`; an upright one is at x =
    `start`, from `end` down to `across`.
    """
    negative, _zero, positive = DIVERGING[theme]
    fill = positive if level >= 0 else negative
    opacity = 0.0 if abs(level) < 0.0005 else 0.3
    open_part, half = valve.opening * PIPE, PIPE / 2
    if valve.upright:
        x = start
        boxes = [
            (x - half, end, PIPE, valve.y - end),
            (x + half - open_part, valve.y, open_part, across - valve.y),
        ]
        pipe = draw_pipe(x, end, across - end, upright=True)
    else:
        boxes = [
            (start, across - half, valve.x - start, PIPE),
            (valve.x, across + half - open_part, end - valve.x, open_part),
        ]
        pipe = draw_pipe(start, across, end - start, upright=False)
    return [
        *(
            tag("rect", x=x, y=y, width=width, height=height, fill=fill, opacity=opacity)
            for x, y, width, height in boxes
        ),
        pipe,
    ]


def draw_drain(x: float, y: float, share: float, level: float, theme: Theme) -> Markup:
    """The pipe through which what is not preserved flows off."""
    negative, _zero, positive = DIVERGING[theme]
    width = share * PIPE if abs(level) >= 0.0005 else 0.0
    water = tag(
        "rect",
        x=x - width / 2,
        y=y,
        width=width,
        height=36,
        fill=positive if level >= 0 else negative,
        opacity=0.3,
    )
    return tag("g", water, draw_pipe(x, y, 36, upright=True))


def draw_pipe(x: float, y: float, length: float, *, upright: bool) -> Markup:
    """Two walls; an upright pipe is centred on x, a level one on y."""
    half = PIPE / 2
    if upright:
        ends = [(x - half, y, x - half, y + length), (x + half, y, x + half, y + length)]
    else:
        ends = [(x, y - half, x + length, y - half), (x, y + half, x + length, y + half)]
    return tag(
        "g",
        [tag("line", x1=a, y1=b, x2=c, y2=d, stroke="currentcolor") for a, b, c, d in ends],
        opacity=0.45,
    )


def draw_valve(valve: Valve) -> Markup:
    """A plate that shuts the pipe from one side, and how far it is open."""
    shut = (1 - valve.opening) * PIPE
    half = PIPE / 2
    if valve.upright:
        plate = (valve.x - half, valve.y - 4, shut, 8.0)
        stem = (valve.x - half - 20, valve.y - 1.5, 20.0, 3.0)
        label = draw_text(valve.x + half + 8, valve.y + 4, _opening(valve))
    else:
        plate = (valve.x - 4, valve.y - half, 8.0, shut)
        stem = (valve.x - 1.5, valve.y - half - 14, 3.0, 14.0)
        label = draw_text(valve.x, valve.y - half - 20, _opening(valve), anchor="middle")
    parts = [
        tag("rect", x=x, y=y, width=width, height=height, fill=valve.colour, rx=1)
        for x, y, width, height in (plate, stem)
    ]
    return tag("g", parts, label)


def _opening(valve: Valve) -> str:
    return f"{valve.label} = {number(valve.opening)}"


def draw_text(
    x: float,
    y: float,
    text: str,
    *,
    anchor: str = "start",
    weight: int | None = None,
    size: int = 12,
    class_: str | None = None,
) -> Markup:
    return tag(
        "text",
        text,
        x=x,
        y=y,
        font_size=size,
        font_weight=weight,
        text_anchor=anchor,
        class_=class_,
    )
