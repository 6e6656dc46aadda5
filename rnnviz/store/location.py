"""The folder of the database."""

import os
from pathlib import Path

import platformdirs

from rnnviz.messages import N_, Problem

NOT_WRITABLE = N_(
    "The folder {folder} cannot be used for the runs ({reason}); allowed is a folder that can be "
    "written, for example one named in the environment variable {variable}."
)

VARIABLE = "RNNVIZ_DATA"
FILE = "runs.sqlite3"


def folder() -> Path:
    """The folder named by `RNNVIZ_DATA`, or rnnviz's own in the user's data directory."""
    path = os.environ.get(VARIABLE, "")
    return Path(path).expanduser() if path else platformdirs.user_data_path("rnnviz", False)


def make(folder: Path) -> None:
    """Create `folder` if it does not exist.

    Raises:
        Problem: it cannot be created, or is not writable.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(folder, error.strerror or str(error)) from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise not_writable(folder, os.strerror(13))


def not_writable(folder: Path, reason: str) -> Problem:
    """The problem with a folder that cannot hold the database."""
    return Problem(NOT_WRITABLE, folder=str(folder), reason=reason, variable=VARIABLE)
