"""The list of runs: a page of them, with ticks for those that are compared or deleted."""

import hashlib
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from rnnviz.store import RunRow
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.run_text import STATE_TITLES
from rnnviz.ui.runs import format, selection

HEIGHT = 420
"""Pixels: what is compared stays in sight below a long page of runs."""


SCORE = 160
"""Pixels: as wide as the longest unit, bits per character. By itself it is as wide as the first."""


def table(rows: Sequence[RunRow], ticked: Sequence[str]) -> None:
    """Draw `rows`, those of `ticked` with a tick; a tick goes into the address."""
    ids = [row.id for row in rows]
    seen = hashlib.sha256(" ".join(ids).encode()).hexdigest()[:12]
    # Another page of the list is another table: its ticks are those of its own rows.
    key = f"runs.table.{seen}.{selection.page_state().drawn}"
    show.table(
        pd.DataFrame([_line(row) for row in rows]),
        key=key,
        height=HEIGHT if len(rows) > 10 else "auto",
        column_config={_("Validation"): st.column_config.TextColumn(width=SCORE)},
        on_select=lambda: _ticked(key, ids, ticked),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": [ids.index(run) for run in ticked if run in ids]}},
        alt=_("The stored runs, one in each row"),
    )


def _ticked(key: str, ids: list[str], before: Sequence[str]) -> None:
    elsewhere = [run for run in before if run not in ids]
    selection.choose(elsewhere + [ids[row] for row in st.session_state[key].selection.rows])


def _line(row: RunRow) -> dict[str, Any]:
    return {
        _("Name"): format.name_of(row),
        _("State"): _(STATE_TITLES[row.state]),
        _("Validation"): format.score(row, row.validation),
        _("Loss"): None if row.loss is None else float(f"{row.loss:.4g}"),
        _("Steps"): row.steps,
        _("Duration"): format.lasted(row.seconds),
        _("Created"): format.when(row.created),
        _("Task"): format.task_title(row.task),
        _("Model"): format.model_title(row),
        _("Parameters"): row.parameters,
        _("Seed"): row.seed,
        _("Device"): row.device,
    }
