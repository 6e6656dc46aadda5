"""The fourth station: each token as a vector, or the whole text as one."""

from itertools import pairwise
from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.ideas.text import Conveyor, LookUp
from rnnviz.ui.ideas.text import drawing
from rnnviz.ui.ideas.text.drawing import HATCH, box, words
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ui.ideas.text.layout import Layout

TALL = 104
"""Pixels of a vector."""
SHOWN = 16
"""How many numbers of a vector are drawn at most."""
BAG_ROW, BAG_CELL, MOST_ENTRIES = 32, 28, 24
EXTRA = 54.0
"""Pixels for the lengths beside the table."""


def height(conveyor: Conveyor) -> float:
    """Of the station, in pixels."""
    vectors = conveyor.settings.vectors
    if vectors == "bag":
        return 22 + BAG_ROW * len(conveyor.tokens)
    return 84 if vectors == "hashing" else TALL


def subtitle(conveyor: Conveyor, table: LookUp | None) -> str:
    """How many numbers a vector has."""
    vectors = conveyor.settings.vectors
    if vectors == "hashing":
        return _("{count} buckets", count=conveyor.settings.buckets)
    D = table.table.shape[1] if table else len(conveyor.dictionary)
    if table and D > SHOWN:
        return _("{shown} of {count:,}", shown=SHOWN, count=D)
    return _("{count:,} each", count=D)


def frame_bottom(layout: "Layout") -> float:
    """Where the blue frame ends: a bag has no columns of tokens."""
    if layout.conveyor.settings.vectors == "bag":
        return layout.table_bottom
    return layout.station + height(layout.conveyor) + 6


def extra_width(layout: "Layout") -> float:
    """How far the station reaches beyond the columns of the table."""
    if layout.conveyor.settings.vectors != "bag":
        return EXTRA
    needed = len(_entries(layout.conveyor)) * _bag_pitch(layout) + 150
    return max(EXTRA, needed - layout.columns * layout.pitch)


def draw_column(layout: "Layout", column: int, table: LookUp | None) -> list[Markup]:
    """A token's vector; hatched where there is no token."""
    conveyor, kind = layout.conveyor, layout.conveyor.settings.vectors
    if kind == "bag":
        return []
    x, y = layout.middle(column), layout.station
    width = min(46.0, layout.box_width - 4)
    left, tall = x - width / 2, height(conveyor)
    if conveyor.table.is_padding(0, column):
        if kind == "hashing":
            return []
        return [box(left, y, width, tall, fill=HATCH)]
    number, name = conveyor.table.rows[0][column], conveyor.name_at(column) or ""
    arrow = drawing.arrow(x, layout.table_bottom + 2, y - 5)
    if kind == "hashing":
        return [arrow, *_bucket(layout, name, left, y, width)]
    if table is None:
        return [arrow, *_one_hot(number, len(conveyor.dictionary), left, y, width)]
    values = table.table[number][:SHOWN]
    largest = largest_number(conveyor, table)
    frame = box(left, y, width, tall, stroke="currentcolor", stroke_opacity=0.5)
    if not values.any():
        return [arrow, frame, words(x, y + tall / 2, "0", class_="muted")]
    return [
        arrow,
        *drawing.stripes(left, y, width, tall, values, largest, layout.theme),
        frame,
    ]


def largest_number(conveyor: Conveyor, table: LookUp) -> float:
    """The number with the strongest colour: the largest of the first row's vectors."""
    numbers = sorted(set(conveyor.table.rows[0]))
    return float(abs(table.table[numbers][:, :SHOWN]).max()) or 1.0


def _one_hot(number: int, V: int, x: float, y: float, width: float) -> list[Markup]:
    frame = box(x, y, width, TALL, stroke="currentcolor", stroke_opacity=0.5)
    each = TALL / V
    if V <= SHOWN:
        lines = [
            tag("path", d=f"M{x:g} {y + k * each:.5g}h{width:g}", stroke=drawing.BORDER)
            for k in range(1, V)
        ]
        hot = box(x, y + number * each, width, each, fill=drawing.PRIMARY, stroke="none", rx=1)
        return [*lines, hot, frame]
    place = y + 4 + (TALL - 8) * number / max(1, V - 1)
    mark = tag("path", d=f"M{x:g} {place:.5g}h{width:g}", stroke=drawing.PRIMARY, stroke_width=3)
    label = place - 12 if place > y + TALL / 2 else place + 14
    return [mark, frame, words(x + width / 2, label, _("1 at {place}", place=number), font_size=12)]


