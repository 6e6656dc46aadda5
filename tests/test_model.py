"""Models are PyTorch's own layers, made without touching the generator that sessions share."""

from dataclasses import replace
from itertools import product

import pytest
import torch

from rnnviz.cells import CELLS, make_layer
from rnnviz.messages import Problem
from rnnviz.model import (
    IOSpec,
    ModelSpec,
    build,
    build_for,
    count_parameters,
    same_parameters,
    trainable,
)
from rnnviz.tasks import TASKS
from tests.generators import make_generator

SPECS = [
    ModelSpec(cell=cell, hidden=5, layers=layers, bidirectional=both, embedding=embedding)
    for cell, layers, both, embedding in product(
        CELLS, (1, 2), (False, True), ("one-hot", "learned")
    )
]


ENDS = {one: IOSpec(9, 3, "many-to-one" if one else "many-to-many") for one in (True, False)}
LARGE = IOSpec(50, 8)


def spec_id(spec: ModelSpec) -> str:
    return f"{spec.cell}-{spec.layers}-{'both' if spec.bidirectional else 'one'}-{spec.embedding}"


@pytest.mark.parametrize("spec", SPECS, ids=spec_id)
def test_equal_seeds_give_equal_models_without_the_global_generator(spec: ModelSpec) -> None:
    before = torch.random.get_rng_state()
    one, two, other = (build(spec, ENDS[False], make_generator(seed)) for seed in (4, 4, 5))
    assert torch.equal(before, torch.random.get_rng_state())
    for key, value in one.state_dict().items():
        assert torch.equal(value, two.state_dict()[key])
        assert not torch.equal(value, other.state_dict()[key])
        assert value.device.type == "cpu"


@pytest.mark.parametrize("spec", SPECS, ids=spec_id)
def test_the_weights_have_the_spread_of_torchs_own(spec: ModelSpec) -> None:
    wide = replace(spec, hidden=64)
    ours = build(wide, ENDS[False], make_generator()).recurrent
    options = {"num_layers": spec.layers, "bidirectional": spec.bidirectional}
    theirs = make_layer(CELLS[spec.cell], ours.input_size, 64, **options)
    for key, weight in theirs.state_dict().items():
        assert ours.state_dict()[key].shape == weight.shape
        # Uniform between -1/sqrt(H) and 1/sqrt(H).
        assert ours.state_dict()[key].abs().max().item() == pytest.approx(1 / 8, rel=0.1)
        assert ours.state_dict()[key].std().item() == pytest.approx(1 / 8 / 3**0.5, rel=0.2)


