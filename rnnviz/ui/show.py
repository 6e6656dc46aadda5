"""What all pages display in the same way: header, figure, table, download, notice."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.elements.lib.layout_utils import LayoutConfig
from streamlit.elements.lib.utils import compute_and_register_element_id
from streamlit.proto.PlotlyChart_pb2 import PlotlyChart

from rnnviz.messages import Problem
from rnnviz.palette import INK, Theme
from rnnviz.ui.language import _, say
from rnnviz.ui.pages import parse_card

if TYPE_CHECKING:
    from pyarrow import Table

CONFIG = {"displayModeBar": False, "scrollZoom": False, "doubleClick": "reset"}
"""Plotly without its row of buttons: the page has a download, and zoom by dragging stays."""

_CONFIG_JSON = json.dumps(CONFIG)

DEFAULT_HEIGHT = 450
"""Of a chart that sets none, in pixels."""


def header(docstring: str | None, *, title: str = "") -> None:
    """The title of a page and the sentence of its card; a page calls it as `header(__doc__)`.

    `title`, already translated, is for a page whose name in the menu makes no heading.
    """
    card = parse_card(docstring)
    st.title(title or _(card.title), anchor=False)
    st.markdown(_(card.sentence))


@dataclass(frozen=True)
class ReadyFigure:
    """A figure with its words, ready to be sent: what all visitors with the same settings see.

    Attributes:
        title, caption, alt: as `finish` takes them.
        spec: the chart as Streamlit sends it, JSON; its colours are those of one theme.
        height: of the chart, in pixels.
    """

    title: str
    caption: str
    alt: str
    spec: str
    height: int


def finish(
    fig: Mapping[str, Any], *, title: str, caption: str, alt: str, theme: Theme
) -> ReadyFigure:
    """One idea, to be cached and drawn: the finding, the chart, what to look for.

    `fig` is a Plotly figure as a plain dict. Its properties are checked and it is written as JSON,
    which takes 5 to 15 ms, so the result is best cached with `@shared`, by settings, language and
    theme. `title` is the heading; `alt` describes the chart for those who cannot see it.
    """
    from plotly.graph_objects import Figure
    from plotly.io import to_json

    checked = Figure(**with_text_colour(fig, theme))  # Its template is Streamlit's.
    spec, height = to_json(checked, validate=False), checked.layout.height
    return ReadyFigure(title, caption, alt, spec, int(height or DEFAULT_HEIGHT))


def figure(
    fig: Mapping[str, Any] | ReadyFigure,
    *,
    key: str,
    title: str = "",
    caption: str = "",
    alt: str = "",
    data: pd.DataFrame | Callable[[], pd.DataFrame],
) -> None:
    """Draw one idea: the finding as its heading, the chart, what to look for, and the numbers.

    A `ReadyFigure` has its words and costs next to nothing; a Plotly figure as a plain dict is
    finished in every run, with the words that `finish` takes. `data` are the numbers that it draws,
    best as a function, which is called only for who downloads them.
    """
    if not isinstance(fig, ReadyFigure):
        fig = finish(fig, title=title, caption=caption, alt=alt, theme=theme())
    container = st.container(key=f"{key}-figure".replace(".", "-"), gap="small")
    with container:
        st.header(escape_markdown(fig.title), anchor=False)
        _send(fig, key, container)
        st.caption(escape_markdown(fig.caption))
        download(data, key=f"{key}.csv")


def _send(fig: ReadyFigure, key: str, container: DeltaGenerator) -> None:
    """What `st.plotly_chart` does with a figure, without making its JSON anew in every run.

    tests/test_show.py compares the messages.
    """
    chart = PlotlyChart(theme="streamlit", spec=fig.spec, config=_CONFIG_JSON, alt=fig.alt.strip())
    chart.id = compute_and_register_element_id(
        "plotly_chart",
        user_key=key,
        key_as_main_identity=False,
        dg=container,
        plotly_spec=fig.spec,
        plotly_config=_CONFIG_JSON,
        selection_mode=("points", "box", "lasso"),
        is_selection_activated=False,
        theme="streamlit",
        width="stretch",
        height="content",
        alt=fig.alt.strip(),
    )
    size = LayoutConfig(width="stretch", height=fig.height)
    container._enqueue("plotly_chart", chart, layout_config=size)


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


def table(data: "pd.DataFrame | Table", **options: Any) -> None:
    """`data` as a table that can be searched, sorted and, from its own toolbar, saved as CSV.

    It displays what `to_csv` writes. A table that `finish_table` has made costs next to nothing.
    `options`: those of `st.dataframe`.
    """
    ready = finish_table(data) if isinstance(data, pd.DataFrame) else data
    st.dataframe(ready, hide_index=True, **options)


def finish_table(data: pd.DataFrame) -> "Table":
    """`data` as it is sent, to be cached with `@shared` and drawn by `table`."""
    from pyarrow import Table

    return Table.from_pandas(_escape_formulas(data), preserve_index=False)


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
    """`text` escaped so that Streamlit's Markdown displays it literally, whatever it contains.

    Addresses, shortcodes and arrows are searched for after a backslash has done its work, so an
    invisible character that joins words separates their parts.
    """
    separated = _PARTS.sub("\N{WORD JOINER}", _INDENTATION.sub("", text))
    return _PUNCTUATION.sub(r"\\\g<0>", separated)


_INDENTATION = re.compile(r"^[ \t]+", re.MULTILINE)
_PUNCTUATION = re.compile(r"[\\`*_{}\[\]()<>#+\-.!|~$:&@=^]")
_PARTS = re.compile(
    r"(?<=www)(?=\.)"  # www.example.com
    r"|(?<=:)(?=//)"  # https://example.com
    r"|(?=@)"  # a@example.com
    r"|(?<=:)(?=[-+\w]+[:/\[])"  # :smile:, :material/home:, :red[text]
    r"|(?<=[-<>~!=])(?=[-=>])",  # ->, --, >=
    re.IGNORECASE,
)


def theme() -> Theme:
    """Whether the page is light or dark; light until the browser has reported it."""
    return "dark" if st.context.theme.type == "dark" else "light"
