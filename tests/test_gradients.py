"""The walk back against autograd, finite differences and torch.func.jacrev."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from torch import nn

import rnnviz
from rnnviz.cells import RNN, from_layer
from rnnviz.gradients import derivatives, gradient_norms, state_jacobians, step_jacobians
from rnnviz.messages import Problem
from rnnviz.tracing import walk
from tests.layers import any_layer, make_layer, sequence


def weighted_loss(outputs: Any) -> Any:
    """A loss that looks at every number: a fixed pattern of weights on squares and values."""
    pattern = torch.arange(1, outputs.numel() + 1, dtype=outputs.dtype).sin().view_as(outputs)
    return (pattern * outputs + outputs.square() / 3).sum()


def step(layer: Any, suffix: Any, x: Any, state: Any) -> Any:
    """One step in the words of torch.nn's documentation, so that autograd sees h and c apart."""
    weights = {n: getattr(layer, f"{n}{suffix}").detach() for n in ("weight_ih", "weight_hh")}
    from_x, from_h = weights["weight_ih"] @ x, weights["weight_hh"] @ state[0]
    if layer.bias:
        from_x = from_x + getattr(layer, f"bias_ih{suffix}").detach()
        from_h = from_h + getattr(layer, f"bias_hh{suffix}").detach()
    if type(layer) is nn.LSTM:
        i, f, g, o = (from_x + from_h).chunk(4)
        c = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
        c.retain_grad()
        return o.sigmoid() * c.tanh(), c
    if type(layer) is nn.GRU:
        (ir, iz, inn), (hr, hz, hn) = from_x.chunk(3), from_h.chunk(3)
        z = (iz + hz).sigmoid()
        n = (inn + (ir + hr).sigmoid() * hn).tanh()
        return ((1 - z) * n + z * state[0],)
    return ((from_x + from_h).tanh() if layer.nonlinearity == "tanh" else (from_x + from_h).relu(),)


def retained_gradients(layer: Any, x: Any, loss: Any) -> Any:
    """Every h_t and c_t of every layer and direction with the gradient that autograd gives it."""
    inputs, from_h = x.clone().requires_grad_(), []
    below = inputs
    for k in range(layer.num_layers):
        sides = []
        for suffix in ("", "_reverse")[: 1 + layer.bidirectional]:
            order = reversed(range(len(x))) if suffix else range(len(x))
            state = tuple(torch.zeros(layer.hidden_size, dtype=x.dtype) for _ in range(2))
            states = {}
            for t in order:
                state = step(layer, f"_l{k}{suffix}", below[t], state)
                states[t] = state
                state[0].retain_grad()
            from_h.append(states)
            sides.append(torch.stack([states[t][0] for t in range(len(x))]))
        below = torch.cat(sides, -1)
    torch.testing.assert_close(below, layer(x)[0], rtol=1e-10, atol=1e-12)
    loss(below).backward()
    return inputs.grad, from_h


@given(any_layer())
@settings(deadline=None, max_examples=40)
def test_the_quick_norms_are_those_of_the_whole_walk(case: Any) -> None:
    layer, x = case
    whole = rnnviz.backward(layer, x, weighted_loss).layers[-1].norms
    assert torch.equal(gradient_norms(layer, x, weighted_loss), whole)


@given(any_layer(dtypes=(torch.float64,)))
@settings(deadline=None, max_examples=40)
def test_backward_equals_the_gradients_that_autograd_retains(case: Any) -> None:
    layer, x = case
    result = rnnviz.backward(layer, x, weighted_loss)
    dx, from_h = retained_gradients(layer, x, weighted_loss)
    torch.testing.assert_close(result.dx, dx, rtol=1e-10, atol=1e-12)
    for side, states in zip(result.layers, from_h, strict=True):
        for s, name in enumerate(side.dstates):
            for t in range(len(x)):
                torch.testing.assert_close(
                    side.dstates[name][t], states[t][s].grad, rtol=1e-10, atol=1e-12
                )


