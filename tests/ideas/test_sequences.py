"""Sequences and memory: every number of the page against a reference or a closed form."""

import math
from collections.abc import Generator
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.sequences import alphabet, ball, machine, order, shuffle, tone
from rnnviz.messages import Problem
from rnnviz.tasks.predict.motion import PERIODS, SHAPES, cycles
from tests.ideas.listings import check_listing

NUMBERS = st.lists(st.integers(0, machine.LARGEST), min_size=1, max_size=machine.MOST_NUMBERS)


def result_of(steps: Generator[float, None, Any]) -> Any:
    """What a computation that reports its progress returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


# Ball ---------------------------------------------------------------------------------------------


def bayes_answers(places: torch.Tensor) -> torch.Tensor:
    """Whether the ball flies right, for pairs of places (n,2), by weighing all histories."""
    before, now = places.unbind(1)
    move = now - before

    def weight(way: torch.Tensor) -> torch.Tensor:
        """The density of a ball that flies so far in a step: its period is uniform."""
        period = 4 / way
        inside = (period >= PERIODS[0]) & (period <= PERIODS[1])
        return inside * period**2

    straight = weight(move.abs())
    rightwards = torch.where(move > 0, straight, 0) + weight(2 + before + now)
    leftwards = torch.where(move < 0, straight, 0) + weight(2 - before - now)
    return rightwards > leftwards


def test_the_best_anyone_can_do_is_what_bayes_reaches() -> None:
    flown = cycles(100_000, 3, torch.Generator().manual_seed(1))
    places, truth = SHAPES["ball"](flown), flown[:, -1].frac() < 0.5
    error = 3 * math.sqrt(0.25 / len(flown))
    assert float((truth == (places[:, -1] > 0)).double().mean()) == pytest.approx(0.5, abs=error)
    reached = float((bayes_answers(places[:, 1:]) == truth).double().mean())
    assert reached == pytest.approx(ball.best_share(2), abs=3 * math.sqrt(0.025 / len(flown)))
    assert ball.best_share(1) == 0.5
    first, last = (places[:, 1] - places[:, 0]), (places[:, 2] - places[:, 1])
    speed_tells = torch.where(first.abs() > last.abs() + 1e-12, -first, last) > 0
    assert bool((speed_tells == truth).all())
    assert ball.best_share(3) == ball.best_share(6) == 1


@pytest.fixture(scope="module")
def shares() -> tuple[float, ...]:
    return ball.measure_guesser(0)


def test_the_rnn_guesses_with_one_picture_and_sees_with_more(shares: tuple[float, ...]) -> None:
    error = 3 * math.sqrt(0.25 / ball.TEST_THROWS)
    assert shares[0] == pytest.approx(0.5, abs=error)
    assert shares[1] > 0.94
    assert min(shares[2:]) > 0.97
    for pictures, share in enumerate(shares, 1):
        best = ball.best_share(pictures)
        assert share <= best + 3 * math.sqrt(best * (1 - best) / ball.TEST_THROWS)
        assert ball.claim(pictures, shares).verdict is Verdict.RIGHT
    assert ball.claim(6, (0.5,) * 6).verdict is Verdict.HALF_RIGHT


def test_a_round_is_the_same_for_all_and_more_pictures_change_nothing_of_it() -> None:
    first, again, other = ball.throw(1), ball.throw(1), ball.throw(2)
    assert first == again != other
    assert len(first.positions) == len(first.rightwards) == ball.THROWS
    for places in first.positions:
        assert all(-1 <= place <= 1 for place in places)
        for place in places:
            light = np.array(ball.light(place))
            assert light.sum() == pytest.approx(1)
            assert light @ np.linspace(-1, 1, len(light)) == pytest.approx(place)


# Alphabet -----------------------------------------------------------------------------------------


def test_only_what_was_practised_is_known() -> None:
    replies = result_of(alphabet.measure_replies("forwards"))
    for each in replies:
        assert each["forwards"].share == 1
        assert each["backwards"].share <= 0.08
        assert each["from_f"].share >= 0.8
        assert each["from_f"].right[-10:] == (True,) * 10, "the rest flows"
        assert each["backwards"].read == "ZYXWVUTSRQPONMLKJIHGFEDCB"
        assert each["backwards"].targets == "YXWVUTSRQPONMLKJIHGFEDCBA"
    assert {
        alphabet.claim("forwards", "from_f", replies, n).finding.template for n in range(5)
    } == {
        alphabet.HESITATES,
        alphabet.FLOWS_AT_ONCE,
    }
    assert alphabet.claim("forwards", "backwards", replies, 0).verdict is Verdict.RIGHT
    for lesson in ("forwards", "backwards"):
        check_listing(alphabet.listings(lesson)[0])


@pytest.mark.long
def test_who_learned_backwards_knows_only_backwards() -> None:
    for each in result_of(alphabet.measure_replies("backwards")):
        assert each["backwards"].share == 1
        assert max(each["forwards"].share, each["from_f"].share) <= 0.08


# Memory machine -----------------------------------------------------------------------------------


@given(NUMBERS, st.booleans())
def test_the_machine_is_an_rnn_of_pytorch(numbers: list[int], has_memory: bool) -> None:
    rnn = torch.nn.RNN(1, 1, nonlinearity="relu", bias=False, dtype=torch.float64)
    with torch.no_grad():
        rnn.weight_ih_l0.fill_(1)
        rnn.weight_hh_l0.fill_(has_memory)
        states = rnn(torch.tensor(numbers, dtype=torch.float64)[:, None])[0]
    run = machine.run(tuple(numbers), has_memory=has_memory)
    assert list(run.states) == states.flatten().tolist()
    sums = [number + memory for number, memory in zip(run.numbers, run.memories, strict=True)]
    assert list(run.states) == sums


@given(NUMBERS)
def test_the_tree_reaches_the_same_total_in_fewer_levels(numbers: list[int]) -> None:
    levels = machine.tree(tuple(numbers))
    assert levels[-1] == (sum(numbers),)
    assert len(levels) - 1 == math.ceil(math.log2(len(numbers)))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("30,900 5,100", (30900, 5100)),
        ("1 2;3,4, 5", (1, 2, 3, 4, 5)),
        ("1,000,000 0", (1000000, 0)),
        (" 7 ", (7,)),
    ],
)
def test_numbers_are_read_as_people_write_them(text: str, numbers: tuple[int, ...]) -> None:
    assert machine.parse_numbers(text) == numbers


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "Type a few"),
        (" ; ", "Type a few"),
        ("1 -2", "-2"),
        ("1.5", "1.5"),
        ("1000001", "1,000,000"),
        ("9" * 90, "999"),
        ("1 ²", "²"),
        ("1 2 3 4 5 6 7 8 9", "at most 8"),
    ],
)
def test_other_texts_are_refused_by_name(text: str, named: str) -> None:
    with pytest.raises(Problem, match=named):
        machine.parse_numbers(text)


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_the_claims_about_the_machine_depend_on_its_numbers() -> None:
    assert machine.claim((30900, 5100), "chain").verdict is Verdict.RIGHT
    assert machine.claim((0, 5100), "chain").verdict is Verdict.HALF_RIGHT
    assert machine.claim((5,), "loop").verdict is Verdict.HALF_RIGHT
    tree = machine.claim((1, 2, 3, 4, 5), "tree")
    assert tree.finding.values == {"depth": 3, "steps": 4, "total": "15"}
    for has_memory in (True, False):
        for each in machine.listings((30900, 5100, 12000), has_memory=has_memory):
            check_listing(each)


# Shuffled words -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pair() -> shuffle.Pair:
    return shuffle.train_pair(False)


def test_the_bag_of_words_never_notices_and_the_rnn_does(pair: shuffle.Pair) -> None:
    answers = shuffle.answer_all(shuffle.EXAMPLE, False, pair)
    assert answers.labels[answers.answer(answers.rnn, 0)] == "the time"
    assert np.ptp(np.array(answers.bag), axis=0).max() < 1e-6
    assert np.ptp(np.array(answers.rnn), axis=0).max() > 0.5
    assert answers.changed(answers.bag) == 0 < answers.changed(answers.rnn)
    assert len(answers.orders) == 120
    texts = [" ".join(answers.words(number)) for number in range(120)]
    counts = CountVectorizer(token_pattern=r"\S+").fit_transform(texts).toarray()
    assert (counts == counts[0]).all(), "scikit-learn's bags are all the same, too"
    assert len(set(texts)) == 120
    assert shuffle.claim(answers).verdict is Verdict.HALF_RIGHT
    for each in shuffle.listings(answers.words(0), answers.words(1)):
        check_listing(each)
    alone = shuffle.answer_all("hello", False, pair)
    assert shuffle.claim(alone).finding.template == shuffle.ONE_ORDER


@given(st.integers(1, shuffle.MOST_TOKENS))
def test_orders_are_different_permutations(length: int) -> None:
    orders = shuffle.permute(length)
    assert orders[0] == tuple(range(length))
    assert len(set(orders)) == len(orders) == min(math.factorial(length), shuffle.MOST_ORDERS)
    assert all(sorted(each) == list(orders[0]) for each in orders)


def test_a_sentence_is_refused_or_sent_to_the_networks_of_its_language() -> None:
    assert shuffle.is_korean("지금 몇 시야?")
    assert not shuffle.is_korean("What time is it?")
    shuffle.check_sentence("a " * 12)
    for text, named in ((" ", "Type a sentence"), ("a " * 13, "13 words")):
        with pytest.raises(Problem, match=named):
            shuffle.check_sentence(text)


# Tone ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("window", tone.WINDOWS)
@pytest.mark.parametrize(("start", "end"), [(200, 1600), (1900, 100), (500, 500)])
def test_the_spectrogram_is_that_of_pytorch(start: int, end: int, window: int) -> None:
    sound = tone.make_tone(start, end, window)
    hann = torch.hann_window(window, dtype=torch.float64)
    spectrogram = torch.stft(
        torch.from_numpy(sound.wave),
        window,
        hop_length=window // 2,
        window=hann,
        center=False,
        return_complex=True,
    )
    np.testing.assert_allclose(sound.columns, spectrogram.abs().T.numpy(), atol=1e-10)
    np.testing.assert_allclose(sound.frequencies, np.fft.rfftfreq(window, 1 / tone.RATE))
    true = start + (end - start) * sound.times
    assert np.abs(sound.loudest - true).max() <= tone.RATE / window
    assert sound.decibels.max() == 0
    assert sound.decibels.min() >= tone.FLOOR


def test_the_listings_of_the_tone_print_its_numbers() -> None:
    for each in tone.listings(200, 1600, 256):
        check_listing(each)


# Order --------------------------------------------------------------------------------------------


@given(st.lists(st.sampled_from("abc"), min_size=60, max_size=200))
def test_the_guesses_are_those_of_a_table(items: list[str]) -> None:
    pairs = pd.DataFrame({"item": items[:-1], "next": items[1:]})
    is_test = pairs.index // order.BLOCK % 2 == 1
    training, test = pairs[~is_test], pairs[is_test]
    guesses = order.guess_next(items)
    counts = pd.crosstab(training["item"], training["next"])
    best = counts.max(axis=1)
    # Where two are equally frequent, either may be guessed.
    possible = {
        item: {n for n in counts if counts.loc[item, n] == best[item]} for item in best.index
    }
    most = sum(n in possible.get(item, set("abc")) for item, n in test.itertuples(index=False))
    assert guesses.count == len(test)
    assert 0 <= guesses.right_with <= most
    assert guesses.right_with - guesses.right_without == guesses.with_alone - guesses.without_alone


def test_the_item_before_is_all_or_nothing() -> None:
    alternating = order.guess_next(list("ab" * 500))
    assert alternating.share_with == 1
    assert alternating.item_before_helps
    assert not order.guess_next(["a"] * 1000).item_before_helps


@pytest.mark.parametrize("data", order.DATA)
def test_dice_and_lots_are_no_sequence_and_the_rest_is(data: str) -> None:
    dependence = order.measure(data)
    assert dependence.ordered.item_before_helps == (data not in ("dice", "names"))
    assert not dependence.shuffled.item_before_helps
    check_listing(order.listings(data)[0])


def test_the_simulation_of_the_ball_prints_what_the_page_says() -> None:
    check_listing(ball.listings()[0])
