"""One run of training, a step at a time. B sequences, T time steps, H hidden units."""

import math
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from rnnviz.cells import States
from rnnviz.memory import recall, token_sensitivity
from rnnviz.messages import N_, Message, Problem
from rnnviz.model import Model, SequenceModel, build_for
from rnnviz.settings import Range, rules
from rnnviz.tasks import Batch
from rnnviz.training.batches import Batches
from rnnviz.training.experiment import NOT_CHANGEABLE, Experiment, Optimiser
from rnnviz.training.flat_adam import FlatAdam
from rnnviz.training.running_means import RunningMeans
from rnnviz.training.schedule import Schedule
from rnnviz.training.snapshot import Result, Snapshot, take_snapshot

DIVERGED = N_(
    "Training diverged: at step {step} the loss or its gradient is no longer a finite number. Most "
    "likely the learning rate {lr} is too high; try a lower one."
)
BROKEN_START = N_(
    "The loss or its gradient is not a finite number even before the first step: the starting "
    "weights are too large."
)
NO_CUDA = N_("This machine has no CUDA device; choose the CPU.")

ALL_STEPS = N_("All {steps} steps are done.")
LOSS_REACHED = N_("The loss has stayed below {loss}.")
TARGET_REACHED = N_("The target {target} is reached on the validation examples.")
NO_PROGRESS = N_("No progress on the validation examples for {patience} steps.")
TARGET_REACHED_IN_TRAINING = N_("The target {target} is reached on examples of training.")
NO_PROGRESS_IN_TRAINING = N_("No progress on examples of training for {patience} steps.")
TIME_IS_UP = N_("The time is up: {seconds} seconds of training.")

CHANGEABLE = ("lr", "clip", "forcing", "temperature")
"""The settings that may be changed while a run is in progress."""

Change = tuple[int, dict[str, float | None]]
"""The first step with changed settings, and their values."""


