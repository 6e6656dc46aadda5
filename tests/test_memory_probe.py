"""The probe reads what a state holds: all of a shift register, nothing of a state that forgets."""

from collections.abc import Sequence

import pytest
import torch
from torch import Tensor

from rnnviz.memory import (
    ProbeCurve,
    first_token_probe,
    including,
    opening_tokens,
    probe_lengths,
)
from rnnviz.memory.probe import CANDIDATES, RIDGE, final_states, ridge
from rnnviz.messages import Problem
from rnnviz.model import IOSpec, ModelSpec, SequenceModel, build
from rnnviz.tasks import Hello, Intents, Surnames, Task
from rnnviz.text import SPECIALS, UNK
from rnnviz.training import fit, intent_experiment

LENGTHS = (1, 2, 3, 5, 8)
TOKENS = 4
IDS = range(len(SPECIALS), len(SPECIALS) + TOKENS)


def probe(model: SequenceModel, lengths: Sequence[int] = LENGTHS, seed: int = 0) -> ProbeCurve:
    return first_token_probe(model, lengths, list(IDS), torch.Generator().manual_seed(seed))


def relu_network(steps: int, *, remembers: bool, bidirectional: bool = False) -> SequenceModel:
    """A register of one-hot tokens that shifts by one place a step, or one that holds the last."""
    V = len(SPECIALS) + TOKENS
    spec = ModelSpec(
        "rnn",
        hidden=V * steps,
        embedding="one-hot",
        nonlinearity="relu",
        bidirectional=bidirectional,
    )
    model = build(spec, IOSpec(V, 2, "many-to-one"), torch.Generator().manual_seed(0))
    assert isinstance(model, SequenceModel)
    with torch.no_grad():
        for name, weight in model.recurrent.named_parameters():
            weight.zero_()
            if name.startswith("weight_ih"):
                weight[:V] = torch.eye(V)
            elif name.startswith("weight_hh") and remembers:
                weight[V:, :-V] = torch.eye(V * (steps - 1))
    return model


def test_a_shift_register_remembers_the_first_token_as_long_as_it_is_and_no_longer() -> None:
    curve = probe(relu_network(5, remembers=True))
    assert curve.accuracy[:4] == (1, 1, 1, 1)
    assert curve.accuracy[4] == pytest.approx(1 / TOKENS, abs=0.04)
    assert curve.chance == 1 / TOKENS
    # Of four states one shuffling may name none or all; the mean of twenty has an error of 0.05.
    assert curve.control == pytest.approx([1 / TOKENS] * len(LENGTHS), abs=0.15)
    assert curve.control[4] == pytest.approx(1 / TOKENS, abs=0.02)
    assert curve.selectivity[0] == curve.accuracy[0] - curve.control[0]


def test_a_state_that_holds_the_last_token_only_leaves_guessing() -> None:
    curve = probe(relu_network(1, remembers=False))
    assert curve.accuracy[0] == 1
    assert curve.accuracy[1:] == pytest.approx([1 / TOKENS] * 4, abs=0.05)


def test_a_network_that_reads_backwards_as_well_has_just_read_the_first_token() -> None:
    curve = probe(relu_network(1, remembers=False, bidirectional=True))
    assert curve.accuracy == (1, 1, 1, 1, 1)


@pytest.mark.parametrize("both", [False, True])
def test_the_states_are_those_that_the_model_answers_from(both: bool) -> None:
    spec = ModelSpec("lstm", hidden=5, layers=2, bidirectional=both)
    model = build(spec, IOSpec(9, 3, "many-to-one"), torch.Generator().manual_seed(1))
    assert isinstance(model, SequenceModel)
    ids = torch.randint(4, 9, (1100, 8), generator=torch.Generator().manual_seed(2))
    for length, states in zip(LENGTHS, final_states(model, ids, LENGTHS), strict=True):
        logits = model(ids[:, :length], torch.full((len(ids),), length))
        torch.testing.assert_close(model.head(states), logits)


def test_the_regression_equals_least_squares_with_the_penalty_as_rows() -> None:
    generator = torch.Generator().manual_seed(3)
    inputs = torch.randn(50, 7, dtype=torch.float64, generator=generator)
    inputs[:, -1] = 1
    rows = RIDGE**0.5 * torch.eye(7, dtype=torch.float64)[:-1]
    targets = torch.randn(50, 4, dtype=torch.float64, generator=generator)
    expected = torch.linalg.lstsq(
        torch.cat([inputs, rows]), torch.cat([targets, torch.zeros(6, 4, dtype=torch.float64)])
    ).solution
    torch.testing.assert_close(ridge(inputs, targets), expected)


