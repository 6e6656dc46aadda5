"""A table of the visitor, read as measurements over time; its reader needs pandas."""

import re
from collections.abc import Sequence

import numpy as np

from rnnviz.data.reading import SeriesReading, read_series
from rnnviz.data.reading.corrections import from_json
from rnnviz.data.series import Series
from rnnviz.messages import N_

TITLE = N_("Your own file")
JENA_TITLE = N_("Weather at Jena, every ten minutes")

_UNIT = re.compile(r"(.*\S)\s*[(\[]([^()\[\]]{1,20})[)\]]")
_UNIT_SIGN = re.compile(r"[^\W\d_]|[%°℃℉‰]")
"""What a unit has: "(degC)" and "(%)" are some, "(2020)" is none."""
_SIGNS = {"degC": "°C", "degF": "°F", "deg": "°", "℃": "°C", "℉": "°F"}


def read_table(content: bytes, corrections: str = "") -> SeriesReading:
    """What `read_series` reads with the corrections of the visitor, as `to_json` writes them.

    Raises:
        Problem: the file is no table of measurements, or a correction does not fit.
    """
    return read_series(content, **from_json(corrections))


def series_from_reading(reading: SeriesReading) -> Series:
    """The series that was read of a visitor's table, with units apart from the names of columns."""
    headers = tuple(reading.columns)
    names, units = _split_units(headers)
    name_of = dict(zip(headers, names, strict=True))
    values = np.stack(list(reading.columns.values()), axis=1).astype(np.float64)
    values[~np.isfinite(values)] = np.nan
    return Series(
        title=JENA_TITLE if {"Date Time", "T (degC)"} <= reading.roles.keys() else TITLE,
        columns=names,
        values=values,
        units=units,
        times=None if reading.times is None else reading.times.copy(),
        elapsed=None if reading.elapsed is None else reading.elapsed.copy(),
        spacing=reading.spacing,
        target=name_of[reading.target],
        directions=tuple(name_of[name] for name in reading.directions),
        headers=headers,
        remarks=reading.remarks,
    )


def _split_units(headers: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names without their units, and the units; "T (K)" and "T (degC)" stay as they are."""
    matches = [_UNIT.fullmatch(header) for header in headers]
    matches = [match if match and _UNIT_SIGN.search(match[2]) else None for match in matches]
    names = [match[1] if match else text for match, text in zip(matches, headers, strict=True)]
    units = [_SIGNS.get(match[2], match[2]) if match else "" for match in matches]
    if len(set(names)) < len(names):
        names = list(headers)
    return tuple(names), tuple(units)
