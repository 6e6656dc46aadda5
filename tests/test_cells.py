"""Every registered cell keeps the promises of a cell, so that a newcomer needs no other change."""

import string

import pytest
import torch
from torch import Tensor

from rnnviz import palette
from rnnviz.cells import CELLS, Cell, from_layer
from rnnviz.gradient_flow import FlowSettings, band, measure
from rnnviz.gradients import step_jacobians, vjp
from rnnviz.model import IOSpec, ModelSpec, count_parameters
from rnnviz.names import CELL_NAMES
from rnnviz.settings import Choice, rules
from rnnviz.tracing import walk
from rnnviz.ui.stage.payload import GATES, STATES
from rnnviz.ui.step import LessonSettings
from tests.layers import make_layer, sequence

INPUTS, H = 3, 4


def made(code: str, dtype: torch.dtype = torch.float64) -> Cell:
    ((cell,),) = from_layer(make_layer(CELLS[code].layer, INPUTS, H, dtype=dtype))
    return cell


def test_one_list_of_cells_is_everybodys() -> None:
    codes = list(CELL_NAMES)
    choice = rules(ModelSpec)["cell"]
    assert isinstance(choice, Choice)
    for others in (CELLS, CELLS, choice.options, FlowSettings().cells, LessonSettings().cells):
        assert list(others) == codes
    assert list(palette.CELLS) == codes
    assert len(set(palette.CELLS.values())) == len(set(CELL_NAMES.values())) == len(codes)


@pytest.mark.parametrize("code", CELLS)
def test_its_names_fit_together(code: str) -> None:
    cell, kind = made(code), CELLS[code]
    assert kind.name == code
    assert type(cell) is kind
    assert kind.__doc__
    assert kind.states[0] == "h"
    assert set(kind.states) <= set(STATES)
    assert set(kind.gates) <= set(GATES)
    # Every block of rows feeds a gate, or a state itself, and reaches the states exactly once.
    assert set(kind.gates) <= set(kind.blocks) <= {*kind.gates, *kind.states}
    assert len(set(kind.blocks)) == len(kind.blocks)
    reached = [k for rows in kind.rows for k in range(len(kind.blocks))[rows]]
    assert sorted(reached) == list(range(len(kind.blocks)))
    assert len(kind.rows) == len(kind.states)
    assert cell.w_hh.shape == (len(kind.blocks) * H, H)
    assert cell.w_ih.shape == (len(kind.blocks) * H, INPUTS)
    for option in kind.options:
        assert hasattr(ModelSpec(cell=code), option)


@pytest.mark.parametrize("code", CELLS)
def test_every_state_and_gate_has_its_formula(code: str) -> None:
    cell = made(code)
    assert set(cell.formulas) == {*cell.states, *cell.gates}
    known = {
        "input part": cell.blocks,
        "hidden part": cell.blocks,
        "gate": cell.gates,
        "state": cell.states,
    }
    for formula in cell.formulas.values():
        assert formula.symbol.endswith("_t")
        assert all(source.name in known[source.kind] for source in formula.sources)
        filled = {int(name) for _, name, _, _ in string.Formatter().parse(formula.numbers) if name}
        filled |= {0} if "{0}" in formula.numbers else set()
        assert filled == set(range(len(formula.sources)))


@pytest.mark.parametrize("code", CELLS)
def test_it_walks_like_its_torch_layer(code: str) -> None:
    layer = make_layer(CELLS[code].layer, INPUTS, H, dtype=torch.float64)
    ((cell,),) = from_layer(layer)
    x = sequence(6, INPUTS, torch.float64)
    steps = walk(cell, x)
    assert len(steps.states) == len(cell.states)
    assert list(steps.gates) == list(cell.gates)
    torch.testing.assert_close(steps.states[0], layer(x)[0].detach(), rtol=0, atol=1e-12)


@pytest.mark.parametrize("code", CELLS)
def test_its_slopes_are_autograds(code: str) -> None:
    cell, x = made(code), sequence(3, INPUTS, torch.float64)
    steps = walk(cell, x)
    before = torch.cat([state[-1] for state in steps.before])

    def step(state: Tensor, seen: Tensor) -> Tensor:
        parts = state.chunk(len(cell.states))
        return torch.cat(cell.step(cell.from_input(seen), cell.from_hidden(parts[0]), parts)[0])

    to_state, to_input = torch.autograd.functional.jacobian(step, (before, x[-1]))
    torch.testing.assert_close(step_jacobians(cell, steps)[-1], to_state)

    slopes = cell.slopes(
        tuple(state[-1] for state in steps.before),
        tuple(state[-1] for state in steps.states),
        {name: gate[-1] for name, gate in steps.gates.items()},
        steps.h_proj[-1],
    )
    for row in range(len(before)):
        arriving = torch.eye(len(before), dtype=torch.float64)[row].chunk(len(cell.states))
        found = vjp(cell, slopes, arriving).da.flatten() @ cell.w_ih
        torch.testing.assert_close(found, to_input[row])


@pytest.mark.parametrize("code", CELLS)
def test_it_counts_and_flows(code: str) -> None:
    spec = ModelSpec(cell=code, hidden=H, embedding="one-hot")
    weights = sum(p.numel() for p in CELLS[code].layer(INPUTS, H).parameters())
    assert count_parameters(spec, IOSpec(INPUTS, 2)) == weights + 2 * (H + 1)
    flow = measure(FlowSettings(cells=(code,), length=5, hidden=H)).flows[code]
    assert 0 < float(band(flow.median_factor)[1]) < float(band(flow.largest_factor)[1])
    assert (flow.bound is None) == (made(code).max_slope is None)
