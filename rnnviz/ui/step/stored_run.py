"""A stored run on the stage: any run, at any of its saved steps.

T time steps.
"""

from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.settings import Range
from rnnviz.store import RunRow
from rnnviz.text import LIMIT
from rnnviz.ui import controls, permalink, show
from rnnviz.ui.language import _
from rnnviz.ui.services import store as storage
from rnnviz.ui.services.uploads import stored_experiment
from rnnviz.ui.step.cell_view import cell_view
from rnnviz.ui.step.lesson import PREDICTED_TARGET, Lesson
from rnnviz.ui.step.probe_cache import ProbedModel
from rnnviz.ui.step.pseudocode import pseudocode
from rnnviz.ui.step.unknown_words import unknown_flags, unknown_warnings
from rnnviz.ui.step_through_check import MAX_TIME_STEPS, NO_STATE, NO_WEIGHTS, TOO_LONG

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.model import EncoderDecoder, SequenceModel
    from rnnviz.tasks import Batch, Example, Task
    from rnnviz.training import Experiment

NO_RUN = N_("{value} is not a stored run; allowed is the code in a link of the page Runs.")
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
_OWN = "own"


def linked_run() -> str:
    """The code of the run in the address; "" for none, or for one that is not stored."""

    def check(code: Any) -> str:
        store = storage.open_store()
        if code and (store is None or store.run(str(code)) is None):
            raise Problem(NO_RUN, value=excerpt(str(code)))
        return str(code)

    return permalink.value(_KEY, "run", "", parse=check, check=check, serialise=str)


def stored_run_lesson(code: str) -> Lesson:
    """Draw the controls of the run `code` and make the lesson that they describe.

    Raises:
        Problem: nothing of it can be shown; or the visitor's text is empty.
    """
    from rnnviz.model import EncoderDecoder, SequenceModel
    from rnnviz.training import load_model

    store = storage.open_store()
    run = None if store is None else store.run(code)
    if store is None or run is None:
        raise Problem(NO_RUN, value=excerpt(code))
    saved_steps = store.saved_steps(code)
    st.button(_(LEAVE_RUN), key="step.leave", icon=":material/arrow_back:", on_click=_leave)
    if not saved_steps:
        raise Problem(NO_WEIGHTS)
    experiment = stored_experiment(store, run)
    step, example, text = _controls(experiment.task, saved_steps)
    model = load_model(experiment, store.weights(code, step) or b"")
    if not isinstance(model, SequenceModel | EncoderDecoder):
        raise Problem(NO_STATE)
    _show_heading(run, experiment, step)
    return _lesson(experiment, model, f"{code} {step}", example, text)


def _leave() -> None:
    permalink.set_value(_KEY, "")


def _show_heading(run: RunRow, experiment: "Experiment", step: int) -> None:
    from rnnviz.races.setup import model_title

    heading = _(
        NAMED_RUN if run.name else UNNAMED_RUN,
        name=run.name,
        task=_(experiment.task.title),
        cell=_(model_title(experiment.model)),
        units=experiment.model.hidden,
        step=step,
    )
    st.caption(show.escape_markdown(heading))


