"""What a browser says about its controls counts only where such a control could say it.

Streamlit believes it: another type than the control's, an index beyond its options, or something
that is no JSON ends the run with a traceback in the log, and may stay in the session.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

from streamlit.runtime.state.session_state import Serialized, SessionState, WStates


@contextmanager
def checked_inputs() -> Iterator[None]:
    """Let sessions drop the values that no control of theirs can have; it keeps the one before."""
    sessions: Any = SessionState
    take, register = sessions.set_widgets_from_proto, sessions._set_widget_metadata

    def take_possible(session: SessionState, widget_states: Any) -> None:
        take(session, widget_states)
        for widget_id in list(session._new_widget_state.states):
            drop_impossible(session._new_widget_state, widget_id)

    def register_and_check(session: SessionState, widget_metadata: Any) -> None:
        register(session, widget_metadata)
        drop_impossible(session._new_widget_state, widget_metadata.id)

    sessions.set_widgets_from_proto = take_possible
    sessions._set_widget_metadata = register_and_check
    try:
        yield
    finally:
        sessions.set_widgets_from_proto = take
        sessions._set_widget_metadata = register


def drop_impossible(states: WStates, widget_id: str) -> None:
    """Drop what a browser has sent for this control if the control cannot have it.

    Nothing is known of a control before it is drawn, so it is asked again then.
    """
    state, metadata = states.states.get(widget_id), states.widget_metadata.get(widget_id)
    if not isinstance(state, Serialized) or metadata is None:
        return
    kind = state.value.WhichOneof("value")
    try:
        if kind is not None:  # without a value it has been cleared
            # A browser sends the whole numbers of a number field as integers.
            is_number = {metadata.value_type, kind} == {"double_value", "int_value"}
            if metadata.value_type not in (None, kind) and not is_number:
                raise TypeError(kind)
            if kind in ("json_value", "json_trigger_value"):
                _check_json(getattr(state.value, kind), is_state=kind == "json_value")
        states[widget_id]  # reads it, once for the whole run
    except Exception:  # whatever the reading of any kind of control raises
        del states.states[widget_id]


def _check_json(text: str, *, is_state: bool) -> None:
    """Refuse what is no JSON, and what is no object where it is the state of a component."""
    plain = json.loads(text, parse_constant=_refuse)
    if is_state and not isinstance(plain, dict):
        raise TypeError(type(plain))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
