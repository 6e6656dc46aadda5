"""One step of training is PyTorch's own; runs go on from a checkpoint as if nothing had been."""

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar
from zipfile import ZipFile

import pytest
import torch
from safetensors.torch import load, save
from torch import nn

from rnnviz.data.uploads import UPLOADS
from rnnviz.messages import Problem
from rnnviz.model import ModelSpec, SequenceModel, build_for
from rnnviz.races.contestants import CONTESTANTS, fitting_contestants
from rnnviz.tasks import TASKS, Batch, DelayedRecall, Example, Kind, Split, Task, stack
from rnnviz.text import SPECIALS, Vocabulary
from rnnviz.training import (
    Experiment,
    Optimiser,
    Trainer,
    WeightsPacker,
    checkpoint,
    load_checkpoint,
    load_model,
    train,
    weights_of,
)
from rnnviz.training import trainer as module
from rnnviz.training.batches import Batches, steps_per_epoch
from rnnviz.training.checkpoint import checkpoint_numbers
from rnnviz.training.schedule import MIN_SAVED_STEPS, SAVED_STEPS, Schedule

SMALL = Experiment(
    DelayedRecall(6), ModelSpec("lstm", hidden=4), Optimiser(steps=24, batch=4, clip=0.5)
)


V1 = Path(__file__).parent / "fixtures" / "v1"
"""Files that version 0.1.0 wrote."""


def flat_weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([each.detach().flatten() for each in model.state_dict().values()])


def run(trainer: Trainer, steps: int = 10**9) -> list[dict[str, Any]]:
    """Go on for `steps` at most; answers with the rows of history, but for their seconds."""
    rows = []
    while not trainer.done and steps:
        trainer.advance()
        steps -= 1
        row = trainer.row()
        if row is not None:
            rows.append({name: value for name, value in row.items() if name != "seconds"})
    return rows


@pytest.mark.parametrize("clip", [None, 0.1])
@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_training_is_pytorchs_own(cell: str, clip: float | None) -> None:
    """The flat buffer against a plain loop with Adam over the parameters as they are."""
    experiment = replace(
        SMALL, model=ModelSpec(cell, hidden=5, layers=2), optimiser=Optimiser(steps=9, clip=clip)
    )
    trainer = Trainer(experiment)
    run(trainer)
    task = experiment.task
    model = build_for(task, experiment.model, torch.Generator().manual_seed(experiment.seed))
    adam = torch.optim.Adam(model.parameters(), lr=experiment.optimiser.lr, fused=True)
    batches = torch.Generator().manual_seed(experiment.seed)
    for _ in range(9):
        batch = task.batch(32, batches)
        loss = task.loss(model.answers(batch), batch)
        adam.zero_grad()
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        adam.step()
    # The same operations on every weight; only sums and the ends of vectors round otherwise.
    torch.testing.assert_close(
        flat_weights(trainer.model), flat_weights(model), atol=1e-5, rtol=1e-5
    )


@pytest.mark.parametrize(
    "model",
    [
        ModelSpec("gru", hidden=4, layers=2, dropout=0.3, recurrent_dropout=0.2),
        ModelSpec("lstm", hidden=4, bidirectional=True, dropout=0.5),
        ModelSpec("rnn", hidden=4, front=True, deep_head=True),
        ModelSpec(hidden=4, family="dense", dropout=0.2),
        ModelSpec(hidden=4, family="convolution"),
    ],
    ids=lambda spec: f"{spec.family}-{spec.cell}",
)
@pytest.mark.parametrize("at", [1, 7, 23])
def test_a_resumed_run_comes_to_the_same_numbers(model: ModelSpec, at: int) -> None:
    experiment = replace(SMALL, model=model)
    whole, cut = Trainer(experiment), Trainer(experiment)
    rows, first = run(whole), run(cut, at)
    cut.set(lr=0.02)
    whole_again = Trainer(experiment)
    run(whole_again, at)
    whole_again.set(lr=0.02)
    again = load_checkpoint(experiment, checkpoint(cut))
    assert again.step == at
    assert torch.equal(flat_weights(again.model), flat_weights(cut.model))
    assert first == rows[:at]
    assert run(again) == run(whole_again)
    assert torch.equal(flat_weights(again.model), flat_weights(whole_again.model))
    assert again.result().validation == whole_again.result().validation


