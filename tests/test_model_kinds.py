"""Model families, front convolutions, dropout and initial weights; padding changes no result."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional

from rnnviz.cells import reverse_sequences
from rnnviz.data import glove
from rnnviz.messages import Problem
from rnnviz.model import (
    ConvolutionModel,
    IOSpec,
    Model,
    ModelSpec,
    SequenceModel,
    build,
    build_for,
    count_parameters,
    multiply_adds,
    same_parameters,
    trainable,
)
from rnnviz.model.layers import drop, run, run_with_dropout
from rnnviz.tasks import TASKS, Batch, Intents, Task
from rnnviz.tasks.framework.batches import last_step_mask, valid_mask
from rnnviz.text import PAD, Vocabulary
from tests.generators import make_generator

KINDS = {
    "rnn": ModelSpec("rnn", hidden=5, layers=2),
    "gru both": ModelSpec("gru", hidden=5, layers=2, bidirectional=True),
    "lstm both": ModelSpec("lstm", hidden=5, bidirectional=True, embedding="one-hot"),
    "deep head": ModelSpec("rnn", hidden=5, deep_head=True),
    "front": ModelSpec("gru", hidden=5, front=True, kernel=3, pool=2),
    "front both": ModelSpec("lstm", hidden=5, front=True, pool=3, bidirectional=True),
    "dense": ModelSpec(hidden=5, layers=2, family="dense"),
    "convolution": ModelSpec(hidden=5, layers=2, family="convolution", kernel=3, pool=2),
    "averages": ModelSpec(
        hidden=5, layers=2, family="convolution", kernel=3, pool=2, dilation=3, pooling="average"
    ),
    "averages in front": ModelSpec("gru", hidden=5, front=True, pool=3, pooling="average"),
}
ONE, EACH = IOSpec(9, 3, "many-to-one"), IOSpec(9, 3)


class Toy(Task):
    """A task without examples, to evaluate made-up answers with."""

    name, title = "toy", "toy"
    labels = ("a", "b", "c")

    def __init__(self, one: bool) -> None:
        self.kind = "many-to-one" if one else "many-to-many"

    def example(self) -> Any:
        raise LookupError


def sequences(lengths: list[int], one: bool, seed: int) -> Batch:
    """Random sequences of the given lengths, padded together."""
    B, T, generator = len(lengths), max(lengths), make_generator(seed)
    sizes = torch.tensor(lengths)
    valid = valid_mask(sizes, T)
    inputs = torch.randint(4, 9, (B, T), generator=generator).where(valid, PAD)
    targets = torch.randint(3, (B,) if one else (B, T), generator=generator)
    return Batch(inputs, sizes, targets, last_step_mask(sizes, T) if one else valid)


def alone(batch: Batch, row: int) -> Batch:
    """One sequence of `batch` without its padding."""
    one, length = batch.row(row), int(batch.lengths[row])
    targets = one.targets if one.targets.dim() == 1 else one.targets[:, :length]
    return Batch(one.inputs[:, :length], one.lengths, targets, one.mask[:, :length])


def gradient(model: Model, task: Task, batch: Batch) -> torch.Tensor:
    model.zero_grad()
    task.loss(model.training_output(batch), batch).backward()
    grads = [w.grad if w.grad is not None else torch.zeros_like(w) for w in model.parameters()]
    return torch.cat([each.flatten() for each in grads])


@pytest.mark.parametrize("one", [True, False], ids=["one answer", "an answer each step"])
@pytest.mark.parametrize("kind", KINDS)
@given(lengths=st.lists(st.integers(1, 9), min_size=2, max_size=5), seed=st.integers(0, 99))
def test_padding_changes_nothing_in_loss_metric_or_gradient(
    kind: str, one: bool, lengths: list[int], seed: int
) -> None:
    spec = KINDS[kind]
    if not one and (spec.family != "recurrent" or spec.front):
        return
    model, task = build(spec, ONE if one else EACH, make_generator(seed)).double(), Toy(one)
    batch = sequences(lengths, one, seed)
    together = gradient(model, task, batch)
    loss, metric = task.loss(model.predict(batch), batch), task.metric(model.predict(batch), batch)
    # One by one, each with the weight that it has in the mean over all evaluated answers.
    shares = batch.mask.sum(1).double() / batch.mask.sum()
    singles = [alone(batch, row) for row in range(len(batch))]
    apart = sum(w * gradient(model, task, each) for w, each in zip(shares, singles, strict=True))
    assert isinstance(apart, torch.Tensor)
    torch.testing.assert_close(together, apart, atol=1e-10, rtol=1e-8)
    losses = [task.loss(model.predict(each), each) for each in singles]
    assert loss.item() == pytest.approx(
        sum(w * x for w, x in zip(shares, losses, strict=True)).item()
    )
    metrics = [task.metric(model.predict(each), each) for each in singles]
    assert metric == pytest.approx(float(sum(w * x for w, x in zip(shares, metrics, strict=True))))


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_counted_without_a_model(kind: str) -> None:
    spec = KINDS[kind]
    model = build(spec, ONE, make_generator())
    assert (
        count_parameters(spec, ONE)
        == trainable(model)
        == sum(p.numel() for p in model.parameters())
    )
    result = same_parameters(spec, 2000, ONE)
    misses = [
        abs(count_parameters(replace(spec, hidden=result.hidden + more), ONE) - 2000)
        for more in (-1, 0, 1)
    ]
    assert min(misses) == misses[1]


def test_multiply_adds_are_those_of_the_formulas() -> None:
    # h = W_ih x + W_hh h for 4 gates, 7 steps; then the head, once or at every step.
    spec = ModelSpec("lstm", hidden=5, embedding="one-hot")
    assert multiply_adds(spec, ONE, 7) == 7 * 4 * 5 * (9 + 5) + 3 * 5
    assert multiply_adds(spec, EACH, 7) == 7 * 4 * 5 * (9 + 5) + 7 * 3 * 5
    conv = ModelSpec(
        hidden=5, layers=2, family="convolution", embedding="one-hot", kernel=3, pool=2
    )
    assert multiply_adds(conv, ONE, 7) == 7 * 5 * 9 * 3 + 4 * 5 * 5 * 3 + 3 * 5
    dense = ModelSpec(hidden=5, family="dense")
    assert multiply_adds(dense, IOSpec(2, 1, "forecast", tokens=False, steps=7), 7) == 5 * 14 + 5


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize("both", [False, True])
def test_layers_one_by_one_give_the_outputs_of_pytorch(cell: str, both: bool) -> None:
    model = build(ModelSpec(cell, hidden=6, layers=3, bidirectional=both), EACH, make_generator())
    assert isinstance(model, SequenceModel)
    lengths = torch.tensor([7, 3, 5])
    x = model.embed(sequences(lengths.tolist(), False, 1).inputs)
    states = 2 if cell == "lstm" else 1
    start = tuple(
        torch.randn(3 * (1 + both), 3, 6, generator=make_generator(2)) for _ in range(states)
    )
    mine, after = run_with_dropout(
        model.recurrent, x, lengths, start, between=0.0, within=0.0, generator=make_generator()
    )
    theirs, expected = run(model.recurrent, x, lengths if both else None, start)
    valid = valid_mask(lengths, 7)
    torch.testing.assert_close(mine[valid], theirs[valid])
    if not both:
        for one, two in zip(after, expected, strict=True):
            torch.testing.assert_close(one, two)


@pytest.mark.parametrize("kind", ["rnn", "gru both", "lstm both"])
def test_dropout_is_drawn_by_the_generator_and_only_in_training(kind: str) -> None:
    spec = replace(KINDS[kind], dropout=0.5, recurrent_dropout=0.3, hidden=40)
    model, batch = build(spec, ONE, make_generator()), sequences([5, 3, 4], True, 0)
    before = torch.random.get_rng_state()
    one, two, other = (
        model.train().training_output(batch, make_generator(seed)) for seed in (1, 1, 2)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert torch.equal(before, torch.random.get_rng_state())
    plain = build(replace(spec, dropout=0.0, recurrent_dropout=0.0), ONE, make_generator())
    assert torch.equal(
        model.eval().training_output(batch, make_generator()), plain.eval().training_output(batch)
    )


@pytest.mark.parametrize(
    ("spec", "tokens", "expected"),
    [
        (ModelSpec("gru", hidden=5), False, ["4,7,5"]),
        (ModelSpec("gru", hidden=5, embedding="one-hot"), True, ["4,7,5"]),
        (ModelSpec("gru", hidden=5, embedding_size=3), True, ["4,7,3", "4,7,5"]),
        (ModelSpec("gru", hidden=5, layers=2), False, ["4,7,5", "4,7,5"]),
        (ModelSpec("gru", hidden=5, deep_head=True), False, ["4,7,5", "4,5"]),
        (ModelSpec("gru", hidden=5, front=True, pool=2), False, ["4,4,5", "4,4,5"]),
        (ModelSpec(hidden=5, layers=2, family="dense"), False, ["4,5", "4,5"]),
        (ModelSpec(hidden=5, family="dense", embedding_size=3), True, ["4,7,3", "4,5"]),
        (
            ModelSpec(hidden=5, layers=2, family="convolution", pool=2, deep_head=True),
            False,
            ["4,4,5", "4,5", "4,5"],
        ),
    ],
)
def test_dropout_is_between_layers_and_never_on_the_input(
    spec: ModelSpec, tokens: bool, expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A measurement and the one number of a one-hot vector are the input, no layer's output."""
    dropped: list[str] = []

    def spy(x: torch.Tensor, share: float, generator: torch.Generator) -> torch.Tensor:
        if share:
            dropped.append(",".join(map(str, x.shape)))
        return drop(x, share, generator)

    monkeypatch.setattr("rnnviz.model.layers.drop", spy)
    model = build(replace(spec, dropout=0.5), IOSpec(9, 3, "many-to-one", tokens), make_generator())
    read = torch.randint(1, 9, (4, 7), generator=make_generator())
    batch = sequences([7] * 4, True, 0)
    inputs = read if tokens else torch.randn(4, 7, 9, generator=make_generator())
    model.train().training_output(replace(batch, inputs=inputs), make_generator())
    assert dropped == expected


