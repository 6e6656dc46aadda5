"""How long can you keep one symbol in mind?"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch
from torch import Tensor

from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.tasks.framework.batches import Batch, Example, last_step_mask
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.text import SPECIALS, Unit, Vocabulary

RECALLED = N_("{cells} remembered the symbol over {lag} {lag:step|steps}.")
RECALLED_PARTLY = N_(
    "{cells} knew the symbol after {lag} {lag:step|steps} more often than by guessing, but not "
    "nearly always."
)
FORGOT = N_("{cells} hardly remembered the symbol over {lag} {lag:step|steps}.")
NAMED = N_("{cells} named the symbol, but did not have to keep it.")
NAMED_PARTLY = N_(
    "{cells} named the symbol more often than by guessing, but not nearly always, although they "
    "did not have to keep it."
)
NOT_NAMED = N_("{cells} hardly ever named the symbol, although they did not have to keep it.")

SYMBOLS = tuple("ABCDEFGHIJ")
DISTRACTORS = tuple("wxyz")


@dataclass(frozen=True)
class DelayedRecall(Task):
    """Random distractors follow one symbol; after the last step, say which it was.

    In training some also come before it, so that there are easy and hard cases to learn from.
    What is measured is the hardest case only: the symbol comes first and must be kept over the
    whole lag. With four symbols, blind guessing is right one time in four.
    """

    name: ClassVar[str] = "delayed_recall"
    title: ClassVar[str] = N_("Delayed recall")
    kind: ClassVar[Kind] = "many-to-one"
    unit: ClassVar[Unit] = "character"
    family: ClassVar[str] = N_("Memory")
    synthetic: ClassVar[bool] = True
    verdicts: ClassVar[tuple[str, str, str]] = (RECALLED, RECALLED_PARTLY, FORGOT)
    memoryless_verdicts: ClassVar[tuple[str, str, str]] = (NAMED, NAMED_PARTLY, NOT_NAMED)

    lag: Annotated[
        int,
        Range(
            1,
            199,
            label=N_("Lag"),
            unit=N_("{count} {count:step|steps}"),
            help=N_("How many distractors follow the symbol that must be kept."),
        ),
    ] = 20
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
        return Vocabulary.of(self.labels + DISTRACTORS, fold=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return SYMBOLS[: self.symbols]

    @property
    def steps(self) -> None:
        """None, although all are equally long: dense networks here know what was read, not when.

        With weights for each step they would have to read the first one only.
        """
        return None

    @property
    def lags(self) -> tuple[int, ...]:
        """Up to 21 of them, from 0 to the lag that is asked for."""
        steps = min(self.lag, 20)
        return tuple(round(step * self.lag / steps) for step in range(steps + 1))

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        if split == "train":
            lags = torch.randint(0, self.lag + 1, (n,), generator=generator)
        else:
            lags = torch.full((n,), self.lag)
        return self.batch_with_lags(lags, generator)

    def batch_with_lags(self, lags: Tensor, generator: torch.Generator) -> Batch:
        """One sequence of `lag` + 1 steps for each of `lags` (B,): that many follow its symbol."""
        B, T = len(lags), self.lag + 1
        targets = torch.randint(self.symbols, (B,), generator=generator)
        first_distractor = len(SPECIALS) + self.symbols
        inputs = torch.randint(len(DISTRACTORS), (B, T), generator=generator) + first_distractor
        inputs[torch.arange(B), T - 1 - lags] = targets + len(SPECIALS)
        lengths = torch.full((B,), T)
        return Batch(inputs, lengths, targets, last_step_mask(lengths, T))

    def example(self) -> Example:
        batch = self.batch(1, torch.Generator().manual_seed(0), "test")
        return Example(tuple(self.vocabulary.decode(batch.inputs[0].tolist())), batch)
