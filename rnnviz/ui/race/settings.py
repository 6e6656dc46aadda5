"""The settings of a race: which task, who races, what is fair, how it is trained."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.ui import controls, show
from rnnviz.ui.language import _
from rnnviz.ui.race import model_controls, task_controls
from rnnviz.ui.services import ranges
from rnnviz.ui.services.training import RaceSetup

if TYPE_CHECKING:
    from rnnviz.races.setup import ParameterMismatch
    from rnnviz.tasks import Task

FAIR = {
    "units": N_("same units"),
    "parameters": N_("same number of parameters"),
    "time": N_("same time"),
}


def settings(default: str) -> RaceSetup:
    """Draw the controls. `default` names the task that a new visitor meets."""
    top = st.columns([3, 3])
    with top[0]:
        kind = task_controls.chosen(default)
    with top[1]:
        fair = _fairness()
    above = st.container()
    task, trouble = None, None
    try:
        task = task_controls.task_of(kind)
    except Problem as found:
        trouble = found
    with above:
        task_controls.about(kind, task)
    if task is None:
        assert trouble is not None
        show.problem(trouble)
        return RaceSetup()
    return _asked(kind, task, fair)


def _asked(kind: type["Task"], task: "Task", fair: Any) -> RaceSetup:
    from rnnviz.races.contestants import MAX_CONTESTANTS, default_contestants, fitting_contestants
    from rnnviz.races.setup import parameter_mismatch, race_experiments
    from rnnviz.training import Experiment

    there = fitting_contestants(task)
    titles = {code: _(each.title) for code, each in there.items()}
    codes = controls.choose_several(
        "race.cells", _("Who races"), titles, default_contestants(task), at_most=MAX_CONTESTANTS
    )
    recipe: dict[str, Any] = dict(kind.recipe)
    units, rate, steps, model, training = st.columns(5, vertical_alignment="bottom")
    hidden = controls.slider(
        "race.hidden", "", ranges.HIDDEN_UNITS, recipe.get("hidden", 16), container=units
    )
    told = _("May be changed while the race is running.")
    lr = controls.slider(
        "race.lr", "", ranges.LEARNING_RATE, recipe.get("lr", 0.01), help=told, container=rate
    )
    told = _("Where the same time is fair, the time ends the training and not the steps.")
    count = controls.slider(
        "race.steps",
        "",
        ranges.TRAINING_STEPS,
        recipe.get("steps", 1000),
        help=told,
        container=steps,
    )
    with model:
        spec = model_controls.model(kind, task, [there[code] for code in codes], hidden)
    with training:
        optimiser, seed, seeds = model_controls.training(kind, task, lr, count, fair)
        device = _device()
    base = Experiment(task, spec, optimiser, seed, device)
    try:
        lined = race_experiments(base, codes, fair, seeds)
    except Problem as found:
        show.problem(found)
        return RaceSetup()
    if fair == "parameters":
        _uneven(parameter_mismatch(base, codes, lined))
    return RaceSetup(tuple(lined), len(codes))


def _uneven(found: "ParameterMismatch") -> None:
    """Say who cannot have the number of parameters that is asked for."""
    from rnnviz.races.contestants import CONTESTANTS

    if not found.parameters:
        return
    models = [
        f"{_(CONTESTANTS[code].title)} {count:,} ({_away(count / found.target)})"
        for code, count in found.parameters.items()
    ]
    told = _(
        "Not all have the same number of parameters: the largest model has {target}, and the "
        "nearest that others can have is: {models}.",
        target=f"{found.target:,}",
        models=", ".join(models),
    )
    st.info(show.escape_markdown(told), icon=":material/balance:")


def _away(share: float) -> str:
    """How far `share` is from the whole: "+12 %", "−54 %"."""
    return f"{100 * (share - 1):+.0f} %".replace("-", "−")


def _fairness() -> Any:
    told = _(
        "With the same units an LSTM has about four times the parameters of an RNN. With the same "
        "number of parameters the smaller cells get more units instead. With the same time each "
        "model trains for so many seconds, and the quicker ones do more steps."
    )
    titles = {code: _(title) for code, title in FAIR.items()}
    return controls.choose("race.fair", _("Fair means"), titles, "units", help=told)


def _device() -> Any:
    """Where the race is trained: asked for only where there is a choice."""
    import torch

    if not torch.cuda.is_available():
        return "cpu"
    return controls.choose("race.device", _("Device"), {"cpu": "CPU", "cuda": "CUDA"}, "cpu")
