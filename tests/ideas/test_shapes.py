"""Shapes and layers: every number of the page against torch.nn, Keras and NumPy."""

import itertools

import pytest
import torch
from torch import nn

from rnnviz.ideas.shapes import LayerSettings, listings
from rnnviz.ideas.shapes.layers import build, read
from rnnviz.ideas.shapes.loop import run_loop
from rnnviz.ideas.shapes.parts import pad, read_two, returned_values, step_by_step_error
from rnnviz.messages import Problem
from rnnviz.names import FIRST_CELLS
from tests.ideas.listings import check_listing

GRID = [
    LayerSettings(*values)
    for values in itertools.product(
        FIRST_CELLS,
        ("one", "both"),
        ("first", "second"),
        ("letters",),
        (1, 3),
        (1, 5),
        (4,),
        (3,),
        (1, 2),
    )
]
GRID += [
    LayerSettings(cell, values=values, inputs=3)
    for cell in FIRST_CELLS
    for values in ("random", "tokens")
]
"""Cell, directions, axis of the batch, input, B, T, inputs, hidden units, layers."""


def reference(settings: LayerSettings) -> tuple[torch.Tensor, ...]:
    """The layer as anybody builds it: input, output, h_n and, for an LSTM, c_n.

    Under a seed of its own, which leaves the global one alone.
    """
    with torch.random.fork_rng():
        torch.manual_seed(0)
        if settings.values == "tokens":
            ids = torch.randint(1, 10_000, (settings.batch, settings.steps))
            x = nn.Embedding(10_000, settings.inputs, padding_idx=0)(ids)
        elif settings.values == "random":
            x = torch.randn(settings.batch, settings.steps, settings.inputs)
        else:
            words = ["hello", "eolll", "lleel"]
            rows = [
                [words[b % 3][t % 5] for t in range(settings.steps)] for b in range(settings.batch)
            ]
            numbers = [["helo".index(letter) for letter in row] for row in rows]
            x = torch.eye(4)[torch.tensor(numbers)]
        layer = getattr(nn, settings.cell.upper())(
            settings.inputs,
            settings.hidden,
            num_layers=settings.layers,
            bidirectional=settings.is_bidirectional,
            batch_first=settings.batch_first,
        )
        x = x.detach() if settings.batch_first else x.detach().transpose(0, 1)
        with torch.no_grad():
            output, states = layer(x)
    return (x, output, *(states if isinstance(states, tuple) else (states,)))


def test_shapes_and_values_are_those_of_torch_on_a_grid_of_settings() -> None:
    for settings in GRID:
        reading = read(settings)
        x, output, *states = reference(settings)
        values = {"input": x, "output": output, **dict(zip(("h_n", "c_n"), states, strict=False))}
        expected = {name: tuple(value.shape) for name, value in values.items()}
        assert {k: v for k, v in reading.shapes.items() if k != "ids"} == expected, settings
        outer = output if settings.batch_first else output.transpose(0, 1)
        torch.testing.assert_close(reading.output, outer, atol=1e-6, rtol=0)
        for block, state in zip(reading.states, states, strict=True):
            torch.testing.assert_close(block.flatten(0, 1), state, atol=1e-6, rtol=0)


def test_the_last_states_are_where_the_page_says() -> None:
    for settings in GRID:
        reading = read(settings)
        assert reading.forward_error < 1e-6
        assert reading.backward_error < 1e-6
        assert (reading.backward_distance > 0.01) == (
            settings.is_bidirectional and settings.steps > 1
        )
        has_cell = settings.cell == "lstm"
        assert (reading.cell_error is not None) == has_cell
        if reading.cell_error is not None and reading.cell_distance is not None:
            assert reading.cell_error < 1e-6
            assert reading.cell_distance > 0.01


@pytest.mark.parametrize("cell", FIRST_CELLS)
def test_weights_are_counted_as_torch_counts_them(cell: str) -> None:
    settings = LayerSettings(cell, layers=3, hidden=5)
    layer = getattr(nn, cell.upper())(4, 5, num_layers=3, bidirectional=True)
    reading = read(settings)
    assert reading.count == sum(weight.numel() for weight in layer.parameters())
    assert [(w.name, w.shape) for w in reading.weights] == [
        (name, tuple(weight.shape)) for name, weight in layer.named_parameters()
    ]


