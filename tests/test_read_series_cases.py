"""Files that were once read wrong, each compared with pandas and its dialect given by hand."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rnnviz.data import SeriesReading, read_series, read_text_file

FIXTURES = Path(__file__).parent / "fixtures" / "series"


@dataclass(frozen=True)
class Case:
    """How pandas reads a file when it is told everything.

    times     the columns of the time, joined by blanks, and their pattern
    csv       further arguments of `pandas.read_csv`
    dropped   columns that hold no measurements
    missing   column -> a number that means missing
    words     what of the text is replaced first
    step      in seconds, None where it is not checked
    """

    times: Sequence[str]
    pattern: str
    target: str
    csv: dict[str, Any] = field(default_factory=dict)
    dropped: Sequence[str] = ()
    missing: dict[str, float] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    step: float | None = 86_400
    spacing: str = "clock"
    questions: int = 0
    directions: Sequence[str] = ()


HOUR = 3_600
ISO = "%Y-%m-%d"
CLOCK = "%Y-%m-%d %H:%M:%S"
GERMAN = {"sep": ";", "decimal": ",", "thousands": "."}
AIR = {"sep": ";", "decimal": ","}

CASES: dict[str, Case] = {
    "airline_yyyy_mm": Case(["Month"], "%Y-%m", "Passengers", step=None, spacing="even"),
    "airquality_iso": Case(
        ["Datetime"], CLOCK, "T", AIR, missing={"CO(GT)": -200}, step=HOUR, questions=1
    ),
    "airquality_uci": Case(
        ["Date", "Time"],
        "%d/%m/%Y %H.%M.%S",
        "T",
        AIR,
        missing={"CO(GT)": -200},
        step=HOUR,
        questions=1,
    ),
    "beijing_pm25": Case(
        ["year", "month", "day", "hour"], "%Y %m %d %H", "TEMP", {}, ["No", "cbwd"], step=HOUR
    ),
    "blank_first_time": Case(["date"], ISO, "temp"),
    "comment_lines": Case(["date"], ISO, "temp", {"skiprows": 2}),
    "date_am_pm_rows": Case(
        ["date", "part"],
        "%Y-%m-%d %I %p",
        "load",
        words={"AM": "12 AM", "PM": "12 PM"},
        step=12 * HOUR,
        questions=1,
    ),
    "de_thousands_both": Case(["Datum"], "%d.%m.%Y", "Umsatz", GERMAN),
    "de_two_digit_year": Case(["Datum"], "%d.%m.%y", "Wert", GERMAN),
    "dst_local_15min": Case(["ts"], "%Y-%m-%d %H:%M", "v", step=900),
    "ecg_500ms": Case(["t"], "%Y-%m-%d %H:%M:%S.%f", "v", step=0.5),
    "excel_first_row_blank": Case(["date"], ISO, "temp", {"skiprows": 1}),
    "excel_sep_line": Case(["date"], ISO, "temp", {"skiprows": 1, "sep": ";"}),
    "excel_trailing_empty_rows": Case(["date"], ISO, "temp"),
    "header_quoted_commas": Case(["date"], ISO, "temp, °C", {"sep": ";"}),
    "headerless_with_text": Case(
        ["#1"], ISO, "#3", {"header": None, "names": ["#1", "#2", "#3", "#4"]}, ["#2"], questions=1
    ),
    "iso_ampm": Case(["time"], "%Y-%m-%d %I:%M:%S %p", "load", step=HOUR),
    "kma_utf8sig": Case(
        ["일시"],
        "%Y-%m-%d %H:%M",
        "기온(°C)",
        dropped=["지점명"],
        step=HOUR,
        directions=["풍향(16방위)"],
    ),
    "ko_excel_ampm": Case(
        ["시각"],
        "%Y-%m-%d %p %I:%M:%S",
        "전력",
        words={"오전": "AM", "오후": "PM"},
        step=HOUR,
    ),
    "ko_sheets_dot_space": Case(["날짜"], "%Y. %m. %d.", "판매량"),
    "ko_years": Case(["날짜"], "%Y년 %m월 %d일", "판매량"),
    "meter_counter_wh": Case(["time"], "%Y-%m-%d %H:%M", "meter_Wh", step=HOUR),
    "pandas_index": Case(["date"], CLOCK, "OT", dropped=["Unnamed: 0"], step=HOUR),
    "pendulum_deg": Case(["time"], CLOCK, "theta (deg)", step=1),
    "power_date_time_qmark": Case(
        ["Date", "Time"],
        "%d/%m/%Y %H:%M:%S",
        "Global_active_power",
        {"sep": ";", "na_values": "?"},
        step=60,
    ),
    "semi_us_thousands": Case(["date"], ISO, "visitors", {"sep": ";", "thousands": ","}),
    "temp_bracket_deg": Case(["time"], CLOCK, "Temp [°]", AIR, step=HOUR),
    "title_line": Case(["date"], ISO, "temp", {"skiprows": 1}),
    "tz_cet_abbrev": Case(["ts"], CLOCK, "v", words={" CET": ""}, step=HOUR),
    "us_dates_desc": Case(["Date"], "%m/%d/%Y", "Close", spacing="even", questions=1),
    "weekly_104": Case(["week"], ISO, "v", step=7 * 86_400),
    "yahoo_business_days": Case(["Date"], ISO, "Close", spacing="even", questions=1),
    "year_anomaly": Case(["Year"], "%Y", "Anomaly", step=None, spacing="even"),
    "yyyymmdd_int": Case(["date"], "%Y%m%d", "close", spacing="even", questions=1),
}


def content_of(name: str) -> bytes:
    return (FIXTURES / f"{name}.csv").read_bytes()


def expected_table(name: str, case: Case) -> pd.DataFrame:
    """The rows that hold a time, in their order, the first of each; a column "when" of times."""
    text = content_of(name).decode("utf-8-sig")
    for word, other in case.words.items():
        text = text.replace(word, other)
    kinds = dict.fromkeys(case.times, str)
    table = pd.read_csv(io.StringIO(text), dtype=kinds, **case.csv)
    table = table.dropna(axis="columns", how="all").dropna(subset=list(case.times))
    joined = table[list(case.times)].agg(" ".join, axis=1)
    table["when"] = pd.to_datetime(joined, format=case.pattern)
    for column, code in case.missing.items():
        table.loc[table[column] == code, column] = np.nan
    table = table.drop(columns=[*case.times, *case.dropped])
    return table.drop_duplicates("when").sort_values("when", kind="stable")


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_read_as_pandas_reads_it_when_it_is_told_everything(name: str) -> None:
    case = CASES[name]
    table = expected_table(name, case)
    reading = read_series(content_of(name))
    assert reading.times is not None
    np.testing.assert_array_equal(reading.times, table["when"].to_numpy("datetime64[ns]"))
    assert list(reading.columns) == [column for column in table if column != "when"]
    for column, values in reading.columns.items():
        assert values.dtype == np.float64
        np.testing.assert_array_equal(values, table[column].to_numpy(np.float64))
    assert reading.target == case.target
    if case.step is not None:
        assert reading.step == np.timedelta64(int(case.step * 1e9), "ns")
    assert reading.spacing == case.spacing
    assert reading.directions == tuple(case.directions)
    assert len(reading.questions) == case.questions


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("*.csv")), ids=lambda path: path.stem)
def test_decisions_read_the_same_again(path: Path) -> None:
    content = path.read_bytes()
    first = read_series(content)
    second = read_series(content, **first.decisions)
    assert second.decisions == first.decisions
    assert second.roles == first.roles
    assert_equal(first, second)


def assert_equal(first: SeriesReading, second: SeriesReading) -> None:
    assert list(first.columns) == list(second.columns)
    for name in first.columns:
        np.testing.assert_array_equal(first.columns[name], second.columns[name])
    for one, other in ((first.times, second.times), (first.elapsed, second.elapsed)):
        assert (one is None) == (other is None)
        if one is not None:
            np.testing.assert_array_equal(one, other)


def test_seconds_since_1970_are_times() -> None:
    table = pd.read_csv(FIXTURES / "epoch_seconds.csv")
    reading = read_series(content_of("epoch_seconds"))
    expected = table["Timestamp"].to_numpy(np.int64).astype("datetime64[s]")
    np.testing.assert_array_equal(reading.times, expected)
    assert list(reading.columns) == ["Open", "Close"]
    assert reading.target == "Close"
    np.testing.assert_array_equal(reading.columns["Open"], table["Open"])


def test_elapsed_seconds_are_the_time_and_never_the_target() -> None:
    table = pd.read_csv(FIXTURES / "elapsed_seconds.csv")
    reading = read_series(content_of("elapsed_seconds"))
    assert reading.times is None
    np.testing.assert_array_equal(reading.elapsed, table["t"])
    assert reading.step == pytest.approx(0.02)
    assert (reading.target, list(reading.columns)) == ("theta", ["theta", "omega"])


def test_a_code_for_missing_can_be_a_measurement() -> None:
    content = content_of("airquality_uci")
    (question,) = read_series(content).questions
    assert "-200" in str(question.message)
    measured = read_series(content, **question.choices[1].arguments).columns["CO(GT)"]
    assert (measured == -200).sum() == 90
    assert np.isfinite(measured).all()


def test_the_first_line_may_be_the_header_after_all() -> None:
    content = content_of("headerless_with_text")
    (question,) = read_series(content).questions
    row, names = (read_series(content, **choice.arguments) for choice in question.choices)
    assert (len(row), len(names)) == (300, 299)
    assert list(names.columns) == ["13.9", "48.7"]


def test_what_is_left_out_is_said() -> None:
    remarks = {name: " ".join(map(str, read_series(content_of(name)).remarks)) for name in CASES}
    assert "Empty lines left out: 12." in remarks["airquality_uci"]
    assert "they are empty: #6, #7" in remarks["airquality_uci"]
    assert "No is left out: it numbers the rows." in remarks["beijing_pm25"]
    assert "they hold no numbers: cbwd" in remarks["beijing_pm25"]
    assert "Missing values: pm2.5 (33)" in remarks["beijing_pm25"]
    assert "Line 3 names the columns; 2 lines above it left out." in remarks["comment_lines"]
    assert "1,029 is read as 1029" in remarks["semi_us_thousands"]
    assert "Empty lines left out: 20." in remarks["excel_trailing_empty_rows"]
    assert (
        "Missing values: Global_active_power (2), Voltage (2)" in remarks["power_date_time_qmark"]
    )


def test_a_counter_keeps_all_of_its_digits() -> None:
    reading = read_series(content_of("meter_counter_wh"))
    assert len(np.unique(reading.columns["meter_Wh"])) == 500


def test_lines_of_mainframes_stay_lines() -> None:
    content = (FIXTURES / "nel_vt_ff.txt").read_bytes()
    assert read_text_file(content).split("\n") == content.decode().splitlines()
