"""One run by itself: what it is called, how it stands, its course, what can be done with it."""

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.store import RunRow, Store
from rnnviz.store.store import NAME, NOTE
from rnnviz.ui import show
from rnnviz.ui.language import _, say
from rnnviz.ui.run_text import STATE_TITLES
from rnnviz.ui.runs import format, selection
from rnnviz.ui.runs.actions import again, deleting, going_on, resuming
from rnnviz.ui.runs.compare import compare, flattened
from rnnviz.ui.runs.gradient_history import gradient
from rnnviz.ui.runs.import_export import exports
from rnnviz.ui.services.uploads import stored_experiment
from rnnviz.ui.step_through_check import NO_WEIGHTS, step_through_problem

if TYPE_CHECKING:
    from rnnviz.training import Experiment

STEP = "pages/learn/step.py"

NOT_THERE = N_(
    "The link asks for the run {run}, which is not stored here (any more); allowed is a run of the "
    "list."
)


def one(store: Store, run: str) -> None:
    """Draw the run, or say that there is none."""
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
        show.problem(Problem(NOT_THERE, run=excerpt(run)))
        return
    said = selection.page_state().said
    if said is not None:
        show.problem(said)
    st.header(show.escape_markdown(format.name_of(row)), anchor=False)
    if not going_on(row):
        _standing(row)
    experiment: Experiment | None = None
    try:
        experiment = stored_experiment(store, row)
    except Problem as problem:
        told = _("It can be looked at, but not repeated. {reason}", reason=say(problem))
        st.warning(show.escape_markdown(told), icon=":material/info:")
    _titles(store, row)
    with st.container(horizontal=True, key="runs-acts"):
        if experiment is not None:
            resuming(store, row)
        deleting(store, [row])
    compare(store, [row])
    gradient(store, row, experiment)
    moment = _moment(store.saved_steps(row.id))
    if experiment is not None:
        _step_through(row, experiment, moment)
        again(experiment)
    st.subheader(_("Take it with you"), anchor=False)
    exports(store, row, experiment, moment)
    _settings(row, experiment)


def _standing(row: RunRow) -> None:
    """How the run stands and why, in a line."""
    state = _(STATE_TITLES[row.state])
    told = _(
        "{state} · steps: {steps} · {duration}",
        state=state,
        steps=row.steps,
        duration=format.lasted(row.seconds),
    )
    if row.validation_metric is not None:
        told += " · " + format.score(row, row.validation_metric)
    st.markdown(f"**{show.escape_markdown(told)}**")
    reason = "" if row.reason is None else say(row.reason)
    if reason:
        box = st.error if row.state == "failed" else st.info
        box(show.escape_markdown(reason), icon=":material/info:")


def _titles(store: Store, row: RunRow) -> None:
    """Its name and its note, kept as soon as they are typed."""
    name, note = f"runs.name.{row.id}", f"runs.note.{row.id}"
    st.session_state.setdefault(name, row.name)
    st.session_state.setdefault(note, row.note)

    def keep(key: str) -> None:
        typed = st.session_state[key]
        act = store.rename if key == name else store.annotate
        selection.page_state().attempt(lambda: act(row.id, typed))

    left, right = st.columns(2)
    left.text_input(
        _("Name"),
        key=name,
        max_chars=NAME,
        placeholder=format.name_of(row),
        on_change=keep,
        args=(name,),
    )
    right.text_area(_("Note"), key=note, max_chars=NOTE, height=68, on_change=keep, args=(note,))


def _moment(moments: list[int]) -> int | None:
    """Which of the kept weights are meant; the last ones, unless the visitor slides."""
    if len(moments) < 2:
        return moments[0] if moments else None
    found: int = st.select_slider(
        _("Weights after step"), moments, value=moments[-1], key=f"runs.moment.{moments[-1]}"
    )
    return found


def _step_through(row: RunRow, experiment: "Experiment", moment: int | None) -> None:
    """The link into the model after `moment` steps, or why there is none."""
    reason = Problem(NO_WEIGHTS) if moment is None else step_through_problem(experiment)
    if reason is not None:
        told = _("It cannot be opened in Step through. {reason}", reason=say(reason))
        st.caption(show.escape_markdown(told))
        return
    st.page_link(
        STEP,
        label=_("Open it in Step through, after step {step}", step=moment),
        icon=":material/directions_walk:",
        query_params={"run": row.id, "saved_step": str(moment)},
    )


def _settings(row: RunRow, experiment: "Experiment | None") -> None:
    with st.expander(_("Settings and circumstances"), icon=":material/list:"):
        made = row.experiment
        lines = [
            (format.setting("id"), row.id),
            (format.setting("created"), format.when(row.created)),
        ]
        lines += [
            (format.setting(path, made), format.value(path, value, made))
            for path, value in flattened(made).items()
        ]
        facts = {name: fact for name, fact in row.facts.items() if name != "changes"}
        # The device that was asked for is among the settings; this is what it turned out to be.
        facts["processor"] = facts.pop("device", None)
        lines += [(format.setting(path), value) for path, value in flattened(facts).items()]
        lines += _changes(row, experiment)
        titles = (_("Setting"), _("Value"))
        table = pd.DataFrame([dict(zip(titles, line, strict=True)) for line in lines])
        show.table(table, alt=_("All settings of the run"))


def _changes(row: RunRow, experiment: "Experiment | None") -> list[tuple[str, str]]:
    """What was set while the run was going on: from which step, and to what."""
    from rnnviz.export import parse_changes

    if experiment is None:
        return []

    def title(name: str) -> str:
        return format.setting(f"optimiser.{name}", row.experiment)

    return [
        (
            _("From step {step}", step=step),
            " · ".join(
                f"{title(name)}: {'—' if value is None else value}"
                for name, value in values.items()
            ),
        )
        for step, values in parse_changes(experiment, row.facts.get("changes"))
    ]