def _controls(task: "Task", saved_steps: list[int]) -> tuple[int, str, str]:
    """The saved step, the example's number or "own", and the visitor's own text."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    options = {"0": _(PROBE_EXAMPLE)} | {
        str(number): _(NUMBERED_EXAMPLE, number=number)
        for number in range(1, len(task.questions()) + 1)
    }
    if task.kind == "many-to-one" and not task.features:
        options[_OWN] = _(OWN_TEXT)
    example = controls.choose("step.which", _(EXAMPLE), options, "0", container=right)
    step = int(controls.address_value("step.saved_step", LAST_STEP, rule=Range(0, LAST_STEP)))
    step = max((saved for saved in saved_steps if saved <= step), default=saved_steps[0])
    if len(saved_steps) > 1:
        key = "step.saved_steps"
        if st.session_state.get(key) != step:
            st.session_state[key] = step
        left.select_slider(_(SAVED_STEP), saved_steps, key=key, on_change=_set_step, args=(key,))
    text = ""
    if example == _OWN:
        separator = "" if task.unit == "character" else " "
        default = separator.join(task.example().tokens)
        text = controls.text(
            "step.words_of_own", _(OWN_TEXT), default, limit=1000, parameter="words"
        )
    return step, example, text


def _set_step(key: str) -> None:
    controls.set_address_value("step.saved_step", int(st.session_state[key]))


def _lesson(
    experiment: "Experiment",
    model: "SequenceModel | EncoderDecoder",
    weights_key: str,
    choice: str,
    text: str,
) -> Lesson:
    from rnnviz.memory import token_sensitivity
    from rnnviz.races.setup import model_title

    task = experiment.task
    example, own_answer = _example(task, model, choice, text), choice == _OWN
    tokens, batch = example.tokens, example.batch
    vectors = model.embed(batch.inputs)[0]
    if len(vectors) > MAX_TIME_STEPS:
        raise Problem(TOO_LONG, T=len(vectors), limit=MAX_TIME_STEPS)
    pooled = len(vectors) != len(tokens)
    spec = experiment.model
    token_model = _token_model(model, task, len(tokens))
    ids = batch.inputs[0].tolist() if token_model else []
    steps = _pooled_tokens(tokens, spec.pool) if pooled else tokens
    return Lesson(
        tokens=steps,
        unknown=(False,) * len(steps) if pooled else unknown_flags(task, tokens),
        cell_views=(cell_view(spec.cell, _(model_title(spec)), model, task, batch, own_answer),),
        sensitivity={spec.cell: token_sensitivity(token_model, ids)} if token_model else {},
        probed={spec.cell: ProbedModel(weights_key, task, token_model)} if token_model else {},
        ids=tuple(ids),
        pseudocode=pseudocode(task),
        prediction_title=_(task.title),
        warnings=unknown_warnings(task, tokens) if own_answer else (),
        remarks=(_(PREDICTED_TARGET),) if own_answer else (),
    )


def _token_model(
    model: "SequenceModel | EncoderDecoder", task: "Task", T: int
) -> "SequenceModel | None":
    """The model, if each of its steps reads one token and there are not too many of them."""
    from rnnviz.model import SequenceModel

    if not isinstance(model, SequenceModel) or model.front or task.features or T > LIMIT:
        return None
    return model


def _example(
    task: "Task", model: "SequenceModel | EncoderDecoder", choice: str, text: str
) -> "Example":
    """The chosen sequence: the probe example, one of the questions, or the visitor's text."""
    import torch

    from rnnviz.tasks import Example, stack

    if choice == "0":
        return task.example()
    if choice == _OWN:
        tokens, ids = task.encode(text)
        with torch.no_grad():
            answer = model.predict(stack([ids], [0])).argmax(-1)
        return Example(tuple(tokens), stack([ids], answer.tolist()))
    row = task.questions().row(int(choice) - 1)
    return Example(_tokens(task, row), _without_padding(task, row))


def _without_padding(task: "Task", batch: "Batch") -> "Batch":
    """One sequence without its padding."""
    from rnnviz.tasks import DECODER_KINDS, Batch

    T = int(batch.lengths[0])
    inputs, targets, mask = batch.inputs[:, :T], batch.targets, batch.mask
    if task.kind not in DECODER_KINDS:
        mask = mask[:, :T]
    if task.kind == "many-to-many":
        targets = targets[:, :T]
    return Batch(inputs, batch.lengths, targets, mask)


def _tokens(task: "Task", batch: "Batch") -> tuple[str, ...]:
    """The tokens of one sequence, or its first feature as numbers."""
    T = int(batch.lengths[0])
    if task.features:
        return tuple(f"{value:.2f}" for value in batch.inputs[0, :T, 0].tolist())
    return tuple(task.vocabulary.decode(batch.inputs[0, :T].tolist()))


def _pooled_tokens(tokens: tuple[str, ...], pool: int) -> tuple[str, ...]:
    """The first and the last token of each pooling window, which is one step of the network."""
    starts = range(0, len(tokens), pool)
    return tuple(
        f"{tokens[start]} … {tokens[min(start + pool, len(tokens)) - 1]}" for start in starts
    )
