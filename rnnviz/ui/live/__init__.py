"""The live view of a race: a component that receives all curves, thinned, at every update."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from rnnviz.ui.language import script_translations
from rnnviz.ui.live.contestant_payload import score_step_text
from rnnviz.ui.live.contestant_view import ContestantView, is_outdated, median_or_none
from rnnviz.ui.live.payload import BaselineView, SharedView, race_payload
from rnnviz.ui.live.signs import sign_meanings
from rnnviz.ui.scripts import ASSETS, component_source
from rnnviz.ui.services.component_scripts import component_script

__all__ = [
    "BaselineView",
    "ContestantView",
    "SharedView",
    "draw",
    "is_outdated",
    "median_or_none",
    "ready_view",
    "score_step_text",
    "selected_step",
    "sign_meanings",
]

_FOLDER = ASSETS / "live"
_SCRIPT = component_source("live")
_mount = st.components.v2.component(
    "rnnviz_live",
    html=(_FOLDER / "live.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "live.css").read_text(encoding="utf-8"),
    js=component_script("live"),
    isolate_styles=False,
)


def ready_view(
    contestants: Sequence[ContestantView],
    shared: SharedView,
    signs: Mapping[str, str],
    *,
    running: bool,
) -> bytes:
    """The race as it stands, ready to be sent; at a saved step `contestants` have its snapshots.

    `signs` maps the signs that questions and answers may have to their meanings.
    """
    strings = script_translations(_SCRIPT)
    payload = race_payload(contestants, shared, signs, running=running, strings=strings)
    return json.dumps(payload, ensure_ascii=False, allow_nan=False).encode()


def draw(view: bytes, *, key: str) -> None:
    """Draw what `ready_view` has made."""
    # Of a dictionary Streamlit writes the JSON three times.
    _mount(key=key, data=view, on_saved_step_change=lambda: None)


def selected_step(key: str, saved_steps: Sequence[int]) -> int | None:
    """The saved step that the visitor has selected in the view `key`; None for the present."""
    state: Any = st.session_state.get(key)
    step = state.get("saved_step") if hasattr(state, "get") else None
    return step if isinstance(step, int) and step in saved_steps else None
