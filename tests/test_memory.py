"""What is left of a token is measured by leaving it out, and agrees with a slow loop."""

import pytest
import torch

from rnnviz.cells import CELLS
from rnnviz.memory import recall, token_sensitivity
from rnnviz.model import IOSpec, ModelSpec, build
from rnnviz.tasks import DelayedRecall
from rnnviz.training import Experiment, Optimiser, fit

IDS = [5, 8, 4, 4, 7]


@pytest.mark.parametrize("both", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("cell", CELLS)
def test_token_sensitivity_equal_a_slow_loop(cell: str, layers: int, both: bool) -> None:
    spec = ModelSpec(cell=cell, hidden=6, layers=layers, bidirectional=both)
    model = build(spec, IOSpec(9, 3, "many-to-one"), torch.Generator().manual_seed(1))
    result = token_sensitivity(model, IDS)
    with torch.no_grad():
        x = model.embed(torch.tensor([IDS]))
        whole = model.recurrent(x)[1]
        final = (whole[0] if isinstance(whole, tuple) else whole)[-1 - both :]
        for token in range(len(IDS)):
            without = x.clone()
            without[0, token] = 0
            states = model.recurrent(without)[1]
            moved = (states[0] if isinstance(states, tuple) else states)[-1 - both :] - final
            assert result.norms[token].item() == pytest.approx(moved.norm().item(), rel=1e-4)
    assert result.shares.sum().item() == pytest.approx(1, rel=1e-5)
    if not both:
        assert result.table.triu(1).abs().max() == 0
        torch.testing.assert_close(result.table[2, :3], token_sensitivity(model, IDS[:3]).norms)


def test_when_no_token_matters_no_share_is_claimed() -> None:
    model = build(ModelSpec("rnn", hidden=4), IOSpec(9, 3), torch.Generator().manual_seed(1))
    with torch.no_grad():
        model.recurrent.weight_ih_l0.zero_()
    assert token_sensitivity(model, IDS).shares.tolist() == [0] * len(IDS)


def test_recall_falls_to_chance_where_nothing_was_learnt_and_is_perfect_where_it_was() -> None:
    task = DelayedRecall(lag=5, symbols=2)
    untrained = build(ModelSpec("gru", hidden=8), IOSpec.of(task), torch.Generator().manual_seed(0))
    blind = recall(untrained, task, torch.Generator().manual_seed(0))
    assert blind.lags == tuple(range(6))
    assert blind.accuracy[-1] == pytest.approx(task.chance, abs=0.2)
    trained = fit(Experiment(task, ModelSpec("gru", hidden=8), Optimiser(lr=0.02, steps=300)))
    learnt = recall(trained, task, torch.Generator().manual_seed(0))
    assert min(learnt.accuracy) > 0.95
    assert learnt.recalled_lags == learnt.lags
