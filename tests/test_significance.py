"""How sure a measured metric is: what each example says by itself, and how many say something."""

import math
from statistics import fmean

import pytest
import torch

from rnnviz.data import UPLOADS
from rnnviz.tasks import (
    TASKS,
    Baseline,
    Counting,
    Forecast,
    Parity,
    Phonemes,
    RunningText,
    Tags,
    Task,
)

MEMORISED = {"hello", "alphabet", "four_words", "spelled_out"}


@pytest.fixture(params=list(TASKS))
def task(request: pytest.FixtureRequest) -> Task:
    return TASKS[request.param]()


def plausible_output(task: Task) -> torch.Tensor:
    """The output of a model for the tested examples, right on about 70 % of them."""
    batch, generator = task.evaluation_batch(), torch.Generator().manual_seed(0)
    if task.values:
        return batch.targets + torch.randn(batch.targets.shape, generator=generator)
    right = torch.nn.functional.one_hot(batch.targets, len(task.labels)).float()
    is_right = torch.rand(len(batch), generator=generator) < 0.7
    return torch.rand(right.shape, generator=generator) + right * is_right.reshape(
        -1, *[1] * (right.ndim - 1)
    )


def test_the_metric_is_the_mean_of_the_scores_of_the_examples(task: Task) -> None:
    batch, output = task.evaluation_batch(), plausible_output(task)
    scores = task.scores(output, batch)
    assert len(scores) == len(batch)
    assert fmean(scores) == pytest.approx(task.metric(output, batch), rel=1e-4)
    assert all(math.isfinite(score) for score in scores)


def test_answers_inside_one_sequence_are_not_counted_as_independent(task: Task) -> None:
    assert (
        1
        <= task.effective_size(len(task.evaluation_batch()))
        <= len(task.evaluation_batch())
        <= 366
    )
    n = len(task.evaluation_batch())
    if task.is_share and task.name not in MEMORISED:
        # Of a known share, two standard errors of so many sequences; not of all steps in them.
        doubt = task.significance_margin((0.5,) * n, Baseline("known", 0.5))
        assert doubt == pytest.approx(2 * math.sqrt(0.25 / task.effective_size(n)))


def test_a_baseline_has_the_score_of_each_example(task: Task) -> None:
    for each in task.baselines():
        if each.scores:
            assert len(each.scores) == len(task.evaluation_batch())
            assert fmean(each.scores) == pytest.approx(each.metric, rel=1e-4)
            assert task.memorised or task.significance_margin(each.scores, each) == 0, (
                "no other than itself"
            )
        else:
            exact = ("one still picture", "the best possible with only")
            assert task.memorised or each.title.startswith(exact)


def test_only_memorised_tasks_have_no_standard_error(task: Task) -> None:
    assert task.memorised == (task.name in MEMORISED)
    batch = task.evaluation_batch()
    n = len(batch)
    assert (task.significance_margin((1.0,) * n, Baseline("known", 0.5)) == 0) == task.memorised
    if task.memorised:
        learned = task.batch(n, torch.Generator().manual_seed(0))
        known = {tuple(row) for row in learned.inputs.tolist()}
        everything = task.select(range(n)) if task.size() else learned
        known |= {tuple(row) for row in everything.inputs.tolist()}
        assert {tuple(row) for row in batch.inputs.tolist()} <= known


def test_few_examples_of_many_never_count_as_all() -> None:
    """All 50 validation words of 500 are evaluated, and yet there are other words."""
    task = Phonemes(words=500)
    n = len(task.evaluation_batch())
    assert n == task.size("validation") < 128
    assert (
        task.significance_margin(
            (0.0,) * n, Baseline("other", 0.02, scores=(1.0, *[0.0] * (n - 1)))
        )
        > 0.02
    )


def test_the_doubt_is_two_standard_errors_of_the_paired_difference() -> None:
    task = Forecast()
    generator = torch.Generator().manual_seed(0)
    hard = torch.rand(128, generator=generator) * 5  # some days surprise everybody
    apart = torch.randn(128, generator=generator) * 0.3
    one, other = tuple(hard.tolist()), tuple((hard + apart).tolist())
    expected = 2 * (apart.square().mean() / 128).sqrt().item()
    assert task.significance_margin(
        one, Baseline("other", fmean(other), scores=other)
    ) == pytest.approx(expected, rel=1e-4)


def test_one_example_decides_nothing() -> None:
    task = Tags()
    right = (1.0,) * 127
    one_off = Baseline("other", 127 / 128, scores=(*right, 0.0))
    assert task.significance_margin((*right, 1.0), one_off) > 1 / 128
    ten_off = Baseline("other", 118 / 128, scores=(*right[:117], *[0.0] * 10, 1.0))
    assert task.significance_margin((*right, 1.0), ten_off) < 10 / 128


def test_forecasts_that_overlap_are_not_counted_twice() -> None:
    assert Forecast().effective_size(128) == 128, "a day and a half apart, of answers a day ahead"
    week = Forecast(delay=1008).effective_size(128)
    assert 15 <= week <= 22, "weeks in the validation part, which has gaps"


def test_no_more_pieces_are_counted_than_the_text_has() -> None:
    key = UPLOADS.add(("to be or not to be " * 100).encode())
    short = RunningText(source="own", file=key, length=50)
    assert short.effective_size(128) == 2, "95 characters in pieces of 50"
    assert RunningText().effective_size(128) == 128


@pytest.mark.parametrize(
    ("task", "different"),
    [(Counting(beyond=1), 1), (Counting(beyond=4), 4), (Parity(length=1), 2), (Parity(), 128)],
)
def test_examples_that_are_the_same_count_once(task: Task, different: int) -> None:
    assert task.effective_size(128, task.final_split) == different
    rows = task.evaluation_batch(task.final_split).inputs.tolist()
    assert len({tuple(row) for row in rows}) == different
