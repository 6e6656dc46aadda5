"""The frame of the app: the menu, the language, the notices and the footer of all pages."""

import os
import tomllib
from functools import cache
from pathlib import Path

import streamlit as st

from rnnviz.ui import language, pages, permalink, server, show
from rnnviz.ui.language import _

# torch reads this when it is first imported. The operations here are so small that several threads
# only wait for each other: on two busy cores the same training took 100 s instead of 6 s.
os.environ.setdefault("OMP_NUM_THREADS", "1")

HERE = Path(__file__).parent
PICTURES = HERE / "assets" / "pictures"


def main() -> None:
    """Draw the frame and the page that the address names."""
    # Before the menu, which would otherwise fetch the icon of its page from another host.
    st.set_page_config(page_icon=str(PICTURES / "icon.png"), layout="wide")
    st.logo(str(PICTURES / "logo.svg"), size="large", icon_image=str(PICTURES / "icon.svg"))
    st.html(HERE / "assets" / "frame.css")
    all_pages = pages.all_pages()
    # The titles of the menu depend on the language, so it is read from the address before.
    language.set_from_address()
    scripts = {
        page.path: st.Page(
            HERE / page.path,
            title=_(page.card.title),
            icon=page.card.icon,
            url_path=page.address,
            default=number == 0,
        )
        for number, page in enumerate(all_pages)
    }
    current = st.navigation(list(scripts.values()))
    st.set_page_config(page_title=f"{current.title} · rnnviz")
    with permalink.sync(current.url_path):
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


@cache
def version() -> str:
    """The version as declared in pyproject.toml."""
    with (HERE / "pyproject.toml").open("rb") as file:
        return str(tomllib.load(file)["project"]["version"])


if __name__ == "__main__":  # A session runs the script.
    main()
elif __name__ == "app":  # The server imports it; in a worker process nothing must happen.
    app = st.App(__file__, lifespan=server.lifespan, middleware=server.middleware())
