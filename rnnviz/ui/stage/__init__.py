"""The stage: the one component in which a visitor walks through complete readings.

    stage.show(readings, tokens, key="step.stage")

Python sends everything once; moving about happens in the browser and never asks the server.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import streamlit as st

from rnnviz.settings import Range
from rnnviz.ui import controls, language
from rnnviz.ui.scripts import ASSETS, component_source
from rnnviz.ui.session import get_or_create
from rnnviz.ui.stage.payload import pack_float32, payload
from rnnviz.ui.stage.view import (
    MANY_TO_MANY,
    MANY_TO_ONE,
    START,
    CellView,
    CodeLine,
    Position,
)

__all__ = [
    "MANY_TO_MANY",
    "MANY_TO_ONE",
    "START",
    "CellView",
    "CodeLine",
    "Position",
    "pack_float32",
    "payload",
    "show",
]

SOURCE = component_source("stage")

# Without a shadow root, so that tests and accessibility checks see what a visitor sees; every rule
# of the style sheet begins with the stage's own class.
_COMPONENT = st.components.v2.component(
    "rnnviz_stage",
    html='<div class="rnnviz-stage-mount">\n</div>',
    css=(ASSETS / "stage" / "stage.css").read_text(encoding="utf-8"),
    js=SOURCE,
    isolate_styles=False,
)


def show(
    readings: Sequence[CellView],
    tokens: Sequence[str],
    *,
    key: str,
    address: str = "",
    unknown: Sequence[bool] = (),
    code: Sequence[CodeLine] = (),
    prediction_title: str = "",
    start: Position = START,
    on_move: Callable[[Position], None] | None = None,
    compact: bool = False,
    autoplay: bool = False,
) -> Position:
    """Mount the stage, and answer where the visitor stands.

    Only a visitor who has come to rest is reported; inside a fragment only that runs again then.

    Args:
        readings: one to three cells that read the same `tokens`.
        key: unique in the app.
        address: the key under which `controls.hold` keeps the position in the address, e.g.
            "step.at"; without one, `start` says where to begin.
        unknown: per token whether the model does not know it; such a token is marked.
        code: the pseudocode beside the pictures, e.g. MANY_TO_ONE; empty for none.
        prediction_title: what the bars show, already translated, e.g. "Next character".
        on_move: called when the visitor has come to rest elsewhere.
        compact: the small stage, without code, explanations and reports.
        autoplay: begin to play at once (not for visitors who prefer reduced motion).
    """
    asked: dict[str, Any] = {
        "readings": tuple(readings),
        "tokens": tuple(tokens),
        "unknown": tuple(unknown),
        "code": tuple(code),
        "prediction_title": prediction_title,
        "compact": compact,
        "autoplay": autoplay,
        "language": language.current(),
    }
    # Packing long traces takes longer than anything else here, and a visitor rests often.
    packed_before: dict[str, Any] = get_or_create(f"stage content:{key}", dict)
    if packed_before.get("asked") != asked:
        strings = language.script_translations(SOURCE)
        content = payload(**asked, translate=language._, strings=strings)
        packed_before |= {"asked": asked, "content": content}
    return _mount(packed_before["content"], key, address, start, on_move)


def _mount(
    content: dict[str, Any],
    key: str,
    address: str,
    start: Position,
    on_move: Callable[[Position], None] | None,
) -> Position:
    steps = len(content["tokens"])
    if address:
        last = 2 * steps - 1
        start = Position.at(controls.address_value(address, 0, rule=Range(0, last)), steps)
    reported = _read(st.session_state.get(key), steps)
    sent = _to_send(get_or_create(f"stage:{key}", dict), content, start, reported)

    def moved() -> None:
        place = _read(st.session_state.get(key), steps)
        if place is None:
            return
        if address:
            controls.set_address_value(address, place.index(steps))
        if on_move is not None:
            on_move(place)

    data = content | {"start": asdict(sent)}
    result = _COMPONENT(key=key, data=data, on_position_change=moved)
    return _read(result, steps) or start


def _to_send(
    last: dict[str, Any], content: dict[str, Any], start: Position, reported: Position | None
) -> Position:
    """The start to put into the data: a new one would send all traces again.

    So while the content stays, the position that the browser has reported itself is answered with
    the start that it was given; only a jump that somebody else asked for is told.
    """
    if reported is None:  # A fresh mount, or nobody has moved yet.
        last.clear()
    echo = start in (reported, last.get("heard"), last.get("sent"))
    if last.get("id") != content["id"]:
        # Another sequence begins at its beginning, unless somebody asked for a place in it.
        begun = echo and last.get("tokens") != content["tokens"] and "id" in last
        last |= {"id": content["id"], "sent": START if begun else start}
    elif not echo:
        last["sent"] = start
    last |= {"tokens": content["tokens"], "heard": reported or start}
    sent: Position = last["sent"]
    return sent


def _read(state: Any, steps: int) -> Position | None:
    """The position that the browser reported, or None for none or for a nonsensical one."""
    told = state.get("position") if hasattr(state, "get") else None
    if not isinstance(told, dict):
        return None
    step, phase = told.get("step"), told.get("phase")
    if not isinstance(step, int | float) or phase not in ("forward", "backward"):
        return None
    return Position(min(max(int(step), 0), steps - 1), phase)
