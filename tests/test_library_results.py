"""What the library returns: numbers of its own, in range or said to be out of it, easy to keep."""

import copy
import io
import math
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import Any

import pytest
import torch
from hypothesis import given
from torch import Tensor, nn

import rnnviz
from rnnviz.cells import CELLS, make_layer
from rnnviz.messages import Problem
from tests.layers import any_layer, sequence
from tests.layers import make_layer as make_torch_layer


def scaled_identity(radius: float, dtype: torch.dtype = torch.float32) -> nn.RNN:
    """h_t = tanh(radius · h_{t-1} + ...): on inputs of zero, each step multiplies by `radius`."""
    layer = nn.RNN(8, 4, dtype=dtype)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.zero_()
        layer.weight_hh_l0.copy_(torch.eye(4) * radius)
    return layer


def all_results(layer: Any, x: Tensor) -> list[Any]:
    traced = rnnviz.trace(layer, x)
    result = rnnviz.backward(layer, x, lambda outputs: outputs.square().sum())
    results = [traced, traced.layers[0], result, result.layers[0]]
    if layer.num_layers == 1 and not layer.bidirectional:
        results.append(rnnviz.jacobians(layer, x))
    return results


def tensors(value: Any, path: str = "") -> Iterator[tuple[str, Tensor]]:
    """Every tensor in a result, also those that are computed on first use, with its place."""
    if isinstance(value, Tensor):
        yield path, value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            yield from tensors(each, f"{path}.{name}")
    elif isinstance(value, tuple | list):
        for index, each in enumerate(value):
            yield from tensors(each, f"{path}[{index}]")
    elif is_dataclass(value):
        lazy = [
            name
            for kind in type(value).__mro__
            for name, attribute in vars(kind).items()
            if isinstance(attribute, cached_property | property)
            and name not in ("weights", "formulas", "before", "fused")
        ]
        for name in [*(field.name for field in fields(value)), *lazy]:
            yield from tensors(getattr(value, name), f"{path}.{name}")


# Numbers of their own ---------------------------------------------------------------------------


@given(any_layer())
def test_results_do_not_change_with_the_layer(case: Any) -> None:
    layer, x = case
    fresh = all_results(layer, x)
    expected = [dict(tensors(result)) for result in all_results(layer, x)]
    # `expected` looked at its results; `fresh` is looked at only after everything has changed.
    expected = [{n: each.clone() for n, each in group.items()} for group in expected]
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.fill_(7)
        x.fill_(7)
    for result, group in zip(fresh, expected, strict=True):
        assert group
        for name, each in tensors(result):
            assert torch.equal(each, group[name]) or each.isnan().any(), name


@pytest.mark.parametrize("code", CELLS)
def test_results_share_no_memory_with_layer_and_inputs(code: str) -> None:
    options = {"nonlinearity": "tanh"} if code == "rnn" else {}
    layer = make_layer(CELLS[code], 3, 4, dtype=torch.float64, **options)
    x, pattern = sequence(5, 3, torch.float64), torch.ones(5, 4, dtype=torch.float64)

    class Own(torch.autograd.Function):
        @staticmethod
        def forward(context: Any, outputs: Tensor) -> Tensor:
            return outputs.sum()

        @staticmethod
        def backward(context: Any, *_arriving: Tensor) -> Tensor:
            return pattern  # the very tensor of the visitor

    traced = rnnviz.trace(layer, x)
    result = rnnviz.backward(layer, x, Own.apply)
    foreign = {each.untyped_storage().data_ptr() for each in (x, pattern, *layer.parameters())}
    for name, each in tensors([traced, result, rnnviz.jacobians(layer, x)]):
        assert each.untyped_storage().data_ptr() not in foreign, name
        assert not each.requires_grad


# In range, or out of it -------------------------------------------------------------------------


