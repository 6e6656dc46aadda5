"""Times of tables: every form gives the instants that were written, or a question that does."""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from rnnviz.data.reading.order import Arrangement, arrange
from rnnviz.data.reading.times import TimeReading, recognise_times


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
    assert (again.instants == reading.instants).all()


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
        {"x": [f"{NAMES[int(m[5:]) - 1]}-{m[2:4]}" for m in MONTHS]},
        *("2059-01", "2059-02", "2060-12"),
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
    assert (again.instants == reading.instants).all()


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
