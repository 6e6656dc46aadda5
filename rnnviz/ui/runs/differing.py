"""The settings that set runs apart."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.runs import format, labels
from rnnviz.ui.runs.shown import Shown


def differing(runs: Sequence[Shown]) -> None:
    """A table of the settings that are not the same in all `runs`."""
    found = differences([run.row.experiment for run in runs])
    st.subheader(_("Only what differs"), anchor=False)
    if not found:
        st.caption(_("All settings are the same."))
        return
    columns = format.distinct([_("Setting"), *(show.escape_formula(run.name) for run in runs)])
    lines = []
    for path, values in found.items():
        told = [
            labels.value(path, value, run.row.experiment)
            for value, run in zip(values, runs, strict=True)
        ]
        title = labels.setting(path, *(run.row.experiment for run in runs))
        lines.append(dict(zip(columns, [title, *told], strict=True)))
    show.table(pd.DataFrame(lines), alt=_("The settings that differ"))


def differences(experiments: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The settings that are not the same in all `experiments`, with the value of each."""
    flat = [flattened(each) for each in experiments]
    names = dict.fromkeys(name for each in flat for name in each)
    values = {name: [each.get(name, "—") for each in flat] for name in names}
    return {name: found for name, found in values.items() if len(set(found)) > 1}


def flattened(table: Mapping[str, Any], above: str = "") -> dict[str, str]:
    """The settings of an experiment as plain data: "model.hidden" and its value as text."""
    found: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            found |= flattened(value, f"{above}{name}.")
        else:
            found[above + name] = "—" if value is None else str(value)
    return found
