"""The library's self-check against the module as it would run now, whatever was done to it."""

import math
from collections.abc import Callable
from typing import Any

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import assume, given
from torch import Tensor, nn
from torch.nn.utils import parametrizations, parametrize, prune

import rnnviz
from rnnviz.cells import CELLS, is_plain
from rnnviz.cells import make_layer as make_cell_layer
from rnnviz.gradients.jacobian_sweep import scaled_jacobians
from rnnviz.messages import Problem
from tests.layers import any_layer, make_layer, sequence

LARGEST = {torch.float32: 2e-5, torch.float64: 1e-11}
"""How far autograd through a layer may be from the exact gradient, by the type of the layer."""


def loss(outputs: Tensor) -> Tensor:
    pattern = torch.arange(1, outputs.numel() + 1, dtype=outputs.dtype).sin().view_as(outputs)
    return (pattern * outputs + outputs.square() / 3).sum()


def uses(layer: Any, x: Tensor) -> list[Callable[[], Any]]:
    """The three functions on a layer; `jacobians` where it takes it."""
    single = layer.num_layers == 1 and not layer.bidirectional
    return [
        lambda: rnnviz.trace(layer, x),
        lambda: rnnviz.backward(layer, x, loss),
        *([lambda: rnnviz.jacobians(layer, x)] if single else []),
    ]


class Same(nn.LSTM):
    """A forward of its own that computes what its base does."""

    def forward(self, x: Any, hx: Any = None) -> Any:
        return super().forward(x, hx)


class Doubled(nn.LSTM):
    def forward(self, x: Any, hx: Any = None) -> Any:
        outputs, last = super().forward(x, hx)
        return 2 * outputs, last


class Twice(nn.Module):
    def forward(self, weight: Tensor) -> Tensor:
        return 2 * weight


# What may be done to a layer: each changes it in place.


def prune_weights(layer: Any) -> None:
    prune.l1_unstructured(layer, "weight_hh_l0", 0.5)
    # As from a checkpoint: until the next call, `weight_hh_l0` is that of before.
    with torch.no_grad():
        layer.weight_hh_l0_orig.mul_(1.5)


def old_weight_norm(layer: Any) -> None:
    nn.utils.weight_norm(layer, "weight_hh_l0")
    with torch.no_grad():
        layer.weight_hh_l0_g.mul_(1.3)


def old_spectral_norm(layer: Any) -> None:
    nn.utils.spectral_norm(layer, "weight_hh_l0", n_power_iterations=9)
    # From a random start; without an iteration the weights would be anything.
    layer(torch.zeros(1, layer.input_size, dtype=layer.weight_ih_l0.dtype))


def new_weight_norm(layer: Any) -> None:
    parametrizations.weight_norm(layer, "weight_ih_l0")


def new_spectral_norm(layer: Any) -> None:
    parametrizations.spectral_norm(layer, "weight_hh_l0", n_power_iterations=9)


def twice(layer: Any) -> None:
    parametrize.register_parametrization(layer, "weight_ih_l0", Twice())


def observe(layer: Any) -> None:
    layer.register_forward_hook(lambda *_: None)
    layer.register_forward_pre_hook(lambda *_: None)


def freeze(layer: Any) -> None:
    layer.weight_ih_l0.requires_grad_(False)
    layer.register_forward_hook(lambda *_: None)


def nothing(layer: Any) -> None:
    pass


HARMLESS = [nothing, prune_weights, old_weight_norm, old_spectral_norm, new_weight_norm,
            new_spectral_norm, twice, observe, freeze]  # fmt: skip


def scale_outputs(layer: Any) -> None:
    layer.register_forward_hook(lambda _module, _x, result: (1.01 * result[0], result[1]))


def change_one_number(layer: Any) -> None:
    def hook(_module: Any, _x: Any, result: Any) -> Any:
        outputs = result[0].clone()
        outputs[-1, -1] += 0.05
        return outputs, result[1]

    layer.register_forward_hook(hook)


def scale_inputs(layer: Any) -> None:
    layer.register_forward_pre_hook(lambda _module, inputs: (0.9 * inputs[0] + 0.1,))


def detach_outputs(layer: Any) -> None:
    layer.register_forward_hook(lambda _module, _x, result: (result[0].detach(), result[1]))


def scale_gradients(layer: Any) -> None:
    layer.register_full_backward_hook(lambda _module, inward, _outward: (inward[0] * 3,))


def patch_forward(layer: Any) -> None:
    original = layer.forward

    def forward(x: Tensor, hx: Any = None) -> Any:
        outputs, last = original(x, hx)
        return outputs + 0.02, last

    layer.forward = forward


def cut_weight_gradient(layer: Any) -> None:
    layer.weight_hh_l0.register_hook(lambda gradient: gradient * 0)


