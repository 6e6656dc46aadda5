"""One run of training, a step at a time. B sequences, T time steps, H hidden units."""

import math
import time
from dataclasses import replace

import torch
from torch import nn

from rnnviz.gradients import backward
from rnnviz.memory import recall, word_shares
from rnnviz.messages import N_, Problem
from rnnviz.model import SequenceModel, build_for
from rnnviz.training.experiment import Experiment
from rnnviz.training.moments import Result, Snapshot

VALIDATION_SIZE = 200
SMOOTHING = 20  # steps whose mean loss must lie below `stop_below`

DIVERGED = N_(
    "Training diverged: at step {step} the loss or its gradient is no longer a finite number. Most "
    "likely the learning rate {lr} is too high; try a lower one."
)
BROKEN_START = N_(
    "The loss or its gradient is not a finite number even before the first step: the starting "
    "weights are too large."
)
NO_CUDA = N_("This machine has no CUDA device; choose the CPU.")


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
        self._optimiser = optimiser
        # The same for every seed and cell, so that their curves can be compared.
        held_out = torch.Generator().manual_seed(0)
        self._validation = task.batch(VALIDATION_SIZE, held_out, "validation").to(experiment.device)
        self._example = task.example().batch
        self.step = 0
        self.seconds = 0.0
        self.loss = self.metric = float("nan")
        self._recent: list[float] = []

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
            Problem: the loss or its gradient is no longer a number; the weights are as before.
        """
        began = time.perf_counter()
        task, optimiser = self.experiment.task, self._optimiser
        batch = task.batch(optimiser.batch, self._generator).to(self.experiment.device)
        logits = self.model(batch.inputs, batch.lengths)
        loss = task.loss(logits, batch)
        self._adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        value = loss.item()
        if not (math.isfinite(value) and self._clipped(optimiser.clip)):
            raise self._diverged(self.step + 1)
        self._adam.step()
        self.step += 1
        self.loss, self.metric = value, task.metric(logits, batch)
        self._recent = [*self._recent[-SMOOTHING + 1 :], value]
        self.seconds += time.perf_counter() - began

    def _clipped(self, clip: float | None) -> bool:
        """Shorten the gradient to `clip`; False when it has values that are no finite numbers."""
        weights = list(self.model.parameters())
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        norm = nn.utils.get_total_norm(gradients)
        # The norm of large but finite values may overflow: those can still be clipped.
        if not math.isfinite(norm) and not all(bool(g.isfinite().all()) for g in gradients):
            return False
        if clip is not None:
            nn.utils.clip_grads_with_norm_(weights, clip, norm)
        return True

    def _diverged(self, step: int) -> Problem:
        if step <= 1:  # nothing has been learned yet
            return Problem(BROKEN_START)
        return Problem(DIVERGED, step=step, lr=self._optimiser.lr)

    def set(self, lr: float | None = None, clip: float | None = None) -> None:
        """Change the learning rate or the clipping from the next step on.

        Raises:
            Problem: a value outside its range.
        """
        given = {name: value for name, value in (("lr", lr), ("clip", clip)) if value is not None}
        self._optimiser = replace(self._optimiser, **given)  # type: ignore[arg-type]
        for group in self._adam.param_groups:
            group["lr"] = self._optimiser.lr

    def validate(self) -> float:
        """The task's metric on the validation examples."""
        with torch.no_grad():
            logits = self.model(self._validation.inputs, self._validation.lengths)
        return self.experiment.task.metric(logits, self._validation)

    def snapshot(self) -> Snapshot:
        """A look inside, on the fixed example.

        Raises:
            Problem: the model's numbers are no longer finite.
        """
        task, model = self.experiment.task, self.model
        example = self._example.to(self.experiment.device)
        vectors = model.embed(example.inputs)[0].detach()

        def loss(outputs: torch.Tensor) -> torch.Tensor:
            return task.loss(model.read(outputs), example)

        try:
            walked = backward(model.recurrent, vectors, loss)
        except Problem as error:
            # The layer is our own, so all that can be wrong with it is its numbers.
            raise self._diverged(self.step) from error
        with torch.no_grad():
            states = model.recurrent(vectors[None])[0][0]
        return Snapshot(
            step=self.step,
            gradient_norms=tuple(walked.layers[-1].norms.tolist()),
            states=tuple(map(tuple, states.tolist())),
        )

    def result(self) -> Result:
        """What the run has come to by now."""
        task, model = self.experiment.task, self.model
        return Result(
            step=self.step,
            seconds=self.seconds,
            loss=self.loss,
            validation=self.validate(),
            shares=tuple(word_shares(model, self._example.inputs[0].tolist()).shares.tolist()),
            recall=recall(model, task, torch.Generator().manual_seed(0)) if task.lags else None,
        )
