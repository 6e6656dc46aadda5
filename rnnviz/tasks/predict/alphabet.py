"""Which letter comes next in the alphabet? Learned in one order, and asked in this or another."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from string import ascii_uppercase
from typing import Annotated, Any, ClassVar, Literal

import torch
from torch import Tensor

from rnnviz.messages import N_, Message
from rnnviz.settings import Choice
from rnnviz.tasks.framework.batches import Answer, Baseline, Batch, Example
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.predict.hello import (
    SUCCESSOR,
    MemorisedSequence,
    memoryless_baselines,
    repeated_sequence,
)
from rnnviz.text import SPECIALS, Unit, Vocabulary

START = ascii_uppercase.index("F")

ORDERS = {
    "forwards": ascii_uppercase,
    "backwards": ascii_uppercase[::-1],
    "from_f": ascii_uppercase[START:] + ascii_uppercase[:START],
}
"""The 26 letters as they are learned; starting at F, the A follows the Z."""

CAN_SAY = N_("{cells}, trained on {lesson}, can say {question} as well.")
CAN_SAY_PARTLY = N_("{cells}, trained on {lesson}, can say only a part of {question}.")
CANNOT_SAY = N_("{cells}, trained on {lesson}, cannot say {question}.")

WHICH_PRECEDES = N_(
    "{cell} says {right} of {count} letters of {question}, but {known} of {total} of {lesson}: it "
    "has learned which letter follows each, and was never asked which one precedes it."
)
WHICH_FOLLOWS = N_(
    "{cell} says {right} of {count} letters of {question} and {known} of {total} of {lesson}: each "
    "letter calls for the next, wherever it starts."
)
NEVER_PRACTISED = N_(
    "Training from {lesson} shows which letter follows each, and never which one precedes it: more "
    "of it does not help."
)
RIGHT_LETTERS = N_(
    "{cell} says {right} of {count} letters of {question} and {known} of {total} of {lesson}."
)

MOST = 0.9
"""The least share of letters of which a cell is said to know a sequence."""


@dataclass(frozen=True)
class Alphabet(MemorisedSequence):
    """Read the alphabet letter by letter and say at each step which letter comes next.

    What is learned and what is asked are two things: whoever has learned the alphabet from A to Z
    cannot say it backwards, which was never practised, but can go on from F. Training repeats the
    order that is learned; metric, answers and curve of the validation are about the order that is
    asked. Asked as learned, they are about the training example itself, learned by heart.

    Every letter has one successor only, so a table of successors is always right on what was
    learned: the network needs no memory here, but 26 letters have to be told apart. Blind guessing
    is right one time in 26.
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
                "forwards": N_("A to Z"),
                "backwards": N_("Z to A"),
                "from_f": N_("F to Z, then A to E"),
            },
            label=N_("Learned"),
            help=N_("The order in which the letters are read in training."),
        ),
    ] = "forwards"
    asked: Annotated[
        Literal["as_learned", "forwards", "backwards", "from_f"],
        Choice(
            {
                "as_learned": N_("as learned"),
                "forwards": N_("A to Z"),
                "backwards": N_("Z to A"),
                "from_f": N_("F to Z"),
            },
            label=N_("Asked"),
            help=N_(
                "The order in which the letters are read when the model is measured. Any order but "
                "the one learned is new to the model."
            ),
        ),
    ] = "as_learned"

    @property
    def lesson(self) -> str:
        """The letters as they are learned."""
        return ORDERS[self.order]

    @property
    def question(self) -> str:
        """The letters as they are asked."""
        if self.asked in ("as_learned", self.order):
            return self.lesson
        return ORDERS[self.asked][: len(ascii_uppercase) - START * (self.asked == "from_f")]

    @property
    def memorised(self) -> bool:  # type: ignore[override]
        """Whether the order that is asked is the one that was learned."""
        return self.question == self.lesson

    @property
    def metric_name(self) -> str:  # type: ignore[override]
        """Says that it is not about the training example, where it is not."""
        return (
            MemorisedSequence.metric_name if self.memorised else N_("accuracy in the asked order")
        )

    @property
    def verdicts(self) -> tuple[str, str, str]:  # type: ignore[override]
        if self.memorised:
            return MemorisedSequence.verdicts
        return CAN_SAY, CAN_SAY_PARTLY, CANNOT_SAY

    @property
    def obstacle(self) -> Message | None:
        """Asked the other way round, nothing that was learned is of use."""
        return None if self._practised else Message(NEVER_PRACTISED, self.verdict_values)

    @property
    def _practised(self) -> set[tuple[str, str]]:
        """The letters that follow each other in both orders."""
        return {*pairwise(self.lesson)} & {*pairwise(self.question)}

    @property
    def verdict_values(self) -> dict[str, object]:
        return {"lesson": _span(self.lesson), "question": _span(self.question)}

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(ascii_uppercase, fold=False)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(ascii_uppercase)

    @property
    def steps(self) -> int | None:
        same = len(self.question) == len(self.lesson)
        return len(self.lesson) - 1 if same else None

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        letters = self.lesson if split == "train" else self.question
        return repeated_sequence([ascii_uppercase.index(c) + len(SPECIALS) for c in letters], n)

    def example(self) -> Example:
        batch = self.batch(1, torch.Generator(), "validation")
        return Example(tuple(self.question[:-1]), batch)

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        if self.memorised:
            return memoryless_baselines(self.lesson)
        return (Baseline(SUCCESSOR, len(self._practised) / (len(self.question) - 1)),)

    def effective_size(self, size: int, split: Split = "validation") -> int:
        """The letters that are asked: each of them is an answer of its own."""
        return size if self.memorised else size * (len(self.question) - 1)

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        """Letter by letter which one is said after which, where it is not the order learned."""
        if self.memorised:
            return super().answers(output, batch)

        def pairs(row: int, labels: Tensor) -> str:
            letters = self.vocabulary.decode(batch.inputs[row].tolist())
            following = (self.labels[label] for label in labels[row].tolist())
            return " ".join(f"{one}→{next}" for one, next in zip(letters, following, strict=True))

        predictions = output.argmax(-1)
        return [
            Answer(
                " ".join(self.vocabulary.decode(batch.inputs[row].tolist())),
                pairs(row, batch.targets),
                pairs(row, predictions),
                bool((predictions[row] == batch.targets[row]).all()),
            )
            for row in range(len(batch))
        ]

    def measurements(self, model: Any) -> dict[str, Any]:
        """How many letters are right of the order learned and of the one asked, and of how many."""
        if self.memorised:
            return {}
        return {
            "lesson": self._right_letters(model, "train"),
            "question": self._right_letters(model, "validation"),
        }

    def _right_letters(self, model: Any, split: Split) -> list[int]:
        batch = self.batch(1, torch.Generator(), split)
        with torch.no_grad():
            right = model.predict(batch.to(model.device)).argmax(-1).cpu() == batch.targets
        return [int(right.sum()), right.numel()]

    def model_message(self, name: str, measurements: Mapping[str, Any]) -> Message | None:
        if not measurements:
            return None
        known, total = measurements["lesson"]
        right, count = measurements["question"]
        values = {
            "cell": name,
            "known": known,
            "total": total,
            "right": right,
            "count": count,
            **self.verdict_values,
        }
        if known >= MOST * total:
            if not self._practised and right < count / 2:
                return Message(WHICH_PRECEDES, values)
            if self._practised and right >= MOST * count:
                return Message(WHICH_FOLLOWS, values)
        return Message(RIGHT_LETTERS, values)


def _span(letters: str) -> str:
    """The letters in short: "A → Z"; where they go round, "F → Z → E"."""
    turn = letters.find("ZA") + 1
    return " → ".join([letters[0], *("Z" * (turn > 0)), letters[-1]])