@pytest.mark.parametrize("pooling", ["max", "average"])
@given(
    T=st.integers(1, 20),
    kernel=st.integers(1, 5),
    dilation=st.integers(1, 8),
    pool=st.integers(1, 8),
)
def test_a_convolution_is_that_of_torch(
    pooling: Any, T: int, kernel: int, dilation: int, pool: int
) -> None:
    """What lies before the sequence reads as zero; a last short window has fewer steps."""
    spec = ModelSpec(
        hidden=4,
        family="convolution",
        kernel=kernel,
        dilation=dilation,
        pool=pool,
        pooling=pooling,
        layers=2,
    )
    model = build(spec, IOSpec(3, 2, "many-to-one", False), make_generator()).double()
    assert isinstance(model, ConvolutionModel)
    x = torch.randn(2, T, 3, generator=make_generator(), dtype=torch.float64)
    result = model.summary(x, torch.tensor([T, T]))
    for layer in model.stack:
        weight, bias = (
            layer.get_parameter("convolution.weight"),
            layer.get_parameter("convolution.bias"),
        )
        zeros = torch.zeros(2, (kernel - 1) * dilation, x.shape[2], dtype=torch.float64)
        read = torch.cat([zeros, x], dim=1).mT
        features = functional.relu(functional.conv1d(read, weight, bias, dilation=dilation))
        pool_windows = functional.max_pool1d if pooling == "max" else functional.avg_pool1d
        x = pool_windows(features, pool, ceil_mode=True).mT
    expected = x.amax(1) if pooling == "max" else x.mean(1)
    torch.testing.assert_close(result, expected)


