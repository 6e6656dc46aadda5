"""The task of reading a text and saying at each step what comes next. B pieces, T steps."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from statistics import fmean
from typing import Annotated, ClassVar, Literal

import torch
from torch import Tensor

from rnnviz.data import DATASETS, DataSet
from rnnviz.messages import N_, Problem
from rnnviz.settings import Choice, Range
from rnnviz.tasks.framework.batches import Answer, Baseline, Batch, Example
from rnnviz.tasks.framework.examples import N_QUESTIONS, evaluation_generator
from rnnviz.tasks.framework.kinds import Kind, Split
from rnnviz.tasks.framework.ngrams import NGrams
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.running_text.corpus import UNITS, Corpus, corpus
from rnnviz.tasks.running_text.streams import batches_per_epoch, consecutive_batch, windows
from rnnviz.text import SPECIALS, UNK, Unit, Vectoriser, Vocabulary, display_form, join

NO_FILE = N_("The text is set to your own file, but none was uploaded; upload one.")

PER_CHARACTER = N_("bits per character")
PER_JAMO = N_("bits per jamo")
UNIGRAM = N_("unigram: how frequent each character is")
TRIGRAM = N_("trigram: how frequent each is after the two before it")

SNIPPET = 40
"""The symbols of a snippet that is shown."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
RETURN = "\N{RETURN SYMBOL}"


KNOWS = N_("{cells} predicted nearly every next character.")
READS = N_("{cells} learned much of which character follows which.")
BABBLES = N_("{cells} learned little of which character follows which.")


