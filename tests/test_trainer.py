"""A training step equals PyTorch's own; a run resumes from a checkpoint to the same numbers."""

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
from tests.races import Commands

SMALL = Experiment(
    DelayedRecall(6), ModelSpec("lstm", hidden=4), Optimiser(steps=24, batch=4, clip=0.5)
)

V1 = Path(__file__).parent / "fixtures" / "v1"
"""Files that version 0.1.0 wrote."""


def flat_weights(model: nn.Module) -> torch.Tensor:
    return torch.cat([each.detach().flatten() for each in model.state_dict().values()])


def run(trainer: Trainer, steps: int = 10**9) -> list[dict[str, Any]]:
    """Train for `steps` at most; returns the history rows without their seconds."""
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
def test_training_equals_pytorchs_own(cell: str, clip: float | None) -> None:
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
        loss = task.loss(model.training_output(batch), batch)
        adam.zero_grad()
        loss.backward()
        if clip is not None:
            nn.utils.clip_grad_norm_(model.parameters(), clip)
        adam.step()
    # The same operations on every weight; only sums and the ends of vectors round differently.
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
def test_a_resumed_run_reaches_the_same_numbers(model: ModelSpec, at: int) -> None:
    experiment = replace(SMALL, model=model)
    whole, interrupted = Trainer(experiment), Trainer(experiment)
    assert run(whole, at) == run(interrupted, at)
    for trainer in (whole, interrupted):
        trainer.set(lr=0.02)
    resumed = load_checkpoint(experiment, checkpoint(interrupted))
    assert resumed.step == at
    assert torch.equal(flat_weights(resumed.model), flat_weights(interrupted.model))
    assert run(resumed) == run(whole)
    assert torch.equal(flat_weights(resumed.model), flat_weights(whole.model))
    assert resumed.result().validation == whole.result().validation


def test_changes_of_settings_are_recorded_with_their_step() -> None:
    trainer = Trainer(SMALL)
    assert trainer.set(lr=0.02)
    run(trainer, 5)
    assert not trainer.set(lr=0.02, clip=0.5), "these are the current values"
    assert trainer.set(lr=0.03, clip=0.2)
    assert trainer.set(clip=None)
    run(trainer, 3)
    changes = [(1, {"lr": 0.02}), (6, {"lr": 0.03, "clip": None})]
    assert trainer.changes == changes
    resumed = load_checkpoint(SMALL, checkpoint(trainer))
    assert resumed.changes == changes
    assert not resumed.set(lr=0.03, clip=None)
    assert resumed.set(lr=0.01, temperature=1.0)
    assert resumed.changes == [*changes, (9, {"lr": 0.01, "temperature": 1.0})]


@pytest.mark.parametrize("task", TASKS)
def test_every_task_can_be_resumed(task: str) -> None:
    model = ModelSpec("gru", hidden=4, embedding_size=4, dropout=0.2)
    experiment = Experiment(TASKS[task](), model, Optimiser(steps=6, batch=3, forcing=0.5), seed=2)
    whole, interrupted = Trainer(experiment), Trainer(experiment)
    first = run(interrupted, 3)
    resumed = load_checkpoint(experiment, checkpoint(interrupted))
    assert [*first, *run(resumed)] == run(whole)
    assert resumed.snapshot() == whole.snapshot()
    assert torch.equal(flat_weights(resumed.model), flat_weights(whole.model))


def test_weights_are_loaded_and_those_of_another_model_refused() -> None:
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


