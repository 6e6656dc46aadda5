"""What a race came to: its verdict, a table of results, the numbers to download."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.jobs import RaceView
from rnnviz.messages import Message
from rnnviz.settings import rules
from rnnviz.ui import show
from rnnviz.ui.language import _, say
from rnnviz.ui.live import ContestantView, median_or_none
from rnnviz.ui.race import results
from rnnviz.ui.run_text import MetricFormat
from rnnviz.ui.services.baselines import baselines
from rnnviz.ui.services.training import RaceSetup

if TYPE_CHECKING:
    from rnnviz.model import ModelSpec
    from rnnviz.tasks import Task


def draw_outcome(setup: RaceSetup, contestants: Sequence[ContestantView], race: RaceView) -> None:
    """Draw the verdict on the contestants that finished, and the results of all."""
    if race.reason is not None:
        st.info(show.escape_markdown(say(race.reason)), icon=":material/info:")
    task = setup.experiments[0].task
    runs = [race.runs[number :: setup.contestants] for number in range(setup.contestants)]
    run_results = {
        view.name: [run.result for run in own if run.result is not None]
        for view, own in zip(contestants, runs, strict=True)
    }
    finished = {name: own for name, own in run_results.items() if own}
    if finished:
        pairs = zip(contestants, setup.experiments, strict=False)
        _draw_verdict(task, finished, {view.name: each.model for view, each in pairs})
        _draw_changed_settings(race)
    untrained = [view.name for view in contestants if view.has_untrained_score]
    if untrained:
        note = _(
            "Stopped before the first evaluation, so the score does not show what was learned: "
            "{names}.",
            names=_join_names(untrained),
        )
        st.markdown(show.escape_markdown(note))
    rows = [
        results.contestant_row(view, own) for view, own in zip(contestants, runs, strict=True)
    ] + results.baseline_rows(task)
    titles = [*results.column_titles(task).values()]
    texts = [[*results.cell_texts(task, row).values()] for row in rows]
    # Its style is that of the live view, which is always on the same page.
    st.html(table_html(titles, texts, _("Results of the race")))
    multiply_adds = _(
        "Multiply-adds: of the forward pass of one training step, the mean over the first batches, "
        "each padded to its longest sequence. The backward pass takes about twice as many more."
    )
    st.caption(f"{_measurement_note(task)} {multiply_adds}")
    table = results.results_table(task, rows)
    show.download(table, key="race.results.csv", label=_("Results (CSV)"))


def draw_failures(setup: RaceSetup, contestants: Sequence[ContestantView], race: RaceView) -> None:
    """Report why a model failed, as soon as it has: the others race on."""
    for number, run in enumerate(race.runs):
        name = contestants[number % setup.contestants].name
        if run.state == "failed" and run.reason is not None:
            note = _("{cell} did not finish. {reason}", cell=name, reason=say(run.reason))
            st.error(show.escape_markdown(note), icon=":material/error:")


def _draw_changed_settings(race: RaceView) -> None:
    from rnnviz.training import Optimiser

    changes = [values for run in race.runs for _step, values in run.facts.get("changes") or ()]
    labels = [
        _(rule.label)
        for name, rule in rules(Optimiser).items()
        if any(name in values for values in changes)
    ]
    if labels:
        note = _("Changed while the race was running: {settings}.", settings=", ".join(labels))
        st.caption(note)


def _draw_verdict(
    task: "Task",
    finished: Mapping[str, Sequence[Mapping[str, Any]]],
    specs: "Mapping[str, ModelSpec]",
) -> None:
    """The groups of those that did equally well, and a sentence on each model.

    `finished`: the results of each contestant's runs, by its name, as are the `specs`.
    """
    from rnnviz.races.verdicts import learning_verdicts

    scores = {name: _median_score(run_results) for name, run_results in finished.items()}
    verdicts = [
        _(verdict.template, **{**verdict.values, "cells": _join_names(verdict.values["cells"])})
        for verdict in learning_verdicts(task, scores, specs)
    ]
    st.header(show.escape_markdown(" ".join(verdicts)), anchor=False)
    sentences = [
        _model_sentences(task, name, specs[name], run_results)
        for name, run_results in finished.items()
    ]
    st.markdown("\n".join(f"- {show.escape_markdown(sentence)}" for sentence in sentences))


def _model_sentences(
    task: "Task", name: str, spec: "ModelSpec", run_results: Sequence[Mapping[str, Any]]
) -> str:
    from rnnviz.races.verdicts import baseline_comparison, memory_verdict, reached_bound

    computed, score = baselines().get(task) or (), _median_score(run_results)
    # How certain it is depends on the examples: those of the seed that is nearest to the median.
    nearest = min(run_results, key=lambda result: abs(result["validation"] - score))
    comparisons = (
        baseline_comparison(task, name, score, nearest["scores"], computed),
        reached_bound(task, score, nearest["scores"], computed),
    )
    sentences = [_metric_text(task, message) for message in comparisons if message is not None]
    if len(run_results) > 1:
        sentences.append(_spread(task, run_results))
    memory = memory_verdict(task, name, spec, run_results[0])
    if memory is not None:
        sentence = say(memory)
        if len(run_results) > 1:
            sentence = _("With the first seed: {sentence}", sentence=sentence)
        sentences.append(sentence)
    return " ".join(sentences)


def _median_score(run_results: Sequence[Mapping[str, Any]]) -> float:
    score = median_or_none([result["validation"] for result in run_results])
    assert score is not None, "only contestants with results have a verdict"
    return score


def _metric_text(task: "Task", message: Message) -> str:
    """`message` with its metrics formatted and its names in the visitor's language."""
    values, metric = dict(message.values), MetricFormat.of(task)
    for name in values.keys() & {"score", "baseline_score"}:
        values[name] = metric.text(float(str(values[name])))
    for name in values.keys() & {"metric", "baseline"}:
        values[name] = _(str(values[name]))
    return _(message.template, **values)


