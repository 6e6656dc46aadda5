"""Equal experiments give equal runs, with or without snapshots; JSON is validated when parsed."""

import json
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.cells import CELLS
from rnnviz.messages import Problem
from rnnviz.model import ModelSpec
from rnnviz.tasks import DECODER_KINDS, TASKS, DelayedRecall, Hello
from rnnviz.training import (
    Experiment,
    Optimiser,
    Trainer,
    fit,
    intent_experiment,
    text_experiment,
    train,
)
from tests.races import Commands

SMALL = Experiment(DelayedRecall(6), ModelSpec("gru", hidden=4), Optimiser(steps=12, batch=4))


def weights(trainer: Trainer) -> torch.Tensor:
    return torch.cat([p.detach().flatten() for p in trainer.model.parameters()])


def run(experiment: Experiment) -> Trainer:
    trainer = Trainer(experiment)
    while not trainer.done:
        trainer.advance()
    return trainer


PAIRS = sorted({*((cell, "delayed_recall") for cell in CELLS), *(("gru", task) for task in TASKS)})


@pytest.mark.parametrize(("cell", "task"), PAIRS)
def test_equal_experiments_give_equal_runs_with_or_without_snapshots(cell: str, task: str) -> None:
    experiment = Experiment(
        TASKS[task](), ModelSpec(cell, hidden=4), Optimiser(steps=6, batch=4), seed=3
    )
    before = torch.random.get_rng_state()
    watched = Trainer(experiment)
    while not watched.done:
        watched.advance()
        watched.snapshot()
    assert torch.equal(weights(run(experiment)), weights(watched))
    assert torch.equal(before, torch.random.get_rng_state())
    assert not torch.equal(weights(watched), weights(run(replace(experiment, seed=4))))


@pytest.mark.parametrize(("cell", "task"), PAIRS)
def test_snapshots_and_results_hold_what_was_measured(cell: str, task: str) -> None:
    instance = TASKS[task]()
    model, T = ModelSpec(cell, hidden=5, layers=2), len(instance.example().tokens)
    trainer = run(Experiment(instance, model, Optimiser(steps=3, batch=4)))
    snapshot, result = trainer.snapshot(), trainer.result()
    assert (snapshot.step, result.step) == (3, 3)
    assert len(snapshot.gradient_norms) == len(snapshot.states) == T
    assert len(result.shares) == (0 if instance.features or instance.kind in DECODER_KINDS else T)
    assert {len(row) for row in snapshot.states} == {5}
    assert len(snapshot.answers) == len(instance.questions())
    assert (snapshot.sample is not None) == instance.stateful
    assert (result.recall is not None) == bool(instance.lags)
    assert result.seconds > 0
    assert result.validation == trainer.validate()
    json.dumps(result.to_plain(), allow_nan=False)


def test_gradient_norms_are_autograds() -> None:
    trainer = Trainer(replace(SMALL, model=ModelSpec("rnn", hidden=4, layers=1)))
    model, example = trainer.model, SMALL.task.example().batch
    state, states = torch.zeros(1, 1, 4), []
    for x in model.embed(example.inputs)[0]:
        state = model.recurrent(x[None, None], state)[1]
        state.retain_grad()
        states.append(state)
    SMALL.task.loss(model.head(state[0]), example).backward()
    norms = [float(each.grad.norm()) for each in states if each.grad is not None]
    assert trainer.snapshot().gradient_norms == pytest.approx(norms, rel=1e-4)


def test_commands_take_effect_between_two_steps() -> None:
    commands = Commands()
    trainer = Trainer(replace(SMALL, optimiser=Optimiser(steps=1000, batch=4)))
    actions = train(trainer, commands)
    assert [next(actions) for _ in range(3)] == ["stepped"] * 3
    commands += [{"command": "pause"}, {"command": "pause"}]
    assert [next(actions) for _ in range(3)] == ["paused", "waiting", "waiting"]
    assert trainer.step == 3
    commands += [{"command": "resume"}, *[{"command": "set", "lr": 0.5}] * 2]
    assert [next(actions) for _ in range(3)] == ["resumed", "changed", "stepped"]
    commands.append({"command": "stop"})
    assert list(actions) == ["stopped"]
    assert trainer.step == 4


def test_a_command_with_a_value_outside_its_range_is_a_problem() -> None:
    with pytest.raises(Problem, match="lr"):
        list(train(Trainer(SMALL), lambda: [{"command": "set", "lr": -1.0}]))


