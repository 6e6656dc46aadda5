"""How a network learns: every number against autograd, finite differences and torch.optim."""

import re
from collections.abc import Generator
from typing import Any, TypeVar, get_args

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from rnnviz.ideas.learning import flow, hello, listings, rates, truncation, xor
from rnnviz.ideas.learning.cost import saved_bytes, training_walk
from rnnviz.ideas.learning.dropout import Mended, SurnameClassifier, answer_repeatedly
from rnnviz.ideas.learning.flow import Activation, Kind
from rnnviz.ideas.learning.hello import LossAt
from rnnviz.ideas.learning.overfitting import train_curves
from rnnviz.ideas.learning.results import ASKED, HIDDEN, INPUTS, LENGTHS, PIECE, Cost, Curves
from tests.ideas.listings import check_listing

Result = TypeVar("Result")
LOSSES: tuple[LossAt, ...] = get_args(LossAt)


def text_loss(w: dict[str, Tensor], loss_at: LossAt) -> Tensor:
    """The loss of "hell" -> "ello" with PyTorch's own functions."""
    x = one_hot(torch.tensor([0, 1, 2, 2]), 4).double()
    h, losses = torch.zeros(2, dtype=torch.double), []
    for t, target in enumerate([1, 2, 2, 3]):
        h = torch.tanh(w["W_xh"] @ x[t] + w["W_hh"] @ h + w["b_h"])
        losses.append(cross_entropy(w["W_hy"] @ h + w["b_y"], torch.tensor(target)))
    return torch.stack(losses).sum() if loss_at == "every" else losses[-1]


def leaves(weights: dict[str, Any]) -> dict[str, Tensor]:
    return {name: torch.tensor(value, requires_grad=True) for name, value in weights.items()}


@pytest.mark.parametrize("loss_at", LOSSES)
@pytest.mark.parametrize("rate", [0.1, 3.0])
def test_a_training_step_is_autograd_and_sgd(rate: float, loss_at: LossAt) -> None:
    step = hello.training_step(rate, 7, loss_at)
    w = leaves(hello.initial_weights())
    optimiser = torch.optim.SGD(w.values(), lr=rate)
    for _step in range(8):
        optimiser.zero_grad()
        loss = text_loss(w, loss_at)
        loss.backward()
        optimiser.step()
    assert step.loss == pytest.approx(loss.item())
    assert step.new_loss == pytest.approx(text_loss(w, loss_at).item())
    for name, weight in w.items():
        assert weight.grad is not None
        np.testing.assert_allclose(step.gradient.weights[name], weight.grad, atol=1e-10)
        np.testing.assert_allclose(step.after[name], weight.detach(), atol=1e-10)
        total = sum(share.weights[name] for share in step.shares)
        np.testing.assert_allclose(total, step.gradient.weights[name], atol=1e-12)


@pytest.mark.parametrize("loss_at", LOSSES)
def test_a_nudge_of_every_weight_agrees_with_its_gradient(loss_at: LossAt) -> None:
    step, count = hello.training_step(0.1, 25, loss_at), hello.counted(loss_at)
    assert len(hello.parameters()) == 26
    for code in hello.parameters():
        name, place = hello.parse_parameter(code)
        slope = hello.nudged_slope(step.before, name, place, count)
        assert slope == pytest.approx(step.gradient.weights[name][place], abs=1e-8)


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
@pytest.mark.parametrize("pair", rates.PAIRS)
def test_a_descent_is_that_of_torch_optim_on_the_true_surface(
    pair: str, optimiser: hello.Optimiser
) -> None:
    result = rates.descent(pair, 0.1, optimiser)
    weights = leaves(hello.descend(rates.WARM_RATE, rates.WARM_STEPS))
    held = {name: weight.detach() for name, weight in weights.items()}
    places = [hello.parse_parameter(code) for code in rates.PAIRS[pair]]
    two = torch.stack([held[name][place] for name, place in places]).requires_grad_()
    method = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimiser]([two], lr=0.1)
    path = []
    for _update in range(rates.UPDATES + 1):
        path.append(two.detach().clone())
        w = {name: weight.clone() for name, weight in held.items()}
        for value, (name, place) in zip(two, places, strict=True):
            w[name][place] = value
        method.zero_grad()
        text_loss(w, "every").backward()
        method.step()
    np.testing.assert_allclose(result.path, torch.stack(path), atol=1e-9)
    start = hello.descend(rates.WARM_RATE, rates.WARM_STEPS)
    on_surface = rates.surface_losses(start, pair, *result.path.T)
    np.testing.assert_allclose(on_surface, result.losses, rtol=1e-9)


def test_rates_crawl_learn_and_diverge() -> None:
    fates = [rates.descent("memory", rate).fate for rate in (0.001, 0.1, 3.0)]
    assert fates == ["crawls", "learns", "diverges"]


