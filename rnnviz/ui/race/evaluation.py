"""The evaluation of one model of a finished race: its confusions, or what a beam search finds."""

from collections.abc import Callable, Mapping, Sequence
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
    from rnnviz.tasks.framework.kinds import ExampleKind

BEAM_WIDTH = Range(1, 10, label=N_("Beam width"))
OPEN = "race.evaluation.open"
LATEST = 10**9
"""A step behind all others: that of the latest weights."""

MOST_FREQUENT = N_(
    "{cell} confuses most often: {target} taken for {prediction}, {count} {count:time|times}"
)
NO_CONFUSION: "dict[ExampleKind, str]" = {
    "memorised": N_("{cell} confuses nothing on the training examples, learned by heart"),
    "drawn": N_("{cell} confuses nothing on examples that training draws as well"),
    "validation": N_("{cell} confuses nothing on the validation examples"),
    "test": N_("{cell} confuses nothing on the test examples"),
}
CAPTION = N_("Rows: the right label. Columns: the model's label. The diagonal is what is right.")
ALL_EXAMPLES: "dict[ExampleKind, str]" = {
    "memorised": N_("On all {count} training examples, learned by heart: {metrics}."),
    "drawn": N_("On {count} examples that training draws as well: {metrics}."),
    "validation": N_("On all {count} validation examples: {metrics}."),
    "test": N_("On all {count} test examples: {metrics}."),
}
GREEDY: "dict[ExampleKind, str]" = {
    "memorised": N_(
        "Greedy, on the {count} training examples, learned by heart, each answer read up to the "
        "length of the right one and its end symbol: {metrics}."
    ),
    "drawn": N_(
        "Greedy, on {count} examples that training draws as well, each answer read up to the "
        "length of the right one and its end symbol: {metrics}."
    ),
    "validation": N_(
        "Greedy, on {count} validation {count:example|examples}, each answer read up to the length "
        "of the right one and its end symbol: {metrics}."
    ),
    "test": N_(
        "Greedy, on {count} test {count:example|examples}, each answer read up to the length of "
        "the right one and its end symbol: {metrics}."
    ),
}
GREEDY_ON_SOME = N_(
    "Greedy, on {count} of {size} test examples, each answer read up to the length of the right "
    "one and its end symbol: {metrics}."
)
GREEDY_ON_SOME_BY_HEART = N_(
    "Greedy, on {count} of the {size} training examples, learned by heart, each answer read up to "
    "the length of the right one and its end symbol: {metrics}."
)
BASELINE = N_("{title}: {metrics}")
MEANINGS = {
    "macro recall": N_(
        "Macro recall: the mean over the labels of the share of each that was recognised; a rare "
        "label counts as much as a frequent one."
    ),
    "phoneme error rate": N_(
        "Phoneme error rate: how many phonemes have to be put in, taken out or exchanged, as a "
        "share of those of the right answers."
    ),
}
"""What the metrics mean that only the evaluation shows, by their names."""


def draw_evaluation(
    setup: RaceSetup, contestants: Sequence[ContestantView], race: RaceView
) -> None:
    """Draw the choice of a model and its evaluation; nothing for a task that has none."""
    from rnnviz.tasks import DECODER_KINDS
    from rnnviz.tasks.framework.classification import Classification

    task = setup.experiments[0].task
    is_classification = isinstance(task, Classification)
    if not is_classification and task.kind not in DECODER_KINDS:
        return
    names = {str(number): view.name for number, view in enumerate(contestants)}
    expander = st.expander(
        _("A closer look at one model"), icon=":material/zoom_in:", key=OPEN, on_change="rerun"
    )
    if not expander.open:
        return  # all test examples, and a beam: too much work for a closed expander
    with expander:
        number = int(controls.choose("race.evaluation", _("Model"), names, "0"))
        # The rest of the page shows medians over the seeds, this only the first seed's model.
        attribute = _with_first_seed if len(race.runs) > setup.contestants else str
        model = _load_model(setup, race, number)
        if model is None:
            st.info(
                show.escape_markdown(attribute(_("The weights of this model were not stored.")))
            )
        elif is_classification:
            _draw_confusion(model, task, contestants[number].name, attribute)
        else:
            _draw_decodings(model, task, attribute)


