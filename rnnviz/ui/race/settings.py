"""The settings of a race: its task, its contestants, what is fair, how they are trained."""

from functools import cache
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.ui import controls, session, show
from rnnviz.ui.cell_help import cell_help
from rnnviz.ui.language import _
from rnnviz.ui.race.model_controls import draw_model_controls, draw_training_controls
from rnnviz.ui.race.restore import restore_controls
from rnnviz.ui.race.task_controls import choose_task, describe_task, draw_task_controls
from rnnviz.ui.services.race_session import RaceSession
from rnnviz.ui.services.ranges import HIDDEN_UNITS, LEARNING_RATE, TRAINING_STEPS
from rnnviz.ui.services.training import RaceSetup
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.races.setup import ParameterMismatch
    from rnnviz.tasks import Task
    from rnnviz.training import Experiment

FAIRNESS = {
    "units": N_("same units"),
    "parameters": N_("same number of parameters"),
    "time": N_("same time"),
}


def settings(default: str) -> RaceSetup:
    """Draw the controls and return the race that they describe.

    `default` names the task of a new visitor.
    """
    restore_controls(session.get_or_create("race", RaceSession))
    top = st.columns([3, 3])
    with top[0]:
        kind = choose_task(default)
    with top[1]:
        fairness = _choose_fairness()
    description = st.container()
    task, problem = None, None
    try:
        task = draw_task_controls(kind)
    except Problem as error:
        problem = error
    with description:
        describe_task(kind, task)
    if problem is not None:
        show.problem(problem)
    if task is None:
        return RaceSetup()
    return _race_setup(kind, task, fairness)


def _race_setup(kind: type["Task"], task: "Task", fairness: Any) -> RaceSetup:
    from rnnviz.races.contestants import MAX_CONTESTANTS, default_contestants, fitting_contestants
    from rnnviz.training import Experiment

    options = fitting_contestants(task)
    titles = {code: _(contestant.title) for code, contestant in options.items()}
    codes = controls.choose_several(
        "race.cells",
        _("Models to compare"),
        titles,
        default_contestants(task),
        at_most=MAX_CONTESTANTS,
        help=cell_help(options),
    )
    recipe: dict[str, Any] = dict(kind.recipe)
    units, rate, steps, model, training = st.columns(5, vertical_alignment="bottom")
    hidden = controls.slider(
        "race.hidden", "", HIDDEN_UNITS, recipe.get("hidden", 16), container=units
    )
    note = _("May be changed while the race is running.")
    lr = controls.slider(
        "race.lr", "", LEARNING_RATE, recipe.get("lr", 0.01), help=note, container=rate
    )
    note = _(
        "With the same time for all, training ends after that time, not after a number of steps."
    )
    count = controls.slider(
        "race.steps", "", TRAINING_STEPS, recipe.get("steps", 1000), help=note, container=steps
    )
    with model:
        spec = draw_model_controls(kind, task, [options[code] for code in codes], hidden)
    with training:
        optimiser, seed, seeds = draw_training_controls(kind, task, lr, count, fairness)
        device = _choose_device()
    base = Experiment(task, spec, optimiser, seed, device)
    # What all visitors share must keep no visitor's file in memory.
    plan = _plan if task.files else _shared_plan
    try:
        setup, mismatch = plan(base, tuple(codes), fairness, seeds)
    except Problem as problem:
        show.problem(problem)
        return RaceSetup()
    if mismatch is not None:
        _draw_mismatch(mismatch)
    return setup


def _plan(
    base: "Experiment", codes: tuple[str, ...], fairness: Any, seeds: int
) -> "tuple[RaceSetup, ParameterMismatch | None]":
    """The race of these models, and which of them cannot have the number of parameters of all.

    Raises:
        Problem: a combination that is refused.
    """
    from rnnviz.races.setup import parameter_mismatch, race_experiments

    experiments = race_experiments(base, codes, fairness, seeds)
    mismatch = None
    if fairness == "parameters":
        mismatch = parameter_mismatch(base, codes, experiments)
    return RaceSetup(tuple(experiments), len(codes)), mismatch


_shared_plan = shared(max_entries=200)(_plan)


def _draw_mismatch(mismatch: "ParameterMismatch") -> None:
    """Report the models that cannot have the number of parameters of the largest."""
    from rnnviz.races.contestants import CONTESTANTS

    if not mismatch.parameters:
        return
    models = [
        f"{_(CONTESTANTS[code].title)} {count:,} ({_difference(count / mismatch.target)})"
        for code, count in mismatch.parameters.items()
    ]
    note = _(
        "Not all models have the same number of parameters: the largest has {target}; the closest "
        "that the others can get: {models}.",
        target=f"{mismatch.target:,}",
        models=", ".join(models),
    )
    st.info(show.escape_markdown(note), icon=":material/balance:")


def _difference(ratio: float) -> str:
    """How far `ratio` is from 1: "+12 %", "−54 %"."""
    return f"{100 * (ratio - 1):+.0f} %".replace("-", "−")


def _choose_fairness() -> Any:
    note = _(
        "With the same units an LSTM has about four times the parameters of an RNN. With the same "
        "number of parameters the smaller cells get more units instead. With the same time each "
        "model trains for so many seconds, and the faster ones do more steps."
    )
    titles = {code: _(title) for code, title in FAIRNESS.items()}
    return controls.choose("race.fair", _("What is kept equal"), titles, "units", help=note)


def _choose_device() -> Any:
    """Where the race is trained: a control only where there is a choice."""
    if not _has_gpu():
        return "cpu"
    return controls.choose("race.device", _("Device"), {"cpu": "CPU", "cuda": "CUDA"}, "cpu")


@cache
def _has_gpu() -> bool:
    import torch

    return torch.cuda.is_available()
