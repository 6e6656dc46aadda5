"""What a script's template needs from a run's training: its settings and its length."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rnnviz.export.live_changes import parse_changes
from rnnviz.tasks import DECODER_KINDS
from rnnviz.training import Experiment, Schedule
from rnnviz.training.flat_adam import CLIP_EPSILON
from rnnviz.training.schedule import ROWS


@dataclass(frozen=True)
class RecordedRun:
    """The recorded course of a run: the `steps` that it did, and the settings changed meanwhile.

    changes    the new values of each setting that the loop reads, by the first step that used them
    """

    steps: int
    changes: Mapping[str, Mapping[int, float | None]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, experiment: Experiment, history: Mapping[str, Sequence[Any]] | None, changes: object
    ) -> "RecordedRun":
        """A run of `experiment`; without rows in `history` (columns), one of all its steps.

        `changes`: a list of steps and settings, as a run's facts have it, or None.

        Raises:
            Problem: changes that no run can have had.
        """
        steps = history["step"] if history is not None else ()
        last = steps[-1] if steps else experiment.optimiser.steps
        is_decoder = experiment.task.kind in DECODER_KINDS
        names = ("lr", "clip", "forcing") if is_decoder else ("lr", "clip")
        by_setting: dict[str, dict[int, float | None]] = {}
        for step, values in parse_changes(experiment, changes):
            for name in names if step <= last else ():
                if name in values:
                    by_setting.setdefault(name, {})[step] = values[name]
        return cls(last, by_setting)


def training_conditions(experiment: Experiment, run: RecordedRun, plain: bool) -> dict[str, bool]:
    """The parts of the training loop; `plain`: the script spells out the model."""
    task, optimiser, spec = experiment.task, experiment.optimiser, experiment.model
    return {
        "plain": plain,
        "cuda": experiment.device == "cuda",
        "timed": optimiser.seconds is not None,
        "recurrent": spec.family == "recurrent",
        "stateful": task.stateful,
        "epochs": not task.stateful and task.size() is not None,
        "decoded": task.kind in DECODER_KINDS,
        "random_steps": not plain or bool(spec.dropout),
        "clip": optimiser.clip is not None,
        "lr_changes": "lr" in run.changes,
        "clip_changes": "clip" in run.changes,
        "forcing_changes": "forcing" in run.changes,
        "files": bool(task.files),
        "tested": task.final_split == "test",
    }


def training_constants(experiment: Experiment, run: RecordedRun) -> dict[str, str]:
    """The settings that the loop reads."""
    optimiser = experiment.optimiser
    schedule = Schedule.of(experiment, len(experiment.task.evaluation_batch()), 1)
    planned = "" if run.steps == optimiser.steps else f"  # of {optimiser.steps}"
    constants = {
        "SEED": repr(experiment.seed),
        "DEVICE": f'"{experiment.device}"',
        "STEPS": f"{run.steps}{planned}",
        "BATCH": repr(optimiser.batch),
        "LR": repr(optimiser.lr),
        "CLIP": repr(optimiser.clip),
        "CLIP_EPSILON": repr(CLIP_EPSILON),
        "FORCING": repr(optimiser.forcing),
        "ROW_INTERVAL": repr(schedule.row_interval),
        "VALIDATION_INTERVAL": repr(schedule.validation_interval),
        "ROWS": repr(ROWS),
    }
    for name, values in run.changes.items():
        constants[f"{name.upper()}_CHANGES"] = _dictionary(values)
    return constants


def _dictionary(values: Mapping[int, float | None]) -> str:
    """A literal that stays readable however often a setting was changed."""
    if len(values) <= 3:
        return repr(dict(values))
    lines = [f"    {step}: {value!r}," for step, value in values.items()]
    return "\n".join(["{", *lines, "}"])
