"""From a race to the lanes of the live view."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.jobs import RaceView, RunView
from rnnviz.messages import Problem
from rnnviz.palette import colours
from rnnviz.ui.language import _
from rnnviz.ui.live import ContestantView
from rnnviz.ui.race.gradient_history import gradient_history
from rnnviz.ui.services.baselines import baselines
from rnnviz.ui.services.training import RaceSetup, service

if TYPE_CHECKING:
    from rnnviz.training import Experiment


def contestant_views(asked: RaceSetup, view: RaceView | None) -> list[ContestantView]:
    """A lane for each contestant; before the first start with a look at its untrained model."""
    found = _lined_up(asked.experiments[: asked.contestants])
    if view is None:
        firsts = zip(found, asked.experiments, strict=False)
        return [replace(lane, probe=untrained(first.to_json())) for lane, first in firsts]
    return [
        _running(lane, view.runs[place :: asked.contestants], asked.experiments[place])
        for place, lane in enumerate(found)
    ]


def waiting(asked: RaceSetup, view: RaceView | None) -> bool:
    """Whether something is being computed beside the race that the page will show."""
    runs = () if view is None else view.runs[: asked.contestants]
    pairs = zip(runs, asked.experiments, strict=False)
    grown = [gradient_history().of(run, experiment)[1] for run, experiment in pairs]
    return not all(grown) or baselines().get(asked.experiments[0].task) is None


def _running(
    lane: ContestantView, runs: tuple[RunView, ...], experiment: "Experiment"
) -> ContestantView:
    first = runs[0]
    return replace(
        lane,
        states=tuple(run.state for run in runs),
        histories=tuple(run.history for run in runs),
        changes=tuple(_changes(run, experiment) for run in runs),
        probe=first.snapshot or untrained(experiment.to_json()),
        heat=gradient_history().of(first, experiment)[0],
        place=first.queue_position,
    )


def _changes(run: RunView, experiment: "Experiment") -> list[tuple[int, dict[str, Any]]]:
    """What `run` was told to change; nothing where an imported run tells what cannot be."""
    told = run.facts.get("changes")
    if not told:
        return []
    from rnnviz.export import parse_changes

    try:
        return parse_changes(experiment, told)
    except Problem:
        return []


def latest(
    race: str | None, asked: RaceSetup, lanes: list[ContestantView]
) -> Callable[[], list[ContestantView]]:
    """What is known of the race whenever it is asked for: `lanes`, brought up to date."""
    serving = service()

    def found() -> list[ContestantView]:
        view = None if race is None else serving.view(race)
        return lanes if view is None else contestant_views(asked, view)

    return found


def _lined_up(experiments: tuple["Experiment", ...]) -> list[ContestantView]:
    """The lanes before any of them has started."""
    from rnnviz.races.contestants import CONTESTANTS, contestant_code

    codes = [contestant_code(each.model) for each in experiments]
    told = colours(codes)
    return [
        ContestantView(
            code,
            _(CONTESTANTS[code].title),
            told[code],
            *_size(each.to_json()),
            steps=each.optimiser.steps,
            seconds=each.optimiser.seconds,
        )
        for code, each in zip(codes, experiments, strict=True)
    ]


@st.cache_data(max_entries=1000, show_spinner=False)
def _size(experiment: str) -> tuple[int, int, int]:
    """Units, parameters, multiply-adds of the model of `experiment`, which is JSON."""
    from rnnviz.training import Experiment
    from rnnviz.training.cost import model_size

    size = model_size(Experiment.from_json(experiment))
    return size.units, size.parameters, size.multiply_adds


@st.cache_data(max_entries=200, show_spinner=False)
def untrained(experiment: str) -> dict[str, Any]:
    """The look at a model before its first step: what a race starts from. `experiment` is JSON."""
    from rnnviz.races.setup import initial_snapshot

    return initial_snapshot(experiment)
