"""Which runs are open or chosen: both live in the address, so that a link shows the same."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.store import Query
from rnnviz.ui import permalink, session

MOST = 10
"""Runs that are compared at once: so many colours there are."""

NOT_AN_ID = N_("{name} is {value}; allowed is the id of a run: 32 digits and letters from a to f.")

_ID = re.compile(r"[0-9a-f]{32}")


@dataclass
class RunsPageState:
    """What one session is about to do with runs.

    `drawn` counts how often the list was emptied of its ticks; `doomed` are those that are to be
    deleted, once that is confirmed; `uploads` counts the files that were imported; `said` is what
    stands against the last click, `refused` what stands against the last file; `asked` is what the
    list was asked for last.
    """

    drawn: int = 0
    doomed: tuple[str, ...] = ()
    uploads: int = 0
    said: Problem | None = None
    refused: Problem | None = None
    asked: Query | None = None

    def attempt(self, act: Callable[[], object]) -> None:
        """Do what a click asks for; what stands against it is told by the page."""
        self.hush()
        try:
            act()
        except Problem as problem:
            self.said = problem

    def bring(self, act: Callable[[], object]) -> None:
        """Take in a file; what stands against it is told beside the place where it was dropped."""
        self.attempt(act)
        self.said, self.refused = None, self.said

    def hush(self) -> None:
        """Tell no more of what was attempted before."""
        self.said = self.refused = None


def page_state() -> RunsPageState:
    """That of the running session."""
    return session.get_or_create("runs", RunsPageState)


def opened() -> str:
    """The run that is open; none with ""."""
    return permalink.value("runs.run", "run", "", parse=_one, check=_one, serialise=str)


def open_run(run: str) -> None:
    """Show the run by itself; with "" the list."""
    page_state().hush()
    permalink.set_and_write("runs.run", run)


def chosen() -> list[str]:
    """The runs that are compared."""
    return permalink.value(
        "runs.compared", "compared", [], parse=_several, check=list, serialise=",".join
    )


def choose(runs: list[str]) -> None:
    """Compare these, at most `MOST` of them."""
    permalink.set_and_write("runs.compared", runs[:MOST])


def clear() -> None:
    """Compare none; the list loses its ticks."""
    page_state().drawn += 1
    choose([])


def _one(text: str) -> str:
    if text and not _ID.fullmatch(text):
        raise Problem(NOT_AN_ID, name="run", value=excerpt(text))
    return text


def _several(text: str) -> list[str]:
    found = list(dict.fromkeys(text.split(",")))
    for each in found:
        if not _ID.fullmatch(each):
            raise Problem(NOT_AN_ID, name="compared", value=excerpt(each))
    return found[:MOST]
