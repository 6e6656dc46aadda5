"""One unit whose gates are held: against PyTorch's cells, autograd, and its own sums."""

import math
import os
from functools import cache

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.gates import surgery as surgeries
from rnnviz.ideas.gates import training
from rnnviz.ideas.gates.claims import belt_claim, gates_claim
from rnnviz.ideas.gates.flow import flow
from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.goals import LEAST, Outcome, comparison, finding, half_life, judge
from rnnviz.ideas.gates.holds import BIASES, Hold, Holds, solution
from rnnviz.ideas.gates.listings import listings
from rnnviz.ideas.gates.signals import CUE, FIRST_VALUE, SIGNALS, STEPS, has_cue, phases, rows
from rnnviz.ideas.gates.surgery import Surgery
from rnnviz.ideas.gates.training import TrainedUnit
from rnnviz.ideas.gates.unit import Unit, Walk, held_openings, ledger, untrained_unit, walk
from rnnviz.jobs.apart import Call, evaluate
from tests.ideas.listings import check_listing

os.environ["KERAS_BACKEND"] = "torch"

CELLS = tuple(GATED_CELLS)
OPENINGS = st.one_of(st.sampled_from([0.0, 1.0]), st.floats(0.01, 0.99))


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, str, Holds]:
    """A cell, a signal, and any of its gates held in any phase."""
    cell, signal = draw(st.sampled_from(CELLS)), draw(st.sampled_from(list(SIGNALS)))
    places = [(gate, phase.code) for gate in GATED_CELLS[cell].gates for phase in phases(signal)]
    held = draw(st.lists(st.sampled_from(places), unique=True))
    return cell, signal, tuple(Hold(gate, phase, draw(OPENINGS)) for gate, phase in held)


@cache
def train_unit(cell: str, empties_at_cue: bool) -> TrainedUnit:
    call = Call("rnnviz.ideas.gates.training:trained_unit", (cell, empties_at_cue, 0))
    unit: TrainedUnit = evaluate(call, lambda share: None)
    return unit


@cache
def operation(cell: str) -> Surgery:
    result: Surgery = evaluate(Call(surgeries.__name__ + ":operate", (cell, 0)), lambda share: None)
    return result


def reference_memory(unit: Unit, signal: str, holds: Holds) -> list[float]:
    """The memory after each step of PyTorch's own cell, gates held by saturated biases."""
    kind = GATED_CELLS[unit.cell]
    cell = (nn.LSTMCell if unit.cell == "lstm" else nn.GRUCell)(3, 1, dtype=torch.float64)
    openings = held_openings(signal, holds)
    x = torch.tensor(rows(signal), dtype=torch.float64)
    h = c = torch.zeros(1, 1, dtype=torch.float64)
    memory = []
    for t in range(STEPS):
        with torch.no_grad():
            for parameter, weight in zip(cell.parameters(), unit.weights, strict=True):
                parameter.copy_(weight)
            for gate, values in openings.items():
                if not values[t].isnan():
                    row = kind.torch_rows[gate]
                    cell.weight_ih[row] = cell.weight_hh[row] = cell.bias_hh[row] = 0
                    cell.bias_ih[row] = values[t].logit()
            if unit.cell == "lstm":
                h, c = cell(x[t : t + 1], (h, c))
            else:
                h = c = cell(x[t : t + 1], h)
        memory.append(c.item())
    return memory


@settings(max_examples=25)
@given(cases())
def test_a_held_gate_is_a_pytorch_cell_with_saturated_biases(case: tuple[str, str, Holds]) -> None:
    cell, signal, holds = case
    unit = untrained_unit(cell)
    result = walk(unit, signal, holds)
    assert result.memory[1:] == pytest.approx(reference_memory(unit, signal, holds), abs=1e-12)


@pytest.mark.parametrize("cell", CELLS)
def test_the_free_unit_is_the_layer_of_torch(cell: str) -> None:
    unit = untrained_unit(cell)
    layer = (nn.LSTM if cell == "lstm" else nn.GRU)(3, 1, dtype=torch.float64)
    with torch.no_grad():
        for parameter, weight in zip(layer.parameters(), unit.weights, strict=True):
            parameter.copy_(weight)
        output, last = layer(torch.tensor(rows("noise"), dtype=torch.float64))
    result = walk(unit, "noise")
    assert result.hidden == pytest.approx(output[:, 0].tolist(), abs=1e-14)
    assert result.memory[-1] == pytest.approx(last[-1].item(), abs=1e-14)
    assert not any(any(flags) for flags in result.held.values())