def change_last_states(layer: Any) -> None:
    def hook(_module: Any, _x: Any, result: Any) -> Any:
        last = result[1]
        more = tuple(each + 1 for each in last) if isinstance(last, tuple) else last + 1
        return result[0], more

    layer.register_forward_hook(hook)


HARMFUL = [scale_outputs, change_one_number, scale_inputs, patch_forward, change_last_states]
HARMFUL_BACKWARD = [detach_outputs, scale_gradients]


@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(any_layer(), st.sampled_from(HARMLESS), st.booleans())
def test_it_agrees_with_autograd_through_the_module(case: Any, change: Any, training: bool) -> None:
    layer, x = case
    torch.manual_seed(0)  # for the start of a power iteration
    change(layer)
    layer.train(training)
    state = {name: tensor.clone() for name, tensor in layer.state_dict().items()}
    traced, result = rnnviz.trace(layer, x), rnnviz.backward(layer, x, loss)
    exact = LARGEST[x.dtype]
    assert traced.agreement < exact
    assert result.agreement < exact
    if layer.num_layers == 1 and not layer.bidirectional:
        assert rnnviz.jacobians(layer, x).agreement < 2e-3  # ReLU walks in single precision
    for name, tensor in layer.state_dict().items():
        assert torch.equal(tensor, state[name]), name
    leaf = x.clone().requires_grad_()
    outputs = layer(leaf)[0]
    torch.testing.assert_close(traced.outputs, outputs.detach(), rtol=0, atol=exact)
    value = loss(outputs)
    value.backward()
    assert result.loss == pytest.approx(value.item(), rel=1e-4, abs=1e-4)
    assert leaf.grad is not None
    scale = float(leaf.grad.abs().max())
    torch.testing.assert_close(result.dx, leaf.grad, rtol=0, atol=50 * exact * scale)


@given(any_layer(), st.sampled_from(HARMFUL), st.booleans())
def test_a_module_that_computes_something_else_is_named(
    case: Any, change: Any, training: bool
) -> None:
    layer, x = case
    assume(bool(layer(x)[0].any()))  # Of a dead ReLU there is nothing to change.
    change(layer)
    layer.train(training)
    for use in uses(layer, x):
        with pytest.raises(Problem, match=r"something else than its cell.*differ by up to"):
            use()
    assert math.isnan(rnnviz.trace(layer, x, check=False).agreement)
    assert math.isnan(rnnviz.backward(layer, x, loss, check=False).agreement)


@given(any_layer(), st.sampled_from(HARMFUL_BACKWARD))
def test_a_module_whose_gradients_are_others_is_named(case: Any, change: Any) -> None:
    layer, x = case
    assume(bool(rnnviz.backward(layer, x, loss).dx.any()))  # Or there is nothing to change.
    assume(bool(layer(x)[0][-1].any()))
    change(layer)
    rnnviz.trace(layer, x)
    for use in uses(layer, x)[1:]:
        with pytest.raises(Problem, match=r"Autograd goes back.*differ by"):
            use()


def test_a_weight_whose_gradient_is_cut_is_named() -> None:
    layer = make_layer(nn.GRU, 3, 4)
    cut_weight_gradient(layer)
    with pytest.raises(Problem, match="gradients of the weights differ by"):
        rnnviz.backward(layer, sequence(5, 3), loss)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_one_weight_in_several_places_has_one_gradient(kind: Any) -> None:
    layer, x = make_layer(kind, 4, 4, num_layers=3), sequence(9, 4)
    layer.weight_hh_l1 = layer.weight_hh_l0
    layer.weight_ih_l2 = layer.weight_ih_l1
    result = rnnviz.backward(layer, x, loss)
    assert result.agreement < 1e-6
    loss(layer(x)[0]).backward()
    both = sum(result.layers[k].dweights["w_hh"] for k in (0, 1))
    torch.testing.assert_close(both, layer.weight_hh_l0.grad, rtol=1e-4, atol=1e-5)


def test_a_forward_of_its_own_is_named_where_it_computes_something_else() -> None:
    x = sequence(20, 8)
    assert rnnviz.backward(make_layer(Same, 8, 5), x, loss).agreement < 1e-6
    for use in uses(make_layer(Doubled, 8, 5), x):
        with pytest.raises(Problem, match=r"layer \(Doubled\).*differ by up to 0\.\d"):
            use()


@pytest.mark.parametrize(
    ("forward", "names"),
    [
        (lambda self, x, hx=None: nn.LSTM.forward(self, x)[0], r"returns \(5, 4\)"),
        (lambda self, x, hx=None: None, "returns NoneType"),
        (lambda self, x, hx=None: {}["answer"], "fails: 'answer'"),
        (lambda self, x, hx=None: nn.LSTM.forward(self, x.flip(0)), "outputs differ"),
    ],
)
def test_a_forward_that_returns_something_else_is_named(forward: Any, names: str) -> None:
    layer = make_layer(type("Own", (nn.LSTM,), {"forward": forward}), 3, 4)
    for use in uses(layer, sequence(5, 3)):
        with pytest.raises(Problem, match=names):
            use()


