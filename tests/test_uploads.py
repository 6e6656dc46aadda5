"""A visitor's file is read exactly, or refused with a sentence; nothing else ever happens."""

import gzip
import io
import random
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.data import (
    UPLOADS,
    Series,
    Uploads,
    read_series_file,
    read_text_file,
    uploaded_series,
    uploaded_text,
)
from rnnviz.data.times import parse_time
from rnnviz.messages import Problem

JENA = (
    '"Date Time","p (mbar)","T (degC)","Tpot (K)","Tdew (degC)","rh (%)","VPmax (mbar)",'
    '"VPact (mbar)","VPdef (mbar)","sh (g/kg)","H2OC (mmol/mol)","rho (g/m**3)","wv (m/s)",'
    '"max. wv (m/s)","wd (deg)"'
)
START = datetime(2009, 1, 1, 0, 10)
TEN_MINUTES = timedelta(minutes=10)


def table(
    n: int = 120,
    header: str = "time,a,b",
    row: Callable[[int], str] = lambda i: f"{START + i * TEN_MINUTES},{i},{-i / 4}",
) -> list[str]:
    return [header, *(row(i) for i in range(n))]


def read_lines(lines: list[str]) -> Series:
    return read_series_file("\n".join(lines).encode())


def remarks_of(series: Series) -> list[str]:
    return [str(remark) for remark in series.remarks]


