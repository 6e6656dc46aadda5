"""Which character comes next? The text "hello", or any other, learnt by heart."""

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar

import torch

from rnnviz.messages import N_, Problem
from rnnviz.settings import Range
from rnnviz.tasks.base import Kind, Split, Task
from rnnviz.tasks.batches import Batch, Example
from rnnviz.text import SPECIALS, Unit, Vocabulary, tokenise

TOO_SHORT = N_("To predict the next character, the text needs at least two; {value} has one.")


@dataclass(frozen=True)
class Hello(Task):
    """Read a text character by character and say at each step which comes next: h-e-l-l to e-l-l-o.

    The l of "hello" is followed once by l and once by o, so the input alone cannot tell: the hidden
    state has to remember. The model knows the characters of its text and no others; it learns this
    one text by heart, so nothing is held out. With four different characters, blind guessing is
    right one time in four.
    """

    name: ClassVar[str] = "hello"
    title: ClassVar[str] = N_("Next character")
    kind: ClassVar[Kind] = "many-to-many"
    unit: ClassVar[Unit] = "character"

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
        ids = torch.tensor(self.vocabulary.encode(self._characters))
        T = len(ids) - 1
        # The answers leave out the special tokens, which nobody ever has to predict.
        targets = (ids[1:] - len(SPECIALS)).expand(n, T)
        lengths, mask = torch.full((n,), T), torch.ones(n, T, dtype=torch.bool)
        return Batch(ids[:-1].expand(n, T), lengths, targets, mask)

    def example(self) -> Example:
        return Example(self._characters[:-1], self.batch(1, torch.Generator()))
