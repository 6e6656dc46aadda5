"""What a run of training shows of itself. T time steps, H hidden units."""

from dataclasses import asdict, dataclass
from typing import Any

from rnnviz.memory import Recall
from rnnviz.tasks import Answer


@dataclass(frozen=True)
class Snapshot:
    """A look inside after `step` steps.

    On the fixed example: `gradient_norms` (T,) dL/dh_t of the top layer, `states` (T,H); empty for
    a network without a hidden state. `answers` to the task's questions; `sample`: a text that the
    model wrote, where the task is a running text. `attention` (U,T): where each step of the
    example's right answer looks; empty for a model that does not attend.
    """

    step: int
    gradient_norms: tuple[float, ...]
    states: tuple[tuple[float, ...], ...]
    answers: tuple[Answer, ...] = ()
    sample: str | None = None
    attention: tuple[tuple[float, ...], ...] = ()

    def to_plain(self) -> dict[str, Any]:
        """The look as plain dictionaries, lists and numbers."""
        return {
            "step": self.step,
            "norms": list(self.gradient_norms),
            "states": [list(row) for row in self.states],
            "answers": [asdict(each) for each in self.answers],
            "sample": self.sample,
            "attention": [list(row) for row in self.attention],
        }


@dataclass(frozen=True)
class Result:
    """What a run came to.

    `seconds` of training, pauses left out; the latest batch's `loss`; the metric on the
    `validation` examples, and as `scores` on each of them; what the example's tokens left in the
    state, as `shares` (T,); and accuracy against lag where the task has lags.
    """

    step: int
    seconds: float
    loss: float
    validation: float
    scores: tuple[float, ...]
    shares: tuple[float, ...]
    recall: Recall | None

    def to_plain(self) -> dict[str, Any]:
        """The result as plain dictionaries, lists and numbers."""
        return asdict(self)
