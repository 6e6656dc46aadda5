"""Encoders and decoders against a walk cell by cell, and searches against trying everything."""

import json
import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from rnnviz.messages import Problem
from rnnviz.model import (
    EncoderDecoder,
    IOSpec,
    ModelSpec,
    build,
    count_parameters,
    multiply_adds,
    same_parameters,
    trainable,
)
from rnnviz.tasks import END_LABEL, Batch, Example, Task
from rnnviz.tasks.framework.batches import pad_sequences, valid_mask
from rnnviz.text import Vocabulary
from rnnviz.training.snapshot import attention_weights, gradient_norms_and_states
from tests.generators import make_generator

SPECS = {
    "rnn": ModelSpec("rnn", hidden=5),
    "relu both": ModelSpec("rnn", hidden=5, nonlinearity="relu", bidirectional=True),
    "gru 2 attends": ModelSpec("gru", hidden=5, layers=2, attention=True, embedding_size=3),
    "gru both": ModelSpec("gru", hidden=5, bidirectional=True, embedding="one-hot"),
    "lstm": ModelSpec("lstm", hidden=5, layers=2, deep_head=True),
    "lstm both attends": ModelSpec(
        "lstm", hidden=5, layers=2, bidirectional=True, attention=True, forget_bias=1.0
    ),
}
N_IN, V = 9, 4
ENDS = IOSpec(N_IN, V, "sequence-to-sequence")


def make_model(spec: ModelSpec, seed: int = 0, loud: float = 1.0) -> EncoderDecoder:
    """A model in double precision; `loud` > 1 makes its answers differ more."""
    model = build(spec, ENDS, make_generator(seed)).double().eval()
    assert isinstance(model, EncoderDecoder)
    with torch.no_grad():
        for weight in model.parameters():
            weight *= loud
    return model


