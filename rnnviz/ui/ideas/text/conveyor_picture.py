"""The conveyor: a text at its four stations, one column for each token."""

from markupsafe import Markup

from rnnviz.ideas.text import Conveyor, LookUp
from rnnviz.palette import Theme
from rnnviz.ui.ideas.text import drawing, vector_station
from rnnviz.ui.ideas.text.drawing import FONT, HATCH, box, words
from rnnviz.ui.ideas.text.layout import CELL, CHIP, LABELS, NUMBERS, ROW, TABLE, TOP, Layout
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag


def draw_conveyor(conveyor: Conveyor, table: LookUp | None, theme: Theme) -> Markup:
    """The names of the stations, which stay, and beside them the columns, which may scroll."""
    layout = Layout(conveyor, theme)
    size = {"height": layout.bottom, "style": "flex:none"}
    names = tag("svg", _station_names(layout, table), width=LABELS, **size)
    drawing_ = tag(
        "svg",
        drawing.hatching(),
        vector_station.draw_below(layout),
        [_column(layout, column, table) for column in range(layout.columns)],
        _lengths(layout),
        _remarks(layout),
        width=layout.width,
        role="group",
        aria_label=_("The text at its four stations, a column for each token."),
        **size,
    )
    scrolling = tag("div", drawing_, style="overflow-x:auto;min-width:0")
    return tag("div", names, scrolling, style="display:flex;min-width:0")


def _station_names(layout: Layout, table: LookUp | None) -> list[Markup]:
    conveyor = layout.conveyor
    count, size = len(conveyor.tokens[0]), len(conveyor.dictionary)
    shape = f"{len(conveyor.table.rows)} × {layout.columns}"
    stations = [
        (TOP + CHIP / 2, _("Tokens"), f"{count}"),
        (NUMBERS - 6, _("Numbers"), _("of {count:,}", count=size)),
        (TABLE + 16, _("Table"), shape),
        (layout.station + 18, _("Vectors"), vector_station.subtitle(conveyor, table)),
    ]
    parts = []
    for number, (y, name, subtitle) in enumerate(stations, 1):
        parts += [
            tag("circle", cx=11, cy=y, r=9, fill="currentcolor"),
            words(11, y, str(number), font_size=12, style="fill:var(--st-background-color)"),
            words(26, y, name, text_anchor="start", font_weight=600),
            words(26, y + 18, subtitle, text_anchor="start", font_size=12, class_="muted"),
        ]
    return parts


def _column(layout: Layout, column: int, table: LookUp | None) -> Markup:
    conveyor = layout.conveyor
    name = conveyor.name_at(column)
    cells = [_cell(layout, row, column) for row in range(len(conveyor.table.rows))]
    vector = vector_station.draw_column(layout, column, table)
    if name is None:
        return tag("g", cells, vector)
    number = conveyor.table.rows[0][column]
    is_picked = column == conveyor.picked
    frame = box(
        layout.left(column) - 2,
        2,
        layout.box_width + 4,
        vector_station.frame_bottom(layout) - 2,
        fill=drawing.SOFT if is_picked else "transparent",
        stroke="none",
        class_="here" if is_picked else None,
        rx=8,
    )
    x = layout.middle(column)
    return tag(
        "g",
        frame,
        _chip(layout, column, name, is_picked),
        drawing.arrow(x, TOP + CHIP + 3, NUMBERS - 13),
        _number(layout, column, name, number, is_picked),
        drawing.arrow(x, NUMBERS + 12, TABLE - 4),
        cells,
        vector,
        data_pick=column,
        aria_label=_("{token}: number {number}", token=name, number=number),
    )


def _is_unknown(layout: Layout, name: str) -> bool:
    dictionary = layout.conveyor.dictionary
    return not dictionary.is_known(name) and name not in dictionary.specials


def _chip(layout: Layout, column: int, name: str, is_picked: bool) -> list[Markup]:
    fill, border, ink = drawing.AMBER[layout.theme]
    unknown = _is_unknown(layout, name)
    room = layout.box_width - 4
    font = FONT if drawing.text_width(name) <= room else 12
    return [
        box(
            layout.left(column) + 1,
            TOP,
            layout.box_width - 2,
            CHIP,
            fill=fill if unknown else "var(--st-background-color)",
            stroke=border if unknown else BORDER_OF_CHIP,
        ),
        words(
            layout.middle(column),
            TOP + CHIP / 2,
            drawing.shorten(name, room, font),
            font_size=font,
            font_weight=600 if is_picked else None,
            style=f"fill:{ink}" if unknown else None,
        ),
    ]


BORDER_OF_CHIP = "color-mix(in srgb, currentcolor 35%, transparent)"


def _number(layout: Layout, column: int, name: str, number: int, is_picked: bool) -> Markup:
    unknown = _is_unknown(layout, name)
    return words(
        layout.middle(column),
        NUMBERS,
        f"UNK {number}" if unknown else str(number),
        font_weight=600 if is_picked or unknown else None,
        style=f"fill:{drawing.AMBER[layout.theme][2]}" if unknown else None,
        font_size=13 if unknown else 15,
    )


def _cell(layout: Layout, row: int, column: int) -> list[Markup]:
    table = layout.conveyor.table
    number, is_padding = table.rows[row][column], table.is_padding(row, column)
    y = TABLE + row * ROW
    fill = HATCH if is_padding else drawing.SOFT if row == 0 else "none"
    return [
        box(
            layout.left(column),
            y,
            layout.box_width,
            CELL,
            fill=fill,
            data_twin=None if is_padding else f"n{number}",
        ),
        words(
            layout.middle(column),
            y + CELL / 2,
            str(number),
            class_="muted" if is_padding else None,
            font_weight=600 if row == 0 and not is_padding else None,
        ),
    ]


def _lengths(layout: Layout) -> list[Markup]:
    """The length of each row: with it the mask is known."""
    x = layout.columns * layout.pitch + 26
    lengths = layout.conveyor.table.lengths
    return [
        words(x, TABLE - 12, _("length"), font_size=12, class_="muted"),
        *(
            words(x, TABLE + row * ROW + CELL / 2, str(length), font_weight=600)
            for row, length in enumerate(lengths)
        ),
    ]


def _remarks(layout: Layout) -> list[Markup]:
    start = layout.columns * layout.pitch + 6
    return [
        words(
            start,
            TOP + 10 + 20 * place,
            drawing.shorten(line, layout.width - start, 13),
            text_anchor="start",
            font_size=13,
            class_="muted",
        )
        for place, line in enumerate(layout.remarks)
    ]
