"""Keras and PyTorch
:material/compare_arrows:
Read one model in Keras 3, in PyTorch and in the book of 2018, and see which defaults differ.
order: 70
"""

from rnnviz.ui import permalink, show
from rnnviz.ui.ideas import keras

show.header(__doc__)


def draw() -> None:
    """Draw the part that is chosen: its controls, what follows from them, its picture."""
    keras.DRAW[keras.choose_part()]()


permalink.fragment(draw)