def test_a_unit_that_never_changes_does_no_harm() -> None:
    inputs = torch.cat([torch.zeros(40, 3), torch.ones(40, 1)], 1).double()
    weights = ridge(inputs, torch.eye(4, dtype=torch.float64).repeat(10, 1))
    torch.testing.assert_close(inputs @ weights, torch.full((40, 4), 0.25).double())


def test_the_same_generator_gives_the_same_curve_and_another_almost_the_same() -> None:
    model = build(ModelSpec("gru", hidden=6), IOSpec(8, 3), torch.Generator().manual_seed(1))
    assert isinstance(model, SequenceModel)
    first, again, other = probe(model), probe(model), probe(model, seed=1)
    assert (first.accuracy, first.control) == (again.accuracy, again.control)
    assert first.accuracy != other.accuracy
    assert first.accuracy == pytest.approx(other.accuracy, abs=0.06)


def test_the_first_token_of_one_text_is_read_off_as_those_of_the_test() -> None:
    model = relu_network(5, remembers=True)
    curve = probe(model)
    for first in IDS:
        assert curve.first_token(model, [first, *[IDS[0]] * 4]) == first
    named = {curve.first_token(model, [first, *[IDS[0]] * 7]) for first in IDS}
    assert len(named) == 1  # all but the last five tokens are forgotten


def test_the_candidates_are_the_tokens_that_texts_begin_with() -> None:
    task = Intents()
    names = task.vocabulary.decode(opening_tokens(task))
    assert len(names) == CANDIDATES
    assert names[0] == "what"
    assert {"is", "how", "tell"} < set(names)
    assert Hello().vocabulary.decode(opening_tokens(Hello())) == list("helo")
    assert len(opening_tokens(Surnames())) == CANDIDATES


@pytest.mark.parametrize("task", [Intents(), Hello()])
def test_the_own_first_token_is_always_a_candidate(task: Task) -> None:
    openings = opening_tokens(task)
    assert including(openings, openings[1]) == openings
    extended = including(openings, UNK)
    assert extended[-1] == UNK
    assert len(extended) == min(CANDIDATES, len(openings) + 1)


def test_a_single_candidate_is_refused() -> None:
    task = Hello("aaaa")
    with pytest.raises(Problem, match="at least two"):
        first_token_probe(
            relu_network(1, remembers=False), [1], opening_tokens(task), torch.Generator()
        )


@pytest.mark.parametrize(("T", "last"), [(1, 20), (20, 20), (21, 21), (35, 35), (200, 200)])
def test_every_text_has_its_place_on_the_curve(T: int, last: int) -> None:
    lengths = probe_lengths(T)
    assert T in lengths
    assert lengths[-1] == last
    assert list(lengths) == sorted(set(lengths))


def curves(seed: int) -> dict[str, ProbeCurve]:
    """Of the models that Step through shows first, trained."""
    result = {}
    for cell in ("rnn", "lstm", "gru"):
        model = fit(intent_experiment(cell, seed=seed)).eval()
        assert isinstance(model, SequenceModel)
        candidates = opening_tokens(Intents())
        result[cell] = first_token_probe(
            model, (2, 3, 5, 8, 12, 20), candidates, torch.Generator().manual_seed(0)
        )
    return result


@pytest.mark.long
def test_trained_networks_forget_the_first_word_and_the_lstm_last() -> None:
    """SCIENCE: medians of 0.64, 0.28 and 0.09 for the LSTM after 2, 5 and 20 words."""
    by_seed = [curves(seed) for seed in range(5)]
    for each in by_seed:
        for curve in each.values():
            assert curve.accuracy[0] > 0.4
            assert all(
                a > b - 0.02 for a, b in zip(curve.accuracy, curve.accuracy[1:], strict=False)
            )
            assert curve.accuracy[5] < 0.2
            assert curve.control == pytest.approx([curve.chance] * 6, abs=0.035)

    def median(cell: str, number: int) -> float:
        values: Tensor = torch.tensor([each[cell].accuracy[number] for each in by_seed])
        return values.median().item()

    expected = {"rnn": (0.61, 0.36, 0.19), "lstm": (0.64, 0.42, 0.28), "gru": (0.60, 0.36, 0.19)}
    for cell, values in expected.items():
        assert [median(cell, k) for k in range(3)] == pytest.approx(values, abs=0.08)
    for number in (2, 3, 4):  # after 5, 8 and 12 words
        assert median("lstm", number) > max(median("rnn", number), median("gru", number))