@pytest.mark.parametrize("code", CELLS)
def test_every_cell_is_checked(code: str) -> None:
    options = {"nonlinearity": "tanh"} if code == "rnn" else {}
    layer, x = make_cell_layer(CELLS[code], 3, 4, **options), sequence(5, 3)
    assert is_plain(layer)
    observe(layer)
    assert not is_plain(layer)
    for use in uses(layer, x):
        assert use().agreement < 1e-6
    scale_outputs(layer)
    for use in uses(layer, x):
        with pytest.raises(Problem, match="something else than its cell"):
            use()


def test_a_chaotic_layer_is_no_other_layer() -> None:
    layer, x = make_layer(nn.LSTM, 8, 32), sequence(60, 8)
    with torch.no_grad():
        layer.weight_hh_l0.mul_(20)
    observe(layer)
    # In single precision, rounding grows until nothing of the walk is right: the number says so.
    assert rnnviz.trace(layer, x).agreement > 0.1
    # In double precision it has not grown so far.
    assert rnnviz.backward(layer, x, lambda outputs: outputs[-1].sum()).agreement < 1e-6
    assert rnnviz.jacobians(layer, x).agreement < 1e-6


def test_hooks_run_once() -> None:
    for use in range(3):
        layer, calls = make_layer(nn.LSTM, 3, 4), []
        layer.register_forward_hook(lambda *_, calls=calls: calls.append("hook"))
        layer.register_forward_pre_hook(lambda *_, calls=calls: calls.append("before"))
        uses(layer, sequence(5, 3))[use]()
        assert calls == ["before", "hook"]


def test_global_hooks_are_seen() -> None:
    layer = make_layer(nn.LSTM, 3, 4)
    handle = nn.modules.module.register_module_forward_hook(
        lambda module, _x, result: (2 * result[0], result[1]) if module is layer else None
    )
    try:
        with pytest.raises(Problem, match="something else"):
            rnnviz.backward(layer, sequence(5, 3), loss)
    finally:
        handle.remove()
    assert rnnviz.backward(layer, sequence(5, 3), loss).agreement < 1e-6


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("norm", [old_spectral_norm, new_spectral_norm])
def test_power_iterations_are_left_as_they_were(norm: Any) -> None:
    """In training mode each call of the layer takes one; a look at it takes none."""
    layer, twin, x = make_layer(nn.RNN, 3, 4), make_layer(nn.RNN, 3, 4), sequence(5, 3)
    torch.manual_seed(0)
    norm(layer)
    norm(twin)
    twin.load_state_dict(layer.state_dict())
    for use in uses(layer, x):
        use()
    assert torch.equal(layer(x)[0], twin(x)[0])


def test_a_pruned_layer_that_became_double_is_read_in_double() -> None:
    layer = make_layer(nn.LSTM, 3, 4)
    prune_weights(layer)
    layer.double()
    assert rnnviz.trace(layer, sequence(5, 3, torch.float64)).agreement < 1e-12


def test_without_a_check_nothing_is_called() -> None:
    layer, x = make_layer(nn.GRU, 3, 4), sequence(5, 3)
    for result in (
        rnnviz.trace(layer, x, check=False),
        rnnviz.backward(layer, x, loss, check=False),
        rnnviz.jacobians(layer, x, check=False),
    ):
        assert math.isnan(result.agreement)
        assert "unchecked" in repr(result)


def test_a_wrong_jacobian_does_not_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*arguments: Any) -> Any:
        matrices, exponents = scaled_jacobians(*arguments)
        return matrices * torch.linspace(1.001, 1, len(matrices))[:, None, None], exponents

    monkeypatch.setattr("rnnviz.gradients.jacobian.scaled_jacobians", wrong)
    agreement = rnnviz.jacobians(make_layer(nn.LSTM, 3, 4), sequence(9, 3)).agreement
    assert agreement == pytest.approx(1e-3, rel=0.01)


@pytest.mark.parametrize("kind", [nn.RNN, nn.GRU, nn.LSTM])
def test_autocast_changes_the_layer_and_not_the_walk(kind: Any) -> None:
    layer, x = make_layer(kind, 3, 4), sequence(5, 3)
    outside = rnnviz.trace(layer, x)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        inside = rnnviz.trace(layer, x)
        rnnviz.backward(layer, x, loss)
        observe(layer)
        rnnviz.backward(layer, x, loss)
    assert torch.equal(inside.outputs, outside.outputs)
