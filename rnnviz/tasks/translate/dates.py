"""Which day is meant? Dates as people write them, to be written as ISO 8601 does."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Annotated, ClassVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.settings import Choice
from rnnviz.tasks.framework.batches import Baseline, Batch, Example
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.translate.date_forms import ENGLISH, KOREAN, Form
from rnnviz.text import SPECIALS, Unit, Vocabulary

COPY = N_("copy the figures in their order")

FIRST, LAST = date(1900, 1, 1), date(2100, 12, 31)
DAYS = (LAST - FIRST).days + 1
EXAMPLE = date(2026, 11, 21)

LABELS = ("<eos>", *"0123456789-")
FILL = "\0"
"""What stands behind a text, and an answer: its number is 0, as that of the padding and the end."""
FORMS: dict[str, tuple[Form, ...]] = {"en": ENGLISH, "ko": KOREAN, "both": ENGLISH + KOREAN}


@dataclass(frozen=True)
class Dates(Task):
    """Read a date in one of the ways people write it and write it as 2026-11-21, year, month, day.

    "Saturday, November 21, 2026", "the twenty-first of November, 2026", "2026년 11월 21일",
    "이천이십육년 십일월 이십일일": the parts come in any order, in figures or in words, and the
    first thing to write is often the last one read. The examples are made by a seeded generator
    from the days of the years 1900 to 2100; the days that are measured never occur in training.
    Only a date without any mistake is right, so blind guessing is right once in 73,414.
    """

    name: ClassVar[str] = "dates"
    title: ClassVar[str] = N_("Dates")
    kind: ClassVar[Kind] = "sequence-to-sequence"
    unit: ClassVar[Unit] = "character"
    family: ClassVar[str] = N_("Sequence to sequence")
    metric_name: ClassVar[str] = N_("exact match")
    splits_apart: ClassVar[bool] = True
    synthetic: ClassVar[bool] = True
    recipe: ClassVar[Mapping[str, float | str]] = {
        "cell": "lstm",
        "attention": True,
        "hidden": 64,
        "embedding": "learned",
        "embedding_size": 16,
        "lr": 0.005,
        "clip": 1.0,
        "batch": 32,
        "steps": 600,
    }

    language: Annotated[
        str,
        Choice(
            {"en": N_("English"), "ko": N_("Korean"), "both": N_("English and Korean")},
            label=N_("Dates written in"),
            help=N_("Each language has forms and words of its own; both together are harder."),
        ),
    ] = "en"

    @property
    def vocabulary(self) -> Vocabulary:
        return _vocabulary(self.language)

    @property
    def labels(self) -> tuple[str, ...]:
        return LABELS

    @property
    def chance(self) -> float:
        return 1 / DAYS

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        days, forms = _days()[split], FORMS[self.language]
        indices = torch.randint(len(days), (n,), generator=generator).tolist()
        styles = torch.randint(len(forms), (n,), generator=generator).tolist()
        return self._stacked([days[i] for i in indices], [forms[i] for i in styles])

    def _stacked(self, days: list[date], forms: list[Form]) -> Batch:
        written = [form(day) for form, day in zip(forms, days, strict=True)]
        lengths = torch.tensor([len(text) for text in written])
        inputs = _encode(written, _ids(self.language))
        targets = _encode([day.isoformat() + FILL for day in days], _LABEL_OF)
        return Batch(inputs, lengths, targets, torch.ones_like(targets, dtype=torch.bool))

    def example(self) -> Example:
        form = FORMS[self.language][1]
        return Example(tuple(form(EXAMPLE)), self._stacked([EXAMPLE], [form]))

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        batch = self.evaluation_batch(split)
        rows = zip(batch.inputs.tolist(), batch.lengths.tolist(), strict=True)
        texts = ["".join(self.vocabulary.decode(ids[:length])) for ids, length in rows]
        targets = [self.answer_text(batch.targets, row, batch) for row in range(len(batch))]
        correct = [copied_digits(text) == iso for text, iso in zip(texts, targets, strict=True)]
        return (Baseline.from_correct(COPY, correct),)


def copied_digits(text: str) -> str:
    """The figures of `text` in their order, with a hyphen between them."""
    return "-".join(number.zfill(2) for number in re.findall(r"\d+", text))


def _encode(texts: Sequence[str], numbers: NDArray[np.int64]) -> Tensor:
    """All `texts` at once, filled up at the end; `numbers`: of a character by its code."""
    T = max(map(len, texts))
    codes = "".join([text.ljust(T, FILL) for text in texts]).encode("utf-32-le")
    return torch.from_numpy(numbers[np.frombuffer(codes, dtype="<u4")]).view(len(texts), T)


def _by_code(characters: Sequence[str], first: int) -> NDArray[np.int64]:
    """The number of each of `characters`, from `first` on, by its code; 0 for all others."""
    codes = [ord(character) for character in characters]
    numbers = np.zeros(max(codes) + 1, dtype=np.int64)
    numbers[codes] = np.arange(first, first + len(codes))
    return numbers


@cache
def _ids(language: str) -> NDArray[np.int64]:
    return _by_code(_vocabulary(language).tokens[len(SPECIALS) :], len(SPECIALS))


_LABEL_OF = _by_code(LABELS[1:], 1)


@cache
def _days() -> dict[Split, tuple[date, ...]]:
    """The days of each split: one in ten for validation and one in ten for the test."""
    order = list(range(DAYS))
    random.Random(0).shuffle(order)
    days, tenth = tuple(FIRST + timedelta(days=number) for number in order), DAYS // 10
    return {
        "validation": days[:tenth],
        "test": days[tenth : 2 * tenth],
        "train": days[2 * tenth :],
    }


@cache
def _vocabulary(language: str) -> Vocabulary:
    """Every character of any form: the days of a leap year and all years are enough."""
    days = [date(2000, 1, 1) + timedelta(days=number) for number in range(366)]
    days += [date(year, 1, 1) for year in range(FIRST.year, LAST.year + 1)]
    characters = {character for form in FORMS[language] for day in days for character in form(day)}
    return Vocabulary.of(sorted(characters), fold=False)
