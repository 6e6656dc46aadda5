"""Offsets from UTC and names of zones: one wall clock for the whole column."""

import numpy as np

from rnnviz.data.reading.times.moments import MINUTE, NO_OFFSET, UNKNOWN_ZONE, Moments
from rnnviz.messages import N_, Message

_MOST_OFFSETS = 6
"""Offsets in one column: of two or three zones, in winter and in summer."""


def to_one_clock(moments: Moments) -> list[Message]:
    """Bring all times to the offset of the first; say which that is."""
    remarks = []
    offsets = np.unique(moments.offset[moments.valid])
    if len(offsets) > _MOST_OFFSETS:
        # Such as the ends of hours: 00:00-01:00, 01:00-02:00.
        return [Message(N_("What follows the times is not an offset from UTC and is ignored."))]
    known = moments.valid & (moments.offset != NO_OFFSET) & (moments.offset != UNKNOWN_ZONE)
    if known.any():
        first = int(moments.offset[known][0])
        shift = np.where(known, first - moments.offset, 0).astype(np.int64)
        changed = int((shift != 0).sum())
        moments.nano = moments.nano + shift * MINUTE
        if changed:
            remarks.append(
                Message(
                    N_(
                        "The times have several offsets from UTC; all are converted to that of "
                        "the first, {offset}. Rows converted: {count}."
                    ),
                    {"offset": _offset(first), "count": changed},
                )
            )
        else:
            remarks.append(
                Message(
                    N_("The times are read as their clocks show them, at {offset} from UTC."),
                    {"offset": _offset(first)},
                )
            )
    if moments.zones:
        remarks.append(
            Message(
                N_("Words after the times are ignored: {words}."),
                {"words": ", ".join(moments.zones[:5])},
            )
        )
    return remarks


def _offset(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"
