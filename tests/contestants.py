"""Contestants of a race as the live view shows them, for the tests of what is shown."""

from typing import Any

from rnnviz.jobs import History
from rnnviz.ui.live import ContestantView


def history(*rows: tuple[int, float | None, float | None]) -> History:
    """Rows of step, loss and validation metric; three steps in a second."""
    columns = History()
    for step, loss, metric in rows:
        row = {"step": step, "seconds": step / 3, "loss": loss, "norm": loss, "lr": 0.01}
        columns.append({**row, "train_metric": loss, "validation_metric": metric})
    return columns


def contestant(*histories: History, state: str = "running", **options: Any) -> ContestantView:
    """A GRU that is to do ten steps, with a run for each history."""
    options = {"states": (state,) * len(histories), "histories": histories} | options
    return ContestantView("gru", "GRU", "#009E73", 16, 100, 3000, 10, **options)