@given(any_layer())
@settings(deadline=None, max_examples=60)
def test_parameter_gradients_agree_with_autograd(case: Any) -> None:
    layer, x = case
    result = rnnviz.backward(layer, x, weighted_loss)
    assert result.agreement < {torch.float32: 1e-6, torch.float64: 1e-12}[x.dtype]
    # Each parameter against its own scale, which `agreement` takes over all of them.
    weighted_loss(layer(x)[0]).backward()
    ours = [gradient for side in result.layers for gradient in side.dweights.values()]
    scale = max(float(p.grad.abs().max()) for p in layer.parameters())
    for gradient, parameter in zip(ours, layer.parameters(), strict=True):
        exact = {torch.float32: 2e-5, torch.float64: 1e-11}[x.dtype]
        torch.testing.assert_close(gradient, parameter.grad, rtol=exact, atol=exact * scale)


@given(any_layer(dtypes=(torch.float64,), most_layers=2))
@settings(deadline=None, max_examples=25)
def test_terms_add_up_to_the_whole(case: Any) -> None:
    layer, x = case
    for side in rnnviz.backward(layer, x, weighted_loss).layers:
        for name, terms in side.terms.items():
            torch.testing.assert_close(
                sum(terms.values()), side.dstates[name], rtol=1e-12, atol=1e-14
            )
        torch.testing.assert_close(side.norms, side.dstates["h"].norm(dim=-1))
        whole = side.dweights["w_hh"].norm()
        assert side.weight_sum.max() >= whole * (1 - 1e-9)
        ends = side.weight_sum[[0, -1]]
        assert min(abs(float(end) - float(whole)) for end in ends) <= 1e-9 * float(whole) + 1e-15


