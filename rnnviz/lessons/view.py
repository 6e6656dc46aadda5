"""What a lesson has to show. Without torch, so that a page can import it at once.

Dimensions: T time steps, V labels, H hidden units, D directions.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rnnviz.messages import N_, Message

Notice = tuple[Message, ...]
"""A few sentences that belong together."""

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from torch import Tensor

    from rnnviz.gradients import Backward
    from rnnviz.memory import TokenSensitivity
    from rnnviz.tracing import Trace


NO_STATE = N_("Only a recurrent network has hidden states to step through.")
TOO_LONG = N_("The sequences have {T} steps; Step through shows up to {limit}.")

MAX_TIME_STEPS = 400
"""The longest sequence that the stage receives, in time steps."""

OWN = "own"
"""Stands for the visitor's own text where the number of an example might stand."""


@dataclass(frozen=True, eq=False)
class CellView:
    """What the stage shows of one cell: its trace and the backward pass through it.

    code           the cell's code, "lstm"; it decides the colour
    name           what a visitor reads, "LSTM", a message
    trace          over T steps
    backward       of the same layer, or None: then the stage ends with the last token
    labels         V of them: what can be predicted
    probabilities  (T, V) after each token
    targets        per step the index of the right label, or None where there is none
    own_answer     whether the targets are the model's own answers, because none are given
    label_titles   what a visitor reads for labels that are codes, messages
    """

    code: str
    name: str
    trace: "Trace"
    backward: "Backward | None" = None
    labels: Sequence[str] = ()
    probabilities: "Tensor | None" = None
    targets: Sequence[int | None] = ()
    own_answer: bool = False
    label_titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LessonData:
    """What the cells of a lesson computed of T tokens, in no language yet.

    tokens, unknown        what was read, and whether the models do not know it
    cell_views             one for each cell
    ids                    of the tokens; empty where a step reads no token of its own
    sensitivity            by cell, where there are ids
    final_states           (D*H,) by cell, where there are ids: of which the model answers
    unbounded, memorised, bidirectional
                           whether a cell has no bounds, has learned one text only, reads both ways
    """

    tokens: tuple[str, ...]
    unknown: tuple[bool, ...]
    cell_views: tuple[CellView, ...]
    warnings: tuple[Notice, ...] = ()
    remarks: tuple[Notice, ...] = ()
    ids: tuple[int, ...] = ()
    sensitivity: "Mapping[str, TokenSensitivity]" = field(default_factory=dict)
    final_states: "Mapping[str, Tensor]" = field(default_factory=dict)
    unbounded: bool = False
    memorised: bool = False
    bidirectional: bool = False
