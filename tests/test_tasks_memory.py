"""The memory tasks against plain references: a sum, a stack, a count; chance in closed form."""

import math
from collections.abc import Collection
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from rnnviz.messages import fill
from rnnviz.settings import Choice, rules
from rnnviz.tasks import (
    Adding,
    Batch,
    Brackets,
    Copying,
    Counting,
    DelayedRecall,
    Parity,
    Split,
    Task,
)
from rnnviz.tasks.memory.brackets import CLOSING, NOTHING, OPENING
from rnnviz.tasks.memory.run_lengths import compress_runs, number_ranges
from rnnviz.text import PAD
from tests.generators import make_generator

TASKS = (DelayedRecall, Copying, Adding, Parity, Brackets, Counting)


def tokens_of(task: Task, batch: Any, row: int) -> list[str]:
    """The tokens of one sequence of a batch."""
    return task.vocabulary.decode(batch.inputs[row, : batch.lengths[row]].tolist())


def evaluated_labels(task: Task, batch: Any, row: int) -> list[str]:
    """The labels that the mask selects in one sequence of a batch."""
    return [task.labels[label] for label in batch.targets[row][batch.mask[row]].tolist()]


@pytest.mark.parametrize("cls", TASKS)
def test_every_combination_of_extreme_knobs_works(cls: type[Task]) -> None:
    ends = {
        name: list(rule.options) if isinstance(rule, Choice) else [int(rule.low), int(rule.high)]
        for name, rule in rules(cls).items()
    }
    for values in product(*ends.values()):
        task = replace(cls(), **dict(zip(ends, values, strict=True)))
        for split in ("train", "validation", "test"):
            batch = task.batch(3, make_generator(), split)
            assert batch.mask.any(1).all()
            assert int(batch.lengths.max()) == batch.inputs.shape[1]
            assert math.isfinite(task.loss(right_output(task, batch), batch))


def right_output(task: Task, batch: Any) -> torch.Tensor:
    """The output of a model that is right and certain."""
    if task.values:
        return batch.targets
    return torch.nn.functional.one_hot(batch.targets, len(task.labels)) * 50.0


@pytest.mark.parametrize("length", [2, 3, 50])
def test_the_sum_is_of_one_number_in_each_half(length: int) -> None:
    batch = Adding(length).batch(300, make_generator())
    for steps, (total,) in zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True):
        marked = [(t, value) for t, (value, mark) in enumerate(steps) if mark]
        assert len(marked) == 2
        assert marked[0][0] < length // 2 <= marked[1][0]
        assert sum(value for _t, value in marked) == pytest.approx(total)
        assert all(0 <= value < 1 for value, _mark in steps)


def test_always_answering_one_misses_by_a_sixth_and_not_by_what_is_often_written() -> None:
    task = Adding(20)
    batch = task.batch(40_000, make_generator(), "validation")
    always = task.metric(torch.ones_like(batch.targets), batch)
    # The error of this estimate is 0.001: the fourth moment of the sum about 1 is 1/15.
    assert task.chance == task.chance_loss == pytest.approx(1 / 12 + 1 / 12)
    assert always == pytest.approx(task.chance, abs=0.004)
    assert abs(always - 0.1767) > 0.005
    best = [task.metric(torch.full_like(batch.targets, say), batch) for say in (0.9, 1.1)]
    assert min(best) > always, "no other constant is better"


def test_a_sum_is_right_within_four_percent_of_the_range() -> None:
    task = Adding()
    batch = task.batch(4, make_generator())
    off = torch.tensor([[0.0], [0.079], [-0.081], [0.5]])
    assert [each.correct for each in task.answers(batch.targets + off, batch)] == [1, 1, 0, 0]


@given(st.integers(1, 20), st.integers(1, 200), st.integers(2, 10), st.integers(0, 99))
def test_copying_repeats_the_symbols_of_the_input(
    length: int, delay: int, symbols: int, seed: int
) -> None:
    task = Copying(length, delay, symbols)
    batch = task.batch(3, make_generator(seed))
    for row in range(3):
        tokens = tokens_of(task, batch, row)
        copied = tokens[:length]
        assert set(copied) <= set(task.labels)
        assert tokens[length:] == ["·"] * (delay - 1) + ["?"] + ["·"] * length
        assert evaluated_labels(task, batch, row) == copied
        assert batch.mask[row].nonzero().flatten().tolist() == list(
            range(length + delay, task.steps)
        )


def test_a_copy_without_memory_has_the_published_loss() -> None:
    """Arjovsky et al. 2016 also evaluate the T + 10 blanks, which are known: 10 ln 8 / (T + 20)."""
    task = Copying(length=10, delay=100, symbols=8)
    batch = task.batch(5, make_generator())
    blind = task.loss(torch.zeros(5, task.steps, 8), batch).item()
    assert blind == pytest.approx(task.chance_loss)
    share = batch.mask.float().mean().item()
    assert blind * share == pytest.approx(10 * math.log(8) / (100 + 20))


