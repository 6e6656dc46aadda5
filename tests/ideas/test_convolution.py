"""Convolution or recurrence: fields, invariance, shapes, cost and filters, against references."""

import os

os.environ["KERAS_BACKEND"] = "torch"

from collections import Counter
from dataclasses import replace

import keras
import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.convolution import (
    Cost,
    OrderSettings,
    StackShape,
    WindowSettings,
    compare_order,
    cost,
    fragments,
    learn_fragments,
    look_through,
    stations,
)
from rnnviz.ideas.convolution.claims import cost_claims, fragment_claim, order_claims
from rnnviz.ideas.convolution.cost import LENGTHS, UNITS
from rnnviz.ideas.convolution.fragments import FIRES, read_filters, strongest
from rnnviz.ideas.convolution.listings import order_listings, shape_listings, window_listings
from rnnviz.ideas.convolution.order import MAX_GAP, STILL, T, models, place
from rnnviz.ideas.convolution.vectors import BLANK, FEATURES, character_vectors
from rnnviz.ideas.convolution.window import FILTERS, make_stack, windows
from rnnviz.messages import Problem
from rnnviz.model import ConvolutionModel, ModelSpec, build_for
from rnnviz.tasks import TASKS
from rnnviz.tasks.classify.surnames import split_surnames
from tests.generators import make_generator
from tests.ideas.listings import check_listing

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

STACKS = st.builds(
    WindowSettings, st.integers(1, 15), st.integers(1, 8), st.integers(1, 4), st.booleans()
)
TEXT = "the cat sat on the mat"


@given(STACKS)
def test_the_gradient_reaches_as_far_as_the_formula_says(settings: WindowSettings) -> None:
    window = look_through(settings, "ab", 1)
    assert window.measured == 1 + (settings.kernel - 1) * sum(settings.dilations)
    reachable = {0}
    for dilation in settings.dilations:
        reachable = {t + j * dilation for t in reachable for j in range(settings.kernel)}
    assert window.touched == len(reachable)


@given(STACKS, st.integers(0, len(TEXT) - 1))
def test_only_the_characters_with_an_influence_move_the_cell(
    settings: WindowSettings, at: int
) -> None:
    window, stack = look_through(settings, TEXT, at), make_stack(settings)
    lengths = torch.full((len(TEXT) + 1,), len(TEXT))
    x = character_vectors(TEXT).repeat(len(TEXT) + 1, 1, 1)
    steps = torch.arange(len(TEXT))
    x[steps, steps] += 10 * torch.randn(FEATURES, generator=make_generator()).double()
    with torch.no_grad():
        for layer in stack:
            x = layer(x, lengths)
    is_moved = (x[:-1, at] != x[-1, at]).any(1).tolist()
    assert is_moved == [value > 0 for value in window.influence]
    assert [t for t in windows(settings, at)[0] if t >= 0] == steps[torch.tensor(is_moved)].tolist()
    assert window.visible == sum(is_moved)


@pytest.mark.parametrize("dilation", [1, 3])
def test_a_layer_is_the_causal_convolution_of_keras_and_of_torch(dilation: int) -> None:
    settings = WindowSettings(4, dilation, 1)
    (layer,) = make_stack(settings)
    weight, bias = layer.convolution.weight.detach(), layer.convolution.bias
    assert bias is not None
    x = character_vectors(TEXT)[None]
    result = layer(x, torch.tensor([len(TEXT)])).detach()
    padded = functional.pad(x.mT, (3 * dilation, 0))
    expected = functional.conv1d(padded, weight, bias.detach(), dilation=dilation).relu().mT
    torch.testing.assert_close(result, expected)
    twin = keras.layers.Conv1D(
        FILTERS, 4, padding="causal", dilation_rate=dilation, activation="relu"
    )
    twin.build((None, len(TEXT), FEATURES))
    twin.set_weights([weight.permute(2, 1, 0).numpy(), bias.detach().numpy()])
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(twin(x.float())), expected.numpy(), atol=1e-5
    )


WORDS = st.text("abcdefgh", min_size=1, max_size=6)


@given(WORDS, WORDS, st.integers(0, 12), st.integers(1, 9), st.sampled_from(["max", "average"]))
def test_what_lies_beyond_a_window_is_invisible_to_a_pooled_convolution(
    first: str, second: str, start: int, kernel: int, pooling: str
) -> None:
    """Moved, or swapped across as many blanks as the window reaches: the answer is the same."""
    settings = OrderSettings(
        first, second, start, kernel - 1, False, kernel, "max" if pooling == "max" else "average"
    )
    end = start + len(first) + len(second) + settings.gap
    assume(end + kernel - 1 <= T)
    assert compare_order(settings).pooled_change < STILL
    swapped = compare_order(replace(settings, swap=True))
    assert swapped.pooled_change < STILL
    assert swapped.is_blind == (swapped.before != swapped.after)
    if swapped.before != swapped.after:
        assert swapped.state_change > 1e-7


def test_within_a_window_and_side_by_side_order_is_seen() -> None:
    near = compare_order(OrderSettings(swap=True, start=2, gap=1))
    assert near.pooled_change > 0.01
    assert not near.is_blind
    assert [gap for gap, value in enumerate(near.pooled_by_gap) if value < STILL] == [
        *range(near.settings.kernel - 1, MAX_GAP + 1)
    ]
    assert min(near.state_by_gap) > 1e-4
    pieces = compare_order(OrderSettings(pooling="pieces"))
    assert pieces.pooled_change > 0.1
    assert len(pieces.pooled[0]) == 6 * 8
    (_invariance, order_claim) = order_claims(pieces, pieces)
    assert order_claim.verdict is Verdict.HALF_RIGHT
    assert order_claims(near, pieces)[1].verdict is Verdict.RIGHT


