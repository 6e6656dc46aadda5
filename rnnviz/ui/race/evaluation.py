"""The evaluation of one model of a finished race: its confusions, or what a beam search finds."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from rnnviz.jobs import RaceView
from rnnviz.messages import N_, Message, Problem
from rnnviz.palette import Theme
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.background import computed
from rnnviz.ui.language import _, current, say
from rnnviz.ui.live import ContestantView
from rnnviz.ui.services.training import RaceSetup, service
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.tasks import Task
    from rnnviz.tasks.framework.kinds import ExampleKind
    from rnnviz.training import Experiment
    from rnnviz.training.evaluation import Confusion, Decoding

EVALUATION = "rnnviz.training.stored_evaluation"
"""The module that computes it, in a process of its own."""

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
        is_first_seed = len(race.runs) > setup.contestants
        experiment, run = setup.experiments[number], race.runs[number]
        try:
            weights = service().weights(run.run_id, LATEST)
            if weights is None:
                note = _attribute(_("The weights of this model were not stored."), is_first_seed)
                st.info(show.escape_markdown(note))
            elif is_classification:
                _draw_confusion(experiment, weights, contestants[number].name, is_first_seed)
            else:
                _draw_decodings(experiment, weights, is_first_seed)
        except Problem as problem:
            show.problem(problem)


def _attribute(sentence: str, is_first_seed: bool) -> str:
    """`sentence`, which names its seed where there are several."""
    return _("With the first seed: {sentence}", sentence=sentence) if is_first_seed else sentence


def _draw_confusion(
    experiment: "Experiment", weights: bytes, name: str, is_first_seed: bool
) -> None:
    data = computed(f"{EVALUATION}:stored_confusion", experiment, weights)
    key = (experiment.to_json(), hash(weights))
    figure, rows, remarks = _confusion(
        key, name, is_first_seed, current(), show.theme(), experiment.task, *data
    )
    show.figure(figure, key="race.confusion", data=rows)
    st.markdown(remarks)


@shared(max_entries=60)
def _confusion(
    key: Hashable,
    name: str,
    is_first_seed: bool,
    language: str,
    theme: Theme,
    _task: "Task",
    _result: "Confusion",
    _remarks: Sequence[Message],
) -> tuple[show.ReadyFigure, pd.DataFrame, str]:
    """The figure of the confusions, its numbers, and the remarks below it as Markdown."""
    from rnnviz.figures.confusion import confusion

    labels, counts = [_(label) for label in _result.labels], _result.counts
    rows = [
        {_("wanted"): target, _("given"): prediction, _("count"): count}
        for target, row in zip(labels, counts, strict=True)
        for prediction, count in zip(labels, row, strict=True)
    ]
    kind = _task.final_examples
    title = _attribute(_title(counts, labels, name, kind), is_first_seed)
    total, values = sum(map(sum, counts)), _metrics(_result.metrics)
    metrics = _attribute(_(ALL_EXAMPLES[kind], count=total, metrics=values), is_first_seed)
    caption = " ".join([_(CAPTION), metrics, *_meanings(_result.metrics)])
    plain = confusion(labels, counts, theme, _)
    remarks = [say(remark) for remark in _remarks]
    remarks += [
        _(BASELINE, title=_(title), metrics=_metrics(values))
        for title, values in _result.baselines.items()
    ]
    return (
        show.finish(plain, title=title, caption=caption, alt=title, theme=theme),
        pd.DataFrame(rows),
        "\n".join(f"- {show.escape_markdown(remark)}" for remark in remarks),
    )


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


def _draw_decodings(experiment: "Experiment", weights: bytes, is_first_seed: bool) -> None:
    explanation = _(
        "A greedy decoder takes the most likely symbol at each step. A beam keeps several prefixes "
        "and may find an answer that is more likely as a whole."
    )
    width = controls.slider("race.beam", "", BEAM_WIDTH, 4, help=explanation)
    data = computed(f"{EVALUATION}:stored_decodings", experiment, weights, width)
    key = (experiment.to_json(), hash(weights), width)
    table, summary = _decodings(key, is_first_seed, current(), experiment.task, *data)
    show.table(table)
    st.caption(summary)
    show.download(table, key="race.beam.csv")


@shared(max_entries=60)
def _decodings(
    key: Hashable,
    is_first_seed: bool,
    language: str,
    _task: "Task",
    _answers: "Sequence[Decoding]",
    _values: Mapping[str, float],
) -> tuple[pd.DataFrame, str]:
    """The table of answers, and what they come to as Markdown."""
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
        for decoding in _answers
    ]
    split, kind = _task.final_split, _task.final_examples
    count, size = len(_task.evaluation_batch(split)), _task.size(split)
    template = GREEDY[kind]
    if size is not None and size > count:
        template = GREEDY_ON_SOME_BY_HEART if kind == "memorised" else GREEDY_ON_SOME
    sentence = _(template, count=count, size=size, metrics=_metrics(_values))
    summary = " ".join([_attribute(sentence, is_first_seed), *_meanings(_values)])
    return pd.DataFrame(rows), show.escape_markdown(summary)
