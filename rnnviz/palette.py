"""The one palette, for charts and stage alike: safe for colour-blind readers, light and dark.

Cells and series: Okabe and Ito, "Color Universal Design" (2008). Diverging: blue and red (light) or
orange (dark) around the colour of the page, so that zero disappears into the background.
"""

from collections.abc import Iterable
from typing import Literal

Theme = Literal["light", "dark"]

BACKGROUND: dict[Theme, str] = {"light": "#f7f7f5", "dark": "#14171c"}

INK: dict[Theme, str] = {"light": "#4a515a", "dark": "#b4bcc7"}
"""Words in and around a chart: at least 4.5:1 on the page, which Plotly's own grey is not."""

DIVERGING: dict[Theme, tuple[str, str, str]] = {
    "light": ("#2166ac", "#f7f7f5", "#b2182b"),
    "dark": ("#5caaff", "#14171c", "#ff8c50"),
}
"""Negative, zero, positive."""

SEQUENTIAL: dict[Theme, tuple[str, str, str, str]] = {
    "light": ("#d9dde3", "#9ebcda", "#8c6bb1", "#6e016b"),
    "dark": ("#39414d", "#5c6bc0", "#b39ddb", "#f8e7ff"),
}
"""From little to much, for sizes on a log scale: brightness alone already orders them."""

CELLS: dict[str, str] = {
    "rnn": "#0072B2",
    "lstm": "#E69F00",
    "gru": "#009E73",
    "mgu": "#B0408F",
    "lstm_peephole": "#7F8A00",
}

SERIES: tuple[str, ...] = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#999999",
    "#6A3D9A",
    "#8C510A",
)
"""Ten, because Streamlit silently keeps its own palette when it is given fewer."""

_OTHERS = ("#CC79A7", "#56B4E9", "#D55E00", "#6A3D9A", "#8C510A", "#7F7F7F")


def colours(codes: Iterable[str]) -> dict[str, str]:
    """A colour for each of up to six contestants: cells have their own, and no two are alike."""
    spare = iter(_OTHERS)
    return {code: CELLS.get(code) or next(spare) for code in codes}
