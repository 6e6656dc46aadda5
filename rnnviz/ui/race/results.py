"""The table at the end of a race: rows of a table where it is wide, a card for each on a phone."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import streamlit as st

from rnnviz.ui.language import _


def draw_results(rows: Sequence[Mapping[str, Any]]) -> None:
    """Draw `rows`; the first column names them. What a row does not have stays out of its card.

    Its style is that of the live view, in whose company it always is.
    """
    titles = [*rows[0]]
    head = "".join(
        f'<th role="columnheader" scope="col">{escape(_opening(each))}</th>' for each in titles
    )
    body = "".join(_row(titles, row) for row in rows)
    label = escape(_("Results of the race"))
    # The roles are a table's own, which it loses in some browsers when it is shown as cards.
    st.html(
        f'<div class="rnnviz-results rnnviz-rows"><table role="table" aria-label="{label}">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _row(titles: Sequence[str], row: Mapping[str, Any]) -> str:
    name, *others = titles
    cells = "".join(_cell(title, cell_text(row.get(title))) for title in others)
    named = f'<th role="rowheader" scope="row">{escape(str(row[name]))}</th>'
    return f'<tr role="row">{named}{cells}</tr>'


def _cell(title: str, text: str) -> str:
    return f'<td role="cell" data-title="{escape(_opening(title))}">{escape(text)}</td>'


def _opening(title: str) -> str:
    """The name of a metric is that within a sentence; here it opens a column."""
    return title[:1].upper() + title[1:]


def cell_text(value: str | float | None) -> str:
    """A value of the table: numbers with four digits or all that stand before the point."""
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,.0f}" if isinstance(value, int) or abs(value) >= 1000 else f"{value:.4g}"