@settings(max_examples=25)
@given(cases())
def test_what_flows_in_and_off_is_the_memory(case: tuple[str, str, Holds]) -> None:
    cell, signal, holds = case
    result = walk(untrained_unit(cell), signal, holds)
    for step in range(1, STEPS + 1):
        change = result.inflow[step - 1] - result.outflow[step - 1]
        assert result.memory[step] == pytest.approx(result.memory[step - 1] + change, abs=1e-12)
        before, off, flow_in, after = ledger(result, step)
        assert before - off + flow_in == after
        exact = (result.memory[step - 1], result.outflow[step - 1], result.inflow[step - 1])
        for thousandths, value in zip((before, off, flow_in), exact, strict=True):
            assert abs(thousandths / 1000 - value) <= 0.0015 + 1e-12
        if step > 1:
            assert ledger(result, step - 1)[3] == before


@pytest.mark.parametrize("cell", CELLS)
def test_the_derivative_along_the_belt_is_the_product_of_the_keep_gate(cell: str) -> None:
    """Exactly, once all other paths are cut: the gates are held and nothing flows in."""
    unit, keep = untrained_unit(cell), GATED_CELLS[cell].keep
    x = torch.tensor([rows("noise")], dtype=torch.float64)
    factors = torch.linspace(0.7, 1.0, STEPS, dtype=torch.float64)
    held = {keep: factors}
    w_ih, w_hh, b_ih, b_hh = unit.weights
    if cell == "lstm":
        held |= {gate: torch.zeros(STEPS, dtype=torch.float64) for gate in ("input", "output")}
    else:
        w_hh = torch.zeros_like(w_hh)  # the candidate does not look at the memory
    start = torch.full((1, 1), 0.6, dtype=torch.float64, requires_grad=True)
    end = flow(cell, (w_ih, w_hh, b_ih, b_hh), x, held, start).memory[-1]
    [gradient] = torch.autograd.grad(end.sum(), start)
    assert gradient.item() == pytest.approx(factors.prod().item(), rel=1e-12)


@given(st.floats(0.05, 0.999), st.integers(1, 38))
def test_half_is_left_after_the_half_life(factor: float, count: int) -> None:
    assert factor ** half_life((factor,) * count) == pytest.approx(0.5)
    assert half_life((1.0,) * count) == math.inf
    assert half_life((0.0, 1.0)) == 0


def test_the_signals_are_what_their_names_say() -> None:
    for signal in SIGNALS:
        values = rows(signal)
        assert len(values) == STEPS
        assert values[0] == (FIRST_VALUE, 1.0, 0.0)
        assert [step for step, row in enumerate(values, 1) if row[2]] == [CUE] * has_cue(signal)
        ends = [(phase.first, phase.last) for phase in phases(signal)]
        assert [first for first, _last in ends] == [1, *(last + 1 for _first, last in ends[:-1])]
        assert ends[-1][1] == STEPS
    assert {row[0] for row in rows("pulse")[1:]} == {0.0}
    assert {row[0] for row in rows("step")} == {FIRST_VALUE, -FIRST_VALUE}


def outcome_of(cell: str, signal: str, *holds: Hold) -> Outcome:
    return judge(walk(untrained_unit(cell), signal, holds)).outcome


@pytest.mark.parametrize("signal", SIGNALS)
@pytest.mark.parametrize("cell", CELLS)
def test_the_solution_reaches_the_goal_and_the_free_unit_does_not(cell: str, signal: str) -> None:
    assert outcome_of(cell, signal) is Outcome.LEAKED
    expected = Outcome.RESET if has_cue(signal) else Outcome.PRESERVED
    assert outcome_of(cell, signal, *solution(cell, signal)) is expected


def test_every_way_to_miss_the_goal_is_named() -> None:
    keep = Hold("forget", "later", 1.0)
    shut = Hold("input", "later", 0.0)
    assert outcome_of("lstm", "noise", Hold("input", "first", 0.0)) is Outcome.EMPTY
    assert outcome_of("lstm", "noise", keep) is Outcome.FLOODED
    through = Hold("forget", "cue", 1.0), Hold("input", "cue", 0.0)
    assert outcome_of("lstm", "cue", keep, shut, *through) is Outcome.LATE
    emptied = Hold("forget", "cue", 0.0), Hold("input", "cue", 0.0)
    assert outcome_of("lstm", "cue", keep, shut, *emptied) is Outcome.REFILLED


def test_findings_carry_the_numbers_of_the_walk() -> None:
    shut, leak = Hold("input", "later", 0.0), Hold("forget", "later", 0.9)
    result = judge(walk(untrained_unit("lstm"), "pulse", (shut, leak)))
    assert result.share == pytest.approx(0.9**39)
    assert str(finding(result)) == (
        f"Forgotten: of {result.first:.2f} at step 1, {100 * 0.9**39:.3g} % is left at step 40; "
        "half leaks out in 6.6 steps."
    )
    preserved = judge(walk(untrained_unit("lstm"), "pulse", solution("lstm", "pulse")))
    assert preserved.first == preserved.end > LEAST
    assert "half-life is ∞ steps" in str(finding(preserved))


