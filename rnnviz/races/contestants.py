"""Who may race: kinds of models by code, each with what sets it apart and the tasks it fits.

To add one: its line in `CONTESTANTS`. Imports torch by way of the models.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rnnviz.messages import N_
from rnnviz.model import ModelSpec
from rnnviz.names import CELL_NAMES
from rnnviz.tasks import Task

MAX_CONTESTANTS = 6
"""Contestants in one race: so many lines can still be told apart."""


def fits_any_task(task: Task) -> bool:
    """A recurrent network reads and answers everything."""
    return True


def has_one_answer(task: Task) -> bool:
    """Whether `task` asks for one answer to a whole sequence."""
    return task.kind in ("many-to-one", "forecast")


def allows_reading_ahead(task: Task) -> bool:
    """Whether all of a sequence may be read before `task` wants an answer."""
    return has_one_answer(task) or task.kind == "sequence-to-sequence" or task.both_ways


def has_source_sequence(task: Task) -> bool:
    """Whether a decoder has a sequence to look back at."""
    return task.kind == "sequence-to-sequence"


@dataclass(frozen=True)
class Contestant:
    """A kind of model. `title` is a message to translate, `sets` the fields that make it.

    `asks`: those of them whose value is the visitor's choice; `sets` has the usual one.
    """

    title: str
    fixed: Mapping[str, Any]
    fits: Callable[[Task], bool] = fits_any_task
    adjustable: tuple[str, ...] = ()

    def spec(self, base: ModelSpec) -> ModelSpec:
        """`base` as a model of this kind; what only others ask for is as in any other model."""
        chosen = {name: getattr(base, name) for name in self.adjustable if _is_set(base, name)}
        plain = {name: getattr(_PLAIN, name) for name in _ASKED}
        return replace(base, **plain | dict(self.fixed) | chosen)

    def matches(self, spec: ModelSpec) -> bool:
        """Whether `spec` is a model of this kind."""
        # The cell of a network without one is of no interest.
        compared = [name for name in _APART if name != "cell" or "family" not in self.fixed]
        wanted = {name: getattr(_PLAIN, name) for name in compared} | dict(self.fixed)
        return all(
            _is_set(spec, name) if name in self.adjustable else getattr(spec, name) == wanted[name]
            for name in compared
        )


CONTESTANTS: Mapping[str, Contestant] = {
    **{cell: Contestant(title, {"cell": cell}) for cell, title in CELL_NAMES.items()},
    "rnn_relu": Contestant(N_("RNN (ReLU)"), {"cell": "rnn", "nonlinearity": "relu"}),
    "lstm_forget": Contestant(
        N_("LSTM (forget bias)"), {"cell": "lstm", "forget_bias": 1.0}, adjustable=("forget_bias",)
    ),
    "rnn_both": Contestant(
        N_("RNN (both directions)"), {"cell": "rnn", "bidirectional": True}, allows_reading_ahead
    ),
    "lstm_both": Contestant(
        N_("LSTM (both directions)"), {"cell": "lstm", "bidirectional": True}, allows_reading_ahead
    ),
    "gru_both": Contestant(
        N_("GRU (both directions)"), {"cell": "gru", "bidirectional": True}, allows_reading_ahead
    ),
    "lstm_attention": Contestant(
        N_("LSTM with attention"), {"cell": "lstm", "attention": True}, has_source_sequence
    ),
    "gru_attention": Contestant(
        N_("GRU with attention"), {"cell": "gru", "attention": True}, has_source_sequence
    ),
    "gru_attention_both": Contestant(
        N_("GRU with attention, both directions"),
        {"cell": "gru", "attention": True, "bidirectional": True},
        has_source_sequence,
    ),
    "dense": Contestant(N_("Dense network"), {"family": "dense"}, has_one_answer),
    "convolution": Contestant(N_("1D convolution"), {"family": "convolution"}, has_one_answer),
    "convolution_gru": Contestant(
        N_("Convolution and GRU"), {"cell": "gru", "front": True}, has_one_answer
    ),
}
"""By the code in settings and addresses, in the order shown."""

_PLAIN = ModelSpec()
_APART = tuple({name: None for each in CONTESTANTS.values() for name in each.fixed})
_ASKED = tuple({name: None for each in CONTESTANTS.values() for name in each.adjustable})


def _is_set(spec: ModelSpec, name: str) -> bool:
    """Whether the field `name` of `spec` is other than in a plain model."""
    return bool(getattr(spec, name) != getattr(_PLAIN, name))


def fitting_contestants(task: Task) -> dict[str, Contestant]:
    """The contestants that fit `task`, by code."""
    return {code: each for code, each in CONTESTANTS.items() if each.fits(task)}


def default_contestants(task: Task) -> list[str]:
    """Who races on `task` unless somebody else is asked for: its rivals by custom.

    Among them is the model of the task's recipe.
    """
    made: dict[str, Any] = {name: task.recipe[name] for name in _APART if name in task.recipe}
    if task.kind == "forecast":
        found = ["gru", "dense", "convolution"]
    else:
        found = [cell for cell in CELL_NAMES if cell != "rnn" or not has_source_sequence(task)]
    best = contestant_code(ModelSpec(**made)) if made else found[0]
    return found if best in found else [*found, best]


def contestant_code(spec: ModelSpec) -> str:
    """The code of the contestant that `spec` is; of one that never races, its cell's."""
    for code, each in CONTESTANTS.items():
        if each.matches(spec):
            return code
    return spec.cell if spec.family == "recurrent" else spec.family
