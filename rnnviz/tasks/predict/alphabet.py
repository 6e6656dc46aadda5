"""Which letter comes next in the alphabet?"""

from collections.abc import Mapping
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Annotated, ClassVar, Literal

import torch

from rnnviz.messages import N_
from rnnviz.settings import Choice
from rnnviz.tasks.framework.batches import Baseline, Batch, Example
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.predict.hello import MemorisedSequence, memoryless_baselines, repeated_sequence
from rnnviz.text import SPECIALS, Unit, Vocabulary

START = ascii_uppercase.index("F")

ORDERS = {
    "forwards": ascii_uppercase,
    "backwards": ascii_uppercase[::-1],
    "from_f": ascii_uppercase[START:] + ascii_uppercase[:START],
}
"""The 26 letters as they are read; starting at F, the A follows the Z."""


@dataclass(frozen=True)
class Alphabet(MemorisedSequence):
    """Read the alphabet letter by letter and say at each step which letter comes next.

    Forwards from A to Z, backwards from Z to A, or starting at F and going on with A after Z. Every
    letter has one successor only, so a table of successors is always right: the network needs no
    memory here, but 26 letters have to be told apart. It learns the one sequence by heart, so
    nothing is held out. Blind guessing is right one time in 26.
    """

    name: ClassVar[str] = "alphabet"
    title: ClassVar[str] = N_("The alphabet")
    kind: ClassVar[Kind] = "many-to-many"
    unit: ClassVar[Unit] = "character"
    family: ClassVar[str] = N_("Predict what comes next")
    recipe: ClassVar[Mapping[str, float | str]] = {
        "hidden": 32,
        "lr": 0.03,
        "batch": 1,
        "steps": 100,
    }

    order: Annotated[
        Literal["forwards", "backwards", "from_f"],
        Choice(
            {
                "forwards": N_("forwards"),
                "backwards": N_("backwards"),
                "from_f": N_("starting at F"),
            },
            label=N_("Order"),
            help=N_("In which order the letters are read."),
        ),
    ] = "forwards"

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(ascii_uppercase, fold=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(ascii_uppercase)

    @property
    def steps(self) -> int:
        return len(ascii_uppercase) - 1

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        return repeated_sequence(
            [ascii_uppercase.index(c) + len(SPECIALS) for c in ORDERS[self.order]], n
        )

    def example(self) -> Example:
        return Example(tuple(ORDERS[self.order][:-1]), self.batch(1, torch.Generator()))

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        return memoryless_baselines(ORDERS[self.order])
