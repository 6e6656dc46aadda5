"""The loop inside a recurrent layer: NumPy lines that are shown and run, one at a time."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rnnviz.ideas.shapes.layers import build
from rnnviz.ideas.shapes.settings import LayerSettings

Values = npt.NDArray[np.float64]

SIGMOID = "sigmoid = lambda z: 1 / (1 + np.exp(-z))"


@dataclass(frozen=True)
class Program:
    """A cell's lines.

    Attributes:
        start: what comes before the loop.
        body: the lines of the loop; each sets one variable, which is what it is called for.
    """

    cell: str
    start: tuple[str, ...]
    body: tuple[str, ...]


RNN = Program(
    "rnn",
    ("h = np.zeros(H)",),
    (
        "from_input = W_ih @ x_t + b_ih",
        "from_memory = W_hh @ h + b_hh",
        "h = np.tanh(from_input + from_memory)",
    ),
)

LSTM = Program(
    "lstm",
    (SIGMOID, "h, c = np.zeros(H), np.zeros(H)"),
    (
        "z = W_ih @ x_t + b_ih + W_hh @ h + b_hh",
        "i = sigmoid(z[:H])",
        "f = sigmoid(z[H : 2 * H])",
        "g = np.tanh(z[2 * H : 3 * H])",
        "o = sigmoid(z[3 * H :])",
        "c = f * c + i * g",
        "h = o * np.tanh(c)",
    ),
)

GRU = Program(
    "gru",
    (SIGMOID, "h = np.zeros(H)"),
    (
        "a = W_ih @ x_t + b_ih",
        "m = W_hh @ h + b_hh",
        "r = sigmoid(a[:H] + m[:H])",
        "z = sigmoid(a[H : 2 * H] + m[H : 2 * H])",
        "n = np.tanh(a[2 * H :] + r * m[2 * H :])",
        "h = (1 - z) * n + z * h",
    ),
)

PROGRAMS = {program.cell: program for program in (RNN, LSTM, GRU)}
"""By cell."""


@dataclass(frozen=True)
class Loop:
    """What the lines computed.

    Attributes:
        body: the lines inside the loop.
        steps: by time step and line, the variable that the line set and its values.
        inputs: (T, I).
        states: (T, H).
        error: the largest difference of `states` from torch.nn's layer, in float64.
    """

    body: tuple[str, ...]
    steps: tuple[tuple[tuple[str, Values], ...], ...]
    inputs: Values
    states: Values
    error: float


def run_loop(settings: LayerSettings) -> Loop:
    """Run the lines on the first sequence of the batch, with the weights of the first layer."""
    network = build(settings, is_plain=True)
    layer = network.layer.double()
    inputs = network.inputs[0].double()
    names: dict[str, Any] = {"np": np, "H": settings.hidden}
    for name, weight in layer.named_parameters():
        short = name.removesuffix("_l0").replace("weight", "W").replace("bias", "b")
        names[short] = weight.numpy()
    program = PROGRAMS[settings.cell]
    body = program.body
    lines = [(line.split(" = ")[0], compile(line, "<loop>", "exec")) for line in body]
    for line in program.start:
        exec(line, names)
    steps, states = [], []
    for x_t in inputs.numpy():
        names["x_t"] = x_t
        values = []
        for name, code in lines:
            exec(code, names)
            values.append((name, names[name]))
        steps.append(tuple(values))
        states.append(names["h"])
    expected = layer(inputs[None])[0][0].numpy()
    return Loop(
        body=body,
        steps=tuple(steps),
        inputs=inputs.numpy(),
        states=np.stack(states),
        error=float(np.abs(np.stack(states) - expected).max()),
    )
