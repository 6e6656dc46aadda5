"""What every problem promises: where its examples come from and how an answer is judged.

Shapes: B sequences, T time steps, V labels.
"""

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnviz.messages import N_
from rnnviz.settings import check
from rnnviz.text import PAD, Unit, Vocabulary, tokenise

LEARNED = N_("{cells} learned the task.")
LEARNED_PARTLY = N_("{cells} learned a part of the task.")
LEARNED_NOTHING = N_("{cells} did not get far above chance.")

Kind = Literal["many-to-one", "many-to-many"]
Split = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Batch:
    """B sequences, padded to T.

    `inputs` (B,T) token ids; `lengths` (B,); `targets` (B,) for many-to-one, (B,T) for
    many-to-many; `mask` (B,T): the steps whose answer is judged.
    """

    inputs: Tensor
    lengths: Tensor
    targets: Tensor
    mask: Tensor

    def to(self, device: str | torch.device) -> "Batch":
        """The same batch on `device`; `lengths` stay on the CPU, where PyTorch wants them."""
        return Batch(
            self.inputs.to(device), self.lengths, self.targets.to(device), self.mask.to(device)
        )


@dataclass(frozen=True)
class Example:
    """One sequence that never changes, with the tokens as they are shown."""

    tokens: tuple[str, ...]
    batch: Batch


class Task(ABC):
    """A problem with its knobs, as a frozen dataclass. Its docstring is its help."""

    name: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[Kind]
    unit: ClassVar[Unit]
    metric_name: ClassVar[str] = N_("accuracy")
    higher_is_better: ClassVar[bool] = True
    verdicts: ClassVar[tuple[str, str, str]] = (LEARNED, LEARNED_PARTLY, LEARNED_NOTHING)
    """What is said of `{cells}` that learned all, a part, or nothing; the task's knobs are fields
    as well."""

    def __post_init__(self) -> None:
        check(self)

    @classmethod
    def help(cls) -> str:
        """The docstring as paragraphs without line breaks inside them; a message to translate."""
        paragraphs = inspect.cleandoc(cls.__doc__ or "").split("\n\n")
        return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)

    @property
    @abstractmethod
    def vocabulary(self) -> Vocabulary:
        """The tokens that a model of this task reads."""

    @property
    @abstractmethod
    def labels(self) -> tuple[str, ...]:
        """The V possible answers, as short codes or as the characters themselves."""

    @property
    def label_titles(self) -> Mapping[str, str]:
        """What a visitor reads instead of a label's code (messages to translate); may be empty."""
        return {}

    @property
    def chance(self) -> float:
        """The metric that blind guessing reaches on average."""
        return 1 / len(self.labels)

    @abstractmethod
    def batch(self, n: int, generator: torch.Generator, split: Split = "train") -> Batch:
        """`n` examples of `split`, drawn by `generator`."""

    @abstractmethod
    def example(self) -> Example:
        """The fixed example that training is watched on."""

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

    def loss(self, logits: Tensor, batch: Batch) -> Tensor:
        """Mean cross entropy over the judged answers. `logits`: (B,V) or (B,T,V)."""
        if self.kind == "many-to-one":
            return cross_entropy(logits, batch.targets)
        return cross_entropy(logits[batch.mask], batch.targets[batch.mask])

    def metric(self, logits: Tensor, batch: Batch) -> float:
        """The share of judged answers that are right. `logits`: (B,V) or (B,T,V)."""
        right = logits.argmax(-1) == batch.targets
        if self.kind == "many-to-many":
            right = right[batch.mask]
        return right.float().mean().item()


def stack(sequences: list[list[int]], targets: list[int]) -> Batch:
    """A many-to-one batch of B token lists, padded at the end."""
    lengths = torch.tensor([len(ids) for ids in sequences])
    inputs = torch.full((len(sequences), int(lengths.max())), PAD)
    for row, ids in enumerate(sequences):
        inputs[row, : len(ids)] = torch.tensor(ids)
    return Batch(inputs, lengths, torch.tensor(targets), last_steps(lengths, inputs.shape[1]))


def last_steps(lengths: Tensor, T: int) -> Tensor:
    """The mask (B,T) that is true at each sequence's last step."""
    return torch.arange(T) == (lengths - 1)[:, None]
