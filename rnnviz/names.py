"""Names that many packages share and that must not load torch: the cells, the states of a run.

The one list of cells: choices, titles and orders are read from it. A test holds
`rnnviz.cells.CELLS` and the palette to it.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from rnnviz.messages import N_

_CELL_NAMES = {
    "rnn": "RNN",
    "lstm": "LSTM",
    "gru": "GRU",
    "mgu": "MGU",
    "lstm_peephole": "Peephole LSTM",
}

CELL_NAMES: Mapping[str, str] = MappingProxyType(_CELL_NAMES)
"""A cell's code in settings and addresses, and its name as the literature has it, in the order
shown. Names are not translated."""

CELL_DESCRIPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "rnn": N_("one state and no gate; every step mixes the input with the state before it."),
        "lstm": N_("a cell state behind an input gate, a forget gate and an output gate."),
        "gru": N_("one state; a reset gate and an update gate decide what is replaced."),
        "mgu": N_("the minimal gated unit: a GRU with a single gate, which resets and updates."),
        "lstm_peephole": N_("an LSTM whose gates also see the cell state."),
    }
)
"""What each cell is, in a sentence behind its name; messages to translate."""

FIRST_CELLS: tuple[str, ...] = ("rnn", "lstm", "gru")
"""The cells that a visitor meets first: the default wherever cells are compared."""

RunState = Literal[
    "queued", "running", "paused", "stopping", "finished", "stopped", "failed", "interrupted"
]
"""The state of a run; "interrupted" is a run whose server ended before it did."""
