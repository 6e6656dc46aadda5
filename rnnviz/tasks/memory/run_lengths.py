"""Long runs, written short: of one symbol, "aaaabbbb" as "a⁴b⁴", of numbers, "1–4, 7"."""

from collections.abc import Collection, Sequence
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


def number_ranges(numbers: Sequence[int]) -> str:
    """Ascending `numbers` in a row, where neighbours are taken together."""
    runs = [
        [number for _index, number in run]
        for _offset, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    ]
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
