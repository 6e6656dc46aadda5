"""Read some symbols, wait, and repeat them in their order."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.tasks.framework.batches import Answer, Batch, Example
from rnnviz.tasks.framework.examples import evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.memory.run_lengths import compress_runs
from rnnviz.text import SPECIALS, Unit, Vocabulary

SYMBOLS = tuple("ABCDEFGHIJ")
BLANK, SIGNAL = "·", "?"

COPIED = N_(
    "{cells} repeated nearly all of {length} {length:symbol|symbols} after {delay} "
    "{delay:blank|blanks}."
)
COPIED_PARTLY = N_(
    "{cells} repeated only some of {length} {length:symbol|symbols} after {delay} "
    "{delay:blank|blanks}."
)
NOT_COPIED = N_(
    "{cells} hardly did more than guess the {length} {length:symbol|symbols} after {delay} "
    "{delay:blank|blanks}."
)


@dataclass(frozen=True)
class Copying(Task):
    """Read some symbols, then only blanks; at the signal, repeat the symbols in their order.

    All of them have to be in the state at once (after Hochreiter and Schmidhuber 1997, as posed by
    Arjovsky et al. 2016). Only the repeated symbols are judged: with eight, blind guessing is right
    one time in eight, and a network without a memory has a loss of ln 8 = 2.08. In the paper, which
    judges the blanks as well, this loss is spread over the whole sequence: 10 ln 8 / (T + 20).
    """

    name: ClassVar[str] = "copy"
    title: ClassVar[str] = N_("Copy")
    kind: ClassVar[Kind] = "many-to-many"
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 32, "lr": 0.01, "steps": 800}
    unit: ClassVar[Unit] = "character"
    verdicts: ClassVar[tuple[str, str, str]] = (COPIED, COPIED_PARTLY, NOT_COPIED)
    synthetic: ClassVar[bool] = True
    family: ClassVar[str] = N_("Memory")

    length: Annotated[
        int,
        Range(
            1,
            20,
            label=N_("Symbols in a row"),
            help=N_("How many symbols must be kept and repeated."),
        ),
    ] = 3
    delay: Annotated[
        int,
        Range(
            1,
            200,
            label=N_("Delay"),
            unit=N_("{count} {count:step|steps}"),
            help=N_("How long after the last symbol the signal to repeat comes."),
        ),
    ] = 10
    symbols: Annotated[
        int,
        Range(
            2,
            len(SYMBOLS),
            label=N_("Symbols"),
            help=N_("How many different symbols there are to remember."),
        ),
    ] = 4

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of((*self.labels, BLANK, SIGNAL), fold=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return SYMBOLS[: self.symbols]

    @property
    def steps(self) -> int:
        return 2 * self.length + self.delay

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        T, U = self.steps, self.length
        symbols = torch.randint(self.symbols, (n, U), generator=generator)
        blank, signal = self.vocabulary.encode((BLANK, SIGNAL))
        inputs = torch.full((n, T), blank)
        inputs[:, :U] = symbols + len(SPECIALS)
        inputs[:, T - U - 1] = signal
        targets = torch.zeros(n, T, dtype=torch.int64)
        targets[:, T - U :] = symbols
        mask = (torch.arange(T) >= T - U).expand(n, T)
        return Batch(inputs, torch.full((n,), T), targets, mask)

    def example(self) -> Example:
        batch = self.batch(1, evaluation_generator(3), "validation")
        return Example(tuple(self.vocabulary.decode(batch.inputs[0].tolist())), batch)

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        return [
            replace(each, question=compress_runs(each.question, BLANK))
            for each in super().answers(output, batch)
        ]
