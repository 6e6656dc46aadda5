"""The contestants of a race as the live view shows them."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnviz.jobs import RaceView, RunView
from rnnviz.messages import Problem
from rnnviz.palette import colours
from rnnviz.ui.language import _, current
from rnnviz.ui.live import ContestantView
from rnnviz.ui.services.baselines import task_baselines
from rnnviz.ui.services.gradient_history import gradient_history
from rnnviz.ui.services.training import RaceSetup
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.training import Experiment


def contestant_views(setup: RaceSetup, race: RaceView | None) -> list[ContestantView]:
    """Each contestant with its runs; before the first start with its untrained model."""
    views = _unstarted_views(setup.key, current(), setup)
    if race is None:
        return [*views]
    return [
        _with_runs(view, race.runs[number :: setup.contestants], setup.experiments[number])
        for number, view in enumerate(views)
    ]


def version(contestants: Sequence[ContestantView]) -> Hashable:
    """What tells apart two moments of one race: what is drawn of it is the same for equal ones."""
    return tuple(
        (
            tuple(view.states),
            tuple((len(rows.step), *rows.step[-1:], *rows.seconds[-1:]) for rows in view.histories),
            tuple(len(changes) for changes in view.changes),
            None if view.snapshot is None else view.snapshot["step"],
            len(view.gradient_norms),
            view.queue_position,
        )
        for view in contestants
    )


def has_pending_work(setup: RaceSetup, race: RaceView | None) -> bool:
    """Whether something that the page will show is still being computed in the background."""
    runs = () if race is None else race.runs[: setup.contestants]
    pairs = zip(runs, setup.experiments, strict=False)
    complete = [gradient_history(run, experiment)[1] for run, experiment in pairs]
    task = setup.experiments[0].task
    has_baselines = [task_baselines(task, split) is not None for split in ("validation", "test")]
    return not all(complete) or not all(has_baselines)


def _with_runs(
    view: ContestantView, runs: Sequence[RunView], experiment: "Experiment"
) -> ContestantView:
    first = runs[0]
    return replace(
        view,
        states=tuple(run.state for run in runs),
        histories=tuple(run.history for run in runs),
        changes=tuple(settings_changes(run.facts, experiment) for run in runs),
        snapshot=first.snapshot or view.snapshot,
        gradient_norms=gradient_history(first, experiment)[0],
        queue_position=first.queue_position,
    )


def settings_changes(
    facts: Mapping[str, Any], experiment: "Experiment"
) -> list[tuple[int, dict[str, Any]]]:
    """The settings that were changed during a run; none where an imported run lists bad ones."""
    rows = facts.get("changes")
    if not rows:
        return []
    from rnnviz.export import parse_changes

    try:
        return parse_changes(experiment, rows)
    except Problem:
        return []


@shared(max_entries=100)
def _unstarted_views(key: str, language: str, _setup: RaceSetup) -> tuple[ContestantView, ...]:
    """Each contestant of the setup with this key before its first step."""
    from rnnviz.races.contestants import CONTESTANTS, contestant_code

    experiments = _setup.experiments[: _setup.contestants]
    codes = [contestant_code(experiment.model) for experiment in experiments]
    palette = colours(codes)
    return tuple(
        ContestantView(
            code,
            _(CONTESTANTS[code].title),
            palette[code],
            *_size(experiment.to_json()),
            steps=experiment.optimiser.steps,
            seconds=experiment.optimiser.seconds,
            snapshot=_untrained_snapshot(experiment.to_json()),
        )
        for code, experiment in zip(codes, experiments, strict=True)
    )


@shared(max_entries=1000)
def _size(experiment: str) -> tuple[int, int, int]:
    """Units, parameters, multiply-adds of the model of `experiment`, which is JSON."""
    from rnnviz.training import Experiment
    from rnnviz.training.cost import model_size

    size = model_size(Experiment.from_json(experiment))
    return size.units, size.parameters, size.multiply_adds


@shared(max_entries=200)
def _untrained_snapshot(experiment: str) -> dict[str, Any]:
    """The snapshot of a model before its first step. `experiment` is JSON."""
    from rnnviz.races.setup import initial_snapshot

    return initial_snapshot(experiment)
