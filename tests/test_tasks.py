"""The promise of every task, and what is particular to each."""

from dataclasses import FrozenInstanceError, fields, replace
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnviz.data import DATASETS
from rnnviz.messages import Problem
from rnnviz.settings import Choice, Range, rules
from rnnviz.tasks import DECODER_KINDS, END_LABEL, TASKS, DelayedRecall, Hello, Intents, Split, Task
from rnnviz.tasks.intents import EXAMPLE_TEMPLATE, MERGED, templates
from rnnviz.text import PAD, SPECIALS, UNK
from rnnviz.training import Experiment, Optimiser
from tests.generators import make_generator


@pytest.mark.parametrize("name", TASKS)
class TestEveryTask:
    def test_its_attributes_are_complete_and_consistent(self, name: str) -> None:
        task = TASKS[name]()
        assert task.name == name
        assert len(task.help()) > 80
        assert "\n" not in task.help().replace("\n\n", "")
        for knob, rule in rules(type(task)).items():
            assert rule.label, knob
            assert rule.help, knob
        assert bool(task.labels) != bool(task.values), "labels or values, never both"
        assert bool(task.features) == (task.vocabulary.tokens == SPECIALS)
        assert set(task.label_titles) <= set(task.labels)
        assert task.normalised(task.chance) <= 0
        assert task.normalised(task.best_metric) == 1
        assert task.chance_loss > 0
        for field in fields(task):
            with pytest.raises(FrozenInstanceError):
                setattr(task, field.name, 1)

    @pytest.mark.parametrize("split", ["train", "validation", "test"])
    def test_batches_fit_together(self, name: str, split: Split) -> None:
        task = TASKS[name]()
        batch = task.batch(7, make_generator(), split)
        B, T = batch.inputs.shape[:2]
        assert B == 7 == len(batch)
        assert int(batch.lengths.min()) > 0
        assert int(batch.lengths.max()) <= T
        if task.steps is not None:
            assert batch.lengths.tolist() == [task.steps] * B
        if task.features:
            assert batch.inputs.shape == (B, T, len(task.features))
            assert batch.inputs.dtype == torch.float32
            assert batch.inputs.isfinite().all()
        else:
            assert batch.lengths.tolist() == (batch.inputs != PAD).sum(1).tolist()
            assert int(batch.inputs.max()) < len(task.vocabulary)
        one = task.kind in ("many-to-one", "forecast")
        U = batch.mask.shape[1]
        assert U == T or task.kind in DECODER_KINDS
        steps = () if one else (U,)
        assert batch.targets.shape == (B, *steps, *([len(task.values)] if task.values else []))
        assert batch.mask.any(1).all(), "every example is evaluated"
        if task.labels:
            assert 0 <= int(batch.targets.min()) <= int(batch.targets.max()) < len(task.labels)
        if one:
            assert torch.equal(batch.mask.nonzero()[:, 1], batch.lengths - 1)
        if task.kind in DECODER_KINDS:
            ends = batch.targets == END_LABEL
            assert torch.equal((ends & batch.mask).sum(1), torch.ones(B, dtype=torch.int64))
            assert torch.equal(
                batch.targets[torch.arange(B), batch.mask.sum(1) - 1] == END_LABEL, ends.any(1)
            )

    def test_batches_depend_on_the_generator_alone(self, name: str) -> None:
        task, before = TASKS[name](), torch.random.get_rng_state()
        one, two = (task.batch(16, make_generator(3)) for _ in range(2))
        assert torch.equal(one.inputs, two.inputs)
        assert torch.equal(one.targets, two.targets)
        assert torch.equal(before, torch.random.get_rng_state())

    def test_right_answers_score_better_than_wrong_ones(self, name: str) -> None:
        task = TASKS[name]()
        batch = task.batch(16, make_generator())
        if task.values:
            right, wrong = batch.targets, batch.targets + 100
        else:
            right = torch.nn.functional.one_hot(batch.targets, len(task.labels)) * 50.0
            wrong = -right
        assert task.normalised(task.metric(right, batch)) == pytest.approx(1, abs=1e-6)
        assert task.normalised(task.metric(wrong, batch)) < 0.5
        assert task.loss(right, batch) < 1e-6 < task.loss(wrong, batch)
        answers = task.answers(right, batch)
        assert len(answers) == 16
        assert all(each.correct is not False for each in answers)
        assert all(each.question and each.target for each in answers)
        for each in answers:
            assert len({len(curve) for curve in each.curves.values()}) <= 1
            # Runs are stored with these keys.
            assert list(each.to_plain()) == ["question", "wanted", "given", "right", "lines"]

    def test_blind_guessing_reaches_chance(self, name: str) -> None:
        task = TASKS[name]()
        # Where hardly a guess in a million is right (a^n b^n), the task's own test counts them.
        if task.metric_unit == "%" and task.kind not in DECODER_KINDS and task.chance > 0.001:
            generator = make_generator()
            batch = task.batch(1000, generator, "validation")
            guesses = torch.rand(*batch.targets.shape, len(task.labels), generator=generator)
            doubt = 4 * (task.chance * (1 - task.chance) / len(batch)) ** 0.5
            assert task.metric(guesses, batch) == pytest.approx(task.chance, abs=doubt)

    def test_finite_sets_are_handed_out_by_number(self, name: str) -> None:
        task = TASKS[name]()
        size = task.size()
        if size is None:
            with pytest.raises(LookupError):
                task.select([0])
        else:
            for split in ("train", "validation", "test"):
                assert task.size(split)
            both = task.select([0, size - 1])
            assert torch.equal(
                both.targets[:1].flatten()[:1], task.select([0]).targets.flatten()[:1]
            )

    def test_every_question_is_distinct(self, name: str) -> None:
        batch = TASKS[name]().questions()
        assert len({(*row.flatten().tolist(),) for row in batch.inputs}) == len(batch)

    def test_the_example_is_one_sequence_with_its_tokens(self, name: str) -> None:
        task = TASKS[name]()
        example = task.example()
        assert example.batch.inputs.shape[:2] == (1, len(example.tokens))
        if not task.features:
            assert example.batch.inputs[0].tolist() == task.vocabulary.encode(example.tokens)
            assert UNK not in example.batch.inputs

    def test_reads_what_a_visitor_types(self, name: str) -> None:
        task = TASKS[name]()
        if not task.features:
            tokens, ids = task.encode("Ωμέγα?")
            assert len(tokens) == len(ids)
            assert UNK in ids
            with pytest.raises(Problem):
                task.encode(" ")

    def test_knobs_hold_at_both_ends(self, name: str) -> None:
        for knob, rule in rules(TASKS[name]).items():
            if isinstance(rule, Choice):
                values: list[Any] = [code for code in rule.options if code != "own"]
                wrong: Any = "no such thing"
            else:
                kind = int if rule.whole else float
                values, wrong = [kind(rule.low), kind(rule.high)], kind(rule.high) + 1
            for value in values:
                task = replace(TASKS[name](), **{knob: value})
                assert len(task.batch(2, make_generator())) == 2
            with pytest.raises(Problem, match=knob):
                replace(TASKS[name](), **{knob: wrong})

    def test_the_recipe_names_settings_that_are_allowed(self, name: str) -> None:
        settings = {"optimiser": {}, "model": {}}
        for key, value in TASKS[name].recipe.items():
            settings["optimiser" if key in Optimiser.__dataclass_fields__ else "model"][key] = value
        Experiment.from_plain(settings)


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