@given(st.integers(1, 200), st.sampled_from(["steps", "end"]), st.integers(0, 99))
def test_parity_is_counted(length: int, where: str, seed: int) -> None:
    task = Parity(length, where)
    for split in ("train", "validation"):
        batch = task.batch(4, make_generator(seed), split)
        for row in range(4):
            bits = tokens_of(task, batch, row)
            running = [str(bits[: t + 1].count("1") % 2) for t in range(len(bits))]
            every = split == "train" and where == "steps"
            assert evaluated_labels(task, batch, row) == (running if every else running[-1:])
            assert len(bits) <= length
            assert split == "train" or len(bits) == length


@given(
    st.integers(2, 20), st.integers(1, 4), st.integers(2, 8), st.integers(1, 4), st.integers(0, 99)
)
def test_brackets_are_labelled_as_by_a_stack(
    pairs: int, beyond: int, depth: int, kinds: int, seed: int
) -> None:
    task = Brackets(pairs, beyond, depth, kinds)
    for split in ("train", "validation"):
        batch = task.batch(3, make_generator(seed), split)
        for row in range(3):
            tokens, stack, expected = tokens_of(task, batch, row), [], []
            for token in tokens:
                if token in OPENING:
                    stack.append(CLOSING[OPENING.index(token)])
                else:
                    assert token == stack.pop()
                    expected.append(stack[-1] if stack else NOTHING)
                assert len(stack) <= depth
            assert not stack
            assert evaluated_labels(task, batch, row) == expected
            assert len(tokens) % 2 == 0
            if split == "train":
                assert len(tokens) <= 2 * pairs
            else:
                assert len(tokens) == 2 * pairs * beyond


def test_brackets_reach_their_depth_and_length() -> None:
    task = Brackets(pairs=6, beyond=3, depth=4, kinds=2)
    batch = task.batch(400, make_generator())
    assert set((batch.lengths // 2).tolist()) == set(range(1, 7))
    opens = torch.where(batch.mask, -1, 1) * (batch.inputs != PAD)
    assert int(opens.cumsum(1).max()) == 4
    assert task.batch(5, make_generator(), "validation").lengths.tolist() == [36] * 5


def test_the_most_frequent_bracket_is_a_baseline_above_chance() -> None:
    task = Brackets()
    (baseline,) = task.baselines()
    batch = task.batch(1000, make_generator(5), "validation")
    expected = batch.targets[batch.mask].tolist()
    most = max(set(expected), key=expected.count)
    assert baseline.metric == pytest.approx(expected.count(most) / len(expected), abs=0.03)
    assert task.chance < baseline.metric < 0.6
    assert baseline.loss is not None
    assert baseline.loss == pytest.approx(task.chance_loss, rel=0.2)


@given(st.integers(1, 50), st.integers(1, 50), st.integers(0, 99))
def test_as_many_b_as_a_and_longer_ones_than_in_training(
    longest: int, beyond: int, seed: int
) -> None:
    task = Counting(longest, beyond)
    for split, low, high in (("train", 1, longest), ("test", longest + 1, longest + beyond)):
        batch = task.batch(4, make_generator(seed), split)
        for row in range(4):
            n = (len(tokens_of(task, batch, row)) - 1) // 2
            assert low <= n <= high
            text = ["^", *"a" * n, *"b" * n, "$"]
            assert tokens_of(task, batch, row) == text[:-1]
            expected = [task.labels[label] for label in batch.targets[row, : 2 * n + 1].tolist()]
            assert expected == text[1:]
            # The mask starts after the first b: from there on everything is determined.
            assert evaluated_labels(task, batch, row) == ["b"] * (n - 1) + ["$"]


def test_one_mistake_spoils_a_count() -> None:
    task = Counting(longest=5, beyond=1)
    batch = task.batch(8, make_generator(), "validation")
    output = right_output(task, batch)
    assert task.metric(output, batch) == 1
    output[0, 12] = output[1, 0] = torch.tensor([0.0, 9.0, 0.0])  # the end; what is not evaluated
    assert task.metric(output, batch) == 7 / 8
    assert [each.correct for each in task.answers(output, batch)] == [False] + [True] * 7
    always_b = torch.tensor([0.0, 1.0, 0.0]).expand(8, 13, 3)
    assert task.metric(always_b, batch) == 0


def test_blind_counting_is_right_as_rarely_as_computed() -> None:
    task, generator = Counting(longest=1, beyond=2), make_generator()
    batch = task.batch(20_000, generator, "validation")
    guesses = torch.rand(*batch.targets.shape, 3, generator=generator)
    assert task.chance == pytest.approx((1 / 9 + 1 / 27) / 2)
    assert task.metric(guesses, batch) == pytest.approx(task.chance, abs=0.01)


class CountsUpTo:
    """A stand-in for a model: right where n is among `counts`, elsewhere one b more."""

    device = "cpu"

    def __init__(self, counts: Collection[int]) -> None:
        self.counts = counts

    def predict(self, batch: Batch) -> Tensor:
        n = batch.lengths // 2
        right = torch.tensor([int(each) in self.counts for each in n])
        step = torch.arange(batch.inputs.shape[1])
        ends = torch.where(right, 2 * n, 2 * n + 1)[:, None]
        return torch.nn.functional.one_hot(1 + (step >= ends).long(), 3).float()


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (range(1, 12), "LSTM counts right up to n = 11; it was trained up to n = 10."),
        (range(1, 5), "LSTM counts right up to n = 4; it was trained up to n = 10."),
        (range(1, 31), "LSTM counts right as far as was tried, up to n = 30; it was trained up"),
        ((1, 2, 3, 5, 7, 8, 9), "up to n = 3, and beyond it only some (5, 7–9); it was trained"),
        ((), "LSTM is wrong even at n = 1; it was trained up to n = 10."),
        ((2, 3), "LSTM is wrong even at n = 1, and right only at n = 2–3; it was trained"),
    ],
)
def test_a_count_says_how_far_it_goes(counts: Collection[int], sentence: str) -> None:
    task = Counting(longest=10, beyond=4)
    measurements = task.measurements(CountsUpTo(counts))
    assert measurements == {"tried": 30, "right": [*counts]}
    message = task.model_message("LSTM", measurements)
    assert message is not None
    assert sentence in fill(message.template, message.values)
    assert task.model_message("LSTM", {}) is None, "a run of an earlier version measured nothing"


