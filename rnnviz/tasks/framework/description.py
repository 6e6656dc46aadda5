"""How a task describes itself: its names, its inputs and its outputs.

T time steps, I inputs, V labels, O values.
"""

import inspect
from abc import ABC
from collections.abc import Mapping
from typing import ClassVar, Literal

from rnnviz.data import DataSet
from rnnviz.messages import N_
from rnnviz.settings import check
from rnnviz.tasks.framework.kinds import Kind
from rnnviz.text import Unit, Vocabulary


class TaskDescription(ABC):
    """A task as pages show it and as models see it. Its docstring is its help."""

    name: ClassVar[str]
    title: ClassVar[str]
    kind: ClassVar[Kind]
    unit: ClassVar[Unit] = "word"
    synthetic: ClassVar[bool] = False
    """Whether the examples are made by a seeded generator and no data set; the page says so."""
    splits_apart: ClassVar[bool] = False
    """Whether examples are drawn for each split from a part of its own: what is drawn for one
    occurs in no other."""
    stateful: ClassVar[bool] = False
    memorised: ClassVar[bool] = False
    """Whether training and evaluation use the same examples, which are all there are."""
    allows_bidirectional: ClassVar[bool] = False
    """Whether the answer at a step may depend on later steps of the input."""
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
        """T where all sequences are equally long and a dense network has a weight for each step."""
        return None

    @property
    def files(self) -> tuple[str, ...]:
        """The keys of the visitor's files that this task reads (`rnnviz.data.uploads`)."""
        return ()

    @property
    def data(self) -> tuple[DataSet, ...]:
        """The data sets that are read; none where examples are made or the visitor's own."""
        return ()

    @property
    def data_files(self) -> tuple[DataSet, ...]:
        """All shipped files that are read: also word lists of our own, which are no data set."""
        return self.data
