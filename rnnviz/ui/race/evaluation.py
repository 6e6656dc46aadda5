"""A closer look at one model of a race that is over: what it confuses, what else it might say."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.jobs import RaceView
from rnnviz.messages import N_, Problem
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.language import _, say
from rnnviz.ui.live import ContestantView
from rnnviz.ui.services.training import RaceSetup, service

if TYPE_CHECKING:
    from rnnviz.model import Model
    from rnnviz.tasks import Task
    from rnnviz.training.evaluation import Confusion

WIDTH = Range(1, 10, label=N_("Width of the beam"))
OPEN = "race.closer.open"
LAST = 10**9
"""The step of the latest weights, whatever it is."""

FINDING = N_("{cell} confuses most often: {wanted} taken for {given}, {count} {count:time|times}")
NO_MISTAKE = N_("{cell} confuses nothing on the validation examples")
CAPTION = N_("Down: the right label. Across: the label given. The diagonal is what is right.")
MEASURED = N_("On all {count} validation examples: {measures}.")
GREEDILY = N_(
    "Greedy, on {count} validation {count:example|examples}, each answer read as far as the right "
    "one and its end: {measures}."
)
GREEDILY_SOME = N_(
    "Greedy, on {count} of {size} validation examples, each answer read as far as the right one "
    "and its end: {measures}."
)
RIVAL = N_("{title}: {measures}")


def draw_evaluation(asked: RaceSetup, lanes: Sequence[ContestantView], view: RaceView) -> None:
    """Choose a model, and see what its metric does not tell. Nothing where there is nothing."""
    from rnnviz.tasks import DECODED
    from rnnviz.tasks.framework.classification import Classification

    task = asked.experiments[0].task
    judged = isinstance(task, Classification)
    if not judged and task.kind not in DECODED:
        return
    names = {str(place): lane.name for place, lane in enumerate(lanes)}
    folded = st.expander(
        _("A closer look at one model"), icon=":material/zoom_in:", key=OPEN, on_change="rerun"
    )
    if not folded.open:
        return  # all validation examples, and a beam: not for who does not ask
    with folded:
        place = int(controls.choose("race.closer", _("Model"), names, "0"))
        # Only its weights are looked at, while all the rest of the page tells of the median.
        told = _first if len(view.runs) > asked.contestants else str
        model = _model(asked, view, place)
        if model is None:
            st.info(show.escape_markdown(told(_("Of this model no weights are kept."))))
        elif judged:
            _judged(model, task, lanes[place].name, told)
        else:
            _decoded(model, task, told)


def _first(said: str) -> str:
    return _("With the first seed: {said}", said=said)


def _model(asked: RaceSetup, view: RaceView, place: int) -> "Model | None":
    from rnnviz.training import load_model

    try:
        content = service().weights(view.runs[place].run_id, LAST)
        return None if content is None else load_model(asked.experiments[place], content)
    except Problem as problem:
        show.problem(problem)
        return None


def _judged(model: "Model", task: "Task", name: str, told: Callable[[str], str]) -> None:
    from rnnviz.figures.confusion import confusion
    from rnnviz.training.evaluation import model_confusion

    found = model_confusion(model, task)
    assert found is not None, "only a classification is judged"
    labels = [_(label) for label in found.labels]
    rows = [
        {_("wanted"): wanted, _("given"): given, _("count"): count}
        for wanted, row in zip(labels, found.counts, strict=True)
        for given, count in zip(labels, row, strict=True)
    ]
    finding = told(_finding(found, labels, name))
    count, measures = sum(map(sum, found.counts)), _measures(found.metrics)
    measured = told(_(MEASURED, count=count, measures=measures))
    show.figure(
        confusion(labels, found.counts, show.theme(), _),
        key="race.confusion",
        title=finding,
        caption=f"{_(CAPTION)} {measured}",
        alt=finding,
        data=pd.DataFrame(rows),
    )
    more = [say(each) for each in task.remarks(model)]
    more += [
        _(RIVAL, title=_(title), measures=_measures(values))
        for title, values in found.baselines.items()
    ]
    st.markdown("\n".join(f"- {show.escape_markdown(each)}" for each in more))


def _finding(found: "Confusion", labels: Sequence[str], name: str) -> str:
    missed = [
        (count, wanted, given)
        for wanted, row in enumerate(found.counts)
        for given, count in enumerate(row)
        if wanted != given and count
    ]
    if not missed:
        return _(NO_MISTAKE, cell=name)
    count, wanted, given = max(missed, key=lambda each: each[0])
    return _(FINDING, cell=name, wanted=labels[wanted], given=labels[given], count=count)


def _measures(values: dict[str, float]) -> str:
    return ", ".join(f"{_(name)} {value:.1%}" for name, value in values.items())


def _decoded(model: "Model", task: "Task", told: Callable[[str], str]) -> None:
    from rnnviz.training.evaluation import decodings, validation_metrics

    about = _(
        "A greedy decoder takes the likeliest symbol at each step. A beam keeps several beginnings "
        "and may find an answer that is likelier as a whole."
    )
    width = controls.slider("race.beam", "", WIDTH, 4, help=about)
    rows = [
        {
            _("Question"): each.question,
            _("Right answer"): each.target,
            _("Greedy"): each.greedy,
            _("Probability"): each.probability,
            _("Best of the beam"): each.beam[0][0],
            _("Probability of that"): each.beam[0][1],
            _("The beam's others"): " · ".join(f"{say} ({p:.1%})" for say, p in each.beam[1:]),
        }
        for each in decodings(model, task, width)
    ]
    show.table(pd.DataFrame(rows))
    count, size = len(task.tested()), task.size("validation")
    greedily = GREEDILY if size is None or size == count else GREEDILY_SOME
    measures = _measures(validation_metrics(model, task))
    st.caption(show.escape_markdown(told(_(greedily, count=count, size=size, measures=measures))))
    show.download(pd.DataFrame(rows), key="race.beam.csv")
