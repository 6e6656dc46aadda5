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
    """A kind of model. `title` is a message to translate, `sets` the fields that make it."""

    title: str
    sets: Mapping[str, Any]
    fits: Callable[[Task], bool] = always

    def spec(self, base: ModelSpec) -> ModelSpec:
        """`base` as a model of this kind."""
        return replace(base, **self.sets)


CONTESTANTS: Mapping[str, Contestant] = {
    **{cell: Contestant(title, {"cell": cell}) for cell, title in CELL_NAMES.items()},
    "rnn_relu": Contestant(N_("RNN (ReLU)"), {"cell": "rnn", "nonlinearity": "relu"}),
    "lstm_forget": Contestant(N_("LSTM (forget bias 1)"), {"cell": "lstm", "forget_bias": 1.0}),
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
    "dense": Contestant(N_("Dense network"), {"family": "dense"}, one_answer),
    "convolution": Contestant(N_("1D convolution"), {"family": "convolution"}, one_answer),
    "convolution_gru": Contestant(
        N_("Convolution and GRU"), {"cell": "gru", "front": True}, one_answer
    ),
}
"""By the code in settings and addresses, in the order shown."""

_PLAIN = ModelSpec()
_APART = tuple({name: None for each in CONTESTANTS.values() for name in each.sets})


def offered(task: Task) -> dict[str, Contestant]:
    """The contestants that fit `task`, by code."""
    return {code: each for code, each in CONTESTANTS.items() if each.fits(task)}


def usual(task: Task) -> list[str]:
    """Who races on `task` unless somebody else is asked for: its rivals by custom."""
    if attended(task):
        return [*(cell for cell in CELL_NAMES if cell != "rnn"), "gru_attention"]
    return ["gru", "dense", "convolution"] if task.kind == "forecast" else list(CELL_NAMES)


def code_of(spec: ModelSpec) -> str:
    """The code of the contestant that `spec` is; of one that never races, its cell's."""
    for code, each in CONTESTANTS.items():
        # The cell of a network without one is of no interest.
        compared = [name for name in _APART if name != "cell" or "family" not in each.sets]
        wanted = {name: getattr(_PLAIN, name) for name in compared} | dict(each.sets)
        if all(getattr(spec, name) == wanted[name] for name in compared):
            return code
    return spec.cell if spec.family == "recurrent" else spec.family
