"""The listings of "Keras and PyTorch" against Keras itself, on its torch backend."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import warnings
from itertools import product
from typing import Any

import keras
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.text import Tokenizer
from torch import Tensor, nn

from rnnviz.gradient_flow import FlowSettings, band, measure
from rnnviz.ideas.keras.choice import STEPS, UNITS, ModelChoice, count_weights
from rnnviz.ideas.keras.defaults_part import Starts, differences, measure_starts
from rnnviz.ideas.keras.lines import Comparison
from rnnviz.ideas.keras.model_part import compare_models
from rnnviz.ideas.keras.programs import (
    gradient_listing,
    model_listings,
    text_listing,
    training_listing,
)
from rnnviz.ideas.keras.text_part import (
    LENGTH,
    TOKENIZER_FILTER,
    TextChoice,
    compare_texts,
    number_words,
    strip_punctuation,
)
from rnnviz.ideas.keras.training_part import compare_training, examples, train
from rnnviz.names import FIRST_CELLS
from rnnviz.tasks.classify.sentiment import opinion_splits
from tests.ideas.listings import check_listing

CHOICES = [
    ModelChoice(cell, layers=layers, bidirectional=both, convolution=convolution, dropout=dropout)
    for cell, (layers, both, convolution, dropout) in product(
        FIRST_CELLS, [(1, False, False, 0.0), (2, True, True, 0.3), (3, False, False, 0.2)]
    )
]
ORDER = {"rnn": (0,), "lstm": (0, 1, 2, 3), "gru": (1, 0, 2)}
"""The place of each block of PyTorch among those of Keras."""


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(code, names)
    return names


def models(choice: ModelChoice) -> tuple[Any, nn.Module]:
    """The models of both listings, with the weights of PyTorch."""
    comparison = compare_models(choice)
    theirs = run(comparison.keras.code)["model"]
    with torch.random.fork_rng():
        torch.manual_seed(0)
        ours: nn.Module = run(comparison.pytorch.code)["model"]
    recurrent = iter(layer_weights(choice, ours.recurrent))
    for layer in theirs.layers:
        match type(layer).__name__:
            case "Embedding":
                weights = [ours.embedding.weight]
            case "Conv1D":
                weights = [ours.convolution.weight.permute(2, 1, 0), ours.convolution.bias]
            case "Dense":
                weights = [ours.head.weight.T, ours.head.bias]
            case "Dropout" | "MaxPooling1D":
                continue
            case _:
                weights = next(recurrent)
        layer.set_weights([weight.detach().numpy() for weight in weights])
    return theirs, ours


def layer_weights(choice: ModelChoice, layer: Any) -> list[list[Tensor]]:
    """Per layer: kernel, recurrent kernel and bias of each direction, as Keras has them."""
    places = ORDER[choice.cell]

    def blocks(weight: Tensor) -> Tensor:
        parts = weight.split(UNITS)
        return torch.cat([parts[place] for place in places])

    result = []
    for k in range(choice.layers):
        weights = []
        for suffix in ("", "_reverse") if choice.bidirectional else ("",):
            w_ih, w_hh, b_ih, b_hh = (
                blocks(getattr(layer, f"{name}_l{k}{suffix}"))
                for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
            )
            bias = torch.stack([b_ih, b_hh]) if choice.cell == "gru" else b_ih + b_hh
            weights += [w_ih.T, w_hh.T, bias]
        result.append(weights)
    return result


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_with_copied_weights_both_listings_give_the_same_output(choice: ModelChoice) -> None:
    theirs, ours = models(choice)
    ids = torch.randint(0, 10_000, (3, STEPS), generator=torch.Generator().manual_seed(1))
    expected = theirs(ids, training=False).detach()
    assert expected.shape == (3, 1)
    torch.testing.assert_close(ours.eval()(ids).detach(), expected, rtol=0, atol=1e-6)
    recurrent = [
        layer for layer in theirs.layers if "rnn" in str(type(layer)) and layer.count_params()
    ]
    keras_count, torch_count = count_weights(choice)
    assert keras_count.model == theirs.count_params()
    assert keras_count.recurrent == sum(layer.count_params() for layer in recurrent)
    assert torch_count.model == sum(each.numel() for each in ours.parameters())


def logits_after_training(choice: ModelChoice, *, frozen: bool) -> tuple[Tensor, Tensor]:
    """Of the listings of Keras and PyTorch, from the same weights and in the same order."""
    theirs, ours = models(choice)
    for name, weight in ours.named_parameters():
        weight.requires_grad_(not (frozen and "bias_hh" in name))
    x, y = examples()
    comparison, names = compare_training(5), {"keras": keras, "torch": torch, "nn": nn}
    own_order = {
        "shuffle=True": "shuffle=False",
        "epochs=5)": "epochs=5, shuffle=False, verbose=0)",
    }
    for program, model in ((comparison.keras, theirs), (comparison.pytorch, ours)):
        code = program.code
        for old, new in own_order.items():
            code = code.replace(old, new)
        arrays = {"x": x, "y": y} if model is ours else {"x": x.numpy(), "y": y.numpy()}
        exec(code, names | arrays | {"model": model})
    return theirs(x, training=False).detach(), ours.eval()(x).detach()


def test_fit_and_the_loop_are_the_same_training() -> None:
    """But for the second bias vector of PyTorch's LSTM, which moves as well.

    Adam divides by the size of the gradient, so that rounding grows faster than elsewhere.
    """
    for choice, frozen in ((ModelChoice("gru"), False), (ModelChoice("lstm"), True)):
        keras_logits, torch_logits = logits_after_training(choice, frozen=frozen)
        torch.testing.assert_close(torch_logits, keras_logits, rtol=0, atol=5e-3)
    keras_logits, torch_logits = logits_after_training(ModelChoice("lstm"), frozen=False)
    assert (torch_logits - keras_logits).abs().max() > 1e-2


@pytest.mark.parametrize("choice", [CHOICES[0], CHOICES[4]], ids=str)
def test_the_listings_print_the_numbers_of_the_page(choice: ModelChoice) -> None:
    for listing in model_listings(choice):
        check_listing(listing)
    with torch.random.fork_rng():
        check_listing(training_listing(choice, 3, train(choice, 3)))


@pytest.fixture(scope="module")
def starts() -> Starts:
    study = measure_starts()
    while True:
        try:
            next(study)
        except StopIteration as end:
            result: Starts = end.value
            return result


@pytest.mark.parametrize("keras_start", [False, True])
@pytest.mark.parametrize("cell", FIRST_CELLS)
def test_autograd_finds_what_is_left_of_the_gradient(
    cell: str, keras_start: bool, starts: Starts
) -> None:
    check_listing(gradient_listing(ModelChoice(cell), starts, keras=keras_start))


def test_from_the_start_of_keras_more_of_the_gradient_is_left(starts: Starts) -> None:
    plain, keras_lstm = (starts.remaining("lstm", keras=keras) for keras in (False, True))
    assert 1e-5 < plain < 2e-5
    assert 5e-4 < keras_lstm < 2e-3
    assert starts.remaining("gru", keras=True) < starts.remaining("gru", keras=False)
    biased = measure(FlowSettings(cells=("lstm",), initialisation="keras", forget_bias=3.0))
    assert float(band(biased.flows["lstm"].remaining)[1]) > 10 * keras_lstm


def test_the_weights_of_one_layer_are_those_of_the_book() -> None:
    rows = {str(row.what): row for row in differences(ModelChoice("lstm"))}
    weights = rows["Weights of LSTM(32) on 32 inputs"]
    assert (weights.keras, weights.pytorch) == ("8,320", "8,448")
    gru = {str(row.what): row for row in differences(ModelChoice("gru"))}
    assert gru["Weights of GRU(32) on 32 inputs"].keras == "6,336"
    assert "Bias of the forget gate" not in gru
    assert "73 %" in str(rows["Bias of the forget gate"].keras)


TEXTS = st.text(st.sampled_from("ab c.'"), max_size=40)


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.integers(3, 8))
def test_the_tokenizer_numbers_words_as_the_legacy_one_of_keras(text: str, words: int) -> None:
    tokenizer = Tokenizer(num_words=words)
    assert tokenizer.fit_on_texts([text]) is None
    sequences = tokenizer.texts_to_sequences([text])
    padded = keras.utils.pad_sequences(sequences, maxlen=LENGTH)
    ids = number_words(TextChoice(text, words))
    assert list(ids.book) == padded[0].tolist()
    assert ids.dropped == sum(tokenizer.word_counts.values()) - len(sequences[0])


@settings(max_examples=30, deadline=None)
@given(TEXTS, st.integers(3, 8))
def test_the_lines_of_pytorch_print_the_current_numbers(text: str, words: int) -> None:
    check_listing(text_listing(TextChoice(text, words)))


def test_text_vectorization_numbers_by_frequency_then_backwards_by_letters() -> None:
    """Its rule is the np.lexsort of Keras' IndexLookup; without TensorFlow it cannot run."""
    with pytest.raises(ImportError, match="requires TensorFlow"):
        keras.layers.TextVectorization()
    text = "b a c a, d."
    tokens, counts = np.unique(strip_punctuation(text).split(), return_counts=True)
    order = tokens[np.lexsort((tokens, counts))[::-1]].tolist()
    assert order == ["a", "d", "c", "b"]
    assert number_words(TextChoice(text, 5)).current[:5] == (1, 2, 4, 2, 3)
    assert Tokenizer().filters == TOKENIZER_FILTER


