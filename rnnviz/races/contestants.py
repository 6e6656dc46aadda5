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

MOST = 6
"""Contestants in one race: so many lines can still be told apart."""


def always(task: Task) -> bool:
    """A recurrent network reads and answers everything."""
    return True


def one_answer(task: Task) -> bool:
    """Whether `task` asks for one answer to a whole sequence."""
    return task.kind in ("many-to-one", "forecast")


def read_first(task: Task) -> bool:
    """Whether all of a sequence may be read before `task` wants an answer."""
    return one_answer(task) or task.kind == "sequence-to-sequence" or task.both_ways


def attended(task: Task) -> bool:
    """Whether a decoder has a sequence to look back at."""
    return task.kind == "sequence-to-sequence"


@dataclass(frozen=True)
class Contestant:
    """A kind of model. `title` is a message to translate, `sets` the fields that make it.

    `asks`: those of them whose value is the visitor's choice; `sets` has the usual one.
    """

    title: str
    sets: Mapping[str, Any]
    fits: Callable[[Task], bool] = always
    asks: tuple[str, ...] = ()

    def spec(self, base: ModelSpec) -> ModelSpec:
        """`base` as a model of this kind; what only others ask for is as in any other model."""
        chosen = {name: getattr(base, name) for name in self.asks if _is_set(base, name)}
        plain = {name: getattr(_PLAIN, name) for name in _ASKED}
        return replace(base, **plain | dict(self.sets) | chosen)

    def made(self, spec: ModelSpec) -> bool:
        """Whether `spec` is a model of this kind."""
        # The cell of a network without one is of no interest.
        compared = [name for name in _APART if name != "cell" or "family" not in self.sets]
        wanted = {name: getattr(_PLAIN, name) for name in compared} | dict(self.sets)
        return all(
            _is_set(spec, name) if name in self.asks else getattr(spec, name) == wanted[name]
            for name in compared
        )


CONTESTANTS: Mapping[str, Contestant] = {
    **{cell: Contestant(title, {"cell": cell}) for cell, title in CELL_NAMES.items()},
    "rnn_relu": Contestant(N_("RNN (ReLU)"), {"cell": "rnn", "nonlinearity": "relu"}),
    "lstm_forget": Contestant(
        N_("LSTM (forget bias)"), {"cell": "lstm", "forget_bias": 1.0}, asks=("forget_bias",)
    ),
    "rnn_both": Contestant(
        N_("RNN (both directions)"), {"cell": "rnn", "bidirectional": True}, read_first
    ),
    "lstm_both": Contestant(
        N_("LSTM (both directions)"), {"cell": "lstm", "bidirectional": True}, read_first
    ),
    "gru_both": Contestant(
        N_("GRU (both directions)"), {"cell": "gru", "bidirectional": True}, read_first
    ),
    "lstm_attention": Contestant(
        N_("LSTM with attention"), {"cell": "lstm", "attention": True}, attended
    ),
    "gru_attention": Contestant(
        N_("GRU with attention"), {"cell": "gru", "attention": True}, attended
    ),
    "gru_attention_both": Contestant(
        N_("GRU with attention, both directions"),
        {"cell": "gru", "attention": True, "bidirectional": True},
        attended,
    ),
    "dense": Contestant(N_("Dense network"), {"family": "dense"}, one_answer),
    "convolution": Contestant(N_("1D convolution"), {"family": "convolution"}, one_answer),
    "convolution_gru": Contestant(
        N_("Convolution and GRU"), {"cell": "gru", "front": True}, one_answer
    ),
}
"""By the code in settings and addresses, in the order shown."""

_PLAIN = ModelSpec()
_APART = tuple({name: None for each in CONTESTANTS.values() for name in each.sets})
_ASKED = tuple({name: None for each in CONTESTANTS.values() for name in each.asks})


def _is_set(spec: ModelSpec, name: str) -> bool:
    """Whether the field `name` of `spec` is other than in a plain model."""
    return bool(getattr(spec, name) != getattr(_PLAIN, name))


def offered(task: Task) -> dict[str, Contestant]:
    """The contestants that fit `task`, by code."""
    return {code: each for code, each in CONTESTANTS.items() if each.fits(task)}


def usual(task: Task) -> list[str]:
    """Who races on `task` unless somebody else is asked for: its rivals by custom.

    Among them is the model of the task's recipe.
    """
    made: dict[str, Any] = {name: task.recipe[name] for name in _APART if name in task.recipe}
    if task.kind == "forecast":
        found = ["gru", "dense", "convolution"]
    else:
        found = [cell for cell in CELL_NAMES if cell != "rnn" or not attended(task)]
    best = code_of(ModelSpec(**made)) if made else found[0]
    return found if best in found else [*found, best]


def code_of(spec: ModelSpec) -> str:
    """The code of the contestant that `spec` is; of one that never races, its cell's."""
    for code, each in CONTESTANTS.items():
        if each.made(spec):
            return code
    return spec.cell if spec.family == "recurrent" else spec.family