@pytest.mark.parametrize("many_to_one", [True, False])
@pytest.mark.parametrize("spec", SPECS, ids=spec_id)
def test_padding_changes_nothing(spec: ModelSpec, many_to_one: bool) -> None:
    model = build(spec, ENDS[many_to_one], make_generator())
    lengths = torch.tensor([4, 1, 7])
    tokens = torch.randint(1, 9, (3, 7), generator=make_generator())
    together = model(tokens.where(torch.arange(7) < lengths[:, None], 0), lengths)
    for row, length in enumerate(lengths.tolist()):
        alone = model(tokens[row : row + 1, :length], torch.tensor([length]))[0]
        mine = together[row] if many_to_one else together[row, :length]
        torch.testing.assert_close(mine, alone, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("many_to_one", [True, False])
@pytest.mark.parametrize("spec", SPECS, ids=spec_id)
def test_the_head_on_the_outputs_equals_the_forward_pass(
    spec: ModelSpec, many_to_one: bool
) -> None:
    model = build(spec, ENDS[many_to_one], make_generator())
    tokens = torch.tensor([[4, 1, 8]])
    outputs = model.recurrent(model.embed(tokens))[0][0]
    torch.testing.assert_close(model.logits_from_outputs(outputs), model(tokens, torch.tensor([3])))  # type: ignore[call-arg]
    assert model.logits_from_outputs(outputs.double()).dtype == torch.float64  # type: ignore[call-arg]


@pytest.mark.parametrize("spec", SPECS, ids=spec_id)
def test_parameters_are_counted_right(spec: ModelSpec) -> None:
    assert count_parameters(spec, ENDS[False]) == trainable(
        build(spec, ENDS[False], make_generator())
    )


def test_only_models_whose_parameters_grow_linearly_may_have_many_units() -> None:
    for family in ("dense", "convolution"):
        spec = ModelSpec(hidden=1024, family=family)
        for more in ({"layers": 2}, {"deep_head": True}, {"family": "recurrent"}):
            with pytest.raises(Problem, match="1 to 256"):
                replace(spec, **more)
        with pytest.raises(Problem, match="1 to 1024"):
            replace(spec, hidden=1025)
        io_spec = IOSpec(1, 1, "forecast", tokens=False, steps=240)
        half, whole = (count_parameters(replace(spec, hidden=H), io_spec) for H in (512, 1024))
        assert whole == pytest.approx(2 * half, abs=1)
    # A GRU of 34 units, against which a convolution over one measurement is raced.
    result = same_parameters(spec, 3809, io_spec)
    assert count_parameters(result, io_spec) == pytest.approx(3809, abs=4)


@pytest.mark.parametrize("spec", SPECS, ids=spec_id)
def test_same_parameters_returns_the_nearest_number(spec: ModelSpec) -> None:
    target = count_parameters(ModelSpec("lstm", hidden=20), LARGE)
    result = same_parameters(spec, target, LARGE)
    assert replace(result, hidden=spec.hidden) == spec

    def miss(hidden: int) -> int:
        return abs(count_parameters(replace(spec, hidden=hidden), LARGE) - target)

    assert miss(result.hidden) <= min(miss(max(1, result.hidden - 1)), miss(result.hidden + 1))


@pytest.mark.parametrize("cell", CELLS)
def test_every_recurrent_block_gets_its_spectral_radius(cell: str) -> None:
    spec = ModelSpec(cell=cell, hidden=12, layers=2, spectral_radius=1.3)
    for key, weight in build(spec, ENDS[False], make_generator()).recurrent.named_parameters():
        if key.startswith("weight_hh"):
            for block in weight.detach().reshape(-1, 12, 12):
                radius = torch.linalg.eigvals(block.double()).abs().max()
                assert radius.item() == pytest.approx(1.3, rel=1e-5)


def test_the_forget_bias_of_the_gate_is_exact_and_nothing_else_changes() -> None:
    spec = ModelSpec("lstm", hidden=6, layers=2)
    plain = build(spec, ENDS[False], make_generator()).recurrent
    biased = build(replace(spec, forget_bias=3.0), ENDS[False], make_generator()).recurrent
    for layer in range(2):
        together = (
            biased.state_dict()[f"bias_ih_l{layer}"] + biased.state_dict()[f"bias_hh_l{layer}"]
        )
        before = plain.state_dict()[f"bias_ih_l{layer}"] + plain.state_dict()[f"bias_hh_l{layer}"]
        torch.testing.assert_close(together[6:12], torch.full((6,), 3.0))
        torch.testing.assert_close(together[:6], before[:6])
        torch.testing.assert_close(together[12:], before[12:])


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("cell", CELLS)
def test_every_task_finds_its_model(task: str, cell: str) -> None:
    instance = TASKS[task]()
    model = build_for(instance, ModelSpec(cell=cell, hidden=4), make_generator())
    batch = instance.batch(3, make_generator())
    output = model.predict(batch)
    steps = () if instance.kind in ("many-to-one", "forecast") else (batch.mask.shape[1],)
    assert output.shape == (3, *steps, instance.n_out)
    assert torch.isfinite(instance.loss(output, batch))


@pytest.mark.parametrize(
    "wrong", [{"cell": "transformer"}, {"hidden": 0}, {"layers": 99}, {"spectral_radius": -1.0}]
)
def test_a_wrong_setting_is_named(wrong: dict[str, object]) -> None:
    with pytest.raises(Problem, match=next(iter(wrong))):
        ModelSpec(**wrong)
