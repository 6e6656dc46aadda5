"""What the templates of every language share: their intents, and how they are split."""

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rnnviz.messages import N_
from rnnviz.tasks.framework.kinds import Split
from rnnviz.text import Vocabulary

TITLES = {
    "time": N_("the time"),
    "future_time": N_("a later time"),
    "date": N_("the date"),
    "weather": N_("the weather"),
    "rain": N_("rain"),
    "temperature": N_("the temperature"),
    "sun": N_("sunrise or sunset"),
    "volume": N_("the volume"),
    "greeting": N_("a greeting"),
    "joke": N_("a joke"),
}
"""What a sentence is about: it asks for the time."""

HELD_OUT_SHARES: dict[Split, float] = {"validation": 0.15, "test": 0.15}

ENDINGS = ("", "", "?", "?", ".", "!")
"""The templates have no punctuation; visitors' texts do."""

X = TypeVar("X")


@dataclass(frozen=True, eq=False)
class Segment(Generic[X]):
    """A part of a template with its options: lists of tokens, or of their ids.

    `sizes`: how many fillers each slot of the segment has. There is an option for every way to fill
    them, the last slot changing first; without a slot there is one.
    """

    sizes: tuple[int, ...]
    options: tuple[list[X], ...]


Segments = tuple[Segment[X], ...]


@dataclass(frozen=True)
class TemplateSet:
    """The templates of one language.

    `templates(longest, split)`: those of each intent that never have more than `longest` tokens.
    `segments(template)`: its parts in order; `fill(segments, draw)`: the tokens of one option of
    each, as `draw` in [0, 1) decides. `example` asks for the time.
    """

    example: str
    vocabulary: Callable[[], Vocabulary]
    templates: Callable[[int, Split], tuple[tuple[Any, ...], ...]]
    segments: Callable[[Any], Segments[str]]
    fill: Callable[[Segments[Any], float], list[Any]]


def split_templates(
    by_intent: Mapping[str, Collection[str]], example: str
) -> dict[Split, dict[str, list[str]]]:
    """The templates of each split by intent; none is in two splits, and `example` in none."""
    order = random.Random(0)  # the split is a constant of the data set, not of an experiment
    by_split: dict[Split, dict[str, list[str]]] = {"train": {}, "validation": {}, "test": {}}
    for intent in TITLES:
        texts = sorted(set(by_intent[intent]) - {example})
        order.shuffle(texts)
        validation, test = (max(1, round(s * len(texts))) for s in HELD_OUT_SHARES.values())
        by_split["validation"][intent] = texts[:validation]
        by_split["test"][intent] = texts[validation : validation + test]
        by_split["train"][intent] = texts[validation + test :]
    return by_split


def pick(options: Sequence[X], draw: float) -> X:
    """The option at the share `draw` in [0, 1) of the list."""
    return options[int(draw * len(options))]