@pytest.mark.parametrize("radius", [3.0, 5.0, 0.25])
@pytest.mark.parametrize("steps", [2, 60, 100, 700, 2000])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_jacobians_beyond_double_precision_are_logarithms(
    radius: float, steps: int, dtype: torch.dtype
) -> None:
    layer = scaled_identity(radius, dtype)
    result = rnnviz.jacobians(layer, torch.zeros(steps, 8, dtype=dtype))
    logs = math.log(radius) * torch.arange(steps - 1, -1, -1, dtype=torch.float64)
    torch.testing.assert_close(result.log_spectral, logs, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(result.log_frobenius, logs + math.log(2), rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(result.spectral, logs.exp(), rtol=1e-9, atol=0)
    torch.testing.assert_close(result.frobenius, 2 * logs.exp(), rtol=1e-9, atol=0)
    assert result.agreement < 1e-12
    assert result.matrices.dtype == torch.float64


@pytest.mark.parametrize("code", CELLS)
def test_a_long_product_is_that_of_its_parts(code: str) -> None:
    """ln |v^T J_T ... J_1| in exact steps, far below what double precision holds."""
    options = {"nonlinearity": "tanh"} if code == "rnn" else {}
    torch.manual_seed(0)
    layer = make_layer(CELLS[code], 3, 4, **options)
    x = sequence(4000, 3)
    result = rnnviz.jacobians(layer, x)
    steps = rnnviz.gradients.step_jacobians(result.cell, result.walk)
    flow, logarithm, H = torch.eye(4, steps.shape[-1], dtype=torch.float64), 0.0, 4
    for t in reversed(range(1, 4000)):
        flow = flow @ steps[t]
        size = float(flow.abs().max())
        flow, logarithm = flow / size, logarithm + math.log(size)
        if t in (1, 2000, 3990):
            expected = logarithm + float(flow[:, :H].norm().log())
            assert float(result.log_frobenius[t - 1]) == pytest.approx(expected, rel=1e-9)
    assert result.log_frobenius[0] < -746
    assert result.frobenius[0] == 0
    assert result.log_spectral.isfinite().all()


def test_a_step_beyond_double_precision_has_an_infinite_norm() -> None:
    layer = scaled_identity(1.7e308, torch.float64)
    with torch.no_grad():
        layer.weight_hh_l0.fill_(1.7e308)
    result = rnnviz.jacobians(layer, torch.zeros(2, 8, dtype=torch.float64))
    assert result.step_spectral.isinf().all()
    assert float(result.log_spectral[0]) == pytest.approx(math.log(1.7e308) + math.log(4))


def test_a_product_that_is_zero_has_no_logarithm() -> None:
    layer = scaled_identity(0.0)
    result = rnnviz.jacobians(layer, torch.zeros(5, 8))
    assert result.spectral.tolist() == [0, 0, 0, 0, 1]
    assert result.log_spectral.tolist() == [-math.inf] * 4 + [0]


@pytest.mark.parametrize(("radius", "steps"), [(3.0, 60), (0.25, 700), (0.25, 2000)])
def test_gradients_that_fit_are_returned(radius: float, steps: int) -> None:
    side = rnnviz.backward(
        scaled_identity(radius), torch.zeros(steps, 8), lambda outputs: outputs[-1].sum()
    ).layers[0]
    logs = math.log(radius) * torch.arange(steps - 1, -1, -1, dtype=torch.float64) + math.log(2)
    torch.testing.assert_close(side.log_norms, logs, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(side.norms, logs.exp(), rtol=1e-9, atol=0)
    torch.testing.assert_close(side.factors[:-1], torch.full((steps - 1,), radius).double())


def test_a_gradient_that_comes_back_after_it_vanished_is_right() -> None:
    """The loss looks at both ends; between them the gradient of the last one underflows."""
    x = torch.zeros(2000, 8)
    layer = scaled_identity(0.25)
    both = rnnviz.backward(layer, x, lambda outputs: outputs[-1].sum() + outputs[900:902].sum())
    early = rnnviz.backward(layer, x, lambda outputs: outputs[900:902].sum())
    torch.testing.assert_close(both.layers[0].norms[:902], early.layers[0].norms[:902])
    expected = math.log(2) + math.log(0.25) * (1999 - 902)
    assert float(both.layers[0].log_norms[902]) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("dtype", "steps", "names"),
    [
        (torch.float32, 300, r"torch\.float32 at step 218, .* e\^89\.7.*layer\.double\(\)"),
        (torch.float32, 700, r"float32 at step 618, .* e\^89\.7.*log_spectral"),
        (torch.float64, 700, r"torch\.float64 at step 5\d, .* e\^71\d\.\d.*log_spectral"),
    ],
)
def test_a_gradient_beyond_its_type_is_named(dtype: torch.dtype, steps: int, names: str) -> None:
    layer, x = scaled_identity(3.0, dtype), torch.zeros(steps, 8, dtype=dtype)
    with pytest.raises(Problem, match=names):
        rnnviz.backward(layer, x, lambda outputs: outputs[-1].sum())


@pytest.mark.parametrize("factor", [1e39, -1e60])
def test_a_loss_gradient_beyond_the_type_of_the_layer_is_named(factor: float) -> None:
    layer, x = make_torch_layer(nn.LSTM, 3, 4), sequence(5, 3)
    with pytest.raises(Problem, match=r"range of torch\.float32 at step 4"):
        rnnviz.backward(layer, x, lambda outputs: outputs[-1].sum() * factor)
    result = rnnviz.backward(layer.double(), x.double(), lambda outputs: outputs[-1].sum() * factor)
    assert result.agreement < 1e-12


# The loss ---------------------------------------------------------------------------------------


def test_the_loss_is_evaluated_in_double_precision() -> None:
    layer, x, types = make_torch_layer(nn.GRU, 3, 4), sequence(5, 3), []

    def loss(outputs: Tensor) -> Tensor:
        types.append(outputs.dtype)
        return (outputs + 1e8 - 1e8).square().sum()  # nothing of it is left in float32

    result = rnnviz.backward(layer, x, loss)
    assert types == [torch.float64]
    assert result.loss_dtype == torch.float64
    exact = rnnviz.backward(layer, x, lambda outputs: outputs.square().sum())
    assert result.loss == pytest.approx(exact.loss, rel=1e-6)
    torch.testing.assert_close(result.dx, exact.dx, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    "head", [lambda: nn.Linear(4, 2), lambda: nn.GRU(4, 2), lambda: nn.BatchNorm1d(4)]
)
def test_a_head_of_single_precision_decides_the_type_of_the_loss(head: Any) -> None:
    layer, x, module = make_torch_layer(nn.LSTM, 3, 4), sequence(5, 3), head()

    def loss(outputs: Tensor) -> Tensor:
        result = module(outputs)
        return (result[0] if isinstance(result, tuple) else result).square().sum()

    result = rnnviz.backward(layer, x, loss)
    leaf = x.clone().requires_grad_()
    value = loss(layer(leaf)[0])
    value.backward()
    assert leaf.grad is not None
    torch.testing.assert_close(result.dx, leaf.grad, rtol=1e-3, atol=1e-6)
    if not isinstance(module, nn.BatchNorm1d):
        assert result.loss_dtype == torch.float32
        assert "in torch.float32" in repr(result)


def test_an_error_of_the_loss_is_its_own() -> None:
    def loss(outputs: Tensor) -> Tensor:
        raise KeyError("no such word")

    with pytest.raises(KeyError, match="no such word"):
        rnnviz.backward(make_torch_layer(nn.LSTM, 3, 4), sequence(5, 3), loss)


@pytest.mark.parametrize(
    ("loss", "names"),
    [
        (lambda outputs: outputs.mul(0).pow(2).sum().sqrt(), "is nan at step 0, unit 0"),
        (lambda outputs: outputs[2:].mul(0).norm(dim=0).pow(0.5).sum(), "is (nan|-?inf) at step 2"),
        (lambda outputs: outputs.mul(0)[3].sqrt().sum(), "is nan at step 3"),
    ],
)
def test_a_gradient_of_the_loss_that_is_not_finite_is_named(loss: Any, names: str) -> None:
    with pytest.raises(Problem, match=f"gradient of the loss {names}.*although the loss itself"):
        rnnviz.backward(make_torch_layer(nn.RNN, 3, 4), sequence(5, 3), loss)


# Messages ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "loss",
    [
        lambda outputs: outputs.argmax().float(),
        lambda outputs: outputs.argmax(),
        lambda outputs: (outputs > 0).sum(),
        lambda outputs: outputs.detach().sum(),
        lambda outputs: torch.tensor(outputs.sum().item()),
        lambda outputs: outputs.sum().item(),
    ],
)
def test_a_loss_that_cuts_the_gradient_off_is_named(loss: Any) -> None:
    with pytest.raises(Problem, match=r"no gradient flows back: argmax.*such as a cross entropy"):
        rnnviz.backward(make_torch_layer(nn.LSTM, 3, 4), sequence(5, 3), loss)


def test_inputs_without_values_are_named() -> None:
    with pytest.raises(Problem, match="x is on the device meta"):
        rnnviz.trace(make_torch_layer(nn.LSTM, 3, 4), sequence(5, 3).to("meta"))


def test_inference_mode_is_named() -> None:
    layer, x = make_torch_layer(nn.LSTM, 3, 4), sequence(5, 3)
    with torch.inference_mode():
        of_inference, inference_x = make_torch_layer(nn.LSTM, 3, 4), x.clone()
        with pytest.raises(Problem, match=r"inference_mode\(\) is on.*outside of it"):
            rnnviz.backward(layer, x, torch.sum)
        traced, result = rnnviz.trace(layer, inference_x), rnnviz.jacobians(layer, inference_x)
    assert traced.agreement < 1e-6
    assert result.agreement < 1e-12
    assert not any(each.is_inference() for _, each in tensors([traced, result]))
    with pytest.raises(Problem, match=r"x was made in torch.inference_mode.*clone"):
        rnnviz.backward(layer, inference_x, torch.sum)
    with pytest.raises(Problem, match=r"weight_ih_l0 was made in torch.inference_mode"):
        rnnviz.backward(of_inference, x, torch.sum)
    assert rnnviz.jacobians(of_inference, x).agreement < 1e-12
    of_inference.register_forward_hook(lambda *_: None)
    with pytest.raises(Problem, match=r"LSTM\) has weights.*inference_mode.*deepcopy"):
        rnnviz.jacobians(of_inference, x)
    assert rnnviz.jacobians(copy.deepcopy(of_inference), x).agreement < 1e-6


@pytest.mark.filterwarnings("ignore")
def quantised() -> nn.Module:
    model = nn.Sequential(nn.LSTM(3, 4))
    quantised_model: nn.Module = torch.ao.quantization.quantize_dynamic(model, {nn.LSTM})
    return quantised_model[0]


class Encoder(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(3, 3), nn.GRU(3, 4)])
        self.decoder = nn.LSTM(4, 4)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")
