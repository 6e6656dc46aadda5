"""The controls that have a widget: their key is the widget's, too, and the address its value."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any
from unicodedata import east_asian_width

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.settings import Range
from rnnviz.ui import permalink
from rnnviz.ui.controls import parse
from rnnviz.ui.controls.address_values import typed_value
from rnnviz.ui.controls.parse import TOO_FEW, TOO_MANY, Number
from rnnviz.ui.language import _, current

MAX_SEGMENTED_WIDTH = 48
"""Letters of all options together that fit side by side; longer ones become a select box."""


def slider(
    key: str,
    label: str,
    rule: Range,
    default: Number,
    *,
    help: str = "",
    parameter: str = "",
    container: Any = st,
) -> Any:
    """A number of `rule`, `int` if it is whole; a logarithmic rule has round stops."""
    label = label or _(rule.label)
    stops = parse.slider_stops(rule, default)

    def validate(number: Any) -> Number:
        rule.check(label, number)
        value = int(number) if rule.whole else float(number)
        if not stops or value in stops:
            return value
        return min(stops, key=lambda stop: abs(stop - value))

    def parse_text(text: str) -> Number:
        return validate(parse.parse_number(label, text, rule))

    value = permalink.value(
        key,
        parse.parameter_of(key, parameter),
        validate(default),
        parse=parse_text,
        check=validate,
        serialise=parse.format_number,
    )
    if permalink.state().is_hidden:
        return value
    seed(key, value, (rule, default))
    common = {"key": key, "help": help or None, "on_change": _store_choice, "args": (key,)}
    if stops:
        titles = _stop_titles(rule, stops, current())
        container.select_slider(label, stops, format_func=titles.__getitem__, **common)
    else:
        number_type: Callable[[float], Number] = int if rule.whole else float
        step = rule.step or (1 if rule.whole else (rule.high - rule.low) / 100)
        container.slider(
            label,
            number_type(rule.low),
            number_type(rule.high),
            # Without a value, which the session has, Streamlit copies the whole session to look.
            number_type(rule.low),
            step=number_type(step),
            format=f"%{'d' if rule.whole else 'g'} {_(rule.unit).replace('%', '%%')}"
            if rule.unit
            else None,
            **common,
        )
    return value


class _Titles(dict[Any, str]):
    """What options are displayed as.

    Streamlit also formats the value of the run before, which may be none of them.
    """

    def __missing__(self, value: Any) -> str:
        return str(value)


@lru_cache(maxsize=500, typed=True)
def _stop_titles(rule: Range, stops: tuple[Number, ...], _language: str) -> _Titles:
    """What the slider of `rule` displays at each stop, in the language of the session."""
    return _Titles((stop, _with_unit(rule, stop)) for stop in stops)


def _with_unit(rule: Range, value: Number) -> str:
    """A number as its slider displays it."""
    text = parse.format_number(value)
    return _(rule.unit, count=text) if "{" in rule.unit else f"{text} {_(rule.unit)}".rstrip()


def choose(
    key: str,
    label: str,
    options: Mapping[str, str],
    default: str,
    *,
    help: str = "",
    parameter: str = "",
    segmented: bool = False,
    container: Any = st,
) -> str:
    """One code of `options` (code -> displayed text); a few short ones are all visible.

    With `segmented` all are visible, however many, in as many lines as they need.
    """

    def validate(code: Any) -> str:
        return parse.parse_code(label, code, options)

    value = permalink.value(
        key,
        parse.parameter_of(key, parameter),
        default,
        parse=validate,
        check=validate,
        serialise=str,
    )
    if permalink.state().is_hidden:
        return value
    seed(key, value, tuple(options.items()))
    common = {
        "format_func": _Titles(options).__getitem__,
        "key": key,
        "help": help or None,
        "on_change": _store_choice,
        "args": (key,),
    }
    if segmented or (len(options) <= 4 and text_width(options) <= MAX_SEGMENTED_WIDTH):
        container.segmented_control(label, list(options), required=True, **common)
    else:
        container.selectbox(label, list(options), **common)
    return value


def text_width(options: Mapping[str, str]) -> int:
    """The width of all displayed texts of `options`, in letters; a Korean letter counts twice."""
    return sum(1 + (east_asian_width(letter) in "WF") for letter in "".join(options.values()))


def choose_several(
    key: str,
    label: str,
    options: Mapping[str, str],
    default: Sequence[str],
    *,
    at_least: int = 1,
    at_most: int = 1000,
    help: str = "",
    parameter: str = "",
    container: Any = st,
) -> list[str]:
    """Some codes of `options`, in their order.

    The last `at_least` of them cannot be removed, and no more than `at_most` can be chosen: the
    next one is undone, with a warning.
    """
    full_key = f"{key}.full"

    def validate(codes: Any) -> list[str]:
        valid = {parse.parse_code(label, code, options) for code in codes}
        selected = [code for code in options if code in valid]
        if len(selected) < at_least:
            raise Problem(TOO_FEW, name=label, count=at_least, options=", ".join(options))
        if len(selected) > at_most:
            raise Problem(TOO_MANY, name=label, count=at_most, selected=len(selected))
        return selected

    def has_valid_length(codes: Any) -> bool:
        permalink.state().values[full_key] = len(codes) > at_most
        return at_least <= len(codes) <= at_most

    value = permalink.value(
        key,
        parse.parameter_of(key, parameter),
        list(default),
        parse=lambda text: validate([code for code in text.split(",") if code]),
        check=validate,
        serialise=",".join,
    )
    if permalink.state().is_hidden:
        return value
    seed(key, value, tuple(options.items()))
    container.pills(
        label,
        list(options),
        selection_mode="multi",
        format_func=_Titles(options).__getitem__,
        key=key,
        help=help or None,
        on_change=_store_choice,
        args=(key, has_valid_length),
    )
    if permalink.state().values.get(full_key):
        container.warning(_("At most {count} at once: remove one first.", count=at_most))
    return value


def text(
    key: str,
    label: str,
    default: str,
    *,
    limit: int,
    help: str = "",
    placeholder: str = "",
    parameter: str = "",
    container: Any = st,
) -> str:
    """One line of text; a longer one is truncated to `limit` characters, with a warning."""
    long_key = f"{key}.long"

    def truncate(typed: Any) -> str:
        line = parse.single_line(typed)
        permalink.state().values[long_key] = len(line) > limit
        return line[:limit]

    value = permalink.value(
        key, parse.parameter_of(key, parameter), default, parse=truncate, check=str, serialise=str
    )
    if permalink.state().is_hidden:
        return value
    seed(key, value, limit)
    container.text_input(
        label,
        key=key,
        help=help or None,
        placeholder=placeholder or None,
        on_change=lambda: permalink.set_value(key, truncate(st.session_state[key])),
    )
    if permalink.state().values.get(long_key):
        container.warning(
            _(
                "The text is longer than {limit} characters. The first {limit} are used.",
                limit=limit,
            )
        )
    return value


def toggle(
    key: str,
    label: str,
    default: bool,
    *,
    help: str = "",
    parameter: str = "",
    container: Any = st,
) -> bool:
    """On or off."""
    value = typed_value(key, label, default, None, parameter)
    if permalink.state().is_hidden:
        return value
    seed(key, value, None)
    container.toggle(label, key=key, help=help or None, on_change=_store_choice, args=(key,))
    return value


@contextmanager
def popover(label: str, *, key: str, icon: str, width: Any = "content") -> Iterator[None]:
    """A button that opens a popover with the controls inside; `key` is the popover's.

    They are drawn only while it is open; their values are read in any case.
    """
    state = permalink.state()
    box = st.popover(label, icon=icon, width=width, key=key, on_change="rerun")
    with box:
        state.is_hidden = not box.open
        try:
            yield
        finally:
            state.is_hidden = False


def seed(key: str, value: Any, shape: object) -> None:
    """Give the widget `value` before it is drawn, if it does not have it already.

    Only then: a widget that is set to its own value again loses what the visitor does meanwhile.
    A widget whose `shape` (range, options, language) differs from last time is always set, because
    it starts anew.
    """
    settings = permalink.state()
    if settings.shapes.get(key) != shape or st.session_state.get(key) != value:
        st.session_state[key] = value
    settings.shapes[key] = shape


def _store_choice(key: str, is_valid: Callable[[Any], bool] = lambda choice: True) -> None:
    """Store what the visitor chose; an invalid choice is undone when the widget is drawn."""
    choice = st.session_state[key]
    if is_valid(choice):
        permalink.set_value(key, choice)
        permalink.state().moved.add(key)