def test_what_is_struck_out_is_gone() -> None:
    assert not hasattr(keras.Model, "fit_generator")
    assert not hasattr(keras.preprocessing, "text")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises((ValueError, UserWarning), match="input_length"):
            keras.layers.Embedding(10, 2, input_length=20)
    assert hasattr(keras.utils, "pad_sequences"), "what stays"
    assert sum(map(len, opinion_splits().values())) == 10_072


def test_an_array_is_needed_for_labels() -> None:
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile(loss="mse")
    x = np.ones((2, 1))
    model.fit(x, np.array([0, 1]), verbose=0)
    with pytest.raises(ValueError, match="data"):
        model.fit(x, [0, 1], verbose=0)


@pytest.mark.parametrize(
    "comparison",
    [*map(compare_models, CHOICES), compare_texts(TextChoice()), compare_training(3)],
    ids=lambda _comparison: "",
)
def test_lines_with_a_number_have_their_match(comparison: Comparison) -> None:
    """Every job is done in Keras or the book and in PyTorch, and every number is explained."""
    for program in (comparison.keras, comparison.pytorch, comparison.book):
        assert {line.job for line in program.lines} - {""} <= set(comparison.jobs)
        assert all(len(line.text) <= 54 for line in program.lines)
    for job in comparison.jobs:
        assert comparison.pytorch.count(job)
        assert comparison.keras.count(job) or comparison.book.count(job)
    struck = [line.text for line in comparison.book.lines if line.outdated]
    for replacement in comparison.replacements:
        assert any(replacement.old in text for text in struck), replacement.old
