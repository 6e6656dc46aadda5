"""The stage: the one component in which a visitor walks through complete readings.

    stage.show(readings, tokens, key="step.stage")

Python sends everything once; moving about happens in the browser and never asks the server.
"""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from rnnviz.ui import language
from rnnviz.ui.scripts import ASSETS, component_source
from rnnviz.ui.session import own
from rnnviz.ui.stage.payload import packed, payload
from rnnviz.ui.stage.reading import (
    MANY_TO_MANY,
    MANY_TO_ONE,
    CodeLine,
    Position,
    Reading,
)

__all__ = [
    "MANY_TO_MANY",
    "MANY_TO_ONE",
    "CodeLine",
    "Position",
    "Reading",
    "packed",
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
    readings: Sequence[Reading],
    tokens: Sequence[str],
    *,
    key: str,
    unknown: Sequence[bool] = (),
    code: Sequence[CodeLine] = (),
    prediction_title: str = "",
    start: Position | None = None,
    on_move: Callable[[Position], None] | None = None,
    compact: bool = False,
    autoplay: bool = False,
) -> Position:
    """Mount the stage, and answer where the visitor stands.

    Args:
        readings: one to three cells that read the same `tokens`.
        key: unique in the app.
        unknown: per token whether the model does not know it; such a token is marked.
        code: the pseudocode beside the pictures, e.g. MANY_TO_ONE; empty for none.
        prediction_title: what the bars show, already translated, e.g. "Next character".
        start: where to begin. A start that is only the echo of a reported position moves nothing.
        on_move: called before the rerun that follows when the visitor has come to rest elsewhere.
        compact: the small stage, without code, explanations and reports.
        autoplay: begin to play at once (not for visitors who prefer reduced motion).
    """
    content = payload(
        readings,
        tokens,
        unknown=unknown,
        code=code,
        prediction_title=prediction_title,
        start=start,
        compact=compact,
        autoplay=autoplay,
        language=language.current(),
        translate=language._,
        strings=language.for_script(SOURCE),
    )
    last: dict[str, Any] = own(f"stage:{key}", dict)
    reported = _read(st.session_state.get(key), len(tokens))
    if reported is None:  # A fresh mount: nothing was sent to it yet.
        last.clear()
    # Sending a new start for every step that the visitor took would send the traces again.
    if last.get("id") == content["id"] and start in (last["heard"], last["start"]):
        content["start"] = (last["start"] or Position())._asdict()
        last["heard"] = reported or start
    else:
        last.update(id=content["id"], start=start, heard=reported or start)

    def moved() -> None:
        position = _read(st.session_state.get(key), len(tokens))
        if position is not None and on_move is not None:
            on_move(position)

    result = _COMPONENT(key=key, data=content, on_position_change=moved)
    return _read(result, len(tokens)) or start or Position()


def _read(state: Any, steps: int) -> Position | None:
    """The position that the browser reported, or None for none or for a nonsensical one."""
    told = state.get("position") if hasattr(state, "get") else None
    if not isinstance(told, dict):
        return None
    step, phase = told.get("step"), told.get("phase")
    if not isinstance(step, int | float) or phase not in ("forward", "backward"):
        return None
    return Position(min(max(int(step), 0), steps - 1), phase)
