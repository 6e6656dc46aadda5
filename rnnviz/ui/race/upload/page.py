"""The upload of a file, and what it gives to the task that reads it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_, Message, Problem
from rnnviz.ui import permalink, show
from rnnviz.ui.language import _, say
from rnnviz.ui.race.upload.series import draw_series
from rnnviz.ui.race.upload.state import OWN_PREFIX, draw_uploader
from rnnviz.ui.race.upload.text import draw_text

if TYPE_CHECKING:
    from rnnviz.tasks import Task

WINDOW = ("lookback", "step", "delay")
"""The settings of a forecast whose defaults fit the file."""

SERIES_HELP = N_(
    "A table with a row for each time, as spreadsheets and instruments save it: comma-separated or "
    "otherwise, with or without times. What is understood of it is shown before anything trains."
)
TEXT_HELP = N_("A file of plain text.")


@dataclass(frozen=True)
class Uploaded:
    """What a file gives to its task: some of its fields, and the defaults of some controls.

    `remarks` on the reading have been shown.
    """

    values: Mapping[str, Any]
    defaults: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[Message, ...] = ()


def draw_upload(kind: str, container: Any) -> Uploaded | None:
    """Draw the upload of a file of `kind` into `container`, and below what was understood of it.

    None where there is no file, or it cannot be read; the page has then said so.
    """
    from rnnviz.data import SERIES_LIMIT, TEXT_LIMIT

    try:
        with container:
            if kind == "text":
                state = draw_uploader(kind, _("Your text"), _(TEXT_HELP), TEXT_LIMIT)
            else:
                state = draw_uploader(kind, _("Your measurements"), _(SERIES_HELP), SERIES_LIMIT)
        if kind == "text":
            settings = draw_text(state)
            return None if settings is None else Uploaded({"file": state.key, "reading": settings})
    except Problem as problem:
        show.problem(problem)
        return None
    own = draw_series(state)
    if own is None:
        return None
    from rnnviz.tasks.forecast.window_defaults import window_defaults

    values = {"file": own.file, "reading": own.settings, "column": own.column}
    return Uploaded(values, window_defaults(own.series), own.series.remarks)


def draw_fitting_button(names: Iterable[str]) -> None:
    """Draw a button that sets the settings `names` to what fits the file, if they are not."""
    keys = [f"{OWN_PREFIX}{name}" for name in names]
    values = permalink.state().values

    def fit() -> None:
        for key in keys:
            values.pop(key, None)

    if values.keys() & {*keys}:
        st.button(
            _("Set what fits this file"), key="race.fit", icon=":material/fit_width:", on_click=fit
        )


def draw_costs(task: "Task", uploaded: Uploaded) -> None:
    """Draw what missing values cost the windows of a visitor's series."""
    remarks: Sequence[Message] = getattr(task, "data_remarks", ())
    lines = [show.escape_markdown(say(each)) for each in remarks if each not in uploaded.remarks]
    if lines:
        st.markdown("\n".join(f"- {line}" for line in lines))