def test_a_file_in_the_format_of_jena_is_read_exactly() -> None:
    draw = random.Random(0)
    values = [[round(draw.gauss(0, 500), 2) for _column in range(14)] for _row in range(300)]
    lines = table(
        300,
        JENA,
        lambda i: (
            (START + i * TEN_MINUTES).strftime("%d.%m.%Y %H:%M:%S,")
            + ",".join(f"{value:.2f}" for value in values[i])
        ),
    )
    lines[51] = lines[51].rsplit(",", 3)[0] + ",-9999.00,-9999.00,12.5"  # as in July 2015
    lines.insert(10, lines[9])  # as in the file: some rows are there twice
    result = read_series_file("\r\n".join([*lines, ""]).encode("utf-8-sig"))
    assert result.title == "Weather at Jena, every ten minutes"
    assert result.columns[:3] == ("p", "T", "Tpot")
    assert result.units[:3] == ("mbar", "°C", "K")
    assert len(result.columns) == 14
    rest = [i for i in range(300) if i != 50]
    assert result.times.tolist() == [START + i * TEN_MINUTES for i in rest]
    np.testing.assert_array_equal(result.values, np.float32([values[i] for i in rest]))
    assert result.segments() == [slice(0, 50), slice(50, 299)]
    assert remarks_of(result) == [
        "Rows left out because a value is missing (empty, not a number, or -9999): 1. "
        "They count as gaps.",
        "Rows left out because they repeat the time of another row: 1.",
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%MZ", "%d.%m.%Y %H:%M"])
@pytest.mark.parametrize("mark", [".", ","])
def test_tables_of_spreadsheets_are_read(delimiter: str, pattern: str, mark: str) -> None:
    def row(i: int) -> str:
        number = f"{i / 8}".replace(".", mark)
        cells = [number, (START + i * TEN_MINUTES).strftime(pattern), "Seoul", str(i)]
        return delimiter.join(f'"{cell}"' if delimiter in cell else cell for cell in cells)

    lines = table(150, delimiter.join(["T [°C]", "when", "place", ""]), row)
    if mark == delimiter:
        lines = [line.replace('"', "") for line in lines]  # a decimal comma between commas
        with pytest.raises(Problem, match="Line 2 has 5 cells; allowed are 4, as in the header"):
            read_lines(lines)
        return
    result = read_lines(lines)
    assert (result.columns, result.units) == (("T", "#4"), ("°C", ""))
    assert result.times.tolist() == [START + i * TEN_MINUTES for i in range(150)]
    np.testing.assert_array_equal(result.values[:, 0], np.arange(150, dtype=np.float32) / 8)
    assert remarks_of(result) == ["Left out, because they hold no numbers: place."]


def test_without_times_the_rows_are_equally_spaced() -> None:
    lines = table(300, "x", lambda i: "NaN" if i == 120 else f"{i}e-1")
    result = read_lines(lines)
    assert result.times is None
    assert result.segments() == [slice(0, 120), slice(120, 299)]
    assert result.values[119:121, 0].tolist() == pytest.approx([11.9, 12.1])
    assert "equally spaced" in remarks_of(result)[0]


def test_rows_are_sorted_and_empty_columns_left_out() -> None:
    lines = table(row=lambda i: f"{START + i * TEN_MINUTES},{i},{i if i % 3 == 0 else ''}")
    body = lines[1:]
    random.Random(0).shuffle(body)
    result = read_lines([lines[0], *body])
    assert result.columns == ("a",)
    assert result.values[:, 0].tolist() == list(range(120))
    assert remarks_of(result) == [
        "b is left out: 67 % of its values are missing.",
        "The rows were not in the order of time and are sorted.",
    ]


def test_columns_of_one_name_stay_apart() -> None:
    row = table(row=lambda i: f"{i},{i},{i},{i},")
    assert read_lines(["T (K),T (degC),x,x", *row[1:]]).columns == (
        "T (K)",
        "T (degC)",
        "x",
        "x #4",
    )


def zip_archive(content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.csv", content)
    return packed.getvalue()


BOMB = b"0" * 30_000_000

HOSTILE: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "is empty"),
    "blank": (b"\xef\xbb\xbf \r\n\t\n", "is empty"),
    "zip bomb": (zip_archive(BOMB), "zip archive; unpack it first"),
    "gzip bomb": (gzip.compress(BOMB), "gzip archive; unpack it first"),
    "binary": (b"\x7fELF\x02\x01\x01\x00", "in the format ELF"),
    "zero bytes": (b"time,a\n" + b"1,2\n" * 100 + b"\0", "its byte 408 is zero"),
}
BAD_TABLES: dict[str, tuple[list[str], str]] = {
    "one line": (["time,a,b"], "has 0 rows .* needed are 100"),
    "few rows": (table(99), "has 99 rows .* needed are 100"),
    "no header": (table()[1:], "Line 1 must name the columns"),
    "words": (["To be, or not to be", *["that is, the question"] * 200], "columns are: To be, or"),
    "ragged": ([*table(150), "2019-01-01 00:00,1"], "Line 152 has 2 cells; allowed are 3"),
    "no time": ([*table(150), "soon,1,2"], "Line 152, column time: soon is not a time"),
    "no day": ([*table(150), "2019-02-30,1,2"], "Line 152, column time: 2019-02-30 is not a time"),
    "no number": ([*table(150), "2019-01-01 00:00,1,x"], "Line 152, column b: x is not a number"),
    "open quote": ([*table(150), '2019-01-01 00:00,"1,2'], "Line 152: a quotation mark"),
    "a cell per letter": ([*table(150), "," * 10_001], "Line 152 has more than 10000 characters"),
    "many columns": ([",".join(f"c{i}" for i in range(61))], "61 columns; allowed are at most 60"),
    "one day, many rows": (
        table(row=lambda i: f"2016-01-0{1 + i // 60},{i},{i}"),
        "118 of 120 rows repeat the time",
    ),
    "only gaps": (
        table(400, row=lambda i: f"{START + i * TEN_MINUTES},{'' if i % 90 == 0 else i},1"),
        "longest part without one has 89 rows; needed are 100",
    ),
    "all missing": (table(row=lambda i: f"{START + i * TEN_MINUTES},-9999,"), "No column holds"),
    "too many rows": (["a", *["1"] * 600_000], "more than 600000 lines"),
    "markup": ([*table(150), "<b>\t\n".strip() + "x" * 99 + ",1,2"], "<b>xxx.*… is not a time"),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("reader", [read_series_file, read_text_file])
def test_a_file_that_is_no_text_is_refused_with_a_reason(
    name: str, reader: Callable[[bytes], object]
) -> None:
    content, sentence = HOSTILE[name]
    tracemalloc.start()
    with pytest.raises(Problem, match=sentence):
        reader(content)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000, "nothing may be unpacked"


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_file_that_is_no_table_is_refused_with_a_reason(name: str) -> None:
    lines, sentence = BAD_TABLES[name]
    with pytest.raises(Problem, match=sentence):
        read_lines(lines)


@pytest.mark.parametrize(("reader", "limit"), [(read_series_file, 60), (read_text_file, 1)])
def test_a_large_file_is_refused_before_it_is_read(
    reader: Callable[[bytes], object], limit: int
) -> None:
    with pytest.raises(Problem, match=f"has 200.1 MB; allowed are at most {limit} MB"):
        reader(b"time,a\n" + b"1,2\n" * (200 * 2**18))
    with pytest.raises(Problem, match=f"has {limit}.1 MB"):
        reader(bytes(limit * 2**20 + 1))


CELLS = st.sampled_from(
    [*',;\t\n"', "\r", "a", "1", "-9999", "nan", "1e999", "2016-01-01", "01.02.2016 10:00", "é"]
)


@given(st.one_of(st.binary(max_size=300), st.lists(CELLS, max_size=80).map("".join)))
def test_any_bytes_are_read_or_refused(content: bytes | str) -> None:
    raw = content.encode() if isinstance(content, str) else content
    for reader in (read_series_file, read_text_file):
        for attempt in (raw, raw * 120, b"time,a\n" + raw * 120):
            try:
                result = reader(attempt)
            except Problem:
                continue
            assert isinstance(result, str) or np.isfinite(result.values).all()


@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)).map(lambda t: t.replace(microsecond=0)),
    st.integers(-14 * 60, 14 * 60),
)
def test_times_are_read_as_python_reads_them(when: datetime, shift: int) -> None:
    zone = timezone(timedelta(minutes=shift))
    epoch = datetime(1970, 1, 1)
    expected = (when - epoch) // timedelta(seconds=1)
    local = (when.replace(tzinfo=zone) - epoch.replace(tzinfo=UTC)) // timedelta(seconds=1)
    assert parse_time(str(when)) == parse_time(when.isoformat() + ".75") == expected
    assert parse_time(when.replace(tzinfo=zone).isoformat()) == local
    day, clock = f"{when.day:02}.{when.month:02}.{when.year:04}", f"{when:%H:%M:%S}"
    assert parse_time(f"{day} {clock}") == expected
    assert parse_time(f"{when.year:04}/{when.month}/{when.day}") == expected // 86_400 * 86_400