def test_dropout_preserves_the_mean() -> None:
    dropped = drop(torch.full((100_000,), 2.0), 0.3, make_generator())
    assert dropped.unique().tolist() == pytest.approx([0, 2 / 0.7])
    assert (dropped == 0).float().mean().item() == pytest.approx(0.3, abs=0.01)
    assert dropped.mean().item() == pytest.approx(2, abs=0.03)


def test_a_sequence_is_reversed_within_its_own_length() -> None:
    x = torch.arange(8.0).reshape(2, 4)
    assert reverse_sequences(x, torch.tensor([4, 2])).tolist() == [[3, 2, 1, 0], [5, 4, 6, 7]]


def test_recurrent_weights_are_initialised_as_the_spec_says() -> None:
    for cell, blocks in (("rnn", 1), ("gru", 3), ("lstm", 4)):
        for how in ("orthogonal", "identity"):
            spec = ModelSpec(cell, hidden=12, layers=2, initialisation=how)
            for name, weight in build(spec, EACH, make_generator()).named_parameters():
                if "weight_hh" in name:
                    for block in weight.detach().reshape(blocks, 12, 12):
                        torch.testing.assert_close(
                            block @ block.T, torch.eye(12), atol=1e-5, rtol=0
                        )
                        assert (how == "identity") == torch.equal(block, torch.eye(12))


@pytest.mark.parametrize("frozen", [True, False])
def test_the_embedding_has_the_glove_vector_of_each_word(frozen: bool) -> None:
    words = Vocabulary.of(["movie", "good", "qzxqzx"]).tokens
    io_spec = IOSpec(len(words), 2, "many-to-one", words=words)
    spec = ModelSpec("gru", hidden=4, embedding="glove" if frozen else "glove-tuned")
    model = build(spec, io_spec, make_generator())
    table = model.embedding.table
    assert table is not None
    assert table.weight.requires_grad != frozen
    result = glove()
    for word in ("movie", "good"):
        row = torch.tensor(result.vectors[result.words[word]])
        assert torch.equal(table.weight[words.index(word)].detach(), row)
    assert table.weight[PAD].abs().sum() == 0
    assert table.weight[words.index("qzxqzx")].abs().sum() > 0
    assert count_parameters(spec, io_spec) == trainable(model)


def test_a_network_without_memory_cannot_answer_at_every_step() -> None:
    with pytest.raises(Problem, match="dense"):
        build(ModelSpec(family="dense"), EACH, make_generator())


@pytest.mark.parametrize("name", TASKS)
@pytest.mark.parametrize("kind", ["gru both", "front", "dense", "convolution"])
def test_every_task_has_a_model_of_every_family_that_fits(kind: str, name: str) -> None:
    task, spec = TASKS[name](), KINDS[kind]
    io_spec = IOSpec.of(task)
    if (spec.family != "recurrent" or spec.front) and not io_spec.single_answer:
        return
    model, batch = build_for(task, spec, make_generator()), task.batch(3, make_generator())
    output = model.predict(batch)
    assert output.shape[-1] == task.n_out
    assert torch.isfinite(task.loss(output, batch))
    assert task.answers(output, batch)


def test_intents_can_be_embedded_with_glove() -> None:
    model = build_for(Intents(), ModelSpec("gru", embedding="glove"), make_generator())
    assert model.embedding.size == 50