@pytest.mark.parametrize(
    ("module", "names"),
    [
        (lambda: nn.LSTM(3, 4, device="meta"), "device meta.*load_state_dict"),
        (quantised, r"quantized\.dynamic.*is quantised.*from which it was made"),
        (lambda: nn.Sequential(nn.Linear(3, 3), nn.LSTM(3, 4)), r"a Sequential.*: layer\[1\]\."),
        (lambda: nn.DataParallel(nn.GRU(3, 4)), r"a DataParallel.*: layer\.module\."),
        (lambda: torch.compile(nn.RNN(3, 4)), r"OptimizedModule.*: layer\._orig_mod\."),
        (Encoder, r"an? Encoder.*: layer\.layers\[1\], layer\.decoder\."),
        (lambda: torch.jit.script(nn.GRU(3, 4)), "compiled by TorchScript"),
        (lambda: nn.LSTM, "the class LSTM itself"),
        (lambda: None, "a NoneType; allowed are torch.nn.RNN"),
        (lambda: type("LSTM", (nn.Module,), {})(), r"a \S+\.LSTM; allowed are torch.nn.RNN"),
    ],
)
def test_a_module_that_is_no_layer_is_named(module: Callable[[], Any], names: str) -> None:
    layer, x = module(), sequence(5, 3)
    for use in (
        lambda: rnnviz.trace(layer, x),
        lambda: rnnviz.backward(layer, x, torch.sum),
        lambda: rnnviz.jacobians(layer, x),
    ):
        with pytest.raises(Problem, match=names):
            use()