def altered_checkpoint(experiment: Experiment, steps: int, alter: Callable[..., None]) -> bytes:
    """A checkpoint whose tensors or numbers `alter` has changed."""
    trainer = Trainer(experiment)
    run(trainer, steps)
    content = checkpoint(trainer)
    tensors, numbers = load(content), checkpoint_numbers(content)
    alter(tensors, numbers)
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
def test_a_checkpoint_with_tensors_of_another_shape_or_type_is_refused(name: str) -> None:
    """Kernels that trust the sizes they are given would write into foreign memory."""
    experiment, tensor, change = WRONG_TENSORS[name]

    def alter(tensors: dict[str, torch.Tensor], _: Any) -> None:
        tensors[tensor] = change(tensors[tensor]).contiguous()

    load_checkpoint(experiment, altered_checkpoint(experiment, 1, lambda *_: None))
    with pytest.raises(Problem, match="another model"):
        load_checkpoint(experiment, altered_checkpoint(experiment, 1, alter))


@pytest.mark.parametrize("experiment", [SMALL, TEXT], ids=["drawn", "running on"])
def test_a_checkpoint_with_missing_tensors_or_too_many_states_is_refused(
    experiment: Experiment,
) -> None:
    def without(name: str) -> Callable[..., None]:
        return lambda tensors, _: tensors.pop(name)

    def with_a_state(tensors: dict[str, torch.Tensor], _: Any) -> None:
        tensors["carried.2"] = torch.zeros(1, 2, 4)

    needed = ["adam.0.exp_avg", "adam.0.step", "batches.order", "batches.generator", "generator"]
    needed += ["carried.0", "carried.1"] if experiment is TEXT else []
    for alter in (*map(without, needed), with_a_state):
        with pytest.raises(Problem, match="another model"):
            load_checkpoint(experiment, altered_checkpoint(experiment, 1, alter))


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
def test_a_checkpoint_with_impossible_numbers_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Problem, match="another model"):
        load_checkpoint(
            SMALL, altered_checkpoint(SMALL, 1, lambda _, numbers: numbers.update(wrong))
        )


@pytest.mark.parametrize("code", CONTESTANTS)
def test_packed_weights_equal_those_that_safetensors_writes(code: str) -> None:
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
    assert steps_per_epoch(DelayedRecall(), 32) is None, "its examples are drawn anew"
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


def test_all_models_of_a_seed_see_the_same_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, list[torch.Tensor]] = {"rnn": [], "lstm": []}
    for cell, batches in seen.items():
        trainer = Trainer(replace(SMALL, model=ModelSpec(cell, hidden=7, dropout=0.5)))
        training_output = trainer.model.training_output

        def record_batch(
            batch: Batch, *rest: Any, seen: Any = batches, call: Any = training_output
        ) -> Any:
            seen.append(batch.inputs)
            return call(batch, *rest)

        monkeypatch.setattr(trainer.model, "training_output", record_batch)
        run(trainer)
    assert all(torch.equal(a, b) for a, b in zip(seen["rnn"], seen["lstm"], strict=True))


@pytest.mark.parametrize(
    ("settings", "template", "step"),
    [
        ({"target": 0.0}, module.TARGET_REACHED, 0),
        ({"patience": 10, "lr": 1e-4, "target": 1.0}, module.NO_PROGRESS, None),
        ({"stop_below": 10.0}, module.LOSS_REACHED, 20),
        ({}, module.ALL_STEPS, 24),
    ],
)
def test_a_run_has_a_reason_for_its_end(
    settings: dict[str, float], template: str, step: int | None
) -> None:
    trainer = Trainer(replace(SMALL, optimiser=replace(SMALL.optimiser, **settings)))
    rows = run(trainer)
    assert trainer.stop_reason.template == template
    assert step is None or trainer.step == step
    if rows:
        assert rows[-1]["step"] == trainer.step
        assert rows[-1]["validation_metric"] == trainer.validate()


@pytest.mark.parametrize("patience", [10, 17, 40])
def test_every_validation_is_in_the_history(patience: int) -> None:
    optimiser = replace(SMALL.optimiser, steps=300, patience=patience, lr=0.02)
    trainer = Trainer(replace(SMALL, optimiser=optimiser))
    measured: list[float] = []
    validate = trainer.validate

    def record_and_validate() -> float:
        measured.append(validate())
        return measured[-1]

    trainer.validate = record_and_validate  # type: ignore[method-assign]
    rows = run(trainer)
    assert trainer.stop_reason.template == module.NO_PROGRESS
    stored = [
        row["validation_metric"]
        for row in rows
        if row["validation_metric"] is not None and row["step"]
    ]
    assert stored == measured


