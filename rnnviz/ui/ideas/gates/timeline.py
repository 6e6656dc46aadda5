"""The forty steps under each other: input, gates, what flows in and off, and the memory as water.

All lengths are pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.goals import judge
from rnnviz.ideas.gates.signals import CUE, STEPS, Phase, has_cue, rows
from rnnviz.ideas.gates.unit import Walk
from rnnviz.palette import CELLS, DIVERGING, Theme
from rnnviz.ui.ideas.gates.pipes import GREY, draw_text
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

LEFT, COLUMN, TOP = 96, 11, 24
BAR = 8
GATE_HEIGHT, SIGNED_HEIGHT, TANK_HEIGHT, GAP = 24, 36, 92, 10


@dataclass(frozen=True)
class Strip:
    """One row: what it is called, its values, and how they are drawn.

    Attributes:
        label, note: at its left, the second below the first.
        values: one for each step.
        height: of the row.
        scale: the largest value that fits; signed rows have zero in their middle.
        signed: whether values may be negative.
        colours: of each bar, or of positive and negative bars.
    """

    label: str
    note: str
    values: Sequence[float]
    height: int
    scale: float
    signed: bool
    colours: Sequence[str]


def draw_timeline(
    walk: Walk, trained: Walk | None, phase: Phase, step: int, theme: Theme
) -> Markup:
    """The strips of a walk, beside those of a trained unit where there is one."""
    strips = _strips(walk, trained, theme)
    height = TOP + sum(strip.height + GAP for strip in strips) + 16
    width = LEFT + COLUMN * STEPS + 8
    parts: list[Markup] = [_phase_band(phase, height)]
    y = TOP
    for strip in strips:
        parts.append(_draw_strip(strip, y))
        y += strip.height + GAP
    parts += [_goal_line(walk, strips, trained), _step_numbers(y), *_columns(walk, step, height)]
    if has_cue(walk.signal):
        parts.append(draw_text(_x(CUE) + BAR / 2, 14, _("cue"), anchor="middle"))
    alt = _(
        "Forty steps as columns: the input, how far each gate is open, what flows in and off, and "
        "the memory as a water level."
    )
    return tag("svg", parts, width=width, height=height, role="group", aria_label=alt)


def _strips(walk: Walk, trained: Walk | None, theme: Theme) -> list[Strip]:
    negative, _zero, positive = DIVERGING[theme]
    signed = (positive, negative)
    value = [row[0] for row in rows(walk.signal)]
    strips = [Strip(_("input"), "", value, SIGNED_HEIGHT, 1.0, True, signed)]
    for gate, symbol in GATED_CELLS[walk.cell].gates.items():
        colours = [CELLS[walk.cell] if held else GREY for held in walk.held[gate]]
        label = _(_GATE_NAMES[gate])
        note = f"{symbol}, " + _("yours") if trained else symbol
        strips.append(Strip(label, note, walk.gates[gate], GATE_HEIGHT, 1.0, False, colours))
        if trained:
            learned = ["currentcolor"] * STEPS
            note = f"{symbol}, " + _("trained")
            strips.append(Strip("", note, trained.gates[gate], GATE_HEIGHT, 1.0, False, learned))
    kind = GATED_CELLS[walk.cell]
    symbol = kind.memory
    scale = max(1.0, *map(abs, walk.memory))
    if trained is None:
        flows = max(0.5, *map(abs, (*walk.inflow, *walk.outflow)))
        strips.append(
            Strip(
                _("flows in"),
                kind.inflow,
                walk.inflow,
                SIGNED_HEIGHT,
                flows,
                True,
                signed,
            )
        )
        strips.append(
            Strip(
                _("flows off"),
                kind.outflow,
                walk.outflow,
                SIGNED_HEIGHT,
                flows,
                True,
                signed,
            )
        )
        note = symbol
    else:
        note = f"{symbol}, " + _("yours")
        scale = max(scale, *map(abs, trained.memory))
    strips.append(Strip(_("memory"), note, walk.memory[1:], TANK_HEIGHT, scale, True, signed))
    if trained:
        note = f"{symbol}, " + _("trained")
        strips.append(Strip("", note, trained.memory[1:], TANK_HEIGHT, scale, True, signed))
    return strips


_GATE_NAMES = {
    "input": "input gate",
    "forget": "forget gate",
    "output": "output gate",
    "update": "update gate",
    "reset": "reset gate",
}
"""The messages of rnnviz/ui/stage/payload.py."""


def _draw_strip(strip: Strip, y: float) -> Markup:
    middle = y + strip.height / 2 if strip.signed else y + strip.height
    room = strip.height / 2 if strip.signed else strip.height
    bars = []
    for k, value in enumerate(strip.values):
        length = max(min(abs(value) / strip.scale, 1.0) * room, 0.0)
        colour = strip.colours[int(value < 0) if strip.signed else k]
        top = middle - length if value >= 0 else middle
        bars.append(
            tag("rect", x=_x(k + 1) + 1.5, y=top, width=BAR, height=max(length, 0.5), fill=colour)
        )
    is_tank = strip.height == TANK_HEIGHT
    base = tag(
        "line",
        x1=LEFT,
        x2=LEFT + COLUMN * STEPS,
        y1=middle,
        y2=middle,
        stroke="currentcolor",
        opacity=0.35,
    )
    frame = tag(
        "rect",
        x=LEFT,
        y=y,
        width=COLUMN * STEPS,
        height=strip.height,
        fill="none",
        stroke="currentcolor",
        opacity=0.3 if is_tank else 0.12,
        rx=3,
    )
    centre = y + strip.height / 2
    if strip.label:
        labels = [
            draw_text(LEFT - 8, centre - 2, strip.label, anchor="end", weight=600),
            draw_text(LEFT - 8, centre + 12, strip.note, anchor="end", class_="muted"),
        ]
    else:
        labels = [draw_text(LEFT - 8, centre + 4, strip.note, anchor="end", class_="muted")]
    return tag("g", frame, bars, base, labels)


def _goal_line(walk: Walk, strips: Sequence[Strip], trained: Walk | None) -> Markup:
    """Where the first value stands, over the steps in which it is to be preserved."""
    judgement = judge(walk)
    tank = strips[-2 if trained else -1]
    top = TOP + sum(strip.height + GAP for strip in strips[: -2 if trained else -1])
    y = top + tank.height / 2 * (1 - judgement.first / tank.scale)
    return tag(
        "line",
        x1=_x(1),
        x2=_x(judgement.last + 1),
        y1=y,
        y2=y,
        stroke="currentcolor",
        stroke_width=1.5,
        stroke_dasharray="2 4",
    )


def _phase_band(phase: Phase, height: float) -> Markup:
    return tag(
        "rect",
        x=_x(phase.first),
        y=TOP - 4,
        width=COLUMN * (phase.last - phase.first + 1),
        height=height - TOP - 18,
        fill="var(--st-primary-color)",
        opacity=0.09,
    )


def _columns(walk: Walk, step: int, height: float) -> list[Markup]:
    """A column for each step that can be picked; the blue frame is where you are."""
    return [
        tag(
            "rect",
            x=_x(k),
            y=TOP - 6,
            width=COLUMN,
            height=height - TOP - 16,
            fill="transparent",
            data_pick=k,
            class_="here" if k == step else None,
            rx=3,
            aria_label=_("Step {step}: {memory}", step=k, memory=f"{walk.memory[k]:.2f}"),
        )
        for k in range(1, STEPS + 1)
    ]


def _step_numbers(y: float) -> Markup:
    steps = [1, *range(5, STEPS + 1, 5)]
    return tag("g", [draw_text(_x(k) + COLUMN / 2, y + 6, str(k), anchor="middle") for k in steps])


def _x(step: int) -> float:
    return float(LEFT + COLUMN * (step - 1))