def test_the_state_is_that_of_nn_rnn() -> None:
    order = compare_order(OrderSettings())
    _convolution, recurrent = models(order.settings)
    rnn = nn.RNN(FEATURES, 8, batch_first=True).double()
    rnn.load_state_dict(recurrent.recurrent.state_dict())
    for text, state in zip((order.before, order.after), order.states, strict=True):
        last = rnn(character_vectors(text)[None])[1][0, 0]
        torch.testing.assert_close(last, torch.tensor(state, dtype=torch.float64))
    assert place("ab", "c", 2, 3) == f"{BLANK * 2}ab{BLANK * 3}c".ljust(T, BLANK)


@pytest.mark.parametrize(
    "settings",
    [WindowSettings(), WindowSettings(2, 1, 4, True), WindowSettings(15, 8, 2), WindowSettings(1)],
)
def test_the_listings_measure_the_same_field(settings: WindowSettings) -> None:
    for listing in window_listings(look_through(settings, TEXT, 5)):
        check_listing(listing)


@pytest.mark.parametrize(
    "settings",
    [
        OrderSettings(),
        OrderSettings(swap=True, gap=1, pooling="average"),
        OrderSettings(first="개", second="'", pooling="pieces"),
    ],
)
def test_the_listing_repeats_both_changes(settings: OrderSettings) -> None:
    for listing in order_listings(compare_order(settings)):
        check_listing(listing)


@pytest.mark.parametrize(
    "shape",
    [
        StackShape(),
        StackShape(kernel=7),
        StackShape(50, 3, 2, 3, 2, "causal", "average"),
        StackShape(layers=1, pool=1),
    ],
)
def test_keras_and_torch_have_the_shapes_and_the_weights(shape: StackShape) -> None:
    """The listings run both; these are the book's layers."""
    rows = stations(shape)
    for listing in shape_listings(shape, rows):
        check_listing(listing)
    assert rows[2].shape == (shape.steps - (shape.padding == "valid") * shape.reach, 32)
    products = [row.multiply_adds for row in rows if row.name == "Conv1D"]
    inputs = [128, *[32] * (shape.layers - 1)]
    steps = [row.shape[0] for row in rows if row.name == "Conv1D"]
    assert products == [T * shape.kernel * size * 32 for T, size in zip(steps, inputs, strict=True)]


def test_a_sequence_that_is_too_short_is_refused() -> None:
    with pytest.raises(Problem, match="Layer 2 has 7 steps left, but its window spans 15"):
        stations(StackShape(steps=50, kernel=15, pool=5))


def test_cost_counts_exactly_and_names_what_saves_time() -> None:
    result = cost(5, 4)
    window, cell = 5 * UNITS * UNITS, 3 * UNITS * 2 * UNITS
    assert result.multiply_adds == {
        "convolution": tuple(T * window + UNITS for T in LENGTHS),
        "gru": tuple(T * cell + UNITS for T in LENGTHS),
        "both": tuple(T * window + -(-T // 4) * cell + UNITS for T in LENGTHS),
    }
    assert result.ratios["convolution"][0] == 1
    assert result.slower("gru") > 2 * result.more("gru"), "a GRU waits for each step"
    same = {name: (1.0,) * len(LENGTHS) for name in result.ratios}
    assert cost_claims(result)[1].verdict is Verdict.RIGHT
    useless = Cost(5, 1, result.multiply_adds, same)
    assert cost_claims(useless)[1].verdict is Verdict.WRONG


def test_the_tables_answer_as_the_model_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the names that a filter finds are those for which the model answers strongly."""
    surnames = split_surnames()["train"][::20]
    monkeypatch.setattr(fragments, "split_surnames", lambda: {"train": surnames})
    task = TASKS["surnames"]()
    spec = ModelSpec(hidden=6, family="convolution", kernel=3, pool=1, embedding_size=4)
    model = build_for(task, spec, make_generator())
    assert isinstance(model, ConvolutionModel)
    net = read_filters(model, 0.0)
    batch = task.example().batch
    name = "".join(task.example().tokens)
    (layer,) = model.stack
    expected = layer(model.embedding(batch.inputs), batch.lengths)[0].detach().numpy()
    np.testing.assert_allclose(net.values(name), expected, atol=1e-6)
    peaks = np.stack([net.values(row.name).max(0) for row in surnames])
    for each in net.filters:
        column = peaks[:, each.index]
        assert each.strength == pytest.approx(column.max())
        fires = column >= FIRES * column.max()
        names = [row for row, fired in zip(surnames, fires, strict=True) if fired]
        here = [row for row in names if row.language == each.language]
        assert each.names == len(names)
        assert each.share == pytest.approx(len(here) / len(names))
        assert each.base == pytest.approx(
            sum(row.language == each.language for row in surnames) / len(surnames)
        )


def test_the_filters_look_for_pieces_of_names() -> None:
    """A training of one second finds Greek endings."""
    net = learn_fragments(5, 1)
    surnames = split_surnames()["train"]
    counts = Counter(row.language for row in surnames)
    assert net.accuracy > 0.7 > counts.most_common(1)[0][1] / len(surnames)
    assert len({each.index for each in net.filters}) == len(net.filters) == 8
    assert all(len(piece.strip("^")) <= 5 for row in net.filters for piece in row.fragments)
    assert fragment_claim(net).verdict is Verdict.RIGHT
    answer = strongest(net, "Papadopoulos")
    assert answer is not None
    assert answer[0].language == "Greek"
    assert answer[1] == "oulos"
    assert strongest(net, "0") is None
