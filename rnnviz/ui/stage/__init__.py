"""The stage: the component in which a visitor steps through complete traces.

    stage.show(views, tokens, key="step.stage")

Python sends everything once; stepping happens in the browser, without the server.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from rnnviz.settings import Range
from rnnviz.ui import controls, language
from rnnviz.ui.scripts import ASSETS, component_source
from rnnviz.ui.session import get_or_create
from rnnviz.ui.stage.payload import pack_float32, payload, stage_position
from rnnviz.ui.stage.payload_types import StagePayload
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
    views: Sequence[CellView],
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
    """Mount the stage and return the visitor's position.

    The browser reports a position only once the visitor stops there; inside a fragment only that
    runs again then.

    Args:
        views: of the cells that read the same `tokens`.
        key: unique in the app.
        address: the key under which `controls.hold` keeps the position in the address, e.g.
            "step.at"; without one, the stage begins at `start`.
        unknown: per token whether the model does not know it; such a token is marked.
        code: the pseudocode beside the pictures, e.g. MANY_TO_ONE; empty for none.
        prediction_title: what the bars show, already translated, e.g. "Next character".
        on_move: called when the visitor has stopped at another position.
        compact: the small stage, without code, explanations and reports.
        autoplay: begin to play at once (not for visitors who prefer reduced motion).
    """
    arguments: dict[str, Any] = {
        "views": tuple(views),
        "tokens": tuple(tokens),
        "unknown": tuple(unknown),
        "code": tuple(code),
        "prediction_title": prediction_title,
        "compact": compact,
        "autoplay": autoplay,
        "language": language.current(),
    }
    # Packing long traces takes longer than anything else here, and positions are reported often.
    cache: dict[str, Any] = get_or_create(f"stage content:{key}", dict)
    if cache.get("arguments") != arguments:
        strings = language.script_translations(SOURCE)
        content = payload(**arguments, translate=language._, strings=strings)
        cache |= {"arguments": arguments, "content": content}
    return _mount(cache["content"], key, address, start, on_move)


def _mount(
    content: StagePayload,
    key: str,
    address: str,
    start: Position,
    on_move: Callable[[Position], None] | None,
) -> Position:
    steps = len(content["tokens"])
    if address:
        last = 2 * steps - 1
        start = Position.at(controls.address_value(address, 0, rule=Range(0, last)), steps)
    reported = _parse_position(st.session_state.get(key), steps)
    start_to_send = _start_to_send(get_or_create(f"stage:{key}", dict), content, start, reported)

    def on_position_change() -> None:
        position = _parse_position(st.session_state.get(key), steps)
        if position is None:
            return
        if address:
            controls.set_address_value(address, position.index(steps))
        if on_move is not None:
            on_move(position)

    data = {**content, "start": stage_position(start_to_send)}
    result = _COMPONENT(key=key, data=data, on_position_change=on_position_change)
    return _parse_position(result, steps) or start


def _start_to_send(
    last: dict[str, Any], content: StagePayload, start: Position, reported: Position | None
) -> Position:
    """The start to put into the data: a new one would send all traces again.

    So while the content stays the same, a position that the browser has reported itself does not
    change the start; only a jump from elsewhere does.
    """
    if reported is None:  # A fresh mount, or the visitor has not moved yet.
        last.clear()
    is_echo = start in (reported, last.get("reported"), last.get("sent"))
    if last.get("id") != content["id"]:
        # Another sequence begins at its first step, unless a position in it was asked for.
        restart = is_echo and last.get("tokens") != content["tokens"] and "id" in last
        last |= {"id": content["id"], "sent": START if restart else start}
    elif not is_echo:
        last["sent"] = start
    last |= {"tokens": content["tokens"], "reported": reported or start}
    sent: Position = last["sent"]
    return sent


def _parse_position(state: Any, steps: int) -> Position | None:
    """The position that the browser reported, or None for none or an invalid one."""
    position = state.get("position") if hasattr(state, "get") else None
    if not isinstance(position, dict):
        return None
    step, phase = position.get("step"), position.get("phase")
    if not isinstance(step, int | float) or phase not in ("forward", "backward"):
        return None
    return Position(min(max(int(step), 0), steps - 1), phase)
