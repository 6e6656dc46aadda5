"""Times of tables: every form gives the instants that were written, or a question that does."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from rnnviz.data.reading.order import Arrangement, arrange
from rnnviz.data.reading.result import Spacing
from rnnviz.data.reading.times import TimeReading, recognise_times
from rnnviz.data.reading.times.numeric import NUMERIC_CODES
from rnnviz.data.reading.times.textual import TEXT_CODES
from rnnviz.messages import Problem


def parse_number(column: "pd.Series[str]") -> NDArray[np.float64]:
    numbers = pd.to_numeric(column.replace("", None), errors="coerce")
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def read(
    columns: dict[str, list[str]],
    time: list[str] | None = None,
    time_format: str | None = None,
) -> TimeReading:
    cells = {name: pd.Series(texts, dtype=str) for name, texts in columns.items()}
    return recognise_times(cells, parse_number, time=time, time_format=time_format)


def arranged(columns: dict[str, list[str]]) -> Arrangement:
    return arrange(read(columns), None)


HOURLY = [datetime(2021, 1, 1) + timedelta(hours=7 * k) for k in range(90)]
DAILY = [datetime(2021, 1, 1) + timedelta(days=k) for k in range(60)]


def half(moment: datetime, morning: str, afternoon: str) -> str:
    return morning if moment.hour < 12 else afternoon


FORMS = {
    "iso": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}",
    "blank": lambda t: f"{t:%Y-%m-%d %H:%M}",
    "fraction": lambda t: f"{t:%Y-%m-%d %H:%M:%S}.000000000",
    "zulu": lambda t: f"{t:%Y-%m-%dT%H:%M:%SZ}",
    "basic": lambda t: f"{t:%Y%m%dT%H%M%S}",
    "digits": lambda t: f"{t:%Y%m%d%H%M}",
    "digits, hour": lambda t: f"{t:%Y%m%d%H}",
    "German": lambda t: f"{t:%d.%m.%Y %H:%M}",
    "German, short": lambda t: f"{t.day}.{t.month}.{t:%y %H:%M}",
    "British": lambda t: f"{t:%d/%m/%Y %H:%M:%S}",
    "American": lambda t: f"{t.month}/{t.day}/{t:%Y} {t.hour % 12 or 12}:{t:%M} {t:%p}",
    "a.m.": lambda t: f"{t:%m/%d/%Y} {t.hour % 12 or 12}:{t:%M} {half(t, 'a.m.', 'p.m.')}",
    "Korean": lambda t: (
        f"{t.year}. {t.month}. {t.day}. {half(t, '오전', '오후')} {t.hour % 12 or 12}:{t:%M:%S}"
    ),
    "Korean, long": lambda t: f"{t.year}년 {t.month}월 {t.day}일 {t.hour}시 {t.minute}분",
    "names": lambda t: f"{t:%d-%b-%Y %H:%M}",
    "long names": lambda t: f"{t:%B} {t.day}, {t.year} {t:%H:%M}",
    "mail": lambda t: f"{t:%a, %d %b %Y %H:%M:%S} +0000",
    "ctime": lambda t: t.ctime(),
    "Apache": lambda t: f"{t:%d/%b/%Y:%H:%M:%S} +0900",
    "dots": lambda t: f"{t:%d.%m.%Y %H.%M.%S}",
    "zone": lambda t: f"{t:%Y-%m-%d %H:%M:%S} KST",
    "offset": lambda t: f"{t:%Y-%m-%d %H:%M:%S}+05:30",
    "short offset": lambda t: f"{t:%Y-%m-%d %H:%M:%S}-03",
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_gives_the_times_that_were_written(form: str) -> None:
    reading = read({"x": [str(k % 7) for k in range(90)], "time": [*map(FORMS[form], HOURLY)]})
    assert reading.names == ("time",)
    assert reading.instants.tolist() == pd.DatetimeIndex(HOURLY).as_unit("ns").to_numpy().tolist()
    assert not reading.questions
    again = read({"time": [*map(FORMS[form], HOURLY)]}, ["time"], reading.time_format)
    assert same(again.instants, reading.instants)


def test_newest_first_is_turned_round() -> None:
    result = arranged({"Date": [f"{t:%m/%d/%Y}" for t in DAILY[::-1]]})
    assert result.rows.tolist() == [*range(59, -1, -1)]
    assert result.times.astype("datetime64[s]").tolist() == DAILY
    assert result.step == np.timedelta64(1, "D")


# Periods, numbers and parts of times: columns, and the first, second and last time by hand.
MONTHS = [f"{year}-{month:02d}" for year in (1959, 1960) for month in range(1, 13)]
NAMES = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()  # noqa: SIM905
HOURS = [(day, hour) for day in range(28, 32) for hour in range(24)]
COLUMNS = {
    "months": ({"Month": MONTHS}, "1959-01", "1959-02", "1960-12"),
    "months, slash": (
        {"m": [m.replace("-0", "/") for m in MONTHS]},
        "1959-01",
        "1959-02",
        "1960-12",
    ),
    "months, M": ({"TIME": [m.replace("-", "M") for m in MONTHS]}, "1959-01", "1959-02", "1960-12"),
    "months, dot": ({"월": [m.replace("-", ".") for m in MONTHS]}, "1959-01", "1959-02", "1960-12"),
    "months, digits": (
        {"기준년월": [m.replace("-", "") for m in MONTHS]},
        *("1959-01", "1959-02", "1960-12"),
    ),
    "months, Korean": (
        {"시점": [f"{m[:4]}년 {int(m[5:])}월" for m in MONTHS]},
        *("1959-01", "1959-02", "1960-12"),
    ),
    "months, names": (
        {"x": [f"{NAMES[int(m[5:]) - 1]}-{int(m[2:4]) - 40}" for m in MONTHS]},
        *("2019-01", "2019-02", "2020-12"),
    ),
    "names across 1969": (
        {"x": [f"{name} {year}" for year in (67, 68, 69, 70) for name in NAMES]},
        *("1967-01", "1967-02", "1970-12"),
    ),
    "quarters": (
        {"q": [f"{year}Q{q}" for year in range(1990, 1996) for q in (1, 2, 3, 4)]},
        *("1990-01", "1990-04", "1995-10"),
    ),
    "quarters, Korean": (
        {"시점": [f"{year}년 {q}분기" for year in range(1990, 1996) for q in (1, 2, 3, 4)]},
        *("1990-01", "1990-04", "1995-10"),
    ),
    "quarters, in fours": (
        {"시점": [f"{year}년 {q}/4분기" for year in range(1990, 1996) for q in (1, 2, 3, 4)]},
        *("1990-01", "1990-04", "1995-10"),
    ),
    "calendar weeks": (
        {"Woche": [f"KW {week}/2020" for week in range(1, 54)]},
        *("2019-12-30", "2020-01-06", "2020-12-28"),
    ),
    "quarters, KOSIS": (
        {"시점": [f"{year}.{q}/4" for year in range(1990, 1996) for q in (1, 2, 3, 4)]},
        *("1990-01", "1990-04", "1995-10"),
    ),
    # The first week of 2020 begins on Monday, 30 December 2019.
    "weeks": (
        {"week": [f"2020-W{week:02d}" for week in range(1, 54)]},
        *("2019-12-30", "2020-01-06", "2020-12-28"),
    ),
    "years": ({"Year": [str(y) for y in range(1850, 1950)]}, "1850", "1851", "1949"),
    "years, Korean": ({"연도": [f"{y}년" for y in range(1850, 1950)]}, "1850", "1851", "1949"),
    "years, floats": ({"year": [f"{y}.0" for y in range(1850, 1950)]}, "1850", "1851", "1949"),
    "seconds since 1970": (
        {"ts": [str(1_325_317_920 + 60 * k) for k in range(50)]},
        *("2011-12-31T07:52", "2011-12-31T07:53", "2011-12-31T08:41"),
    ),
    "milliseconds since 1970": (
        {"time": [str(1_577_836_800_000 + 500 * k) for k in range(50)]},
        *("2020-01-01", "2020-01-01T00:00:00.500", "2020-01-01T00:00:24.500"),
    ),
    "nanoseconds since 1970": (
        {"time": [str(1_577_836_800_000_000_000 + 123_456_789 * k) for k in range(50)]},
        *("2020-01-01", "2020-01-01T00:00:00.123456789", "2020-01-01T00:00:06.049382661"),
    ),
    "spreadsheet days": (
        {"Date": [f"{43831 + k / 24:.6f}" for k in range(50)]},
        *("2020-01-01", "2020-01-01T01", "2020-01-03T01"),
    ),
    "date and hour": (
        {"date": [f"2020-01-{d}" for d, _ in HOURS], "hour": [str(h) for _, h in HOURS]},
        *("2020-01-28", "2020-01-28T01", "2020-01-31T23"),
    ),
    "date and hour from 1": (
        {"날짜": [f"202001{d}" for d, _ in HOURS], "시간": [str(h + 1) for _, h in HOURS]},
        *("2020-01-28T01", "2020-01-28T02", "2020-02-01"),
    ),
    "date and digits": (
        {"date": [f"202001{d}" for d, _ in HOURS], "time": [str(100 * h) for _, h in HOURS]},
        *("2020-01-28", "2020-01-28T01", "2020-01-31T23"),
    ),
    "four columns": (
        {
            **{"년": ["2020"] * 96, "월": ["1"] * 96},
            **{"일": [str(d) for d, _ in HOURS], "시": [str(h) for _, h in HOURS]},
        },
        *("2020-01-28", "2020-01-28T01", "2020-01-31T23"),
    ),
    "year and month's name": (
        {"Month": NAMES * 2, "Year": ["1959"] * 12 + ["1960"] * 12},
        *("1959-01", "1959-02", "1960-12"),
    ),
    "24:00": (
        {"일시": [f"2021-12-31 {hour:02d}:00" for hour in range(1, 25)]},
        *("2021-12-31T01", "2021-12-31T02", "2022-01-01"),
    ),
    "minutes beside hours": (
        {
            "date": [f"2020-01-{d}" for d, _ in HOURS],
            **{"hour": [str(h) for _, h in HOURS], "minute": ["30"] * 96},
        },
        *("2020-01-28T00:30", "2020-01-28T01:30", "2020-01-31T23:30"),
    ),
    "a buoy": (
        {
            **{"YY": ["2020"] * 96, "MM": ["01"] * 96, "DD": [str(d) for d, _ in HOURS]},
            **{"hh": [f"{h:02d}" for _, h in HOURS], "mm": ["50"] * 96},
        },
        *("2020-01-28T00:50", "2020-01-28T01:50", "2020-01-31T23:50"),
    ),
    "Korean quarters in two columns": (
        {"연도": ["2019년"] * 4 + ["2020년"] * 4, "분기": ["1분기", "2분기", "3분기", "4분기"] * 2},
        *("2019-01", "2019-04", "2020-10"),
    ),
    "intervals": (
        {"MTU": [f"{d}.01.2020 {h:02d}:00 - {d}.01.2020 {h:02d}:59" for d, h in HOURS]},
        *("2020-01-28", "2020-01-28T01", "2020-01-31T23"),
    ),
    "intervals without a blank": (
        {
            "date": [f"2020-01-{d}" for d, _ in HOURS],
            "time": [f"{h:02d}:00-{h + 1:02d}:00" for _, h in HOURS],
        },
        *("2020-01-28", "2020-01-28T01", "2020-01-31T23"),
    ),
    "halves of the day apart": (
        {
            "Date": [f"01/{d}/2020" for d, _ in HOURS],
            "Time": [f"{h % 12 or 12}:00" for _, h in HOURS],
            "AM/PM": ["AM" if h < 12 else "PM" for _, h in HOURS],
        },
        *("2020-01-28", "2020-01-28T01", "2020-01-31T23"),
    ),
    # At 2:00 EDT of 1 November 2020 it became 1:00 EST.
    "zones apart": (
        {
            "datetime": [f"2020-11-01 0{h}:00" for h in (0, 1, 1, 2)],
            "tz_cd": ["EDT", "EDT", "EST", "EST"],
        },
        *("2020-11-01", "2020-11-01T01", "2020-11-01T03"),
    ),
    "an end that never comes": (
        {"date": [f"2020-01-{d:02d}" for d in range(1, 32)] + ["9999-12-31", "2020-02-01"]},
        *("2020-01-01", "2020-01-02", "2020-02-01"),
    ),
    "offsets across a change": (
        {"t": [f"2020-10-25T0{h}:00+02:00" for h in (1, 2)] + ["2020-10-25T02:00+01:00"]},
        *("2020-10-25T01", "2020-10-25T02", "2020-10-25T03"),
    ),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_periods_numbers_and_parts_give_the_times_of_the_calendar(case: str) -> None:
    columns, first, second, last = COLUMNS[case]
    rows = len(next(iter(columns.values())))
    reading = read({**columns, "value": [f"{k % 9}.5" for k in range(rows)]})
    assert set(reading.names) == set(columns)
    expected = np.array([first, second, last], dtype="datetime64[ns]")
    assert reading.instants[[0, 1, -1]].tolist() == expected.tolist()
    assert not reading.questions
    again = read(columns, list(reading.names), reading.time_format)
    assert same(again.instants, reading.instants)


SECONDS = {
    "elapsed": ("t", [f"{0.02 * k:.2f}" for k in range(60)], 0.02),
    "clock": ("Uhrzeit", [f"{23 + k // 6:02d}:{k % 6}0" for k in range(6)], 600.0),
    "midnight": ("time", ["23:58", "23:59", "00:00", "00:01", "00:02"], 60.0),
    "days": ("time", [f"{k // 2} days {k % 2 * 12:02d}:00:00" for k in range(20)], 43_200.0),
    "long": ("time", [f"{k}:30:00" for k in range(20, 40)], 3_600.0),
    "minutes": ("lap", [f"{k // 2}:{30 * (k % 2):02d}.0" for k in range(20)], 30.0),
    "ISO": ("t", [f"PT{k}M30S" for k in range(20)], 60.0),
}


@pytest.mark.parametrize("case", SECONDS)
def test_lengths_of_time_become_seconds(case: str) -> None:
    name, texts, step = SECONDS[case]
    reading = read({name: texts})
    assert reading.instants is None
    result = arrange(reading, None)
    assert result.times is None
    assert result.elapsed == pytest.approx(result.elapsed[0] + step * np.arange(len(texts)))
    assert result.step == pytest.approx(step)
    assert (read({name: texts}, [name], reading.time_format).elapsed == reading.elapsed).all()


DATE_FORMS = {
    "ISO date": lambda t: f"{t:%Y-%m-%d}",
    "slashes": lambda t: f"{t:%Y/%m/%d}",
    "German date": lambda t: f"{t:%d.%m.%Y}",
    "short": lambda t: f"{t:%d.%m.%y}",
    "American date": lambda t: f"{t:%m/%d/%Y}",
    "British date": lambda t: f"{t:%d/%m/%y}",
    "Korean date": lambda t: f"{t.year}. {t.month}. {t.day}.",
    "digits": lambda t: f"{t:%Y%m%d}",
    "named": lambda t: f"{t:%b} {t.day}, {t:%Y}",
    "weekday": lambda t: f"{t:%Y-%m-%d} ({'월화수목금토일'[t.weekday()]})",
}
STEPS = [timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=7)]
DAYS = [timedelta(days=1), timedelta(days=3), timedelta(weeks=1)]


@st.composite
def series(draw: st.DrawFn) -> tuple[list[str], list[datetime | None]]:
    """Even times in one of the forms, in any order, with some cells empty."""
    name = draw(st.sampled_from([*FORMS, *DATE_FORMS]))
    by_day = name in DATE_FORMS or name == "digits, hour"
    start = draw(st.datetimes(datetime(1971, 1, 1), datetime(2060, 1, 1)))
    start = start.replace(second=0, microsecond=0)
    if by_day:
        start = start.replace(hour=0, minute=0)
    step = draw(st.sampled_from(DAYS if by_day else STEPS))
    times: list[datetime | None] = [start + k * step for k in range(draw(st.integers(12, 50)))]
    order = draw(st.sampled_from(["as they are", "newest first", "shuffled"]))
    if order == "newest first":
        times.reverse()
    elif order == "shuffled":
        times = draw(st.permutations(times))
    if draw(st.booleans()):
        times.insert(draw(st.integers(0, len(times))), None)
    write = FORMS.get(name) or DATE_FORMS[name]
    return ["" if time is None else write(time) for time in times], times


@settings(max_examples=150, deadline=None)
@given(series())
def test_what_was_written_is_read_or_asked(case: tuple[list[str], list[datetime | None]]) -> None:
    texts, times = case
    columns = {"date": texts, "value": [f"{k * 7 % 11}.5" for k in range(len(texts))]}
    reading = read(columns)
    expected = np.array(times, dtype="datetime64[ns]")
    readings = [reading]
    for question in reading.questions:
        readings += [
            read(columns, choice.arguments["time"], choice.arguments.get("time_format"))
            for choice in question.choices
        ]
    right = [one for one in readings if one.instants is not None and same(one.instants, expected)]
    assert right, f"{texts[:3]} is read as {reading.instants}"
    result = arrange(right[0], None)
    known = expected[~np.isnat(expected)]
    assert result.times.tolist() == np.sort(known).tolist()
    assert expected[result.rows].tolist() == result.times.tolist()
    assert result.step == np.diff(result.times).min()
    assert any("chronological order" in str(remark) for remark in result.remarks) == (
        not (np.diff(known) > 0).all() and not (np.diff(known) < 0).all()
    )


def same(first: NDArray[np.datetime64], second: NDArray[np.datetime64]) -> bool:
    return np.array_equal(first, second, equal_nan=True)


CELL = st.one_of(
    st.text(max_size=12),
    st.text("0123456789-/.: TZ+", max_size=20),
    st.sampled_from(["2021-01-01", "99999999999999999999", "24:00", "-1", "1e308", "nan", "오전"]),
)
NAME = st.one_of(st.text(max_size=5), st.sampled_from(["time", "date", "year", "month", "hour"]))
TIME_FORMAT = st.one_of(
    st.none(),
    st.text("%YmdHMSfpzZbjGVuq-/: 0", max_size=10),
    st.sampled_from([*TEXT_CODES, *NUMERIC_CODES]),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(NAME, min_size=1, max_size=4, unique=True).flatmap(
        lambda names: st.tuples(st.just(names), st.lists(st.tuples(*[CELL] * len(names))))
    ),
    TIME_FORMAT,
    st.booleans(),
    st.sampled_from([None, "even", "clock"]),
)
def test_whatever_the_cells_hold_only_problems_are_raised(
    table: tuple[list[str], list[tuple[str, ...]]],
    time_format: str | None,
    named: bool,
    spacing: Spacing | None,
) -> None:
    names, rows = table
    columns = {name: [row[place] for row in rows] for place, name in enumerate(names)}
    try:
        reading = read(columns, names[:2] if named else None, time_format)
    except Problem:
        return
    result = arrange(reading, spacing)
    assert len(np.unique(result.rows)) == len(result.rows) <= len(rows)
    for values in (result.times, result.elapsed):
        assert values is None or (np.diff(values).astype(np.float64) > 0).all()
    for text in (*reading.remarks, *result.remarks, *reading.questions, *result.questions):
        assert str(text)


def test_times_that_have_two_orders_are_asked_about() -> None:
    texts = [f"{month:02d}/{day:02d}/2020" for month in (4, 3, 5) for day in (2, 9, 4)]
    reading = read({"date": texts})
    (question,) = reading.questions
    formats = [choice.arguments["time_format"] for choice in question.choices]
    assert sorted(formats) == ["%d/%m/%Y", "%m/%d/%Y"]
    april = read({"date": texts}, ["date"], "%m/%d/%Y").instants[0]
    assert april == np.datetime64("2020-04-02")


@pytest.mark.parametrize("name", ["x", "Price", "id"])
def test_measurements_are_not_times(name: str) -> None:
    for texts in (
        [f"{10 + k * 0.13:.2f}" for k in range(90)],
        [str(20180101 + k) for k in range(90)],
        [str(1000 + k % 24) for k in range(90)],
        [f"{k % 60}.30" for k in range(90)],
    ):
        assert read({"a": [f"{k % 7}" for k in range(90)], name: texts}).names == ()


@pytest.mark.parametrize(("step", "repeated"), [("15min", 4), ("h", 1)])
def test_a_repeated_hour_is_explained_and_most_rows_stay(step: str, repeated: int) -> None:
    berlin = pd.date_range("2020-10-24", periods=200, freq=step, tz="Europe/Berlin")
    result = arranged({"ts": [*berlin.strftime("%Y-%m-%d %H:%M")]})
    assert len(result.times) == 200 - repeated
    assert "The clock was set back" in str(result.remarks[0])
    noon = [f"{t:%Y-%m-%d %H:%M}" for t in HOURLY]
    result = arranged({"ts": [*noon[:50], noon[49], *noon[50:]]})
    assert str(result.remarks[0]).startswith("Of rows with the same time, only the first is kept.")


def test_times_that_often_repeat_cost_no_row() -> None:
    dates = [f"{t:%Y-%m-%d}" for t in DAILY for _ in range(2)]
    result = arranged({"date": dates, "v": ["1"] * 120})
    assert result.times is None
    assert result.spacing == "even"
    assert result.rows.tolist() == [*range(120)]
    (question,) = result.questions
    assert [choice.arguments for choice in question.choices] == [
        {"spacing": "even"},
        {"spacing": "clock"},
    ]
    first = arrange(read({"date": dates}), "clock")
    assert first.rows.tolist() == [*range(0, 120, 2)]


def test_days_of_rest_are_said_and_asked_about() -> None:
    days = [*pd.bdate_range("2018-01-01", periods=100).strftime("%Y-%m-%d")]
    result = arranged({"Date": days})
    assert result.spacing == "even"
    assert result.step == np.timedelta64(1, "D")
    assert "Days of the week without any row: 2" in str(result.questions[0].message)
    assert arrange(read({"Date": days}), "clock").spacing == "clock"


def test_months_follow_each_other_without_gaps() -> None:
    result = arranged({"Month": MONTHS})
    assert (result.spacing, str(result.remarks[-1])) == ("even", "Usual step: 1 month.")
    result = arranged({"Month": MONTHS[:5] + MONTHS[7:]})
    assert result.spacing == "clock"
    assert str(result.remarks[-1]) == "Gaps between the times: 1; the longest lasts 92 days."


@pytest.mark.parametrize(
    ("time", "time_format"),
    [(["no"], None), (["a"], "%d.%m.%Y"), (["a"], "%Y-%Q"), (["b"], None), (["a"], "epoch-s")],
)
def test_a_wrong_wish_is_a_problem_that_says_what_is_allowed(
    time: list[str], time_format: str | None
) -> None:
    columns = {"a": [f"{t:%Y-%m-%d}" for t in DAILY], "b": ["text"] * 60}
    with pytest.raises(Problem, match="allowed"):
        read(columns, time, time_format)


def test_an_empty_list_means_evenly_spaced_rows() -> None:
    reading = read({"date": [f"{t:%Y-%m-%d}" for t in DAILY]}, [])
    assert reading.names == ()
    assert reading.instants is None
    assert arrange(reading, None).rows.tolist() == [*range(60)]


def test_a_year_and_month_without_names_are_a_guess() -> None:
    columns = {"#1": ["1900"] * 12 + ["1901"] * 12, "#2": [f"{m:02d}" for m in range(1, 13)] * 2}
    reading = read({**columns, "#3": [f"{k * k % 13}" for k in range(24)]})
    assert reading.names == ("#1", "#2")
    assert reading.instants[-1] == np.datetime64("1901-12")
    assert [choice.arguments["time"] for choice in reading.questions[0].choices] == [
        ["#1", "#2"],
        [],
    ]


def test_several_dates_are_asked_about_and_numbers_of_times_are_no_measurements() -> None:
    dates = [f"{t:%Y-%m-%d}" for t in DAILY]
    created = {"created_at": dates, "updated_at": dates[1:] + dates[:1]}
    (question,) = read(created).questions
    assert [choice.arguments["time"] for choice in question.choices] == [
        *([name] for name in created),
        [],
    ]
    seconds = [str(1_600_000_000 + 86_400 * k) for k in range(60)]
    reading = read({"unix": seconds, "date": dates, "v": [f"{k % 7}" for k in range(60)]})
    assert (reading.names, reading.also, reading.questions) == (("date",), ("unix",), ())


def test_most_cells_without_a_time_cost_no_rows() -> None:
    reading = read({"date": ["2020-01-01", "", "", "2020-01-02", "", ""], "v": ["1"] * 6})
    assert reading.names == ()
    assert reading.questions[0].choices[0].arguments == {"time": []}


def test_some_cells_that_are_no_times_are_counted_and_read_again() -> None:
    texts = [f"{t:%Y-%m-%d}" for t in DAILY] + ["Total", "Mean"]
    reading = read({"date": texts})
    assert any("such as Total: 2" in str(remark) for remark in reading.remarks)
    again = read({"date": texts}, ["date"], reading.time_format)
    assert same(again.instants, reading.instants)
    assert len(arrange(again, None).rows) == 60
