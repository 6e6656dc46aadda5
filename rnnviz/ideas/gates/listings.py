"""Programs that repeat a walk with PyTorch's and with Keras' own cells, by saturated biases.

A gate is held by weights of 0 and the bias ln(v / (1 − v)), of which σ is v.
"""

from collections.abc import Mapping, Sequence

from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.goals import judge
from rnnviz.ideas.gates.holds import Holds
from rnnviz.ideas.gates.signals import STEPS, phases, rows
from rnnviz.ideas.gates.unit import Numbers, Unit, Walk
from rnnviz.ideas.listing import Listing

TORCH = """import copy

import torch
from torch import nn

x = torch.zeros({steps}, 3, dtype=torch.float64)
x[:, 0] = torch.tensor({values})
{marks}
unit = nn.{layer}Cell(3, 1, dtype=torch.float64).requires_grad_(False)
unit.weight_ih[:] = torch.tensor({w_ih})
unit.weight_hh[:, 0] = torch.tensor({w_hh})
unit.bias_ih[:] = torch.tensor({b_ih})
unit.bias_hh[:] = torch.tensor({b_hh})
held = {held}  # row, first and last step, opening

memory, state = [], {start}
for step in range(1, {end}):
    cell = copy.deepcopy(unit)
    for row, first, last, opening in held:
        if first <= step <= last:  # weights 0, and the bias of which the sigmoid is the opening
            cell.weight_ih[row] = cell.weight_hh[row] = cell.bias_hh[row] = 0.0
            cell.bias_ih[row] = torch.logit(torch.tensor(opening, dtype=torch.float64))
    state = cell(x[step - 1 : step], state)
    memory.append({memory}.item())
print(f"{symbol} at step 1:  {{memory[0]:.4f}}")
print(f"{symbol} at step {wait}: {{memory[{last}]:.4f}}")
"""

KERAS = """import copy

import keras
import numpy as np

x = np.zeros(({steps}, 3))
x[:, 0] = {values}
{marks}
kernel = np.array({w_ih}).T
recurrent = np.array([{w_hh}])
bias = np.array({bias})
held = {held}  # column, first and last step, opening

memory, state = [], {start}
for step in range(1, {end}):
    k, r, b = copy.deepcopy((kernel, recurrent, bias))
    for column, first, last, opening in held:
        if first <= step <= last:  # weights 0, and the bias of which the sigmoid is the opening
            k[:, column] = r[:, column] = b[..., column] = 0.0
            between = 0 < opening < 1
            logit = np.log(opening / (1 - opening)) if between else 1600 * opening - 800
            b[{bias_index}column] = logit
    cell = keras.layers.{layer}Cell(1, dtype="float64")
    cell.build((1, 3))
    cell.set_weights([k, r, b])
    _, state = cell(keras.ops.array(x[step - 1 : step]), state)
    memory.append(float(keras.ops.stop_gradient({memory})[0, 0]))
print(f"{symbol} at step 1:  {{memory[0]:.4f}}")
print(f"{symbol} at step {wait}: {{memory[{last}]:.4f}}")
"""


def listings(unit: Unit, signal: str, holds: Holds, walk: Walk) -> list[Listing]:
    """The walk as a program for PyTorch and as one for Keras."""
    wait = judge(walk).last
    symbol = GATED_CELLS[unit.cell].memory
    output = (
        f"{symbol} at step 1:  {walk.memory[1]:.4f}\n"
        f"{symbol} at step {wait}: {walk.memory[wait]:.4f}"
    )
    common = {
        "steps": STEPS,
        "end": STEPS + 1,
        "values": _list([row[0] for row in rows(signal)]),
        "layer": unit.cell.upper(),
        "symbol": symbol,
        "wait": wait,
        "last": wait - 1,
    }
    is_lstm = unit.cell == "lstm"
    torch_code = TORCH.format(
        **common,
        marks=_marks(signal),
        w_ih=_matrix(unit.w_ih),
        w_hh=_list(unit.w_hh),
        b_ih=_list(unit.b_ih),
        b_hh=_list(unit.b_hh),
        held=_holds_text(signal, holds, GATED_CELLS[unit.cell].torch_rows),
        start="(torch.zeros(1, 1, dtype=torch.float64),) * 2"
        if is_lstm
        else "torch.zeros(1, 1, dtype=torch.float64)",
        memory="state[1]" if is_lstm else "state",
    )
    order = GATED_CELLS[unit.cell].keras_blocks
    b_ih, b_hh = ([each[k] for k in order] for each in (unit.b_ih, unit.b_hh))
    sums = [round(a + b, 4) for a, b in zip(b_ih, b_hh, strict=True)]
    keras_code = KERAS.format(
        **common,
        marks=_marks(signal),
        w_ih=_matrix([unit.w_ih[k] for k in order]),
        w_hh=_list([unit.w_hh[k] for k in order]),
        bias=_list(sums) if is_lstm else _matrix([b_ih, b_hh]),
        bias_index="" if is_lstm else "0, ",
        held=_holds_text(signal, holds, GATED_CELLS[unit.cell].keras_columns),
        start='[keras.ops.zeros((1, 1), dtype="float64")] * 2'
        if is_lstm
        else '[keras.ops.zeros((1, 1), dtype="float64")]',
        memory="state[1]" if is_lstm else "state[0]",
    )
    return [Listing("PyTorch", torch_code, output), Listing("Keras", keras_code, output)]


def _marks(signal: str) -> str:
    lines = ["x[0, 1] = 1.0  # the mark of the first step"]
    lines += [f"x[{step}, 2] = 1.0  # the cue" for step, row in enumerate(rows(signal)) if row[2]]
    return "\n".join(lines)


def _holds_text(signal: str, holds: Holds, places: Mapping[str, int]) -> str:
    by_code = {phase.code: phase for phase in phases(signal)}
    entries = [
        (places[hold.gate], by_code[hold.phase].first, by_code[hold.phase].last, hold.value)
        for hold in holds
        if hold.phase in by_code
    ]
    return str(entries)


def _list(values: Sequence[float] | Numbers) -> str:
    """A list, broken into lines of ten."""
    numbers = [f"{value:g}" if value else "0.0" for value in values]
    if len(numbers) <= 10:
        return "[" + ", ".join(numbers) + "]"
    lines = [", ".join(numbers[k : k + 10]) for k in range(0, len(numbers), 10)]
    return "[\n    " + ",\n    ".join(lines) + ",\n]"


def _matrix(values: Sequence[Sequence[float]]) -> str:
    return "[" + ", ".join(_list(row) for row in values) + "]"