@pytest.mark.parametrize("clip", [None, 1.0])
@pytest.mark.parametrize("what", ["loss", "gradient"])
def test_divergence_is_a_problem_and_never_reaches_the_weights(
    what: str, clip: float | None
) -> None:
    trainer = Trainer(replace(SMALL, optimiser=Optimiser(steps=12, batch=4, lr=0.5, clip=clip)))
    trainer.advance()
    if what == "loss":
        with torch.no_grad():
            trainer.model.head.weight.fill_(torch.inf)
    else:
        trainer.model.head.bias.register_hook(lambda gradient: gradient * torch.inf)
    before = weights(trainer)
    with pytest.raises(Problem, match=r"diverged: at step 2 .* learning rate 0\.5"):
        trainer.advance()
    assert torch.equal(weights(trainer), before)


@pytest.mark.parametrize("cell", CELLS)
def test_each_cell_learns_hello_exactly_even_with_two_units(cell: str) -> None:
    for hidden in (2, 16, 64):
        progress: list[float] = []
        model = fit(text_experiment("hello", cell, hidden=hidden), progress.append)
        example = Hello().example().batch
        assert model(example.inputs, example.lengths).argmax(-1).tolist() == [[1, 2, 2, 3]]
        assert progress == sorted(progress)
        assert progress[-1] == 1


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "cell",
    [
        cell if cell != "lstm_peephole" else pytest.param(cell, marks=pytest.mark.long)
        for cell in CELLS
    ],
)
def test_each_cell_learns_the_intents(cell: str, seed: int) -> None:
    trainer = run(intent_experiment(cell, seed=seed))
    task, example = trainer.experiment.task, trainer.experiment.task.example().batch
    assert task.labels[trainer.model(example.inputs, example.lengths).argmax()] == "time"
    held_out = task.batch(400, torch.Generator().manual_seed(9), "test")
    assert task.metric(trainer.model(held_out.inputs, held_out.lengths), held_out) > 0.8


@pytest.mark.parametrize("task", TASKS)
@given(
    cell=st.sampled_from(list(CELLS)),
    hidden=st.integers(1, 256),
    bias=st.none() | st.floats(-10, 10),
    lr=st.floats(1e-4, 1),
    seed=st.integers(0, 2**31 - 1),
)
def test_an_experiment_equals_itself_after_json(
    task: str, cell: str, hidden: int, bias: float | None, lr: float, seed: int
) -> None:
    model = ModelSpec(cell, hidden, bidirectional=True, forget_bias=bias)
    experiment = Experiment(TASKS[task](), model, Optimiser(lr, clip=1.0), seed)
    parsed = Experiment.from_json(experiment.to_json())
    assert parsed == experiment
    assert parsed.to_json() == experiment.to_json()


@pytest.mark.parametrize(
    "plain",
    [
        [],
        {"task": "intents"},
        {"task": {"name": "__import__"}},
        {"task": {"name": ["intents"]}},
        {"task": {"name": "intents", "lag": 3}},
        {"task": {"name": "hello", "text": 5}},
        {"task": {"name": "hello", "text": ""}},
        {"task": {"name": "delayed_recall", "lag": 1e9}},
        {"task": {"name": "delayed_recall", "lag": True}},
        {"model": {"hidden": "16"}},
        {"model": {"hidden": 3.5}},
        {"model": {"hidden": None}},
        {"model": {"cell": ["rnn"]}},
        {"model": {"bidirectional": 1}},
        {"model": {"weights": "here"}},
        {"optimiser": {"lr": float("nan")}},
        {"optimiser": {"lr": float("inf")}},
        {"seed": -1},
        {"seed": "0"},
        {"seed": 1.5},
        {"device": "tpu"},
        {"device": ["cpu"]},
        {"surprise": 1},
    ],
)
def test_a_hostile_experiment_is_refused(plain: object) -> None:
    with pytest.raises(Problem):
        Experiment.from_json(json.dumps(plain))


@pytest.mark.parametrize("text", ["", "{", "null", "[" * 10_000, "9" * 30_000])
def test_text_that_is_no_experiment_is_refused(text: str) -> None:
    with pytest.raises(Problem):
        Experiment.from_json(text)


def test_whole_numbers_may_come_as_fractions() -> None:
    experiment = Experiment.from_plain({"model": {"hidden": 8.0}, "optimiser": {"lr": 1}})
    assert (experiment.model.hidden, type(experiment.model.hidden)) == (8, int)
    assert type(experiment.optimiser.lr) is float