def test_what_was_changed_on_the_way_is_noted_with_its_step() -> None:
    trainer = Trainer(SMALL)
    assert trainer.set(lr=0.02)
    run(trainer, 5)
    assert not trainer.set(lr=0.02, clip=0.5), "that is how it is already"
    assert trainer.set(lr=0.03, clip=0.2)
    assert trainer.set(clip=None)
    run(trainer, 3)
    noted = [(1, {"lr": 0.02}), (6, {"lr": 0.03, "clip": None})]
    assert trainer.changes == noted
    again = load_checkpoint(SMALL, checkpoint(trainer))
    assert again.changes == noted
    assert not again.set(lr=0.03, clip=None)
    assert again.set(lr=0.01, temperature=1.0)
    assert again.changes == [*noted, (9, {"lr": 0.01, "temperature": 1.0})]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_can_be_resumed(task: str) -> None:
    made = TASKS[task]()
    model = ModelSpec("gru", hidden=4, embedding_size=4, dropout=0.2)
    experiment = Experiment(made, model, Optimiser(steps=6, batch=3, forcing=0.5), seed=2)
    whole, cut = Trainer(experiment), Trainer(experiment)
    rows = run(whole)
    first = run(cut, 3)
    again = load_checkpoint(experiment, checkpoint(cut))
    assert [*first, *run(again)] == rows
    assert torch.equal(flat_weights(again.model), flat_weights(whole.model))
    looked = again.snapshot()
    assert looked == whole.snapshot()
    assert torch.equal(flat_weights(again.model), flat_weights(whole.model)), (
        "looking changes nothing"
    )


def test_weights_come_back_and_others_are_refused() -> None:
    trainer = Trainer(SMALL)
    run(trainer, 3)
    content = weights_of(trainer.model)
    assert torch.equal(flat_weights(load_model(SMALL, content)), flat_weights(trainer.model))
    other = replace(SMALL, model=ModelSpec("gru", hidden=4))
    with pytest.raises(Problem, match="another model"):
        load_model(other, content)
    with pytest.raises(Problem, match="another model"):
        load_checkpoint(other, checkpoint(trainer))
    for broken in (b"", b"PK\x03\x04", content[:-9], bytes(64)):
        with pytest.raises(Problem, match="cannot be read"):
            load_model(SMALL, broken)


def test_a_checkpoint_of_version_0_1_0_resumes_as_that_version_resumed_it() -> None:
    """The state of a running text, a change of the learning rate, the names of that version."""
    with ZipFile(V1 / "archive-text_own.zip") as archive:
        plain = json.loads(archive.read("run.json"))["experiment"]
        UPLOADS.add(archive.read(f"uploads/{plain['task']['file']}"))
        content = archive.read("checkpoint.safetensors")
    experiment = Experiment.from_plain(plain)
    trainer = load_checkpoint(experiment, content)
    assert (trainer.step, trainer.changes) == (6, [(5, {"lr": 0.03, "temperature": 0.7})])
    rows = run(trainer, 5)
    assert rows[-1]["loss"] == pytest.approx(3.2278754711151123, rel=1e-5)
    assert rows[-1]["norm"] == pytest.approx(0.31649187207221985, rel=1e-4)
    weights = load((V1 / "resumed-text_own.safetensors").read_bytes())
    for name, weight in trainer.model.state_dict().items():
        torch.testing.assert_close(weight, weights[name], atol=1e-5, rtol=1e-5)


def altered_checkpoint(experiment: Experiment, steps: int, meddle: Callable[..., None]) -> bytes:
    """A checkpoint with other tensors, or other numbers, than the trainer has said."""
    trainer = Trainer(experiment)
    run(trainer, steps)
    content = checkpoint(trainer)
    tensors, numbers = load(content), checkpoint_numbers(content)
    meddle(tensors, numbers)
    return save(tensors, {"rnnviz": json.dumps(numbers)})


TEXT = Experiment(
    TASKS["text"](), ModelSpec("lstm", hidden=4, recurrent_dropout=0.2), Optimiser(batch=2)
)
NAMES = Experiment(TASKS["four_words"](), ModelSpec("gru", hidden=4), Optimiser(batch=2))