@pytest.mark.parametrize(
    ("name", "examples"),
    [
        ("brackets", ["((()))[()]: ))·]·", "([[]])()[[]][()]: ])··]·]·", "[()[[]][]][]: ]]]]··"]),
        (
            "dates",
            ["23-Mar-1946: 1946-03-23", "15 May 2079: 2079-05-15", "AUG 29 1989: 1989-08-29"],
        ),
        (
            "tags",
            [
                "you came after you won: PRON VERB SCONJ PRON VERB",
                "they remembered that song then: PRON VERB DET NOUN ADV",
                "we remembered that you slept: PRON VERB SCONJ PRON VERB",
            ],
        ),
        ("pronunciation", ["derived: D ER AY V D", "chance: CH AE N S", "purchase: P ER CH AH S"]),
        ("spelled_out", ["9: September", "4: April", "6: June"]),
    ],
)
def test_a_seed_draws_what_it_always_drew(name: str, examples: list[str]) -> None:
    """Runs that were stored before a batch was made in another way go on with the same examples."""
    task = TASKS[name]()
    batch = task.batch(3, torch.Generator().manual_seed(0))
    joiner = "" if task.unit == "character" else " "
    texts = [
        joiner.join(task.vocabulary.decode(batch.inputs[row, : batch.lengths[row]].tolist()))
        for row in range(3)
    ]
    targets = [task.answer_text(batch.targets, row, batch) for row in range(3)]
    assert [f"{text}: {answer}" for text, answer in zip(texts, targets, strict=True)] == examples


