"""What each browser trained last, in files of the data folder: a restarted server finds it again.

A file is named by a hash of the browser's cookie, which itself is stored nowhere, and is no part of
any archive.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from rnnviz.messages import Problem
from rnnviz.store import LIVE, RunRow, Store, folder

FOLDER = "browsers"

MAX_FILES = 5000
"""The most browsers that are remembered; those that started something least recently go first."""


@dataclass(frozen=True)
class LastRace:
    """The runs of a race, ordered as in a `RaceSetup`, and the parameters that set the controls."""

    runs: tuple[str, ...]
    contestants: int
    address: Mapping[str, str] | None


@dataclass(frozen=True)
class StoredRace:
    """A race that its browser's file names, with those of its runs that are still stored."""

    race: LastRace | None = None
    rows: tuple[RunRow, ...] = ()

    @property
    def is_live(self) -> bool:
        """Whether a run of it seems to be training, perhaps by a server that has just died."""
        return any(row.state in LIVE for row in self.rows)

    @property
    def stopped_rows(self) -> tuple[RunRow, ...]:
        """The runs that were interrupted, or stopped for another reason than their visitor."""
        if self.is_live:
            return ()
        return tuple(
            row
            for row in self.rows
            if row.state in ("interrupted", "stopped") and row.reason is not None
        )


def remember(browser: str, race: LastRace) -> None:
    """Note what the browser with this cookie trains; a disk that refuses is ignored."""
    path = _path(browser)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        others = list(path.parent.iterdir())
        if len(others) >= MAX_FILES:
            others.sort(key=lambda other: other.stat().st_mtime)
            for old in others[: MAX_FILES // 10]:
                old.unlink(missing_ok=True)
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_text(json.dumps(asdict(race)), encoding="utf-8")
        draft.replace(path)
    except OSError:
        return


def recall(browser: str) -> LastRace | None:
    """What the browser with this cookie trained last; None if that is unknown."""
    try:
        plain = json.loads(_path(browser).read_text(encoding="utf-8"))
        address = plain["address"]
        return LastRace(
            tuple(map(str, plain["runs"])),
            int(plain["contestants"]),
            None if address is None else {str(name): str(address[name]) for name in address},
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read(browser: str | None, store: Store | None) -> StoredRace:
    """What the browser with this cookie trained last, as far as `store` still has it."""
    race = None if browser is None else recall(browser)
    if race is None or store is None:
        return StoredRace()
    try:
        rows = [store.run(run) for run in race.runs]
    except Problem:
        return StoredRace()
    return StoredRace(race, tuple(row for row in rows if row is not None))


def forget(browser: str) -> None:
    """Forget what the browser with this cookie trained."""
    try:
        _path(browser).unlink(missing_ok=True)
    except OSError:
        return


def _path(browser: str) -> Path:
    digest = hashlib.sha256(browser.encode()).hexdigest()
    return folder() / FOLDER / f"{digest}.json"
