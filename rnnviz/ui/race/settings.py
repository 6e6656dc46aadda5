"""The settings of a race: which task, which cells, what is fair, how it is trained."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui import controls, show
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.tasks import Task
    from rnnviz.training import Experiment

UNITS = Range(2, 64, label=N_("Hidden units"))
STEPS = Range(50, 5000, label=N_("Training steps"), logarithmic=True)
RATE = Range(0.0001, 0.3, label=N_("Learning rate"), logarithmic=True)
SEEDS = Range(0, 99, label=N_("Seed"))
FAIR = {"units": N_("same units"), "parameters": N_("same number of parameters")}


def settings(default: str) -> list["Experiment"]:
    """Draw the controls; answers with one experiment per cell, alike in all but the cell.

    `default` names the task that a new visitor meets.
    """
    from rnnviz.jobs.lineup import line_up
    from rnnviz.model import ModelSpec
    from rnnviz.training import Experiment, Optimiser

    top = st.columns([3, 2, 3])
    with top[0]:
        kind = _task(default)
    with top[1]:
        cells = _cells()
    with top[2]:
        fair = _fairness()
    st.caption(show.plain(_(kind.help()).split("\n\n")[0]))

    names = list(rules(kind))
    *own, left, middle, right, last = st.columns(4 + len(names[:1]), vertical_alignment="bottom")
    with last, st.popover(_("More settings"), icon=":material/tune:", width="stretch"):
        more = [st.container() for _place in range(3 + len(names[1:]))]
    knobs = {
        name: _knob(kind, name, where) for name, where in zip(names, [*own, *more[3:]], strict=True)
    }
    model = ModelSpec(
        hidden=controls.slider("race.hidden", "", UNITS, 16, where=left),
        # Every cell reads the very same vectors, and the memory alone makes the difference.
        embedding="one-hot",
    )
    told = _("May be changed while the race is running.")
    rate = controls.slider("race.lr", "", RATE, 0.01, help=told, where=middle)
    told = _("Decides the starting weights and the training examples: same seed, same race.")
    seed = controls.slider("race.seed", "", SEEDS, 1, help=told, where=right)
    steps = controls.slider("race.steps", "", STEPS, 1000, where=more[0])
    batches = rules(Optimiser)["batch"]
    assert isinstance(batches, Range)
    batch = controls.slider("race.batch", "", batches, 32, where=more[1])
    with more[2]:
        device = _device()
    optimiser = Optimiser(lr=rate, clip=1.0, batch=batch, steps=steps)
    return line_up(Experiment(kind(**knobs), model, optimiser, seed, device), cells, fair)


def _task(default: str) -> type["Task"]:
    from rnnviz.tasks import TASKS

    titles = {name: _(task.title) for name, task in TASKS.items()}
    return TASKS[controls.choose("race.task", _("Task"), titles, default)]


def _knob(kind: type["Task"], name: str, where: Any) -> Any:
    """One of the task's own settings, at the default of its field."""
    rule, key, default = rules(kind)[name], f"race.{name}", getattr(kind, name)
    if isinstance(rule, Range):
        return controls.slider(key, _(rule.label), rule, default, help=_(rule.help), where=where)
    options = {code: _(title) for code, title in rule.options.items()}
    return controls.choose(key, _(rule.label), options, default, help=_(rule.help), where=where)


def _cells() -> Any:
    from rnnviz.model import ModelSpec

    cell = rules(ModelSpec)["cell"]
    assert isinstance(cell, Choice)
    return controls.several("race.cells", _("Who races"), cell.options, list(cell.options))


def _fairness() -> Any:
    told = _(
        "With the same units an LSTM has about four times the parameters of an RNN. With the same "
        "number of parameters the smaller cells get more units instead."
    )
    titles = {code: _(title) for code, title in FAIR.items()}
    return controls.choose("race.fair", _("Fair means"), titles, "units", help=told)


def _device() -> Any:
    """Where the race is trained: asked for only where there is a choice."""
    import torch

    if not torch.cuda.is_available():
        return "cpu"
    return controls.choose("race.device", _("Device"), {"cpu": "CPU", "cuda": "CUDA"}, "cpu")
