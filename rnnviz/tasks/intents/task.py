"""The task of intents: sentences are made from templates as they are drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor

from rnnviz.data import DATASETS, DataSet
from rnnviz.messages import N_
from rnnviz.settings import Choice, Range
from rnnviz.tasks.framework.baselines import (
    BAG_OF_WORDS,
    MAJORITY,
    Bags,
    BaselineLogits,
    LinearClassifier,
    logistic_regression,
    majority_logits,
)
from rnnviz.tasks.framework.batches import Batch, Example, stack
from rnnviz.tasks.framework.classification import Classification
from rnnviz.tasks.framework.examples import evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.intents.common import ENDINGS, TITLES, Segment, Segments, TemplateSet, pick
from rnnviz.tasks.intents.english import ENGLISH
from rnnviz.tasks.intents.korean import KOREAN
from rnnviz.text import UNK, Unit, Vocabulary

TEMPLATES: Mapping[str, TemplateSet] = {"en": ENGLISH, "ko": KOREAN}

KOREAN_FILES = ("intents_ko", "intent_slots_ko")

UNKNOWN_RATE = 0.02  # so that UNK occurs in training, in sentences that stay clear without the word
UNKNOWN_FROM = 4  # tokens

TRAINING_SIZE, HELD_OUT_SIZE = 6000, 1000
"""How many sentences the baselines are fitted on, and on how many they are evaluated."""

STREAMS: dict[Split, int] = {"validation": 2, "test": 6}
"""The streams of the generators that draw the latter."""


@dataclass(frozen=True)
class Intents(Classification):
    """Read a request to a voice assistant word by word and say what it asks for; the requests are
    templates in which a seeded generator fills in places, numbers and topics.

    The English templates are those of Open Voice OS (Apache-2.0); the Korean ones are our own, with
    particles and endings from casual to formal, so that the Korean requests are synthetic
    altogether. They are split by template: what is measured was never seen in training. Each intent
    is drawn equally often, so blind guessing is right once in ten.
    """

    name: ClassVar[str] = "intents"
    title: ClassVar[str] = N_("Intents")
    kind: ClassVar[Kind] = "many-to-one"
    unit: ClassVar[Unit] = "word"
    splits_apart: ClassVar[bool] = True

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
    language: Annotated[
        Literal["en", "ko"],
        Choice(
            {"en": N_("English"), "ko": N_("Korean")},
            label=N_("Language of the sentences"),
            help=N_("The Korean sentences are synthetic: a seeded generator makes them."),
        ),
    ] = "en"

    @property
    def synthetic(self) -> bool:  # type: ignore[override]
        """The English templates are a data set."""
        return self.language == "ko"

    @property
    def vocabulary(self) -> Vocabulary:
        return TEMPLATES[self.language].vocabulary()

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(TITLES)

    @property
    def label_titles(self) -> Mapping[str, str]:
        return TITLES

    @property
    def data(self) -> tuple[DataSet, ...]:
        return (DATASETS["intents"],) if self.language == "en" else ()

    @property
    def data_files(self) -> tuple[DataSet, ...]:
        names = ("intents", "intent_slots") if self.language == "en" else KOREAN_FILES
        return tuple(DATASETS[name] for name in names)

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        fill = TEMPLATES[self.language].fill
        groups, endings = _encode_templates(self.language, self.longest, split)
        draws = torch.rand(n, 5, generator=generator, dtype=torch.float64).tolist()
        sequences, targets = [], []
        for intent, template, ending, filler, unknown in draws:
            target = int(intent * len(groups))
            ids = fill(pick(groups[target], template), filler) + pick(endings, ending)
            # `unknown` decides whether a word becomes UNK (its size) and which (its share of the
            # rate).
            candidates = len(ids) if split == "train" and len(ids) >= UNKNOWN_FROM else 0
            if unknown < UNKNOWN_RATE * candidates:
                ids[int(unknown / UNKNOWN_RATE)] = UNK
            sequences.append(ids)
            targets.append(target)
        return stack(sequences, targets)

    def example(self) -> Example:
        tokens, ids = self.encode(TEMPLATES[self.language].example)
        return Example(tuple(tokens), stack([ids], [self.labels.index("time")]))

    def held_out_batch(self, split: Split = "validation") -> Batch:
        return self.batch(HELD_OUT_SIZE, evaluation_generator(STREAMS[split]), split)

    def baseline_logits(self, split: Split = "validation") -> tuple[BaselineLogits, ...]:
        targets, classifier = _classifier(self)
        batch = self.held_out_batch(split)
        return (
            BaselineLogits(MAJORITY, majority_logits(targets, len(TITLES), len(batch))),
            BaselineLogits(BAG_OF_WORDS, classifier(Bags.from_batch(batch))),
        )


@cache
def _encode_templates(
    language: str, longest: int, split: Split
) -> tuple[tuple[tuple[Segments[int], ...], ...], tuple[list[int], ...]]:
    """The templates of each intent, and the endings, with ids for tokens."""
    source = TEMPLATES[language]
    encode = source.vocabulary().encode
    groups = tuple(
        tuple(
            tuple(
                Segment(segment.sizes, tuple(map(encode, segment.options)))
                for segment in source.segments(template)
            )
            for template in group
        )
        for group in source.templates(longest, split)
    )
    return groups, tuple(encode([mark] if mark else []) for mark in ENDINGS)


@cache
def _classifier(task: Intents) -> tuple[Tensor, LinearClassifier]:
    """The targets of the training sentences, and what was fitted on them."""
    train = task.batch(TRAINING_SIZE, torch.Generator().manual_seed(0))
    V, F = len(TITLES), len(task.vocabulary)
    return train.targets, logistic_regression(Bags.from_batch(train), train.targets, F, V)
