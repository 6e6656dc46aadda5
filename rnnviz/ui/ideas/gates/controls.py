"""The settings of the page: cell, signal, part, and which gates are held in which phase."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.holds import OPENING, Hold, Holds, solution
from rnnviz.ideas.gates.signals import SIGNALS, STEPS, Phase, phases
from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES
from rnnviz.settings import Range
from rnnviz.ui import controls
from rnnviz.ui.language import _

PARTS = {
    "hand": N_("by hand"),
    "trained": N_("beside a trained unit"),
    "surgery": N_("surgery"),
}
"""What the page shows, by its code in the address."""

PHASES = {
    "first": N_("step 1"),
    "later": N_("afterwards"),
    "waiting": N_("before the cue"),
    "cue": N_("at the cue"),
    "after": N_("after the cue"),
}

GATE_LABELS = {
    "input": N_("Hold input i"),
    "forget": N_("Hold forget f"),
    "output": N_("Hold output o"),
    "update": N_("Hold update z"),
    "reset": N_("Hold reset r"),
}

GATE_HELP = {
    "input": N_("How much of the candidate g flows in: c gains i·g."),
    "forget": N_("How much of the memory stays: (1 − f)·c flows off."),
    "output": N_("How much of the memory is seen outside: h = o·tanh(c)."),
    "update": N_(
        "One valve does both: z of the memory stays, and 1 − z of the candidate n flows in."
    ),
    "reset": N_("How much of the memory the candidate n sees."),
}

SEED = Range(0, 9, label=N_("Random start of the training"))
STEP = Range(1, STEPS)
DEFAULT_OPENING = 1.0


@dataclass(frozen=True)
class GateSettings:
    """All that decides the picture.

    Attributes:
        cell, signal, part: their codes.
        phase: the one whose gates the controls hold.
        step: the time step whose numbers the valves show.
        holds: the gates that are held.
        seed: of the training.
    """

    cell: str
    signal: str
    part: str
    phase: Phase
    step: int
    holds: Holds
    seed: int


def draw_settings() -> GateSettings:
    """Draw the controls and return their values."""
    with controls.folded_on_phone("gates-settings"):
        columns = st.columns([0.9, 2.2, 2.1], gap="medium")
        cell = controls.choose(
            "gates.cell",
            _("Cell"),
            {code: CELL_NAMES[code] for code in GATED_CELLS},
            "lstm",
            help=_("An LSTM unit has three gates and a memory c of its own; a GRU unit has two."),
            container=columns[0],
        )
        part = controls.choose(
            "gates.part",
            _("Look at"),
            {code: _(label) for code, label in PARTS.items()},
            "hand",
            help=_("Your hand alone, what training finds for the same goal, or a whole network."),
            container=columns[2],
        )
        if part == "surgery":
            with columns[1]:
                seed = _draw_seed()
            return GateSettings(cell, "pulse", part, phases("pulse")[0], 1, (), seed)
        signal = controls.choose(
            "gates.signal",
            _("Signal"),
            {code: _(label) for code, label in SIGNALS.items()},
            "pulse",
            help=_(
                "40 time steps. The first value is always 0.8 and marked as the one to keep; the "
                "cue at step 20 says: now forget."
            ),
            container=columns[1],
        )
    phase, holds = _draw_holds(cell, signal)
    seed = 0
    if part == "trained":
        with st.columns(3)[0]:
            seed = _draw_seed()
    step = controls.address_value("gates.t", 1, rule=STEP)
    return GateSettings(cell, signal, part, phase, step, holds, seed)


def _draw_seed() -> int:
    seed: int = controls.slider(
        "gates.seed",
        "",
        SEED,
        0,
        help=_("Another start leads to another solution; from some starts the training fails."),
    )
    return seed


def _draw_holds(cell: str, signal: str) -> tuple[Phase, Holds]:
    """Draw the controls of one phase; the other phases hold what they held."""
    gates = list(GATED_CELLS[cell].gates)
    columns = st.columns([2.2, *[1.2] * len(gates)])
    by_code = {phase.code: phase for phase in phases(signal)}
    code = controls.choose(
        "gates.phase",
        _("Hold the gates"),
        {code: _(PHASES[phase_label(code, signal)]) for code in by_code},
        "first",
        help=_("In which phase the valves beside are held; each phase has its own."),
        container=columns[0],
    )
    holds = []
    for gate, column in zip(gates, columns[1:], strict=True):
        for phase in by_code:
            is_held, value = _draw_hold(gate, phase, column if phase == code else None)
            if is_held:
                holds.append(Hold(gate, phase, value))
    return by_code[code], tuple(holds)


def phase_label(code: str, signal: str) -> str:
    """The key of the label of a phase: without a cue there is nothing "before the cue"."""
    return "waiting" if code == "later" and len(phases(signal)) > 2 else code


def _draw_hold(gate: str, phase: str, column: Any) -> tuple[bool, float]:
    """Whether a gate is held in a phase, and at what; drawn where there is a column for it."""
    switch, key = hold_keys(gate, phase)
    if column is None:
        is_held = controls.address_value(switch, False)
    else:
        is_held = controls.toggle(
            switch, _(GATE_LABELS[gate]), False, help=_(GATE_HELP[gate]), container=column
        )
    if not is_held:
        return False, DEFAULT_OPENING
    if column is None:
        return True, controls.address_value(key, DEFAULT_OPENING, rule=OPENING)
    value: float = controls.slider(
        key, "", OPENING, DEFAULT_OPENING, help=_("0 is shut, 1 is open."), container=column
    )
    return True, value


def hold_keys(gate: str, phase: str) -> tuple[str, str]:
    """The keys of whether a gate is held in a phase, and of its opening."""
    return f"gates.hold_{gate}_{phase}", f"gates.{gate}_{phase}"


def control_values(cell: str, signal: str, holds: Holds) -> dict[str, Any]:
    """The value of every control that leads to these holds, and to no others."""
    values: dict[str, Any] = {"gates.cell": cell, "gates.signal": signal, "gates.part": "hand"}
    openings = {(hold.gate, hold.phase): hold.value for hold in holds}
    for gate in GATED_CELLS[cell].gates:
        for phase in phases(signal):
            switch, key = hold_keys(gate, phase.code)
            opening = openings.get((gate, phase.code))
            values[switch] = opening is not None
            values[key] = DEFAULT_OPENING if opening is None else opening
    return values


def suggestions() -> list[tuple[str, dict[str, Any]]]:
    """Things to try: a promise, and the controls that keep it."""
    shut = Hold("input", "later", 0.0)
    return [
        (
            _("Forget 0.9: half is gone after 6.6 steps"),
            control_values("lstm", "pulse", (shut, Hold("forget", "later", 0.9))),
        ),
        (
            _("Forget 1, but the input stays open: the noise covers the value"),
            control_values("lstm", "noise", (Hold("forget", "later", 1.0),)),
        ),
        (
            _("GRU: one valve keeps and shuts at once"),
            control_values("gru", "noise", solution("gru", "noise")),
        ),
        (
            _("One solution with a cue"),
            control_values("lstm", "cue", solution("lstm", "cue")),
        ),
    ]