def test_intents_have_no_open_slot_and_no_unknown_word_in_training_but_the_lost_ones() -> None:
    task = Intents()
    batch = task.batch(2000, make_generator())
    assert 0 < (batch.inputs == UNK).float().mean() < 0.03
    assert not any("{" in token for token in task.vocabulary.tokens)
    assert set(task.label_titles) == set(task.labels)


def test_hello_maps_each_character_to_the_next() -> None:
    task = Hello()
    batch = task.batch(1, make_generator())
    assert task.vocabulary.decode(batch.inputs[0].tolist()) == list("hell")
    assert [task.labels[i] for i in batch.targets[0]] == list("ello")
    assert not set(SPECIALS) & set(task.labels)
    assert Hello("👨‍👩‍👧한e\u0301").labels == ("👨‍👩‍👧", "한", "e\u0301")
    with pytest.raises(Problem, match="at least two"):
        Hello("x")


def test_hello_can_be_read_several_times_in_a_row() -> None:
    batch = Hello(repeats=3).batch(1, make_generator())
    assert Hello(repeats=3).vocabulary.decode(batch.inputs[0].tolist()) == list("hellohellohell")
    assert Hello(repeats=3).labels == Hello().labels
    with pytest.raises(Problem, match="at least two"):
        Hello("x", repeats=3)


@pytest.mark.parametrize("longest", [8, 11])
@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_no_intent_sentence_exceeds_its_longest_length(longest: int, split: Any) -> None:
    batch = Intents(longest=longest).batch(2000, make_generator(), split)
    assert int(batch.lengths.max()) == longest
    assert set(batch.targets.tolist()) == set(range(10)), "every intent is still there"
    assert int(Intents().batch(2000, make_generator(), "train").lengths.max()) > 11


@pytest.mark.parametrize("lag", [1, 5, 40])
def test_recall_puts_the_symbol_before_the_lag(lag: int) -> None:
    task = DelayedRecall(lag=lag, symbols=3)
    hard = task.batch(50, make_generator(), "validation")
    assert hard.inputs.shape == (50, lag + 1)
    assert torch.equal(hard.inputs[:, 0] - len(SPECIALS), hard.targets)
    mixed = task.batch(500, make_generator())
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


def test_a_unit_of_one_is_singular() -> None:
    """Where a setting may be 1, its unit has both forms."""
    lone = {
        f"{name}.{field}"
        for name, task in TASKS.items()
        for field, rule in rules(task).items()
        if isinstance(rule, Range) and rule.unit and rule.low <= 1 <= rule.high
        if "{count" not in rule.unit
    }
    assert not lone
