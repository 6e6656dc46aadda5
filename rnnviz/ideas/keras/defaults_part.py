"""What Keras and PyTorch do when nothing is said, and what that makes of the gradient.

I inputs, H hidden units, G blocks, S networks, T time steps.
"""

from collections.abc import Generator
from dataclasses import dataclass
from math import exp

from rnnviz.cells import CELLS, KERAS_FORGET_BIAS
from rnnviz.gradient_flow import CellFlow, FlowResult, FlowSettings, band
from rnnviz.gradient_flow.study import measure
from rnnviz.ideas.keras.choice import SIZE, UNITS, ModelChoice, count_weights, keras_biases
from rnnviz.messages import N_, Message

T = FlowSettings().length
"""The time steps of the curve."""


@dataclass(frozen=True, eq=False)
class Starts:
    """The study of the gradient from PyTorch's start and from Keras', all first cells."""

    pytorch: FlowResult
    keras: FlowResult

    def flow(self, cell: str, *, keras: bool) -> CellFlow:
        """The gradient in one cell."""
        return (self.keras if keras else self.pytorch).flows[cell]

    def remaining(self, cell: str, *, keras: bool) -> float:
        """What is left of the gradient at the first of T steps, in the median network."""
        return float(band(self.flow(cell, keras=keras).remaining)[1])


def measure_starts() -> Generator[float, None, Starts]:
    """The study from both starts; yields the share that is done."""
    pytorch = measure(FlowSettings(initialisation="pytorch"))
    yield 0.5
    return Starts(pytorch, measure(FlowSettings(initialisation="keras")))


@dataclass(frozen=True)
class Difference:
    """A default on which the libraries differ."""

    what: Message | str
    keras: Message | str
    pytorch: Message | str


def differences(choice: ModelChoice) -> tuple[Difference, ...]:
    """The defaults that differ, with the numbers of a layer of 32 units over 32 inputs."""
    cell_type = CELLS[choice.cell]
    G, layer = len(cell_type.blocks), ModelChoice(choice.cell)
    keras, pytorch = count_weights(layer)
    bound, glorot = UNITS**-0.5, (6 / (SIZE + G * UNITS)) ** 0.5
    uniform = Message(N_("uniform within ±{bound}"), {"bound": f"{bound:.3f}"})
    rows = [
        Difference(
            Message(
                N_("Weights of {layer}({units}) on {inputs} inputs"),
                {"layer": choice.keras_layer, "units": UNITS, "inputs": SIZE},
            ),
            f"{keras.recurrent:,}",
            f"{pytorch.recurrent:,}",
        ),
        Difference(
            Message(N_("Bias vectors")),
            Message(N_("two: reset_after=True has one inside the reset gate"))
            if keras_biases(choice.cell) == 2
            else Message(N_("one vector")),
            Message(N_("two, b_ih and b_hh")),
        ),
        Difference(Message(N_("Biases at the start")), "0", uniform),
        Difference(
            Message(N_("From state to state")),
            Message(N_("orthogonal as a whole: keeps the length of a state")),
            uniform,
        ),
        Difference(
            Message(N_("From the input")),
            Message(N_("Glorot: uniform within ±{bound}"), {"bound": f"{glorot:.3f}"}),
            uniform,
        ),
    ]
    if cell_type.forget_block is not None:
        rows.insert(
            2,
            Difference(
                Message(N_("Bias of the forget gate")),
                Message(
                    N_("{bias}: the gate starts {share} open"),
                    {"bias": f"{KERAS_FORGET_BIAS:g}", "share": _open(KERAS_FORGET_BIAS)},
                ),
                Message(N_("near 0: the gate starts {share} open"), {"share": _open(0)}),
            ),
        )
    return (
        *rows,
        Difference(
            "dropout=",
            Message(N_("on the layer's input, one mask for all time steps")),
            Message(N_("between layers, a new mask at every time step")),
        ),
        Difference(
            "recurrent_dropout=",
            Message(N_("on the state, one mask for all time steps of a sequence")),
            Message(N_("not there; this app has it, and weight drop, in Side by side")),
        ),
        Difference(
            Message(N_("What the layer returns")),
            Message(N_("the last output")),
            Message(N_("all outputs, and the last states")),
        ),
    )


def _open(bias: float) -> str:
    """How far a gate with this bias is open while its inputs are zero."""
    return f"{1 / (1 + exp(-bias)):.0%}".replace("%", " %")
