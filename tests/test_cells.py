"""Every registered cell keeps the promises of a cell, so that a newcomer needs no other change."""

import string
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import Tensor
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

import rnnviz
from rnnviz import names, palette
from rnnviz.cells import CELLS, Cell, Layer, States, Step, cell_type_of, from_layer, make_layer
from rnnviz.formulas import Formula, hidden_part, input_part, state
from rnnviz.gradient_flow import FlowSettings, band, measure
from rnnviz.gradients import derivatives, gradient_norms, step_jacobians
from rnnviz.model import IOSpec, ModelSpec, build, count_parameters, multiply_adds, same_parameters
from rnnviz.model.layers import run, run_with_dropout
from rnnviz.names import CELL_DESCRIPTIONS, CELL_NAMES, FIRST_CELLS
from rnnviz.races.contestants import CONTESTANTS, default_contestants
from rnnviz.settings import Choice, rules
from rnnviz.tasks import TASKS
from rnnviz.tracing import rewalk, walk
from rnnviz.training import Experiment, Optimiser, Trainer
from rnnviz.training.checkpoint import checkpoint, load_checkpoint
from rnnviz.training.sampling import sample
from rnnviz.ui.stage.payload import GATES, STATES
from rnnviz.ui.step import LessonSettings
from tests import cell_references
from tests.layers import sequence

INPUTS, H = 3, 4
ENDS = IOSpec(INPUTS, 2)
SHORT = Optimiser(lr=0.02, clip=0.5, batch=4, steps=6)


@dataclass(frozen=True, eq=False)
class Leaky(Cell):
    """A scratch cell without a recurrent matrix: each unit leaks by itself, h = tanh(λ h + W x)."""

    w_leak: Tensor = field(kw_only=True)
    name: ClassVar[str] = "leaky"

    @classmethod
    def shapes(cls, inputs: int, hidden: int) -> dict[str, tuple[int, ...]]:
        return {"w_ih": (hidden, inputs), "w_leak": (hidden,)}

    @property
    def formulas(self) -> dict[str, Formula]:
        sources = (input_part("h"), hidden_part("h", symbol="λ · h_{t-1}"))
        return {"h": Formula("h_t", "tanh(W x_t + λ · h_{t-1})", "tanh({0} + {1})", sources)}

    def step(self, x_proj: Tensor, before: States) -> Step:
        h_proj = self.w_leak * before[0]
        return Step(((x_proj + h_proj).tanh(),), (), h_proj)


@dataclass(frozen=True, eq=False)
class Delayed(Cell):
    """A scratch cell of three states: h reads the state before the last one, through m and d."""

    name: ClassVar[str] = "delayed"
    states: ClassVar[tuple[str, ...]] = ("h", "m", "d")

    @property
    def formulas(self) -> dict[str, Formula]:
        sources = (input_part("h"), hidden_part("h"), state("d", lag=1))
        return {
            "h": Formula(
                "h_t", "tanh(W x_t + W h_{t-1} + d_{t-1})", "tanh({0} + {1} + {2})", sources
            ),
            "m": Formula("m_t", "h_t / 2", "{0} / 2", (state("h"),)),
            "d": Formula("d_t", "m_{t-1}", "{0}", (state("m", lag=1),)),
        }

    def step(self, x_proj: Tensor, before: States) -> Step:
        h, m, d = before
        h_proj = self.from_hidden(h)
        h = (x_proj + h_proj + d).tanh()
        return Step((h, h / 2, m), (), h_proj)


def leaky(weights: Any, x: Tensor, states: States) -> States:
    return (torch.tanh(weights["weight_ih"] @ x + weights["weight_leak"] * states[0]),)


def delayed(weights: Any, x: Tensor, states: States) -> States:
    h, m, d = states
    h = torch.tanh(cell_references.affine(weights, 0, x, h) + d)
    return h, h / 2, m


SCRATCH = {"leaky": (Leaky, leaky, 1), "delayed": (Delayed, delayed, 3)}
ALL = [*CELLS, *SCRATCH]
every_cell = pytest.mark.parametrize("code", ALL)
registered = pytest.mark.parametrize("code", list(CELLS))


