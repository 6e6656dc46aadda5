"""Pictures of 8 x 8 pixels with one or two strokes, and the caption of each.

A picture is one whole number of 64 bits: the pixel of row r and column c is bit 8r + c.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from rnnviz.tasks.framework.kinds import Split

SIDE = 8
PIXELS = SIDE * SIDE

SHAPES = ("ring", "bar", "pole", "cross")
RELATIONS = ("over", "beside")

Caption = tuple[str, ...]


@dataclass(frozen=True)
class Stroke:
    """One shape at one place: its pixels, the same with all their neighbours, and its extent."""

    shape: str
    pixels: int
    surroundings: int
    rows: range
    columns: range


def from_cells(cells: list[tuple[int, int]]) -> int:
    """The picture with these pixels (row, column)."""
    return sum(1 << (SIDE * row + column) for row, column in cells)


def bits(picture: int) -> tuple[int, ...]:
    """The 64 pixels of `picture`, row by row: 1 is ink."""
    return tuple(picture >> pixel & 1 for pixel in range(PIXELS))


def _cells(shape: str, height: int, width: int) -> list[tuple[int, int]]:
    """The pixels of a shape in the corner of the picture."""
    cells = [(row, column) for row in range(height) for column in range(width)]
    match shape:
        case "ring":
            return [
                (row, column)
                for row, column in cells
                if row in (0, height - 1) or column in (0, width - 1)
            ]
        case "cross":
            return [
                (row, column) for row, column in cells if row == height // 2 or column == width // 2
            ]
    return cells


def _sizes(shape: str, height: int, width: int) -> Iterator[tuple[int, int]]:
    """The sizes (rows, columns) in which a shape is drawn inside `height` x `width` pixels."""
    match shape:
        case "ring":
            sizes = [(rows, columns) for rows in range(3, 6) for columns in range(3, 6)]
        case "cross":
            sizes = [(3, 3), (5, 5)]
        case "bar":
            sizes = [(1, columns) for columns in range(3, 8)]
        case _:
            sizes = [(rows, 1) for rows in range(3, 8)]
    yield from (size for size in sizes if size[0] <= height and size[1] <= width)


def _strokes(rows: range, columns: range) -> Iterator[Stroke]:
    """Every shape in every size at every place inside these rows and columns."""
    for shape in SHAPES:
        for height, width in _sizes(shape, len(rows), len(columns)):
            cells = _cells(shape, height, width)
            for top in range(rows.start, rows.stop - height + 1):
                for left in range(columns.start, columns.stop - width + 1):
                    own = [(top + row, left + column) for row, column in cells]
                    around = {
                        (row + down, column + right)
                        for row, column in own
                        for down in (-1, 0, 1)
                        for right in (-1, 0, 1)
                        if 0 <= row + down < SIDE and 0 <= column + right < SIDE
                    }
                    yield Stroke(
                        shape,
                        from_cells(own),
                        from_cells(sorted(around)),
                        range(top, top + height),
                        range(left, left + width),
                    )


def _overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


@cache
def drawings() -> dict[Caption, tuple[int, ...]]:
    """Every picture under its caption, in an order of its own drawn by a fixed seed.

    Two shapes do not touch, and share columns where one is over the other, rows where one is
    beside the other: so no picture has two captions.
    """
    whole, half, rest = range(SIDE), range(SIDE // 2), range(SIDE // 2, SIDE)
    groups: dict[Caption, list[int]] = {}
    for stroke in _strokes(whole, whole):
        groups.setdefault((stroke.shape,), []).append(stroke.pixels)
    upper, lower = [*_strokes(half, whole)], [*_strokes(rest, whole)]
    left, right = [*_strokes(whole, half)], [*_strokes(whole, rest)]
    for relation, firsts, seconds in (("over", upper, lower), ("beside", left, right)):
        for one in firsts:
            for other in seconds:
                extents = (
                    (one.columns, other.columns) if relation == "over" else (one.rows, other.rows)
                )
                if one.surroundings & other.pixels or not _overlap(*extents):
                    continue
                caption = (one.shape, relation, other.shape)
                groups.setdefault(caption, []).append(one.pixels | other.pixels)
    order = random.Random(0)
    for group in groups.values():
        order.shuffle(group)
    return {caption: tuple(group) for caption, group in groups.items()}


@cache
def split_drawings() -> dict[Split, dict[Caption, tuple[int, ...]]]:
    """The pictures of each split: one in ten for validation, one in ten for the test."""

    def part(first: int, last: int) -> dict[Caption, tuple[int, ...]]:
        return {
            caption: group[first * len(group) // 10 : last * len(group) // 10]
            for caption, group in drawings().items()
        }

    return {"validation": part(0, 1), "test": part(1, 2), "train": part(2, 10)}
