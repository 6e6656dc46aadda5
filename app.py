"""The frame of the app: the menu, the language, the notices and the foot that all pages share."""

import os
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from rnnviz.ui import language, pages, permalink, show
from rnnviz.ui.language import _

# Read by torch when it is first imported. The operations here are so small that more threads only
# wait for each other: on two busy cores the same training took 100 s instead of 6 s.
os.environ.setdefault("OMP_NUM_THREADS", "1")

HERE = Path(__file__).parent
PICTURES = HERE / "assets" / "pictures"


def main() -> None:
    """Draw the frame and the page that the address names."""
    # Before the menu: it would fetch the icon of its page from outside.
    st.set_page_config(page_icon=str(PICTURES / "icon.png"), layout="wide")
    st.logo(str(PICTURES / "logo.svg"), size="large", icon_image=str(PICTURES / "icon.svg"))
    st.html(HERE / "assets" / "frame.css")
    entries = pages.all_pages()
    # The link's language decides the titles of the menu, so it is read before the menu is made.
    language.set_from_address()
    scripts = {
        entry.path: st.Page(
            HERE / entry.path,
            title=_(entry.card.title),
            icon=entry.card.icon,
            url_path=entry.address,
            default=number == 0,
        )
        for number, entry in enumerate(entries)
    }
    page = st.navigation(list(scripts.values()))
    st.set_page_config(page_title=f"{page.title} · rnnviz")
    with permalink.sync(page.url_path):
        with st.sidebar:
            language.draw_switch()
        notices = st.container()
        page.run()
        with notices:
            show.link_problems(permalink.problems())
    foot()


def foot() -> None:
    """What this is, in one line under every page."""
    st.divider()
    st.caption(
        _(
            "rnnviz {version} · every number is computed live and checked against PyTorch"
            " · Apache License 2.0",
            version=version(),
        )
    )


@cache
def version() -> str:
    """The version, spelled once, in pyproject.toml."""
    with (HERE / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


@asynccontextmanager
async def serving(server: st.App) -> AsyncIterator[None]:
    """What is done once, when the server starts, before the first visitor."""
    # A folder "pages" beside the script makes Streamlit take an old road for the very first run,
    # on which a deep link answers with "Page not found" over the right page. There is no public
    # switch; st.navigation sets this one, too late. tests/browser/test_frame.py holds us to it.
    PagesManager.uses_pages_directory = False
    yield


if __name__ == "__main__":  # The script of a session.
    main()
elif __name__ == "app":  # The server's own import; a worker process must find nothing to do.
    app = st.App(__file__, lifespan=serving)
