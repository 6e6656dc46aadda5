"""What does this sentence ask for? Ten intents of a voice assistant."""

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, TypeVar

import torch

from rnnviz.data import utterances
from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.tasks.base import Kind, Split, Task
from rnnviz.tasks.batches import Batch, Example, stack
from rnnviz.text import UNK, Unit, Vocabulary, words


def _list(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(","))


# Our own fillers for the slots of the templates.
SLOTS: dict[str, tuple[str, ...]] = {
    "{location}": _list(
        """
        amsterdam, athens, bangkok, beijing, berlin, boston, busan, cairo, chicago, delhi,
        dublin, geneva, hong kong, istanbul, jakarta, lagos, lima, lisbon, london, madrid,
        manila, melbourne, mexico city, mumbai, nairobi, new york, oslo, paris, prague,
        rome, san francisco, seoul, singapore, stockholm, sydney, taipei, tokyo, toronto,
        vienna, warsaw
        """
    ),
    "{offset}": _list(
        """
        one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve,
        fifteen, twenty, twenty five, thirty, forty, fifty, 1, 2, 3, 5, 10, 15, 20, 30,
        45, 60, 90, 100
        """
    ),
    "{query}": _list(
        """
        animals, birds, books, cats, chickens, computers, cows, dogs, doctors, fish,
        football, food, lawyers, math, movies, music, penguins, programmers, robots,
        school, science, space, teachers, trains, work
        """
    ),
}

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

EXAMPLE = "What time is it?"
# The example that the pages show must be known well: it is never held out, and in training it
# stands for a tenth of the questions for the time (the file has it once in 334).
EXAMPLE_TEMPLATE = "what time is it"
EXAMPLE_SHARE = 0.1

MERGED = {"how_are_you": "greeting"}  # four templates are too few to split in three

SHARES = {"validation": 0.15, "test": 0.15}
UNKNOWN_RATE = 0.02  # so that UNK has been met in training, in sentences that stay clear without
UNKNOWN_FROM = 4  # tokens
ENDINGS = ("", "", "?", "?", ".", "!")  # the templates have no punctuation; visitors' texts do

Template = tuple[str, ...]
X = TypeVar("X")


@cache
def templates() -> dict[Split, dict[str, tuple[Template, ...]]]:
    """The tokenised templates of each split by intent; no template is in two splits."""
    by_intent = defaultdict(set)
    for utterance in utterances():
        by_intent[MERGED.get(utterance.intent, utterance.intent)].add(utterance.text)
    order = random.Random(0)  # the split is a constant of the data set, not of an experiment
    found: dict[Split, dict[str, tuple[Template, ...]]] = {
        "train": {},
        "validation": {},
        "test": {},
    }
    for intent in TITLES:
        texts = sorted(by_intent[intent] - {EXAMPLE_TEMPLATE})
        order.shuffle(texts)
        held_out = {split: max(1, round(share * len(texts))) for split, share in SHARES.items()}
        cut, end = held_out["validation"], sum(held_out.values())
        train = texts[end:]
        if intent == "time":
            train += [EXAMPLE_TEMPLATE] * round(len(train) * EXAMPLE_SHARE / (1 - EXAMPLE_SHARE))
        found["validation"][intent] = tuple(map(_parse, texts[:cut]))
        found["test"][intent] = tuple(map(_parse, texts[cut:end]))
        found["train"][intent] = tuple(map(_parse, train))
    return found


def _parse(text: str) -> Template:
    """Words of a template; a slot stays one token."""
    pieces = re.split(r"(\{\w+\})", text)
    return tuple(w for piece in pieces for w in ([piece] if piece in SLOTS else words(piece)))


@cache
def templates_up_to(longest: int, split: Split) -> tuple[tuple[Template, ...], ...]:
    """The templates of each intent that never have more than `longest` tokens, however filled."""
    return tuple(
        tuple(template for template in group if _most_tokens(template) <= longest)
        for group in templates()[split].values()
    )


def _most_tokens(template: Template) -> int:
    ending = 1
    return ending + sum(
        max(len(words(filler)) for filler in SLOTS[word]) if word in SLOTS else 1
        for word in template
    )


@cache
def vocabulary() -> Vocabulary:
    """Every word of the training templates, of the slots' fillers, and the punctuation."""
    known = [mark for mark in dict.fromkeys(ENDINGS) if mark]
    for group in templates()["train"].values():
        known += [word for template in group for word in template if word not in SLOTS]
    known += [word for fillers in SLOTS.values() for filler in fillers for word in words(filler)]
    return Vocabulary.of(known)


@dataclass(frozen=True)
class Intents(Task):
    """Read a request to a voice assistant word by word and say what it asks for.

    The requests are templates of Open Voice OS (Apache-2.0) with places, numbers and topics filled
    in by a seeded generator. They are split by template: what is measured was never seen in
    training. Each intent is drawn equally often, so blind guessing is right once in ten.
    """

    name: ClassVar[str] = "intents"
    title: ClassVar[str] = N_("Intents")
    kind: ClassVar[Kind] = "many-to-one"
    unit: ClassVar[Unit] = "word"

    # Every intent has a template of 8 tokens in every split, and none has more than 15.
    longest: Annotated[
        int,
        Range(
            8,
            15,
            label=N_("Longest sentence"),
            unit=N_("words"),
            help=N_("Longer requests are left out, in training and in what is measured."),
        ),
    ] = 15

    @property
    def vocabulary(self) -> Vocabulary:
        return vocabulary()

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(TITLES)

    @property
    def label_titles(self) -> dict[str, str]:
        return TITLES

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        known, groups = self.vocabulary, templates_up_to(self.longest, split)
        draws = torch.rand(n, 5, generator=generator, dtype=torch.float64).tolist()
        sequences, targets = [], []
        for which, template, ending, filler, unknown in draws:
            target = int(which * len(groups))
            tokens = [*_fill(_pick(groups[target], template), filler), _pick(ENDINGS, ending)]
            ids = known.encode([token for token in tokens if token])
            # `unknown` chooses whether a word is lost (its size) and which (its place in the rate).
            losable = len(ids) if split == "train" and len(ids) >= UNKNOWN_FROM else 0
            if unknown < UNKNOWN_RATE * losable:
                ids[int(unknown / UNKNOWN_RATE)] = UNK
            sequences.append(ids)
            targets.append(target)
        return stack(sequences, targets)

    def example(self) -> Example:
        tokens, ids = self.encode(EXAMPLE)
        return Example(tuple(tokens), stack([ids], [self.labels.index("time")]))


def _pick(options: Sequence[X], draw: float) -> X:
    """The option at the share `draw` in [0, 1) of the list."""
    return options[int(draw * len(options))]


def _fill(template: Template, draw: float) -> list[str]:
    """The words of a template with its slots filled."""
    tokens = []
    for word in template:
        tokens += words(_pick(SLOTS[word], draw)) if word in SLOTS else [word]
    return tokens
