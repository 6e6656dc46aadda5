"""The promise of every task, and what is particular to each."""

from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnviz.data import DATASETS
from rnnviz.messages import Problem
from rnnviz.settings import Range, rules
from rnnviz.tasks import TASKS, DelayedRecall, Hello, Intents, Task
from rnnviz.tasks.intents import EXAMPLE_TEMPLATE, MERGED, templates
from rnnviz.text import PAD, SPECIALS, UNK


def drawn(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize("name", TASKS)
class TestEveryTask:
    def test_says_what_it_is(self, name: str) -> None:
        task = TASKS[name]()
        assert task.name == name
        assert len(task.help()) > 80
        assert "\n" not in task.help().replace("\n\n", "")
        assert all(rule.label for rule in rules(type(task)).values())
        assert 0 < task.chance < 1
        with pytest.raises(FrozenInstanceError):
            setattr(task, next((f.name for f in fields(task)), "title"), 1)

    @pytest.mark.parametrize("split", ["train", "validation", "test"])
    def test_batches_fit_together(self, name: str, split: str) -> None:
        task = TASKS[name]()
        batch = task.batch(7, drawn(), split)  # type: ignore[arg-type]
        B, T = batch.inputs.shape
        assert B == 7
        assert batch.lengths.tolist() == (batch.inputs != PAD).sum(1).tolist()
        assert batch.mask.shape == (B, T)
        assert batch.targets.shape == ((B,) if task.kind == "many-to-one" else (B, T))
        assert int(batch.inputs.max()) < len(task.vocabulary)
        assert 0 <= int(batch.targets.min()) <= int(batch.targets.max()) < len(task.labels)
        if task.kind == "many-to-one":
            assert torch.equal(batch.mask.nonzero()[:, 1], batch.lengths - 1)

    def test_the_generator_decides(self, name: str) -> None:
        task, before = TASKS[name](), torch.random.get_rng_state()
        one, two = (task.batch(16, drawn(3)) for _ in range(2))
        assert torch.equal(one.inputs, two.inputs)
        assert torch.equal(one.targets, two.targets)
        assert torch.equal(before, torch.random.get_rng_state())

    def test_judges_right_and_wrong_answers(self, name: str) -> None:
        task = TASKS[name]()
        batch = task.batch(16, drawn())
        right = torch.nn.functional.one_hot(batch.targets, len(task.labels)) * 50.0
        assert task.metric(right, batch) == 1
        assert task.metric(-right, batch) == 0
        assert task.loss(right, batch) < 1e-6 < task.loss(-right, batch)

    def test_blind_guessing_reaches_chance(self, name: str) -> None:
        task = TASKS[name]()
        n, generator = 4000, drawn()
        batch = task.batch(n, generator, "validation")
        guesses = torch.rand(*batch.targets.shape, len(task.labels), generator=generator)
        assert task.metric(guesses, batch) == pytest.approx(task.chance, abs=0.03)

    def test_the_example_is_one_sequence_with_its_tokens(self, name: str) -> None:
        task = TASKS[name]()
        example = task.example()
        assert example.batch.inputs.shape == (1, len(example.tokens))
        encoded = task.vocabulary.encode(example.tokens)
        assert example.batch.inputs[0].tolist() == encoded
        assert UNK not in encoded

    def test_reads_what_a_visitor_types(self, name: str) -> None:
        tokens, ids = TASKS[name]().encode("Ωμέγα?")
        assert len(tokens) == len(ids)
        assert UNK in ids
        with pytest.raises(Problem):
            TASKS[name]().encode(" ")

    def test_knobs_hold_at_both_ends(self, name: str) -> None:
        for knob, rule in rules(TASKS[name]).items():
            assert isinstance(rule, Range)
            for value in (rule.low, rule.high):
                task = replace(TASKS[name](), **{knob: int(value)})  # type: ignore[type-var]
                assert task.batch(2, drawn()).inputs.shape[0] == 2
            with pytest.raises(Problem, match=knob):
                replace(TASKS[name](), **{knob: int(rule.high) + 1})  # type: ignore[type-var]


def test_no_intent_template_is_in_two_splits() -> None:
    by_split = {
        split: {template for group in groups.values() for template in group}
        for split, groups in templates().items()
    }
    assert not by_split["train"] & by_split["validation"]
    assert not by_split["train"] & by_split["test"]
    assert not by_split["validation"] & by_split["test"]
    assert tuple(EXAMPLE_TEMPLATE.split()) in by_split["train"]
    assert all(group for groups in templates().values() for group in groups.values())
    assert not set(MERGED) & set(Intents().labels)


def test_intents_have_no_open_slot_and_no_unknown_word_in_training_but_the_lost_ones() -> None:
    task = Intents()
    batch = task.batch(2000, drawn())
    assert 0 < (batch.inputs == UNK).float().mean() < 0.03
    assert not any("{" in token for token in task.vocabulary.tokens)
    assert set(task.label_titles) == set(task.labels)


def test_hello_maps_each_character_to_the_next() -> None:
    task = Hello()
    batch = task.batch(1, drawn())
    assert task.vocabulary.decode(batch.inputs[0].tolist()) == list("hell")
    assert [task.labels[i] for i in batch.targets[0]] == list("ello")
    assert not set(SPECIALS) & set(task.labels)
    assert Hello("👨‍👩‍👧한e\u0301").labels == ("👨‍👩‍👧", "한", "e\u0301")
    with pytest.raises(Problem, match="at least two"):
        Hello("x")


def test_hello_can_be_read_several_times_in_a_row() -> None:
    batch = Hello(repeats=3).batch(1, drawn())
    assert Hello(repeats=3).vocabulary.decode(batch.inputs[0].tolist()) == list("hellohellohell")
    assert Hello(repeats=3).labels == Hello().labels
    with pytest.raises(Problem, match="at least two"):
        Hello("x", repeats=3)


@pytest.mark.parametrize("longest", [8, 11])
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_no_intent_sentence_is_longer_than_asked_for(longest: int, split: Any) -> None:
    batch = Intents(longest=longest).batch(2000, drawn(), split)
    assert int(batch.lengths.max()) == longest
    assert set(batch.targets.tolist()) == set(range(10)), "every intent is still there"
    assert int(Intents().batch(2000, drawn(), "train").lengths.max()) > 11


@pytest.mark.parametrize("lag", [1, 5, 40])
def test_recall_puts_the_symbol_where_it_must_be_kept(lag: int) -> None:
    task = DelayedRecall(lag=lag, symbols=3)
    hard = task.batch(50, drawn(), "validation")
    assert hard.inputs.shape == (50, lag + 1)
    assert torch.equal(hard.inputs[:, 0] - len(SPECIALS), hard.targets)
    mixed = task.batch(500, drawn())
    is_symbol = mixed.inputs < len(SPECIALS) + 3
    assert is_symbol.sum(1).eq(1).all()
    assert set(is_symbol.nonzero()[:, 1].tolist()) == set(range(lag + 1))
    assert task.lags[0] == 0
    assert task.lags[-1] == lag
    assert len(set(task.lags)) == len(task.lags) == min(lag, 20) + 1


def test_every_data_set_lies_there_with_its_licence() -> None:
    sources = (Path(__file__).parent.parent / "assets/data/SOURCES.md").read_text()
    for data_set in DATASETS.values():
        assert data_set.file in sources
        assert (data_set.path.parent / data_set.licence_file).stat().st_size > 500


def test_tasks_compare_by_their_knobs() -> None:
    def same(one: Task, two: Task) -> bool:
        return one == two and hash(one) == hash(two)

    assert same(Hello("abc"), Hello("abc"))
    assert not same(DelayedRecall(3), DelayedRecall(4))