WRONG_TENSORS: dict[str, tuple[Experiment, str, Callable[[torch.Tensor], torch.Tensor]]] = {
    "few moments": (SMALL, "adam.0.exp_avg", lambda all: all[:1]),
    "few squares": (SMALL, "adam.0.exp_avg_sq", lambda all: all[:1]),
    "moments in another type": (SMALL, "adam.0.exp_avg", lambda all: all.to(torch.float16)),
    "moments in another shape": (SMALL, "adam.0.exp_avg", lambda all: all[None]),
    "a step per weight": (SMALL, "adam.0.step", lambda one: one.repeat(3)),
    "a whole step": (SMALL, "adam.0.step", lambda one: one.to(torch.int64)),
    "a step before the first": (SMALL, "adam.0.step", lambda one: one - 99),
    "a step that is no number": (SMALL, "adam.0.step", lambda one: one * torch.nan),
    "weights in another type": (SMALL, "model.recurrent.weight_hh_l0", lambda all: all.double()),
    "narrow states": (TEXT, "carried.0", lambda h: h[..., :1]),
    "one sequence": (TEXT, "carried.0", lambda h: h[:, :1]),
    "a long-term state of one": (TEXT, "carried.1", lambda c: c[:, :1, :1]),
    "more layers": (TEXT, "carried.1", lambda c: c.repeat(2, 1, 1)),
    "states in another type": (TEXT, "carried.0", lambda h: h.double()),
    "an example that is not there": (NAMES, "batches.order", lambda order: order + 10**6),
    "an example before the first": (NAMES, "batches.order", lambda order: order * 0 - 1),
    "an order of fractions": (NAMES, "batches.order", lambda order: order.float()),
    "an order of none": (SMALL, "batches.order", lambda order: torch.zeros(1, dtype=order.dtype)),
    "a table of examples": (NAMES, "batches.order", lambda order: order.repeat(2, 1)),
    "a short generator": (SMALL, "generator", lambda state: state[:9]),
}


@pytest.mark.parametrize("name", WRONG_TENSORS)
def test_a_checkpoint_whose_tensors_do_not_fit_is_refused(name: str) -> None:
    """Kernels that trust the sizes that they are given would write into foreign memory."""
    experiment, which, change = WRONG_TENSORS[name]

    def meddle(tensors: dict[str, torch.Tensor], _: Any) -> None:
        tensors[which] = change(tensors[which]).contiguous()

    load_checkpoint(experiment, altered_checkpoint(experiment, 1, lambda *_: None))
    with pytest.raises(Problem, match="another model"):
        load_checkpoint(experiment, altered_checkpoint(experiment, 1, meddle))


@pytest.mark.parametrize("experiment", [SMALL, TEXT], ids=["drawn", "running on"])
def test_a_checkpoint_has_all_tensors_and_no_state_too_many(experiment: Experiment) -> None:
    def without(name: str) -> Callable[..., None]:
        return lambda tensors, _: tensors.pop(name)

    def with_a_state(tensors: dict[str, torch.Tensor], _: Any) -> None:
        tensors["carried.2"] = torch.zeros(1, 2, 4)

    needed = ["adam.0.exp_avg", "adam.0.step", "batches.order", "batches.generator", "generator"]
    needed += ["carried.0", "carried.1"] if experiment is TEXT else []
    for meddle in (*map(without, needed), with_a_state):
        with pytest.raises(Problem, match="another model"):
            load_checkpoint(experiment, altered_checkpoint(experiment, 1, meddle))


@pytest.mark.parametrize(
    "wrong",
    [
        *({"step": step} for step in (-1, 10**6, 1e999, "x", None)),
        *({"seconds": seconds} for seconds in (-1.0, math.inf, math.nan, [])),
        *({"batches": -1}, {"latest": [1.0]}, {"latest": ["x"] * 4}, {"best_validation": []}),
        *({"best_validation": [1, 1e999]}, {"recent_losses": "abc"}, {"since_row": [[1.0]]}),
        *({"since_row": [["a", "b", "c"]]}, {"settings": []}),
        *(
            {"settings": {"steps": 1}},
            {"settings": {"lr": "x"}},
            {"changes": 1},
            {"changes": [[1, 2]]},
        ),
        *({"changes": [[1, {"lr": "x"}]]}, {"changes": [[1, {"x": 1}]]}),
    ],
    ids=str,
)
def test_a_checkpoint_whose_numbers_cannot_be_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="another model"):
        load_checkpoint(
            SMALL, altered_checkpoint(SMALL, 1, lambda _, numbers: numbers.update(wrong))
        )


