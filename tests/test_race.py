"""The line-up and the verdict of a race, and the claims that the page makes about them."""

import json
from dataclasses import replace
from typing import Any

import pytest
import torch

from rnnviz.jobs import History
from rnnviz.jobs.lineup import (
    line_up,
    parameters,
    remembered,
    verdict,
)
from rnnviz.memory import KEPT, RECALLED_NONE
from rnnviz.model import ModelSpec
from rnnviz.tasks import TASKS, DelayedRecall, Hello
from rnnviz.tasks.base import LEARNED, LEARNED_NOTHING
from rnnviz.tasks.recall import FORGOT, RECALLED, RECALLED_PARTLY
from rnnviz.training import Experiment, Optimiser, Trainer
from rnnviz.ui.live import POINTS, Lane, lane_data, thin
from rnnviz.ui.race.numbers import course, gradients, states

CELLS = ("rnn", "lstm", "gru")


def base(task: Any, hidden: int = 16, **optimiser: Any) -> Experiment:
    model = ModelSpec(hidden=hidden, embedding="one-hot")
    return Experiment(task, model, Optimiser(clip=1.0, **optimiser), seed=1)


def test_same_units_means_the_same_units() -> None:
    lined = line_up(base(DelayedRecall()), CELLS, "units")
    assert [each.model.cell for each in lined] == list(CELLS)
    assert {each.model.hidden for each in lined} == {16}
    assert len({parameters(each.task, each.model) for each in lined}) == 3


@pytest.mark.parametrize("hidden", [2, 16, 64])
@pytest.mark.parametrize("task", [task() for task in TASKS.values()], ids=list(TASKS))
def test_same_parameters_means_nearly_the_same_parameters(task: Any, hidden: int) -> None:
    lined = line_up(base(task, hidden), CELLS, "parameters")
    counts = [parameters(each.task, each.model) for each in lined]
    assert lined[CELLS.index("lstm")].model.hidden == hidden
    target = counts[CELLS.index("lstm")]
    # One unit more or less is as near as it gets.
    for each, count in zip(lined, counts, strict=True):
        sizes = [
            parameters(
                task, ModelSpec(each.model.cell, each.model.hidden + more, embedding="one-hot")
            )
            for more in (-1, 1)
            if each.model.hidden + more > 0
        ]
        assert all(abs(count - target) <= abs(size - target) for size in sizes)


def test_the_verdict_groups_cells_by_how_far_above_chance_they_are() -> None:
    task = DelayedRecall(lag=30)
    found = verdict(task, {"RNN": 0.3, "LSTM": 1.0, "GRU": 0.97})
    assert [(each.template, each.values["cells"], each.values["lag"]) for each in found] == [
        (RECALLED, ["LSTM", "GRU"], 30),
        (FORGOT, ["RNN"], 30),
    ]
    assert verdict(task, {"RNN": 0.6})[0].template == RECALLED_PARTLY
    hello = verdict(Hello(), {"RNN": 1.0, "GRU": 0.25})
    assert [each.template for each in hello] == [LEARNED, LEARNED_NOTHING]


def test_what_a_cell_remembered_comes_from_its_result() -> None:
    recall = {"lags": (0, 5, 10), "accuracy": (1.0, 0.2, 0.2), "chance": 0.25}
    told = remembered(DelayedRecall(lag=10), "RNN", {"recall": recall, "shares": None})
    assert told.template == RECALLED_NONE
    told = remembered(Hello(), "GRU", {"recall": None, "shares": (0.5, 0.5, 0.0, 0.0)})
    assert (told.template, told.values["token"], told.values["share"]) == (KEPT, "h", 0.5)


@pytest.mark.parametrize(
    ("lag", "lr", "steps", "cell", "fair", "learns"),
    [
        (10, 0.01, 300, "rnn", "units", True),
        (10, 0.01, 300, "lstm", "units", True),
        (10, 0.01, 300, "gru", "units", True),
        (80, 0.02, 700, "rnn", "units", False),
        (80, 0.02, 700, "rnn", "parameters", False),
        (80, 0.02, 700, "lstm", "units", True),
        (80, 0.02, 700, "gru", "units", True),
    ],
)
def test_the_claims_of_try_this_are_true(
    lag: int, lr: float, steps: int, cell: str, fair: Any, learns: bool
) -> None:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        lined = line_up(base(DelayedRecall(lag=lag), lr=lr, steps=steps), CELLS, fair)
        trainer = Trainer(lined[CELLS.index(cell)])
        best = 0.0
        while not trainer.done:
            trainer.advance()
            if trainer.step % 20 == 0:
                best = max(best, trainer.validate())
                if best > 0.95:
                    break
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)
    assert (best > 0.95) == learns
    assert learns or best < 0.7


@pytest.mark.parametrize("size", [0, 1, 399, 400, 401, 5000])
def test_a_thinned_line_is_short_keeps_its_end_and_its_points(size: int) -> None:
    kept = thin(range(size))
    assert len(kept) <= POINTS
    assert kept[-1:] == list(range(size))[-1:]
    # While a line grows its inner points stay, or every second one goes.
    assert set(thin(range(size + 1))[:-1]) <= {*kept, *range(size - 1, size + 1)}


def test_the_live_view_gets_numbers_that_json_can_carry() -> None:
    history = History()
    for step, loss in enumerate([None, 1.0, float("inf")]):
        row = {"step": step, "seconds": step / 3, "loss": loss, "metric": loss}
        history.append({**row, "validation": 1 / 3 if step != 1 else None})
    probe = {"step": 2, "norms": [float("nan"), 1.5e-200], "states": [[0.5, -1.0]] * 2}
    lane = Lane("gru", "GRU", 16, 100, 10, "running", history, probe)
    data = lane_data(lane, 0)
    json.dumps(data, allow_nan=False)
    assert data["loss"] == {"step": [1, 2], "seconds": [0.333333, 0.666667], "values": [1.0, None]}
    assert data["score"]["step"] == [0, 2]
    assert data["probe"]["norms"] == [None, 1.5e-200], "float64 keeps its range"
    assert (data["probe"]["T"], data["probe"]["H"]) == (2, 2)


def test_the_numbers_behind_each_figure_have_a_row_each() -> None:
    history = History()
    history.append({"step": 0, "seconds": 0.0, "loss": None, "metric": None, "validation": 0.5})
    probe = {"step": 7, "norms": [0.0, 1e-40], "states": [[0.5, -1.0, 0.25]] * 2}
    lane = Lane("gru", "GRU", 3, 100, 10, "running", history, probe)
    waiting = replace(lane, name="RNN", history=History(), probe=None)
    lanes, tokens = [lane, waiting], ["A", "w"]
    assert course(lanes).to_dict("list")["validation"] == [0.5]
    found = gradients(lanes, tokens)
    assert list(found.itertuples(index=False, name=None)) == [
        ("GRU", 7, 1, "A", 0.0),
        ("GRU", 7, 2, "w", 1e-40),
    ]
    table = states(lanes, tokens)
    assert list(table["unit"]) == [1, 2, 3] * 2
    assert list(table["t"]) == [1] * 3 + [2] * 3
    assert list(table["h"]) == [0.5, -1.0, 0.25] * 2
    # Nothing has been looked at: a table all the same, with its head.
    assert list(states([waiting], tokens).columns) == list(table.columns)
    assert course([waiting]).empty