@dataclass(frozen=True)
class RunningText(Task):
    """Read a text character by character and say at each step which comes next; then write one.

    The network walks through the text in pieces. Its state goes on from piece to piece, but the
    gradient goes back to the start of a piece only: truncated backpropagation through time. The
    first nine tenths are for training; what is measured is the text after them, in pieces that are
    read from an empty state. Characters that are rare in the training part count as one symbol,
    the unknown one.

    The measure is the cross entropy in bits per character: how many yes-or-no questions are left to
    ask about the next one. Alice's Adventures in Wonderland is in English, the Constitution of the
    Republic of Korea in Korean, by syllable or by the letters (jamo) that syllables are made of;
    bits per syllable and bits per letter cannot be compared with each other.
    """

    name: ClassVar[str] = "text"
    title: ClassVar[str] = N_("A running text")
    kind: ClassVar[Kind] = "many-to-many"
    unit: ClassVar[Unit] = "character"
    family: ClassVar[str] = N_("Predict what comes next")
    metric_name: ClassVar[str] = N_("cross entropy")
    best_metric: ClassVar[float] = 0.0
    stateful: ClassVar[bool] = True
    splits_apart: ClassVar[bool] = True
    verdicts: ClassVar[tuple[str, str, str]] = (KNOWS, READS, BABBLES)
    partly_threshold: ClassVar[float] = (
        0.4  # to know how frequent each character is brings about 0.25
    )
    accepts: ClassVar[Literal["", "text", "series"]] = "text"
    recipe: ClassVar[Mapping[str, float | str]] = {"hidden": 128, "lr": 0.005, "steps": 2000}

    source: Annotated[
        str,
        Choice(
            {
                "alice": N_("Alice's Adventures in Wonderland"),
                "constitution": N_("the Korean constitution, by syllable"),
                "constitution_jamo": N_("the Korean constitution, by jamo"),
                "own": N_("your own file"),
            },
            label=N_("Text"),
            help=N_("What is read, and what the network then writes like."),
        ),
    ] = "alice"
    length: Annotated[
        int,
        Range(
            10,
            200,
            label=N_("Length of a piece"),
            unit=N_("characters"),
            help=N_("Over how many steps the gradient goes back (truncated backpropagation)."),
        ),
    ] = 50
    known: Annotated[
        int,
        Range(
            10,
            1000,
            label=N_("Vocabulary size"),
            help=N_("The most frequent ones, at most so many; all others count as unknown."),
        ),
    ] = 500
    file: str = ""
    reading: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.source == "own" and not self.file:
            raise Problem(NO_FILE)
        if self.source == "own":
            self._corpus  # noqa: B018 - reject a file that cannot be read

    @property
    def _corpus(self) -> Corpus:
        is_own = self.source == "own"
        file, reading = (self.file, self.reading) if is_own else ("", "")
        return corpus(self.source, file, self.known, reading)

    @property
    def _unit(self) -> Unit:
        return UNITS.get(self.source, self.unit)

    @property
    def vocabulary(self) -> Vocabulary:
        return self._corpus.vocabulary

    @property
    def labels(self) -> tuple[str, ...]:
        return (SPECIALS[UNK], *self.vocabulary.tokens[len(SPECIALS) :])

    @property
    def files(self) -> tuple[str, ...]:
        return (self.file,) if self.source == "own" else ()

    @property
    def data(self) -> tuple[DataSet, ...]:
        if self.source == "own":
            return ()
        return (DATASETS["alice" if self.source == "alice" else "constitution"],)

    # The examples -------------------------------------------------------------------------------

    def consecutive_batch(self, n: int, index: int) -> tuple[Batch, bool]:
        """Piece `index` of `n` parallel streams of the training part."""
        return consecutive_batch(self._corpus.parts["train"], n, index, self.length)

    def batches_per_epoch(self, n: int) -> int:
        return batches_per_epoch(self._corpus.parts["train"], n, self.length)

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        return self._random_windows(n, generator, split, self.length)

    def _random_windows(
        self, n: int, generator: torch.Generator, split: Split, longest: int
    ) -> Batch:
        ids = self._corpus.parts[split]
        T = min(longest, len(ids) - 1)
        return windows(ids, torch.randint(len(ids) - T, (n,), generator=generator), T)

    def example(self) -> Example:
        ids = self._corpus.parts["train"]
        batch = windows(ids, torch.zeros(1, dtype=torch.int64), min(SNIPPET, len(ids) - 1))
        return Example(tuple(self.vocabulary.decode(batch.inputs[0].tolist())), batch)

    def questions(self) -> Batch:
        return self._random_windows(N_QUESTIONS, evaluation_generator(1), "validation", SNIPPET)

    def encode(self, text: str) -> tuple[list[str], list[int]]:
        tokens = Vectoriser(self._unit).tokens(text)
        return tokens, self.vocabulary.encode(tokens)

    # How an answer is judged --------------------------------------------------------------------

    @property
    def metric_unit(self) -> str:  # type: ignore[override]
        """Bits per symbol that is read; those of different symbols cannot be compared."""
        return PER_JAMO if self._unit == "jamo" else PER_CHARACTER

    @property
    def chance(self) -> float:
        return math.log2(len(self.labels))

    def metric(self, output: Tensor, batch: Batch) -> float:
        """The cross entropy in bits per symbol."""
        return self.loss(output, batch).item() / math.log(2)

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        """On the examples of `split`, each read by itself as the network reads it."""
        batch = self.evaluation_batch(split)
        symbols = torch.tensor([UNK, *range(len(SPECIALS), len(self.vocabulary))])
        last = symbols[batch.targets[:, -1:]]
        rows = torch.cat([batch.inputs, last], dim=1).tolist()
        baselines = []
        for title, order in ((UNIGRAM, 1), (TRIGRAM, 3)):
            counts = _ngrams(self._corpus, order)
            losses = [counts.loss([row]) for row in rows]
            loss, scores = fmean(losses), tuple(each / math.log(2) for each in losses)
            baselines.append(Baseline(title, loss / math.log(2), loss, scores))
        return tuple(baselines)

    def effective_size(self, size: int, split: Split = "validation") -> int:
        """No more of them than stand side by side in the text, however they overlap."""
        symbols = len(self._corpus.parts[split]) - 1
        return min(size, -(-symbols // self.length))

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        """The text read, the characters that follow, and the likeliest of each step's answer."""
        predictions = output.argmax(-1)
        return [
            Answer(
                _visible(self.join_labels(self.vocabulary.decode(batch.inputs[row].tolist()))),
                _visible(self.answer_text(batch.targets, row, batch)),
                _visible(self.answer_text(predictions, row, batch)),
            )
            for row in range(len(batch))
        ]

    def join_labels(self, labels: Sequence[str]) -> str:
        """The text of `labels`: jamo as syllables, jamo that form none as single letters."""
        text = join(
            (REPLACEMENT if label == SPECIALS[UNK] else label for label in labels), self._unit
        )
        return "".join(map(display_form, text)) if self._unit == "jamo" else text


@lru_cache(maxsize=4)
def _ngrams(text: Corpus, order: int) -> NGrams:
    """Counted in the training part of `text`."""
    labels = 1 + len(text.vocabulary.tokens) - len(SPECIALS)
    return NGrams(text.parts["train"].tolist(), labels, order)


def _visible(text: str) -> str:
    return text.replace("\n", RETURN)
