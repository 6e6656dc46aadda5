"""The measurements of a visitor, as rnnviz had read them of a table."""

import io
import json

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.series import Series


def read_table(content: bytes, corrections: str = "") -> NDArray[np.uint8]:
    """The `content` itself, in which nothing is left to recognise or correct."""
    return np.frombuffer(content, np.uint8)


def series_from_reading(content: NDArray[np.uint8]) -> Series:
    """The series in `content`, an archive of NumPy."""
    with np.load(io.BytesIO(content.tobytes()), allow_pickle=False) as archive:
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
