"""Forecasting: windows, baselines, networks and leaks, against pandas, scikit-learn and NumPy."""

import os

os.environ["KERAS_BACKEND"] = "torch"

from collections.abc import Generator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from rnnviz.data import mast
from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.forecasting import claims, findings, listings
from rnnviz.ideas.forecasting.errors import START, difference, mean_error
from rnnviz.ideas.forecasting.guesses import GUESSES, questions
from rnnviz.ideas.forecasting.networks import (
    EVERY,
    PENALTY,
    RIDGE,
    Forecasts,
    arrange,
    make_task,
    read_window,
    simple_methods,
    train,
)
from rnnviz.ideas.forecasting.overfitting import Curves, train_curves
from rnnviz.ideas.forecasting.settings import (
    LAST_DAY,
    Network,
    Order,
    WindowSettings,
    training_steps,
)
from rnnviz.ideas.forecasting.window import look, overview, series, window_index
from rnnviz.tasks.forecast.naive_forecasts import LAST_DAY as DAY_MEAN
from rnnviz.tasks.forecast.naive_forecasts import PERSISTENCE
from tests.generators import make_generator
from tests.ideas.listings import check_listing

TEN_DAYS, FOUR_DAYS = WindowSettings(), WindowSettings(4, 24, 24)
SETTINGS = st.builds(
    WindowSettings, st.integers(1, 20), st.integers(1, 24), st.sampled_from([1, 24, 168])
)


def result(generator: Generator[float, None, Any]) -> Any:
    while True:
        try:
            next(generator)
        except StopIteration as end:
            return end.value


@cache
def forecasts(
    settings: WindowSettings, network: Network, order: Order = "kept", leaky: bool = False
) -> Forecasts:
    answers: Forecasts = result(train(settings, network, order, leaky))
    return answers


@cache
def curves(dropout: float, recurrent: float, layers: int) -> Curves:
    errors: Curves = result(train_curves(FOUR_DAYS, dropout, recurrent, layers))
    return errors


def test_the_series_is_drawn_whole() -> None:
    days, values = series()
    whole = overview()
    assert whole.rows == len(mast()) == 95_629
    assert int(whole.days) == LAST_DAY
    assert min(low for _middle, low, _high in whole.bins) == values.min()
    assert max(high for _middle, _low, high in whole.bins) == values.max()
    assert whole.gap[1] - whole.gap[0] == pytest.approx(np.diff(days).max())
    assert [round(np.searchsorted(days, day) / len(days), 3) for day in whole.borders] == [
        0.5,
        0.75,
    ]


@given(SETTINGS, st.integers(0, LAST_DAY))
def test_a_window_belongs_to_the_part_whose_examples_hold_it(
    settings: WindowSettings, at: int
) -> None:
    view = look(settings, at)
    days, values = series()
    row = int(np.searchsorted(days, at, side="right")) - 1
    ends = window_index(settings).ends
    owners = [split for split, rows in ends.items() if row in rows]
    is_stale = at - days[row] > 0.1  # No row was measured on this day.
    assert [view.place] == owners or (not owners or is_stale)
    assert view.counts == {split: len(rows) for split, rows in ends.items()}
    if owners and not is_stale:
        assert len(view.read) == settings.steps
        assert view.now == values[row]
        assert view.target == (days[row + settings.delay], values[row + settings.delay])


@pytest.mark.parametrize(
    ("at", "place"),
    [(3, "start"), (LAST_DAY, "end"), (130, "gap"), (145, "gap"), (353, "border")],
)  # fmt: skip
def test_where_a_window_lies(at: int, place: str) -> None:
    assert look(TEN_DAYS, at).place == place


def test_persistence_is_a_shift_in_pandas() -> None:
    simple, settings = simple_methods(TEN_DAYS), TEN_DAYS
    values = pd.Series(series()[1])
    ends = make_task(settings)._ends("validation").numpy()
    rows = ends + settings.delay
    errors = (values.shift(settings.delay) - values).abs()[rows]
    assert simple.methods[PERSISTENCE].error == pytest.approx(errors.mean(), abs=1e-5)
    assert round(errors.mean(), 2) == 2.02
    day_mean = values.rolling(144).mean()[ends].to_numpy()
    np.testing.assert_allclose(simple.methods[DAY_MEAN].answers, day_mean, atol=1e-4)
    np.testing.assert_allclose(simple.targets, values[rows], atol=1e-5)