# To keep and to show ----------------------------------------------------------------------------


def by_pickle(value: Any) -> Any:
    return pickle.loads(pickle.dumps(value))


def by_torch(value: Any) -> Any:
    file = io.BytesIO()
    torch.save(value, file)
    file.seek(0)
    return torch.load(file)


@pytest.mark.parametrize("code", CELLS)
@pytest.mark.parametrize("through", [by_pickle, copy.deepcopy, copy.copy, by_torch])
def test_results_can_be_stored_and_copied(code: str, through: Any) -> None:
    options = {"nonlinearity": "relu"} if code == "rnn" else {}
    for size in ({}, {"num_layers": 2, "bidirectional": True}):
        layer = make_layer(CELLS[code], 3, 4, **size, **options)
        for result in all_results(layer, sequence(5, 3)):
            again = through(result)
            assert type(again) is type(result)
            assert repr(again) == repr(result)
            expected = dict(tensors(result))
            for name, each in tensors(again):
                torch.testing.assert_close(each, expected[name], rtol=0, atol=0, equal_nan=True)


def test_the_mappings_of_a_result_are_read_only() -> None:
    states: Any = rnnviz.trace(make_torch_layer(nn.LSTM, 3, 4), sequence(5, 3)).layers[0].states
    with pytest.raises(TypeError):
        states["h"] = 1
    with pytest.raises(TypeError):
        del states["h"]
    assert not hasattr(states, "update")
    assert [*states] == ["h", "c"]


