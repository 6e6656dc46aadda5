"""What a race came to: a sentence, a table, the numbers to download."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from rnnviz.jobs import RaceView, RunView
from rnnviz.messages import Message
from rnnviz.settings import rules
from rnnviz.ui import show
from rnnviz.ui.language import _, say
from rnnviz.ui.live import ContestantView, median_or_none, score_step_text
from rnnviz.ui.race.results import draw_results
from rnnviz.ui.run_text import STATE_TITLES, MetricFormat
from rnnviz.ui.services.baselines import baselines
from rnnviz.ui.services.training import RaceSetup

if TYPE_CHECKING:
    from rnnviz.model import ModelSpec
    from rnnviz.tasks import Task


def draw_outcome(asked: RaceSetup, lanes: Sequence[ContestantView], view: RaceView) -> None:
    """The verdict on those that finished, and how far the others came."""
    if view.reason is not None:
        st.info(show.escape_markdown(say(view.reason)), icon=":material/info:")
    task = asked.experiments[0].task
    runs = [view.runs[place :: asked.contestants] for place in range(asked.contestants)]
    ended = [
        (lane, [run for run in own if run.result is not None])
        for lane, own in zip(lanes, runs, strict=True)
    ]
    scored = {lane.name: [run.result or {} for run in own] for lane, own in ended if own}
    if scored:
        specs = zip((lane.name for lane in lanes), asked.experiments, strict=False)
        _verdict(task, scored, {name: each.model for name, each in specs})
        _changes(view)
    early = [lane.name for lane in lanes if _untaught(lane)]
    if early:
        told = _(
            "Stopped before the first test in training, so the score says nothing of what was "
            "learned: {names}.",
            names=_listed(early),
        )
        st.markdown(show.escape_markdown(told))
    models = [_row(task, lane, own) for lane, own in zip(lanes, runs, strict=True)]
    shown = [
        _shown(task, row, score_step_text(lane)) for row, lane in zip(models, lanes, strict=True)
    ]
    marks = _marks(task)
    draw_results(shown + [_shown(task, row) for row in marks])
    counted = _(
        "Multiply-adds: of a training step on its way forward, the mean over the first batches, "
        "each as long as its longest sequence. The way back takes about twice as many more."
    )
    st.caption(f"{_tested(task)} {counted}")
    tested = ["–".join(map(str, _ends(lane.tested))) for lane in lanes]
    rows = [{**row, _("Tested at step"): step} for row, step in zip(models, tested, strict=True)]
    show.download(pd.DataFrame(rows + marks), key="race.results.csv", label=_("Results (CSV)"))


def _shown(task: "Task", row: Mapping[str, Any], when: str = "") -> dict[str, Any]:
    """`row` with its metric as it is read; `when` tells at which step it was measured."""
    name, measured = _(task.metric_name), MetricFormat.of(task)
    metric = row[name]
    if metric is None:
        return {**row, name: None}
    told = measured.text(metric)
    return {**row, name: f"{told} ({when})" if when else told}


def _untaught(lane: ContestantView) -> bool:
    """Whether `lane` was stopped while its only score was still that of the untrained network."""
    return lane.state == "stopped" and lane.tested == (0,)


def draw_failures(asked: RaceSetup, lanes: Sequence[ContestantView], view: RaceView) -> None:
    """Why a model dropped out, as soon as it has: the others race on."""
    for place, run in enumerate(view.runs):
        lane = lanes[place % asked.contestants]
        if run.state == "failed" and run.reason is not None:
            told = _("{cell} did not finish. {reason}", cell=lane.name, reason=say(run.reason))
            st.error(show.escape_markdown(told), icon=":material/error:")


def _changes(view: RaceView) -> None:
    from rnnviz.training import Optimiser

    known = rules(Optimiser)
    changed = [values for run in view.runs for _step, values in run.facts.get("changes") or ()]
    names = [_(rule.label) for name, rule in known.items() if any(name in each for each in changed)]
    if names:
        st.caption(_("Changed while the race was running: {settings}.", settings=", ".join(names)))


def _verdict(
    task: "Task",
    results: Mapping[str, Sequence[Mapping[str, Any]]],
    specs: "Mapping[str, ModelSpec]",
) -> None:
    """The groups of those that did equally well, and a sentence on each model."""
    from rnnviz.races.verdicts import (
        baseline_comparison,
        learning_verdicts,
        memory_verdict,
        reached_bound,
    )

    scores = {name: _score(own) for name, own in results.items()}
    found = [
        _(each.template, **{**each.values, "cells": _listed(each.values["cells"])})
        for each in learning_verdicts(task, scores, specs)
    ]
    st.header(show.escape_markdown(" ".join(found)), anchor=False)
    task_baselines = baselines().get(task) or ()
    sentences = []
    for name, own in results.items():
        # How sure it is, the examples tell: those of the seed that is nearest to the median.
        near = min(own, key=lambda result: abs(result["validation"] - scores[name]))
        told = [
            _measured(task, each)
            for each in (
                baseline_comparison(task, name, scores[name], near["scores"], task_baselines),
                reached_bound(task, scores[name], near["scores"], task_baselines),
            )
            if each is not None
        ]
        if len(own) > 1:
            told.append(_spread(task, own))
        kept = memory_verdict(task, name, specs[name], own[0])
        if kept is not None:
            said = say(kept)
            told.append(said if len(own) == 1 else _("With the first seed: {said}", said=said))
        sentences.append(" ".join(told))
    st.markdown("\n".join(f"- {show.escape_markdown(each)}" for each in sentences))


def _score(results: Sequence[Mapping[str, Any]]) -> float:
    found = median_or_none([result["validation"] for result in results])
    assert found is not None, "only who has a result is judged"
    return found


def _measured(task: "Task", sentence: Message) -> str:
    """`sentence` with its measures as they are read, and its messages in the visitor's language."""
    values, measured = dict(sentence.values), MetricFormat.of(task)
    for name in values.keys() & {"score", "mark"}:
        values[name] = measured.text(float(str(values[name])))
    for name in values.keys() & {"metric", "baseline"}:
        values[name] = _(str(values[name]))
    return _(sentence.template, **values)


