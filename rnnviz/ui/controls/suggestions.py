"""Suggestions: a button that sets controls, or a link to a page with its controls set."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from rnnviz.ui import permalink
from rnnviz.ui.controls import parse
from rnnviz.ui.language import _

SCROLL_UP = """<script>/* {count} */
document.querySelector('[data-testid="stMain"]').scrollTo({{ top: 0, behavior: "smooth" }});
</script>"""
"""The browser runs it once for every count."""


def suggestion_buttons(
    items: Sequence[tuple[str, Mapping[str, Any]]], *, scroll_up: bool = False
) -> None:
    """A button for each suggestion, which sets the controls with the given keys.

    With `scroll_up` the page then scrolls to its top, where the effect is visible: on a phone the
    suggestions are far below it.
    """
    # The key is that of the style sheet, which puts them side by side where there is room.
    with st.container(key="suggestions", gap="xsmall"):
        st.markdown("**" + _("Try this") + "**")
        for title, settings in items:
            suffix = "-".join(f"{key}={value}" for key, value in settings.items())
            st.button(
                title,
                key=f"try.{suffix}",
                type="tertiary",
                icon=":material/arrow_forward:",
                wrap=True,
                on_click=_set,
                args=(dict(settings),),
            )
        count = permalink.state().suggestions_followed
        if scroll_up and count:
            st.html(SCROLL_UP.format(count=count), unsafe_allow_javascript=True)


def suggestion_popover(
    label: str, items: Sequence[tuple[str, Mapping[str, Any]]], *, key: str, icon: str
) -> None:
    """The suggestions as buttons behind one button, which close again when one is followed."""
    box = st.popover(label, icon=icon, key=key, on_change="rerun")
    if not box.open:
        return
    with box:
        for title, settings in items:
            st.button(
                title,
                key=f"try.{title}",
                type="tertiary",
                icon=":material/arrow_forward:",
                on_click=_set_and_close,
                args=(settings, key),
            )


def suggestion_links(
    items: Sequence[tuple[str, str, Mapping[str, Any]]], *, container: Any = st
) -> None:
    """A link for each suggestion, to another page with the given control settings.

    A control that a link leaves out keeps the visitor's setting.
    """
    with container.container(gap="xsmall"):
        st.markdown("**" + _("Try this") + "**")
        for title, page, settings in items:
            address = {
                parse.parameter_of(key): _serialise(value) for key, value in settings.items()
            }
            st.page_link(page, label=title, icon=":material/arrow_forward:", query_params=address)


def _serialise(value: Any) -> str:
    """A setting as its control writes it into the address."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int | float):
        return parse.format_number(value)
    return value if isinstance(value, str) else ",".join(value)


def _set(settings: Mapping[str, Any]) -> None:
    for key, value in settings.items():
        permalink.set_value(key, value)
    permalink.state().suggestions_followed += 1


def _set_and_close(settings: Mapping[str, Any], key: str) -> None:
    _set(settings)
    st.session_state[key] = False
