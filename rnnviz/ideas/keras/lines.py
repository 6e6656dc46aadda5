"""Programs line by line: which lines of three libraries do the same, and which are outdated."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rnnviz.messages import Message


@dataclass(frozen=True)
class Line:
    """A line of a program.

    Attributes:
        text: the line, with its indentation.
        job: what it does, a key of the comparison's `jobs`; lines with the same job match.
        outdated: the part of the text that current Keras no longer has, or no longer needs.
    """

    text: str
    job: str = ""
    outdated: str = ""

    def __post_init__(self) -> None:
        assert self.outdated in self.text


@dataclass(frozen=True)
class Program:
    """The lines of one library; `output`: what they lead to, where that is a few numbers."""

    lines: tuple[Line, ...]
    output: str = ""

    @property
    def code(self) -> str:
        """The program as text."""
        return "\n".join(line.text for line in self.lines)

    def count(self, *jobs: str) -> int:
        """How many lines do one of these jobs."""
        return sum(line.job in jobs for line in self.lines)


@dataclass(frozen=True)
class Replacement:
    """What the book writes, and what takes its place."""

    old: str
    new: Message


@dataclass(frozen=True)
class Comparison:
    """The same in current Keras, in PyTorch, and in the book's Keras 2.

    Attributes:
        jobs: by job, in order, what its lines do and where the libraries differ.
        replacements: what is outdated in the book, with what replaces it.
    """

    keras: Program
    pytorch: Program
    book: Program
    jobs: Mapping[str, Message]
    replacements: tuple[Replacement, ...]


def lines(*rows: Sequence[str] | str) -> tuple[Line, ...]:
    """Lines from rows (text, job, outdated); a row may be its text alone, or end earlier."""
    return tuple(Line(*([row] if isinstance(row, str) else row)) for row in rows)
