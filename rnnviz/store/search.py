"""Which stored runs a page shows: a query, and one page of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from rnnviz.messages import N_
from rnnviz.settings import Choice, Range, check
from rnnviz.store.columns import SORTS, RunRow
from rnnviz.store.sanitise import text

MAX_SEARCH_LENGTH = 200
"""Characters of a search that are read."""
MAX_TERMS = 10
"""Words of a search that are read."""


def terms(search: str) -> list[str]:
    """The distinct words of a search, case-folded."""
    return list(dict.fromkeys(text(search[:MAX_SEARCH_LENGTH]).casefold().split()))[:MAX_TERMS]


@dataclass(frozen=True)
class Meaning:
    """The tasks and models that a word of a search stands for.

    `tasks` are their names. Each of `models` maps settings of a model to the values that they must
    have; None stands for any value.
    """

    tasks: tuple[str, ...] = ()
    models: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Query:
    """Which runs a page shows, in which order, and which part of them.

    `search`: words (`terms`) that must all occur in the name, the note, or the names of task and
    cell, whatever their case. A run that matches the entry of a word in `meanings` need not contain
    the word. Runs without a value in the column `sort` come last in either order.

    Raises:
        Problem: an unknown column, or a page out of bounds.
    """

    search: str = ""
    meanings: Mapping[str, Meaning] = field(default_factory=dict)
    sort: Annotated[str, Choice(SORTS, label=N_("Sort by"))] = "created"
    descending: bool = True
    offset: Annotated[int, Range(0, 1_000_000_000)] = 0
    limit: Annotated[int, Range(1, 200)] = 50
    state: str | None = None
    task: str | None = None
    cell: str | None = None
    race: str | None = None

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Listing:
    """One page of runs, and how many there are on all pages."""

    rows: tuple[RunRow, ...]
    total: int
