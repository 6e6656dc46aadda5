"""The settings of a session, and the address that restores them.

A permalink must lose nothing that a visitor chose: not on a page switch, not on a language switch,
not when the address is sent to somebody else. Streamlit's own `bind="query-params"` stores the
displayed label, which changes with the language, and silently drops what it does not know. So the
address is parsed here, once:

- `sync()` wraps a run of a page: it reads the address when the visitor came by it (a new session,
  a link to another page, back and forward) and afterwards writes all settings that differ from
  their defaults, at once;
- `fragment()` draws a part of a page that runs alone when one of its controls moves, and then
  writes the address;
- `value()` returns the setting of one control: the visitor's choice, else the default;
- `set_value()` stores a choice.

The settings live under one key of the session, so that widgets may come and go.
"""

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import streamlit as st
from streamlit.runtime.scriptrunner import RerunException, get_script_run_ctx

from rnnviz.messages import Problem
from rnnviz.ui.permalink_aliases import modernise

T = TypeVar("T")

_STATE = "_settings"


@dataclass
class PermalinkState:
    """The settings of one session.

    Attributes:
        page: the page that was drawn last; None before the first.
        values: the visitor's choices by key; they live as long as the session.
        keys_by_page: the keys that each page has drawn.
        unread: the parameters of the address that no control has read yet.
        problems: the settings of the address that are not possible.
        last_written: the address as this session wrote it last.
        parameters: what the running page has drawn, by parameter; None for a default.
        serialisers: by key, how the address writes a setting: parameter, default, function.
        page_is_running: whether `sync` will write the address when the page is done.
        is_hidden: whether the controls are in a closed popover, so that they are not drawn.
        suggestions_followed: how many suggestions the visitor has followed.
        browser_language: the language of the browser as of the latest run.
        shapes: the shape with which each widget was drawn last.
        moved: the keys of the controls that the visitor has moved by hand, until `take_moved`.
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
    is_hidden: bool = False
    suggestions_followed: int = 0
    browser_language: str = ""
    shapes: dict[str, object] = field(default_factory=dict)
    moved: set[str] = field(default_factory=set)


class _CurrentRun(threading.local):
    """The settings of the session that a thread is running, and the session that they are of."""

    session: object = None
    settings: PermalinkState


_current_run = _CurrentRun()


def in_session() -> bool:
    """Whether a visitor's session is running this thread (a test or a notebook has none)."""
    return get_script_run_ctx(suppress_warning=True) is not None


def state() -> PermalinkState:
    """The settings of the running session.

    Every translated text asks for them, some hundred times a run, so they are not looked up in the
    session each time: there, each look passes a lock and the test whether the run is to stop.
    """
    ctx = get_script_run_ctx(suppress_warning=True)
    if ctx is not None and ctx.session_state is _current_run.session:
        return _current_run.settings
    return read_state()


def read_state() -> PermalinkState:
    """The settings of the running session, looked up in it, as is right when a run begins."""
    if _STATE not in st.session_state:
        st.session_state[_STATE] = PermalinkState()
    settings: PermalinkState = st.session_state[_STATE]
    ctx = get_script_run_ctx(suppress_warning=True)
    if ctx is not None:
        _current_run.session, _current_run.settings = ctx.session_state, settings
    return settings


def is_navigation() -> bool:
    """Whether this run came by an address (a new session, back, forward), not by a control."""
    ctx = get_script_run_ctx()
    return state().page is None or (ctx is not None and ctx.is_history_navigation)


@contextmanager
def sync(page: str) -> Iterator[None]:
    """Wrap a run of `page`: read the address before it, write the address after it."""
    settings = state()
    is_new_page = settings.page != page
    address = st.query_params.to_dict()
    ctx = get_script_run_ctx()
    if ctx is not None and ctx.is_history_navigation:
        # Back or forward: the address is complete, what is missing from it is a default.
        for key in settings.keys_by_page.get(page, set()):
            settings.values.pop(key, None)
        settings.unread, settings.problems = modernise(address), []
    elif is_new_page:
        # Parameters that the page before has written belong to that page.
        settings.unread = {} if address == settings.last_written else modernise(address)
        settings.problems = []
    settings.page, settings.parameters, settings.page_is_running = page, {}, True
    run = _Run()
    try:
        with run:
            yield
    finally:
        settings.page_is_running = False
        # An interrupted run has not drawn everything: leave what it did not reach.
        if not run.is_followed:
            _write(parameters() if run.is_complete else st.query_params.to_dict() | parameters())


