"""The cells by name, for everything that must not load torch to know them.

The one list: choices, titles and orders are read from it. A test holds `rnnviz.cells.CELLS` and the
palette to it.
"""

from collections.abc import Mapping
from types import MappingProxyType

CELL_NAMES: Mapping[str, str] = MappingProxyType({"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"})
"""A cell's code in settings and addresses, and how a visitor reads it; in the order shown."""