@pytest.mark.parametrize("kind", ["rnn", "gru", "lstm"])
def test_backward_equals_central_differences(kind: Any) -> None:
    layer = make_layer({"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[kind], 3, 4,
                       dtype=torch.float64, num_layers=2, bidirectional=True)  # fmt: skip
    x, step = sequence(5, 3, torch.float64), 1e-6
    result = rnnviz.backward(layer, x, weighted_loss)
    with torch.no_grad():
        for t, i in ((0, 0), (2, 1), (4, 2)):
            nudge = torch.zeros_like(x)
            nudge[t, i] = step
            slope = (weighted_loss(layer(x + nudge)[0]) - weighted_loss(layer(x - nudge)[0])) / (
                2 * step
            )
            assert float(result.dx[t, i]) == pytest.approx(float(slope), rel=1e-6, abs=1e-8)
        weight, gradient = layer.weight_hh_l0, result.layers[0].dweights["w_hh"]
        for row, column in ((0, 0), (3, 2)):
            before = float(weight[row, column])
            ends = []
            for sign in (1, -1):
                weight[row, column] = before + sign * step
                ends.append(float(weighted_loss(layer(x)[0])))
            weight[row, column] = before
            slope = (ends[0] - ends[1]) / (2 * step)
            assert float(gradient[row, column]) == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_a_frozen_layer_keeps_its_gradients_to_itself() -> None:
    layer = make_layer(nn.GRU, 3, 4).requires_grad_(False)
    result = rnnviz.backward(layer, sequence(5, 3), weighted_loss)
    assert result.agreement < 1e-6
    assert all(parameter.grad is None for parameter in layer.parameters())


def test_a_loss_that_ignores_later_steps_reaches_only_earlier_ones() -> None:
    layer = make_layer(nn.LSTM, 3, 4)
    result = rnnviz.backward(layer, sequence(6, 3), lambda outputs: outputs[2].sum())
    assert result.layers[0].norms[3:].eq(0).all()
    assert result.layers[0].norms[:3].gt(0).all()
    assert result.layers[0].factors[2:].isnan().all()
    assert result.layers[0].factors[:2].isfinite().all()


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_a_parametrised_layer_is_walked_with_the_weights_it_computes_with(kind: Any) -> Any:
    class Twice(nn.Module):
        def forward(self, weight: Any) -> Any:
            return 2 * weight

    layer, x = make_layer(kind, 3, 4), sequence(5, 3)
    nn.utils.parametrize.register_parametrization(layer, "weight_ih_l0", Twice())
    result = rnnviz.backward(layer, x, weighted_loss)
    assert result.agreement < 1e-6
    weighted_loss(layer(x)[0]).backward()
    stored = layer.parametrizations["weight_ih_l0"].original.grad
    torch.testing.assert_close(2 * result.layers[0].dweights["w_ih"], stored, rtol=1e-4, atol=1e-5)


def test_the_loss_is_called_once_and_may_change_its_outputs_in_place() -> Any:
    calls = []

    def loss(outputs: Any) -> Any:
        calls.append(len(outputs))
        return outputs.mul_(2).sum()

    result = rnnviz.backward(make_layer(nn.GRU, 3, 4), sequence(5, 3), loss)
    assert calls == [5]
    assert result.agreement < 1e-6
    assert result.layers[0].terms["h"]["output"].eq(2).all()


@pytest.mark.parametrize(
    ("loss", "names"),
    [
        (lambda outputs: outputs.sum() * float("nan"), "loss is nan"),
        (lambda outputs: torch.ones(1, requires_grad=True).sum(), "does not depend"),
    ],
)
def test_a_loss_without_a_gradient_is_named(loss: Any, names: Any) -> None:
    with pytest.raises(Problem, match=names):
        rnnviz.backward(make_layer(nn.RNN, 3, 4), sequence(5, 3), loss)


@pytest.mark.parametrize(
    "loss", [lambda outputs: outputs, lambda outputs: 3.0, lambda outputs: torch.tensor(1.0)]
)
def test_a_loss_that_is_no_scalar_is_named(loss: Any) -> None:
    with pytest.raises(Problem, match="allowed is one number"):
        rnnviz.backward(make_layer(nn.RNN, 3, 4), sequence(5, 3), loss)


def by_jacrev(cell: Any, x: Any, H: Any) -> Any:
    def last(nudges: Any) -> Any:
        state = tuple(torch.zeros(H, dtype=x.dtype) for _ in cell.states)
        for t in range(len(x)):
            state = cell.step(cell.from_input(x[t]), state).states
            state = (state[0] + nudges[t], *state[1:])
        return state[0]

    return torch.func.jacrev(last)(torch.zeros(len(x), H, dtype=x.dtype)).movedim(1, 0)


@given(any_layer(dtypes=(torch.float64,), most_layers=1, both=False))
@settings(deadline=None, max_examples=30)
def test_jacobians_equal_jacrev(case: Any) -> None:
    layer, x = case
    (cell,) = from_layer(layer)[0]
    matrices = by_jacrev(cell, x, layer.hidden_size)
    result = rnnviz.jacobians(layer, x)
    near = {"rtol": 1e-9, "atol": 1e-12}
    torch.testing.assert_close(state_jacobians(cell, walk(cell, x)), matrices, **near)
    torch.testing.assert_close(result.spectral, torch.linalg.svdvals(matrices)[:, 0], **near)
    torch.testing.assert_close(
        result.frobenius, matrices.square().sum((1, 2)).sqrt(), rtol=1e-9, atol=1e-12
    )


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_step_jacobians_equal_jacrev_of_one_step(kind: Any) -> Any:
    layer = make_layer(kind, 3, 5, dtype=torch.float64)
    (cell,) = from_layer(layer)[0]
    steps = walk(cell, sequence(6, 3, torch.float64))
    result = step_jacobians(cell, steps)
    for t in range(6):

        def one(state: Any, from_x: Any = steps.x_proj[t]) -> Any:
            parts = tuple(state.split(5))
            return torch.cat(cell.step(from_x, parts).states)

        expected = torch.func.jacrev(one)(torch.cat([s[t] for s in steps.before]))
        torch.testing.assert_close(result[t], expected, rtol=1e-10, atol=1e-13)


def test_sigmoid_pull_equals_autograd() -> None:
    (cell,) = from_layer(make_layer(nn.RNN, 3, 4, dtype=torch.float64))[0]
    cell = RNN(cell.w_ih, cell.w_hh, cell.b_ih, cell.b_hh, nonlinearity="sigmoid")
    steps = walk(cell, sequence(5, 3, torch.float64))
    h = steps.before[0][3].clone().requires_grad_()
    (after,) = cell.step(steps.x_proj[3], (h,)).states
    (expected,) = torch.autograd.grad(after.sum(), h)
    result = derivatives(cell, steps).at(3).vjp((torch.ones(4, dtype=torch.float64),)).before[0]
    torch.testing.assert_close(result, expected)


@pytest.mark.parametrize("options", [{"num_layers": 2}, {"bidirectional": True}])
def test_jacobians_need_a_single_layer_and_direction(options: Any) -> None:
    with pytest.raises(Problem, match="allowed is one of each"):
        rnnviz.jacobians(make_layer(nn.GRU, 3, 4, **options), sequence(5, 3))
