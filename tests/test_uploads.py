"""A visitor's file is read exactly, or refused with a sentence; nothing else ever happens."""

import gzip
import io
import random
import threading
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.data import (
    UPLOADS,
    Series,
    Uploads,
    read_text_file,
    uploaded_reading,
    uploaded_series,
    uploaded_text,
)
from rnnviz.data.visitor_series import read_table, series_from_reading
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


def read_series_file(content: bytes) -> Series:
    return series_from_reading(read_table(content))


def read_lines(lines: list[str]) -> Series:
    return read_series_file("\n".join(lines).encode())


def test_a_file_in_the_format_of_jena_is_read_exactly() -> None:
    draw = random.Random(0)
    values = np.array([[round(draw.gauss(0, 500), 2) for _ in range(14)] for _ in range(300)])
    values[:, 13] = abs(values[:, 13]) % 360
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
    assert (result.target, result.directions) == ("T", ("wd",))
    assert result.headers[1] == "T (degC)"
    assert result.times is not None
    assert result.times.astype("datetime64[us]").tolist() == [
        START + i * TEN_MINUTES for i in range(300)
    ]
    values[50, 11:] = np.nan, np.nan, 12.5
    np.testing.assert_array_equal(result.values, np.round(values, 2))
    assert result.segments() == [slice(0, 300)], "a missing value is no gap in time"
    assert any("9999" in str(remark) for remark in result.remarks)


@pytest.mark.parametrize(
    ("headers", "names", "units"),
    [
        ("T (degC),Temp [°],기온(°C)", "T,Temp,기온", "°C,°,°C"),
        ("T (K),T (degC)", "T (K),T (degC)", "K,°C"),
        ("sales (2020),sales", "sales (2020),sales", ","),
        ("rh (%),wind (m/s),x", "rh,wind,x", "%,m/s,"),
        ("x,x", "x,x #3", ","),
    ],
)
def test_units_are_split_off_the_names(headers: str, names: str, units: str) -> None:
    count = headers.count(",") + 1
    series = read_lines(
        table(
            header=f"time,{headers}",
            row=lambda i: (
                f"{START + i * TEN_MINUTES}" + "".join(f",{i % (7 + k)}.5" for k in range(count))
            ),
        )
    )
    assert (series.columns, series.units) == (tuple(names.split(",")), tuple(units.split(",")))
    for number, (name, header) in enumerate(zip(series.columns, series.headers, strict=True)):
        assert series.find(name) == series.find(header) == number
    assert series.find("nonsense") is None


def test_what_a_visitor_corrects_is_another_series() -> None:
    lines = table(header="time,a (deg),b", row=lambda i: f"{i},{i % 9},{'-7' if i % 5 else i}")
    key = UPLOADS.add("\n".join(lines).encode())
    recognised = uploaded_series(key)
    corrected = uploaded_series(key, '{"directions":["a (deg)"],"missing":[-7],"time":[]}')
    assert recognised.columns == ("a", "b")
    assert recognised.directions == ()
    assert recognised.units[0] == "°"
    assert corrected.columns == ("a", "b")  # what counts the time is no measurement
    assert corrected.directions == ("a",)
    assert np.isnan(corrected.values[:, 1]).sum() == 96
    assert uploaded_reading(key).decisions["missing"] == []
    with pytest.raises(Problem, match="zz cannot be forecast; the columns"):
        uploaded_series(key, '{"target":"zz"}')


def test_a_count_is_measured_where_nothing_else_is() -> None:
    result = read_lines(table(300, "x", str))
    assert result.columns == ("x",)
    assert result.values[:, 0].tolist() == list(range(300))


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
            assert isinstance(result, str) or not np.isinf(result.values).any()


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