@pytest.mark.parametrize("code", CONTESTANTS)
def test_packed_weights_are_those_that_safetensors_writes(code: str) -> None:
    base = ModelSpec(hidden=5, layers=2, embedding="learned", deep_head=True)
    task = next(
        task
        for task in (TASKS["surnames"](), TASKS["dates"]())
        if code in fitting_contestants(task)
    )
    trainer = Trainer(Experiment(task, CONTESTANTS[code].spec(base), Optimiser(batch=4)))
    pack = WeightsPacker(trainer.model)
    before = pack()
    assert before == weights_of(trainer.model)
    trainer.advance()
    assert before != pack() == weights_of(trainer.model)


@dataclass(frozen=True)
class TenExamples(Task):
    """Ten examples, each the number of its index."""

    name: ClassVar[str] = "ten"
    title: ClassVar[str] = "ten"
    kind: ClassVar[Kind] = "many-to-one"

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary.of(map(str, range(10)))

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(map(str, range(10)))

    def size(self, split: Split = "train") -> int | None:
        return 10

    def select(self, indices: Sequence[int], split: Split = "train") -> Batch:
        return stack([[i + len(SPECIALS)] for i in indices], list(indices))

    def example(self) -> Example:
        return Example(("0",), self.select([0]))


def test_an_epoch_shows_every_example_once_in_an_order_of_its_own() -> None:
    batches = Batches(TenExamples(), 4, seed=1)
    epochs = []
    for _ in range(3):
        seen = [batches.next()[0].targets.tolist() for _ in range(3)]
        assert [len(each) for each in seen] == [4, 4, 2]
        epochs.append([number for batch in seen for number in batch])
    assert all(Counter(epoch) == Counter(range(10)) for epoch in epochs)
    assert len({tuple(epoch) for epoch in epochs}) == 3


@pytest.mark.parametrize("n", [1, 3, 4, 32, 256])
@pytest.mark.parametrize("name", ["four_words", "spelled_out", "text", "ten"])
def test_an_epoch_has_as_many_steps_as_its_batches(name: str, n: int) -> None:
    task = TenExamples() if name == "ten" else TASKS[name]()
    steps = steps_per_epoch(task, n)
    assert steps is not None
    batches = Batches(task, n, seed=1)
    if task.stateful:
        begun = [batches.next()[1] for _step in range(2 * steps)]
        assert [step for step, anew in enumerate(begun) if anew] == [0, steps]
    else:
        assert sum(len(batches.next()[0]) for _step in range(2 * steps)) == 2 * (task.size() or 0)


def test_where_the_examples_are_drawn_there_is_no_epoch() -> None:
    assert steps_per_epoch(DelayedRecall(), 32) is None


def test_all_models_of_a_seed_see_the_same_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, list[torch.Tensor]] = {"rnn": [], "lstm": []}
    for cell, batches in seen.items():
        trainer = Trainer(replace(SMALL, model=ModelSpec(cell, hidden=7, dropout=0.5)))
        answers = trainer.model.answers

        def noted(batch: Batch, *rest: Any, kept: Any = batches, say: Any = answers) -> Any:
            kept.append(batch.inputs)
            return say(batch, *rest)

        monkeypatch.setattr(trainer.model, "answers", noted)
        run(trainer)
    assert all(torch.equal(a, b) for a, b in zip(seen["rnn"], seen["lstm"], strict=True))


@pytest.mark.parametrize(
    ("asked", "why", "at"),
    [
        ({"target": 0.0}, module.TARGET_REACHED, 0),
        ({"patience": 10, "lr": 1e-4, "target": 1.0}, module.NO_PROGRESS, None),
        ({"stop_below": 10.0}, module.LOSS_REACHED, 20),
        ({}, module.ALL_STEPS, 24),
    ],
)
def test_it_says_why_it_ends(asked: dict[str, float], why: str, at: int | None) -> None:
    trainer = Trainer(replace(SMALL, optimiser=replace(SMALL.optimiser, **asked)))
    rows = run(trainer)
    assert trainer.stop_reason is not None
    assert trainer.stop_reason.message.template == why
    assert at is None or trainer.step == at
    if rows:
        assert rows[-1]["step"] == trainer.step
        assert rows[-1]["validation_metric"] == trainer.validate()


