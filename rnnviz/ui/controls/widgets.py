"""The controls that have a widget. A key is the widget's, too; the address gives it its value."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from unicodedata import east_asian_width

import streamlit as st

from rnnviz.messages import Problem
from rnnviz.settings import Range
from rnnviz.ui import permalink
from rnnviz.ui.controls import parse
from rnnviz.ui.controls.address_values import typed_value
from rnnviz.ui.controls.parse import TOO_FEW, TOO_MANY, Number
from rnnviz.ui.language import _

_DRAWN = "_drawn"

MAX_SEGMENTED_WIDTH = 48
"""Letters of all options together that may stand side by side; longer ones unfold."""


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
    """A number of `rule`, `int` if it is whole; a logarithmic rule slides over round values."""
    label = label or _(rule.label)
    places = parse.slider_stops(rule, default)

    def admit(number: Any) -> Number:
        rule.check(label, number)
        number = int(number) if rule.whole else float(number)
        return min(places, key=lambda place: abs(place - number)) if places else number

    def read(text: str) -> Number:
        return admit(parse.parse_number(label, text, rule))

    value = permalink.value(
        key,
        parse.parameter_of(key, parameter),
        admit(default),
        parse=read,
        check=admit,
        serialise=parse.format_number,
    )
    _seed(key, value, (rule, default))
    common = {"key": key, "help": help or None, "on_change": _keep, "args": (key,)}
    if places:
        titles = {place: _with_unit(rule, place) for place in places}
        container.select_slider(label, places, format_func=titles.__getitem__, **common)
    else:
        kind: Callable[[float], Number] = int if rule.whole else float
        step = rule.step or (1 if rule.whole else (rule.high - rule.low) / 100)
        container.slider(
            label,
            kind(rule.low),
            kind(rule.high),
            step=kind(step),
            format=f"%{'d' if rule.whole else 'g'} {_(rule.unit).replace('%', '%%')}"
            if rule.unit
            else None,
            **common,
        )
    return value


def _with_unit(rule: Range, value: Number) -> str:
    """A number as its slider writes it."""
    told = parse.format_number(value)
    return _(rule.unit, count=told) if "{" in rule.unit else f"{told} {_(rule.unit)}".rstrip()


def choose(
    key: str,
    label: str,
    options: Mapping[str, str],
    default: str,
    *,
    help: str = "",
    parameter: str = "",
    container: Any = st,
) -> str:
    """One code of `options` (code -> what the visitor reads): a few short ones are all visible."""

    def admit(code: Any) -> str:
        return parse.parse_code(label, code, options)

    value = permalink.value(
        key, parse.parameter_of(key, parameter), default, parse=admit, check=admit, serialise=str
    )
    _seed(key, value, tuple(options.items()))
    common = {
        "format_func": lambda code: options.get(code, code),
        "key": key,
        "help": help or None,
        "on_change": _keep,
        "args": (key,),
    }
    if len(options) <= 4 and text_width(options) <= MAX_SEGMENTED_WIDTH:
        container.segmented_control(label, list(options), required=True, **common)
    else:
        container.selectbox(label, list(options), **common)
    return value


def text_width(options: Mapping[str, str]) -> int:
    """How wide all that a visitor reads of `options` is, in letters; a Korean one counts twice."""
    return sum(1 + (east_asian_width(sign) in "WF") for told in options.values() for sign in told)


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

    The last `at_least` of them cannot be taken away, and no more than `at_most` be chosen: the next
    one is put back, with a word on why.
    """
    full = f"{key}.full"

    def admit(codes: Any) -> list[str]:
        asked = [parse.parse_code(label, code, options) for code in codes]
        found = [code for code in options if code in asked]
        if len(found) < at_least:
            raise Problem(TOO_FEW, name=label, count=at_least, options=", ".join(options))
        if len(found) > at_most:
            raise Problem(TOO_MANY, name=label, count=at_most, given=len(found))
        return found

    def passes(codes: Any) -> bool:
        permalink.state().values[full] = len(codes) > at_most
        return at_least <= len(codes) <= at_most

    value = permalink.value(
        key,
        parse.parameter_of(key, parameter),
        list(default),
        parse=lambda text: admit([code for code in text.split(",") if code]),
        check=admit,
        serialise=",".join,
    )
    _seed(key, value, tuple(options.items()))
    container.pills(
        label,
        list(options),
        selection_mode="multi",
        format_func=lambda code: options.get(code, code),
        key=key,
        help=help or None,
        on_change=_keep,
        args=(key, passes),
    )
    if permalink.state().values.get(full):
        container.warning(_("At most {count} at once: take one away first.", count=at_most))
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
    """One line of text; of a longer one the first `limit` characters, and a notice of that."""
    long = f"{key}.long"

    def admit(typed: Any) -> str:
        line = parse.single_line(typed)
        permalink.state().values[long] = len(line) > limit
        return line[:limit]

    value = permalink.value(
        key, parse.parameter_of(key, parameter), default, parse=admit, check=str, serialise=str
    )
    _seed(key, value, limit)
    container.text_input(
        label,
        key=key,
        help=help or None,
        placeholder=placeholder or None,
        on_change=lambda: permalink.set_value(key, admit(st.session_state[key])),
    )
    if permalink.state().values.get(long):
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
    _seed(key, value, None)
    container.toggle(label, key=key, help=help or None, on_change=_keep, args=(key,))
    return value


@contextmanager
def popover(label: str, *, icon: str, width: Any = "content") -> Iterator[None]:
    """A button that unfolds the controls which are drawn inside."""
    kept = permalink.state()
    with st.popover(label, icon=icon, width=width):
        kept.in_popover = True
        try:
            yield
        finally:
            kept.in_popover = False


def _seed(key: str, value: Any, shape: object) -> None:
    """Give the widget `value` before it is drawn, if it does not have it already.

    Only then: a widget that is given its own value again forgets what the visitor does meanwhile.
    A widget whose `shape` (range, options, language) is another than last time is always given it,
    for it starts anew. So is one that is folded away: the browser makes it when it is unfolded,
    knows the latest run alone, and without a value would begin at the lowest.
    """
    drawn = st.session_state.setdefault(_DRAWN, {})
    anew = drawn.get(key) != shape or permalink.state().in_popover
    if anew or st.session_state.get(key) != value:
        st.session_state[key] = value
    drawn[key] = shape


def _keep(key: str, passes: Callable[[Any], bool] = lambda chosen: True) -> None:
    """The visitor moved a widget. What does not pass is put back when the widget is drawn."""
    chosen = st.session_state[key]
    if passes(chosen):
        permalink.set_value(key, chosen)
