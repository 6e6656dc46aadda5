"""The training loop: it knows no screen, no process and no clock but its own.

B sequences, T time steps, H hidden units.
"""

import io
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from torch import nn

from rnnviz.gradients import backward
from rnnviz.memory import Recall, recall, word_shares
from rnnviz.messages import N_, Problem
from rnnviz.model import SequenceModel, build_for
from rnnviz.tasks import DelayedRecall
from rnnviz.training.experiment import Experiment

Control = Mapping[str, Any]
"""`{"do": verb}`: "pause", "resume", "stop", "snapshot", or "set" with "lr" or "clip"."""

VALIDATION_SIZE = 200
SMOOTHING = 20  # steps whose mean loss must lie below `stop_below`
NAP = 0.01  # seconds between two looks at the controls while paused

DIVERGED = N_(
    "Training has diverged: the loss at step {step} is not a number. Lower the learning rate."
)
NO_CUDA = N_("This machine has no CUDA device; choose the CPU.")


@dataclass(frozen=True)
class Snapshot:
    """One moment of training.

    `seconds` of training, pauses left out; `loss` and `metric` of the latest batch; `losses` of
    every step since the snapshot before; `gradient_norms` (T,) dL/dh_t of the top layer and
    `states` (T,H) on the fixed example; with `final`, also what the example's tokens left in the
    state and, for delayed recall, accuracy against lag.
    """

    step: int
    seconds: float
    loss: float
    metric: float
    validation: float
    losses: tuple[float, ...]
    gradient_norms: tuple[float, ...]
    states: tuple[tuple[float, ...], ...]
    final: bool = False
    shares: tuple[float, ...] | None = None
    recall: Recall | None = None

    def to_plain(self) -> dict[str, Any]:
        """The snapshot as plain dictionaries, lists and numbers."""
        return asdict(self)


class Trainer:
    """One run of an experiment, a step at a time. Looking (`snapshot`) never changes the run."""

    def __init__(self, experiment: Experiment) -> None:
        if experiment.device == "cuda" and not torch.cuda.is_available():
            raise Problem(NO_CUDA)
        self.experiment = experiment
        task, optimiser = experiment.task, experiment.optimiser
        self._generator = torch.Generator().manual_seed(experiment.seed)
        self.model: SequenceModel = build_for(task, experiment.model, self._generator)
        self.model.to(experiment.device)
        self._adam = torch.optim.Adam(self.model.parameters(), lr=optimiser.lr)
        self._clip = optimiser.clip
        # The same for every seed and cell, so that their curves can be compared.
        held_out = torch.Generator().manual_seed(0)
        self._validation = task.batch(VALIDATION_SIZE, held_out, "validation").to(experiment.device)
        self._example = task.example().batch
        self.step = 0
        self.seconds = 0.0
        self.loss = self.metric = float("nan")
        self._recent: list[float] = []
        self._unseen: list[float] = []

    @property
    def done(self) -> bool:
        """Whether the experiment has reached its end."""
        optimiser = self.experiment.optimiser
        if self.step >= optimiser.steps:
            return True
        goal = optimiser.stop_below
        full = len(self._recent) == SMOOTHING
        return goal is not None and full and sum(self._recent) / SMOOTHING < goal

    def advance(self) -> None:
        """Do one step of training.

        Raises:
            Problem: the loss is no longer a number.
        """
        began = time.perf_counter()
        task, optimiser = self.experiment.task, self.experiment.optimiser
        batch = task.batch(optimiser.batch, self._generator).to(self.experiment.device)
        logits = self.model(batch.inputs, batch.lengths)
        loss = task.loss(logits, batch)
        self._adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        if self._clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self._clip)
        self._adam.step()
        self.step += 1
        self.loss = loss.item()
        if not math.isfinite(self.loss):
            raise Problem(DIVERGED, step=self.step)
        self.metric = task.metric(logits, batch)
        self._recent = [*self._recent[-SMOOTHING + 1 :], self.loss]
        self._unseen.append(self.loss)
        self.seconds += time.perf_counter() - began

    def set(self, lr: float | None = None, clip: float | None = None) -> None:
        """Change the learning rate or the clipping from the next step on.

        Raises:
            Problem: a value outside its range.
        """
        if clip is not None:
            self._clip = replace(self.experiment.optimiser, clip=clip).clip
        if lr is not None:
            checked = replace(self.experiment.optimiser, lr=lr)
            for group in self._adam.param_groups:
                group["lr"] = checked.lr

    def validate(self) -> float:
        """The task's metric on the validation examples."""
        with torch.no_grad():
            logits = self.model(self._validation.inputs, self._validation.lengths)
        return self.experiment.task.metric(logits, self._validation)

    def snapshot(self, final: bool = False) -> Snapshot:
        """This moment, measured on the fixed example and the validation examples."""
        task, model = self.experiment.task, self.model
        example = self._example.to(self.experiment.device)
        vectors = model.embed(example.inputs)[0].detach()

        def loss(outputs: torch.Tensor) -> torch.Tensor:
            return task.loss(model.read(outputs), example)

        walked = backward(model.recurrent, vectors, loss)
        with torch.no_grad():
            states = model.recurrent(vectors[None])[0][0]
        unseen, self._unseen = self._unseen, []
        ids = example.inputs[0].tolist()
        return Snapshot(
            step=self.step,
            seconds=self.seconds,
            loss=self.loss,
            metric=self.metric,
            validation=self.validate(),
            losses=tuple(unseen),
            gradient_norms=tuple(walked.layers[-1].norms.tolist()),
            states=tuple(map(tuple, states.tolist())),
            final=final,
            shares=tuple(word_shares(model, ids).shares.tolist()) if final else None,
            recall=self._recall() if final else None,
        )

    def _recall(self) -> Recall | None:
        task = self.experiment.task
        if not isinstance(task, DelayedRecall):
            return None
        return recall(self.model, task, torch.Generator().manual_seed(0))

    def checkpoint(self) -> bytes:
        """All that `restore` needs to go on as if nothing had happened."""
        buffer = io.BytesIO()
        torch.save(
            {
                "model": self.model.state_dict(),
                "adam": self._adam.state_dict(),
                "generator": self._generator.get_state(),
                "clip": self._clip,
                "counters": (self.step, self.seconds, self.loss, self.metric, self._recent),
            },
            buffer,
        )
        return buffer.getvalue()

    def restore(self, checkpoint: bytes) -> None:
        """Go on from a `checkpoint` of an equal experiment."""
        saved = torch.load(io.BytesIO(checkpoint), weights_only=True)
        self.model.load_state_dict(saved["model"])
        self._adam.load_state_dict(saved["adam"])
        self._generator.set_state(saved["generator"])
        self._clip = saved["clip"]
        self.step, self.seconds, self.loss, self.metric, self._recent = saved["counters"]
        self._unseen = []