def _spread(task: "Task", run_results: Sequence[Mapping[str, Any]]) -> str:
    scores, metric = [result["validation"] for result in run_results], MetricFormat.of(task)
    return _(
        "The score is the median of {count} seeds, which lie between {low} and {high}.",
        count=len(scores),
        low=metric.text(min(scores)),
        high=metric.text(max(scores)),
    )


def _measurement_note(task: "Task") -> str:
    """On how many examples everything was measured, and when a difference counts."""
    count, size = len(task.evaluation_batch()), task.size("validation")
    if size is None or size == count:
        examples = _("Measured on {count} validation {count:example|examples}.", count=count)
    else:
        examples = _("Measured on {count} of {size} validation examples.", count=count, size=size)
    loss = _(
        "The loss of a model is its training loss; the losses of the baselines are on the "
        "validation examples."
    )
    if task.memorised:
        return f"{examples} {loss}"
    certainty = _(
        "A difference from a baseline counts only if it exceeds two standard errors, computed "
        "over {count} separate {count:example|examples}.",
        count=task.effective_size(count),
    )
    return f"{examples} {loss} {certainty}"


def _join_names(names: Any) -> str:
    """ "RNN, GRU and LSTM" in the visitor's language."""
    *most, last = names
    return _("{names} and {last}", names=", ".join(most), last=last) if most else str(last)


# The roles are a table's own, which it loses in some browsers when it is laid out as cards.


def table_html(titles: Sequence[str], rows: Sequence[Sequence[str]], label: str) -> str:
    """A table, on a phone a card for each row; the first column names the rows.

    A card leaves out the cells that are empty.
    """
    titles = [title[:1].upper() + title[1:] for title in titles]
    head = "".join(f'<th role="columnheader" scope="col">{escape(title)}</th>' for title in titles)
    body = "".join(_row_html(titles, row) for row in rows)
    return (
        f'<div class="rnnviz-results rnnviz-rows"><table role="table" aria-label="{escape(label)}">'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{body}</tbody></table></div>'
    )


def _row_html(titles: Sequence[str], row: Sequence[str]) -> str:
    cells = "".join(
        f'<td role="cell" data-title="{escape(title)}">{escape(text)}</td>'
        for title, text in zip(titles[1:], row[1:], strict=True)
    )
    return f'<tr role="row"><th role="rowheader" scope="row">{escape(row[0])}</th>{cells}</tr>'
