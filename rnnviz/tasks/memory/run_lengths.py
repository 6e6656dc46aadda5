"""Long runs of one symbol, written short: "aaaabbbb" as "a⁴b⁴"."""

from collections.abc import Collection
from itertools import groupby

SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def compress_runs(symbols: Collection[str], runs_of: str) -> str:
    """`symbols` in a row, where a run of one of `runs_of` carries how long it is."""
    written = ""
    for symbol, run in groupby(symbols):
        count = len(list(run))
        if symbol in runs_of and count > 1:
            written += symbol + str(count).translate(SUPERSCRIPTS)
        else:
            written += symbol * count
    return written
