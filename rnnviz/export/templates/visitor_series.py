"""The measurements of a visitor, as rnnviz had read them of a table."""

import io
import json

import numpy as np

from rnnviz.data.series import Series


def read_table(content: bytes, corrections: str = "") -> bytes:
    """The `content` itself, in which nothing is left to recognise or correct."""
    return content


def series_from_reading(content: bytes) -> Series:
    """The series in `content`, an archive of NumPy."""
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    names = json.loads(arrays.pop("names").item())
    return Series(
        title=names["title"],
        columns=tuple(names["columns"]),
        values=arrays["values"],
        units=tuple(names["units"]),
        times=arrays.get("times"),
        elapsed=arrays.get("elapsed"),
        spacing=names["spacing"],
        target=names["target"],
        directions=tuple(names["directions"]),
        headers=tuple(names["headers"]),
    )