def test_the_claims_are_decided_by_the_walk() -> None:
    unit = untrained_unit("lstm")
    free, own = walk(unit, "pulse"), walk(unit, "pulse", solution("lstm", "pulse"))
    gates = gates_claim(own)
    assert gates.verdict is Verdict.RIGHT
    assert gates.finding.values["memory"] == f"{own.memory[-1]:.2f}"
    belt = belt_claim(own, free).finding.values
    assert belt["own"] == "1"
    assert float(str(belt["free"]).split("·")[0]) == pytest.approx(4.3)


@pytest.mark.parametrize(
    ("cell", "empties_at_cue"),
    [
        ("lstm", False),
        ("gru", True),
        pytest.param("lstm", True, marks=pytest.mark.long),
        pytest.param("gru", False, marks=pytest.mark.long),
    ],
)
def test_training_finds_what_the_hand_finds(cell: str, empties_at_cue: bool) -> None:
    unit = train_unit(cell, empties_at_cue)
    assert unit.error < 0.15
    results = [walk(unit.unit, s) for s in SIGNALS if has_cue(s) == empties_at_cue]
    assert all(judge(result).is_reached for result in results)
    for result in results:
        keep = result.keep[1 : CUE - 1]
        assert min(keep) > 0.9
        if empties_at_cue:
            assert result.keep[CUE - 1] < 0.2


def test_the_comparison_names_the_gate_that_differs_most() -> None:
    learned = walk(train_unit("lstm", False).unit, "pulse")

    def compared_walk(*holds: Hold) -> Walk:
        return walk(untrained_unit("lstm"), "pulse", holds)

    missing = comparison(learned, compared_walk(Hold("forget", "later", 1.0)))
    assert str(missing).startswith("Training found what is missing: its input gate waits at 0.0")
    both = comparison(learned, compared_walk(*solution("lstm", "pulse")))
    assert str(both).startswith("Training found it too")
    beaten = comparison(compared_walk(), compared_walk(*solution("lstm", "pulse")))
    assert str(beaten).startswith("You beat the training")
    assert str(comparison(compared_walk(), compared_walk())).startswith("Neither")


def test_equal_seeds_train_equal_units(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "SHORT_STEPS", 3)
    monkeypatch.setattr(training, "LONG_STEPS", 1)
    calls = [Call(f"{training.__name__}:trained_unit", ("gru", False, seed)) for seed in (3, 3, 4)]
    first, again, other = (evaluate(call, lambda share: None) for call in calls)
    assert first == again != other


@pytest.mark.parametrize("cell", CELLS)
def test_a_frozen_gate_in_the_surgery_is_a_layer_with_a_saturated_bias(cell: str) -> None:
    from rnnviz.training import Trainer

    model = Trainer(surgeries.recall_experiment(cell, 0)).model.eval()
    batch = surgeries.trials()
    whole = surgeries.frozen_logits(model, batch, None)
    with torch.no_grad():
        assert whole == pytest.approx(model(batch.inputs, batch.lengths), abs=1e-5)
        frozen = surgeries.frozen_logits(model, batch, 1.5)
        hidden, row = surgeries.HIDDEN, GATED_CELLS[cell].torch_rows[GATED_CELLS[cell].keep]
        place = slice(row * hidden, (row + 1) * hidden)
        for name, weight in model.recurrent.named_parameters():
            weight[place] = 1.5 if name == "bias_ih_l0" else 0.0
        assert frozen == pytest.approx(model(batch.inputs, batch.lengths), abs=1e-5)
    assert not torch.allclose(whole, frozen, atol=1e-3)


def test_an_lstm_recalls_with_an_open_gate_and_a_gru_does_not() -> None:
    lstm, gru = operation("lstm"), operation("gru")
    assert min(lstm.whole, gru.whole) > 0.95
    assert lstm.at(8.0) > 0.95 > gru.chance + 0.1 > gru.at(8.0)
    assert lstm.at(-4.0) < lstm.chance + 0.1
    assert len(lstm.frozen) == len(BIASES)
    texts = [str(surgeries.finding(lstm, bias)) for bias in (-4.0, 2.0, 8.0)]
    assert "no more than guessing" in texts[0]
    assert f"σ(2) = 0.881, the LSTM still recalls {100 * lstm.at(2.0):.0f} %" in texts[1]
    assert "no fewer than with its own gate" in texts[2]
    claim = surgeries.claim(lstm, gru)
    assert f"the GRU {100 * gru.at(8.0):.0f} %" in str(claim.finding)


@pytest.mark.parametrize("cell", CELLS)
def test_the_programs_print_the_numbers_of_the_page(cell: str) -> None:
    unit = untrained_unit(cell)
    gates = list(GATED_CELLS[cell].gates)
    for signal, holds in (
        ("cue", solution(cell, "cue")),
        ("noise", (Hold(gates[0], "later", 0.3), Hold(gates[1], "later", 0.9))),
    ):
        for program in listings(unit, signal, holds, walk(unit, signal, holds)):
            check_listing(program)
