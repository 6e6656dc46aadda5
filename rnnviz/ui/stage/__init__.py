"""The stage: the component in which a visitor steps through complete traces.

    content = stage.stage_content(views, tokens)   # once for all visitors
    stage.show(content, key="step.stage")

Python sends everything once; stepping happens in the browser, without the server.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from rnnviz.lessons.view import CellView
from rnnviz.settings import Range
from rnnviz.ui import controls
from rnnviz.ui.session import get_or_create
from rnnviz.ui.stage.component import SOURCE, mount
from rnnviz.ui.stage.payload import (
    StageContent,
    Translate,
    label_titles,
    payload,
    stage_content,
    untranslated,
)
from rnnviz.ui.stage.payload_types import StagePayload
from rnnviz.ui.stage.view import MANY_TO_MANY, MANY_TO_ONE, START, CodeLine, Position

__all__ = [
    "MANY_TO_MANY",
    "MANY_TO_ONE",
    "SOURCE",
    "START",
    "CellView",
    "CodeLine",
    "Position",
    "StageContent",
    "StagePayload",
    "Translate",
    "label_titles",
    "payload",
    "show",
    "stage_content",
    "untranslated",
]


def show(
    content: StageContent,
    *,
    key: str,
    address: str = "",
    start: Position = START,
    on_move: Callable[[Position], None] | None = None,
) -> Position:
    """Mount the stage and return the visitor's position.

    The browser reports a position only once the visitor stops there; inside a fragment only that
    runs again then.

    Args:
        content: the same object as long as it stays the same.
        key: unique in the app.
        address: the key under which `controls.hold` keeps the position in the address, e.g.
            "step.at"; without one, the stage begins at `start`.
        on_move: called when the visitor has stopped at another position.
    """
    steps = len(content.header["tokens"])
    if address:
        last = 2 * steps - 1
        start = Position.at(controls.address_value(address, 0, rule=Range(0, last)), steps)
    state = st.session_state.get(key)
    reported = _parse_position(state, steps)
    start_to_send = _start_to_send(
        get_or_create(f"stage:{key}", dict), content.header, start, reported
    )

    def on_position_change() -> None:
        position = _parse_position(st.session_state.get(key), steps)
        if position is None:
            return
        if address:
            controls.set_address_value(address, position.index(steps))
        if on_move is not None:
            on_move(position)

    # A browser that could not fetch the numbers, because of a proxy or because they have left,
    # names the content; it then gets them with the message.
    inline = isinstance(state, Mapping) and state.get("missing") == content.id
    result = mount(
        key,
        content.json(start_to_send, inline),
        {"position": on_position_change, "missing": _do_nothing},
    )
    return _parse_position(result, steps) or start


def _do_nothing() -> None:
    """A state that the browser sets has to have a callback."""


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
    position = state.get("position") if isinstance(state, Mapping) else None
    if not isinstance(position, dict):
        return None
    step, phase = position.get("step"), position.get("phase")
    if not isinstance(step, int | float) or phase not in ("forward", "backward"):
        return None
    return Position(min(max(int(step), 0), steps - 1), phase)
