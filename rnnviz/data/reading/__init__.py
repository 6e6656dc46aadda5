"""Read a visitor's table of measurements: what was recognised is a proposal, to be corrected.

Needs pandas, which the bare library does not install; it is imported when a table is read.
"""

from collections.abc import Mapping, Sequence

from rnnviz.data.reading.arguments import Arguments
from rnnviz.data.reading.result import Choice, Question, Role, SeriesReading, Spacing
from rnnviz.messages import N_, Problem

__all__ = ["Choice", "Question", "Role", "SeriesReading", "Spacing", "read_series"]

NO_PANDAS = N_("Reading a table needs pandas; install the extra: pip install 'rnnviz[reading]'.")


def read_series(
    content: bytes,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    thousands: str | None = None,
    header: int | None = None,
    time: str | Sequence[str] | None = None,
    time_format: str | None = None,
    missing: Sequence[float | str] | Mapping[str, Sequence[float | str]] | None = None,
    target: str | None = None,
    spacing: Spacing | None = None,
    directions: Sequence[str] | None = None,
) -> SeriesReading:
    """The measurements in a visitor's table, a text with one row for each time.

    An argument that is None is recognised; `decisions` of the answer has all of them, and reads
    the same again. What was decided is in `remarks`; what has two readings is in `questions`.

    content      the file
    encoding     its codec: "utf-8", "utf-8-sig", "utf-16", "cp949", "cp1252" and so on
    separator    what stands between cells: "," ";" "\t" "|", or " " for runs of blanks
    decimal      the mark before decimals, "." or ","
    thousands    the mark between thousands: "" (none) "," "." "'", or " " for blanks of any kind
    header       the number of the line that names the columns, from 1; 0: none does, they are "#1"
    time         the columns of the time (date and clock; year, month, day), [] for none
    time_format  its form, columns joined by blanks: a pattern of strptime (%q: quarter) or
                 a code: "year-month-day", "day-month-year", "month-day-year", "year-month", "week",
                 "mixed" (day or month first from row to row),
                 "clock", "duration", "year", "decimal-year", "elapsed", "epoch-s", "epoch-ms",
                 "epoch-us", "epoch-ns", "excel-days" and others, as in `decisions`;
                 " from 1949" behind it says which hundred years two digits mean
    missing      numbers or texts that mean "not measured", [] for none but the usual words; a
                 mapping gives those of each column
    target       the column to forecast
    spacing      "clock": gaps between times are gaps; "even": they are not, as on trading days
    directions   the columns that go round, 359 degrees next to 1

    Raises:
        Problem: the file is no such table, or an argument does not fit; it names the line, the
            column, the value, and what is allowed.
    """
    arguments = Arguments.of(
        {
            "encoding": encoding,
            "separator": separator,
            "decimal": decimal,
            "thousands": thousands,
            "header": header,
            "time": time,
            "time_format": time_format,
            "missing": missing,
            "target": target,
            "spacing": spacing,
            "directions": directions,
        }
    )
    try:
        from rnnviz.data.reading.read import read
    except ModuleNotFoundError as error:
        if error.name != "pandas":
            raise
        raise Problem(NO_PANDAS) from error
    return read(content, arguments)
