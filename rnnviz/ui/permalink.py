"""The settings of a session, and the address that restores them.

The job of a permalink is that nothing a visitor chose is lost: not on a page switch, not on a
language switch, not when the address is sent to somebody else. Streamlit's own
`bind="query-params"` stores the label that is shown, which changes with the language, and drops
what it does not know without a word. So the address is parsed here, once, at the door:

- `opened()` surrounds a run of a page: it reads the address when the visitor came by it (a new
  session, a link to another page, back and forward) and afterwards writes the settings that differ
  from their defaults, all at once;
- `value()` answers with the setting of one control: what the visitor chose, else the default;
- `remember()` is told what the visitor chose.

The settings live under one key of the session, so that widgets may come and go.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from rnnviz.messages import Problem

T = TypeVar("T")

_MEMORY = "_settings"


@dataclass
class PermalinkState:
    """What one session remembers.

    `values` and `pages` (the keys that a page has drawn) live as long as the session; `link` holds
    the parameters of the address that no control has claimed yet; `address` is what this page last
    wrote; `drawn` collects what the running page has drawn, `None` for a default; `writers` say
    how the address names a setting: its parameter, its default, its text; `folded` tells whether
    what is being drawn may be out of sight; `tried` counts the suggestions that were followed.
    """

    page: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    keys_by_page: dict[str, set[str]] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    last_written: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, str | None] = field(default_factory=dict)
    serialisers: dict[str, tuple[str, Any, Callable[[Any], str]]] = field(default_factory=dict)
    page_is_running: bool = False
    in_popover: bool = False
    suggestions_followed: int = 0


def in_session() -> bool:
    """Whether a visitor's session is running this thread (a test or a notebook has none)."""
    return get_script_run_ctx(suppress_warning=True) is not None


def state() -> PermalinkState:
    """The memory of the running session."""
    if _MEMORY not in st.session_state:
        st.session_state[_MEMORY] = PermalinkState()
    kept: PermalinkState = st.session_state[_MEMORY]
    return kept


def is_navigation() -> bool:
    """Whether this run came by an address (a new session, back, forward), not by a control."""
    ctx = get_script_run_ctx()
    return state().page is None or (ctx is not None and ctx.is_history_navigation)


@contextmanager
def sync(page: str) -> Iterator[None]:
    """Surround a run of `page`: read the address before it, write the address after it."""
    kept = state()
    arrived = kept.page != page
    address = st.query_params.to_dict()
    ctx = get_script_run_ctx()
    if ctx is not None and ctx.is_history_navigation:
        # Back or forward: the address says everything, what is missing from it is a default.
        for key in kept.keys_by_page.get(page, set()):
            kept.values.pop(key, None)
        kept.unread, kept.problems = address, []
    elif arrived:
        # Parameters that the page before has written belong to that page.
        kept.unread, kept.problems = ({} if address == kept.last_written else address), []
    kept.page, kept.parameters, kept.page_is_running = page, {}, True
    whole = False
    try:
        yield
        whole = True
    finally:
        kept.page_is_running = False
        written = {name: text for name, text in kept.parameters.items() if text is not None}
        # A run that was cut short has not drawn everything: leave what it did not reach.
        _write(written if whole else st.query_params.to_dict() | written)


def value(
    key: str,
    parameter: str,
    default: T,
    *,
    parse: Callable[[str], T],
    check: Callable[[Any], T],
    serialise: Callable[[T], str],
    always: bool = False,
) -> T:
    """The setting `key`: what the visitor chose if `check` lets it pass, else `default`.

    `parse` reads the text of the address and raises a `Problem` that says what is allowed; `check`
    does the same for a remembered value, because what was allowed may have changed since.
    With `always` a chosen value stays in the address even when it equals the default.
    """
    kept = state()
    kept.keys_by_page.setdefault(kept.page or "", set()).add(key)
    kept.serialisers[key] = (parameter, default, serialise)
    if parameter in kept.unread:
        try:
            kept.values[key] = parse(kept.unread.pop(parameter))
        except Problem as problem:
            kept.problems.append(problem)
    found = default
    if key in kept.values:
        try:
            found = check(kept.values[key])
        except Problem:
            found = default
    plain = found == default and not (always and key in kept.values)
    _note(kept, parameter, None if plain else serialise(found))
    return found


def set_value(key: str, chosen: Any) -> None:
    """Keep what the visitor chose for `key`; the notice about a broken link has been read.

    None is no choice: Streamlit may report a control that it builds anew as cleared.
    """
    if chosen is None:
        return
    kept = state()
    kept.values[key] = chosen
    kept.problems = []


def set_and_write(key: str, chosen: Any) -> None:
    """Keep `chosen` and put it into the address at once, also from inside a nested fragment."""
    set_value(key, chosen)
    kept = state()
    if key in kept.serialisers:
        param, default, write = kept.serialisers[key]
        _note(kept, param, None if chosen == default else write(chosen))


def problems() -> list[Problem]:
    """What the address asked for and could not have, until the visitor's next choice."""
    return state().problems


def _note(kept: PermalinkState, param: str, text: str | None) -> None:
    kept.parameters[param] = text
    if not kept.page_is_running:  # A fragment runs by itself: nobody writes the address after it.
        others = {name: old for name, old in st.query_params.to_dict().items() if name != param}
        _write(others if text is None else others | {param: text})


def _write(address: dict[str, str]) -> None:
    """Write the address if it differs: every write is an entry in the browser's history."""
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)
    state().last_written = address
