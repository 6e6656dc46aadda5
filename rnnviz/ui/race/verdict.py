"""The verdict on a race: a headline, why it came so, and a few sentences on each model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import Message
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.live import ContestantView, median_or_none
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.services.baselines import task_baselines

if TYPE_CHECKING:
    from rnnviz.model import ModelSpec
    from rnnviz.races.decisions import Decision, FinalScore
    from rnnviz.tasks import Task
    from rnnviz.training import Experiment

Results = Sequence[Mapping[str, Any]]
"""The results of a contestant's runs, one for each seed."""


@dataclass(frozen=True)
class VerdictText:
    """A verdict as the visitor reads it: the headline, why it came so, and what each model did."""

    title: str
    reason: str
    sentences: tuple[str, ...]


def draw_verdict(verdict: VerdictText | None) -> None:
    """Draw what came of the race; None as long as there are no baselines to compare with."""
    if verdict is None:
        st.info(_("More baselines are being computed …"), icon=":material/hourglass:")
        return
    st.header(show.escape_markdown(verdict.title), anchor=False)
    if verdict.reason:
        st.markdown(show.escape_markdown(verdict.reason))
    lines = (f"- {show.escape_markdown(sentence)}" for sentence in verdict.sentences)
    st.markdown("\n".join(lines))


def verdict_text(
    experiment: "Experiment",
    contestants: Sequence[ContestantView],
    finished: Mapping[str, Results],
    specs: "Mapping[str, ModelSpec]",
) -> VerdictText | None:
    """What came of the race in the language of the session; None without baselines.

    `experiment` is any of the race. `finished`: the results of each contestant that has some, by
    its name, as are the `specs`.
    """
    from rnnviz.races.decisions import decide
    from rnnviz.races.reasons import improving_models
    from rnnviz.races.verdicts import headline
    from rnnviz.training import steps_per_epoch

    task = experiment.task
    methods = task_baselines(task, task.final_split)
    if methods is None:
        return None
    decisions = [
        decide(task, name, specs[name], _median_score(results), methods)
        for name, results in finished.items()
    ]
    curves = {
        view.name: [history.validation_metric for history in view.histories]
        for view in contestants
        if view.name in finished
    }
    epoch = steps_per_epoch(task, experiment.optimiser.batch)
    steps = max(result["step"] for results in finished.values() for result in results)
    result = headline(
        task,
        decisions,
        improving=improving_models(task, curves),
        epochs=steps / epoch if epoch else None,
    )
    return VerdictText(
        " ".join(message_text(task, message) for message in result.conclusions),
        "" if result.reason is None else message_text(task, result.reason),
        tuple(
            _model_sentences(task, decision, specs[decision.name], finished[decision.name])
            for decision in decisions
        ),
    )


def _model_sentences(
    task: "Task", decision: "Decision", spec: "ModelSpec", results: Results
) -> str:
    from rnnviz.races.verdicts import memory_verdict, model_verdicts

    sentences = [message_text(task, message) for message in model_verdicts(task, decision)]
    if len(results) > 1:
        sentences.append(_spread(task, results))
    memory = memory_verdict(task, decision.name, spec, results[0])
    if memory is not None:
        sentence = message_text(task, memory)
        if len(results) > 1:
            sentence = _("With the first seed: {sentence}", sentence=sentence)
        sentences.append(sentence)
    return " ".join(sentences)


def final_metrics(results: Results) -> list[float]:
    """The metric that each run came to, on the examples that are kept for the end."""
    from rnnviz.races.decisions import FinalScore

    return [FinalScore.of(result).metric for result in results]


def _median_score(results: Results) -> "FinalScore":
    """The median over the seeds; how certain it is depends on the examples.

    These are the scores of the seed that is nearest to the median.
    """
    from rnnviz.races.decisions import FinalScore

    finals = [FinalScore.of(result) for result in results]
    score = median_or_none([final.metric for final in finals])
    assert score is not None, "only contestants with results have a verdict"
    nearest = min(finals, key=lambda final: abs(final.metric - score))
    return FinalScore(nearest.split, score, nearest.scores)


def message_text(task: "Task", message: Message) -> str:
    """`message` with its metrics formatted and its names in the visitor's language."""
    values, metric = dict(message.values), MetricFormat.of(task)
    scores: Any = values.pop("scores", {})
    for name in values.keys() & {"score", "baseline_score", "accuracy", "least"}:
        values[name] = metric.text(float(str(values[name])))
    for name in values.keys() & {"metric", "baseline"}:
        values[name] = _(str(values[name]))
    if "cells" in values:
        cells: Any = values["cells"]
        values["cells"] = join_names(
            [f"{name} ({metric.text(scores[name])})" if name in scores else name for name in cells]
        )
    return _(message.template, **values)


def _spread(task: "Task", results: Results) -> str:
    scores, metric = final_metrics(results), MetricFormat.of(task)
    return _(
        "The score is the median of {count} seeds, which lie between {low} and {high}.",
        count=len(scores),
        low=metric.text(min(scores)),
        high=metric.text(max(scores)),
    )


def join_names(names: Sequence[str]) -> str:
    """ "RNN, GRU and LSTM" in the visitor's language."""
    *most, last = names
    return _("{names} and {last}", names=", ".join(most), last=last) if most else last