@pytest.mark.parametrize("text", ["20160109", "3.5", "2016-13-01", "1.1.16", "2016-01-01 25:00"])
def test_a_text_that_is_no_time_is_not_parsed(text: str) -> None:
    assert parse_time(text) is None
    assert parse_time("2016-01-01 24:00") == parse_time("2016-01-02")


def test_invisible_characters_of_a_text_are_removed() -> None:
    decomposed = "\u1112\u1161\u11ab"  # one syllable, as some systems store it
    raw = "\ufeffone\r\ntwo\x1b\x07\tthree\r" + decomposed * 300
    assert read_text_file(raw.encode()) == "one\ntwo\tthree\n" + "한" * 300
    assert (
        len(read_text_file(("a" * 200 + "\u0316\u0301" * 250_000).encode())) == 200 + 29
    )  # one is in á
    with pytest.raises(Problem, match="199 characters; needed are at least 200"):
        read_text_file(b"\x01" * 500 + b"a" * 199)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", *"\v\f\x1c\x85\u2028\u2029"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
def test_lines_of_a_text_stay_lines_in_every_encoding(end: str, encoding: str) -> None:
    lines = ["첫째 줄", "second line", "dritte Zeile: ä", ""] * 20
    assert read_text_file(end.join(lines).encode(encoding)) == "\n".join(lines).strip()


@pytest.mark.parametrize(
    ("encoding", "line"), [("cp949", "오늘의 날씨는 맑음"), ("cp1252", "Über Nacht fällt Schnee")]
)
def test_a_text_of_an_older_program_is_read(encoding: str, line: str) -> None:
    text = "\n".join([line] * 30)
    assert read_text_file(text.encode(encoding)) == text


def test_uploads_are_looked_up_by_the_hash_of_their_content() -> None:
    uploads = Uploads(limit=1)
    first = uploads.add(b"a" * 400_000)
    assert uploads.add(b"a" * 400_000) == first
    second = uploads.add(b"b" * 400_000)
    assert uploads.get(first) == b"a" * 400_000  # and is now the latest in use
    third = uploads.add(b"c" * 400_000)
    assert (uploads.get(first)[:1], uploads.get(third)[:1]) == (b"a", b"c")
    with pytest.raises(Problem, match=f"The file {second[:8]} of this run is no longer available"):
        uploads.get(second)
    huge = uploads.add(b"d" * 2_000_000)
    assert len(uploads.get(huge)) == 2_000_000


def test_uploads_may_come_from_many_threads() -> None:
    uploads = Uploads(limit=1)
    failed: list[BaseException] = []

    def visitor(letter: bytes) -> None:
        for i in range(200):
            content = letter * (1_000 + i)
            try:
                assert uploads.get(uploads.add(content)) == content
            except BaseException as error:
                failed.append(error)

    threads = [threading.Thread(target=visitor, args=(bytes([65 + i]),)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_a_task_reads_an_upload_by_its_key() -> None:
    content = "\n".join(table()).encode()
    assert uploaded_series(UPLOADS.add(content)) is uploaded_series(UPLOADS.add(content))
    assert uploaded_text(UPLOADS.add(b"x" * 300)) == "x" * 300
    with pytest.raises(Problem, match="no longer available"):
        uploaded_series("../../etc/passwd")