def stack_answers(sequences: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> Batch:
    """A sequence-to-sequence batch: B token lists, each with the list of labels of its answer."""
    inputs, lengths = pad_sequences(sequences)
    answers, sizes = pad_sequences(targets)
    return Batch(inputs, lengths, answers, valid_mask(sizes, answers.shape[1]))


class Toy(Task):
    """Numbers without meaning, to evaluate made-up answers with."""

    name, title, kind, unit = "toy", "toy", "sequence-to-sequence", "character"
    labels = ("<eos>", "a", "b", "c")
    vocabulary = Vocabulary.of("vwxyz")

    def example(self) -> Example:
        return Example(("v", "w", "x"), stack_answers([[4, 5, 6]], [[1, 2, 2, END_LABEL]]))


def pairs(lengths: list[tuple[int, int]], seed: int = 0) -> Batch:
    """Random sequences of T tokens with random answers of U labels, for each (T, U)."""
    generator = make_generator(seed)
    sources = [torch.randint(4, N_IN, (T,), generator=generator).tolist() for T, _ in lengths]
    answers = [
        [*torch.randint(1, V, (U - 1,), generator=generator).tolist(), END_LABEL]
        for _, U in lengths
    ]
    return stack_answers(sources, answers)


def alone(batch: Batch, row: int) -> Batch:
    """One pair of `batch` without any padding."""
    one, T, U = batch.row(row), int(batch.lengths[row]), int(batch.mask[row].sum())
    return Batch(one.inputs[:, :T], one.lengths, one.targets[:, :U], one.mask[:, :U])


# The same by hand ---------------------------------------------------------------------------------


def step(layer: Any, suffix: str, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    """One step of one cell as the textbooks write it: x (I,), states (H,)."""
    w_ih, w_hh, b_ih, b_hh = (
        getattr(layer, f"{name}_{suffix}")
        for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    )
    a, r = w_ih @ x + b_ih, w_hh @ state[0] + b_hh
    if layer.mode == "RNN_TANH":
        return (torch.tanh(a + r),)
    if layer.mode == "RNN_RELU":
        return (torch.relu(a + r),)
    if layer.mode == "GRU":
        (ar, az, an), (rr, rz, rn) = a.chunk(3), r.chunk(3)
        z, n = torch.sigmoid(az + rz), torch.tanh(an + torch.sigmoid(ar + rr) * rn)
        return ((1 - z) * n + z * state[0],)
    i, f, g, o = (a + r).chunk(4)
    c = torch.sigmoid(f) * state[1] + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


def walk(layer: Any, xs: list[Tensor], suffix: str, state: tuple[Tensor, ...]) -> list[Tensor]:
    """h after each of `xs`."""
    outputs = []
    for x in xs:
        state = step(layer, suffix, x, state)
        outputs.append(state[0])
    return outputs


def by_hand(model: EncoderDecoder, ids: list[int], read: list[int]) -> tuple[Tensor, Tensor]:
    """Logits (U,V) after the labels `read`, and the weights of the attention (U,T)."""
    spec, decoder, H = model.spec, model.decoder, model.spec.hidden
    zero = (torch.zeros(H).double(),) * (2 if spec.cell == "lstm" else 1)
    if model.embedding.table is None:
        xs = list(torch.eye(N_IN).double()[ids])
    else:
        xs = list(model.embedding.table.weight[ids])
    for layer in range(spec.layers):
        forward = walk(model.recurrent, xs, f"l{layer}", zero)
        last = forward[-1]
        if spec.bidirectional:
            back = walk(model.recurrent, xs[::-1], f"l{layer}_reverse", zero)
            last = torch.cat([last, back[-1]])
            forward = [torch.cat(both) for both in zip(forward, back[::-1], strict=True)]
        xs = forward
    outputs = xs
    start = torch.tanh(decoder.bridge.weight @ last + decoder.bridge.bias).reshape(spec.layers, H)
    xs = [decoder.table.weight[label] for label in read]
    for layer in range(spec.layers):
        xs = walk(decoder.recurrent, xs, f"l{layer}", (start[layer], *zero[1:]))
    logits, attention = [], []
    for h in xs:
        if decoder.attention is not None:
            scores = torch.stack([h @ decoder.attention.score.weight @ s for s in outputs])
            weights = scores.exp() / scores.exp().sum()
            context = sum(w * s for w, s in zip(weights, outputs, strict=True))
            assert isinstance(context, Tensor)
            h = torch.tanh(decoder.attention.combine.weight @ torch.cat([context, h]))
            attention.append(weights)
        logits.append(decoder.head(h))
    return torch.stack(logits), torch.stack(attention) if attention else torch.zeros(len(read), 0)


BATCH = pairs([(6, 3), (1, 5), (4, 1)])


@pytest.mark.parametrize("kind", SPECS)
def test_teacher_forcing_gives_the_logits_computed_by_hand(kind: str) -> None:
    model = make_model(SPECS[kind])
    logits = model.training_output(BATCH)
    for row in range(len(BATCH)):
        one = alone(BATCH, row)
        right = one.targets[0].tolist()
        expected, attention = by_hand(model, one.inputs[0].tolist(), [V, *right[:-1]])
        torch.testing.assert_close(logits[row, : len(right)], expected)
        if model.spec.attention:
            weights = model.attention(BATCH)[row]
            torch.testing.assert_close(weights[: len(right), : len(attention[0])], attention)
            assert not weights[:, len(attention[0]) :].any(), "padding gets no attention"
            torch.testing.assert_close(weights.sum(1), torch.ones(len(weights)).double())
    if not model.spec.attention:
        with pytest.raises(LookupError):
            model.attention(BATCH)


@pytest.mark.parametrize("kind", SPECS)
def test_without_teacher_forcing_the_decoder_reads_its_own_labels(kind: str) -> None:
    model = make_model(SPECS[kind], loud=2.0)
    logits = model.predict(BATCH)
    assert logits.shape == (3, 5, V)
    for row in range(len(BATCH)):
        read = [V, *logits[row, :-1].argmax(-1).tolist()]
        ids = alone(BATCH, row).inputs[0].tolist()
        torch.testing.assert_close(logits[row], by_hand(model, ids, read)[0])
    # Without any forcing training reads the same.
    torch.testing.assert_close(model.training_output(BATCH, forcing=0.0), logits)
    # A decoder whose answers are right reads the same, forced or free.
    own = logits.argmax(-1)
    right = Batch(BATCH.inputs, BATCH.lengths, own, torch.ones_like(BATCH.mask))
    torch.testing.assert_close(model.training_output(right, forcing=1.0), logits)


def test_scheduled_sampling_reads_the_right_label_with_its_probability() -> None:
    model, before = make_model(SPECS["gru 2 attends"], loud=2.0), torch.random.get_rng_state()
    batch = pairs([(3, 12)] * 400)
    source = model.encode(batch.inputs, batch.lengths)
    read, again, other = (
        model.decoder.scheduled_sampling(source, batch.targets, 0.7, make_generator(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(before, torch.random.get_rng_state())
    assert torch.equal(read, again)
    assert not torch.equal(read, other)
    right = model.decoder.shift_right(batch.targets)
    assert right[:, 0].unique().tolist() == [V]
    assert torch.equal(right[:, 1:], batch.targets[:, :-1])
    # What is not the right label is the model's own after all that it has read.
    own = model.decoder(source, read, model.decoder.initial_state(source))[0].argmax(-1)[:, :-1]
    forced, chosen = read[:, 1:] == right[:, 1:], read[:, 1:] == own
    assert bool((forced | chosen).all())
    differs = own != right[:, 1:]
    assert forced[differs].double().mean().item() == pytest.approx(0.7, abs=0.05)
    torch.testing.assert_close(
        model.training_output(batch, make_generator(1), 0.7),
        model.decoder(source, read, model.decoder.initial_state(source))[0],
    )


def gradient(model: EncoderDecoder, batch: Batch) -> Tensor:
    model.zero_grad()
    Toy().loss(model.training_output(batch), batch).backward()
    grads = [weight.grad for weight in model.parameters()]
    return torch.cat([each.flatten() for each in grads if each is not None])


@pytest.mark.parametrize("kind", SPECS)
@settings(max_examples=15)
@given(
    lengths=st.lists(st.tuples(st.integers(1, 7), st.integers(1, 5)), min_size=2, max_size=4),
    seed=st.integers(0, 99),
)
def test_padding_changes_nothing_in_loss_metric_or_gradient(
    kind: str, lengths: list[tuple[int, int]], seed: int
) -> None:
    model, batch, task = make_model(SPECS[kind], seed), pairs(lengths, seed), Toy()
    singles = [alone(batch, row) for row in range(len(batch))]
    # Each with the weight that it has in the mean over all evaluated labels.
    shares = [U / sum(U for _, U in lengths) for _, U in lengths]
    together = gradient(model, batch)
    apart = sum(w * gradient(model, each) for w, each in zip(shares, singles, strict=True))
    assert isinstance(apart, Tensor)
    torch.testing.assert_close(together, apart, atol=1e-10, rtol=1e-8)
    losses = [task.loss(model.training_output(each), each).item() for each in singles]
    mean = sum(w * loss for w, loss in zip(shares, losses, strict=True))
    assert task.loss(model.training_output(batch), batch).item() == pytest.approx(mean)
    metrics = [task.metric(model.predict(each), each) for each in singles]
    assert task.metric(model.predict(batch), batch) == pytest.approx(sum(metrics) / len(metrics))


def test_dropout_is_drawn_by_the_generator_and_only_in_training() -> None:
    spec = ModelSpec("gru", hidden=40, layers=2, attention=True, dropout=0.4, recurrent_dropout=0.2)
    model, before = build(spec, ENDS, make_generator()), torch.random.get_rng_state()
    one, two, other = (
        model.train().training_output(BATCH, make_generator(seed), 0.5) for seed in (1, 1, 2)
    )
    assert torch.equal(one, two)
    assert not torch.equal(one, other)
    assert torch.equal(before, torch.random.get_rng_state())
    # Both halves drop out, one after the other.
    assert isinstance(model, EncoderDecoder)
    generator, decoder = make_generator(1), model.decoder
    source = model.encode(BATCH.inputs, BATCH.lengths, generator)
    read, start = decoder.shift_right(BATCH.targets), decoder.initial_state(source)
    by_parts = decoder(source, read, start, generator)[0]
    assert torch.equal(model.training_output(BATCH, make_generator(1)), by_parts)
    assert not torch.equal(decoder(source, read, start)[0], by_parts)
    plain = build(replace(spec, dropout=0.0, recurrent_dropout=0.0), ENDS, make_generator())
    assert torch.equal(
        model.eval().training_output(BATCH, make_generator()), plain.eval().training_output(BATCH)
    )


# Searching ----------------------------------------------------------------------------------------


def enumerate_answers(
    model: EncoderDecoder, ids: list[int], longest: int
) -> dict[tuple[int, ...], float]:
    """The log-probability of every answer of at most `longest` labels, cut off or ended."""
    log_probabilities = {}
    for labels in product(range(V), repeat=longest):
        size = labels.index(END_LABEL) + 1 if END_LABEL in labels else longest
        step_log_probabilities = by_hand(model, ids, [V, *labels[: size - 1]])[0].log_softmax(-1)
        log_probabilities[labels[:size]] = sum(
            step_log_probabilities[u, labels[u]].item() for u in range(size)
        )
    return log_probabilities


@pytest.mark.parametrize("kind", ["rnn", "lstm both attends"])
def test_a_beam_wide_enough_contains_every_answer(kind: str) -> None:
    model = make_model(SPECS[kind], loud=2.0)
    batch = pairs([(4, 2), (2, 2)])
    longest = 4
    beams = model.beam(batch.inputs, batch.lengths, V**longest, longest)
    for row, beam in enumerate(beams):
        expected = enumerate_answers(model, alone(batch, row).inputs[0].tolist(), longest)
        assert sum(map(math.exp, expected.values())) == pytest.approx(1)
        actual = {(*each.labels, *[END_LABEL] * each.ended): each.log_probability for each in beam}
        assert len(actual) == len(beam)
        assert actual == pytest.approx(expected)
        scores = [each.log_probability for each in beam]
        assert scores == sorted(scores, reverse=True)
        # A narrow one finds some of them.
        narrow = model.beam(batch.inputs, batch.lengths, 3, longest)[row]
        assert len(narrow) == 3
        for each in narrow:
            labels = (*each.labels, *[END_LABEL] * each.ended)
            assert each.log_probability == pytest.approx(expected[labels])


@pytest.mark.parametrize("kind", SPECS)
def test_a_beam_of_one_is_greedy_and_wider_ones_find_better_answers(kind: str) -> None:
    model, batch = make_model(SPECS[kind], loud=2.0), pairs([(T, 2) for T in range(1, 7)] * 5)
    greedy = model.greedy(batch.inputs, batch.lengths, 6)
    single = model.beam(batch.inputs, batch.lengths, 1, 6)
    for one, (other,) in zip(greedy, single, strict=True):
        assert (one.labels, one.ended) == (other.labels, other.ended)
        assert one.log_probability == pytest.approx(other.log_probability)
    means = [
        sum(beam[0].log_probability for beam in model.beam(batch.inputs, batch.lengths, width, 6))
        for width in (1, 4, 64)
    ]
    assert means == sorted(means)
    with pytest.raises(ValueError, match="at least 1"):
        model.beam(batch.inputs, batch.lengths, 0, 6)


def test_greedy_answers_are_those_that_the_task_evaluates() -> None:
    model = make_model(SPECS["gru both"], loud=2.0)
    own = model.predict(BATCH).argmax(-1).tolist()
    for labels, answer in zip(own, model.greedy(BATCH.inputs, BATCH.lengths, 5), strict=True):
        assert answer.ended == (END_LABEL in labels)
        end = labels.index(END_LABEL) if answer.ended else len(labels)
        assert list(answer.labels) == labels[:end]


# Parameters and cost ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", SPECS)
def test_parameters_are_counted_without_a_model_and_seeds_decide_the_weights(kind: str) -> None:
    spec, before = SPECS[kind], torch.random.get_rng_state()
    one, two, other = (build(spec, ENDS, make_generator(seed)) for seed in (4, 4, 5))
    assert torch.equal(before, torch.random.get_rng_state())
    for name, weight in one.state_dict().items():
        assert weight.isfinite().all()
        assert torch.equal(weight, two.state_dict()[name])
        # Biases may be constants, the weights are drawn.
        assert "bias" in name or not torch.equal(weight, other.state_dict()[name])
    assert count_parameters(spec, ENDS) == trainable(one)
    sized = same_parameters(spec, 2000, ENDS)
    misses = [
        abs(count_parameters(replace(spec, hidden=sized.hidden + more), ENDS) - 2000)
        for more in (-1, 0, 1)
    ]
    assert min(misses) == misses[1]


def test_multiply_adds_are_those_of_the_formulas() -> None:
    spec, T, H, E = ModelSpec("gru", hidden=5, embedding_size=3, attention=True), 7, 5, 3
    walk = 3 * H * (E + H)
    attention = T * H * H + T * (T * H + T * H + 2 * H * H)
    assert multiply_adds(spec, ENDS, T) == T * walk + H * H + T * (walk + V * H) + attention
    model = make_model(replace(spec, attention=False))
    assert model.multiply_adds(1, 9) == walk + H * H + 9 * (walk + V * H)


def test_glove_vectors_are_for_the_words_that_are_read() -> None:
    words = Vocabulary.of(["movie", "good"]).tokens
    io_spec = IOSpec(len(words), len(words), "one-to-many", words=words)
    model = build(
        ModelSpec("gru", hidden=4, embedding="glove", embedding_size=50), io_spec, make_generator()
    )
    assert isinstance(model, EncoderDecoder)
    table = model.embedding.table
    assert table is not None
    assert not table.weight.requires_grad
    assert model.decoder.table.weight.requires_grad
    good = words.index("good")
    assert not torch.equal(table.weight[good], model.decoder.table.weight[good])
    assert model.decoder.table.weight[END_LABEL].abs().sum() > 0, "no label is padding"


def test_a_convolution_in_front_or_no_memory_is_refused() -> None:
    for spec in (ModelSpec(front=True), ModelSpec(family="dense")):
        with pytest.raises(Problem, match="allowed is"):
            build(spec, ENDS, make_generator())


@pytest.mark.parametrize("kind", SPECS)
def test_a_snapshot_has_the_gradient_norms_of_autograd(kind: str) -> None:
    model, task = build(SPECS[kind], ENDS, make_generator()).eval(), Toy()
    assert isinstance(model, EncoderDecoder)
    norms, states = gradient_norms_and_states(model, task)
    example = task.example().batch
    with torch.no_grad():
        outputs = model.recurrent(model.embed(example.inputs))[0][0]
    torch.testing.assert_close(torch.tensor(states), outputs)
    if model.spec.bidirectional or model.spec.layers > 1:
        assert len(norms) == 3
        assert all(norm > 0 for norm in norms)
    else:
        torch.testing.assert_close(torch.tensor(norms), total_norms(model, task, example))
    attention = attention_weights(model, task)
    assert [len(row) for row in attention] == ([3] * 4 if model.spec.attention else [])
    json.dumps(attention)


def total_norms(model: EncoderDecoder, task: Task, example: Batch) -> Tensor:
    """|dL/dh_t| of a single layer in one direction, each state a leaf of its own."""
    state, states = torch.zeros(1, 1, model.spec.hidden), []
    for x in model.embed(example.inputs)[0]:
        state = model.recurrent(x[None, None], state)[1]
        state.retain_grad()
        states.append(state)
    outputs = torch.cat([each[0] for each in states])
    task.loss(model.logits_from_outputs(outputs, example), example).backward()
    return torch.stack([each.grad.norm() for each in states if each.grad is not None])
