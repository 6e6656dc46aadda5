"""The forecast against a plain reference: windows, gaps, splits, scaling, persistence."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnnviz.data import Series, mast
from rnnviz.data.uploads import UPLOADS
from rnnviz.messages import Message, Problem
from rnnviz.model import ModelSpec
from rnnviz.settings import rules
from rnnviz.tasks import Batch, Forecast, Split
from rnnviz.tasks.forecast.naive_forecasts import naive_forecasts
from rnnviz.tasks.forecast.window_defaults import fitting_window, window_defaults
from rnnviz.tasks.forecast.window_index import Window, WindowRows, split_runs
from rnnviz.tasks.forecast.windowed_series import WindowedSeries
from rnnviz.tasks.forecast.windows import LIMIT, Measurements
from rnnviz.training import (
    Experiment,
    Optimiser,
    Trainer,
    checkpoint,
    load_checkpoint,
    load_model,
    weights_of,
)

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


def series(
    minutes: Sequence[int], values: NDArray[np.floating] | None = None, directions: bool = False
) -> Series:
    """Rows at these minutes; the first column is the minute itself."""
    columns = [np.array(minutes, float), np.sin(minutes)]
    if values is not None:
        columns.append(values)
    return Series(
        title="made up",
        columns=("minute", "sine", "more")[: len(columns)],
        times=np.datetime64("2020-01-01", "ns") + np.array(minutes) * np.timedelta64(60, "s"),
        values=np.stack(columns, axis=1),
        units=("",) * len(columns),
        directions=("more",) if directions else (),
    )


def plain_series(values: NDArray[np.float64], step: np.timedelta64 | None = None) -> Series:
    """Columns a, b, ... of evenly spaced rows."""
    names = tuple("abcdefgh"[: values.shape[1]])
    times = (
        None if step is None else np.datetime64("2020-01-01", "ns") + np.arange(len(values)) * step
    )
    return Series("made up", names, values, ("",) * len(names), times)


def upload_file(rows: list[str], header: str = "time,minute,level") -> str:
    """The key of an uploaded file with these rows."""
    return UPLOADS.add("\n".join([header, *rows]).encode())


def stamp(minute: int) -> str:
    return str(np.datetime64("2020-01-01", "s") + np.timedelta64(60 * minute, "s")).replace(
        "T", " "
    )


def upload_series(minutes: list[int]) -> str:
    return upload_file([f"{stamp(m)},{m},{m % 7}" for m in minutes])


@given(
    gaps=st.lists(st.tuples(st.integers(1, 299), st.integers(1, 40)), max_size=6),
    lookback=st.integers(1, 12),
    step=st.integers(1, 6),
    delay=st.integers(1, 8),
)
def test_windows_are_all_those_that_straddle_neither_gap_nor_split(
    gaps: list[tuple[int, int]], lookback: int, step: int, delay: int
) -> None:
    minutes, now, missing = [], 0, dict(gaps)
    for row in range(300):
        now += 10 * (1 + missing.get(row, 0))
        minutes.append(now)
    data = Measurements.of(series(minutes))
    window = Window(lookback, step, delay)
    index = data.rows([0, 1], 1).index(window)
    back = (-(-lookback // step) - 1) * step
    borders = {"train": (0, 150), "validation": (150, 225), "test": (225, 300)}
    for split in SPLITS:
        first, end = borders[split]
        expected = [
            now
            for now in range(first + back, end - delay)
            if all(minutes[row + 1] - minutes[row] == 10 for row in range(now - back, now + delay))
        ]
        assert index.ends[split].tolist() == expected


@given(
    missing=st.lists(st.tuples(st.integers(0, 199), st.integers(0, 2)), max_size=40),
    lookback=st.integers(1, 12),
    step=st.integers(1, 5),
    delay=st.integers(1, 8),
    columns=st.sampled_from([[0], [1], [0, 1], [0, 1, 2]]),
)
def test_a_missing_value_costs_the_windows_that_read_it_or_ask_for_it(
    missing: list[tuple[int, int]], lookback: int, step: int, delay: int, columns: list[int]
) -> None:
    """Against the sliding windows of NumPy over all rows of each split."""
    values = np.random.default_rng(0).normal(size=(200, 3))
    for row, column in missing:
        values[row, column] = np.nan
    data = Measurements.of(plain_series(values))
    target = columns[-1]
    index = data.rows(columns, target).index(Window(lookback, step, delay))
    T = -(-lookback // step)
    width = (T - 1) * step + 1
    for split, first, end in (("train", 0, 100), ("validation", 100, 150), ("test", 150, 200)):
        part = values[first:end]
        windows = np.lib.stride_tricks.sliding_window_view(part, width, axis=0)[..., ::step]
        windows, answers = windows[:-delay], part[width - 1 + delay :, target]
        whole = np.isfinite(windows[:, columns]).all((1, 2)) & np.isfinite(answers)
        ends = index.ends[split]
        assert (ends - first - width + 1).tolist() == np.flatnonzero(whole).tolist()
        read = index.windows(data.inputs[:, columns].contiguous(), ends)
        expected = np.moveaxis(windows[whole][:, columns], 1, 2)
        expected = (expected - np.array(data.means)[columns]) / np.array(data.deviations)[columns]
        np.testing.assert_allclose(read.numpy(), expected, rtol=1e-6, atol=1e-6)
        scaled = data.column(target).scaled[ends + delay].double().numpy()
        unscaled = scaled * data.deviations[target] + data.means[target]
        np.testing.assert_allclose(unscaled, answers[whole], rtol=1e-5, atol=1e-6)
    for column in range(3):
        known = values[:100, column][np.isfinite(values[:100, column])]
        assert data.means[column] == pytest.approx(known.mean())
        assert data.deviations[column] == pytest.approx(known.std())


@pytest.mark.parametrize(("lookback", "step", "delay"), [(1, 1, 1), (24, 6, 5), (25, 6, 1)])
def test_a_window_holds_every_nth_row_up_to_now_and_asks_for_a_later_one(
    lookback: int, step: int, delay: int
) -> None:
    minutes = [10 * row + (300 if row > 100 else 0) for row in range(400)]
    key = upload_series(minutes)
    task = Forecast("own", key, "minute", "all", lookback, step, delay)
    data = task.windowed.data
    assert task.steps == -(-lookback // step)
    assert task.features == ("minute", "level")
    assert (task.files, task.data) == ((key,), ())
    for split in SPLITS:
        size = task.size(split)
        batch = task.select(range(size), split)
        times = (batch.inputs[..., 0].double() * data.deviations[0] + data.means[0]).round()
        targets = (batch.targets.double() * data.deviations[0] + data.means[0]).round()
        assert batch.inputs.shape == (size, task.steps, 2)
        assert (times.diff(dim=1) == 10 * step).all()
        assert torch.equal(times[:, -1:] + 10 * delay, targets)
        assert torch.equal(times[:, -1].sort().values, times[:, -1]), "in the order of time"
        known = set(minutes)
        assert {int(each) for each in times.flatten()} <= known


def test_scaling_knows_the_training_rows_only() -> None:
    minutes = [10 * row for row in range(400)]
    values = np.random.default_rng(0).normal(3, 2, 400)
    one = Measurements.of(series(minutes, values))
    changed = values.copy()
    changed[200:] = 1000
    two = Measurements.of(series(minutes, changed))
    assert torch.equal(one.inputs[:200], two.inputs[:200])
    assert (one.means, one.deviations) == (two.means, two.deviations)
    assert one.means[2] == pytest.approx(values[:200].mean())
    assert one.deviations[2] == pytest.approx(values[:200].std())
    changed[199] = 1000
    assert Measurements.of(series(minutes, changed)).means != one.means
    far = (1000 - one.means[2]) / one.deviations[2]
    expected = LIMIT + np.log1p(far - LIMIT)
    assert two.inputs[200:, 2].numpy() == pytest.approx(expected), "what is far off is compressed"
    assert two.column(2).scaled[200] == pytest.approx(far), "what is asked for is not"
    assert two.column(2).from_inputs(two.inputs[200, 2:]) == pytest.approx(1000, rel=1e-5)


def test_the_broken_reading_of_the_mast_does_not_drown_the_others() -> None:
    series = mast()
    place = series.columns.index("air pressure")
    row = int(series.values[:, place].argmin())
    data = Measurements.of(series)
    assert series.values[row, place] == pytest.approx(592.2)
    assert row in data.runs["train"][-1]
    assert -2 * LIMIT < data.inputs[row, place] < -LIMIT
    assert data.inputs[row - 1, place] > -3
    assert data.inputs.abs().max() < 2 * LIMIT


def test_the_mast_has_two_gaps_and_no_window_over_either() -> None:
    times, task = mast().times, Forecast()
    assert times is not None
    for split in SPLITS:
        ends = task._windows.ends[split].numpy()
        assert len(ends) == task.size(split)
        span = (task.steps - 1) * 6 + 144
        first = ends - (task.steps - 1) * 6
        spans = (times[ends + 144] - times[first]) / np.timedelta64(600, "s")
        assert (spans == span).all()
    assert (
        task._windows.ends["train"].max() + 144
        < 47_814
        <= task._windows.ends["validation"].min() - 1434
    )


def test_a_direction_goes_round() -> None:
    minutes = [10 * row for row in range(400)]
    degrees = np.random.default_rng(1).uniform(0, 360, 400)
    data = Measurements.of(series(minutes, degrees, directions=True))
    assert data.names == ("minute", "sine", "more (sin)", "more (cos)")
    column = data.column(2)
    inputs = data.inputs[:, column.input_slice]
    assert torch.allclose(inputs.square().sum(1), torch.ones(400))
    assert column.from_inputs(inputs).numpy() == pytest.approx(degrees, abs=1e-3)
    assert column.unscale(column.scaled).numpy() == pytest.approx(degrees, abs=1e-3)

    def scale(degree: float) -> torch.Tensor:
        return torch.tensor((degree - column.mean) / column.deviation)

    for one, two, off in ((359, 1, 2), (1, 359, 2), (90, 270, 180), (10, 30, 20), (725, 5, 0)):
        missed = column.absolute_error(scale(one), scale(two)).item() * column.deviation
        assert missed == pytest.approx(off, abs=1e-2)


def test_an_error_is_in_the_unit_of_the_column_and_persistence_is_what_it_says() -> None:
    task = Forecast()
    assert (task.target, task.metric_unit, task.values) == ("temperature", "°C", ("temperature",))
    celsius = mast().values[:, 0].astype(float)
    ends = task._windows.ends["validation"].numpy()[task.evaluation_indices()]
    persistence, mean = task.baselines()
    targets = celsius[ends + 144]
    assert persistence.metric == pytest.approx(np.abs(celsius[ends] - targets).mean(), rel=1e-4)
    days = np.lib.stride_tricks.sliding_window_view(celsius, 144).mean(1)
    assert mean.metric == pytest.approx(np.abs(days[ends - 143] - targets).mean(), rel=1e-4)
    half = celsius[: len(celsius) // 2].mean()
    assert task.chance == pytest.approx(np.abs(half - targets).mean(), rel=1e-4)
    targets = celsius[task._windows.ends["validation"].numpy() + 144]
    batch = task.select([0, 7, 9], "validation")
    assert task.metric(torch.zeros(3, 1), batch) == pytest.approx(
        np.abs(half - targets[[0, 7, 9]]).mean(), rel=1e-4
    )
    assert 1.9 < persistence.metric < 2.1 < mean.metric < task.chance


@pytest.mark.parametrize(
    ("step", "rows", "title"),
    [
        (np.timedelta64(1, "h"), 24, "the last value of the same time of day"),
        (np.timedelta64(15, "m"), 96, "the last value of the same time of day"),
        (np.timedelta64(1, "D"), 7, "the last value of the same weekday"),
        (np.timedelta64(30, "D"), 12, "the last value of the same time of year"),
        (np.timedelta64(91, "D"), 4, "the last value of the same time of year"),
        (np.timedelta64(7, "h"), 0, ""),
        (np.timedelta64(500, "ms"), 0, ""),
    ],
)
@pytest.mark.parametrize("delay", [1, 3])
def test_the_naive_forecasts_of_own_series_are_those_of_pandas(
    step: np.timedelta64, rows: int, title: str, delay: int
) -> None:
    values = np.random.default_rng(3).normal(size=(900, 1))
    values[[100, 333, 334, 600, 850], 0] = np.nan
    series = plain_series(values, step)
    windowed = WindowedSeries.of(Measurements.of(series), "a", "alone", Window(120, 1, delay))
    column, ends = windowed.column, windowed.index.ends["validation"]
    assert windowed.index.span >= rows
    forecasts = naive_forecasts(series, column, windowed.index, ends)
    frame = pd.Series(values[:, 0])
    answers = ends.numpy() + delay
    expected = {"persistence: as it is now": frame.shift(delay)}
    day = int(np.timedelta64(1, "D") / step)
    if 1 < day <= 120:
        mean = frame.rolling(day, min_periods=1).mean()
        expected["the mean of the last 24 hours"] = mean.shift(delay)
    if rows:
        expected[title] = frame.shift(rows * -(-delay // rows))
    assert forecasts.keys() == expected.keys()
    for name, forecast in forecasts.items():
        unscaled = column.unscale(forecast).numpy()
        np.testing.assert_allclose(unscaled, expected[name].to_numpy()[answers], atol=1e-5)


def test_without_a_clock_or_on_trading_days_there_is_no_day_and_no_week() -> None:
    values = np.random.default_rng(3).normal(size=(900, 1))
    days = np.datetime64("2020-01-06", "ns") + np.arange(1260) * np.timedelta64(1, "D")
    weekdays = days.reshape(-1, 7)[:, :5].ravel()
    for series in (
        plain_series(values),
        replace(plain_series(values), times=weekdays, spacing="even"),
        replace(plain_series(values), elapsed=np.arange(900.0)),
    ):
        windowed = WindowedSeries.of(Measurements.of(series), "", "alone", Window(48, 1, 1))
        ends = windowed.index.ends["test"]
        forecasts = naive_forecasts(series, windowed.column, windowed.index, ends)
        assert [*forecasts] == ["persistence: as it is now"]


def test_numbers_are_centred_before_they_become_single() -> None:
    """A meter of billions that moves by 3 an hour: every row is another number."""
    meter = 4_123_456_000 + 3 * np.arange(500.0)
    data = Measurements.of(plain_series(meter[:, None], np.timedelta64(1, "h")))
    assert len(np.unique(meter.astype(np.float32))) < 10
    column = data.column(0)
    for numbers in (column.scaled, data.inputs[:, 0]):
        assert len(np.unique(numbers.numpy())) == 500
    assert column.from_inputs(data.inputs).numpy() == pytest.approx(meter, rel=0, abs=0.01)
    assert column.unscale(column.scaled).numpy() == pytest.approx(meter, rel=0, abs=0.01)


def test_a_column_that_never_changes_has_the_deviation_1() -> None:
    values = np.stack([np.full(300, 0.1), np.arange(300.0), np.full(300, np.nan)], axis=1)
    data = Measurements.of(plain_series(values))
    assert data.deviations[0] == 1
    assert data.inputs[:, 0].eq(0).all()
    with pytest.raises(Problem, match="a is always the same in the training, validation or test"):
        WindowedSeries.of(data, "a", "alone", Window(5, 1, 1))
    with pytest.raises(Problem, match=r"Too few windows: there are 0 .* 285 of 285.* c \(285\)"):
        WindowedSeries.of(data, "c", "alone", Window(5, 1, 1))
    values = values.copy()
    values[0, 0] = 1e200
    with pytest.raises(Problem, match=r"a holds 1e\+200; allowed are numbers from -1e\+100 to"):
        Measurements.of(plain_series(values))


def test_columns_that_are_mostly_missing_are_not_read_with_the_others() -> None:
    values = np.random.default_rng(0).normal(size=(400, 3))
    values[:300, 1] = np.nan
    values[50:60, 2] = np.nan
    data = Measurements.of(plain_series(values))
    window = Window(10, 1, 2)
    windowed = WindowedSeries.of(data, "a", "all", window)
    assert windowed.features == ("a", "c")
    assert list(map(str, windowed.remarks)) == [
        "Not read along with the other columns, because more than half of the values are "
        "missing: b.",
        "Windows left out because a value is missing: 19 of 367. By column: c (19).",
    ]
    assert WindowedSeries.of(data, "a", "alone", window).remarks == ()
    with pytest.raises(Problem, match=r"0 for training, 0 for validation .* By column: b \(\d+\)"):
        WindowedSeries.of(data, "b", "all", window)


@pytest.mark.parametrize(
    ("name", "window"),
    [
        ("too far back", Window(80, 2, 3)),
        ("too far ahead", Window(4, 1, 60)),
        ("both too far", Window(70, 1, 70)),
    ],
)
def test_a_window_that_does_not_fit_is_told_what_would(name: str, window: Window) -> None:
    """The largest that the sentence names fits, and one row more does not."""
    data = Measurements.of(plain_series(np.random.default_rng(0).normal(size=(240, 1))))
    with pytest.raises(Problem) as refusal:
        WindowedSeries.of(data, "", "alone", window)
    values = refusal.value.message.values
    assert [values[f"longest_{split}"] for split in SPLITS] == [120, 60, 60]
    assert values["needed"] == (window.steps - 1) * window.step + window.delay + 1
    advice = values["advice"]
    assert isinstance(advice, Message)
    limits = {key: int(str(value)) for key, value in advice.values.items()}

    def fits(**changes: int) -> bool:
        return data.rows([0], 0).index(replace(window, **changes)).fits

    if name == "both too far":
        assert data.rows([0], 0).index(Window(**limits)).fits
        return
    changed = [key for key in ("lookback", "delay") if limits.get(key)]
    assert changed
    for key in changed:
        assert fits(**{key: limits[key]})
        assert not fits(
            **{key: limits[key] + window.step if key == "lookback" else limits[key] + 1}
        )


def test_two_windows_are_too_few_and_not_always_the_same() -> None:
    values = np.sin(np.arange(104.0))
    values[-1] = values[-2]
    data = Measurements.of(plain_series(values[:, None], np.timedelta64(7, "D")))
    with pytest.raises(Problem, match=r"Too few windows: there are 28 .*, 2 for validation and 2"):
        WindowedSeries.of(data, "", "alone", Window(24, 1, 1))


@pytest.mark.parametrize(
    ("rows", "step", "window"),
    [
        (8760, np.timedelta64(1, "h"), (240, 1, 24)),
        (600, np.timedelta64(1, "h"), (72, 1, 24)),
        (420_000, np.timedelta64(10, "m"), (1440, 6, 144)),
        (35_040, np.timedelta64(15, "m"), (960, 4, 96)),
        (730, np.timedelta64(1, "D"), (28, 1, 1)),
        (104, np.timedelta64(7, "D"), (18, 1, 1)),
        (174, np.timedelta64(365, "D"), (20, 1, 1)),
        (600, np.timedelta64(500, "ms"), (30, 1, 3)),
        (300, np.timedelta64(1, "m"), (28, 2, 18)),
        (300, None, (20, 1, 2)),
        (144, "months", (24, 1, 1)),
    ],
)
def test_the_default_window_suits_the_step_and_the_length(
    rows: int, step: np.timedelta64 | str | None, window: tuple[int, int, int]
) -> None:
    values = np.random.default_rng(0).normal(size=(rows, 1))
    if isinstance(step, str):
        months = np.arange("1949-01", "1961-01", dtype="datetime64[M]").astype("datetime64[ns]")
        series = replace(plain_series(values), times=months, spacing="even")
    else:
        series = plain_series(values, step)
    defaults = window_defaults(series)
    assert tuple(defaults[name] for name in ("lookback", "step", "delay")) == window


def test_at_the_mast_the_default_window_is_that_of_the_task() -> None:
    task = Forecast()
    assert window_defaults(mast()) == {
        "lookback": task.lookback,
        "step": task.step,
        "delay": task.delay,
    }


@given(
    rows=st.integers(1, 400),
    minutes=st.sampled_from([0, 1, 10, 60, 1440, 10_080]),
    missing=st.lists(st.integers(0, 399), max_size=30),
)
def test_the_default_window_fits_where_any_does(
    rows: int, minutes: int, missing: list[int]
) -> None:
    values = np.random.default_rng(0).normal(size=(rows, 1))
    values[[row for row in missing if row < rows], 0] = np.nan
    series = plain_series(values, np.timedelta64(minutes, "m") if minutes else None)
    measured = np.isfinite(values[:, 0])
    window_rows = WindowRows(split_runs(series), measured, measured)
    window = Window(**window_defaults(series))
    shortest = window_rows.index(Window(1, 1, 1))
    assert window_rows.index(window).fits == shortest.fits
    assert shortest.fits == (fitting_window(series) is not None)
    for name, value in vars(window).items():
        rules(Forecast)[name].check(name, value)


@given(
    rows=st.integers(1, 260),
    gaps=st.lists(st.integers(1, 259), max_size=4),
    missing=st.sampled_from([0.0, 0.02, 0.3, 0.9]),
    window=st.builds(
        Window, st.integers(1, 40), st.sampled_from([1, 2, 7]), st.sampled_from([1, 5, 24])
    ),
    reads=st.sampled_from(["alone", "all"]),
)
def test_whatever_is_missing_a_batch_is_finite_or_a_problem_says_why(
    rows: int, gaps: list[int], missing: float, window: Window, reads: str
) -> None:
    draw = np.random.default_rng(rows)
    values = draw.normal(size=(rows, 3)) * [1, 1e9, 90] + [0, 4e9, 180]
    values[draw.random(size=(rows, 3)) < missing] = np.nan
    steps = np.where(np.isin(np.arange(rows), gaps), 5, 1).cumsum()
    times = np.datetime64("2020-01-01", "ns") + steps * np.timedelta64(1, "h")
    gappy = replace(plain_series(values), times=times, directions=("c",))
    data = Measurements.of(gappy)
    columns = data.read_together(0) if reads == "all" else [0]
    if not data.rows(columns, 0).index(window).fits:
        with pytest.raises(Problem, match="Too few windows"):
            WindowedSeries.of(data, "a", reads, window)
        return
    windowed = WindowedSeries.of(data, "a", reads, window)
    for split in SPLITS:
        ends = windowed.index.ends[split]
        forecasts = naive_forecasts(gappy, windowed.column, windowed.index, ends)
        answers = windowed.column.scaled[ends + window.delay]
        read = windowed.index.windows(windowed.inputs, ends)
        for numbers in (read, answers, *forecasts.values()):
            assert len(numbers) == len(ends) >= 5
            assert numbers.isfinite().all()


def test_weights_of_a_file_that_was_read_otherwise_are_refused_with_the_reason() -> None:
    rows = [f"{stamp(10 * r)},{r % 9},{r % 7}" for r in range(300)]
    key = upload_file(rows, "time,a,b")
    task = Forecast("own", key, "a", "all", 12, 1, 1)
    model = ModelSpec("gru", hidden=3)
    trainer = Trainer(Experiment(task, model, Optimiser(steps=2, batch=8)))
    trainer.advance()
    # As if one of the columns had become the time, or rows with missing values had been dropped.
    for other in (replace(task, reads="alone"), replace(task, lookback=60)):
        experiment = Experiment(other, model, Optimiser(steps=2, batch=8))
        with pytest.raises(Problem, match="is read otherwise today than when it was trained"):
            load_checkpoint(experiment, checkpoint(trainer))
    with pytest.raises(Problem, match="is read otherwise today than when it was trained"):
        load_model(Experiment(replace(task, reads="alone"), model), weights_of(trainer.model))


def test_only_the_column_that_is_forecast_is_read_or_all() -> None:
    alone, every = Forecast(column="wind direction"), Forecast(column="wind direction", reads="all")
    assert alone.features == ("wind direction (sin)", "wind direction (cos)")
    assert len(every.features) == 8
    one, two = alone.select([5, 6]), every.select([5, 6])
    assert torch.equal(one.inputs, two.inputs[..., 5:7])
    assert torch.equal(one.targets, two.targets)
    answers = [task.answers(batch.targets, batch) for task, batch in ((alone, one), (every, two))]
    assert answers[0] == answers[1]


def test_an_answer_is_written_in_degrees_with_its_window() -> None:
    task = Forecast()
    batch = task.select([100], "validation")
    now = int(task._windows.ends["validation"][100])
    celsius = mast().values[:, 0]
    (answer,) = task.answers(batch.targets, batch)
    last = " → ".join(f"{each:.4g}" for each in celsius[now - 12 : now + 1 : 6])
    assert answer.question == f"{last} °C"
    assert answer.target == answer.prediction == f"{celsius[now + 144]:.4g} °C"
    history, targets = answer.curves["read"], answer.curves["wanted"]
    # 240 hours as 60 points of four hours each; the answer lies six such points ahead.
    hours = celsius[now - 24 * 59 : now + 1 : 24].tolist()
    assert history[:60] == pytest.approx(hours, abs=1e-5)
    assert history[60:] == (None,) * 6
    assert targets[:-1] == (None,) * 65
    assert targets[-1] == pytest.approx(float(celsius[now + 144]), abs=1e-4)
    assert task.example().tokens[-1] == f"{task._history(task.questions())[0][-1]:.4g}"


def test_every_combination_of_extreme_knobs_works() -> None:
    for lookback, step, delay in product((1, 2880), (1, 144), (1, 1008)):
        for reads in ("alone", "all"):
            task = Forecast(reads=reads, lookback=lookback, step=step, delay=delay)
            batch = task.batch(2, torch.Generator().manual_seed(0), "test")
            assert batch.inputs.shape[:2] == (2, task.steps)
            (answer, _) = task.answers(batch.targets, batch)
            assert len(answer.curves["read"]) <= 120
            assert task.baselines()


def test_jenas_columns_are_recognised() -> None:
    header = '"Date Time","p (mbar)","T (degC)","wd (deg)"'
    rows = [
        f"01.01.2009 {r // 60:02d}:{r % 60:02d}:00,{990 + r % 9},{r % 11},{r % 360}"
        for r in range(600)
    ]
    task = Forecast("own", upload_file(rows, header), lookback=20, step=2, delay=5)
    assert (task.columns, task.target, task.metric_unit) == (("p", "T", "wd"), "T", "°C")
    assert replace(task, column="T (degC)").target == replace(task, column="T").target == "T"
    assert Forecast("own", task.file, "wd", "all", 20, 2, 5).features[2:] == (
        "wd (sin)",
        "wd (cos)",
    )


def test_a_file_that_cannot_be_forecast_is_refused_with_a_reason() -> None:
    with pytest.raises(Problem, match="your own file, but none was uploaded"):
        Forecast("own")
    with pytest.raises(Problem, match="no longer available"):
        Forecast("own", "0" * 64)
    with pytest.raises(
        Problem, match=r"column is snow; allowed is one of: temperature, .*rainfall"
    ):
        Forecast(column="snow")
    key = upload_series([10 * row for row in range(200)])
    with pytest.raises(
        Problem,
        match=r"Too few windows: there are 0 for training, 0 .* look back 1440 and ahead 144 takes "
        r"1579 rows .* such parts have 100, 50 and 50. What fits, for example: to look back \d+",
    ):
        Forecast("own", key)
    assert Forecast("own", key, lookback=20, step=2, delay=20).size("test") == 50 - 18 - 20
    level = upload_file([f"{stamp(10 * r)},{r},{r % 5 if r < 100 else 3}" for r in range(200)])
    with pytest.raises(Problem, match="level is always the same"):
        Forecast("own", level, "level", lookback=20, step=2, delay=5)
    assert Forecast("own", level, lookback=20, step=2, delay=5).target == "minute"


def test_the_same_windows_for_a_batch_of_one_as_of_many() -> None:
    task = Forecast(lookback=36)
    many = task.select([3, 1, 4], "test")
    for row, index in enumerate((3, 1, 4)):
        one: Batch = task.select([index], "test")
        assert torch.equal(one.inputs[0], many.inputs[row])
        assert torch.equal(one.targets[0], many.targets[row])
