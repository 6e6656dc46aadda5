"""Tables as public sources and spreadsheets write them, read back as the numbers that went in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
import pytest

from rnnviz.data import read_series
from rnnviz.messages import Problem

N = 200
_draw = np.random.default_rng(1)
HOURS = [datetime(2020, 1, 25) + timedelta(hours=i) for i in range(N)]
DAYS = [datetime(2020, 1, 1) + timedelta(days=i) for i in range(N)]
WARM = [round(12 + 8 * np.sin(i / 4) + _draw.normal(0, 0.5), 1) for i in range(N)]
HUMID = [round(60 + 20 * np.cos(i / 4) + _draw.normal(0, 2), 1) for i in range(N)]
SALES = [int(1_000 + 13 * i + _draw.integers(0, 9)) for i in range(N)]
WIND = [round(float((350 + 40 * np.sin(i / 15) + _draw.normal(0, 8)) % 360), 1) for i in range(N)]
NAN = float("nan")

Row = tuple[int, datetime, datetime, float, float, int, float]


def rows(template: Callable[..., str], head: str = "", foot: str = "") -> str:
    """A line for each row: its number, hour, day, temperature, humidity, sales and wind."""
    columns = zip(range(N), HOURS, DAYS, WARM, HUMID, SALES, WIND, strict=True)
    return head + "".join(template(*row) for row in columns) + foot


def comma(number: float) -> str:
    return str(number).replace(".", ",")


def grouped(number: int, mark: str) -> str:
    return f"{number:,}".replace(",", mark)


@dataclass(frozen=True)
class Form:
    """A file, what stands in its columns, and the times of its rows (None: there are none)."""

    content: bytes
    columns: Mapping[str, Sequence[float]]
    times: Sequence[datetime] | None = field(default_factory=lambda: DAYS)
    target: str | None = None
    remark: str = ""
    directions: tuple[str, ...] = ()


FORMS: dict[str, Form] = {
    "Jena": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{hour:%d.%m.%Y %H:%M:%S},{s},{t},{w}\r\n",
            '"Date Time","p (mbar)","T (degC)","wd (deg)"\r\n',
        ).encode(),
        {"p (mbar)": SALES, "T (degC)": WARM, "wd (deg)": WIND},
        HOURS,
        "T (degC)",
        directions=("wd (deg)",),
    ),
    "bike sharing": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"{i + 1},{hour:%Y-%m-%d},{hour.month},{hour.hour},{h / 4:.4f},{t},{s}\n"
            ),
            "instant,dteday,mnth,hr,hum,temp,cnt\n",
        ).encode(),
        {
            "mnth": [hour.month for hour in HOURS],
            "hum": [round(h / 4, 4) for h in HUMID],
            "temp": WARM,
            "cnt": SALES,
        },
        HOURS,
        "temp",
        "instant is left out",
    ),
    "FRED": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d},{t if i % 50 else '.'}\n",
            "observation_date,UNRATE\n",
        ).encode(),
        {"UNRATE": [t if i % 50 else NAN for i, t in enumerate(WARM)]},
    ),
    "Korean weather, cp949": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"108,서울,{hour:%Y-%m-%d %H:%M},{t},{w}\r\n",
            "지점,지점명,일시,기온(°C),풍향(16방위)\r\n",
        ).encode("cp949"),
        {"지점": [108] * N, "기온(°C)": WARM, "풍향(16방위)": WIND},
        HOURS,
        "기온(°C)",
        "cp949",
        directions=("풍향(16방위)",),
    ),
    "Korean Excel, UTF-16": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f'{day:%Y-%m-%d}\t"{s:,}"\t\r\n',
            "날짜\t전력 (kWh)\t비고\r\n",
        ).encode("utf-16"),
        {"전력 (kWh)": SALES},
        remark="empty: 비고",
    ),
    "Korean won": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f'{day:%Y-%m-%d},"{s:,}원"\n', "날짜,매출\n"
        ).encode(),
        {"매출": SALES},
        remark="the unit 원",
    ),
    "German Excel, cp1252": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"{day:%d.%m.%Y};{comma(t)};{grouped(s, '.')},{i % 100:02} €\r\n"
            ),
            "Datum;Temperatur [°C];Umsatz (€)\r\n",
        ).encode("cp1252"),
        {"Temperatur [°C]": WARM, "Umsatz (€)": [s + i % 100 / 100 for i, s in enumerate(SALES)]},
        target="Temperatur [°C]",
        remark="decimal mark is a comma",
    ),
    "French Excel": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"{day:%d/%m/%Y};{comma(t)};{grouped(s, chr(0x202F))},50\n"
            ),
            "Date;Température;Ventes\n",
        ).encode(),
        {"Température": WARM, "Ventes": [s + 0.5 for s in SALES]},
        target="Température",
    ),
    "Swiss Excel": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day:%d.%m.%Y};{t};{grouped(s, chr(39))}.50\n",
            "Datum;Temp;Betrag\n",
        ).encode(),
        {"Temp": WARM, "Betrag": [s + 0.5 for s in SALES]},
    ),
    "InfluxDB": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f",,0,{hour:%Y-%m-%dT%H:%M:%SZ},{t}\r\n",
            "#group,false,false,true\r\n#datatype,string,long,dateTime:RFC3339,double\r\n"
            "#default,_result,,,\r\n,result,table,_time,_value\r\n",
        ).encode(),
        {"table": [0] * N, "_value": WARM},
        HOURS,
        "_value",
    ),
    "Grafana": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f'"{hour:%Y-%m-%d %H:%M:%S}",{t} °C\n',
            '"Time","sensor.temp"\n',
        ).encode(),
        {"sensor.temp": WARM},
        HOURS,
        remark="the unit °C",
    ),
    "R, row names without a header": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f'"{i + 1}" "{day:%Y-%m-%d}" {t}\n', '"date" "temp"\n'
        ).encode(),
        {"temp": WARM},
        remark="one column fewer",
    ),
    "pandas with an index": Form(
        rows(lambda i, hour, day, t, h, s, w: f"{i},{day},{t},{h}\n", ",date,a,b\n").encode(),
        {"a": WARM, "b": HUMID},
        remark="#1 is left out",
    ),
    "NumPy": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{i * 0.5:.18e},{t:.18e},{h:.18e}\n", "# t, a, b\n"
        ).encode(),
        {"a": WARM, "b": HUMID},
        None,
    ),
    "MATLAB": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"   {i * 0.5:.4e}   {t:.7e}   {h:.7e}\n",
            "% time temp hum\n",
        ).encode(),
        {"temp": WARM, "hum": HUMID},
        None,
    ),
    "Google Sheets": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f'{day.month}/{day.day}/{day.year},"${s:,}.00"\n',
            "Date,Sales\n",
        ).encode(),
        {"Sales": SALES},
        remark="the unit $",
    ),
    "prices with K and M": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f'"{day:%b %d, %Y}","{s:,}.25","{1 + i / 100:.2f}{"MK"[i % 2]}","{t:.2f}%"\n'
            ),
            '"Date","Price","Vol.","Change %"\n',
        ).encode(),
        {
            "Price": [s + 0.25 for s in SALES],
            "Vol.": [round(1 + i / 100, 2) * (1e6, 1e3)[i % 2] for i in range(N)],
            "Change %": WARM,
        },
        target="Price",
        remark="K, M and B",
    ),
    "units below the header": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d};{t};{h}\n", "date;temp;hum\n;°C;%\n"
        ).encode(),
        {"temp": WARM, "hum": HUMID},
        remark="Line 2 is read as units",
    ),
    "sums and sources at the end": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d},{t},{s}\n",
            "date,temp,sales\n",
            "Total,,12345\nsource: nobody,,\n",
        ).encode(),
        {"temp": WARM, "sales": SALES},
        remark="2 lines at the end left out, from line 202 on: Total; 12345.",
    ),
    "the header again and again": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"{day:%Y-%m-%d},{t},{s}\n" + "date,temp,sales\n" * (i % 50 == 49)
            ),
            "date,temp,sales\n",
        ).encode(),
        {"temp": WARM, "sales": SALES},
        remark="they repeat the header: 4.",
    ),
    "one column with decimal commas": Form(
        rows(lambda i, hour, day, t, h, s, w: f"{comma(t)}\n", "Wert\n").encode(),
        {"Wert": WARM},
        None,
    ),
    "numbers without a header": Form(
        rows(lambda i, hour, day, t, h, s, w: f"{t};{h}\n").encode(),
        {"#1": WARM, "#2": HUMID},
        None,
        remark="No line names the columns",
    ),
    "Indian groups": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f'{day:%Y-%m-%d},"1,{10 + i % 90},{s % 1000:03}"\n',
            "date,amount\n",
        ).encode(),
        {"amount": [100_000 + (10 + i % 90) * 1_000 + s % 1_000 for i, s in enumerate(SALES)]},
    ),
    "Unicode minus and accounting": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"{day:%Y-%m-%d};−{h};({t + 20:.1f});{h}-;+{t + 20:.1f}\n"
            ),
            "date;a;b;c;d\n",
        ).encode(),
        {
            "a": [-h for h in HUMID],
            "b": [-round(t + 20, 1) for t in WARM],
            "c": [-h for h in HUMID],
            "d": [round(t + 20, 1) for t in WARM],
        },
    ),
    "below detection": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"{day:%Y-%m-%d},{t if i % 9 else '<0.5'},{h if i % 11 else 'Trace'}\n"
            ),
            "time,v,w\n",
        ).encode(),
        {
            "v": [t if i % 9 else NAN for i, t in enumerate(WARM)],
            "w": [h if i % 11 else NAN for i, h in enumerate(HUMID)],
        },
        remark="v: 23 cells such as <0.5, beyond a limit, count as missing.",
    ),
    "true and false": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d},{i % 3 == 0},{t}\n", "time,on,temp\n"
        ).encode(),
        {"on": [float(i % 3 == 0) for i in range(N)], "temp": WARM},
        target="temp",
        remark="true is read as 1",
    ),
    "household power": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"{hour.day}/{hour.month}/{hour.year};{hour:%H:%M:%S};"
                + (f"{h:.3f};{t + 230:.3f};17.000\n" if i % 40 else "?;?;\n")
            ),
            "Date;Time;Global_active_power;Voltage;Sub_metering_3\n",
        ).encode(),
        {
            "Global_active_power": [h if i % 40 else NAN for i, h in enumerate(HUMID)],
            "Voltage": [round(t + 230, 3) if i % 40 else NAN for i, t in enumerate(WARM)],
            "Sub_metering_3": [17 if i % 40 else NAN for i in range(N)],
        },
        HOURS,
        "Global_active_power",
    ),
    "metadata above": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d},{t}\n",
            "Station,12345\nName,Seoul\nLatitude,37.5\n\nDate,Temp\n",
        ).encode(),
        {"Temp": WARM},
        remark="Line 5 names the columns; 4 lines above it left out.",
    ),
    "every line ended twice": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d},{t}\r\r\n", "date,temp\r\r\n"
        ).encode(),
        {"temp": WARM},
    ),
    "lines ended by CR": Form(
        rows(lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d},{t}\r", "date,temp\r").encode(),
        {"temp": WARM},
    ),
    "a separator at the end of every row but the header": Form(
        rows(lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d},{t},\r", "date,temp\r").encode(),
        {"temp": WARM},
    ),
    "columns apart by blanks": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d}  {t:6}  {h:5}\n",
            "date        temp   hum\n",
        ).encode(),
        {"temp": WARM, "hum": HUMID},
    ),
    "too few cells": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d},{t}" + f",{h}" * (i % 10 > 0) + "\n",
            "date,temp,hum\n",
        ).encode(),
        {"temp": WARM, "hum": [h if i % 10 else NAN for i, h in enumerate(HUMID)]},
        remark="20 rows have fewer cells than the header, the first in line 2",
    ),
    "whole lines in quotes": Form(
        rows(lambda i, hour, day, t, h, s, w: f'"{day:%Y-%m-%d},{t}"\n', '"date,temp"\n').encode(),
        {"temp": WARM},
    ),
    "single quotes": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"'{day:%Y-%m-%d}';'{t}'\n", "'date';'temp'\n"
        ).encode(),
        {"temp": WARM},
    ),
    "numbers as Excel's texts": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f'{day:%Y-%m-%d},\'{t},="{h}"\n', "date,a,b\n"
        ).encode(),
        {"a": WARM, "b": HUMID},
    ),
    "invisible characters": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"\u200e{day:%Y-%m-%d},\u00a0{t}\u200b\n",
            "date,temp\n",
        ).encode(),
        {"temp": WARM},
    ),
    "cut off within a character": Form(
        rows(lambda i, hour, day, t, h, s, w: f"{day:%Y-%m-%d},{t}\n", "날짜,기온\n").encode()
        + "한".encode()[:2],
        {"기온": WARM},
        remark="it may be cut off",
    ),
    "German weather service": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"         44;{hour:%Y%m%d%H};    3;{t if i % 30 else -999:6};{h:6};eor\n"
            ),
            "STATIONS_ID;MESS_DATUM;QN_9;TT_TU;RF_TU;eor\n",
        ).encode(),
        {
            "STATIONS_ID": [44] * N,
            "QN_9": [3] * N,
            "TT_TU": [t if i % 30 else NAN for i, t in enumerate(WARM)],
            "RF_TU": HUMID,
        },
        HOURS,
        remark="-999 counts as missing, in 7 rows",
    ),
    "NASA POWER": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{day.year},{day.month},{day.day},{t}\n",
            "-BEGIN HEADER-\nDates (month/day/year): 01/01/2020 through 07/18/2020 \n"
            "Location: Latitude  37.5   Longitude 127.0 \nMissing source data: -999 \n"
            "T2M     MERRA-2 Temperature at 2 Meters (C) \n-END HEADER-\nYEAR,MO,DY,T2M\n",
        ).encode(),
        {"T2M": WARM},
        remark="Line 7 names the columns",
    ),
    "two indices": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{7 * i},{i + 1},{day:%Y-%m-%d},{t}\n",
            "Unnamed: 0,id,date,v\n",
        ).encode(),
        {"v": WARM},
        remark="id is left out",
    ),
    "names that are numbers": Form(
        rows(lambda i, hour, day, t, h, s, w: f"{i},{t},{h},{s}\n", ",0,1,2\n").encode(),
        {"0": WARM, "1": HUMID, "2": SALES},
        None,
    ),
    "a number sign above the numbers of the rows": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{i + 1},{day:%Y-%m-%d},{t}\n", "#,date,T\n"
        ).encode(),
        {"T": WARM},
        remark="# is left out",
    ),
    "intervals of an exchange": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"{hour:%d.%m.%Y};{hour:%H:%M};{hour + timedelta(hours=1):%H:%M};{comma(t)}\n"
            ),
            "Datum;Anfang;Ende;Preis\n",
        ).encode(),
        {"Preis": WARM},
        HOURS,
    ),
    "seconds since 1970 beside a date": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"{1_579_910_400 + 3600 * i},{hour:%Y-%m-%d %H:%M:%S},BTC/USD,{t},{h}\n"
            ),
            "unix,date,symbol,open,close\n",
        ).encode(),
        {"open": WARM, "close": HUMID},
        HOURS,
        "close",
    ),
    "times of a program, with blanks": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f"{hour:%Y-%m-%d %H:%M:%S} +0000 UTC,{t}\n",
            "time,load\n",
        ).encode(),
        {"load": WARM},
        HOURS,
    ),
    "air in Korea, hours from 1 to 24": Form(
        rows(
            lambda i, hour, day, t, h, s, w: (
                f"서울,{hour - timedelta(hours=1):%Y%m%d}{(hour.hour - 1) % 24 + 1:02d},{t}\n"
            ),
            "지역,측정일시,PM10\n",
        ).encode("cp949"),
        {"PM10": WARM},
        HOURS,
    ),
    "line breaks in cells": Form(
        rows(
            lambda i, hour, day, t, h, s, w: f'{day:%Y-%m-%d},"one\ntwo",{t}\n',
            'date,"no\nte",temp\n',
        ).encode(),
        {"temp": WARM},
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_table_of_this_form_gives_the_numbers_written_into_it(name: str) -> None:
    form = FORMS[name]
    reading = read_series(form.content)
    assert list(reading.columns) == list(form.columns)
    for column, values in form.columns.items():
        np.testing.assert_allclose(reading.columns[column], values, rtol=1e-15, err_msg=column)
    if form.times is None:
        assert reading.times is None
    else:
        assert reading.times is not None
        np.testing.assert_array_equal(reading.times, np.array(form.times, "datetime64[ns]"))
    assert form.target in (None, reading.target)
    assert form.remark in "\n".join(map(str, reading.remarks))
    assert reading.directions == form.directions
    again = read_series(form.content, **reading.decisions)
    assert again.decisions == reading.decisions
    for column, numbers in reading.columns.items():
        np.testing.assert_array_equal(again.columns[column], numbers)


CODES = {
    "-999.9": (WARM, -999.9, True),
    "9999": (HUMID, 9999.0, True),
    "-200 among thousands": (SALES, -200.0, True),
    "-1 among positive values": (SALES, -1.0, True),
    "32767": (WARM, 32767.0, True),
    "1e20": (WARM, 1e20, True),
    "rain": ([max(0.0, t - 18) for t in WARM], 0.0, False),
    "a clipped sensor": ([min(t, 17.0) for t in WARM], 17.0, False),
    "full humidity": ([min(h + 25, 100.0) for h in HUMID], 100.0, False),
    "a counter": ([9_900.0 + i for i in range(N)], 9_999.0, False),
    "one spike": (WARM, None, False),
    "degrees of a compass": (WIND, 360.0, False),
    "switches": ([float(i // 20 % 2 * 999) for i in range(N)], 999.0, False),
}


@pytest.mark.parametrize("name", CODES)
def test_a_code_for_missing_is_suspected_where_it_stands_out(name: str) -> None:
    values, code, is_code = CODES[name]
    column = np.array(values, float)
    if code is None:
        column[77] = 512.5
    elif is_code or name == "degrees of a compass":
        column[::17] = code
    lines = [f"{day:%Y-%m-%d},{value!r}" for day, value in zip(DAYS, column.tolist(), strict=True)]
    content = "\n".join(["date,v", *lines]).encode()
    reading = read_series(content)
    questions = [q for q in reading.questions if "missing" in q.choices[0].arguments]
    assert len(questions) == is_code
    expected = np.where(column == code, np.nan, column) if is_code else column
    np.testing.assert_array_equal(reading.columns["v"], expected)
    np.testing.assert_array_equal(read_series(content, missing=[]).columns["v"], column)
    if is_code:
        measured = read_series(content, **questions[0].choices[1].arguments)
        np.testing.assert_array_equal(measured.columns["v"], column)


def test_a_code_of_one_column_is_a_measurement_in_another() -> None:
    lines = [
        f"{day:%Y-%m-%d},{s if i % 40 else -1},{i % 7 - 3}"
        for i, (day, s) in enumerate(zip(DAYS, SALES, strict=True))
    ]
    content = "\n".join(["date,a,b", *lines]).encode()
    reading = read_series(content)
    assert reading.decisions["missing"] == {"a": [-1.0]}
    assert np.isnan(reading.columns["a"]).sum() == 5
    np.testing.assert_array_equal(reading.columns["b"], [i % 7 - 3 for i in range(N)])
    again = read_series(content, **reading.decisions)
    np.testing.assert_array_equal(again.columns["a"], reading.columns["a"])


def test_a_code_within_the_range_of_another_column_is_known_by_its_spelling() -> None:
    lines = [
        f"{day:%Y-%m-%d},{t if i % 9 else -9999},{-100 * t - 9_000 if i % 8 else -9999:{f}}"
        for i, (day, t) in enumerate(zip(DAYS, WARM, strict=True))
        for f in [".2f" if i % 8 else "d"]
    ]
    reading = read_series("\n".join(["date,a,b", *lines]).encode())
    assert np.isnan(reading.columns["a"]).sum() == len(range(0, N, 9))
    assert np.isnan(reading.columns["b"]).sum() == len(range(0, N, 8))


def test_zero_far_below_is_asked_and_stays_meanwhile() -> None:
    lines = [
        f"{day:%Y-%m-%d},{1_000 + t if i % 40 else 0}"
        for i, (day, t) in enumerate(zip(DAYS, WARM, strict=True))
    ]
    content = "\n".join(["date,p", *lines]).encode()
    (question,) = read_series(content).questions
    zeros, missing = (read_series(content, **c.arguments).columns["p"] for c in question.choices)
    assert ((zeros == 0).sum(), np.isnan(zeros).sum()) == (5, 0)
    assert np.isnan(missing).sum() == 5


def test_numbers_that_float64_rounds_to_one_another_are_said() -> None:
    lines = [f"{day:%Y-%m-%d},{2**53 + i}" for i, day in enumerate(DAYS)]
    reading = read_series("\n".join(["date,v", *lines]).encode())
    assert "numbers of more than 15 digits are rounded" in "\n".join(map(str, reading.remarks))


REFUSED = {
    "JSON": (b'[{"date":"2020-01-01","v":1},{"date":"2020-01-02","v":2}]', "written in JSON"),
    "JSON lines": (b'{"date":"2020-01-01","v":1}\n{"date":"2020-01-02","v":2}\n', "in JSON"),
    "HTML": (b"<!DOCTYPE html><html><table></table></html>", "written in HTML"),
    "XML": (b'<?xml version="1.0"?><a><b/></a>', "written in XML"),
    "Parquet": (b"PAR1\x15\x04\x15", "in the format Parquet"),
    "xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), r"an Excel \(xls\) workbook"),
    "xlsx": (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml", r"an Excel \(xlsx\) workbook"),
    "PDF": (b"%PDF-1.7\n", "in the format PDF"),
    "pickle": (b"\x80\x04\x95\x00", "in the format pickle"),
    "NumPy": (b"\x93NUMPY\x01\x00", "in the format NumPy"),
    "words": (
        b"To be, or not to be\n" + b"that is, the question\n" * 200,
        "No column holds numbers",
    ),
    "one line": (b"time,a,b", "no rows below line 1"),
    "open quote": (b'a,b\n1,2\n3,"4\n' * 2 + b"5,6\n" * 60, "a quotation mark is opened"),
    "too many cells": (
        b"a,b\n" + b"1,2\n" * 50 + b"1,2,3\n" * 3,
        "Line 52 has 3 cells; allowed are",
    ),
    "torn decimals": (b"date,a\n" + b"2020-01-01,1,5\n" * 50, "commas seem to stand both"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_is_named(name: str) -> None:
    content, sentence = REFUSED[name]
    with pytest.raises(Problem, match=sentence):
        read_series(content)


def test_rows_in_any_order_are_no_series() -> None:
    flowers = np.random.default_rng(0).normal(5, 1, (150, 3)).round(1).tolist()
    lines = [f"{a},{b},{c},{'uvw'[i % 3]}" for i, (a, b, c) in enumerate(flowers)]
    reading = read_series("\n".join(["a,b,c,species", *lines]).encode())
    assert "This looks like no time series" in "\n".join(map(str, reading.remarks))


def test_several_series_in_one_table_are_said() -> None:
    lines = [
        f"{day:%Y-%m-%d},{city},{t}" for day, t in zip(DAYS, WARM, strict=True) for city in "AB"
    ]
    reading = read_series("\n".join(["date,city,temp", *lines]).encode())
    assert len(reading) == 2 * N
    assert "city tells the rows of one time apart (A, B)" in "\n".join(map(str, reading.remarks))


@pytest.mark.parametrize("separator", [";", ","])
def test_a_mark_before_three_digits_in_every_row_is_asked(separator: str) -> None:
    cells = [f"{1 + i % 7},{37 * i % 1000:03}" for i in range(N)]
    quoted = [f'"{cell}"{separator}{i % 5}' for i, cell in enumerate(cells)]
    content = "\n".join([f"x{separator}y", *quoted]).encode()
    (question,) = read_series(content).questions
    readings = [
        read_series(content, **choice.arguments).columns["x"] for choice in question.choices
    ]
    whole = [int(cell.replace(",", "")) for cell in cells]
    expected = {
        "thousands": np.array(whole, float),
        "decimals": np.array([number / 1_000 for number in whole]),
    }
    order = sorted(expected, reverse=separator == ",")  # in a table of commas, thousands first
    for name, values in zip(order, readings, strict=True):
        np.testing.assert_allclose(values, expected[name], rtol=1e-15)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"encoding": "klingon"}, "klingon"),
        ({"separator": "#"}, "separator is '#'"),
        ({"decimal": ",", "thousands": ","}, "cannot stand both"),
        ({"header": 7_000}, "header is 7000"),
        ({"header": 900}, "Line 900 cannot name the columns"),
        ({"time": "nothing"}, "No column is named nothing; the columns are: date, v"),
        ({"target": "date"}, "date cannot be forecast; the columns of numbers are: v"),
        ({"missing": [float("nan")]}, "missing is"),
        ({"spacing": "odd"}, "spacing is 'odd'"),
        ({"directions": ["w"]}, "No column is named w"),
    ],
)
def test_an_argument_that_does_not_fit_is_named(
    arguments: dict[str, object], sentence: str
) -> None:
    lines = [f"{day:%Y-%m-%d},{t}" for day, t in zip(DAYS, WARM, strict=True)]
    with pytest.raises(Problem, match=sentence):
        read_series("\n".join(["date,v", *lines]).encode(), **arguments)
