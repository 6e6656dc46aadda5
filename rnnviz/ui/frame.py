"""The frame of all pages: the menu, the language, the notices and the footer.

What does not depend on the visitor is read once per server: `app.py` is executed anew in every run,
so nothing that it caches would last.
"""

import re
import tomllib
from base64 import b64encode
from copy import copy
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.util import calc_hash

from rnnviz.ui import language, pages, permalink, show
from rnnviz.ui.language import _
from rnnviz.ui.services.race_session import note_visit
from rnnviz.ui.services.race_sign import draw_sign

ASSETS = pages.ROOT / "assets"
PICTURES = ASSETS / "pictures"


def draw() -> None:
    """Draw the frame and the page that the address names."""
    note_visit()
    # Before the menu, which would otherwise fetch the icon of its page from another host.
    st.set_page_config(page_icon=picture_address("icon.png"), layout="wide")
    st.logo(picture_address("logo.svg"), size="large", icon_image=picture_address("icon.svg"))
    st.html(style_sheet())
    # The titles of the menu depend on the language, so it is read from the address before.
    language.set_from_address()
    scripts = page_scripts(language.current(), is_folded=not is_among_ideas())
    # Streamlit marks the page that may run, so every run has copies of its own.
    current = st.navigation(
        {section: [copy(script) for script in part] for section, part in scripts.items()},
        expanded=True,
    )
    st.set_page_config(page_title=f"{current.title} · rnnviz")
    with permalink.sync(current.url_path):
        draw_sign(current.url_path)
        with st.sidebar:
            language.draw_switch()
        notices = st.container()
        current.run()
        with notices:
            show.link_problems(permalink.problems())
    draw_footer()


def draw_footer() -> None:
    """Draw the version, the promise and the licence in one line under every page."""
    st.divider()
    st.caption(
        _(
            "rnnviz {version} · every number is computed live and checked against PyTorch"
            " · Apache License 2.0",
            version=version(),
        )
    )


def is_among_ideas() -> bool:
    """Whether the visitor comes to one of the pages that the menu folds for all others."""
    ctx = get_script_run_ctx()
    if ctx is None:
        return False
    intended = ctx.pages_manager.intended_page_script_hash, ctx.pages_manager.intended_page_name
    return not page_names_of_ideas().isdisjoint(intended)


@cache
def page_names_of_ideas() -> set[str]:
    """What Streamlit may call the pages of The ideas: their addresses and the hashes of these."""
    addresses = {page.address for page in pages.all_pages() if page.section == pages.IDEAS}
    return addresses | {calc_hash(address) for address in addresses}


@cache
def page_scripts(_language: str, *, is_folded: bool) -> dict[str, list[st.Page]]:
    """The pages as Streamlit takes them by section, in the language of the session.

    The menu does not show those that are folded, but they open.
    """
    sections: dict[str, list[st.Page]] = {}
    for number, page in enumerate(pages.all_pages()):
        part = sections.setdefault(_(pages.SECTIONS[page.section]), [])
        is_hidden = is_folded and page.section == pages.IDEAS and bool(part)
        part.append(
            st.Page(
                pages.ROOT / page.path,
                title=_(page.card.title),
                icon=page.card.icon,
                url_path=page.address,
                default=number == 0,
                visibility="hidden" if is_hidden else "visible",
            )
        )
    return sections


@cache
def picture_address(name: str) -> str:
    """A picture as an address that contains it: Streamlit would read its file in every run."""
    kind = {".svg": "svg+xml", ".png": "png"}[Path(name).suffix]
    return f"data:image/{kind};base64,{b64encode((PICTURES / name).read_bytes()).decode()}"


@cache
def style_sheet() -> str:
    """The style sheet of all pages without its comments, as the element that contains it."""
    rules = re.sub(
        r"/\*.*?\*/\s*", "", (ASSETS / "frame.css").read_text(encoding="utf-8"), flags=re.S
    )
    return f"<style>{rules}</style>"


@cache
def version() -> str:
    """The version as declared in pyproject.toml."""
    with (pages.ROOT / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])
