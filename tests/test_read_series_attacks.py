"""Tables in which something is amiss, or that programs write in odd ways, read right or asked."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from rnnviz.data import SeriesReading, read_series
from rnnviz.messages import Problem

COUNT = 60
MONTHS = [date(2000 + i // 12, i % 12 + 1, 1) for i in range(COUNT)]
VALUES = [round(12 + 8 * float(np.sin(i / 4)), 1) for i in range(COUNT)]
DAYS = [date(2020, 1, 1) + timedelta(days=i) for i in range(200)]
NAN = float("nan")


def table(header: str, *rows: str) -> bytes:
    return "\n".join([header, *rows]).encode()


def texts(reading: SeriesReading) -> str:
    return "\n".join(map(str, reading.remarks))


CHANGED: dict[str, Callable[[date], str]] = {
    "as the spreadsheet shows it": lambda d: (
        f"{d.month}/{d.day}/{d.year}" if d.day <= 12 else f"{d.day}-{d.month}-{d.year}"
    ),
    "with the same mark": lambda d: (
        f"{d.month}/{d.day}/{d.year}" if d.day <= 12 else f"{d.day}/{d.month}/{d.year}"
    ),
    "with the year first": lambda d: (
        f"{d.year}-{d.day:02}-{d.month:02}" if d.day <= 12 else f"{d:%d/%m/%Y}"
    ),
    "with a clock": lambda d: (
        f"{d.month}/{d.day}/{d.year} 0:00" if d.day <= 12 else f"{d:%d.%m.%Y 00:00}"
    ),
    "either of both": lambda d: (
        f"{d.month}/{d.day}/{d.year}" if d.month % 2 else f"{d.day}/{d.month}/{d.year}"
    ),
}


@pytest.mark.parametrize("falls", [False, True])
@pytest.mark.parametrize("name", CHANGED)
def test_dates_of_which_a_spreadsheet_changed_some_are_asked(name: str, falls: bool) -> None:
    days = DAYS[::-1] if falls else DAYS
    content = table("date,v", *(f"{CHANGED[name](d)},{i}" for i, d in enumerate(days)))
    reading = read_series(content)
    (question,) = reading.questions
    assert "Some dates in date seem to have the day first" in str(question.message)
    assert reading.times is not None
    np.testing.assert_array_equal(reading.times, np.array(DAYS, "datetime64[ns]"))
    again = read_series(content, **reading.decisions)
    np.testing.assert_array_equal(again.columns["v"], reading.columns["v"])
    for choice in question.choices:
        assert len(read_series(content, **choice.arguments)) > len(DAYS) / 2


def test_dates_of_two_orders_in_no_order_are_told_apart_by_their_marks() -> None:
    rows = np.random.default_rng(0).permutation(200)
    show = CHANGED["as the spreadsheet shows it"]
    reading = read_series(table("date,v", *(f"{show(DAYS[i])},{i}" for i in rows)))
    assert len(reading.questions) == 1
    np.testing.assert_array_equal(reading.columns["v"], np.arange(200))


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"])
def test_months_out_of_order_are_sorted_and_no_days_of_january(form: str) -> None:
    order = [0, 2, 1, *range(3, COUNT)]
    reading = read_series(table("date,v", *(f"{MONTHS[i]:{form}},{i}" for i in order)))
    np.testing.assert_array_equal(reading.times, np.array(MONTHS, "datetime64[ns]"))
    np.testing.assert_array_equal(reading.columns["v"], np.arange(COUNT))


def test_dates_of_several_marks_that_follow_one_another_are_not_asked() -> None:
    written = [f"{d:%d/%m/%Y}" if d.day <= 12 else f"{d:%Y-%m-%d}" for d in DAYS]
    reading = read_series(table("date,v", *(f"{text},{i}" for i, text in enumerate(written))))
    assert not reading.questions
    np.testing.assert_array_equal(reading.times, np.array(DAYS, "datetime64[ns]"))


@pytest.mark.parametrize(("first", "century"), [(49, 1900), (20, 2000)])
def test_years_of_two_digits_in_the_future_are_asked(first: int, century: int) -> None:
    months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    rows = [f"{months[i % 12]}-{first + i // 12},{112 + i}" for i in range(144)]
    content = table("Month,Passengers", *rows)
    reading = read_series(content)
    (question,) = reading.questions
    starts = [read_series(content, **choice.arguments).times for choice in question.choices]
    other = 3900 - century
    assert [str(times[0])[:7] for times in starts if times is not None] == [
        f"{century + first}-01",
        f"{other + first}-01",
    ]
    again = read_series(content, **reading.decisions)
    np.testing.assert_array_equal(again.times, reading.times)
    assert not again.questions


def test_an_elapsed_time_that_falls_is_turned_round() -> None:
    rows = [f"{i * 37 % 11 / 10},{29.9 - i / 10:.1f}" for i in range(300)]
    reading = read_series(table("acc,time_s", *rows))
    assert reading.elapsed is not None
    np.testing.assert_allclose(reading.elapsed, np.arange(300) / 10)
    np.testing.assert_allclose(reading.columns["acc"], [i * 37 % 11 / 10 for i in range(300)][::-1])
    assert "The newest row came first" in texts(reading)


def test_halves_of_the_day_may_have_dots_and_blanks() -> None:
    rows = [
        f"{13 + i // 24}/01/2020 {i % 12 or 12}:00:00 {'ap'[i // 12 % 2]}.\u00a0m.;{i}"
        for i in range(96)
    ]
    reading = read_series(table("Fecha;v", *rows))
    hours = np.datetime64("2020-01-13", "ns") + np.arange(96) * np.timedelta64(1, "h")
    np.testing.assert_array_equal(reading.times, hours)


@pytest.mark.parametrize(
    ("count", "sentence"),
    [
        (1, "v: 1 cell is no number and counts as missing"),
        (2, "v: 2 cells are no numbers and count as missing"),
    ],
)
def test_cells_that_are_no_numbers_are_counted_in_good_english(count: int, sentence: str) -> None:
    rows = [f"{d},{'oops' if i < count else i}" for i, d in enumerate(DAYS)]
    assert sentence in texts(read_series(table("date,v", *rows)))


def test_a_row_with_too_many_cells_is_left_out_and_named() -> None:
    rows = [f"{d};{i};{i % 5}" for i, d in enumerate(DAYS)]
    rows[5] += ";;"
    rows[9] += ";oops"
    reading = read_series(table("date;v;w", *rows))
    np.testing.assert_array_equal(reading.columns["v"], [i for i in range(200) if i != 9])
    assert "1 row left out because it has more cells than the header, the first in line 11: " in (
        texts(reading)
    )
    assert "2020-01-10; 9; 4; oops" in texts(reading)


GROUPS = {
    "a clock": ("date;hour;v", lambda i: f"{DAYS[i // 24] if i % 24 == 0 else ''};{i % 24}:00"),
    "months": (
        "Year;Month;v",
        lambda i: f"{2000 + i // 12 if i % 12 == 0 else ''};{i % 12 + 1}",
    ),
    "nothing": ("date;v", lambda i: f"{DAYS[i // 3] if i % 3 == 0 else ''}"),
    "a year cut short": (
        "Year;Month;v",
        lambda i: (
            f"{2000 + (i + 7) // 12 if (i + 7) % 12 == 0 or i == 0 else ''};{(i + 7) % 12 + 1}"
        ),
    ),
}


@pytest.mark.parametrize("name", GROUPS)
def test_dates_above_groups_of_rows_are_those_of_all_their_rows(name: str) -> None:
    header, cells = GROUPS[name]
    content = table(header, *(f"{cells(i)};{100 + i}" for i in range(120)))
    reading = read_series(content)
    np.testing.assert_array_equal(reading.columns["v"], np.arange(100, 220))
    assert "an empty cell has the value of the cell above it" in texts(reading)
    if name == "nothing":
        assert "repeat the time of another row" in str(reading.questions[0].message)
    else:
        assert reading.times is not None
        assert not reading.questions
    again = read_series(content, **reading.decisions)
    np.testing.assert_array_equal(again.columns["v"], reading.columns["v"])


PORTUGUESE = ["jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez"]
ITALIAN = ["gen", "feb", "mar", "apr", "mag", "giu", "lug", "ago", "set", "ott", "nov", "dic"]


def lines(header: str, row: Callable[[int], str]) -> str:
    return "\n".join([header, *map(row, range(COUNT))])


FORMS: dict[str, tuple[bytes, str, list[float], list[date]]] = {
    "KOSIS, provisional months": (
        lines(
            "시점,지수", lambda i: f"{MONTHS[i]:%Y.%m}{' p)' if i > 55 else ''},{VALUES[i]}"
        ).encode("cp949"),
        "지수",
        VALUES,
        MONTHS,
    ),
    "marks of statistical offices": (
        lines(
            "Monat;Wert",
            lambda i: (
                f"{MONTHS[i]:%Y-%m};{VALUES[i]}".replace(".", ",")
                + ("(p)" if i > 55 else " r" if i > 50 else "*" if i % 9 == 3 else "")
            ),
        ).encode(),
        "Wert",
        VALUES,
        MONTHS,
    ),
    "JMA": (
        lines(
            "ダウンロードした時刻：2024/01/01 00:00:00\n\n,東京,東京,東京\n"
            "年月日,気温(℃),気温(℃),気温(℃)\n,,品質情報,均質番号",
            lambda i: f"{DAYS[i].year}/{DAYS[i].month}/{DAYS[i].day},{VALUES[i]},8,1",
        ).encode("shift_jis"),
        "気温(℃)",
        VALUES,
        DAYS[:COUNT],
    ),
    "months as M01": (
        lines("id,year,period,value", lambda i: f"CU,{MONTHS[i]:%Y,M%m},{VALUES[i]}").encode(),
        "value",
        VALUES,
        MONTHS,
    ),
    "Portuguese": (
        lines(
            "Mês;v", lambda i: f"{PORTUGUESE[MONTHS[i].month - 1]}/{MONTHS[i]:%y};{VALUES[i]}"
        ).encode(),
        "v",
        VALUES,
        MONTHS,
    ),
    "Italian": (
        lines(
            "Mese;v", lambda i: f"{ITALIAN[MONTHS[i].month - 1]}-{MONTHS[i]:%y};{VALUES[i]}"
        ).encode(),
        "v",
        VALUES,
        MONTHS,
    ),
    "switches": (
        lines(
            "last_changed,state", lambda i: f"{DAYS[i]}T00:00:00.000Z,{'off' if i % 3 else 'on'}"
        ).encode(),
        "state",
        [float(i % 3 == 0) for i in range(COUNT)],
        DAYS[:COUNT],
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_public_form_gives_the_numbers_written_into_it(name: str) -> None:
    content, column, values, times = FORMS[name]
    reading = read_series(content)
    np.testing.assert_allclose(reading.columns[column], values, rtol=1e-15)
    np.testing.assert_array_equal(reading.times, np.array(times, "datetime64[ns]"))
    assert reading.target == column
    assert not reading.questions
    again = read_series(content, **reading.decisions)
    assert again.decisions == reading.decisions
    np.testing.assert_array_equal(again.columns[column], reading.columns[column])


@pytest.mark.parametrize(
    "times",
    [
        [str(year) for year in range(1960, 2020)],
        [f"{year} [YR{year}]" for year in range(1990, 2020)],
        [f"{month:%Y-%m}" for month in MONTHS],
        [f"{day.month}/{day.day}/{day:%y}" for day in DAYS],
    ],
)
def test_times_from_left_to_right_are_refused(times: list[str]) -> None:
    rows = [
        f"L{k},C{k}," + ",".join(f"{k + i / 10:.1f}" for i in range(len(times))) for k in range(40)
    ]
    with pytest.raises(Problem, match=f"a time in each of {len(times)} columns"):
        read_series(table("Country,Code," + ",".join(times), *rows))
