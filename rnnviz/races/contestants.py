"""The contestants: kinds of models by code, each with its distinguishing fields and its tasks.

To add one, add its line to `CONTESTANTS`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from rnnviz.messages import N_
from rnnviz.model import ModelSpec
from rnnviz.names import CELL_NAMES, FIRST_CELLS
from rnnviz.tasks import Task

MAX_CONTESTANTS = 6
"""The most contestants in one race: so many lines can still be distinguished in a chart."""


def fits_any_task(task: Task) -> bool:
    """True: a recurrent network reads and answers everything."""
    return True


def has_one_answer(task: Task) -> bool:
    """Whether `task` has one answer to a whole sequence."""
    return task.kind in ("many-to-one", "forecast")


def allows_reading_ahead(task: Task) -> bool:
    """Whether a model may read the whole sequence before it answers."""
    return has_one_answer(task) or task.kind == "sequence-to-sequence" or task.allows_bidirectional


def has_source_sequence(task: Task) -> bool:
    """Whether a decoder has a source sequence to attend to."""
    return task.kind == "sequence-to-sequence"


@dataclass(frozen=True)
class Contestant:
    """A kind of model. `title` is a message to translate; `fields` distinguish it from others.

    `adjustable`: those fields whose value the visitor may choose; `fields` has their default.
    """

    title: str
    fields: Mapping[str, Any]
    fits: Callable[[Task], bool] = fits_any_task
    adjustable: tuple[str, ...] = ()

    def spec(self, base: ModelSpec) -> ModelSpec:
        """`base` as a model of this kind; adjustable fields of other kinds have their default."""
        chosen = {name: getattr(base, name) for name in self.adjustable if _is_set(base, name)}
        defaults = {name: getattr(_DEFAULT, name) for name in _ADJUSTABLE}
        return replace(base, **defaults | dict(self.fields) | chosen)

    def matches(self, spec: ModelSpec) -> bool:
        """Whether `spec` is a model of this kind."""
        # A network that is not recurrent has no cell.
        names = [name for name in _DISTINGUISHING if name != "cell" or "family" not in self.fields]
        fields = {name: getattr(_DEFAULT, name) for name in names} | dict(self.fields)
        return all(
            _is_set(spec, name) if name in self.adjustable else getattr(spec, name) == fields[name]
            for name in names
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
"""By their codes in settings and addresses, in the order of display."""

_DEFAULT = ModelSpec()
_DISTINGUISHING = tuple({name: None for each in CONTESTANTS.values() for name in each.fields})
_ADJUSTABLE = tuple({name: None for each in CONTESTANTS.values() for name in each.adjustable})


def _is_set(spec: ModelSpec, name: str) -> bool:
    """Whether the field `name` of `spec` differs from the default."""
    return bool(getattr(spec, name) != getattr(_DEFAULT, name))


def fitting_contestants(task: Task) -> dict[str, Contestant]:
    """The contestants that fit `task`, by code."""
    return {code: each for code, each in CONTESTANTS.items() if each.fits(task)}


def default_contestants(task: Task) -> list[str]:
    """The codes of the contestants that race on `task` by default.

    Among them is the model of the task's recipe.
    """
    recipe: dict[str, Any] = {
        name: task.recipe[name] for name in _DISTINGUISHING if name in task.recipe
    }
    if task.kind == "forecast":
        codes = ["gru", "dense", "convolution"]
    else:
        codes = [cell for cell in FIRST_CELLS if cell != "rnn" or not has_source_sequence(task)]
    best = contestant_code(ModelSpec(**recipe)) if recipe else codes[0]
    return codes if best in codes else [*codes, best]


def contestant_code(spec: ModelSpec) -> str:
    """The code of the contestant that `spec` is; its cell or family if it is none of them."""
    for code, each in CONTESTANTS.items():
        if each.matches(spec):
            return code
    return spec.cell if spec.family == "recurrent" else spec.family
