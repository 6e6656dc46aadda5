"""The study of many networks against PyTorch, the published numbers and its own promises."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

import rnnviz
from rnnviz.cells import CELLS, Layer, from_layer, make_layer, parameter_name
from rnnviz.gradient_flow import (
    INPUTS,
    SLOPE_BOUND,
    CellFlow,
    FlowSettings,
    band,
    draw,
    measure,
    norm,
)
from rnnviz.gradient_flow.outcome import outcome
from rnnviz.gradients import LayerBackward, step_jacobians
from rnnviz.messages import Problem
from rnnviz.settings import Range, rules
from rnnviz.tracing import walk

STUDIES = [
    FlowSettings(length=12, hidden=7, seeds=2, clip=100.0),
    FlowSettings(length=12, hidden=7, seeds=2, loss_at="every", clip=0.5),
    FlowSettings(length=9, hidden=20, seeds=2, spectral_radius=1.5, forget_bias=2.0),
    FlowSettings(length=9, hidden=16, seeds=2, activation="relu", loss_at="every"),
]


def as_layer(name: str, study: FlowSettings, seed: int) -> tuple[Layer, Tensor, Tensor]:
    """One network of a study as a layer, with its inputs (T,I) and directions (T,H)."""
    cell, x, directions = draw(name, study)
    kind = CELLS[name]
    options = {"nonlinearity": study.activation} if kind.options else {}
    layer = make_layer(kind, INPUTS, study.hidden, dtype=torch.float64, **options)
    with torch.no_grad():
        for field, weight in cell.weights.items():
            parameter = layer.get_parameter(f"{parameter_name(field)}_l0")
            parameter.copy_(weight[seed].view_as(parameter))
    return layer, x[:, seed, 0], directions[:, seed, 0]


def whole_norms(side: LayerBackward) -> Tensor:
    """|(dL/dh_t, dL/dc_t)| (T,) with h_t and c_t held apart."""
    through_h = side.terms["c"].get("hidden", 0) if "c" in side.dstates else 0
    parts = [side.dstates["h"]]
    parts += [side.dstates["c"] - through_h] if "c" in side.dstates else []
    return torch.cat(parts, -1).norm(dim=-1)


@pytest.mark.parametrize("study", STUDIES)
@pytest.mark.parametrize("name", CELLS)
def test_every_network_agrees_with_its_layer(name: str, study: FlowSettings) -> None:
    flow = measure(replace(study, cells=(name,))).flows[name]
    for seed in range(study.seeds):
        layer, x, pulls = as_layer(name, study, seed)
        if study.loss_at == "last":
            pulls = torch.cat([torch.zeros_like(pulls[:-1]), pulls[-1:]])

        def loss(outputs: Tensor, pulls: Tensor = pulls) -> Tensor:
            return (outputs * pulls).sum()

        result = rnnviz.backward(layer, x, loss)
        assert result.agreement < 1e-12
        torch.testing.assert_close(flow.norms[seed], result.layers[0].norms)
        torch.testing.assert_close(flow.input_norms[seed], result.dx.norm(dim=-1))
        alone = rnnviz.backward(layer, x, lambda outputs, v=pulls[-1]: (outputs[-1] * v).sum())
        torch.testing.assert_close(flow.from_last[seed], alone.layers[0].norms)
        torch.testing.assert_close(flow.state_norms[seed], whole_norms(alone.layers[0]))
        exact = rnnviz.jacobians(layer, x).step_spectral
        torch.testing.assert_close(flow.step_spectral[seed], exact, rtol=1e-5, atol=0)

        loss(layer(x)[0]).backward()
        whole = math.inf if study.clip is None else study.clip
        before = nn.utils.clip_grad_norm_(layer.parameters(), whole)
        torch.testing.assert_close(flow.total[seed], before)
        after = torch.cat([p.grad.flatten() for p in layer.parameters()]).norm()
        # PyTorch adds 1e-6 to the norm that it divides by.
        torch.testing.assert_close(flow.total[seed] * flow.scale[seed], after, rtol=1e-5, atol=0)


def test_a_sigmoid_network_agrees_with_autograd() -> None:
    study = FlowSettings(cells=("rnn",), length=10, hidden=6, seeds=1, activation="sigmoid")
    cell, x, pulls = draw("rnn", study)
    assert cell.b_ih is not None
    assert cell.b_hh is not None
    h = torch.zeros(6, dtype=torch.float64, requires_grad=True)
    states = []
    for x_t in x[:, 0, 0]:
        a = cell.w_ih[0] @ x_t + cell.b_ih[0, 0] + cell.w_hh[0] @ h + cell.b_hh[0, 0]
        h = a.sigmoid()
        states.append(h)
    gradients = torch.autograd.grad(h @ pulls[-1, 0, 0], states)
    flow = measure(study).flows["rnn"]
    torch.testing.assert_close(flow.norms[0], torch.stack(gradients).norm(dim=-1))
    assert flow.slope is not None
    slopes = torch.stack([s * (1 - s) for s in states]).mean()
    torch.testing.assert_close(flow.slope[0], slopes.detach())


@pytest.mark.parametrize(
    ("cell", "forget_bias", "published"),
    [
        ("rnn", None, 2.8e-6),
        ("lstm", None, 7.3e-5),
        ("gru", None, 1.1e-4),
        ("lstm", 1.0, 1.5e-2),
        ("lstm", 3.0, 0.75),
    ],
)
def test_the_published_numbers_are_met(
    cell: str, forget_bias: float | None, published: float
) -> None:
    """T=20, H=32, ratio of |dL/dx| at the first and the last input: other seeds, so a factor 3."""
    study = FlowSettings(cells=(cell,), length=20, hidden=32, forget_bias=forget_bias, seeds=10)
    norms = measure(study).flows[cell].input_norms
    measured = float((norms[:, 0] / norms[:, -1]).median())
    assert published / 3 < measured < published * 3


@given(
    activation=st.sampled_from(list(SLOPE_BOUND)),
    radius=st.one_of(st.none(), st.floats(0.1, 3.0)),
    forget_bias=st.one_of(st.none(), st.floats(-2.0, 6.0)),
    hidden=st.integers(2, 12),
    length=st.integers(2, 40),
)
@example(activation="tanh", radius=0.5, forget_bias=6.0, hidden=2, length=20)
@example(activation="tanh", radius=None, forget_bias=None, hidden=2, length=20)
@example(activation="sigmoid", radius=0.1, forget_bias=-2.0, hidden=2, length=200)
@settings(max_examples=40)
def test_no_gradient_is_multiplied_by_more_than_its_step_allows(
    activation: str, radius: float | None, forget_bias: float | None, hidden: int, length: int
) -> None:
    study = FlowSettings(
        activation=activation,
        spectral_radius=radius,
        forget_bias=forget_bias,
        hidden=hidden,
        length=length,
        seeds=3,
    )
    for flow in measure(study).flows.values():
        factors = flow.factors.nan_to_num(0.0)
        assert (factors <= flow.step_spectral[:, 1:] * (1 + 1e-5)).all(), flow.cell
        assert (flow.median_factor <= flow.largest_factor * (1 + 1e-5)).all()
        if flow.bound is not None:
            assert (flow.step_spectral <= flow.bound[:, None] * (1 + 1e-5)).all()


def test_the_gradient_of_h_alone_may_pass_what_a_step_allows() -> None:
    """Why the factors are those of h and c together."""
    flow = measure(FlowSettings(hidden=2, forget_bias=6.0, spectral_radius=0.5)).flows["lstm"]
    assert (flow.factors_of_h > flow.step_spectral[:, 1:] * 1.5).any()
    assert (flow.factors <= flow.step_spectral[:, 1:] * (1 + 1e-5)).all()


@pytest.mark.parametrize(
    "study",
    [
        FlowSettings(length=12, hidden=64, seeds=4),
        FlowSettings(length=12, hidden=64, seeds=4, spectral_radius=0.1, forget_bias=3.0),
        FlowSettings(length=12, hidden=64, seeds=4, spectral_radius=0.5, forget_bias=6.0),
        FlowSettings(length=12, hidden=64, seeds=4, spectral_radius=3.0, activation="relu"),
        FlowSettings(length=12, hidden=48, seeds=4, forget_bias=-2.0),
        FlowSettings(length=40, hidden=24, seeds=4),
        FlowSettings(length=40, hidden=2, seeds=9, spectral_radius=3.0),
    ],
    ids=repr,
)
@pytest.mark.parametrize("name", CELLS)
def test_the_largest_factor_is_that_of_an_svd(name: str, study: FlowSettings) -> None:
    result = measure(replace(study, cells=(name,))).flows[name].step_spectral
    for seed in range(study.seeds):
        layer, x, _ = as_layer(name, study, seed)
        (cell,) = from_layer(layer)[0]
        exact = torch.linalg.svdvals(step_jacobians(cell, walk(cell, x)))[:, 0]
        torch.testing.assert_close(result[seed], exact, rtol=1e-3, atol=0)


def test_the_draw_keeps_its_promises() -> None:
    study = FlowSettings(hidden=48, seeds=12, spectral_radius=1.7, forget_bias=2.5)
    cell, *_ = draw("lstm", study)
    radii = torch.linalg.eigvals(cell.w_hh.unflatten(1, (4, 48))).abs().amax(-1)
    torch.testing.assert_close(radii, torch.full_like(radii, 1.7))
    assert cell.b_ih is not None
    assert cell.b_hh is not None
    biases = cell.split(cell.b_ih + cell.b_hh)
    torch.testing.assert_close(biases["forget"], torch.full_like(biases["forget"], 2.5))
    assert biases["input"].abs().max() < 2 / 48**0.5
    plain, *_ = draw("rnn", replace(study, spectral_radius=None))
    assert plain.w_hh.abs().max() <= 1 / 48**0.5
    # What the help of the slider says about PyTorch's own start.
    own = torch.linalg.eigvals(plain.w_hh).abs().amax(-1).median()
    assert float(own) == pytest.approx(0.58, abs=0.08)


def test_a_network_stays_itself_while_sliders_move() -> None:
    short, long = FlowSettings(length=10), FlowSettings(length=60, loss_at="every", clip=1.0)
    for name in CELLS:
        (one, x, _), (other, y, _) = draw(name, short), draw(name, long)
        assert torch.equal(one.w_hh, other.w_hh)
        assert torch.equal(x, y[:10])
    again = measure(short).flows["lstm"].norms
    assert torch.equal(again, measure(short).flows["lstm"].norms)


def test_norms_beyond_float64_are_infinite_or_zero_and_never_nan() -> None:
    tiny = torch.tensor([[3e-300, 4e-300], [3e300, 4e300], [0.0, 0.0]], dtype=torch.float64)
    assert norm(tiny).tolist() == pytest.approx([5e-300, 5e300, 0.0], rel=1e-12, abs=0)
    odd = torch.tensor([[math.nan, 1.0], [math.inf, 1.0]], dtype=torch.float64)
    assert norm(odd).tolist() == [math.inf, math.inf]
    underflow = FlowSettings(cells=("rnn",), activation="sigmoid", spectral_radius=0.1, length=200)
    flow = measure(underflow).flows["rnn"]
    assert (flow.remaining == 0).all()
    assert 0 < flow.norms[:, 60].min() < 1e-200
    assert flow.outcome == "vanishes"
    dead = FlowSettings(cells=("rnn",), activation="relu", hidden=2, spectral_radius=0.1)
    flow = measure(dead).flows["rnn"]
    for values in (flow.norms, flow.remaining, flow.median_factor, flow.total, flow.scale):
        assert not values.isnan().any()
    assert (flow.norms[:, 0] == 0).any()


def test_a_network_without_a_value_is_left_out_of_the_band() -> None:
    nan = math.nan
    values = torch.tensor([[3.0, nan], [nan, nan], [1.0, nan], [2.0, 5.0], [nan, nan]])
    low, middle, high = band(values)
    assert [float(v[0]) for v in (low, middle, high)] == [1.0, 2.0, 3.0]
    assert [float(v[1]) for v in (low, middle, high)] == [5.0, 5.0, 5.0]
    assert all(v.isnan().all() for v in band(values[[1, 4]]))


def test_a_band_has_only_values_of_real_networks() -> None:
    values = torch.tensor([0.0, 5.0, math.inf, 1.0, 2.0, 3.0, 4.0, 6.0, 7.0, 8.0])
    low, middle, high = band(values)
    assert (low, middle, high) == (1.0, 4.0, 8.0)
    assert [float(v) for v in band(torch.tensor([2.0]))] == [2.0, 2.0, 2.0]


def flow_of(*remaining: float, cell: str = "rnn") -> CellFlow:
    """One network whose gradient, from the first step to the last, has these norms."""
    norms = torch.tensor([remaining], dtype=torch.float64)
    one = torch.ones(1, dtype=torch.float64)
    return CellFlow(cell, norms, norms, norms, norms, norms, one, one, one, one)


@pytest.mark.parametrize(
    ("remaining", "length", "word"),
    [
        (0.0, 2, "vanishes"),
        (0.0099, 2, "vanishes"),
        (0.091, 2, "shrinks"),  # once called survival
        (0.5, 2, "shrinks"),  # a thousandth after ten steps
        (0.97, 2, "survives"),
        (0.5, 20, "survives"),
        (0.49, 20, "shrinks"),
        (1.0, 200, "survives"),
        (2.0, 20, "survives"),
        (2.0, 3, "grows"),
        (40.0, 20, "grows"),  # once called survival
        (1e5, 200, "explodes"),
        (math.inf, 2, "explodes"),
    ],
)
def test_the_word_for_a_gradient_follows_from_what_is_left(
    remaining: float, length: int, word: str
) -> None:
    assert outcome(remaining, length) == word
    assert flow_of(remaining, *[1.0] * (length - 1)).outcome == word


WORDS = ["vanishes", "shrinks", "survives", "grows", "explodes"]
lengths = st.integers(2, 200)


@given(st.floats(0, 1e300), st.floats(0, 1e300), lengths)
def test_more_gradient_never_has_a_word_for_less(one: float, other: float, length: int) -> None:
    less, more = sorted((one, other))
    assert WORDS.index(outcome(less, length)) <= WORDS.index(outcome(more, length))


@given(st.floats(0.5, 2), lengths, lengths)
def test_over_more_steps_the_same_factor_never_looks_milder(
    factor: float, one: int, other: int
) -> None:
    short, long = sorted((one, other))
    before, after = (WORDS.index(outcome(factor ** (T - 1), T)) - 2 for T in (short, long))
    assert after <= before <= 0 or after >= before >= 0
    assert (before == 0) == (outcome(factor**9, 10) == "survives") or long > 11 or short > 11


@given(st.floats(1e-6, 1e6), lengths)
def test_what_survives_stays_within_a_factor_of_two_over_ten_steps(
    remaining: float, length: int
) -> None:
    per_step = remaining ** (1 / (length - 1))
    if outcome(remaining, length) == "survives":
        assert 0.4999 < remaining < 2.0001
        assert 0.4999 < per_step**10 < 2.0001
    elif 0.5001 < remaining < 1.9999:
        assert not 0.5001 < per_step**10 < 1.9999


@given(st.floats(0.05, 3), lengths)
def test_the_steps_to_the_limit_are_those_of_repeated_multiplication(
    factor: float, length: int
) -> None:
    flow = flow_of(*(factor**back for back in reversed(range(length))))
    assert float(flow.mean_factor[0]) == pytest.approx(factor)
    steps = flow.steps_to_limit
    if flow.outcome == "survives":
        assert steps is None
        return
    assert steps is not None
    limit = -math.log(0.01) if factor < 1 else math.log(100)
    pace = abs(math.log(factor))
    assert (steps - 1) * pace <= limit * (1 + 1e-6)
    assert steps * pace > limit * (1 - 1e-6)
    assert (steps < length) == (flow.outcome in ("vanishes", "explodes"))


def test_a_gradient_that_falls_only_at_first_is_not_said_to_go_on_falling() -> None:
    flow = flow_of(*[0.05] * 20, 0.2, 1.0)
    assert (flow.outcome, flow.steps_to_limit) == ("shrinks", None)
    slow = flow_of(*(0.05 * 0.99**back for back in reversed(range(20))), 0.2, 1.0)
    steps = slow.steps_to_limit
    assert steps is not None
    assert 0.05 * 0.99 ** (steps - 2) < 0.01 < 0.05 * 0.99 ** (steps - 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"cells": ()},
        {"cells": ("rnn", "transformer")},
        {"activation": "gelu"},
        {"loss_at": "never"},
        *(
            {name: value}
            for name, rule in rules(FlowSettings).items()
            if isinstance(rule, Range)
            for value in (rule.low - 1, rule.high + 1, math.nan, "7")
        ),
    ],
    ids=str,
)
def test_settings_outside_their_rules_are_named(wrong: dict[str, object]) -> None:
    with pytest.raises(Problem):
        FlowSettings(**wrong)
