"""The settings of a study of the gradient through time."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rnnviz.messages import N_, Problem
from rnnviz.names import CELL_NAMES, FIRST_CELLS
from rnnviz.settings import Choice, Range, check

MAX_LENGTH = 200

CELL = Choice(CELL_NAMES, label=N_("Cells"))

NO_CELLS = N_("No cell was chosen; allowed is at least one of: {options}.")


@dataclass(frozen=True)
class FlowSettings:
    """All that decides a study; None stands for what the initialisation does by itself.

    `initialisation` says whose start all weights have. `activation` acts on cells that have a
    choice, `forget_bias` on those with a forget gate. `spectral_radius` is that of every H x H
    block of the recurrent matrix. `clip` is the largest allowed norm of the gradient of all weights
    together.

    Raises:
        Problem: a value outside its range, or no cell.
    """

    cells: tuple[str, ...] = FIRST_CELLS
    length: Annotated[int, Range(2, MAX_LENGTH, label=N_("Length of the sequence"))] = 20
    hidden: Annotated[int, Range(2, 64, label=N_("Hidden units"), logarithmic=True)] = 32
    spectral_radius: Annotated[
        float | None, Range(0.1, 3.0, step=0.1, label=N_("Spectral radius of W_hh"))
    ] = None
    activation: Annotated[
        Literal["tanh", "sigmoid", "relu"],
        Choice(
            {"tanh": "tanh", "sigmoid": "sigmoid", "relu": "ReLU"},
            label=N_("Activation of the RNN"),
        ),
    ] = "tanh"
    forget_bias: Annotated[
        float | None, Range(-2.0, 6.0, step=0.5, label=N_("Forget-gate bias of the LSTM"))
    ] = None
    loss_at: Annotated[
        Literal["last", "every"],
        Choice(
            {"last": N_("last step"), "every": N_("every step")},
            label=N_("Loss at"),
        ),
    ] = "last"
    clip: Annotated[
        float | None, Range(0.01, 100.0, label=N_("Clip the gradient at"), logarithmic=True)
    ] = None
    initialisation: Annotated[
        Literal["pytorch", "keras"],
        Choice(
            {"pytorch": N_("PyTorch's own"), "keras": N_("Keras' defaults")},
            label=N_("Initialisation"),
        ),
    ] = "pytorch"
    seeds: Annotated[int, Range(1, 30, label=N_("Random networks"))] = 10

    def __post_init__(self) -> None:
        check(self)
        if not self.cells:
            raise Problem(NO_CELLS, options=", ".join(CELL_NAMES))
        for cell in self.cells:
            CELL.check("cells", cell)
