"""What a tab of a browser holds: the elements of the page, its widgets' values, its messages."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

from tools.widgets import Widget, widget_of

TEXTS = ("body", "label", "message")
"""Where the elements keep what a visitor reads."""


@dataclass
class Run:
    """One run of the page, or of a fragment, as its visitor met it.

    `seconds`: from the request to its end; `bytes` and `messages` received meanwhile; `drawn`: the
    elements among them; `errors`: the exceptions that the page showed.
    """

    seconds: float = 0.0
    bytes: int = 0
    messages: int = 0
    drawn: int = 0
    errors: list[str] = field(default_factory=list)


@dataclass
class _Place:
    """What stands at one place of the page, and the run that has drawn it."""

    delta: Delta
    run: str


@dataclass
class _Cached:
    """A message that is kept because the server may refer to it, and its age in runs."""

    message: ForwardMsg
    fragment: str
    age: int = 0


class Screen:
    """What a tab shows, updated by the server's messages.

    `page` is the last part of the page's address and `page_hash` Streamlit's name for it, `pages`
    those of the menu; `query` the parameters of the address; `states` the values of the widgets.
    """

    def __init__(self, page: str, query: str) -> None:
        self.page, self.query = page, query
        self.page_hash = self.session = ""
        self.pages: dict[str, str] = {}
        self.states: dict[str, WidgetState] = {}
        self.run = Run()
        self._places: dict[tuple[int, ...], _Place] = {}
        self._cache: dict[str, _Cached] = {}
        self._cache_age = 2
        self._script_run = ""

    def elements(self, kind: str = "") -> Iterator[Any]:
        """The elements in the order of the page; of one `kind` ("plotly_chart") if it is named."""
        for _path, place in sorted(self._places.items(), key=lambda item: item[0]):
            name = place.delta.new_element.WhichOneof("type")
            if name and kind in ("", name):
                yield getattr(place.delta.new_element, name)

    @property
    def text(self) -> str:
        """All that a visitor reads in headings, paragraphs, notices and on controls."""
        lines = (getattr(element, name, "") for element in self.elements() for name in TEXTS)
        return "\n".join(line for line in lines if isinstance(line, str) and line)

    @property
    def widgets(self) -> dict[str, Widget]:
        """The controls by their keys, in the order of the page."""
        places = sorted(self._places.items(), key=lambda item: item[0])
        drawn = (widget_of(place.delta) for _path, place in places)
        return {widget.key: widget for widget in drawn if widget is not None}

    def value(self, key: str) -> Any:
        """What a control is set to now: a number, a text, a list of texts, on or off."""
        widget = self.widgets[key]
        return widget.value_of(self.states[widget.id]) if widget.id in self.states else None

    @property
    def cached_hashes(self) -> list[str]:
        """The messages that the server need not send again."""
        return [*self._cache]

    def turn_to(self, page: str) -> None:
        """Another page is on its way: nothing of this one is shown any more."""
        self.page, self.query, self.page_hash = page, "", self.pages[page]
        self._places.clear()

    def handle(self, message: ForwardMsg, size: int) -> None:
        """Do what a message of `size` bytes asks for."""
        self.run.bytes += size
        self.run.messages += 1
        message = self._from_cache(message)
        kind = message.WhichOneof("type")
        if kind == "new_session":
            self._script_run = message.metadata.run.script_run_id
            self.page_hash = message.new_session.page_script_hash or self.page_hash
            self.session = message.new_session.initialize.session_id or self.session
            self._cache_age = message.new_session.config.max_cached_message_age
        elif kind == "delta":
            self._draw(tuple(message.metadata.delta_path), message.delta)
        elif kind == "navigation":
            pages = message.navigation.app_pages
            self.pages = {page.url_pathname: page.page_script_hash for page in pages}
            self.page_hash = message.navigation.page_script_hash
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "script_finished":
            self._finish(message)

    def _from_cache(self, message: ForwardMsg) -> ForwardMsg:
        """The message that is meant, which this tab may have and keeps if it may need it again."""
        if message.WhichOneof("type") == "ref_hash":
            cached = self._cache[message.ref_hash]
            cached.age = 0
            cached.message.metadata.CopyFrom(message.metadata)
            return cached.message
        if message.metadata.cacheable and message.hash not in self._cache:
            self._cache[message.hash] = _Cached(message, message.delta.fragment_id)
        return message

    def _draw(self, path: tuple[int, ...], delta: Delta) -> None:
        if delta.WhichOneof("type") == "new_transient":
            return
        self.run.drawn += 1
        self._places[path] = _Place(delta, self._script_run)
        if delta.new_element.WhichOneof("type") == "exception":
            self.run.errors.append(delta.new_element.exception.message)
        widget = widget_of(delta)
        if widget is not None and (widget.is_set or widget.id not in self.states):
            initial = widget.initial_state()
            if initial is not None:
                self.states[widget.id] = initial

    def _finish(self, message: ForwardMsg) -> None:
        """The end of a run: what it has not drawn again leaves, with its widgets and messages."""
        status, run = message.script_finished, message.metadata.run
        if is_interrupted(message):
            return
        fragments = set(run.fragment_ids)
        if status != ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            self._places = {
                path: place
                for path, place in self._places.items()
                if place.run == run.script_run_id
                or (fragments and place.delta.fragment_id not in fragments)
            }
            drawn = {widget.id for widget in self.widgets.values()}
            self.states = {name: state for name, state in self.states.items() if name in drawn}
        for name, cached in [*self._cache.items()]:
            cached.age += 1
            if cached.age > self._cache_age and (not fragments or cached.fragment in fragments):
                del self._cache[name]


def is_interrupted(message: ForwardMsg) -> bool:
    """Whether this is the end of a run that the next one has cut short."""
    return bool(message.script_finished == ForwardMsg.FINISHED_EARLY_FOR_RERUN)