@pytest.mark.parametrize("settings", [FOUR_DAYS, TEN_DAYS], ids=str)
def test_the_regression_is_that_of_scikit_learn(settings: WindowSettings) -> None:
    task, simple = make_task(settings), simple_methods(settings)
    training = task.select(range(0, task.size(), EVERY))
    model = Ridge(PENALTY).fit(training.inputs[..., 0].double(), training.targets[:, 0].double())
    scaled = model.predict(task.evaluation_batch("validation").inputs[..., 0].double())
    mean, deviation = simple.scales[0]
    np.testing.assert_allclose(simple.methods[RIDGE].answers, scaled * deviation + mean, atol=1e-3)


def test_the_leak_is_a_scaler_that_saw_all_rows() -> None:
    values = series()[1][:, None]
    scales = simple_methods(FOUR_DAYS).scales
    for rows, (mean, deviation) in zip((len(values) // 2, len(values)), scales, strict=True):
        scaler = StandardScaler().fit(values[:rows])
        assert scaler.mean_[0] == pytest.approx(mean, abs=1e-4)
        assert scaler.scale_[0] == pytest.approx(deviation, abs=1e-4)


@given(st.integers(1, 9), st.integers(1, 9))
def test_another_order_has_the_same_values(B: int, T: int) -> None:
    x = torch.randn(B, T, 1, generator=make_generator())
    shuffled = arrange(x, "shuffled", make_generator())
    assert torch.equal(shuffled.sort(1).values, x.sort(1).values)
    assert torch.equal(arrange(arrange(x, "reversed", make_generator()), "reversed",
                               make_generator()), x)  # fmt: skip
    assert arrange(x, "kept", make_generator()) is x


def test_every_window_is_shuffled_in_its_own_order() -> None:
    x = torch.arange(50.0).repeat(2, 1)[..., None]
    first, second = arrange(x, "shuffled", make_generator())
    assert not torch.equal(first, second)
    assert not torch.equal(first, x[0])
    assert read_window(TEN_DAYS, "reversed") == read_window(TEN_DAYS, "kept")[::-1]


@given(st.lists(st.tuples(*[st.floats(-9, 9)] * 3), min_size=2, max_size=20))
def test_a_difference_is_that_of_the_mean_errors(triples: list[tuple[float, ...]]) -> None:
    first, second, targets = map(np.array, zip(*triples, strict=True))
    pair = difference(first.tolist(), second.tolist(), targets.tolist())
    errors = abs(first - targets) - abs(second - targets)
    assert pair.value == pytest.approx(errors.mean())
    assert pair.margin == pytest.approx(max(START, 2 * errors.std(ddof=1) / len(errors) ** 0.5))
    assert mean_error(first.tolist(), targets.tolist()) == pytest.approx(
        abs(first - targets).mean()
    )


def test_order_is_worth_something_even_in_four_values() -> None:
    simple, gru = simple_methods(FOUR_DAYS), forecasts(FOUR_DAYS, "gru")
    shuffled = forecasts(FOUR_DAYS, "gru", "shuffled")
    assert gru.error == pytest.approx(mean_error(gru.answers, simple.targets))
    assert gru.error < 2.3 < shuffled.error
    claim = claims.order_claim(simple, gru, shuffled, "shuffled", 4)
    assert claim.verdict is Verdict.HALF_RIGHT, "the last value alone is as good"
    assert claims.order_claim(simple, gru, gru, "shuffled", 4).verdict is Verdict.WRONG
    far = Forecasts(tuple(each + 9 for each in simple.targets), 9.0)
    simple.methods[PERSISTENCE] = far
    assert claims.order_claim(simple, gru, far, "shuffled", 4).verdict is Verdict.RIGHT


def test_a_leak_is_judged_by_its_gain() -> None:
    simple, gru = simple_methods(FOUR_DAYS), forecasts(FOUR_DAYS, "gru")
    leaky = forecasts(FOUR_DAYS, "gru", "kept", True)
    assert leaky.answers != gru.answers
    assert claims.leak_claim(simple, gru, leaky).verdict is Verdict.HALF_RIGHT
    perfect = Forecasts(simple.targets, 0.0)
    assert claims.leak_claim(simple, gru, perfect).verdict is Verdict.RIGHT
    assert "seems better" in findings.leak_finding(simple, gru, perfect).template


def test_recurrent_dropout_narrows_the_gap() -> None:
    plain, dropped = curves(0.0, 0.0, 1), curves(0.0, 0.5, 1)
    assert plain.overfits
    assert plain.training[-1] < 1.2 < 2 < plain.validation[plain.best] < plain.validation[-1]
    assert dropped.gap < plain.gap
    assert claims.overfitting_claim(plain, dropped).verdict is Verdict.RIGHT
    assert claims.overfitting_claim(dropped, plain).verdict is Verdict.WRONG


def test_the_guesses_are_asked_on_windows_that_all_methods_answer() -> None:
    simple = simple_methods(FOUR_DAYS)
    for number in (1, 2):
        windows = questions(FOUR_DAYS, number)
        assert len({each.number for each in windows}) == GUESSES
        persistence = simple.methods[PERSISTENCE].answers
        for each in windows:
            assert each.target == pytest.approx(simple.targets[each.number], abs=1e-5)
            assert each.now == pytest.approx(persistence[each.number], abs=1e-5)
            assert each.choices == tuple(sorted(each.choices, reverse=True))
            assert min(each.choices) < each.now < max(each.choices)
    assert questions(FOUR_DAYS, 1) != questions(FOUR_DAYS, 2)


def test_longer_windows_are_trained_in_fewer_steps() -> None:
    assert [training_steps("gru", T) for T in (4, 240, 480)] == [300, 80, 40]


@pytest.mark.parametrize("settings", [TEN_DAYS, FOUR_DAYS, WindowSettings(3, 5, 7)], ids=str)
def test_the_listings_of_the_window(settings: WindowSettings) -> None:
    for listing in listings.window_listings(look(settings, 470)):
        check_listing(listing)


def test_the_listings_of_the_baselines() -> None:
    simple, gru = simple_methods(FOUR_DAYS), forecasts(FOUR_DAYS, "gru")
    for listing in listings.baseline_listings(FOUR_DAYS, simple, gru):
        check_listing(listing)


@pytest.mark.parametrize(
    ("order", "leaky"),
    [pytest.param("shuffled", False, marks=pytest.mark.long), ("kept", True)],
)
def test_the_listing_of_the_order(order: Order, leaky: bool) -> None:
    check_listing(
        listings.order_listing(FOUR_DAYS, order, leaky, forecasts(FOUR_DAYS, "gru", order, leaky))
    )


@pytest.mark.parametrize("layers", [1, pytest.param(2, marks=pytest.mark.long)])
def test_the_listings_of_overfitting(layers: int) -> None:
    for listing in listings.overfitting_listings(
        FOUR_DAYS, 0.2, 0.5, layers, curves(0.2, 0.5, layers)
    ):
        check_listing(listing)


@pytest.mark.long
@pytest.mark.parametrize("settings", [FOUR_DAYS, TEN_DAYS], ids=str)
def test_another_start_changes_more_than_the_margin(settings: WindowSettings) -> None:
    errors = [result(train(settings, "gru", seed=seed)).error for seed in range(4)]
    assert START < max(errors) - min(errors) < 0.3


@pytest.mark.long
def test_the_articles_window_in_three_orders() -> None:
    simple, gru = simple_methods(TEN_DAYS), forecasts(TEN_DAYS, "gru")
    for order in ("reversed", "shuffled"):
        other = forecasts(TEN_DAYS, "gru", order)
        pair = difference(other.answers, gru.answers, simple.targets)
        assert pair.is_clear
        assert pair.value > 0.5
    assert claims.order_claim(simple, gru, other, order, 240).verdict is Verdict.HALF_RIGHT
    check_listing(listings.order_listing(TEN_DAYS, "kept", False, gru))