def test_only_the_time_of_training_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(replace(SMALL, optimiser=replace(SMALL.optimiser, seconds=1.0)))
    times = iter(range(100))
    monkeypatch.setattr(trainer, "_clock", lambda: next(times) * 0.3)
    run(trainer)
    assert trainer.step == 4
    assert trainer.stop_reason.template == module.TIME_IS_UP


def test_a_pause_allows_single_steps() -> None:
    commands = Commands([{"command": "step"}, {"command": "pause"}])
    trainer = Trainer(SMALL)
    actions = train(trainer, commands)
    assert [next(actions), next(actions)] == ["paused", "waiting"]
    assert trainer.step == 0, "a single step is for paused runs"
    commands.append({"command": "step"})
    assert [next(actions), next(actions)] == ["stepped", "waiting"]
    commands += [{"command": "step"}] * 3
    assert [next(actions) for _ in range(4)] == ["stepped"] * 3 + ["waiting"]
    assert trainer.step == 4, "one for each command"
    commands += [{"command": "step"}] * 3
    assert next(actions) == "stepped"
    commands += [{"command": "resume"}, {"command": "pause"}]
    assert [next(actions) for _ in range(3)] == ["resumed", "paused", "waiting"]


@pytest.mark.parametrize("name", ["steps", "batch", "seed"])
def test_settings_that_decide_the_run_cannot_be_changed(name: str) -> None:
    with pytest.raises(Problem, match=name):
        Trainer(SMALL).set(**{name: 3})


def schedule_of(optimiser: Optimiser, examples: int = 128, weight_bytes: int = 1000) -> Schedule:
    return Schedule.of(replace(SMALL, optimiser=optimiser), examples, weight_bytes)


@pytest.mark.parametrize("steps", [1, 20, 999, 1000, 1999, 2000, 100_000])
def test_rows_are_equally_far_apart_where_the_number_of_steps_is_known(steps: int) -> None:
    schedule = schedule_of(Optimiser(steps=steps))
    rows = [step for step in range(steps + 1) if schedule.is_row(step)]
    assert rows == list(range(0, steps + 1, schedule.row_interval))


def test_the_rows_of_a_run_that_the_clock_ends_grow_apart() -> None:
    schedule = schedule_of(Optimiser(steps=3_000_000, seconds=600.0))
    rows = [step for step in range(200_001) if schedule.is_row(step)]
    gaps = [b - a for a, b in pairwise(rows)]
    assert set(gaps[:999]) == {1}
    assert max(gap - step / 500 for step, gap in zip(rows[1:], gaps, strict=True)) <= 1
    # So many validations that at the end every other one has a row.
    interval = schedule.validation_interval
    assert 500 < 200_000 // interval < 2000
    validated = [step for step in rows if schedule.is_validation(step)]
    assert validated[-3:] == [step for step in validated if step % (2 * interval) == 0][-3:]
    assert set(range(0, 1000 * interval, interval)) <= set(validated)


@pytest.mark.parametrize("examples", [1, 1000])
def test_the_rows_of_a_run_that_the_clock_ends_are_bounded(examples: int) -> None:
    steps = range(3_000_001)
    schedule = schedule_of(Optimiser(steps=3_000_000, seconds=3600.0), examples)
    # Five hundred for each of thirteen doublings, and as many again at validations.
    assert sum(map(schedule.is_row, steps)) < 2 * 500 * 14
    gaps = pairwise(step for step in steps if schedule.is_validation(step))
    limit = schedule.validation_interval
    assert max(b - a for a, b in gaps) <= limit, "its end may depend on them"