class Trainer:
    """One run of an experiment, a step at a time; a `snapshot` never changes the run.

    Separate generators draw weights, batches and dropout, so that all models of a race see the same
    batches in the same order.
    """

    def __init__(self, experiment: Experiment) -> None:
        if experiment.device == "cuda" and not torch.cuda.is_available():
            raise Problem(NO_CUDA)
        self.experiment = experiment
        self.optimiser = experiment.optimiser
        task, seed = experiment.task, experiment.seed
        weights = torch.Generator().manual_seed(seed)
        self.model: Model = build_for(task, experiment.model, weights)
        self.model.to(experiment.device)
        self._adam = FlatAdam(self.model, self.optimiser.lr)
        self._batches = Batches(task, self.optimiser.batch, seed)
        self._generator = torch.Generator().manual_seed(seed)  # of dropout and teacher forcing
        self._carried_state: States | None = None
        self._validation_batch = task.evaluation_batch().to(experiment.device)
        size = sum(weight.nbytes for weight in self.model.state_dict().values())
        self.schedule = Schedule.of(experiment, len(self._validation_batch), size)
        self.changes: list[Change] = []
        self.step = 0
        self.seconds = 0.0
        self.loss = self.train_metric = self.gradient_norm = math.nan
        self.validation_metric = self.validate()
        self._means = RunningMeans(task.normalised, self.validation_metric)

    # One step ----------------------------------------------------------------------------------

    def advance(self) -> None:
        """Do one training step, and validate the model where the schedule says so.

        Raises:
            Problem: the loss or its gradient is no longer a number; the weights are unchanged.
        """
        began = self._clock()
        task, optimiser, adam = self.experiment.task, self.optimiser, self._adam
        batch, is_new = self._batches.next()
        batch = batch.to(self.experiment.device)
        if not self.model.training:
            self.model.train()
        output, carried_state = self._forward(batch, is_new)
        loss = task.loss(output, batch)
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        value, norm = loss.item(), adam.norm()
        if not (math.isfinite(value) and (math.isfinite(norm) or adam.is_finite())):
            raise self._divergence(self.step + 1)
        if optimiser.clip is not None:
            adam.clip(optimiser.clip, norm)
        adam.step(optimiser.lr)
        self.step += 1
        self._carried_state = carried_state
        self.loss, self.gradient_norm = value, norm
        self.train_metric = task.metric(output.detach(), batch)
        self._means.add_step(value, self.train_metric, norm)
        self.seconds += self._clock() - began
        if self.schedule.is_validation(self.step) or self.done:
            self.validation_metric = self.validate()
            self._means.add_validation(self.validation_metric, self.step)

    def _forward(self, batch: Batch, is_new: bool) -> tuple[Tensor, States | None]:
        """The model's output and, for a running text, the state at the end of the batch."""
        model = self.model
        if not self.experiment.task.stateful or not isinstance(model, SequenceModel):
            return model.training_output(batch, self._generator, self.optimiser.forcing), None
        # Truncated backpropagation through time: the state is carried over, its gradient is not.
        state = None if is_new else self._carried_state
        output, after = model.walk(batch.inputs, batch.lengths, state, self._generator)
        return output, tuple(each.detach() for each in after)

    def _clock(self) -> float:
        # On the CPU only the time of this thread counts: models race on shared processors.
        return time.perf_counter() if self.experiment.device == "cuda" else time.thread_time()

    def _divergence(self, step: int) -> Problem:
        if step <= 1:  # before any update
            return Problem(BROKEN_START)
        return Problem(DIVERGED, step=step, lr=self.optimiser.lr)

    def set(self, **changed: float | None) -> bool:
        """Change settings that are `CHANGEABLE` from the next step on; clipping may be None.

        Returns whether any value differs from before; `changes` then has it.

        Raises:
            Problem: a value outside its range, or a setting that cannot be changed.
        """
        for name, value in changed.items():
            rule = rules(Optimiser).get(name)
            if name not in CHANGEABLE or not isinstance(rule, Range):
                raise Problem(NOT_CHANGEABLE, name=name, options=", ".join(CHANGEABLE))
            if value is None and name != "clip":
                rule.check(name, value)
        before = self.optimiser
        self.optimiser = replace(before, **changed)  # type: ignore[arg-type]
        new = {name: value for name, value in changed.items() if value != getattr(before, name)}
        if new:
            step = self.step + 1
            if self.changes and self.changes[-1][0] == step:
                new = self.changes.pop()[1] | new
            self.changes.append((step, new))
        return bool(new)

    # Stopping ----------------------------------------------------------------------------------

    @property
    def done(self) -> bool:
        """Whether the run has reached one of its stopping conditions."""
        return self.stop_reason is not None

    @property
    def stop_reason(self) -> Message | None:
        """Why the run has ended; None while it goes on."""
        optimiser, step = self.optimiser, self.step
        if step >= optimiser.steps:
            return Message(ALL_STEPS, {"steps": optimiser.steps})
        below, target = optimiser.stop_below, optimiser.target
        if below is not None and self._means.smooth_loss < below:
            return Message(LOSS_REACHED, {"loss": below})
        if target is not None and self._is_as_good_as(target):
            template = TARGET_REACHED if self._is_held_out else TARGET_REACHED_IN_TRAINING
            return Message(template, {"target": target})
        # Only at a validation: between two the model may have improved.
        stale = step - self._means.best_step if self.schedule.is_validation(step) else 0
        if optimiser.patience is not None and stale >= optimiser.patience:
            template = NO_PROGRESS if self._is_held_out else NO_PROGRESS_IN_TRAINING
            return Message(template, {"patience": optimiser.patience})
        if optimiser.seconds is not None and self.seconds >= optimiser.seconds:
            return Message(TIME_IS_UP, {"seconds": optimiser.seconds})
        return None

    @property
    def _is_held_out(self) -> bool:
        return self.experiment.task.curve_examples == "validation"

    def _is_as_good_as(self, target: float) -> bool:
        task = self.experiment.task
        sign = 1 if task.best_metric > task.chance else -1
        return sign * (self.validation_metric - target) >= 0

    # Reports -----------------------------------------------------------------------------------

    def validate(self) -> float:
        """Compute the task's metric on the validation examples."""
        output = self._predict(self._validation_batch)
        return self.experiment.task.metric(output, self._validation_batch)

    def _predict(self, batch: Batch) -> Tensor:
        self.model.eval()
        with torch.no_grad():
            return self.model.predict(batch)

    def row(self) -> dict[str, Any] | None:
        """The history row after this step, where the schedule has one: means since the last row.

        Call exactly once after every step, and first at step 0.
        """
        done = self.done
        if not (done or self.schedule.is_row(self.step)):
            return None
        is_validated = done or self.schedule.is_validation(self.step)
        loss, train_metric, norm = self._means.take_means()
        return {
            "step": self.step,
            "seconds": self.seconds,
            "loss": loss,
            "train_metric": train_metric,
            "validation_metric": self.validation_metric if is_validated else None,
            "norm": norm,
            "lr": self.optimiser.lr,
        }

    def snapshot(self) -> Snapshot:
        """Take a snapshot on the fixed examples.

        Raises:
            Problem: the model's numbers are no longer finite.
        """
        self.model.eval()
        try:
            return take_snapshot(
                self.model, self.experiment.task, self.step, self.optimiser.temperature
            )
        except Problem as error:
            # The model is our own, so only its numbers can be wrong.
            raise self._divergence(self.step) from error

    def result(self) -> Result:
        """The outcome of the run so far."""
        task, model = self.experiment.task, self.model
        validation, scores = self._evaluate(self._validation_batch)
        test: float | None = None
        test_scores: tuple[float, ...] = ()
        if task.final_split == "test":
            test, test_scores = self._evaluate(task.evaluation_batch("test"))
        example = task.example().batch
        shares: tuple[float, ...] = ()
        if isinstance(model, SequenceModel) and not task.features and model.front is None:
            shares = tuple(token_sensitivity(model, example.inputs[0].tolist()).shares.tolist())
        return Result(
            step=self.step,
            seconds=self.seconds,
            loss=self.loss,
            validation=validation,
            scores=scores,
            shares=shares,
            recall=recall(model, task, torch.Generator().manual_seed(0)) if task.lags else None,
            measurements=task.measurements(model),
            test=test,
            test_scores=test_scores,
        )

    def _evaluate(self, batch: Batch) -> tuple[float, tuple[float, ...]]:
        """The metric on `batch`, and on each of its examples."""
        task, batch = self.experiment.task, batch.to(self.experiment.device)
        output = self._predict(batch)
        return task.metric(output, batch), task.scores(output.cpu(), batch.to("cpu"))

    # Checkpoints -------------------------------------------------------------------------------

    def state_dict(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """What decides how the run goes on: tensors, and numbers as JSON types."""
        tensors = {f"model.{name}": weight for name, weight in self.model.state_dict().items()}
        batch_tensors, batch_numbers = self._batches.state_dict()
        tensors |= self._adam.state_dict() | batch_tensors
        tensors["generator"] = self._generator.get_state()
        for index, state in enumerate(self._carried_state or ()):
            tensors[f"carried.{index}"] = state
        latest = [self.loss, self.train_metric, self.gradient_norm, self.validation_metric]
        numbers = {
            "step": self.step,
            "seconds": self.seconds,
            "latest": latest,
            "settings": {name: getattr(self.optimiser, name) for name in CHANGEABLE},
            "changes": self.changes,
        }
        return tensors, numbers | self._means.state_dict() | batch_numbers

    def load_state_dict(self, tensors: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> None:
        """Continue from `state_dict`.

        Raises:
            KeyError, TypeError, ValueError, RuntimeError: of another model or experiment.
        """
        prefix = "model."
        weights = {n.removeprefix(prefix): w for n, w in tensors.items() if n.startswith(prefix)}
        self.model.load_state_dict(weights)
        self._adam.load_state_dict(tensors)
        self._batches.load_state_dict(tensors, numbers)
        self._generator.set_state(tensors["generator"])
        carried = sorted(name for name in tensors if name.startswith("carried."))
        device = self.experiment.device
        self._carried_state = tuple(tensors[name].to(device) for name in carried) or None
        self.step, self.seconds = int(numbers["step"]), float(numbers["seconds"])
        self.loss, self.train_metric, self.gradient_norm, self.validation_metric = numbers["latest"]
        self._means.load_state_dict(numbers)
        self.set(**numbers["settings"])
        self.changes = [(int(step), dict(values)) for step, values in numbers["changes"]]
