"""The help of a control that chooses cells."""

from collections.abc import Iterable

from rnnviz.names import CELL_DESCRIPTIONS, CELL_NAMES
from rnnviz.ui.language import _


def cell_help(codes: Iterable[str] = tuple(CELL_DESCRIPTIONS)) -> str:
    """A paragraph on each cell among `codes`: its name and what it is."""
    described = [code for code in codes if code in CELL_DESCRIPTIONS]
    return "\n\n".join(
        f"**{CELL_NAMES[code]}**: {_(CELL_DESCRIPTIONS[code])}" for code in described
    )
