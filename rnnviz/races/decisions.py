"""What is concluded of one model of a race; every sentence on the model follows from it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from rnnviz.memory import Recall
from rnnviz.messages import N_
from rnnviz.model import ModelSpec
from rnnviz.tasks import Baseline, Split, Task

GUESSING = N_("blind guessing")
CONSTANT_ANSWER = N_("the same answer to everything")

Level = Literal["learned", "partly", "nothing"]
"""How much of the task a model has learned."""

Standing = Literal["better", "slightly better", "even", "worse"]
"""How a model stands to a baseline; even where the difference may be chance."""

CLEAR_GAIN = 0.1
"""The least gain over the best baseline, in the normalised metric, with which a model that is not
far above chance has learned something all the same."""


@dataclass(frozen=True)
class FinalScore:
    """The metric that a run came to, on which split, and of each of its examples."""

    split: Split
    metric: float
    scores: tuple[float, ...]

    @classmethod
    def of(cls, result: Mapping[str, Any]) -> "FinalScore":
        """The test score in a run's result; that of validation where there is no other."""
        if result.get("test") is not None:
            return cls("test", result["test"], tuple(result.get("test_scores") or ()))
        return cls("validation", result["validation"], tuple(result["scores"]))


@dataclass(frozen=True)
class Decision:
    """What is concluded of the model called `name` from its `metric` on the examples of `split`.

    `baseline` is the best of the methods without a network, `standing` how the model stands to it.
    `reference` and `reference_standing`: the same of the one baseline that the task is about, if it
    is about one. `bound`: the highest bound of what is possible that the model has reached.
    """

    name: str
    split: Split
    metric: float
    needs_memory: bool
    level: Level
    baseline: Baseline
    standing: Standing
    reference: Baseline | None = None
    reference_standing: Standing = "even"
    bound: Baseline | None = None


def needs_memory(spec: ModelSpec) -> bool:
    """Whether a model has to remember what it reads first until the end.

    Not a model that sees all steps at once, nor one that reads from both ends.
    """
    return spec.family == "recurrent" and not spec.bidirectional


def chance_baseline(task: Task, split: Split = "validation") -> Baseline:
    """The baseline of a method that does not read the input at all."""
    title = GUESSING if task.best_metric else CONSTANT_ANSWER
    return Baseline(title, task.chance_for(split), task.chance_loss_for(split))


def is_chance(baseline: Baseline) -> bool:
    """Whether a baseline is that of `chance_baseline`."""
    return baseline.title in (GUESSING, CONSTANT_ANSWER)


def decide(
    task: Task, name: str, spec: ModelSpec, final: FinalScore, baselines: Sequence[Baseline]
) -> Decision:
    """Decide what a model has learned, and how it stands to the baselines.

    `baselines` are measured on the same examples as `final`. The rules that keep the conclusions
    from contradicting each other: whoever is no better than chance has learned nothing; whoever is
    worse than a simple method has learned a part at most; and whoever clearly gains on the best of
    them has learned a part at least, else the gain is called slight.
    """
    split, metric = final.split, final.metric

    def quality(value: float) -> float:
        return task.normalised(value, split)

    def compare(baseline: Baseline) -> Standing:
        if _is_equal(task, final, baseline):
            return "even"
        return "better" if quality(metric) > quality(baseline.metric) else "worse"

    methods = [
        chance_baseline(task, split),
        *(each for each in baselines if not each.is_upper_bound),
    ]
    best = max(methods, key=lambda each: quality(each.metric))
    to_best = compare(best)
    level = _level(task, quality(metric))
    if to_best in ("even", "worse") and is_chance(best):
        level = "nothing"
    elif to_best == "worse" and level == "learned":
        level = "partly"
    elif to_best == "better" and level == "nothing":
        if quality(metric) - quality(best.metric) >= CLEAR_GAIN:
            level = "partly"
        else:
            to_best = "slightly better"
    reference = next((each for each in methods if each.title == task.reference), None)
    bounds = [each for each in baselines if each.is_upper_bound and _is_equal(task, final, each)]
    return Decision(
        name=name,
        split=split,
        metric=metric,
        needs_memory=needs_memory(spec),
        level=level,
        baseline=best,
        standing=to_best,
        reference=reference,
        reference_standing="even" if reference is None else compare(reference),
        bound=max(bounds, key=lambda each: quality(each.metric), default=None),
    )


def _level(task: Task, quality: float) -> Level:
    if quality >= task.learned_threshold:
        return "learned"
    return "partly" if quality >= task.partly_threshold else "nothing"


def _is_equal(task: Task, final: FinalScore, baseline: Baseline) -> bool:
    """Whether the difference from `baseline` may be chance."""
    margin = task.significance_margin(final.scores, baseline, final.split)
    return abs(final.metric - baseline.metric) <= margin


def lag_recall(task: Task, spec: ModelSpec, result: Mapping[str, Any]) -> Recall | None:
    """What a model recalls at each lag; None where there are no lags, or it needs no memory.

    The whole lag is what the task itself measures: there its final score counts, so that one
    number is not measured twice with two outcomes.
    """
    recall = result.get("recall")
    if not recall or not needs_memory(spec):
        return None
    accuracy = (*recall["accuracy"][:-1], FinalScore.of(result).metric)
    return Recall(tuple(recall["lags"]), accuracy, recall["chance"])
