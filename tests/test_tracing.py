"""The forward walk against PyTorch's own layers, and what it refuses."""

import math
import re
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import nn

import rnnviz
from rnnviz.cells import RNN, from_layer
from rnnviz.messages import Problem
from rnnviz.tracing import rewalk, walk
from tests.layers import any_layer, make_layer, sequence

EXACT = {torch.float32: 1e-6, torch.float64: 1e-12}


@given(any_layer())
@settings(deadline=None, max_examples=60)
def test_trace_agrees_with_the_layer_itself(case: Any) -> None:
    layer, x = case
    result = rnnviz.trace(layer, x)
    with torch.no_grad():
        outputs, last = layer(x)
    torch.testing.assert_close(result.outputs, outputs, rtol=0, atol=EXACT[x.dtype])
    assert result.agreement == pytest.approx(
        float((result.outputs - outputs).abs().max()), abs=1e-9
    )
    assert result.agreement < EXACT[x.dtype]
    # The last states, c included, are PyTorch's h_n and c_n in PyTorch's order.
    for name, theirs in zip(("h", "c"), last if isinstance(last, tuple) else (last,), strict=False):
        for k, side in enumerate(result.layers):
            ours = side.states[name][0 if side.reverse else -1]
            torch.testing.assert_close(ours, theirs[k], rtol=0, atol=EXACT[x.dtype])


@given(any_layer(dtypes=(torch.float64,)))
@settings(deadline=None, max_examples=40)
def test_every_formula_gives_the_number_it_explains(case: Any) -> None:
    layer, x = case
    for side in rnnviz.trace(layer, x).layers:
        values = dict(side.states) | dict(side.gates)
        assert list(side.gates) == list(side.cell.gates)
        assert set(side.cell.formulas) == set(values)
        first, last = (0, len(x) - 1) if not side.reverse else (len(x) - 1, 0)
        for t in {first, last}:
            earlier = t + 1 if side.reverse else t - 1
            for name, formula in side.cell.formulas.items():
                numbers = [
                    _source(side, source, t if not source.lag else earlier)
                    for source in formula.sources
                ]
                assert _evaluate(formula.numbers, numbers) == pytest.approx(
                    float(values[name][t, 0]), abs=1e-12
                )


def _source(side: Any, source: Any, t: Any) -> Any:
    if not 0 <= t < len(side.inputs):
        return 0.0
    where = {
        "input part": lambda: side.parts[source.name][0],
        "hidden part": lambda: side.parts[source.name][1],
        "gate": lambda: side.gates[source.name],
        "state": lambda: side.states[source.name],
    }[source.kind]()
    return float(where[t, 0])


def _evaluate(numbers: Any, values: Any) -> Any:
    filled = numbers.format(*(f"({value!r})" for value in values))
    filled = filled.replace("·", "*").replace("−", "-")
    functions = {
        "σ": lambda v: 1 / (1 + math.exp(-v)),
        "tanh": math.tanh,
        "relu": lambda v: max(0.0, v),
    }
    return eval(filled, {"__builtins__": {}}, functions)


@given(any_layer(dtypes=(torch.float64,), most_layers=1, both=False))
@settings(deadline=None, max_examples=30)
def test_a_walk_over_known_states_is_the_walk_itself(case: Any) -> None:
    layer, x = case
    (cell,) = from_layer(layer)[0]
    ours = walk(cell, x)
    again = rewalk(cell, x, ours.states[0])
    near = {"rtol": 0, "atol": 1e-13}
    for one, other in zip(
        (ours.x_proj, ours.h_proj, *ours.states),
        (again.x_proj, again.h_proj, *again.states),
        strict=True,
    ):
        torch.testing.assert_close(one, other, **near)
    assert list(again.gates) == list(cell.gates)
    for name, gate in ours.gates.items():
        torch.testing.assert_close(gate, again.gates[name], **near)


def test_sigmoid_rnn_is_its_equation() -> None:
    (cell,) = from_layer(make_layer(nn.RNN, 3, 4, dtype=torch.float64))[0]
    x = sequence(7, 3, torch.float64)
    steps = walk(RNN(cell.w_ih, cell.w_hh, cell.b_ih, cell.b_hh, nonlinearity="sigmoid"), x)
    h = torch.zeros(4, dtype=torch.float64)
    for t in range(7):
        h = torch.sigmoid(cell.w_ih @ x[t] + cell.b_ih + cell.w_hh @ h + cell.b_hh)
        torch.testing.assert_close(steps.states[0][t], h, rtol=0, atol=1e-14)


