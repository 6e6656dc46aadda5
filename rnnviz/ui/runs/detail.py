"""One run by itself: its name and state, its curves, and what can be done with it."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.store import LIVE, RunRow, Store
from rnnviz.store.store import NAME_LIMIT, NOTE_LIMIT
from rnnviz.ui import show
from rnnviz.ui.language import _, current, say
from rnnviz.ui.run_text import STATE_TITLES
from rnnviz.ui.runs import format, scores, selection
from rnnviz.ui.runs.actions import draw_delete, draw_progress, draw_resume, draw_settings_link
from rnnviz.ui.runs.compare import draw_comparison, flatten
from rnnviz.ui.runs.deletions import follow
from rnnviz.ui.runs.gradient_history import draw_gradient_history
from rnnviz.ui.runs.import_export import draw_exports
from rnnviz.ui.services.uploads import stored_experiment
from rnnviz.ui.shared_cache import shared
from rnnviz.ui.step_through_check import NO_WEIGHTS, step_through_problem

if TYPE_CHECKING:
    from pyarrow import Table

    from rnnviz.training import Experiment

STEP = "pages/learn/step.py"

NOT_STORED = N_(
    "The link names the run {run}, which is not stored here or was deleted; allowed is a run of "
    "the list."
)


def draw_run(store: Store, run: str) -> None:
    """Draw the run, or that there is none."""
    st.button(
        _("All runs"),
        key="runs.all",
        icon=":material/arrow_back:",
        type="tertiary",
        on_click=selection.open_run,
        args=("",),
    )
    row = store.run(run)
    if row is None:
        show.problem(Problem(NOT_STORED, run=excerpt(run)))
        return
    problem = selection.page_state().problem
    if problem is not None:
        show.problem(problem)
    st.header(show.escape_markdown(format.run_name(row)), anchor=False)
    if not draw_progress(row):
        _draw_state(row)
        follow(store, {row.id: row.state} if row.state in LIVE else {})
    experiment: Experiment | None = None
    try:
        experiment = stored_experiment(store, row)
    except Problem as problem:
        warning = _("The run can be viewed, but not repeated. {reason}", reason=say(problem))
        st.warning(show.escape_markdown(warning), icon=":material/info:")
    _draw_name_and_note(store, row)
    with st.container(horizontal=True, key="runs-actions"):
        if experiment is not None:
            draw_resume(store, row)
        draw_delete(store, [row])
    draw_comparison(store, [row])
    draw_gradient_history(store, row, experiment)
    saved_step = _choose_saved_step(store.saved_steps(row.id))
    if experiment is not None:
        _draw_step_through_link(row, experiment, saved_step)
        draw_settings_link(experiment)
    st.subheader(_("Download"), anchor=False)
    draw_exports(store, row, experiment, saved_step)
    _draw_settings(row, experiment)


def _draw_state(row: RunRow) -> None:
    """Draw the state of the run in a line, and the reason of its end."""
    line = _(
        "{state} · steps: {steps} · {duration}",
        state=_(STATE_TITLES[row.state]),
        steps=row.steps,
        duration=format.duration(row.seconds),
    )
    if row.validation_metric is not None:
        line += " · " + scores.final_text(row)
    st.markdown(f"**{show.escape_markdown(line)}**")
    if scores.lacks_test_score(row):
        st.caption(
            _("No test score: only a run that ends by itself is measured on the test examples.")
        )
    reason = scores.end_reason(row)
    if reason is not None:
        box = st.error if row.state == "failed" else st.info
        box(show.escape_markdown(say(reason)), icon=":material/info:")


def _draw_name_and_note(store: Store, row: RunRow) -> None:
    """Draw fields for the name and the note, stored as soon as they are typed."""
    name_key, note_key = f"runs.name.{row.id}", f"runs.note.{row.id}"
    st.session_state.setdefault(name_key, row.name)
    st.session_state.setdefault(note_key, row.note)

    def save(key: str) -> None:
        text = st.session_state[key]
        write = store.rename if key == name_key else store.annotate
        selection.page_state().attempt(lambda: write(row.id, text))

    left, right = st.columns(2)
    left.text_input(
        _("Name"),
        key=name_key,
        max_chars=NAME_LIMIT,
        placeholder=format.run_name(row),
        on_change=save,
        args=(name_key,),
    )
    right.text_area(
        _("Note"), key=note_key, max_chars=NOTE_LIMIT, height=68, on_change=save, args=(note_key,)
    )


def _choose_saved_step(saved_steps: list[int]) -> int | None:
    """The saved step that the visitor chooses, at first the last one; None if there is none."""
    if len(saved_steps) < 2:
        return saved_steps[0] if saved_steps else None
    last = saved_steps[-1]
    saved_step: int = st.select_slider(
        _("Weights after step"), saved_steps, value=last, key=f"runs.saved_step.{last}"
    )
    return saved_step


def _draw_step_through_link(row: RunRow, experiment: "Experiment", saved_step: int | None) -> None:
    """Draw the link to the model after `saved_step` in Step through, or why there is none."""
    problem = Problem(NO_WEIGHTS) if saved_step is None else step_through_problem(experiment)
    if problem is not None:
        caption = _("It cannot be opened in Step through. {reason}", reason=say(problem))
        st.caption(show.escape_markdown(caption))
        return
    st.page_link(
        STEP,
        label=_("Open it in Step through, after step {step}", step=saved_step),
        icon=":material/directions_walk:",
        query_params={"run": row.id, "saved_step": str(saved_step)},
    )


def _draw_settings(row: RunRow, experiment: "Experiment | None") -> None:
    version = (row.id, row.changed, row.state)
    with st.expander(_("Settings and environment"), icon=":material/list:"):
        table = _settings_table(version, current(), st.context.timezone, row, experiment)
        show.table(table, alt=_("All settings of the run"))


@shared(max_entries=60)
def _settings_table(
    version: tuple[str, float, str],
    language: str,
    timezone: str | None,
    _row: RunRow,
    _experiment: "Experiment | None",
) -> "Table":
    settings = _row.experiment
    lines = [
        (format.setting_label("id"), _row.id),
        (format.setting_label("created"), format.timestamp(_row.created)),
    ]
    lines += [
        (format.setting_label(path, settings), format.setting_value(path, value, settings))
        for path, value in flatten(settings).items()
    ]
    facts = {name: fact for name, fact in _row.facts.items() if name != "changes"}
    # The requested device is one of the settings; this is the processor that was used.
    facts["processor"] = facts.pop("device", None)
    lines += [(format.setting_label(path), value) for path, value in flatten(facts).items()]
    lines += _changes(_row, _experiment)
    columns = (_("Setting"), _("Value"))
    return show.finish_table(
        pd.DataFrame([dict(zip(columns, line, strict=True)) for line in lines])
    )


def _changes(row: RunRow, experiment: "Experiment | None") -> list[tuple[str, str]]:
    """The settings that were changed during the run: from which step, and their values."""
    from rnnviz.export import parse_changes

    if experiment is None:
        return []

    def line(name: str, value: object) -> str:
        label = format.setting_label(f"optimiser.{name}", row.experiment)
        return f"{label}: {'—' if value is None else value}"

    return [
        (
            _("From step {step}", step=step),
            " · ".join(line(name, value) for name, value in values.items()),
        )
        for step, values in parse_changes(experiment, row.facts.get("changes"))
    ]