ACTIVATE = {
    "identity": lambda a: a * 1,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "relu": torch.relu,
}


@pytest.mark.parametrize("activation", get_args(Activation))
@pytest.mark.parametrize("kind", get_args(Kind))
def test_values_and_gradients_are_those_of_autograd(kind: Kind, activation: Activation) -> None:
    depth = 12
    result, networks = flow.flow(kind, activation, depth, 1.5), flow.draw(kind, depth, 1.5)
    h = torch.zeros(flow.S, flow.H, dtype=torch.double)
    states = []
    for w, x in zip(networks.matrices, networks.inputs, strict=True):
        product = torch.einsum("sij,sj->si", torch.tensor(np.array(w)), h)
        h = ACTIVATE[activation](product + torch.tensor(x)).requires_grad_()
        h.retain_grad()
        states.append(h)
    (h * torch.tensor(networks.directions)).sum().backward()
    for t, state in enumerate(states):
        assert state.grad is not None
        np.testing.assert_allclose(result.states[:, t], state.detach(), rtol=1e-9)
        np.testing.assert_allclose(result.gradients[:, t], state.grad.norm(dim=1), rtol=1e-9)


def test_the_articles_on_activations() -> None:
    """tanh bounds the values; ReLU's grow with the radius; only tanh is zero-centred."""
    for radius in (None, 1.0, 3.0):
        assert flow.flow("time", "tanh", 50, radius).values.max() < flow.H**0.5
    relu = [flow.flow("time", "relu", 50, radius).final_value for radius in (None, 2.0, 3.0)]
    assert relu[0] < 5 < 1e3 < relu[1] < 1e9 < relu[2]
    signs = {code: flow.flow("time", code, 50).agreement for code in get_args(Activation)}
    assert signs["sigmoid"] == signs["relu"] == 1
    assert signs["tanh"] == pytest.approx(flow.COIN_SHARE, abs=0.02)
    coins = np.random.default_rng(0).integers(0, 2, (20_000, flow.H)).sum(1)
    assert np.maximum(coins, flow.H - coins).mean() / flow.H == pytest.approx(
        flow.COIN_SHARE, abs=0.003
    )


def test_depth_and_time_fall_together() -> None:
    for depth in (5, 20, 50):
        layers, time = (flow.flow(kind, "tanh", depth).remaining for kind in get_args(Kind))
        assert time < layers < 0.58 ** (depth - 4)


def test_only_a_bent_activation_solves_xor() -> None:
    solved = {code: xor.train_xor(code).solved for code in get_args(Activation)}
    assert solved["identity"] == 0
    assert solved["tanh"] == solved["sigmoid"] == xor.S
    assert 0 < solved["relu"] < xor.S, "some starts leave ReLUs dead"
    best = xor.train_xor("identity")
    np.testing.assert_allclose(best.answers[best.best], 0.5, atol=0.02)


def detached_gradient(seed: int, cut: int, length: int, loss_at: LossAt) -> Tensor:
    """The gradient of one network with autograd, its state detached at every cut."""
    rnns = truncation.draw(length)
    w_xh = torch.tensor(rnns.w_xh[seed], requires_grad=True)
    w_hh = torch.tensor(rnns.w_hh[seed], requires_grad=True)
    b = torch.zeros(truncation.H, dtype=torch.double, requires_grad=True)
    h, loss = torch.zeros(truncation.H, dtype=torch.double), torch.zeros((), dtype=torch.double)
    for t in range(length):
        h = h.detach() if t % cut == 0 else h
        h = torch.tanh(w_xh @ torch.tensor(rnns.x[t, seed]) + w_hh @ h + b)
        if loss_at == "every" or t == length - 1:
            loss = loss + torch.tensor(rnns.v[t, seed]) @ h
    return torch.cat([g.flatten() for g in torch.autograd.grad(loss, [w_xh, w_hh, b])])


@pytest.mark.parametrize("loss_at", LOSSES)
@pytest.mark.parametrize("cut", [1, 7, 20])
def test_scissors_are_a_detach(cut: int, loss_at: LossAt) -> None:
    gradients, _norms = truncation.gradient(truncation.draw(20), cut, loss_at)
    for seed in (0, truncation.S - 1):
        expected = detached_gradient(seed, cut, 20, loss_at)
        np.testing.assert_allclose(gradients[seed], expected, atol=1e-10)


def test_a_cut_turns_the_gradient_and_saves_memory() -> None:
    result = truncation.truncation(40, 10, "every")
    assert result.angles[-1] < 1e-4 < 10 < result.angle < result.angles[0] < 90
    assert result.saved * 4 == result.saved_full
    assert (truncation.truncation(40, 15, "last").cut > 0).sum() == 10, "40 = 2 x 15 + 10"


