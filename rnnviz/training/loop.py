"""The training loop, independent of screen, processes and clock."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from rnnviz.model import Model
from rnnviz.training.experiment import Experiment
from rnnviz.training.trainer import Trainer

Command = Mapping[str, Any]
"""`{"command": name}`: pause, resume, stop, step (one, while paused), or set with values."""

LoopAction = Literal["stepped", "changed", "paused", "resumed", "waiting", "stopped"]
"""What the loop has just done; "changed": a setting has another value from the next step on.

"waiting" is repeated while paused, so that the caller may sleep.
"""


def _no_commands() -> Sequence[Command]:
    return ()


def train(
    trainer: Trainer, read_commands: Callable[[], Sequence[Command]] = _no_commands
) -> Iterator[LoopAction]:
    """Run `trainer` until it is done or stopped; after every action it may be inspected.

    `read_commands` is called between two steps, and while paused.

    Raises:
        Problem: training has diverged, or a command carries a value that is not allowed.
    """
    paused, single_steps = False, 0
    while not trainer.done:
        for command in read_commands():
            match dict(command):
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
                    paused, single_steps = False, 0
                    yield "resumed"
                case {"command": "step"} if paused:
                    single_steps += 1
        if paused and not single_steps:
            yield "waiting"
        else:
            single_steps = max(0, single_steps - 1)
            trainer.advance()
            yield "stepped"


def fit(experiment: Experiment, on_progress: Callable[[float], None] | None = None) -> Model:
    """Train the model of `experiment`; `on_progress` receives the share that is done, up to 1."""
    trainer = Trainer(experiment)
    for _ in train(trainer):
        if on_progress is not None:
            on_progress(1.0 if trainer.done else trainer.step / experiment.optimiser.steps)
    return trainer.model.eval()