def _bucket(layout: "Layout", name: str, x: float, y: float, width: float) -> list[Markup]:
    conveyor = layout.conveyor
    number = conveyor.bucket(name)
    fill, border, ink = drawing.AMBER[layout.theme]
    shared = any(name in names for _number, names in conveyor.collisions())
    return [
        box(
            x,
            y,
            width,
            34,
            fill=fill if shared else "none",
            stroke=border if shared else "currentcolor",
            data_twin=f"bucket{number}",
        ),
        words(
            x + width / 2,
            y + 17,
            str(number),
            font_weight=600,
            style=f"fill:{ink}" if shared else None,
        ),
    ]


def draw_below(layout: "Layout") -> list[Markup]:
    """What the station has beside the columns: the bag, the lines of collisions, a remark."""
    kind = layout.conveyor.settings.vectors
    if kind == "bag":
        return _bag(layout)
    if kind == "hashing":
        return _collision_lines(layout)
    padded = [k for k in range(layout.columns) if layout.conveyor.table.is_padding(0, k)]
    if not padded:
        return []
    text, y = _("masked: never read"), layout.bottom - 12
    x = min(layout.left(padded[0]), layout.width - drawing.text_width(text, 12))
    return [words(x, y, text, font_size=12, text_anchor="start", class_="muted")]


def _collision_lines(layout: "Layout") -> list[Markup]:
    """A line between columns with different tokens in one bucket."""
    conveyor, y = layout.conveyor, layout.station + 34
    border = drawing.AMBER[layout.theme][1]
    parts, names = [], [conveyor.name_at(column) for column in range(layout.columns)]
    for place, (_number, members) in enumerate(conveyor.collisions()):
        columns = [names.index(name) for name in members if name in names]
        depth = 16 + 10 * (place % 4)
        for start, end in pairwise(columns):
            path = f"M{layout.middle(start):g} {y:g}v{depth}H{layout.middle(end):g}v{-depth}"
            parts.append(tag("path", d=path, fill="none", stroke=border, stroke_width=2))
    return parts


def _entries(conveyor: Conveyor) -> list[int]:
    """The places of the bags where any text has an entry, in their order."""
    return sorted({place for bag in conveyor.bags() for place in bag})[:MOST_ENTRIES]


def _bag_pitch(layout: "Layout") -> float:
    dictionary = layout.conveyor.dictionary
    names = [dictionary.name(place) for place in _entries(layout.conveyor)] or [""]
    return min(64.0, max(48.0, max(drawing.text_width(name, 12) for name in names) + 10))


def _bag(layout: "Layout") -> list[Markup]:
    conveyor = layout.conveyor
    entries, pitch, y = _entries(conveyor), _bag_pitch(layout), layout.station
    parts: list[Markup] = []
    for k, place in enumerate(entries):
        x, is_picked = k * pitch, place == conveyor.picked_number
        name = drawing.shorten(conveyor.dictionary.name(place), pitch - 4, 12)
        weight = 600 if is_picked else None
        parts.append(words(x + pitch / 2, y + 6, name, font_size=12, font_weight=weight))
        for row, bag in enumerate(conveyor.bags()):
            value, top = bag.get(place, 0.0), y + 20 + row * BAG_ROW
            parts += [
                box(
                    x + 3,
                    top,
                    pitch - 6,
                    BAG_CELL,
                    fill=drawing.SOFT if value else "none",
                    data_twin=f"n{place}",
                ),
                words(
                    x + pitch / 2,
                    top + BAG_CELL / 2,
                    f"{value:.3g}",
                    class_=None if value else "muted",
                    font_weight=600 if value else None,
                ),
            ]
        if is_picked:
            tall = 22 + BAG_ROW * len(conveyor.tokens)
            parts.append(box(x + 1, y - 6, pitch - 2, tall + 2, class_="here", rx=8))
    rest = len(conveyor.dictionary) - len(entries)
    text = _("+ {count:,} more: all 0", count=rest)
    x = len(entries) * pitch + 8
    parts.append(words(x, y + 34, text, font_size=12, text_anchor="start", class_="muted"))
    return parts