@pytest.mark.parametrize("cell", FIRST_CELLS)
@pytest.mark.parametrize("directions", ["one", "both"])
def test_only_a_packed_sequence_never_reads_the_padding(cell: str, directions: str) -> None:
    padded = pad(LayerSettings(cell, directions, layers=2), 6)
    assert padded.output.shape[0] == 11
    assert padded.packed_distance < 1e-6
    assert padded.last_distance > 0.01
    # At the true length, the forward half is right; the backward one has read the padding.
    assert (padded.length_distance > 0.01) == (directions == "both")
    assert pad(LayerSettings(cell, directions, layers=2), 0).last_distance == 0


@pytest.mark.parametrize("cell", FIRST_CELLS)
def test_a_carried_state_continues_the_sequence(cell: str) -> None:
    """Two sequences with a carried state are one long sequence; a reset one starts afresh."""
    settings = LayerSettings(cell, "one", batch=2)
    two = read_two(settings)
    network = build(settings, is_plain=True)
    long = network.layer(network.inputs.reshape(1, 10, 4))[0][0]
    torch.testing.assert_close(torch.cat([two.first, two.carried]), long)
    torch.testing.assert_close(two.reset, read(settings).output[1])
    expected = (two.reset - two.carried).norm(dim=1)
    torch.testing.assert_close(two.distances, expected)
    assert two.distances[0] > 0.01


@pytest.mark.parametrize("cell", FIRST_CELLS)
@pytest.mark.parametrize("values", ["letters", "random", "tokens"])
def test_the_loop_of_numpy_is_the_layer_of_torch(cell: str, values: str) -> None:
    settings = LayerSettings(cell, values=values, layers=2, inputs=3, steps=7)
    loop = run_loop(settings)
    assert loop.error < 1e-14
    lower = read(LayerSettings(cell, "one", values=values, inputs=3, steps=7)).output[0]
    assert abs(loop.states - lower.double().numpy()).max() < 1e-6
    assert [name for name, _values in loop.steps[3]][-1] == "h"
    assert len(loop.steps[0]) == len(loop.body)
    assert step_by_step_error(settings) < 1e-6


SOME = (
    LayerSettings(),
    LayerSettings("lstm", "one", "second", "random", layers=2),
    LayerSettings("rnn", "both", "second", "tokens", batch=1, layers=2),
)


@pytest.mark.parametrize("settings", SOME, ids=lambda settings: settings.cell)
def test_every_program_prints_what_the_page_says(settings: LayerSettings) -> None:
    """Also those of Keras, on torch and with its weights."""
    reading = read(settings)
    programs = [
        *listings.shapes_listings(reading),
        *listings.padding_listings(settings, 5),
        *listings.weights_listings(reading),
        *listings.state_listings(settings),
        *listings.loop_listings(settings),
    ]
    for sequences, state, backwards in ((0, 0, 0), (1, 1, 0), (0, 0, 1), (1, 0, 1)):
        programs += listings.returns_listings(
            settings, sequences=bool(sequences), state=bool(state), backwards=bool(backwards)
        )
    for program in programs:
        with torch.random.fork_rng():
            check_listing(program)


def test_what_is_not_returned_is_marked() -> None:
    one = LayerSettings(directions="one")
    last = returned_values(one, sequences=False, state=False, backwards=False)
    assert last.is_returned == ((False,),) * 4 + ((True,),)
    both = returned_values(LayerSettings(), sequences=False, state=True, backwards=True)
    assert both.is_returned == ((False, True), *(((False, False),) * 3), (True, False))
    assert both.shapes == ((3, 6), (3, 3), (3, 3))
    backwards = returned_values(one, sequences=True, state=False, backwards=True)
    forwards = returned_values(one, sequences=True, state=False, backwards=False)
    assert not torch.equal(backwards.output, forwards.output)
    assert all(map(all, backwards.is_returned))


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(Problem, match="hidden is 0"):
        LayerSettings(hidden=0)
    with pytest.raises(Problem, match="conv"):
        LayerSettings("conv")
    assert LayerSettings(values="letters", inputs=9).inputs == 4
