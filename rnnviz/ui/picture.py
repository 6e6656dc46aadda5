"""A picture of HTML and SVG that Python draws; one component shows it and reports what is picked.

    from rnnviz.ui.picture import draw, tag

    cell = tag("rect", x=10, y=10, width=20, height=20, fill="#c00", data_pick=3, data_twin="h3")
    draw(tag("svg", cell, width=400, height=40, role="img", aria_label=_("...")), key="text.row")

Parts with `data_pick` are buttons (click, Enter, arrow keys); parts with the same `data_twin` light
up together under the pointer; links with `data_open` are opened by the page. Colours are those of
the theme: `currentcolor` and the variables of Streamlit, like `var(--st-primary-color)`.
"""

from collections.abc import Iterable
from typing import Any

import streamlit as st
from markupsafe import Markup, escape

from rnnviz.ui import controls
from rnnviz.ui.scripts import ASSETS
from rnnviz.ui.services.component_scripts import component_script

_mount = st.components.v2.component(
    "rnnviz_picture",
    html='<div class="rnnviz-picture" data-testid="picture"></div>',
    css=(ASSETS / "picture" / "picture.css").read_text(encoding="utf-8"),
    js=component_script("picture"),
    isolate_styles=False,
)


def tag(name: str, *children: Any, **attributes: Any) -> Markup:
    """An element; texts are escaped, lists of children flattened, attributes with None left out.

    Names of attributes are written with underscores, `class_` for `class`: `stroke_width=2`.
    """
    values = "".join(
        f' {attribute.rstrip("_").replace("_", "-")}="{escape(_short(value))}"'
        for attribute, value in attributes.items()
        if value is not None
    )
    return Markup(f"<{name}{values}>{''.join(_flatten(children))}</{name}>")


def draw(html: Markup, *, key: str, pick: str = "") -> str:
    """Draw a picture that `tag` has made, and return the `data_open` of a link that was clicked.

    `pick` is the key of the value of the address (`controls.address_value`) that a picked part
    sets, to its `data_pick`: a whole number or a text.
    """

    def store_pick() -> None:
        state: Any = st.session_state.get(key)
        value = str(getattr(state, "pick", None) or "")
        # The browser may report anything; only what can be picked counts.
        if pick and f'data-pick="{escape(value)}"' in html:
            controls.set_address_value(pick, int(value) if value.isdecimal() else value)

    result = _mount(
        key=key, data=html.encode(), on_pick_change=store_pick, on_open_change=lambda: None
    )
    return str(getattr(result, "open", None) or "")


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value


def _flatten(children: Iterable[Any]) -> Iterable[str]:
    for child in children:
        if isinstance(child, list | tuple):
            yield from _flatten(child)
        elif child is not None:
            yield escape(child)
