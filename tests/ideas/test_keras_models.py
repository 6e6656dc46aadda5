"""What the app takes over from Keras, against Keras itself on its torch backend.

B sequences, T time steps, I inputs, H hidden units, G blocks.
"""

import os
from dataclasses import replace
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnnviz.cells import CELLS, cells_of, keras_start
from rnnviz.model import IOSpec, ModelSpec, build
from rnnviz.model.layers import run_with_dropout
from rnnviz.training import Experiment
from tests.generators import make_generator

B, T, I, H = 3, 6, 5, 4  # noqa: E741 - the field's name
LAYERS = {"rnn": keras.layers.SimpleRNN, "lstm": keras.layers.LSTM, "gru": keras.layers.GRU}
ORDER = {"rnn": (0,), "lstm": (0, 1, 2, 3), "gru": (1, 0, 2)}
"""The place of each of our blocks among those of Keras."""


def copied(cell: str, layer: Any, model: Any) -> None:
    """Give the Keras layer the weights of a recurrent layer of torch.nn."""

    def blocks(weight: Tensor) -> Tensor:
        parts = weight.detach().split(H)
        return torch.cat([parts[place] for place in ORDER[cell]])

    w_ih, w_hh, b_ih, b_hh = (blocks(weight) for weight in model.parameters())
    bias = torch.stack([b_ih, b_hh]) if cell == "gru" else b_ih + b_hh
    layer.set_weights([each.numpy() for each in (w_ih.T, w_hh.T, bias)])


