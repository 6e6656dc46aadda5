"""The controls of a page as Streamlit sends them: what they may be set to, and how it is said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from streamlit.proto.ButtonGroup_pb2 import ButtonGroup
from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.WidgetStates_pb2 import WidgetState


def _options(proto: Any) -> list[str]:
    """The displayed texts that can be chosen, as the value of a choice repeats them."""
    return [
        option
        if isinstance(option, str)
        else " ".join(filter(None, [option.content_icon, option.content]))
        for option in proto.options
    ]


def _several(proto: Any) -> list[str]:
    if proto.set_value:
        return list(proto.raw_values)
    return [_options(proto)[number] for number in proto.default]


def _one(proto: Any) -> str | None:
    if proto.set_value:
        return str(proto.raw_value)
    return _options(proto)[proto.default] if proto.HasField("default") else None


def _numbers(proto: Any) -> list[Any]:
    if proto.options:
        return list(proto.raw_value) if proto.set_value else [proto.options[int(proto.default[0])]]
    return list(proto.value if proto.set_value else proto.default)


def _single(proto: Any) -> Any:
    return proto.value if proto.set_value else proto.default


@dataclass(frozen=True)
class _Kind:
    """A kind of control: the field of its value, and the value that it is drawn with."""

    field: str
    value: Callable[[Any], Any] = lambda proto: None


KINDS = {
    "button": _Kind("trigger_value"),
    "download_button": _Kind("trigger_value"),
    "slider": _Kind("double_array_value", _numbers),
    "button_group": _Kind("string_array_value", _several),
    "multiselect": _Kind("string_array_value", _several),
    "selectbox": _Kind("string_value", _one),
    "radio": _Kind("string_value", _one),
    "checkbox": _Kind("bool_value", _single),
    "text_input": _Kind("string_value", _single),
    "text_area": _Kind("string_value", _single),
    "number_input": _Kind("double_value", _single),
    "bidi_component": _Kind("json_value"),
    "plotly_chart": _Kind("string_value"),
    "expandable": _Kind("bool_value"),
    "popover": _Kind("bool_value"),
    "tab_container": _Kind("string_value"),
}


@dataclass(frozen=True)
class Widget:
    """A control as it was drawn last: `proto` is Streamlit's description of it."""

    kind: str
    proto: Any
    fragment: str

    @property
    def id(self) -> str:
        """Streamlit's name for it, in which its key is the last part."""
        return str(self.proto.id)

    @property
    def key(self) -> str:
        """The key that the page has given it, else its id."""
        key = self.id.split("-", 2)[-1]
        return self.id if key == "None" else key

    @property
    def label(self) -> str:
        """Its label."""
        return str(getattr(self.proto, "label", ""))

    @property
    def is_set(self) -> bool:
        """Whether the page has given it a value, whatever the visitor chose."""
        return bool(getattr(self.proto, "set_value", False))

    @property
    def is_disabled(self) -> bool:
        """Whether it cannot be used."""
        return bool(getattr(self.proto, "disabled", False))

    @property
    def choices(self) -> Sequence[Any]:
        """All displayed texts of a choice, or the numbers of a slider from its lowest."""
        if self.kind == "slider" and not self.proto.options:
            low, high, step = self.proto.min, self.proto.max, self.proto.step
            return [low + number * step for number in range(round((high - low) / step) + 1)]
        return _options(self.proto) if hasattr(self.proto, "options") else []

    def state(self, value: Any) -> WidgetState:
        """The message that sets it to `value`."""
        name = KINDS[self.kind].field
        state = WidgetState(id=self.id)
        if self.kind == "slider" and self.proto.options:
            name = "string_array_value"
        if name.endswith("array_value"):
            values = value if isinstance(value, list | tuple) else [value]
            getattr(state, name).SetInParent()
            getattr(state, name).data.extend(values)
        else:
            setattr(state, name, value)
        return state

    def value_of(self, state: WidgetState) -> Any:
        """What `state` sets it to; of several texts or numbers a list."""
        value = getattr(state, state.WhichOneof("value") or "json_value")
        if not hasattr(value, "data"):
            return value
        values = list(value.data)
        return values[0] if self.is_single and len(values) == 1 else values

    @property
    def is_single(self) -> bool:
        """Whether it has one value, and not several."""
        if self.kind == "button_group":
            return bool(self.proto.click_mode == ButtonGroup.SINGLE_SELECT)
        return self.kind != "multiselect"

    def initial_state(self) -> WidgetState | None:
        """The message for what it was drawn with; None if a browser sends none."""
        value = KINDS[self.kind].value(self.proto)
        return None if value is None else self.state(value)


def widget_of(delta: Delta) -> Widget | None:
    """The control that this part of a page is, if it is one."""
    part = getattr(delta, delta.WhichOneof("type") or "new_element")
    kind = part.WhichOneof("type")
    proto = getattr(part, kind) if kind in KINDS else None
    if proto is None or not proto.id:
        return None
    return Widget(str(kind), proto, delta.fragment_id)