def _no_controls() -> Sequence[Control]:
    return ()


def train(
    experiment: Experiment,
    controls: Callable[[], Sequence[Control]] = _no_controls,
    every_steps: int = 10,
    every_seconds: float = 0.0,
    checkpoint: bytes | None = None,
) -> Iterator[Snapshot]:
    """Run `experiment`: a snapshot before the first step, on the way, and at the end.

    Between two steps, and often while paused, `controls` is asked for new ones. On the way, a
    snapshot comes when both `every_steps` and `every_seconds` have passed, or on request. How often
    anyone looks changes nothing in the run.

    Raises:
        Problem: training has diverged, or a control carries a value that is not allowed.
    """
    trainer = Trainer(experiment)
    if checkpoint is not None:
        trainer.restore(checkpoint)
    paused = stopped = False
    last_step, last_time = trainer.step, time.monotonic()
    yield trainer.snapshot()
    while not (trainer.done or stopped):
        wanted = False
        for control in controls():
            match dict(control):
                case {"do": "pause"}:
                    paused = True
                case {"do": "resume"}:
                    paused = False
                case {"do": "stop"}:
                    stopped = True
                case {"do": "snapshot"}:
                    wanted = True
                case {"do": "set", **values}:
                    trainer.set(**values)
        if paused and not stopped:
            time.sleep(NAP)
        elif not stopped:
            trainer.advance()
            due = trainer.step - last_step >= every_steps
            wanted |= due and time.monotonic() - last_time >= every_seconds
        if wanted and not trainer.done:
            yield trainer.snapshot()
            last_step, last_time = trainer.step, time.monotonic()
    yield trainer.snapshot(final=True)


def fit(experiment: Experiment, progress: Callable[[float], None] | None = None) -> SequenceModel:
    """The trained model of `experiment`; `progress` hears the share that is done, up to 1."""
    trainer = Trainer(experiment)
    while not trainer.done:
        trainer.advance()
        if progress is not None:
            progress(1.0 if trainer.done else trainer.step / experiment.optimiser.steps)
    return trainer.model.eval()