def test_memory_grows_with_the_length_unless_it_is_cut() -> None:
    cell = nn.RNNCell(INPUTS, HIDDEN)
    full, cut = ([saved_bytes(cell, torch.randn(T, 8, INPUTS), min(T, k)) for T in (25, 50, 100)]
                 for k in (100, PIECE))  # fmt: skip
    assert full[2] - full[1] == 2 * (full[1] - full[0]), "the same for every further step"
    assert cut == [full[0]] * 3
    states = {name: torch.zeros_like(weight) for name, weight in cell.named_parameters()}
    x = torch.randn(50, 8, INPUTS)
    for piece in (50, PIECE):
        training_walk(cell, x, piece)
        grads = {name: weight.grad.clone() for name, weight in cell.named_parameters()
                 if weight.grad is not None}  # fmt: skip
        assert any((grads[name] != states[name]).any() for name in grads)
        states = grads


def end_of(computation: Generator[float, None, Result]) -> Result:
    """What a computation returns at its end."""
    while True:
        try:
            next(computation)
        except StopIteration as end:
            result: Result = end.value
            return result


def curves(*settings: Any) -> Curves:
    return end_of(train_curves(*settings))


def test_a_large_model_overfits_and_dropout_delays_it() -> None:
    plain = curves(100, 32, 0.0)
    assert plain.overfits
    assert plain.training[-1] < 0.3 < 1 < plain.validation[-1]
    assert 0 < plain.best < len(plain.training) - 1
    dropped = curves(100, 32, 0.5)
    assert dropped.best > plain.best
    check_listing(listings.overfitting(100, 32, 0.0, plain)[0])
    assert len(listings.overfitting(100, 32, 0.5, dropped)) == 1, "Keras would drop others"


@pytest.mark.long
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize(("size", "units"), [(100, 32), (200, 64), (400, 4)])
def test_keras_learns_the_same_from_the_same_start(size: int, units: int) -> None:
    _pytorch, keras = listings.overfitting(size, units, 0.0, curves(size, units, 0.0))
    check_listing(keras)


def test_dropout_without_training_stays_on_after_eval() -> None:
    left_on = end_of(answer_repeatedly(0.5))
    assert len(left_on.on) == len(left_on.off) == ASKED
    assert left_on.accuracy_on < left_on.accuracy_off
    assert set(left_on.off_changed) == {0.0}
    assert len(set(left_on.off)) == 1
    assert min(left_on.on_changed) > 0.05
    check_listing(listings.left_on(0.5, left_on))


def test_what_is_dropped_is_what_the_module_drops_in_training() -> None:
    """nn.Dropout in its two modes is the reference of both models."""
    y, module = torch.ones(40, 64), nn.Dropout(0.4)
    model, mended = (kind(5, 3, 0.4).eval() for kind in (SurnameClassifier, Mended))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        dropped = model.drop(y)
        torch.manual_seed(1)
        assert torch.equal(dropped, module.train()(y))
    assert 0.3 < (dropped == 0).float().mean() < 0.5
    assert torch.equal(mended.drop(y), module.eval()(y))


@pytest.mark.parametrize("code", ["W_hh.0.0", "b_y.3"])
@pytest.mark.parametrize("loss_at", LOSSES)
def test_the_listing_of_a_step(loss_at: LossAt, code: str) -> None:
    check_listing(listings.training_step(0.3, 12, loss_at, code))


@pytest.mark.parametrize("optimiser", ["sgd", "adam"])
def test_the_listing_of_a_descent(optimiser: hello.Optimiser) -> None:
    check_listing(listings.descent("memory", 0.3, optimiser))


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("radius", [None, 1.5])
def test_the_listing_of_values_and_gradients(kind: Kind, radius: float | None) -> None:
    for activation in ("tanh", "identity", "sigmoid", "relu")[: 1 if radius else 4]:
        check_listing(listings.flow(kind, activation, 20, radius))


@pytest.mark.long
def test_the_listing_of_xor() -> None:
    check_listing(listings.xor("relu", xor.train_xor("relu").solved))


@pytest.mark.parametrize("loss_at", LOSSES)
def test_the_listing_of_the_angle(loss_at: LossAt) -> None:
    result = truncation.truncation(30, 7, loss_at)
    check_listing(listings.angle(30, 7, loss_at, result.angle))


def test_the_listing_of_the_memory() -> None:
    cell = nn.RNNCell(INPUTS, HIDDEN)
    memory = tuple(saved_bytes(cell, torch.randn(T, 8, INPUTS), T) for T in LENGTHS)
    listing = listings.memory(Cost(memory, memory, (), ()))
    check_listing(listing)
    assert len(re.findall(r"\d+ bytes", listing.output)) == len(LENGTHS)
