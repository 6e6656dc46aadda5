"""Things to try: a button that sets controls, or a link to a page with its controls set."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from rnnviz.ui import permalink
from rnnviz.ui.controls import parse
from rnnviz.ui.language import _

UP = """<script>/* {count} */
document.querySelector('[data-testid="stMain"]').scrollTo({{ top: 0, behavior: "smooth" }});
</script>"""
"""Run by the browser once for every count."""


def suggestion_buttons(
    items: Sequence[tuple[str, Mapping[str, Any]]], *, scroll_up: bool = False, container: Any = st
) -> None:
    """Things to try: a button for each, which sets the controls with the given keys.

    With `up` the page then scrolls to its top, where what was promised happens: on a phone the
    suggestions stand far below it.
    """
    with container.container(gap="xsmall"):
        st.markdown("**" + _("Try this") + "**")
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
        if scroll_up and permalink.state().suggestions_followed:
            st.html(
                UP.format(count=permalink.state().suggestions_followed),
                unsafe_allow_javascript=True,
            )


def suggestion_links(
    items: Sequence[tuple[str, str, Mapping[str, Any]]], *, container: Any = st
) -> None:
    """Things to try on other pages: a link for each, to the page with the given control settings.

    A control that a link leaves out stays as the visitor has left it.
    """
    with container.container(gap="xsmall"):
        st.markdown("**" + _("Try this") + "**")
        for told, page, settings in items:
            address = {parse.parameter_of(key): _written(value) for key, value in settings.items()}
            st.page_link(page, label=told, icon=":material/arrow_forward:", query_params=address)


def _written(value: Any) -> str:
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