@pytest.mark.parametrize("steps", [1, 20, 399, 1000, 100_000])
@pytest.mark.parametrize("size", [100, 40_000, 4_000_000])
def test_the_work_and_the_size_of_a_schedule_are_bounded(steps: int, size: int) -> None:
    schedule = schedule_of(Optimiser(steps=steps), 200, size)
    assert steps / schedule.row_interval <= 1000
    saved_steps = [step for step in range(steps + 1) if schedule.is_saved_step(step)]
    assert len(saved_steps) <= SAVED_STEPS + 20
    assert len(saved_steps) * size <= 16_000_000 + (MIN_SAVED_STEPS + 20) * size
    assert schedule.validation_interval % schedule.row_interval == 0
    assert schedule.saved_step_interval % schedule.row_interval == 0
    # However few the examples are, a validation costs a part of a step.
    few = schedule_of(Optimiser(steps=steps), 1, size)
    assert few.validation_interval >= min(steps / 4, 0.35 / 0.012) - few.row_interval
    # Reading 200 examples forward costs as much as 200 / (3 * 32) steps.
    assert schedule.validation_interval >= min(steps / 4, 200 / 96 / 0.012) - schedule.row_interval


@pytest.mark.parametrize("done", [10, 40, 150, 900, 10_000])
@pytest.mark.parametrize("batch", [1, 64])
def test_a_run_that_the_clock_ends_is_validated_however_few_its_steps_are(
    batch: int, done: int
) -> None:
    """At 15 steps per second, ten seconds are 150 steps, though 50,000 are allowed."""
    optimiser = Optimiser(steps=50_000, seconds=10.0, batch=batch)
    schedule = schedule_of(optimiser)
    validated = [step for step in range(done + 1) if schedule.is_validation(step)]
    assert max(b - a for a, b in pairwise([*validated, done])) <= max(1, done / 2)
    assert len(validated) >= 6
    assert all(map(schedule.is_row, validated))
    # They are only a few more than the regular ones.
    interval = schedule.validation_interval
    assert len(validated) <= done // interval + 1 + 2 * interval.bit_length()
    untimed = schedule_of(replace(optimiser, seconds=None))
    regular = [step for step in range(done) if untimed.is_validation(step)]
    assert regular == list(range(0, done, untimed.validation_interval))


def test_a_run_that_the_clock_ends_has_the_validations_of_its_schedule() -> None:
    optimiser = Optimiser(steps=50_000, seconds=600.0, batch=4)
    trainer = Trainer(replace(SMALL, optimiser=optimiser))
    rows = [trainer.row()]
    for _ in range(17):
        trainer.advance()
        rows.append(trainer.row())
    validated = [row["step"] for row in rows if row and row["validation_metric"] is not None]
    assert validated == [0, 1, 2, 3, 4, 6, 8, 12, 16]


@pytest.mark.parametrize("name", [name for name, task in TASKS.items() if task.stateful])
def test_a_running_text_carries_its_state_and_not_its_gradient(name: str) -> None:
    task = TASKS[name]()
    trainer = Trainer(Experiment(task, ModelSpec("gru", hidden=6), Optimiser(batch=2, lr=1e-4)))
    model = trainer.model
    assert isinstance(model, SequenceModel)
    (first, is_new), (second, is_new_too) = (task.consecutive_batch(2, k) for k in (0, 1))
    assert (is_new, is_new_too) == (True, False)
    trainer.advance()
    assert not trainer._carried_state[0].requires_grad
    with torch.no_grad():
        _, state = model.walk(first.inputs, first.lengths, None)
        both = torch.cat([first.inputs, second.inputs], 1)
        whole = model.walk(both, first.lengths + second.lengths, None)[0]
        continued = model.walk(second.inputs, second.lengths, state)[0]
    torch.testing.assert_close(whole[:, first.inputs.shape[1] :], continued)
