"""The language of the session: every text that a visitor reads goes through `_` or `say`.

English is the source. A translation lives in assets/locale/<language>/<area>.po, one file per area
of the app, all of them merged.
"""

from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import streamlit as st
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from rnnviz.messages import N_, Message, Problem, excerpt, fill
from rnnviz.ui import permalink

LANGUAGES = {"en": "English", "ko": "한국어"}
"""Codes and own names, English first: the source."""

NOT_A_LANGUAGE = N_("The link names the language {value}; available: {options}.")

LOCALE = Path(__file__).parents[2] / "assets" / "locale"
_KEY = "frame.lang"


def current() -> str:
    """The code of the session's language; English where there is no session."""
    if not permalink.in_session():
        return "en"
    settings = permalink.state()
    return str(settings.values.get(_KEY) or settings.browser_language or _browser_language())


def _(message: str, **values: object) -> str:
    """`message` in the language of the session, its named fields filled with `values`."""
    translated = catalogue(current()).get(message, message)
    return fill(translated, values) if values else translated


def translator(language: str) -> Callable[..., str]:
    """`_` in a fixed `language`, for what runs outside any session, like a download."""

    def translate(message: str, **values: object) -> str:
        translated = catalogue(language).get(message, message)
        return fill(translated, values) if values else translated

    return translate


def say(message: Message | Problem) -> str:
    """`message` in the language of the session, with the messages among its values."""
    if isinstance(message, Problem):
        message = message.message
    values = {
        name: say(value) if isinstance(value, Message) else value
        for name, value in message.values.items()
    }
    return fill(catalogue(current()).get(message.template, message.template), values)


def script_translations(source: str) -> dict[str, str]:
    """The messages of a script, `say("...")`, each with its translation."""
    return {message: _(message) for message in script_messages(source)}


@cache
def script_messages(source: str) -> tuple[str, ...]:
    """The literals of all calls of `say` in the JavaScript `source`, in order."""
    calls = extract("javascript", BytesIO(source.encode()), keywords={"say": None})
    return tuple(dict.fromkeys(str(message) for _line, message, _notes, _context in calls))


@cache
def catalogue(language: str) -> dict[str, str]:
    """All messages of a language; a message without a translation is absent.

    Read once per process, so an edited .po file shows after a restart.
    """
    translations = {}
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, abort_invalid=True):
                if message.id and message.string:
                    translations[str(message.id)] = str(message.string)
    return translations


def set_from_address() -> None:
    """Set the language from the address, before anything is drawn, when the visitor came by one.

    A broken value stays in the address for `draw_switch`, which reports it.
    """
    permalink.read_state().browser_language = _browser_language()
    if permalink.is_navigation():
        code = st.query_params.get("lang", "")
        if code in LANGUAGES:
            permalink.state().values[_KEY] = code
        else:
            permalink.state().values.pop(_KEY, None)


def draw_switch() -> None:
    """Draw the language switch; a new visitor starts with the language of the browser."""
    language = permalink.value(
        _KEY, "lang", _browser_language(), parse=_parse, check=_parse, serialise=str, always=True
    )
    if st.session_state.get(_KEY) != language:
        st.session_state[_KEY] = language
    st.segmented_control(
        "Language · 언어",
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        required=True,
        key=_KEY,
        on_change=_store_choice,
    )
    # Screen readers choose their voice by this attribute; Streamlit itself always sets "en".
    script = f"<script>document.documentElement.lang = '{language}'</script>"
    st.html(script, unsafe_allow_javascript=True)


def _store_choice() -> None:
    permalink.set_value(_KEY, st.session_state[_KEY])


def _parse(code: str) -> str:
    if code not in LANGUAGES:
        raise Problem(NOT_A_LANGUAGE, value=excerpt(str(code)), options=", ".join(LANGUAGES))
    return code


def _browser_language() -> str:
    code = (st.context.locale or "en").split("-")[0].lower()
    return code if code in LANGUAGES else "en"
