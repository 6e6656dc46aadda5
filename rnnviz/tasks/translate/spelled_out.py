"""How is it written? A class goes in, its name comes out letter by letter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Annotated, ClassVar

from rnnviz.messages import N_
from rnnviz.settings import Choice
from rnnviz.tasks.framework.batches import Batch, Example
from rnnviz.tasks.framework.datasets import SequencePairs
from rnnviz.tasks.framework.examples import N_QUESTIONS
from rnnviz.tasks.framework.kinds import END_LABEL, Kind, Split
from rnnviz.tasks.framework.memorised import Memorised
from rnnviz.tasks.translate.date_forms import MONTHS, MONTHS_KO, WEEKDAYS, WEEKDAYS_KO
from rnnviz.tasks.translate.numerals import cardinal, ordinal, sino_korean
from rnnviz.text import Unit, Vocabulary

YEAR = tuple(date(2000, 1, 1) + timedelta(days=number) for number in range(366))


@dataclass(frozen=True)
class SpelledOut(Memorised):
    """Read one number and spell out what it stands for, letter by letter: 11 to "November".

    The whole name has to fit into the one vector with which the spelling begins; while it unrolls,
    the hidden state has to know what is being spelled and how far it has come. There are only so
    many classes, 7 days of the week, 12 months, 100 numbers or 366 days of the year (1121 is
    November twenty-first), and all of them are learned by heart: nothing is held out. Numbers and
    days of the year have parts that recur, so some could be spelled without having been seen; that
    is not tried here, where every class is trained. Always giving the same answer is right once in
    as many.
    """

    name: ClassVar[str] = "spelled_out"
    title: ClassVar[str] = N_("Spelled out")
    kind: ClassVar[Kind] = "one-to-many"
    unit: ClassVar[Unit] = "word"
    family: ClassVar[str] = N_("One to many")
    metric_name: ClassVar[str] = N_("exact match")
    synthetic: ClassVar[bool] = True
    recipe: ClassVar[Mapping[str, float | str]] = {
        "cell": "lstm",
        "hidden": 64,
        "embedding": "learned",
        "embedding_size": 16,
        "lr": 0.01,
        "clip": 1.0,
        "batch": 32,
        "steps": 500,
    }

    what: Annotated[
        str,
        Choice(
            {
                "weekdays": N_("days of the week"),
                "months": N_("months"),
                "numbers": N_("numbers up to 99"),
                "dates": N_("days of the year"),
            },
            label=N_("What is spelled"),
            help=N_("The more of them there are, the more has to be learned by heart."),
        ),
    ] = "months"
    language: Annotated[
        str,
        Choice(
            {"en": N_("English"), "ko": N_("Korean")},
            label=N_("Spelled in"),
            help=N_("Korean numbers are the Sino-Korean ones."),
        ),
    ] = "en"

    @cached_property
    def names(self) -> dict[str, str]:
        """Each class and how it is spelled."""
        korean = self.language == "ko"
        match self.what:
            case "weekdays":
                return _by_number(WEEKDAYS_KO if korean else WEEKDAYS)
            case "months":
                return _by_number(MONTHS_KO if korean else MONTHS)
            case "numbers":
                return {str(n): sino_korean(n) if korean else cardinal(n) for n in range(100)}
        return {f"{day:%m%d}": _korean(day) if korean else _english(day) for day in YEAR}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self.names)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        return ("<eos>", *sorted(set("".join(self.names.values()))))

    @cached_property
    def _examples(self) -> SequencePairs:
        numbers = {letter: label for label, letter in enumerate(self.labels)}
        return SequencePairs.of(
            [
                (
                    self.vocabulary.encode([token]),
                    [*(numbers[letter] for letter in name), END_LABEL],
                )
                for token, name in self.names.items()
            ]
        )

    @property
    def steps(self) -> int:
        return 1

    @property
    def chance(self) -> float:
        return 1 / len(self.names)

    def join_labels(self, labels: Sequence[str]) -> str:
        return "".join(labels)

    def size(self, split: Split = "train") -> int:
        return len(self.names)

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        return self._examples.select(indices)

    def example(self) -> Example:
        last = self.size() - 2
        return Example((list(self.names)[last],), self.select([last]))

    def questions(self) -> Batch:
        return self.select([place * self.size() // N_QUESTIONS for place in range(N_QUESTIONS)])


def _by_number(names: Sequence[str]) -> dict[str, str]:
    return {str(number): name for number, name in enumerate(names, start=1)}


def _english(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {ordinal(day.day)}"


def _korean(day: date) -> str:
    return f"{MONTHS_KO[day.month - 1]} {sino_korean(day.day)}일"
