"""What every problem promises: where its examples come from and how an answer is judged.

Shapes: B sequences, T time steps, U steps of an answer, V labels, O values.
"""

import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from rnnviz.data import DataSet
from rnnviz.messages import N_, Sentence
from rnnviz.settings import check
from rnnviz.tasks.batches import Answer, Baseline, Batch, Example
from rnnviz.text import Unit, Vocabulary, tokenise

LEARNED = N_("{cells} learned the task.")
LEARNED_PARTLY = N_("{cells} learned a part of the task.")
LEARNED_NOTHING = N_("{cells} did not get far above chance.")

Kind = Literal["many-to-one", "many-to-many", "one-to-many", "sequence-to-sequence", "forecast"]
Split = Literal["train", "validation", "test"]

DECODED: frozenset[Kind] = frozenset({"one-to-many", "sequence-to-sequence"})
"""The kinds whose answer is a sequence of its own; their first label ends it."""

END = 0
"""The label that ends such an answer."""

TESTED = 128
"""The validation examples at most on which models, and baselines with them, are judged."""

SHOWN = 6
"""How many examples are shown with the models' answers while they train."""


def spread(size: int, most: int = TESTED) -> list[int]:
    """At most `most` of the numbers below `size`, equally far apart.

    Of examples in the order of time or of their labels that is a fairer sample than a random one.
    """
    n = min(size, most)
    return [(2 * k + 1) * size // (2 * n) for k in range(n)]


def held_out(which: int = 0) -> torch.Generator:
    """A generator of examples to judge by, with a seed that no experiment can have.

    With a seed of an experiment's the same examples would be drawn for training.
    """
    return torch.Generator().manual_seed(2**31 + which)


class Task(ABC):
    """A problem with its knobs, as a frozen dataclass. Its docstring is its help.

    A task reads tokens (it has a `vocabulary`) or `features`, and is answered with one of its
    `labels` or with numbers, its `values`. Where the examples are a finite set, it says its `size`
    and hands them out by `take`; else `batch` draws new ones. Where a text runs on from batch to
    batch it `streams`, and `chunk` cuts it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[Kind]
    unit: ClassVar[Unit] = "word"
    metric_name: ClassVar[str] = N_("accuracy")
    metric_unit: ClassVar[str] = "%"
    """"%" for a share of right answers, else the unit of an error; "" for none."""
    perfect: ClassVar[float] = 1.0
    """The metric of a model without fault: 1 for a share of right answers, 0 for an error."""
    verdicts: ClassVar[tuple[str, str, str]] = (LEARNED, LEARNED_PARTLY, LEARNED_NOTHING)
    """What is said of `{cells}` that learned all, a part, or nothing; the task's knobs are fields
    as well."""
    learned: ClassVar[float] = 0.9
    """The share of the way from chance to perfect from which on a model has learned all of it."""
    partly: ClassVar[float] = 0.25
    """The same for a part of it."""
    synthetic: ClassVar[bool] = False
    """Whether the examples are made by a seeded generator and no data set; the page says so."""
    streams: ClassVar[bool] = False
    both_ways: ClassVar[bool] = False
    """Of a task that asks at every step: whether what comes later may be read before the answer."""
    family: ClassVar[str] = N_("Classify a sequence")
    """The group under which the task is listed."""
    accepts: ClassVar[Literal["", "text", "series"]] = ""
    """What file of the visitor the task can read: its field `file` then holds the upload's key."""

    recipe: ClassVar[Mapping[str, float | str]] = {}
    """Settings with which the task is well begun: fields of `Optimiser` and `ModelSpec`."""

    def __post_init__(self) -> None:
        check(self)

    @classmethod
    def help(cls) -> str:
        """The docstring as paragraphs without line breaks inside them; a message to translate."""
        paragraphs = inspect.cleandoc(cls.__doc__ or "").split("\n\n")
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    # What goes in and what comes out ------------------------------------------------------------

    @property
    def vocabulary(self) -> Vocabulary:
        """The tokens that a model of this task reads; only the special ones if it reads numbers."""
        return Vocabulary.of(())

    @property
    def features(self) -> tuple[str, ...]:
        """The names of the I numbers that are read at each step; none where tokens are read."""
        return ()

    @property
    def labels(self) -> tuple[str, ...]:
        """The V possible answers, as short codes or as the characters themselves."""
        return ()

    @property
    def values(self) -> tuple[str, ...]:
        """The names of the O numbers that are the answer; none where it is a label."""
        return ()

    @property
    def label_titles(self) -> Mapping[str, str]:
        """What a visitor reads instead of a label's code (messages to translate); may be empty."""
        return {}

    @property
    def n_in(self) -> int:
        """How many tokens there are to read, or how many numbers at each step."""
        return len(self.features) or len(self.vocabulary)

    @property
    def n_out(self) -> int:
        """How many labels there are to choose from, or how many numbers are the answer."""
        return len(self.values) or len(self.labels)

    @property
    def steps(self) -> int | None:
        """T where every sequence has the same length: what a dense network needs to know."""
        return None

    @property
    def files(self) -> tuple[str, ...]:
        """The keys of the visitor's files that this task reads (`rnnviz.data.uploads`)."""
        return ()

    @property
    def data(self) -> tuple[DataSet, ...]:
        """The data sets that are read; none where examples are made or the visitor's own."""
        return ()

    # The examples -------------------------------------------------------------------------------

    def size(self, split: Split = "train") -> int | None:
        """How many examples `split` has, or None where they are drawn anew each time."""
        return None

    def take(self, indices: Sequence[int], split: Split = "train") -> Batch:
        """The examples with these numbers."""
        raise LookupError(f"{self.name} draws its examples")

    def chunk(self, n: int, index: int) -> tuple[Batch, bool]:
        """The `index`-th piece of `n` running texts, and whether they begin anew with it."""
        raise LookupError(f"{self.name} does not run on from batch to batch")

    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        """`n` examples of `split`, drawn by `generator`."""
        size = self.size(split)
        assert size is not None, "a task without a size draws its own examples"
        return self.take(torch.randint(size, (n,), generator=generator).tolist(), split)

    def sample(self) -> list[int]:
        """The numbers of the validation examples of a finite set that models are judged on."""
        size = self.size("validation")
        assert size is not None, "a task without a size draws its own examples"
        return spread(size)

    def tested(self) -> Batch:
        """The validation examples on which models, and baselines with them, are judged.

        The same for every seed and model, so that their curves can be compared.
        """
        if self.size("validation") is None:
            return self.batch(TESTED, held_out(), "validation")
        return self.take(self.sample(), "validation")

    @abstractmethod
    def example(self) -> Example:
        """The fixed example that training is watched on."""

    def questions(self) -> Batch:
        """The fixed examples that are shown with the models' answers while they train.

        None is there twice: tasks with few different questions show fewer.
        """
        batch = self.batch(SHOWN, held_out(1), "validation")
        first = {
            tuple(row.flatten().tolist()): k for k, row in reversed([*enumerate(batch.inputs)])
        }
        return batch.rows(sorted(first.values()))

    @property
    def lags(self) -> tuple[int, ...]:
        """The lags at which recall is worth measuring; none where nothing has to be recalled."""
        return ()

    def at(self, lags: Tensor, generator: torch.Generator) -> Batch:
        """One example for each of `lags` (B,), in which the symbol stands that far from the end."""
        raise LookupError(f"{self.name} has nothing to recall")

    def encode(self, text: str) -> tuple[list[str], list[int]]:
        """The tokens of a visitor's `text`, as typed, and their ids.

        Raises:
            Problem: the text is empty.
        """
        tokens = list(tokenise(text, self.unit).tokens)
        return tokens, self.vocabulary.encode(tokens)

    # How an answer is judged --------------------------------------------------------------------

    @property
    def chance(self) -> float:
        """The metric that blind guessing reaches on average."""
        return 1 / len(self.labels)

    @property
    def chance_loss(self) -> float:
        """The loss of who says the same of every label."""
        return math.log(len(self.labels))

    @property
    def is_share(self) -> bool:
        """Whether the metric is a share of right answers, to be written in percent."""
        return self.metric_unit == "%" and not self.values

    def way(self, metric: float) -> float:
        """How far `metric` is on the way from chance (0) to perfect (1)."""
        return (metric - self.chance) / (self.perfect - self.chance)

    def doubt(self, metric: float) -> float:
        """How far a share of right answers that is measured as `metric` may be off.

        Two standard errors of a share of `tested()`; 0 where those are all examples that there are,
        and for errors, whose spread the metric does not tell.
        """
        batch = self.tested()
        if not self.is_share or len(batch) == self.size("validation"):
            return 0.0
        count = int(batch.mask.sum()) if self.kind == "many-to-many" else len(batch)
        share = min(1.0, max(0.0, metric))
        return 2 * math.sqrt(share * (1 - share) / count)

    def baselines(self) -> tuple[Baseline, ...]:
        """What honest methods without a network reach; may take seconds, so ask once."""
        return ()

    def remarks(self, model: Any) -> tuple[Sentence, ...]:
        """What is worth saying of a trained model of this task beyond its metric."""
        return ()

    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        """The mean over the judged answers: cross entropy of labels, squared error of values.

        `output`: (B,V), (B,T,V), (B,U,V), or (B,O), (B,T,O).
        """
        wanted = batch.targets
        if self.kind not in ("many-to-one", "forecast"):
            output, wanted = output[batch.mask], wanted[batch.mask]
        if self.values:
            return mse_loss(output, wanted)
        return cross_entropy(output, wanted)

    def metric(self, output: Tensor, batch: Batch) -> float:
        """The share of judged answers that are right, of values the mean absolute error.

        `output` as for `loss`. An answer that is a sequence of its own is right as a whole or not
        at all.
        """
        if self.values:
            missed = (output - batch.targets).abs()
            return (missed[batch.mask] if self.kind == "many-to-many" else missed).mean().item()
        right = output.argmax(-1) == batch.targets
        if self.kind in DECODED:
            right = (right | ~batch.mask).all(-1)
        elif self.kind == "many-to-many":
            right = right[batch.mask]
        return right.float().mean().item()

    def judge(self, output: Tensor, batch: Batch) -> dict[str, float]:
        """Every measure of the answers by its name (a message to translate): first the metric.

        `output` as for `loss`.
        """
        return {self.metric_name: self.metric(output, batch)}

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        """The model's `output` for each example of `batch`, beside what was wanted, in words."""
        joiner = "" if self.unit == "character" else " "
        found = []
        for row in range(len(batch)):
            tokens = self.vocabulary.decode(batch.inputs[row, : batch.lengths[row]].tolist())
            wanted = self.said(batch.targets, row, batch)
            given = self.said(output.argmax(-1), row, batch)
            found.append(Answer(joiner.join(tokens), wanted, given, wanted == given))
        return found

    def said(self, labels: Tensor, row: int, batch: Batch) -> str:
        """The answer (or target) of one example in words; `labels` (B,), (B,T) or (B,U)."""
        if self.kind in ("many-to-one", "forecast"):
            label = self.labels[int(labels[row])]
            return self.label_titles.get(label, label)
        chosen = labels[row].tolist()
        if self.kind in DECODED:
            chosen = chosen[: chosen.index(END)] if END in chosen else chosen
        else:
            chosen = labels[row][batch.mask[row]].tolist()
        return self.spelled([self.labels[label] for label in chosen])

    def spelled(self, labels: Sequence[str]) -> str:
        """A sequence of labels as it is written."""
        return "".join(labels) if self.unit == "character" else " ".join(labels)