@given(st.integers(1, 50), st.integers(1, 50))
def test_every_length_that_is_measured_is_tried(longest: int, beyond: int) -> None:
    tried = Counting(longest, beyond).measurements(CountsUpTo(()))["tried"]
    assert tried >= longest + beyond
    assert tried >= 3 * longest


@given(st.sets(st.integers(1, 40)))
def test_ranges_name_the_same_numbers(numbers: set[int]) -> None:
    written = number_ranges(sorted(numbers))
    ends = [[int(end) for end in part.split("–")] for part in written.split(", ") if part]
    assert {n for part in ends for n in range(part[0], part[-1] + 1)} == numbers


def test_a_sum_that_counts_as_learned_is_as_near_as_its_verdict_says() -> None:
    task = Adding()
    error = float(str(task.verdict_values["error"]))
    assert task.normalised(error**2) == pytest.approx(task.learned_threshold, abs=0.01)


class AddsWithError:
    device = "cpu"

    def predict(self, batch: Batch) -> Tensor:
        off = torch.full_like(batch.targets, 0.07)
        off[::4] = 0.09
        return batch.targets + off


def test_sums_within_the_tolerance_are_counted() -> None:
    task = Adding()
    message = task.model_message("GRU", task.measurements(AddsWithError()))
    assert message is not None
    assert fill(message.template, message.values) == "GRU is off by at most 0.08 in 96 of 128 sums."


@pytest.mark.parametrize("cls", TASKS)
def test_a_verdict_is_filled_by_the_values_of_its_task(cls: type[Task]) -> None:
    for template in (*cls().verdicts, *(cls().memoryless_verdicts or ())):
        assert fill(template, {**cls().verdict_values, "cells": "GRU"})


def test_long_runs_are_written_as_powers() -> None:
    assert compress_runs("^aaab" + "b" * 11 + "$$", "ab") == "^a³b¹²$$"
    task = Counting()
    batch = task.batch(1, make_generator(), "validation")
    n = int(batch.lengths[0]) // 2
    (answer,) = task.answers(right_output(task, batch), batch)
    written = str(n).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    assert answer.question == f"^a{written}b{written}"
    assert answer.target == answer.prediction == compress_runs("b" * (n - 1) + "$", "b")


@pytest.mark.parametrize("cls", TASKS)
@pytest.mark.parametrize("split", ["validation", "test"])
def test_memory_tasks_are_one_family_and_described_as_synthetic(
    cls: type[Task], split: Split
) -> None:
    assert (cls.family, cls.synthetic) == ("Memory", True)
    easy = cls().batch(100, make_generator(), "train")
    hard = cls().batch(100, make_generator(), split)
    assert hard.lengths.float().mean() >= easy.lengths.float().mean()
