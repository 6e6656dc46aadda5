"""Why a race ended as it did: one sentence, from the curves and from what a baseline reads."""

from collections.abc import Mapping, Sequence
from statistics import fmean

from rnnviz.messages import N_, Message
from rnnviz.races.decisions import Decision
from rnnviz.tasks import Task
from rnnviz.tasks.forecast.naive_forecasts import PERSISTENCE
from rnnviz.tasks.framework.baselines import BAG_OF_WORDS, NGRAMS_BAYES, NGRAMS_REGRESSION
from rnnviz.tasks.running_text.task import TRIGRAM, UNIGRAM

STILL_IMPROVING = N_(
    "{cells} {count:was|were} still improving when training ended: more steps may change this."
)
READ_IN_PART = N_(
    "Training ended before every training example was read once ({share:.0%} of them were), and "
    "this method has counted them all: more steps may change this."
)
SHORT_OF = N_(
    "The curves had levelled off when training ended, short of what this method takes from the "
    "same training examples."
)
LEVELLED_OFF = N_(
    "The curves had levelled off when training ended: a few more steps would not have changed this."
)

KNOWLEDGE = {
    BAG_OF_WORDS: N_(
        "It counts the words and ignores their order; no model has learned enough of what the "
        "order adds."
    ),
    NGRAMS_BAYES: N_(
        "It counts pieces of up to three characters; no model has learned enough of what "
        "longer ones add."
    ),
    NGRAMS_REGRESSION: N_(
        "It weighs pieces of up to three characters; no model has learned enough of what "
        "longer ones add."
    ),
    UNIGRAM: N_("It knows only how frequent each symbol is; no model has learned more than that."),
    TRIGRAM: N_(
        "It has counted what follows any two symbols in the whole training text; no model has "
        "learned enough of what lies further back."
    ),
    PERSISTENCE: N_(
        "It repeats the latest value; no model has learned enough of what changes until then."
    ),
}
"""What the best method knows, where no model is better and one is as good, by its title."""

LEAST_GAIN = 0.02
"""The least gain of the normalised metric over the last quarter of a run that counts as one."""

MIN_POINTS = 8
"""The fewest points of a curve of which a trend is told."""


def is_improving(task: Task, metrics: Sequence[float | None]) -> bool:
    """Whether a curve of validation `metrics` was still improving in its last quarter.

    Compared are the means of the last quarter of its points and of the quarter before.
    """
    points = [task.normalised(metric) for metric in metrics if metric is not None]
    if len(points) < MIN_POINTS:
        return len(points) > 1 and points[-1] - points[-2] >= LEAST_GAIN
    quarter = len(points) // 4
    return fmean(points[-quarter:]) - fmean(points[-2 * quarter : -quarter]) >= LEAST_GAIN


def reason(
    task: Task, decisions: Sequence[Decision], improving: Sequence[str], epochs: float | None
) -> Message | None:
    """Why not more was learned; None where every model has learned the task.

    `epochs`: how often training has read every training example; None where they never repeat.
    """
    unfinished = [each.name for each in decisions if _has_room(task, each)]
    if not unfinished:
        return None
    if task.obstacle is not None:
        return task.obstacle
    best = decisions[0].reference or decisions[0].baseline
    standings = {each.standing for each in decisions}
    is_unbeaten = standings <= {"even", "worse"} and best.title in KNOWLEDGE
    if is_unbeaten and best.title != PERSISTENCE and epochs is not None and epochs < 1:
        return Message(READ_IN_PART, {"share": epochs})
    names = [name for name in unfinished if name in improving]
    if names:
        return Message(STILL_IMPROVING, {"cells": names, "count": len(names)})
    if not is_unbeaten:
        return Message(LEVELLED_OFF)
    if best.title == PERSISTENCE or "even" in standings:
        return Message(KNOWLEDGE[best.title])
    return Message(SHORT_OF)


def _has_room(task: Task, decision: Decision) -> bool:
    if decision.reference is not None:
        return decision.reference_standing != "better"
    return decision.level != "learned" or decision.standing == "worse"


def improving_models(
    task: Task, curves: Mapping[str, Sequence[Sequence[float | None]]]
) -> list[str]:
    """The names of the models of which any curve was still improving; one curve for each seed."""
    return [name for name, some in curves.items() if any(is_improving(task, each) for each in some)]