@pytest.fixture(params=LAYERS)
def cell(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_recurrent_dropout_hides_what_keras_hides(
    cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same masks the outputs in training are those of Keras, at all steps."""
    io_spec = IOSpec(I, 1, tokens=False)
    spec = ModelSpec(cell, hidden=H, state_dropout=0.4)
    model = build(spec, io_spec, make_generator(3))
    layer = LAYERS[cell](H, return_sequences=True, recurrent_dropout=0.4)
    x = torch.randn(B, T, I, generator=make_generator(1))
    layer(x)
    copied(cell, layer, model.recurrent)
    G = len(CELLS[cell].blocks)
    masks = (torch.rand(B, G, H, generator=make_generator(7)) >= 0.4) / 0.6

    draws = []

    def same_masks(rates: Any, rate: float) -> Any:
        draws.append(rate)
        by_block = [masks[:, ORDER[cell].index(place)] for place in range(G)]
        return by_block if G > 1 else by_block[0]

    monkeypatch.setattr(layer.cell, "_create_dropout_mask", same_masks)
    expected = layer(x, training=True).detach()
    assert draws == [0.4], "one mask for all steps of a sequence"
    mine, _last = run_with_dropout(
        model.recurrent,
        x,
        torch.full((B,), T),
        None,
        between=0.0,
        within=0.0,
        of_state=0.4,
        generator=make_generator(7),
    )
    torch.testing.assert_close(mine.detach(), expected, rtol=0, atol=1e-6)
    plain = model.recurrent(x)[0].detach()
    torch.testing.assert_close(mine[:, 0].detach(), plain[:, 0])  # h_0 = 0 has nothing to hide
    assert not torch.allclose(mine[:, 1:].detach(), plain[:, 1:])


@pytest.mark.parametrize("code", CELLS)
@settings(max_examples=15, deadline=None)
@given(steps=st.integers(2, 6), seed=st.integers(0, 99))
def test_the_mask_is_constant_over_time(code: str, steps: int, seed: int) -> None:
    """A hidden number reaches no later step through the weights of a block that does not see it."""
    spec = ModelSpec(code, hidden=H, bidirectional=True)
    model = build(spec, IOSpec(I, 1, tokens=False), make_generator(seed)).double()
    (one, _other), *_rest = cells_of(model.recurrent)
    mask = torch.ones(1, len(one.blocks), H, dtype=torch.float64)
    mask[:, :, 1] = 0
    x = torch.randn(1, steps, I, generator=make_generator(seed), dtype=torch.float64)
    starts = tuple(torch.zeros(1, H, dtype=torch.float64) for _ in one.states)
    h, _last = replace(one, state_mask=mask).run(x, starts)
    assert one.w_hh is not None
    columns = one.w_hh.detach().clone()
    columns[:, 1] = 0  # what the blocks no longer see, at no step
    expected, _last = replace(one, w_hh=columns).run(x, starts)
    torch.testing.assert_close(h, expected)


def test_the_two_kinds_of_recurrent_dropout_differ() -> None:
    """Weight drop is the same for all sequences, the mask on the state is each sequence's own."""
    x = torch.randn(1, T, I, generator=make_generator(2)).expand(B, -1, -1)
    model = build(ModelSpec("lstm", hidden=32), IOSpec(I, 1, tokens=False), make_generator())

    def outputs(within: float, of_state: float) -> Tensor:
        return run_with_dropout(
            model.recurrent,
            x,
            torch.full((B,), T),
            None,
            between=0.0,
            within=within,
            of_state=of_state,
            generator=make_generator(5),
        )[0].detach()

    weights, state = outputs(0.5, 0.0), outputs(0.0, 0.5)
    torch.testing.assert_close(weights[0], weights[1])
    assert not torch.allclose(state[0], state[1])


def test_an_experiment_of_an_earlier_version_has_no_recurrent_dropout_of_the_state() -> None:
    experiment = Experiment.from_json(Experiment().to_json())
    assert experiment.model.state_dropout == 0
    assert experiment.model.initialisation == "pytorch"
    earlier = Experiment().to_json().replace(', "state_dropout": 0.0', "")
    assert "state_dropout" not in earlier
    assert Experiment.from_json(earlier) == Experiment()


def test_a_layer_starts_as_in_keras(cell: str) -> None:
    """What is fixed is equal; what is drawn has the same law."""
    I, H = 20, 30  # noqa: E741 - the field's name
    layer = LAYERS[cell](H)
    layer.build((None, None, I))
    kernel, recurrent, bias = (each.value.detach().numpy() for each in layer.weights)
    ours = keras_start(CELLS[cell], I, H, make_generator())
    places = ORDER[cell]
    felt = ours["b_ih"] + ours["b_hh"]
    theirs = bias.sum(0) if cell == "gru" else bias
    expected = np.concatenate([np.split(theirs, len(places))[place] for place in places])
    np.testing.assert_array_equal(felt, expected)
    # Orthogonal as a whole, not block by block.
    for matrix in (ours["w_hh"].numpy(), recurrent.T):
        np.testing.assert_allclose(matrix.T @ matrix, np.eye(H), atol=1e-5)
    limit = (6 / (I + len(places) * H)) ** 0.5
    for matrix in (ours["w_ih"].numpy(), kernel):
        assert 0.95 * limit < np.abs(matrix).max() <= limit
        assert matrix.std() == pytest.approx(limit / 3**0.5, rel=0.1)


@pytest.mark.parametrize("code", CELLS)
def test_every_layer_and_direction_of_a_model_starts_as_in_keras(code: str) -> None:
    spec = ModelSpec(code, hidden=H, layers=2, bidirectional=True, initialisation="keras")
    for k, cells in enumerate(cells_of(build(spec, IOSpec(I, 1), make_generator()).recurrent)):
        for cell in cells:
            assert cell.w_hh is not None
            torch.testing.assert_close(cell.w_hh.T @ cell.w_hh, torch.eye(H), atol=1e-5, rtol=0)
            rows, columns = cell.w_ih.shape
            assert columns == (2 * H if k else spec.embedding_size)
            assert 0.8 < cell.w_ih.abs().max().item() / (6 / (rows + columns)) ** 0.5 <= 1
            assert cell.b_ih is not None
            assert cell.b_ih.sum().item() == (H if cell.forget_block else 0)
            assert cell.b_hh is None or not cell.b_hh.any()
    biased = build(replace(spec, forget_bias=3.0), IOSpec(I, 1), make_generator())
    for cell in cells_of(biased.recurrent)[0]:
        assert cell.b_ih is not None
        assert cell.b_ih.sum().item() == (3 * H if cell.forget_block else 0)
