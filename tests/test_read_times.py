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
