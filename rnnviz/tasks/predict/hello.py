"""Which character comes next? The text "hello", or any other, learnt by heart."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Annotated, ClassVar

import torch

from rnnviz.messages import N_, Problem
from rnnviz.settings import Range
from rnnviz.tasks.framework.batches import Baseline, Batch, Example
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.memorised import Memorised
from rnnviz.text import SPECIALS, Unit, Vocabulary, tokenise

TOO_SHORT = N_("To predict the next character, the text needs at least two; {value} has one.")

MOST_FREQUENT = N_("always the most frequent character")
SUCCESSOR = N_("the most frequent successor of each character")


class MemorisedSequence(Memorised):
    """A task of one sequence: a batch for training repeats it, for judging it is there once."""

    def size(self, split: Split = "train") -> int | None:
        return None if split == "train" else 1

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        if split == "train":
            return super().select(indices, split)
        return self.batch(len(indices), torch.Generator(), split)


@dataclass(frozen=True)
class Hello(MemorisedSequence):
    """Read a text character by character and say at each step which comes next: h-e-l-l to e-l-l-o.

    The l of "hello" is followed once by l and once by o, so the input alone cannot tell: the hidden
    state has to remember. The vocabulary has the characters of this text and no others; it learns
    this one text by heart, so nothing is held out. With four different characters, blind guessing
    is right one time in four.
    """

    name: ClassVar[str] = "hello"
    title: ClassVar[str] = N_("Next character")
    kind: ClassVar[Kind] = "many-to-many"
    unit: ClassVar[Unit] = "character"
    family: ClassVar[str] = N_("Predict what comes next")
    recipe: ClassVar[Mapping[str, float | str]] = {
        "hidden": 16,
        "lr": 0.02,
        "batch": 1,
        "steps": 500,
    }

    text: str = "hello"
    repeats: Annotated[
        int,
        Range(
            1,
            20,
            label=N_("Repetitions"),
            help=N_("How often the text is read in a row: the length of the sequence."),
        ),
    ] = 1

    def __post_init__(self) -> None:
        super().__post_init__()
        if len(self._characters) < 2 * self.repeats:
            raise Problem(TOO_SHORT, value=self.text)

    @cached_property
    def _characters(self) -> tuple[str, ...]:
        return tokenise(self.text, "character").tokens * self.repeats

    @cached_property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(self._characters, fold=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return self.vocabulary.tokens[len(SPECIALS) :]

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        return repeated_sequence(self.vocabulary.encode(self._characters), n)

    def example(self) -> Example:
        return Example(self._characters[:-1], self.batch(1, torch.Generator()))

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        return memoryless_baselines(self._characters)


def repeated_sequence(ids: Sequence[int], n: int) -> Batch:
    """`n` times the one sequence: at each step the id that is read and the label of the next.

    Labels are the ids without the special tokens, which nobody ever has to predict.
    """
    row = torch.tensor(ids)
    T = len(row) - 1
    targets = (row[1:] - len(SPECIALS)).expand(n, T)
    lengths, mask = torch.full((n,), T), torch.ones(n, T, dtype=torch.bool)
    return Batch(row[:-1].expand(n, T), lengths, targets, mask)


def memoryless_baselines(tokens: Sequence[str]) -> tuple[Baseline, ...]:
    """How often a text's next token is right when nothing, or only the last token, is known."""
    targets = Counter(tokens[1:])
    successors: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for token, following in pairwise(tokens):
        successors[token][following] += 1
    most_frequent = max(targets.values())
    by_successor = sum(max(counts.values()) for counts in successors.values())
    T = len(tokens) - 1
    return Baseline(MOST_FREQUENT, most_frequent / T), Baseline(SUCCESSOR, by_successor / T)
