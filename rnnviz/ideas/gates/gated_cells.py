"""The two cells of the page: their gates, their memory, and where libraries have their blocks."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class GatedCell:
    """What the page knows of a cell; its equations are in `flow`.

    Attributes:
        code: in settings and addresses.
        gates: those that can be held, and their symbols.
        keep: the gate that multiplies the memory of the step before.
        memory_gates: those that decide what happens to the memory.
        memory: the symbol of the state that is the memory.
        inflow, outflow: what flows in and off, as formulas.
        seed: of a unit that forgets quickly. That of the GRU has a candidate of nearly 0 at the
            cue, so that it can empty.
        solution: by phase, openings that reach the goal.
        torch_rows: where PyTorch has the block of each gate.
        keras_blocks: the blocks of PyTorch in the order of Keras.
    """

    code: str
    gates: Mapping[str, str]
    keep: str
    memory_gates: tuple[str, ...]
    memory: str
    inflow: str
    outflow: str
    seed: int
    solution: Mapping[str, Mapping[str, float]]
    torch_rows: Mapping[str, int]
    keras_blocks: tuple[int, ...]

    @property
    def keras_columns(self) -> dict[str, int]:
        """Where Keras has the block of each gate."""
        return {gate: self.keras_blocks.index(row) for gate, row in self.torch_rows.items()}


_LSTM = GatedCell(
    code="lstm",
    gates={"input": "i", "forget": "f", "output": "o"},
    keep="forget",
    memory_gates=("forget", "input"),
    memory="c",
    inflow="i·g",
    outflow="(1 − f)·c",
    seed=4,
    solution={
        "first": {"input": 1.0, "forget": 0.0},
        "later": {"input": 0.0, "forget": 1.0},
        "cue": {"input": 0.0, "forget": 0.0},
        "after": {"input": 0.0, "forget": 0.0},
    },
    torch_rows={"input": 0, "forget": 1, "output": 3},
    keras_blocks=(0, 1, 2, 3),
)

_GRU = GatedCell(
    code="gru",
    gates={"update": "z", "reset": "r"},
    keep="update",
    memory_gates=("update",),
    memory="h",
    inflow="(1 − z)·n",
    outflow="(1 − z)·h",
    seed=1105,
    solution={
        "first": {"update": 0.0},
        "later": {"update": 1.0},
        "cue": {"update": 0.0, "reset": 0.0},
        "after": {"update": 1.0},
    },
    torch_rows={"reset": 0, "update": 1},
    keras_blocks=(1, 0, 2),
)

GATED_CELLS: Mapping[str, GatedCell] = {cell.code: cell for cell in (_LSTM, _GRU)}
"""By code."""