def test_batched_weights_walk_like_one_after_the_other() -> None:
    layers = [make_layer(nn.LSTM, 3, 5, seed=seed) for seed in range(4)]
    cells = [from_layer(layer)[0][0] for layer in layers]
    x = torch.stack([sequence(6, 3, seed=seed) for seed in range(4)], 1)
    together = type(cells[0])(
        *(torch.stack([getattr(cell, name) for cell in cells]) for name in ("w_ih", "w_hh")),
        *(torch.stack([getattr(cell, n) for cell in cells])[:, None] for n in ("b_ih", "b_hh")),
    )
    steps = walk(together, x[:, :, None])
    for s, cell in enumerate(cells):
        alone = walk(cell, x[:, s])
        torch.testing.assert_close(steps.states[1][:, s, 0], alone.states[1], rtol=0, atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "x", "names"),
    [
        (nn.Linear(3, 3), sequence(4, 3), "Linear.*torch.nn.RNN"),
        (nn.LSTMCell(3, 3), sequence(4, 3), "LSTMCell"),
        (nn.LSTM(3, 4, proj_size=2), sequence(4, 3), "proj_size is 2"),
        (make_layer(nn.GRU, 3, 4), sequence(4, 5), r"\(4, 5\).*\(T, 3\)"),
        (make_layer(nn.GRU, 3, 4), torch.zeros(0, 3), r"\(0, 3\)"),
        (make_layer(nn.GRU, 3, 4), torch.zeros(3), r"\(3,\)"),
        (make_layer(nn.GRU, 3, 4), torch.zeros(2, 4, 3), r"\(2, 4, 3\)"),
        (make_layer(nn.GRU, 3, 4), [[0.0, 0.0, 0.0]], "list.*torch.Tensor"),
        (make_layer(nn.GRU, 3, 4), sequence(4, 3, torch.float64), "float64.*float32"),
        (make_layer(nn.RNN, 3, 4), torch.tensor([[0.0, math.nan, 0.0]]), r"x\[0, 1\] is nan"),
        (make_layer(nn.RNN, 3, 4), torch.tensor([[0.0, 0.0, math.inf]]), r"x\[0, 2\] is inf"),
    ],
)
def test_wrong_input_is_named(layer: Any, x: Any, names: Any) -> None:
    for use in (
        rnnviz.trace,
        rnnviz.jacobians,
        lambda layer, x: rnnviz.backward(layer, x, torch.sum),
    ):
        with pytest.raises(Problem) as error:
            use(layer, x)
        assert re.search(names, str(error.value)), error.value


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_weights_that_diverged_are_named(value: Any) -> None:
    layer = make_layer(nn.LSTM, 3, 4)
    with torch.no_grad():
        layer.weight_hh_l0[2, 1] = value
    with pytest.raises(Problem, match=f"weight_hh_l0 holds {value}"):
        rnnviz.trace(layer, sequence(4, 3))


def test_dropout_in_training_mode_is_refused_and_works_in_evaluation() -> None:
    layer = make_layer(nn.LSTM, 3, 4, num_layers=2, dropout=0.25)
    with pytest.raises(Problem, match=r"0.25.*eval\(\)"):
        rnnviz.trace(layer, sequence(4, 3))
    assert rnnviz.trace(layer.eval(), sequence(4, 3)).agreement < 1e-6


@pytest.mark.parametrize("use", [rnnviz.trace, rnnviz.jacobians])
def test_a_walk_that_explodes_names_the_step(use: Any) -> None:
    layer = make_layer(nn.RNN, 3, 4, nonlinearity="relu")
    with torch.no_grad():
        layer.weight_hh_l0.fill_(1e6)
    with pytest.raises(Problem, match=r"float32 at step [1-9]"):
        use(layer, sequence(50, 3))
    assert rnnviz.trace(layer, sequence(2, 3)).agreement == 0


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_walked_as_it_is(kind: Any, dtype: Any) -> None:
    layer, x = make_layer(kind, 3, 4).to(dtype), sequence(6, 3, dtype)
    assert rnnviz.trace(layer, x).agreement < 0.02
    near = rnnviz.jacobians(layer.float(), x.float())
    torch.testing.assert_close(
        rnnviz.jacobians(layer.to(dtype), x).spectral, near.spectral, rtol=0.05, atol=0.02
    )


def test_trained_and_wide_weights_agree_in_double_precision() -> None:
    for kind in (nn.RNN, nn.GRU, nn.LSTM):
        layer = make_layer(kind, 8, 32, dtype=torch.float64, num_layers=2, bidirectional=True)
        with torch.no_grad():
            for parameter in layer.parameters():
                parameter *= 2  # Far from the start, still not chaotic.
        assert rnnviz.trace(layer, sequence(200, 8, torch.float64)).agreement < 1e-12
