"""Good or bad? Four words, learnt by heart character by character."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, ClassVar

from rnnviz.messages import N_
from rnnviz.settings import Range
from rnnviz.tasks.framework.baselines import MAJORITY, BaselineLogits, majority_logits
from rnnviz.tasks.framework.batches import Batch, Example
from rnnviz.tasks.framework.classification import Classification
from rnnviz.tasks.framework.datasets import LabelledSequences
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.memorised import Memorised
from rnnviz.text import Unit, Vectoriser, Vocabulary

WORDS = {"good": "positive", "bad": "negative", "worse": "negative", "so good": "positive"}
LABELS = {"negative": N_("negative"), "positive": N_("positive")}

_VECTORISER = Vectoriser("character")


@cache
def _vocabulary() -> Vocabulary:
    return _VECTORISER.fit(WORDS)


@cache
def _examples() -> LabelledSequences:
    vocabulary, labels = _vocabulary(), list(LABELS)
    return LabelledSequences.of(
        [_VECTORISER(word, vocabulary) for word in WORDS],
        [labels.index(label) for label in WORDS.values()],
    )


@dataclass(frozen=True)
class FourWords(Memorised, Classification):
    """Read "good", "bad", "worse" or "so good" by character and say: positive or negative?

    The smallest task there is, to see a network learn within seconds: it learns these four texts by
    heart, so nothing is held out. They are padded to one length; because every model receives the
    length of each text, the padding changes nothing. Blind guessing is right every other time.
    """

    name: ClassVar[str] = "four_words"
    title: ClassVar[str] = N_("Four words")
    kind: ClassVar[Kind] = "many-to-one"
    unit: ClassVar[Unit] = "character"
    recipe: ClassVar[Mapping[str, float | str]] = {
        "hidden": 10,
        "embedding": "one-hot",
        "lr": 0.01,
        "batch": 2,
        "steps": 60,
    }

    padded: Annotated[
        int,
        Range(
            7,
            50,
            label=N_("Padded to"),
            unit=N_("characters"),
            help=N_("All four are filled up to this length. Try it: nothing changes."),
        ),
    ] = 10

    @property
    def vocabulary(self) -> Vocabulary:
        return _vocabulary()

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(LABELS)

    @property
    def label_titles(self) -> Mapping[str, str]:
        return LABELS

    def size(self, split: Split = "train") -> int:
        return len(WORDS)

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        return _examples().select(indices, self.padded)

    def example(self) -> Example:
        return Example(tuple("so good"), _examples().select([list(WORDS).index("so good")]))

    def questions(self) -> Batch:
        return self.held_out_batch()

    def baseline_logits(self, split: Split = "validation") -> tuple[BaselineLogits, ...]:
        targets = _examples().targets
        return (BaselineLogits(MAJORITY, majority_logits(targets, len(LABELS), len(targets))),)
