"""Which runs are open or selected: both live in the address, so that a link shows the same."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.store import Query
from rnnviz.ui import permalink, session

MAX_SELECTED = 10
"""The most runs that are compared at once: as many as there are colours."""

NOT_AN_ID = N_("{name} is {value}; allowed is the id of a run: 32 digits and letters from a to f.")

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass
class RunsPageState:
    """What the page of runs keeps per session.

    Attributes:
        table_version: counts how often the ticks of the list were cleared.
        to_delete: the runs that will be deleted once the visitor confirms it.
        has_restored: whether a deletion has just been undone.
        uploads: counts the imported files.
        problem: why the last click had no effect.
        import_problem: why the last file was not imported.
        last_query: the query that the list answered last.
    """

    table_version: int = 0
    to_delete: tuple[str, ...] = ()
    has_restored: bool = False
    uploads: int = 0
    problem: Problem | None = None
    import_problem: Problem | None = None
    last_query: Query | None = None

    def attempt(self, action: Callable[[], object]) -> None:
        """Run the action of a click; the page displays the problem if it fails."""
        self.clear_problems()
        try:
            action()
        except Problem as problem:
            self.problem = problem

    def attempt_import(self, action: Callable[[], object]) -> None:
        """Import a file; the problem is displayed beside the uploader."""
        self.attempt(action)
        self.problem, self.import_problem = None, self.problem

    def clear_problems(self) -> None:
        """Display no more problems of earlier attempts."""
        self.problem = self.import_problem = None


def page_state() -> RunsPageState:
    """The state of the running session."""
    return session.get_or_create("runs", RunsPageState)


def open_run_id() -> str:
    """The id of the open run; "" if none is open."""
    return permalink.value("runs.run", "run", "", parse=_parse_id, check=_parse_id, serialise=str)


def open_run(run: str) -> None:
    """Open the run; with "" the list."""
    page_state().clear_problems()
    permalink.set_and_write("runs.run", run)


def selected_runs() -> list[str]:
    """The ids of the runs that are compared."""
    return permalink.value(
        "runs.compared", "compared", [], parse=_parse_ids, check=list, serialise=",".join
    )


def select(runs: list[str]) -> None:
    """Compare these, at most `MAX_SELECTED` of them."""
    permalink.set_and_write("runs.compared", runs[:MAX_SELECTED])


def clear() -> None:
    """Compare none; the list loses its ticks."""
    page_state().table_version += 1
    select([])


def _parse_id(text: str) -> str:
    if text and not _ID.fullmatch(text):
        raise Problem(NOT_AN_ID, name="run", value=excerpt(text))
    return text


def _parse_ids(text: str) -> list[str]:
    ids = list(dict.fromkeys(text.split(",")))
    for run in ids:
        if not _ID.fullmatch(run):
            raise Problem(NOT_AN_ID, name="compared", value=excerpt(run))
    return ids[:MAX_SELECTED]
