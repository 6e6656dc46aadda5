"""The pictures of sequences of states: with padding, and one after the other."""

from typing import TYPE_CHECKING

from markupsafe import Markup

from rnnviz.ideas.shapes.settings import LayerSettings
from rnnviz.palette import Theme
from rnnviz.ui.ideas.shapes.colours import BACKWARD, FORWARD
from rnnviz.ui.ideas.shapes.cuboid import GAP, Cuboid, arrow, frame, hatch, label, some
from rnnviz.ui.ideas.shapes.grids import (
    COLUMN,
    ROW,
    column_names,
    full_colour,
    output_rows,
    row_sizes,
    step_names,
    take,
)
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from torch import Tensor

    from rnnviz.ideas.shapes.parts import Padded, TwoSequences


@shared(max_entries=100)
def padding_picture(
    settings: LayerSettings, pads: int, language: str, theme: Theme, _padded: "Padded"
) -> Markup:
    """The input with its padding, the output on both, and how far each step is from the truth."""
    length = settings.steps
    steps = [
        *some(length, 6),
        *(None if t is None else length + t for t in some(pads, 10)),
    ]
    names = step_names(settings, steps)
    names = [
        "0" if step is not None and step >= length else name
        for step, name in zip(steps, names, strict=True)
    ]
    widths = [GAP if step is None else COLUMN for step in steps]
    true, last = steps.index(length - 1), len(steps) - 1
    x, input_rows, rows = 112, some(settings.inputs, 4), output_rows(settings)

    def is_padding(_row: int, column: int) -> bool:
        step = steps[column]
        return step is not None and step >= length

    inputs = Cuboid(
        take(_padded.inputs[None], input_rows, steps),
        x=x,
        y=14,
        widths=widths,
        heights=row_sizes(input_rows, 16),
        theme=theme,
        scale=full_colour(_padded.inputs),
        is_absent=is_padding,
    )
    outputs = Cuboid(
        take(_padded.output[None], rows, steps),
        x=x,
        y=inputs.y + inputs.height + 42,
        widths=widths,
        heights=row_sizes(rows, ROW),
        theme=theme,
        scale=full_colour(_padded.output),
        numbered=frozenset(range(len(steps))),
    )
    y = outputs.y + outputs.height
    frames = [frame(outputs.column(true), outputs.y, COLUMN - 1, outputs.height - 1, FORWARD)]
    if pads:
        place = outputs.column(last)
        frames.append(frame(place, outputs.y, COLUMN - 1, outputs.height - 1, BACKWARD))
    first, end = outputs.column(true), outputs.column(last) + COLUMN
    notes = [
        label(
            first + COLUMN,
            y + 22,
            _("true length"),
            text_anchor="end",
            font_weight=600,
            font_size=13,
            style=f"fill:{FORWARD}",
        )
    ]
    if pads:
        notes.append(
            label(
                end + 8,
                outputs.y + 16,
                "y_out[:, -1]",
                font_weight=600,
                font_size=14,
                style=f"fill:{BACKWARD}",
            )
        )
    distances = [None if step is None else float(_padded.distances[step]) for step in steps]
    return tag(
        "svg",
        hatch(),
        _side(inputs.y + 20, "input", _("hatched: padding")),
        inputs.draw(),
        column_names(inputs, names),
        _side(outputs.y + 20, "output", ""),
        outputs.draw(),
        frames,
        notes,
        _side(y + 62, _("distance"), _("from the truth")),
        _bars(distances, outputs, y + 34, true),
        width=max(end + 110, 420),
        height=y + 112,
        role="group",
        tabindex=0,  # A narrow screen scrolls it by the keyboard, too.
        aria_label=_(
            "A sequence with padding: input, output, distance from the vector it alone has"
        ),
    )


def _side(y: float, title: str, note: str) -> list[Markup]:
    return [
        label(6, y, title, font_weight=700, font_size=15),
        label(6, y + 17, note, font_size=12, class_="muted"),
    ]


def _bars(values: "list[float | None]", above: Cuboid, y: float, first: int = 0) -> list[Markup]:
    """A bar for each column from `first` on, with its number; None draws nothing."""
    most = max([value for value in values[first:] if value is not None] or [0.0]) or 1.0
    parts: list[Markup] = []
    for column, value in enumerate(values):
        if value is None or column < first:
            continue
        size = 42 * value / most
        x = above.column(column)
        parts += [
            tag(
                "rect",
                x=x + 6,
                y=y + 44 - size,
                width=COLUMN - 13,
                height=max(size, 1.0),
                fill="currentcolor",
                opacity=0.55,
            ),
            label(x + COLUMN / 2, y + 60, f"{value:.2f}", text_anchor="middle", font_size=12),
        ]
    return parts


@shared(max_entries=100)
def state_picture(
    settings: LayerSettings,
    is_carried: bool,
    language: str,
    theme: Theme,
    _two: "TwoSequences",
) -> Markup:
    """The states of two sequences, and how far the second ones are from a fresh start."""
    steps, rows = some(settings.steps, 8), some(settings.hidden, 6)
    second = _two.carried if is_carried else _two.reset
    other = 1 % settings.batch

    def states(values: "Tensor", x: float) -> Cuboid:
        return Cuboid(
            take(values[None], rows, steps),
            x=x,
            y=58,
            widths=[GAP if step is None else COLUMN for step in steps],
            heights=row_sizes(rows, ROW),
            theme=theme,
            scale=full_colour(_two.first),
            numbered=frozenset(range(len(steps))),
        )

    first = states(_two.first, 14)
    after = states(second, first.right + 96)
    middle = first.y + first.height / 2
    y = first.y + first.height
    distances = [None if step is None else float(_two.distances[step]) for step in steps]
    gate = after.x - 78
    passed = "h_n" if is_carried else _("zeros")
    return tag(
        "svg",
        hatch(),
        label(14, 20, _("First sequence"), font_weight=700, font_size=16),
        label(14, 39, _("starts from zeros"), font_size=13, class_="muted"),
        label(after.x, 20, _("Second sequence"), font_weight=700, font_size=16),
        label(
            after.x,
            39,
            _("starts from h_n of the first") if is_carried else _("starts from zeros"),
            font_size=13,
            class_="muted",
        ),
        first.draw(),
        column_names(first, step_names(settings, steps)),
        frame(first.column(len(steps) - 1), first.y, COLUMN - 1, first.height - 1, FORWARD)
        if is_carried
        else None,
        label(gate + 26, middle - 12, passed, text_anchor="middle", font_size=14, font_weight=600),
        arrow(gate, middle, 56),
        after.draw(),
        column_names(after, _second_names(settings, steps, other)),
        label(
            after.x - 12,
            y + 66,
            _("carried against reset"),
            text_anchor="end",
            font_size=13,
            class_="muted",
        ),
        _bars(distances, after, y + 24),
        width=after.right + 20,
        height=y + 96,
        role="group",
        tabindex=0,  # A narrow screen scrolls it by the keyboard, too.
        aria_label=_("The hidden states of two sequences that are read one after the other"),
    )


def _second_names(settings: LayerSettings, steps: "list[int | None]", sequence: int) -> list[str]:
    from rnnviz.ideas.shapes.layers import letter

    if settings.values != "letters":
        return step_names(settings, steps)
    return ["" if t is None else letter(sequence, t) for t in steps]
