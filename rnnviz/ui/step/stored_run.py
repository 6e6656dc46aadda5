"""A stored run on the stage: any run, at any of its saved steps.

T time steps.
"""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from rnnviz.lessons.view import NO_STATE, OWN
from rnnviz.messages import N_, Problem, excerpt
from rnnviz.settings import Range
from rnnviz.store import RunRow
from rnnviz.text import ENDS
from rnnviz.ui import controls, permalink, show
from rnnviz.ui.language import _
from rnnviz.ui.services import store as storage
from rnnviz.ui.services.uploads import stored_experiment
from rnnviz.ui.shared_cache import shared
from rnnviz.ui.step.lesson import Lesson, lesson
from rnnviz.ui.step.source import NO_RUN, RunSource
from rnnviz.ui.step_through_check import NO_WEIGHTS

UNNAMED_RUN = N_(
    "{task}, {cell} with {units} {units:unit|units}, after step {step} of its training."
)
NAMED_RUN = N_(
    "{name}: {task}, {cell} with {units} {units:unit|units}, after step {step} of its training."
)
EXAMPLE = N_("Example")
SAVED_STEP = N_("Training step")
PROBE_EXAMPLE = N_("the example shown during training")
NUMBERED_EXAMPLE = N_("number {number}")
OWN_TEXT = N_("your own text")
LEAVE_RUN = N_("Back to the examples")

LAST_STEP = 3_000_000
"""Stands for the last saved step in an address: no run has more steps."""

_KEY = "step.run"


@dataclass(frozen=True)
class RunFacts:
    """What the controls of a run need of it.

    task, model        their titles, messages
    units              hidden units
    is_recurrent       whether it has states
    examples           how many there are to choose from
    own_text           the text to begin with where a visitor may enter one, else None
    """

    task: str
    model: str
    units: int
    is_recurrent: bool
    examples: int
    own_text: str | None


@shared(max_entries=256)
def _run_facts(code: str, created: float, _run: RunRow) -> RunFacts:
    """Raises `Problem` for a setting that is no longer allowed or a file that is not there."""
    from rnnviz.races.setup import model_title

    store = storage.open_store()
    if store is None:
        raise Problem(NO_RUN, value=excerpt(code))
    experiment = stored_experiment(store, _run)
    task, own_text = experiment.task, None
    if task.kind == "many-to-one" and not task.features:
        tokens = [token for token in task.example().tokens if token not in ENDS]
        own_text = ("" if task.unit == "character" else " ").join(tokens)
    return RunFacts(
        task=task.title,
        model=model_title(experiment.model),
        units=experiment.model.hidden,
        is_recurrent=experiment.model.family == "recurrent",
        examples=len(task.questions()),
        own_text=own_text,
    )


def linked_run() -> str:
    """The code of the run in the address; "" for none, or for one that is not stored."""

    def check(code: Any) -> str:
        store = storage.open_store()
        if code and (store is None or store.run(str(code)) is None):
            raise Problem(NO_RUN, value=excerpt(str(code)))
        return str(code)

    return permalink.value(_KEY, "run", "", parse=check, check=check, serialise=str)


def stored_run_lesson(code: str) -> Lesson:
    """Draw the controls of the run `code` and return the lesson that they describe.

    Raises:
        Problem: nothing of it can be shown; or the visitor's text is empty.
    """
    store = storage.open_store()
    run = None if store is None else store.run(code)
    if store is None or run is None:
        raise Problem(NO_RUN, value=excerpt(code))
    saved_steps = store.saved_steps(code)
    st.button(_(LEAVE_RUN), key="step.leave", icon=":material/arrow_back:", on_click=_leave)
    if not saved_steps:
        raise Problem(NO_WEIGHTS)
    facts = _run_facts(code, run.created, run)
    step, example, text = _controls(facts, saved_steps)
    if not facts.is_recurrent:
        raise Problem(NO_STATE)
    _show_heading(run.name, facts, step)
    with st.container():  # What has to be computed says so here, and leaves nothing behind.
        return lesson(RunSource(code, run.created, step, example, text))


def _leave() -> None:
    permalink.set_value(_KEY, "")


def _show_heading(name: str, facts: RunFacts, step: int) -> None:
    heading = _(
        NAMED_RUN if name else UNNAMED_RUN,
        name=name,
        task=_(facts.task),
        cell=_(facts.model),
        units=facts.units,
        step=step,
    )
    st.caption(show.escape_markdown(heading))


def _controls(facts: RunFacts, saved_steps: list[int]) -> tuple[int, str, str]:
    """The saved step, the example's number or `OWN`, and the visitor's own text."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    options = {"0": _(PROBE_EXAMPLE)} | {
        str(number): _(NUMBERED_EXAMPLE, number=number) for number in range(1, facts.examples + 1)
    }
    if facts.own_text is not None:
        options[OWN] = _(OWN_TEXT)
    example = controls.choose("step.which", _(EXAMPLE), options, "0", container=right)
    step = int(controls.address_value("step.saved_step", LAST_STEP, rule=Range(0, LAST_STEP)))
    step = max((saved for saved in saved_steps if saved <= step), default=saved_steps[0])
    if len(saved_steps) > 1:
        key = "step.saved_steps"
        if st.session_state.get(key) != step:
            st.session_state[key] = step
        left.select_slider(_(SAVED_STEP), saved_steps, key=key, on_change=_set_step, args=(key,))
    text = ""
    if example == OWN:
        text = controls.text(
            "step.words_of_own", _(OWN_TEXT), facts.own_text or "", limit=1000, parameter="words"
        )
    return step, example, text


def _set_step(key: str) -> None:
    controls.set_address_value("step.saved_step", int(st.session_state[key]))