def _spread(task: "Task", results: Sequence[Mapping[str, Any]]) -> str:
    scores, measured = [result["validation"] for result in results], MetricFormat.of(task)
    return _(
        "The score is the median of {count} seeds, which lie between {low} and {high}.",
        count=len(scores),
        low=measured.text(min(scores)),
        high=measured.text(max(scores)),
    )


def _tested(task: "Task") -> str:
    """On how many examples all of it was measured."""
    count, size = len(task.tested()), task.size("validation")
    if size is None or size == count:
        told = _("Measured on {count} validation {count:example|examples}.", count=count)
    else:
        told = _("Measured on {count} of {size} validation examples.", count=count, size=size)
    loss = _(
        "Only the loss of a model is that in training; the losses of the lines to beat are on the "
        "validation examples."
    )
    told = f"{told} {loss}"
    if task.by_heart:
        return told
    sure = _(
        "A difference from a simple method is told only where it is more than two standard errors, "
        "counted over {count} separate {count:example|examples}.",
        count=task.independent(count),
    )
    return f"{told} {sure}"


def _listed(names: Any) -> str:
    """ "RNN, GRU and LSTM" in the visitor's language."""
    *most, last = names
    return _("{names} and {last}", names=", ".join(most), last=last) if most else str(last)


def _row(task: "Task", lane: ContestantView, runs: Sequence[RunView]) -> dict[str, Any]:
    # A stop falls between two rows of history; of several seeds the middle one counts. Numbers are
    # left as they are: rounded here and again where they are shown, they would differ from others.
    one, last = len(lane.histories) == 1, [each.step[-1] for each in lane.histories if each.step]
    seconds = median_or_none([each.seconds[-1] for each in lane.histories if each.step])
    reasons = [say(run.reason) for run in runs if run.reason is not None]
    return {
        _("Model"): lane.name,
        _(task.metric_name): median_or_none(lane.latest("validation")),
        _("Loss in training"): median_or_none(lane.latest("loss")),
        _("State"): _(STATE_TITLES[lane.state]),
        _("Steps"): lane.step if one else int(median_or_none(last) or 0),
        _("Seconds"): None if seconds is None else round(seconds, 1),
        _("Steps per second"): None if lane.speed is None else round(lane.speed, 1),
        _("Units"): lane.units,
        _("Parameters"): lane.parameters,
        _("Multiply-adds per step, forward"): lane.multiply_adds,
        _("Why it ended"): reasons[0] if reasons else "",
    }


def _marks(task: "Task") -> list[dict[str, Any]]:
    """A row for each line to beat."""
    from rnnviz.races.verdicts import chance_baseline

    return [
        {
            _("Model"): _(each.title),
            _("Loss in training"): each.loss,
            _(task.metric_name): each.metric,
        }
        for each in (chance_baseline(task), *(baselines().get(task) or ()))
    ]


def _ends(steps: Sequence[int]) -> Sequence[int]:
    """The first and the last of `steps`, which are in order."""
    return steps if len(steps) < 2 else (steps[0], steps[-1])