def _with_first_seed(sentence: str) -> str:
    return _("With the first seed: {sentence}", sentence=sentence)


def _load_model(setup: RaceSetup, race: RaceView, number: int) -> "Model | None":
    from rnnviz.training import load_model

    try:
        weights = service().weights(race.runs[number].run_id, LATEST)
        return None if weights is None else load_model(setup.experiments[number], weights)
    except Problem as problem:
        show.problem(problem)
        return None


def _draw_confusion(
    model: "Model", task: "Task", name: str, attribute: Callable[[str], str]
) -> None:
    from rnnviz.figures.confusion import confusion
    from rnnviz.training.evaluation import model_confusion

    result = model_confusion(model, task)
    assert result is not None, "only a classification has confusions"
    labels = [_(label) for label in result.labels]
    rows = [
        {_("wanted"): target, _("given"): prediction, _("count"): count}
        for target, row in zip(labels, result.counts, strict=True)
        for prediction, count in zip(labels, row, strict=True)
    ]
    title = attribute(_title(result.counts, labels, name, task.final_examples))
    count, template = sum(map(sum, result.counts)), ALL_EXAMPLES[task.final_examples]
    metrics = attribute(_(template, count=count, metrics=_metrics(result.metrics)))
    show.figure(
        confusion(labels, result.counts, show.theme(), _),
        key="race.confusion",
        title=title,
        caption=" ".join([_(CAPTION), metrics, *_meanings(result.metrics)]),
        alt=title,
        data=pd.DataFrame(rows),
    )
    remarks = [say(remark) for remark in task.remarks(model)]
    remarks += [
        _(BASELINE, title=_(title), metrics=_metrics(values))
        for title, values in result.baselines.items()
    ]
    st.markdown("\n".join(f"- {show.escape_markdown(remark)}" for remark in remarks))


def _title(
    counts: Sequence[Sequence[int]], labels: Sequence[str], name: str, kind: "ExampleKind"
) -> str:
    mistakes = [
        (count, target, prediction)
        for target, row in enumerate(counts)
        for prediction, count in enumerate(row)
        if target != prediction and count
    ]
    if not mistakes:
        return _(NO_CONFUSION[kind], cell=name)
    count, target, prediction = max(mistakes, key=lambda mistake: mistake[0])
    return _(
        MOST_FREQUENT,
        cell=name,
        target=labels[target],
        prediction=labels[prediction],
        count=count,
    )


def _metrics(values: Mapping[str, float]) -> str:
    return ", ".join(f"{_(name)} {value:.1%}" for name, value in values.items())


def _meanings(metrics: Mapping[str, float]) -> list[str]:
    return [_(MEANINGS[name]) for name in metrics if name in MEANINGS]


def _draw_decodings(model: "Model", task: "Task", attribute: Callable[[str], str]) -> None:
    from rnnviz.training.evaluation import decodings, final_metrics

    explanation = _(
        "A greedy decoder takes the most likely symbol at each step. A beam keeps several prefixes "
        "and may find an answer that is more likely as a whole."
    )
    width = controls.slider("race.beam", "", BEAM_WIDTH, 4, help=explanation)
    rows = [
        {
            _("Question"): decoding.question,
            _("Right answer"): decoding.target,
            _("Greedy"): decoding.greedy,
            _("Probability"): decoding.probability,
            _("Best of the beam search"): decoding.beam[0][0],
            _("Its probability"): decoding.beam[0][1],
            _("Other answers of the beam search"): " · ".join(
                f"{answer} ({probability:.1%})" for answer, probability in decoding.beam[1:]
            ),
        }
        for decoding in decodings(model, task, width)
    ]
    show.table(pd.DataFrame(rows))
    split, kind = task.final_split, task.final_examples
    count, size = len(task.evaluation_batch(split)), task.size(split)
    template = GREEDY[kind]
    if size is not None and size > count:
        template = GREEDY_ON_SOME_BY_HEART if kind == "memorised" else GREEDY_ON_SOME
    values = final_metrics(model, task)
    summary = attribute(_(template, count=count, size=size, metrics=_metrics(values)))
    st.caption(show.escape_markdown(" ".join([summary, *_meanings(values)])))
    show.download(pd.DataFrame(rows), key="race.beam.csv")
