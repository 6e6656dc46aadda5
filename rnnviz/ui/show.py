"""What all pages display in the same way: header, figure, table, download, notice."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from rnnviz.messages import Problem
from rnnviz.palette import INK, Theme
from rnnviz.ui.language import _, say
from rnnviz.ui.pages import parse_card

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"}
"""Plotly without its row of buttons: the page has a download, and zoom by dragging stays."""


def header(docstring: str | None, *, title: str = "") -> None:
    """The title of a page and the sentence of its card; a page calls it as `header(__doc__)`.

    `title`, already translated, is for a page whose name in the menu makes no heading.
    """
    card = parse_card(docstring)
    st.title(title or _(card.title), anchor=False)
    st.markdown(_(card.sentence))


def figure(
    fig: Mapping[str, Any],
    *,
    key: str,
    title: str,
    caption: str,
    alt: str,
    data: pd.DataFrame,
) -> None:
    """One idea: the finding as its heading, the chart, what to look for, and the numbers.

    `fig` is a Plotly figure as a plain dict (half the work of one made of graph objects). `alt`
    describes the chart for those who cannot see it. `data` holds the numbers that it draws.
    """
    with st.container(key=f"{key}-figure".replace(".", "-"), gap="small"):
        st.header(escape_markdown(title), anchor=False)
        st.plotly_chart(with_text_colour(fig, theme()), key=key, config=CONFIG, alt=alt)
        st.caption(escape_markdown(caption))
        download(data, key=f"{key}.csv")


def with_text_colour(fig: Mapping[str, Any], theme: Theme) -> dict[str, Any]:
    """`fig` with its text in the colour of the page's, wherever it does not set one itself."""
    colour = INK[theme]

    def font(part: Mapping[str, Any], name: str = "font") -> dict[str, Any]:
        return {**part, name: {"color": colour} | part.get(name, {})}

    layout = font(fig["layout"])
    for name, part in layout.items():
        if name.startswith(("xaxis", "yaxis")):
            title = part.get("title", {})
            title = {"text": title} if isinstance(title, str) else title
            layout[name] = font(part, "tickfont") | {"title": font(title)}
    layout["annotations"] = [font(note) for note in layout.get("annotations", [])]
    return {**fig, "layout": layout}


def download(data: pd.DataFrame | Callable[[], pd.DataFrame], *, key: str, label: str = "") -> None:
    """A button that saves `data` as CSV; the file is written only when the button is pressed.

    `data` may be a function that makes the table, called only then, outside any session. `label`,
    already translated, tells several downloads apart.
    """
    st.download_button(
        label or _("Download the numbers (CSV)"),
        data=lambda: to_csv(data() if callable(data) else data),
        file_name=f"rnnviz-{key.removesuffix('.csv').replace('.', '-')}.csv",
        mime="text/csv",
        key=key,
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def to_csv(data: pd.DataFrame) -> bytes:
    """`data` as CSV with a byte order mark, so that a spreadsheet reads Korean as Korean.

    Text that a spreadsheet would run as a formula (a visitor's text may come from a link that
    somebody else made) gets an apostrophe in front.
    """
    return _escape_formulas(data).to_csv(index=False).encode("utf-8-sig")


def table(data: pd.DataFrame, **options: Any) -> None:
    """`data` as a table that can be searched, sorted and, from its own toolbar, saved as CSV.

    It displays what `to_csv` writes. `options`: those of `st.dataframe`.
    """
    st.dataframe(_escape_formulas(data), hide_index=True, **options)


def escape_formula(text: str) -> str:
    """`text` with an apostrophe in front if a spreadsheet would run it as a formula."""
    if len(text) < 2 or text[0] not in "=+-@\t\r":
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def _escape_formulas(data: pd.DataFrame) -> pd.DataFrame:
    escaped = data.copy(deep=False)
    for name in data.select_dtypes(exclude="number"):
        escaped[name] = data[name].map(
            lambda cell: escape_formula(cell) if isinstance(cell, str) else cell
        )
    return escaped


def problem(problem: Problem) -> None:
    """A notice with the message of `problem`, in the language of the visitor."""
    st.warning(escape_markdown(say(problem)), icon=":material/info:")


def link_problems(problems: list[Problem]) -> None:
    """One notice for all settings of a link that are not possible."""
    if problems:
        lines = [_("This link has settings that are not possible. They were left out:")]
        lines += [f"- {escape_markdown(say(problem))}" for problem in problems]
        st.warning("\n".join(lines), icon=":material/link_off:")


def escape_markdown(text: str) -> str:
    """`text` escaped so that Streamlit's Markdown displays it literally, whatever it contains."""
    return re.sub(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@])", r"\\\1", text)


def theme() -> Theme:
    """Whether the page is light or dark; light until the browser has reported it."""
    return "dark" if st.context.theme.type == "dark" else "light"
