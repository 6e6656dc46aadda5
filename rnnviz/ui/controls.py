"""The controls of all pages: each carries its value in the address and in the session.

A key is unique in the whole app ("step.cell"); the parameter in the address is the part after the
dot. A control answers with a value that its rule allows, whatever the address or the browser sent.
Labels and options arrive translated; codes go into the address, so that a link outlives a language.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from unicodedata import category

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.settings import NOT_A_CHOICE, NOT_A_NUMBER, NOT_A_WHOLE_NUMBER, Range
from rnnviz.ui import permalink
from rnnviz.ui.language import _

T = TypeVar("T")
Number = int | float

NOT_A_SWITCH = N_("{name} is {value}; allowed is: 0, 1.")
TOO_FEW = N_("{name} needs at least {count} of: {options}.")
SHOWN = 60
"""How much of a hostile value a notice repeats."""

_DRAWN = "_drawn"
_BLANKS = {"Cc", "Cs", "Zl", "Zp"}


def slider(
    key: str,
    label: str,
    rule: Range,
    default: Number,
    *,
    help: str = "",
    param: str = "",
    where: Any = st,
) -> Any:
    """A number of `rule`, `int` if it is whole; a logarithmic rule slides over round values."""
    label = label or _(rule.label)
    places = stops(rule, default)

    def admit(number: Any) -> Number:
        rule.check(label, number)
        number = int(number) if rule.whole else float(number)
        return min(places, key=lambda place: abs(place - number)) if places else number

    def parse(text: str) -> Number:
        return admit(_number(label, text, rule))

    value = permalink.value(
        key, param or _param(key), admit(default), parse=parse, check=admit, write=_plain_number
    )
    _seed(key, value, (rule, default))
    common = {"key": key, "help": help or None, "on_change": _keep, "args": (key,)}
    if places:
        where.select_slider(label, places, format_func=_plain_number, **common)
    else:
        kind: Callable[[float], Number] = int if rule.whole else float
        step = rule.step or (1 if rule.whole else (rule.high - rule.low) / 100)
        where.slider(
            label,
            kind(rule.low),
            kind(rule.high),
            step=kind(step),
            format=f"%{'d' if rule.whole else 'g'} {_(rule.unit)}" if rule.unit else None,
            **common,
        )
    return value


def choose(
    key: str,
    label: str,
    options: Mapping[str, str],
    default: str,
    *,
    help: str = "",
    param: str = "",
    where: Any = st,
) -> str:
    """One code of `options` (code -> what the visitor reads): up to four are all visible."""

    def admit(code: Any) -> str:
        if code not in options:
            raise _not_a_choice(label, code, options)
        return str(code)

    value = permalink.value(key, param or _param(key), default, parse=admit, check=admit, write=str)
    _seed(key, value, tuple(options.items()))
    common = {
        "format_func": lambda code: options.get(code, code),
        "key": key,
        "help": help or None,
        "on_change": _keep,
        "args": (key,),
    }
    if len(options) <= 4:
        where.segmented_control(label, list(options), required=True, **common)
    else:
        where.selectbox(label, list(options), **common)
    return value


def several(
    key: str,
    label: str,
    options: Mapping[str, str],
    default: Sequence[str],
    *,
    at_least: int = 1,
    help: str = "",
    param: str = "",
    where: Any = st,
) -> list[str]:
    """Some codes of `options`, in their order; the last `at_least` of them cannot be taken away."""

    def admit(codes: Any) -> list[str]:
        for code in codes:
            if code not in options:
                raise _not_a_choice(label, code, options)
        found = [code for code in options if code in codes]
        if len(found) < at_least:
            raise Problem(TOO_FEW, name=label, count=at_least, options=", ".join(options))
        return found

    value = permalink.value(
        key,
        param or _param(key),
        list(default),
        parse=lambda text: admit([code for code in text.split(",") if code]),
        check=admit,
        write=",".join,
    )
    _seed(key, value, tuple(options.items()))
    where.pills(
        label,
        list(options),
        selection_mode="multi",
        format_func=lambda code: options.get(code, code),
        key=key,
        help=help or None,
        on_change=_keep,
        args=(key, lambda codes: len(codes) >= at_least),
    )
    return value


def text(
    key: str,
    label: str,
    default: str,
    *,
    limit: int,
    help: str = "",
    placeholder: str = "",
    param: str = "",
    where: Any = st,
) -> str:
    """One line of text; of a longer one the first `limit` characters, and a notice of that."""
    long = f"{key}.long"

    def admit(typed: Any) -> str:
        # Line ends and control signs become blanks; the joiners inside an emoji are neither.
        line = "".join(" " if category(sign) in _BLANKS else sign for sign in str(typed))
        permalink.memory().values[long] = len(line) > limit
        return line[:limit]

    value = permalink.value(key, param or _param(key), default, parse=admit, check=str, write=str)
    _seed(key, value, limit)
    where.text_input(
        label,
        key=key,
        help=help or None,
        placeholder=placeholder or None,
        on_change=lambda: permalink.remember(key, admit(st.session_state[key])),
    )
    if permalink.memory().values.get(long):
        where.warning(
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
    param: str = "",
    where: Any = st,
) -> bool:
    """On or off."""
    value = _hold(key, label, default, None, param)
    _seed(key, value, None)
    where.toggle(label, key=key, help=help or None, on_change=_keep, args=(key,))
    return value


def try_this(items: Sequence[tuple[str, Mapping[str, Any]]], *, where: Any = st) -> None:
    """Things to try: a button for each, which sets the controls with the given keys."""
    with where.container(gap="xsmall"):
        st.markdown(f"**{_('Try this')}**")
        for told, settings in items:
            named = "-".join(f"{key}={value}" for key, value in settings.items())
            st.button(
                told,
                key=f"try.{named}",
                type="tertiary",
                icon=":material/arrow_forward:",
                wrap=True,
                on_click=_set,
                args=(dict(settings),),
            )


def hold(key: str, default: T, *, rule: Range | None = None, param: str = "") -> T:
    """A value that has no widget (where the stage stands) but lives in the address all the same.

    `default` is a `bool`, a number or a text, and the value is of its type; `rule` may bound it.
    """
    return _hold(key, param or _param(key), default, rule, param)


def keep(key: str, value: Any) -> None:
    """Tell what a value without a widget is now: the address says it at once, `hold` from then."""
    permalink.announce(key, value)


def stops(rule: Range, default: Number) -> list[Number]:
    """The values that a logarithmic slider stops at: round ones, both ends, and the default."""
    if not rule.logarithmic:
        return []
    digits = (1, 2, 3, 5, 7) if rule.whole else (1, 1.5, 2, 3, 5, 7)
    kind: Callable[[float], Number] = int if rule.whole else float
    found = {kind(rule.low), kind(rule.high), kind(default)}
    for power in range(-12, 13):
        for digit in digits:
            place = float(f"{digit}e{power}")
            if rule.low <= place <= rule.high and (not rule.whole or place >= 1):
                found.add(kind(place))
    return sorted(found)


def _hold(key: str, name: str, default: T, rule: Range | None, param: str) -> T:
    def admit(value: Any) -> T:
        if rule is not None:
            rule.check(name, value)
        return value  # type: ignore[no-any-return]

    def parse(text: str) -> T:
        if isinstance(default, bool):
            if text not in ("0", "1"):
                raise Problem(NOT_A_SWITCH, name=name, value=_short(text))
            return admit(text == "1")
        if isinstance(default, int | float):
            whole = isinstance(default, int)
            kind = int if whole else float
            bounds = rule or Range(kind("-1000000000"), kind("1000000000"))
            number = _number(name, text, bounds)
            bounds.check(name, number)
            return admit(number)
        return admit(text)

    return permalink.value(
        key,
        param or _param(key),
        default,
        parse=parse,
        check=admit,
        write=lambda value: (
            str(value) if isinstance(value, str) else _plain_number(value)  # type: ignore[arg-type]
        ),
    )


def _param(key: str) -> str:
    return key.rpartition(".")[2]


def _number(name: str, text: str, rule: Range) -> Number:
    """The number that `text` writes; a `Problem` that names the range if it writes none."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        template = NOT_A_WHOLE_NUMBER if rule.whole else NOT_A_NUMBER
        raise Problem(template, name=name, value=_short(text), low=rule.low, high=rule.high)
    rule.check(name, number)
    return int(number) if rule.whole else number


def _plain_number(value: Number) -> str:
    return f"{value:d}" if isinstance(value, int) else f"{value:.12g}"


def _not_a_choice(name: str, code: object, options: Mapping[str, str]) -> Problem:
    return Problem(NOT_A_CHOICE, name=name, value=_short(str(code)), options=", ".join(options))


def _short(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"


def _seed(key: str, value: Any, shape: object) -> None:
    """Give the widget `value` before it is drawn, if it does not have it already.

    Only then: a widget that is given its own value again forgets what the visitor does meanwhile.
    A widget whose `shape` (range, options, language) is another than last time is always given it,
    for it starts anew.
    """
    drawn = st.session_state.setdefault(_DRAWN, {})
    if drawn.get(key) != shape or st.session_state.get(key) != value:
        st.session_state[key] = value
    drawn[key] = shape


def _keep(key: str, passes: Callable[[Any], bool] = lambda chosen: True) -> None:
    """The visitor moved a widget. What does not pass is put back when the widget is drawn."""
    chosen = st.session_state[key]
    if passes(chosen):
        permalink.remember(key, chosen)


def _set(settings: Mapping[str, Any]) -> None:
    for key, value in settings.items():
        permalink.remember(key, value)
