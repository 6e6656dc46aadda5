"""Things to try: a button that sets controls."""

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from rnnviz.ui import permalink
from rnnviz.ui.language import _


def try_this(items: Sequence[tuple[str, Mapping[str, Any]]], *, where: Any = st) -> None:
    """Things to try: a button for each, which sets the controls with the given keys."""
    with where.container(gap="xsmall"):
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


def _set(settings: Mapping[str, Any]) -> None:
    for key, value in settings.items():
        permalink.remember(key, value)
