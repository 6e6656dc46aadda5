"""What a page asks of the runs and what it gets: a query, a page of rows, a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, get_args

from rnnviz.messages import N_, Message
from rnnviz.names import RunState
from rnnviz.settings import Choice, Range, check
from rnnviz.store.sanitise import text

STATES: tuple[RunState, ...] = get_args(RunState)
LIVE: tuple[RunState, ...] = ("queued", "running", "paused", "stopping")
"""The states of a run that some server is responsible for."""

SORTS = {
    "created": N_("Created"),
    "changed": N_("Last change"),
    "name": N_("Name"),
    "state": N_("State"),
    "task": N_("Task"),
    "cell": N_("Cell"),
    "hidden": N_("Hidden units"),
    "parameters": N_("Parameters"),
    "seed": N_("Seed"),
    "device": N_("Device"),
    "steps": N_("Steps"),
    "seconds": N_("Seconds"),
    "loss": N_("Loss"),
    "validation_metric": N_("Validation"),
}
"""The columns that runs can be sorted by, and their headings."""

LONGEST_SEARCH = 200
"""Characters of a search that are read."""
TERMS = 10
"""Words of a search that are read."""


def terms(search: str) -> list[str]:
    """The words of a search, without regard to case, each once."""
    return list(dict.fromkeys(text(search[:LONGEST_SEARCH]).casefold().split()))[:TERMS]


@dataclass(frozen=True)
class Meaning:
    """What a word of a search stands for beside itself: tasks by name, and models.

    A model is meant by the settings that it must have, each a name and its value; None for any.
    """

    tasks: tuple[str, ...] = ()
    models: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Query:
    """Which runs a page wants, in which order, and which part of them.

    `search`: words (`terms`) that must all occur in the name, the note, or the names of task and
    cell, in capitals or not. A run that is what a word stands for, by its entry in `meanings`, need
    not have the word. Runs without a value in the column `sort` come last either way.

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
class RunRow:
    """A run as it is stored, without its history and its weights.

    `created` and `changed` are in seconds since 1970, `seconds` is the time spent training.
    `steps` is the latest step of which anything is kept; `seconds`, `loss` and
    `validation_metric` are the latest that the history knows, `tested_step` is the step of that
    validation.
    """

    id: str
    name: str
    note: str
    race: str
    created: float
    changed: float
    state: RunState
    task: str | None
    cell: str | None
    hidden: int | None
    parameters: int | None
    seed: int | None
    device: str | None
    steps: int
    seconds: float | None
    loss: float | None
    validation_metric: float | None
    tested_step: int | None
    experiment: dict[str, Any]
    facts: dict[str, Any]
    reason: Message | None
    result: dict[str, Any] | None


@dataclass(frozen=True)
class Listing:
    """One page of runs, and how many there are on all pages."""

    rows: tuple[RunRow, ...]
    total: int
