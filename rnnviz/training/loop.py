"""The training loop: it knows no screen, no process and no clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from rnnviz.model import Model
from rnnviz.training.experiment import Experiment
from rnnviz.training.trainer import Trainer

Command = Mapping[str, Any]
"""`{"command": name}`: pause, resume, stop, step (one, while paused), or set with values."""

LoopAction = Literal["stepped", "changed", "paused", "resumed", "waiting", "stopped"]
"""What has just happened; "waiting" again and again while paused, so that the caller may sleep.

"changed": a setting has another value from the next step on.
"""


def _no_controls() -> Sequence[Command]:
    return ()


def train(
    trainer: Trainer, controls: Callable[[], Sequence[Command]] = _no_controls
) -> Iterator[LoopAction]:
    """Run `trainer` to its end, or until it is stopped; after every moment it may be looked at.

    Between two steps, and while paused, `controls` is asked for new ones.

    Raises:
        Problem: training has diverged, or a control carries a value that is not allowed.
    """
    paused, asked = False, 0  # asked: how many single steps are still to be done
    while not trainer.done:
        for control in controls():
            match dict(control):
                case {"command": "stop"}:
                    yield "stopped"
                    return
                case {"command": "set", **values}:
                    if trainer.set(**values):
                        yield "changed"
                case {"command": "pause"} if not paused:
                    paused = True
                    yield "paused"
                case {"command": "resume"} if paused:
                    paused, asked = False, 0
                    yield "resumed"
                case {"command": "step"} if paused:
                    asked += 1
        if paused and not asked:
            yield "waiting"
        else:
            asked = max(0, asked - 1)
            trainer.advance()
            yield "stepped"


def fit(experiment: Experiment, progress: Callable[[float], None] | None = None) -> Model:
    """The trained model of `experiment`; `progress` hears the share that is done, up to 1."""
    trainer = Trainer(experiment)
    for _ in train(trainer):
        if progress is not None:
            progress(1.0 if trainer.done else trainer.step / experiment.optimiser.steps)
    return trainer.model.eval()
