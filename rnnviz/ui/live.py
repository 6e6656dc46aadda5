"""The live view of a race: a component that gets the whole course, thinned, at every update."""

import base64
import math
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rnnviz.jobs import History
from rnnviz.messages import N_
from rnnviz.palette import CELLS, DIVERGING, SERIES
from rnnviz.ui.language import _, for_script
from rnnviz.ui.scripts import ASSETS, component_source

POINTS = 400
"""The longest line that is sent: more than that no screen shows."""

STATES = {
    "ready": N_("ready"),
    "queued": N_("waiting"),
    "running": N_("training"),
    "paused": N_("paused"),
    "stopping": N_("stopping …"),
    "finished": N_("done"),
    "stopped": N_("stopped"),
    "failed": N_("failed"),
}

_FOLDER = ASSETS / "live"
_SCRIPT = component_source("live")
_mount = st.components.v2.component(
    "rnnviz_live",
    html=(_FOLDER / "live.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "live.css").read_text(encoding="utf-8"),
    js=_SCRIPT,
    isolate_styles=False,
)


@dataclass(frozen=True)
class Lane:
    """One runner as the live view shows it. `probe`: the look at its model taken last."""

    code: str
    name: str
    units: int
    parameters: int
    steps: int
    state: str
    history: History
    probe: Mapping[str, Any] | None


def show(
    lanes: Sequence[Lane],
    *,
    tokens: Sequence[str],
    joiner: str,
    chance: float,
    chance_loss: float,
    metric: str,
    measured: str,
    running: bool,
    key: str,
) -> None:
    """Draw the race as it stands.

    `tokens` are those of the fixed example, shown with `joiner` between them; `metric` is the
    translated name of the measure, `measured` says also on what it is measured.
    """
    _mount(
        key=key,
        data={
            "strings": for_script(_SCRIPT),
            "palette": {theme: list(colours) for theme, colours in DIVERGING.items()},
            "running": running,
            "total": max(lane.steps for lane in lanes),
            "chance": chance,
            "chanceLoss": chance_loss,
            "metricName": metric,
            "metricTitle": measured,
            "tokens": list(tokens),
            "joiner": joiner,
            "runs": [lane_data(lane, number) for number, lane in enumerate(lanes)],
        },
    )


def lane_data(lane: Lane, number: int) -> dict[str, Any]:
    """What the component gets of one run: JSON without gaps, infinities or long lines."""
    history = lane.history
    tested = [row for row, value in enumerate(history.validation) if value is not None]
    trained = [row for row, value in enumerate(history.loss) if value is not None]
    speed = history.step[-1] / history.seconds[-1] if trained else None
    return {
        "code": lane.code,
        "name": lane.name,
        "colour": CELLS.get(lane.code, SERIES[number % len(SERIES)]),
        "state": lane.state,
        "stateTitle": _(STATES[lane.state]),
        "size": _("{units} units, {count} parameters", units=lane.units, count=lane.parameters),
        "total": lane.steps,
        "step": history.step[-1] if history.step else 0,
        "speed": None if speed is None else round(speed, 1),
        "metric": _number(history.validation[tested[-1]]) if tested else None,
        "loss": _columns(history, trained, history.loss),
        "score": _columns(history, tested, history.validation),
        "probe": _probe(lane.probe),
    }


def _columns(
    history: History, rows: Sequence[int], values: Sequence[float | None]
) -> dict[str, list[float | None]]:
    """`values` at the given rows, against steps and seconds, thinned to `POINTS` at most."""
    kept = thin(rows)
    return {
        "step": [history.step[row] for row in kept],
        "seconds": [_number(history.seconds[row]) for row in kept],
        "values": [_number(values[row]) for row in kept],
    }


def thin(rows: Sequence[int]) -> list[int]:
    """Every so-many-th of `rows`, and the last: at most `POINTS`.

    The stride is a power of two, so that the points which are drawn stay where they are while the
    line grows.
    """
    stride = 1
    while len(rows) / stride > POINTS - 1:
        stride *= 2
    kept = list(rows[::stride])
    return kept if not rows or kept[-1] == rows[-1] else [*kept, rows[-1]]


def _probe(probe: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if probe is None:
        return None
    states = probe["states"]
    return {
        "step": probe["step"],
        "T": len(states),
        "H": len(states[0]),
        "norms": [_number(norm) for norm in probe["norms"]],
        # The stage's way: base64 of float32, a third of the text and safe for infinities.
        "states": base64.b64encode(
            array("f", [value for row in states for value in row]).tobytes()
        ).decode("ascii"),
    }


def _number(value: float | None) -> float | None:
    """A number that JSON can carry: six digits, None for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    return float(f"{value:.6g}")