@given(any_layer())
def test_results_are_short_to_look_at(case: Any) -> None:
    layer, x = case
    for result in all_results(layer, x):
        line, table = repr(result), result._repr_html_()
        assert len(line) < 200
        assert "\n" not in line
        assert "tensor(" not in line
        assert len(table) < 1200
        assert table.startswith("<table>")
        assert f"T={len(x)}, H={layer.hidden_size}" in line
        if hasattr(result, "agreement"):
            assert f"agreement {result.agreement:.1e}" in line
        assert "first to last" in line


def test_the_cells_of_a_result_are_short_to_look_at() -> None:
    result = rnnviz.jacobians(make_torch_layer(nn.LSTM, 3, 4), sequence(5, 3))
    assert repr(result.cell) == "LSTM(I=3, H=4)"
    assert repr(result.walk) == "Walk(T=5)"


def test_what_a_notebook_shows_is_escaped() -> None:
    from rnnviz.tracing.results import Fact, Result

    class Odd(Result):
        def facts(self) -> list[Fact]:
            return [Fact("<b>", "<script>", '" onclick="')]

    table = Odd()._repr_html_()
    assert "<script>" not in table
    assert "<b>" not in table
    assert '" onclick="' not in table


def test_saturation_is_the_share_near_the_bounds() -> None:
    layer, x = make_torch_layer(nn.LSTM, 3, 4), sequence(50, 3)
    with torch.no_grad():
        layer.bias_ih_l0.mul_(8)
    traced = rnnviz.trace(layer, x)
    gates = traced.layers[0].gates
    sigmoids = torch.stack([gates[name] for name in ("input", "forget", "output")])
    near = int(((sigmoids < 0.05) | (sigmoids > 0.95)).sum())
    near += int((gates["candidate"].abs() > 0.95).sum())
    assert 0 < near < 800
    assert traced.saturation == near / 800
    assert f"saturated {near / 800:.1%}" in repr(traced)
    for result in (rnnviz.backward(layer, x, torch.sum), rnnviz.jacobians(layer, x)):
        assert result.saturation == pytest.approx(near / 800, abs=2 / 800)
    relu = rnnviz.trace(make_torch_layer(nn.RNN, 3, 4, nonlinearity="relu"), x)
    assert math.isnan(relu.saturation)
    assert "saturated" not in repr(relu)


# The package ------------------------------------------------------------------------------------


def test_the_package_names_what_it_offers() -> None:
    import pydoc

    assert {*rnnviz.__all__, "__version__"} <= {*dir(rnnviz)}
    text = pydoc.plain(pydoc.render_doc(rnnviz))
    for name in rnnviz.__all__:
        assert name in text
        assert getattr(rnnviz, name) is not None
    assert "Walk the gradient of `loss` back" in text
    with pytest.raises(AttributeError, match="no attribute 'traces'"):
        rnnviz.traces  # noqa: B018


def test_the_version_is_that_of_the_checkout() -> None:
    code = "import rnnviz, sys; print(rnnviz.__version__, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, has_torch = done.stdout.split()
    assert version[0].isdigit()
    assert has_torch == "False"