def fragment(draw: Callable[[], None]) -> None:
    """Draw a part of the page that alone runs again when one of its controls moves.

    The rest of the page must not depend on these controls.
    """
    problems = state().problems  # the page reports these until the visitor's next choice
    parameters: set[str] = set()

    def run() -> None:
        if problems and state().problems is not problems:
            st.rerun()
        with _sync_fragment(parameters):
            draw()

    st.fragment(run)()


@contextmanager
def _sync_fragment(own: set[str]) -> Iterator[None]:
    """Wrap a run of a part of the page; `own` are the parameters that it has drawn, for the next.

    Where the part runs alone, the address is written once, after it.
    """
    settings = state()
    is_alone, before = not settings.page_is_running, settings.parameters
    settings.parameters, settings.page_is_running = {}, True
    run = _Run()
    try:
        with run:
            yield
    finally:
        settings.page_is_running = not is_alone
        if run.is_complete:
            before = {name: text for name, text in before.items() if name not in own}
            own.clear()
        own.update(settings.parameters)
        settings.parameters = before | settings.parameters
        if is_alone and not run.is_followed:
            _write(parameters())


class _Run:
    """How a run of a page or of a part of it has ended.

    One that is followed by another, which has the address as of its own request, leaves the writing
    to that one.
    """

    is_complete = is_followed = False

    def __enter__(self) -> None:
        """Nothing has ended yet."""

    def __exit__(self, error: type[BaseException] | None, *_details: object) -> None:
        """Note how it ends; an error goes on."""
        self.is_complete = error is None
        self.is_followed = error is not None and issubclass(error, RerunException)


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
    """The setting `key`: the visitor's choice if `check` accepts it, else `default`.

    `parse` reads the text of the address and raises a `Problem` that says what is allowed; `check`
    does the same for a stored choice, because what is allowed may have changed since.
    With `always` a choice stays in the address even when it equals the default.
    """
    settings = state()
    settings.keys_by_page.setdefault(settings.page or "", set()).add(key)
    settings.serialisers[key] = (parameter, default, serialise)
    if parameter in settings.unread:
        try:
            settings.values[key] = parse(settings.unread.pop(parameter))
        except Problem as problem:
            settings.problems.append(problem)
    setting = default
    if key in settings.values:
        try:
            setting = check(settings.values[key])
        except Problem:
            setting = default
    is_omitted = setting == default and not (always and key in settings.values)
    _set_parameter(settings, parameter, None if is_omitted else serialise(setting))
    return setting


def set_value(key: str, choice: Any) -> None:
    """Store the visitor's choice for `key`; the notice about a broken link has been read.

    None is no choice: Streamlit may report a control that it builds anew as cleared.
    """
    if choice is None:
        return
    settings = state()
    settings.values[key] = choice
    settings.problems = []


def set_and_write(key: str, choice: Any) -> None:
    """Store `choice` and write it into the address at once, also from inside a nested fragment."""
    set_value(key, choice)
    settings = state()
    if key in settings.serialisers:
        parameter, default, serialise = settings.serialisers[key]
        _set_parameter(settings, parameter, None if choice == default else serialise(choice))


def take_moved(keys: Iterable[str]) -> set[str]:
    """Those of `keys` whose controls the visitor has moved by hand since the last call.

    A link, a suggestion or another default changes what a control shows, and moves none.
    """
    moved = state().moved & {*keys}
    state().moved -= moved
    return moved


def open_address(prefix: str, address: Mapping[str, str]) -> None:
    """Set the page's controls whose keys begin with `prefix` as a link with `address` would.

    What is missing from it is a default. Call this before they are drawn.
    """
    settings = state()
    for key in [key for key in settings.values if key.startswith(prefix)]:
        del settings.values[key]
    settings.unread, settings.problems = dict(address), []


def has_choices(prefix: str) -> bool:
    """Whether any control whose key begins with `prefix` has a choice of the visitor."""
    return any(key.startswith(prefix) for key in state().values)


def unread() -> dict[str, str]:
    """The parameters of the address that no control has read yet."""
    return state().unread


def parameters() -> dict[str, str]:
    """The parameters that the running page has drawn so far, apart from defaults."""
    return {name: text for name, text in state().parameters.items() if text is not None}


def problems() -> list[Problem]:
    """The settings of the address that are not possible, until the visitor's next choice."""
    return state().problems


def _set_parameter(settings: PermalinkState, parameter: str, text: str | None) -> None:
    settings.parameters[parameter] = text
    # A fragment that runs by itself: nothing writes the address after it.
    if not settings.page_is_running:
        others = {name: old for name, old in st.query_params.to_dict().items() if name != parameter}
        _write(others if text is None else others | {parameter: text})


def _write(address: dict[str, str]) -> None:
    """Write the address if it differs: every write is an entry in the browser's history."""
    if st.query_params.to_dict() != address:
        st.query_params.from_dict(address)
    state().last_written = address