@pytest.mark.parametrize("patience", [10, 17, 40])
def test_every_test_that_decides_is_in_the_history(patience: int) -> None:
    asked = replace(SMALL.optimiser, steps=300, patience=patience, lr=0.02)
    trainer = Trainer(replace(SMALL, optimiser=asked))
    measured: list[float] = []
    validate = trainer.validate

    def noted() -> float:
        measured.append(validate())
        return measured[-1]

    trainer.validate = noted  # type: ignore[method-assign]
    rows = run(trainer)
    assert trainer.stop_reason is not None
    assert trainer.stop_reason.message.template == module.NO_PROGRESS
    told = [
        row["validation_metric"]
        for row in rows
        if row["validation_metric"] is not None and row["step"]
    ]
    assert told == measured


def test_the_time_is_the_trainings_own(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(replace(SMALL, optimiser=replace(SMALL.optimiser, seconds=1.0)))
    times = iter(range(100))
    monkeypatch.setattr(trainer, "_clock", lambda: next(times) * 0.3)
    run(trainer)
    assert trainer.step == 4
    assert trainer.stop_reason is not None
    assert trainer.stop_reason.message.template == module.TIME_IS_UP


def test_a_pause_allows_single_steps() -> None:
    asked: list[dict[str, Any]] = [{"command": "step"}, {"command": "pause"}]
    trainer = Trainer(SMALL)

    def controls() -> list[dict[str, Any]]:
        taken = asked.copy()
        asked.clear()
        return taken

    moments = train(trainer, controls)
    assert [next(moments), next(moments)] == ["paused", "waiting"]
    assert trainer.step == 0, "a single step is for those who have paused"
    asked.append({"command": "step"})
    assert [next(moments), next(moments)] == ["stepped", "waiting"]
    asked += [{"command": "step"}] * 3
    assert [next(moments) for _ in range(4)] == ["stepped"] * 3 + ["waiting"]
    assert trainer.step == 4, "one for each that was asked for"
    asked += [{"command": "step"}] * 3
    assert next(moments) == "stepped"
    asked += [{"command": "resume"}, {"command": "pause"}]
    assert [next(moments) for _ in range(3)] == ["resumed", "paused", "waiting"]


@pytest.mark.parametrize("name", ["steps", "batch", "seed"])
def test_what_must_stay_cannot_be_set(name: str) -> None:
    with pytest.raises(Problem, match=name):
        Trainer(SMALL).set(**{name: 3})


@pytest.mark.parametrize("steps", [1, 20, 999, 1000, 1999, 2000, 100_000])
def test_rows_lie_equally_far_apart_where_the_steps_are_known(steps: int) -> None:
    cadence = Schedule.of(replace(SMALL, optimiser=Optimiser(steps=steps)), 128, 1000)
    rows = [step for step in range(steps + 1) if cadence.is_row(step)]
    assert rows == list(range(0, steps + 1, cadence.row_interval))


def test_rows_grow_apart_where_the_clock_ends_a_run() -> None:
    asked = Optimiser(steps=3_000_000, seconds=600.0)
    cadence = Schedule.of(replace(SMALL, optimiser=asked), 128, 1000)
    rows = [step for step in range(200_001) if cadence.is_row(step)]
    apart = [b - a for a, b in pairwise(rows)]
    assert set(apart[:999]) == {1}
    assert (
        max(b - a - step / 500 for step, a, b in zip(rows[1:], rows, rows[1:], strict=False)) <= 1
    )
    # So many tests that at the end every other one has a row.
    assert 500 < 200_000 // cadence.validation_interval < 2000
    tested = [step for step in rows if cadence.is_validation(step)]
    assert (
        tested[-3:]
        == [step for step in tested if step % (2 * cadence.validation_interval) == 0][-3:]
    )
    assert set(range(0, 1000 * cadence.validation_interval, cadence.validation_interval)) <= set(
        tested
    )


@pytest.mark.parametrize("tested", [1, 128, 1000])
def test_the_rows_are_bounded_where_the_clock_ends_a_run(tested: int) -> None:
    asked = Optimiser(steps=3_000_000, seconds=3600.0)
    cadence = Schedule.of(replace(SMALL, optimiser=asked), tested, 1000)
    rows = sum(map(cadence.is_row, range(asked.steps + 1)))
    # Five hundred for each of thirteen doublings, and as many again behind tests.
    assert rows < 2 * 500 * 14
    tests = [step for step in range(asked.steps + 1) if cadence.is_validation(step)]
    assert max(b - a for a, b in pairwise(tests)) <= cadence.validation_interval, (
        "its end may depend on them"
    )


@pytest.mark.parametrize("steps", [1, 20, 399, 1000, 100_000])
@pytest.mark.parametrize("size", [100, 40_000, 4_000_000])
def test_the_cadence_is_bounded(steps: int, size: int) -> None:
    cadence = Schedule.of(replace(SMALL, optimiser=Optimiser(steps=steps)), 200, size)
    assert steps / cadence.row_interval <= 1000
    kept = [step for step in range(steps + 1) if cadence.is_saved_step(step)]
    assert len(kept) <= SAVED_STEPS + 20
    assert len(kept) * size <= 16_000_000 + (MIN_SAVED_STEPS + 20) * size
    assert (
        cadence.validation_interval % cadence.row_interval
        == cadence.saved_step_interval % cadence.row_interval
        == 0
    )
    # However few are tested, it takes a part of a step.
    few = Schedule.of(replace(SMALL, optimiser=Optimiser(steps=steps)), 1, size)
    assert few.validation_interval >= min(steps / 4, 0.35 / 0.012) - few.row_interval
    # Testing 200 examples forward costs as much as 200 / (3 * 32) steps.
    assert cadence.validation_interval >= min(steps / 4, 200 / 96 / 0.012) - cadence.row_interval


@pytest.mark.parametrize("done", [10, 40, 150, 900, 10_000])
@pytest.mark.parametrize("batch", [1, 64])
def test_where_the_clock_ends_a_run_it_is_tested_however_few_its_steps_are(
    batch: int, done: int
) -> None:
    """At 15 steps in a second, ten seconds are 150 steps, though 50,000 are allowed."""
    asked = Optimiser(steps=50_000, seconds=10.0, batch=batch)
    cadence = Schedule.of(replace(SMALL, optimiser=asked), 128, 1000)
    tests = [step for step in range(done + 1) if cadence.is_validation(step)]
    assert max(b - a for a, b in pairwise([*tests, done])) <= max(1, done / 2)
    assert len(tests) >= 6
    assert all(map(cadence.is_row, tests))
    # They are no more than a few beside those that are due anyway.
    assert (
        len(tests)
        <= done // cadence.validation_interval + 1 + 2 * cadence.validation_interval.bit_length()
    )
    counted = Schedule.of(replace(SMALL, optimiser=replace(asked, seconds=None)), 128, 1000)
    assert [step for step in range(done) if counted.is_validation(step)] == [
        *range(0, done, counted.validation_interval)
    ]


def test_a_run_against_the_clock_has_the_tests_of_its_cadence() -> None:
    asked = Optimiser(steps=50_000, seconds=600.0, batch=4)
    trainer = Trainer(replace(SMALL, optimiser=asked))
    rows = [trainer.row()]
    for _step in range(17):
        trainer.advance()
        rows.append(trainer.row())
    tested = [
        row["step"] for row in rows if row is not None and row["validation_metric"] is not None
    ]
    assert tested == [0, 1, 2, 3, 4, 6, 8, 12, 16]


def test_a_running_text_carries_its_state_and_not_its_gradient() -> None:
    streams = [name for name, task in TASKS.items() if task.stateful]
    for name in streams:
        task = TASKS[name]()
        trainer = Trainer(Experiment(task, ModelSpec("gru", hidden=6), Optimiser(batch=2, lr=1e-4)))
        model = trainer.model
        assert isinstance(model, SequenceModel)
        (first, anew), (second, goes_on) = (
            task.consecutive_batch(2, 0),
            task.consecutive_batch(2, 1),
        )
        assert anew
        assert not goes_on
        trainer.advance()
        carried = trainer._carried_state
        assert carried is not None
        assert not carried[0].requires_grad
        with torch.no_grad():
            _, state = model.walk(first.inputs, first.lengths, None)
            both = torch.cat([first.inputs, second.inputs], 1)
            whole = model.walk(both, first.lengths + second.lengths, None)[0]
            apart = model.walk(second.inputs, second.lengths, state)[0]
        torch.testing.assert_close(whole[:, first.inputs.shape[1] :], apart)
