"""One step of the unit as pipes and valves, and the sum that it is; all lengths are pixels."""

from markupsafe import Markup

from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.goals import number
from rnnviz.ideas.gates.unit import Walk, ledger
from rnnviz.palette import CELLS, DIVERGING, Theme
from rnnviz.ui.ideas.gates.pipes import (
    GREY,
    PIPE,
    Valve,
    draw_drain,
    draw_pipe,
    draw_text,
    draw_valve,
    draw_water,
)
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

WIDTH, HEIGHT = 312, 320
TANK_X, TANK_Y, TANK_WIDTH, TANK_HEIGHT = 124, 104, 80, 116
BELT = TANK_Y + TANK_HEIGHT / 2
"""The height of the pipe that brings the memory of the step before."""
CENTRE = TANK_X + TANK_WIDTH / 2
DRAIN = 90


def draw_valves(walk: Walk, step: int, theme: Theme) -> Markup:
    """The unit at one step: water flows in from above, stays or flows off, and is seen outside."""
    before, off, flow_in, after = ledger(walk, step)
    draw_parts, symbol = (_lstm if walk.cell == "lstm" else _gru), GATED_CELLS[walk.cell].memory
    drawing = [
        draw_text(0, 14, _("Step {step}", step=step), weight=600, size=14),
        *draw_parts(walk, step, theme),
        draw_text(0, BELT + 30, _("{symbol} before", symbol=symbol), class_="muted"),
        draw_text(DRAIN, BELT + 64, _("flows off"), anchor="middle", class_="muted"),
        *_tank(walk.memory[step], max(1.0, *map(abs, walk.memory)), theme),
        _ledger(before, off, flow_in, after),
    ]
    alt = _(
        "Step {step} as valves: {before} in the memory, {off} flows off, {flow_in} flows in, "
        "{after} is there now.",
        step=step,
        before=_thousandths(before),
        off=_thousandths(off),
        flow_in=_thousandths(flow_in),
        after=_thousandths(after),
    )
    return tag("svg", drawing, width=WIDTH, height=HEIGHT, role="img", aria_label=alt)


def _lstm(walk: Walk, step: int, theme: Theme) -> list[Markup]:
    i, f, o = (walk.gates[gate][step - 1] for gate in ("input", "forget", "output"))
    candidate, before = walk.candidate[step - 1], walk.memory[step - 1]
    write = Valve(CENTRE, 62, True, "i", i, _colour(walk, "input", step))
    keep = Valve(44, BELT, False, "f", f, _colour(walk, "forget", step))
    out = Valve(250, BELT, False, "o", o, _colour(walk, "output", step))
    return [
        *draw_water(CENTRE, 24, TANK_Y, write, candidate, theme),
        *draw_water(0, TANK_X, BELT, keep, before, theme),
        draw_drain(DRAIN, BELT + PIPE / 2, 1 - f, before, theme),
        *draw_water(TANK_X + TANK_WIDTH, WIDTH, BELT, out, walk.memory[step], theme),
        draw_text(CENTRE + 18, 24, f"g = {number(candidate)}"),
        *(draw_valve(valve) for valve in (write, keep, out)),
        draw_text(WIDTH, BELT + 30, f"h = {number(walk.hidden[step - 1])}", anchor="end"),
    ]


def _gru(walk: Walk, step: int, theme: Theme) -> list[Markup]:
    z, r = (walk.gates[gate][step - 1] for gate in ("update", "reset"))
    candidate, before = walk.candidate[step - 1], walk.memory[step - 1]
    colour, right = _colour(walk, "update", step), TANK_X + TANK_WIDTH
    keep, write = (
        Valve(52, BELT, False, "z", z, colour),
        Valve(CENTRE, 76, True, "1 − z", 1 - z, colour),
    )
    reset = Valve(104, 44, False, "r", r, _colour(walk, "reset", step))
    return [
        *draw_water(12, CENTRE - PIPE / 2, 44, reset, before, theme),
        *draw_water(CENTRE, 44, TANK_Y, write, candidate, theme),
        *draw_water(0, TANK_X, BELT, keep, before, theme),
        draw_pipe(12, 55, BELT - 66, upright=True),
        draw_drain(DRAIN, BELT + PIPE / 2, 1 - z, before, theme),
        draw_pipe(right, BELT, WIDTH - right, upright=False),
        draw_text(CENTRE + 18, 40, f"n = {number(candidate)}"),
        *(draw_valve(valve) for valve in (reset, write, keep)),
        draw_text(WIDTH, BELT + 30, f"h = {number(walk.hidden[step - 1])}", anchor="end"),
    ]


def _colour(walk: Walk, gate: str, step: int) -> str:
    return CELLS[walk.cell] if walk.held[gate][step - 1] else GREY


def _tank(level: float, scale: float, theme: Theme) -> list[Markup]:
    negative, _zero, positive = DIVERGING[theme]
    depth = min(abs(level) / scale, 1.0) * TANK_HEIGHT / 2
    top = BELT - depth if level >= 0 else BELT
    return [
        tag(
            "rect",
            x=TANK_X,
            y=top,
            width=TANK_WIDTH,
            height=depth,
            fill=positive if level >= 0 else negative,
            opacity=0.85,
        ),
        tag(
            "rect",
            x=TANK_X,
            y=TANK_Y,
            width=TANK_WIDTH,
            height=TANK_HEIGHT,
            fill="none",
            stroke="currentcolor",
            stroke_width=2,
            rx=4,
        ),
        tag(
            "line",
            x1=TANK_X - 4,
            x2=TANK_X + TANK_WIDTH + 4,
            y1=BELT,
            y2=BELT,
            stroke="currentcolor",
            stroke_dasharray="3 3",
            opacity=0.6,
        ),
    ]


def _ledger(before: int, off: int, flow_in: int, after: int) -> Markup:
    """before − off + in = after, in thousandths: the numbers as written add up."""
    y, parts = HEIGHT - 28, []
    cells = [
        (28, _thousandths(before), _("before")),
        (70, "−", ""),
        (112, _thousandths(off, bracket=True), _("flows off")),
        (154, "+", ""),
        (196, _thousandths(flow_in, bracket=True), _("flows in")),
        (238, "=", ""),
        (280, _thousandths(after), _("now")),
    ]
    for x, text, caption in cells:
        parts.append(draw_text(x, y, text, anchor="middle", weight=600, size=14))
        if caption:
            parts.append(draw_text(x, y + 18, caption, anchor="middle", class_="muted"))
    return tag("g", parts)


def _thousandths(value: int, *, bracket: bool = False) -> str:
    text = f"{abs(value) / 1000:.3f}"
    if value >= 0:
        return text
    return f"(−{text})" if bracket else f"−{text}"