@pytest.fixture(autouse=True)
def scratch_cells(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Register the scratch cell that a test asks for: its class, its name and its colour."""
    code = getattr(request.node, "callspec", None) and request.node.callspec.params.get("code")
    if code in SCRATCH:
        kind, reference, count = SCRATCH[code]
        monkeypatch.setitem(CELLS, code, kind)
        monkeypatch.setitem(palette.CELLS, code, "#123456")
        monkeypatch.setitem(cell_references.REFERENCES, code, (reference, count))
        monkeypatch.setitem(names._CELL_NAMES, code, code)


def layer_of(code: str, seed: int = 0, inputs: int = INPUTS, **options: Any) -> Layer:
    layer = make_layer(CELLS[code], inputs, H, dtype=torch.float64, **options)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.uniform_(-0.8, 0.8, generator=generator)
    return layer


def cell_of(code: str) -> Cell:
    ((cell,),) = from_layer(layer_of(code))
    return cell


def loss(outputs: Tensor) -> Tensor:
    """A loss to which every number matters."""
    pattern = torch.arange(1, outputs.numel() + 1, dtype=outputs.dtype).sin().view_as(outputs)
    return (pattern * outputs + outputs.square() / 3).sum()


def close(ours: Any, expected: Any, exact: float = 1e-12) -> None:
    torch.testing.assert_close(ours, expected, rtol=1e-9, atol=exact)


# Names ------------------------------------------------------------------------------------------


def test_one_list_of_cells_is_everybodys() -> None:
    codes = list(CELL_NAMES)
    assert list(CELL_DESCRIPTIONS) == codes
    choice = rules(ModelSpec)["cell"]
    assert isinstance(choice, Choice)
    for others in (CELLS, choice.options, palette.CELLS, [c for c in CONTESTANTS if c in CELLS]):
        assert list(others) == codes
    assert len(set(CELL_NAMES.values())) == len(codes)


def test_a_first_visit_meets_the_same_three_as_ever() -> None:
    assert FIRST_CELLS == ("rnn", "lstm", "gru")
    assert FlowSettings().cells == LessonSettings().cells == FIRST_CELLS
    assert default_contestants(TASKS["delayed_recall"]()) == list(FIRST_CELLS)
    assert ModelSpec().cell == "lstm"


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(share * c for share, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@registered
def test_its_colour_is_its_own_and_stands_out(code: str) -> None:
    colour = palette.CELLS[code]
    others = [each for name, each in palette.CELLS.items() if name != code]
    assert colour not in others
    if code not in FIRST_CELLS:  # Theirs are Okabe and Ito's, which charts and pictures show.
        assert colour not in palette.SERIES
        for background in palette.BACKGROUND.values():
            low, high = sorted((luminance(colour), luminance(background)))
            assert (high + 0.05) / (low + 0.05) >= 3
    six = palette.colours([code, *"abcde"])
    assert len(set(six.values())) == 6


@every_cell
def test_its_names_fit_together(code: str) -> None:
    cell, kind = cell_of(code), CELLS[code]
    assert kind.name == code
    assert type(cell) is kind
    assert kind.__doc__
    assert kind.states[0] == "h"
    # Every block of rows feeds a gate, or a state itself.
    assert set(kind.gates) <= set(kind.blocks) <= {*kind.gates, *kind.states}
    assert len(set(kind.blocks)) == len(kind.blocks)
    assert kind.forget_block in (None, *kind.blocks)
    assert cell.hidden == H
    shapes = kind.shapes(INPUTS, H)
    assert shapes["w_ih"] == (len(kind.blocks) * H, INPUTS)
    assert shapes.get("w_hh", (H, H))[1] == H
    assert all(name.startswith(("w_", "b_")) for name in shapes)
    assert {name: tuple(weight.shape) for name, weight in cell.weights.items()} == shapes
    for option in kind.options:
        assert hasattr(ModelSpec(cell=code), option)
    if code in CELL_NAMES and code not in SCRATCH:
        assert set(kind.states) <= set(STATES)
        assert set(kind.gates) <= set(GATES)


@every_cell
def test_every_state_and_gate_has_its_formula(code: str) -> None:
    cell = cell_of(code)
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
        places = {name for _, name, _, _ in string.Formatter().parse(formula.numbers) if name}
        assert places == {str(number) for number in range(len(formula.sources))}


# One step, and all of them ----------------------------------------------------------------------


@every_cell
@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, True)])
def test_it_walks_like_its_paper_and_its_layer(code: str, layers: int, both: bool) -> None:
    layer = layer_of(code, num_layers=layers, bidirectional=both)
    x = sequence(6, INPUTS, torch.float64)
    result = rnnviz.trace(layer, x)
    close(result.outputs, cell_references.walk(code, layer, x).detach())
    close(layer(x)[0].detach(), result.outputs)
    assert result.agreement < 1e-12
    for side in result.layers:
        assert list(side.states) == list(side.cell.states)
        assert list(side.gates) == list(side.cell.gates)
        assert list(side.parts) == list(side.cell.blocks)
    ((cell, *_), *_) = from_layer(layer)
    ours = walk(cell, x)
    close(rewalk(cell, x, ours.states[0]).states, ours.states)


@every_cell
def test_its_derivatives_are_autograds(code: str) -> None:
    cell, x = cell_of(code), sequence(3, INPUTS, torch.float64)
    steps = walk(cell, x)
    before = torch.cat([state[-1] for state in steps.before])
    count = len(cell.states)

    def step(states: Tensor, x_proj: Tensor) -> Tensor:
        return torch.cat(cell.step(x_proj, states.chunk(count)).states)

    to_states, to_input = torch.autograd.functional.jacobian(step, (before, steps.x_proj[-1]))
    close(step_jacobians(cell, steps)[-1], to_states)
    last = derivatives(cell, steps).at(-1)
    for row, unit in enumerate(torch.eye(len(before), dtype=torch.float64)):
        back = last.vjp(unit.chunk(count))
        close(back.dx_proj, to_input[row])
        close(torch.cat(back.before), to_states[row])
        close(torch.cat(last.jvp(unit.chunk(count))), to_states[:, row])


@every_cell
@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, True)])
def test_backward_is_autograds_through_its_paper(code: str, layers: int, both: bool) -> None:
    layer = layer_of(code, num_layers=layers, bidirectional=both)
    x = sequence(6, INPUTS, torch.float64)
    result = rnnviz.backward(layer, x, loss)
    assert result.agreement < 1e-12
    leaf = x.clone().requires_grad_()
    outputs = cell_references.walk(code, layer, leaf)
    parameters = dict(layer.named_parameters())
    dx, *expected = torch.autograd.grad(loss(outputs), [leaf, *parameters.values()])
    close(result.dx, dx)
    ours = [gradient for side in result.layers for gradient in side.dweights.values()]
    assert len(ours) == len(expected)
    for gradient, reference in zip(ours, expected, strict=True):
        close(gradient, reference)
    for side in result.layers:
        for name, terms in side.terms.items():
            close(sum(terms.values()), side.dstates[name])
    assert torch.equal(gradient_norms(layer, x, loss), result.layers[-1].norms)
    side = result.layers[0]
    whole = side.dweights.get("w_hh", torch.zeros(1)).norm().double()
    close(side.weight_sum[0], whole)


@every_cell
def test_jacobians_are_autograds_through_its_paper(code: str) -> None:
    layer, x = layer_of(code), sequence(5, INPUTS, torch.float64)

    def last(nudges: Tensor) -> Tensor:
        return cell_references.walk(code, layer, x, nudges)[-1]

    expected = torch.autograd.functional.jacobian(last, torch.zeros(5, H, dtype=torch.float64))
    result = rnnviz.jacobians(layer, x)
    close(result.matrices, expected.movedim(1, 0))
    close(result.spectral, torch.linalg.svdvals(expected.movedim(1, 0))[:, 0])
    assert result.step_spectral.isfinite().all()


# The layer --------------------------------------------------------------------------------------


@every_cell
@pytest.mark.parametrize("both", [False, True])
def test_its_layer_has_the_call_of_torchs(code: str, both: bool) -> None:
    layer = layer_of(code, num_layers=2, bidirectional=both, batch_first=True)
    x = torch.stack([sequence(7, INPUTS, torch.float64, seed=seed) for seed in range(3)])
    lengths = torch.tensor([4, 7, 2])
    outputs, last = layer(x)
    close(layer_of(code, num_layers=2, bidirectional=both)(x.transpose(0, 1))[0].transpose(0, 1),
          outputs)  # fmt: skip
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    packed_outputs, packed_last = layer(packed)
    padded, counted = pad_packed_sequence(packed_outputs, batch_first=True)
    assert counted.tolist() == lengths.tolist()
    several = len(cell_type_of(layer).states) > 1
    assert isinstance(last, tuple) == isinstance(packed_last, tuple) == several
    for row, length in enumerate(lengths.tolist()):
        alone, alone_last = layer(x[row, :length])  # (T,I): without a batch
        close(padded[row, :length], alone)
        assert padded[row, length:].eq(0).all()
        for ours, theirs in zip(
            packed_last if several else (packed_last,),
            alone_last if several else (alone_last,),
            strict=True,
        ):
            close(ours[:, row], theirs)
    if not both:
        first, middle = layer(x[:, :3])
        second, end = layer(x[:, 3:], middle)
        close(torch.cat([first, second], 1), outputs)
        close(end, last)


@every_cell
@pytest.mark.parametrize("both", [False, True])
def test_what_is_padding_changes_nothing(code: str, both: bool) -> None:
    layer = layer_of(code, bidirectional=both, num_layers=2, batch_first=True)
    x, lengths = sequence(5, INPUTS, torch.float64).expand(2, -1, -1).clone(), torch.tensor([5, 3])
    outputs = run(layer, x, lengths)[0]
    x[1, 3:] = 100
    again = run(layer, x, lengths)[0]
    close(again[0], outputs[0])
    close(again[1, :3], outputs[1, :3])


@every_cell
def test_without_biases_they_are_left_out(code: str) -> None:
    layer, x = layer_of(code, bias=False), sequence(4, INPUTS, torch.float64)
    assert not [name for name, _ in layer.named_parameters() if name.startswith("bias")]
    close(rnnviz.trace(layer, x).outputs, cell_references.walk(code, layer, x).detach())
    assert rnnviz.backward(layer, x, loss).agreement < 1e-12


@every_cell
def test_dropout_is_drawn_by_the_generator_and_leaves_the_rest(code: str) -> None:
    layer = layer_of(code, num_layers=2, bidirectional=True, batch_first=True)
    x, lengths = sequence(5, INPUTS, torch.float64).expand(2, -1, -1), torch.tensor([5, 3])

    def dropped(seed: int, share: float) -> Tensor:
        generator = torch.Generator().manual_seed(seed)
        return run_with_dropout(
            layer, x, lengths, None, between=share, within=share, generator=generator
        )[0]

    plain = run(layer, x, lengths)[0]
    close(dropped(1, 0.0)[0], plain[0])
    close(dropped(1, 0.0)[1, :3], plain[1, :3])
    assert torch.equal(dropped(1, 0.5), dropped(1, 0.5))
    assert not torch.equal(dropped(1, 0.5), dropped(2, 0.5))
    gradients = cell_references.gradients(layer, dropped(1, 0.5).square().sum())
    assert all(gradient.isfinite().all() and gradient.any() for gradient in gradients.values())


# In a model -------------------------------------------------------------------------------------


@every_cell
def test_it_is_counted(code: str) -> None:
    spec = ModelSpec(cell=code, hidden=H, embedding="one-hot")
    shapes = CELLS[code].shapes(INPUTS, H)
    sizes = {name: torch.Size(shape).numel() for name, shape in shapes.items()}
    assert count_parameters(spec, ENDS) == sum(sizes.values()) + 2 * (H + 1)
    products = sum(size for name, size in sizes.items() if not name.startswith("b_"))
    assert multiply_adds(spec, ENDS, 5) == 5 * (products + 2 * H)
    assert multiply_adds(spec, IOSpec(INPUTS, 2, "many-to-one"), 5) == 5 * products + 2 * H
    larger = replace(spec, hidden=9)
    assert same_parameters(spec, count_parameters(larger, ENDS), ENDS) == larger


@every_cell
def test_it_starts_as_the_spec_has_it(code: str) -> None:
    kind, hidden = CELLS[code], 12
    spec = ModelSpec(code, hidden, layers=2, spectral_radius=1.3, forget_bias=2.5)
    layer: Any = build(spec, ENDS, torch.Generator().manual_seed(0)).recurrent
    for name, weight in layer.named_parameters():
        if name.startswith("weight_hh"):
            for block in weight.split(hidden):
                radius = torch.linalg.eigvals(block.detach().double()).abs().max()
                assert float(radius) == pytest.approx(1.3, rel=1e-4)
        else:
            assert weight.abs().max() <= hidden**-0.5 or name.startswith("bias_ih")
    if kind.forget_block is not None:
        start = kind.blocks.index(kind.forget_block) * hidden
        for k in range(2):
            biases = [getattr(layer, f"bias_{side}_l{k}", None) for side in ("ih", "hh")]
            felt = sum(each[start : start + hidden] for each in biases if each is not None)
            close(felt, torch.full((hidden,), 2.5), 1e-6)


@every_cell
@pytest.mark.parametrize("task", ["delayed_recall", "text", "dates"])
def test_it_trains_and_goes_on_to_the_bit(code: str, task: str) -> None:
    spec = ModelSpec(
        code,
        H,
        layers=2,
        embedding_size=5,
        dropout=0.2,
        recurrent_dropout=0.2,
        state_dropout=0.2,
        initialisation="keras",
    )
    experiment = Experiment(TASKS[task](), spec, SHORT, seed=3)
    whole = Trainer(experiment)
    start = {name: weight.clone() for name, weight in whole.model.state_dict().items()}
    for _ in range(3):
        whole.advance()
    resumed = load_checkpoint(experiment, checkpoint(whole))
    for trainer in (whole, resumed):
        while not trainer.done:
            trainer.advance()
    for name, weight in whole.model.state_dict().items():
        assert torch.equal(weight, resumed.model.state_dict()[name])
        assert weight.isfinite().all()
        assert not torch.equal(weight, start[name])
    if experiment.task.stateful:
        assert len(sample(whole.model, experiment.task, 1.0, length=5) or "") >= 5


# On the pages -----------------------------------------------------------------------------------


@every_cell
def test_its_gradient_is_studied(code: str) -> None:
    flow = measure(FlowSettings(cells=(code,), length=5, hidden=H)).flows[code]
    assert 0 < float(band(flow.median_factor)[1]) < float(band(flow.largest_factor)[1])
    assert (flow.bound is None) == (cell_of(code).max_slope is None)
    every = measure(FlowSettings(cells=(code,), length=5, hidden=H, loss_at="every", clip=0.01))
    assert every.flows[code].total.gt(0).all()


@registered
@pytest.mark.parametrize("page", ["step", "vanishing"])
def test_the_pages_open_with_it(code: str, page: str) -> None:
    at = AppTest.from_file("../app.py", default_timeout=120)
    at.run()
    at.query_params["cells"] = code
    at.query_params["weights"] = "untrained"
    at.switch_page(f"pages/learn/{page}.py").run()
    assert not at.exception
    charts = "".join(chart.proto.spec for chart in at.get("plotly_chart"))
    assert palette.CELLS[code] in charts
    if page == "step":
        assert f'"code": "{code}"' in at.get("bidi_component")[0].proto.json
