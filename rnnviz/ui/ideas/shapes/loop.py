"""The picture of the loop: its lines, and what the current one computes."""

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rnnviz.ideas.shapes.settings import LayerSettings
from rnnviz.palette import Theme
from rnnviz.ui.ideas.shapes.colours import ink, shade, signed
from rnnviz.ui.ideas.shapes.cuboid import some
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.shapes.loop import Loop

CODE = (
    "white-space:pre-wrap;overflow-wrap:anywhere;padding:0 4px 0 calc(2ch + 4px);text-indent:-2ch;"
)
"""A line of the program, with what wraps indented."""

ROW = "display:flex;flex-wrap:wrap;gap:2px;align-items:center;margin:2px 0;padding:3px 4px;"

FRAME = "outline:2px solid var(--st-primary-color);outline-offset:-2px;border-radius:3px;"
NOT_YET = (
    "width:9rem;height:1.3rem;opacity:0.5;background:repeating-linear-gradient(135deg,"
    "currentcolor 0 1px,transparent 1px 6px)"
)
"""A frame around what is current; the hatching of what is not computed yet."""


@shared(max_entries=200)
def loop_picture(
    settings: LayerSettings, step: int, line: int, language: str, theme: Theme, _loop: "Loop"
) -> Markup:
    """The program with its current line, beside the values of this time step."""
    style = "display:flex;flex-wrap:wrap;gap:1rem 2rem;align-items:flex-start"
    return tag(
        "div", _program(settings, _loop, line), _values(_loop, step, line, theme), style=style
    )


def _program(settings: LayerSettings, loop: "Loop", line: int) -> Markup:
    from rnnviz.ideas.shapes.listings import loop_lines

    rows: list[Markup] = []
    lines = loop_lines(settings)
    sizes = next(n for n, text in enumerate(lines) if text.startswith("H = "))
    lines = lines[sizes:]
    first = lines.index("for x_t in x[0].numpy():") + 1
    for number, code in enumerate(lines):
        current = number - first
        is_body = 0 <= current < len(loop.body)
        rows.append(
            tag(
                "div",
                code or " ",
                style=CODE + (FRAME if current == line and is_body else ""),
                data_pick=current if is_body else None,
                aria_current="step" if current == line and is_body else None,
            )
        )
    style = (
        "font-family:var(--st-code-font,monospace);font-size:0.8rem;line-height:1.55;flex:1 1 22rem"
    )
    return tag("div", rows, style=f"{style};min-width:0")


def _values(loop: "Loop", step: int, line: int, theme: Theme) -> Markup:
    rows = [_row("x_t", loop.inputs[step], theme, "")]
    for number, (name, values) in enumerate(loop.steps[step]):
        style = FRAME if number == line else ""
        rows.append(_row(name, values if number <= line else None, theme, style))
    title = _("Time step {step} of {steps}", step=step + 1, steps=len(loop.steps))
    return tag(
        "div",
        tag("b", title),
        rows,
        style="flex:1 1 18rem",
        role="group",
        aria_label=_("The values of this time step, line by line"),
    )


def _row(name: str, values: Any, theme: Theme, style: str) -> Markup:
    """A variable with its numbers, at most eight of them; None where it is not computed yet."""
    cells = []
    if values is None:
        cells.append(tag("span", style=NOT_YET))
    for index in some(0 if values is None else len(values), 8):
        if index is None:
            cells.append(tag("span", "⋯"))
            continue
        value = float(values[index])
        look = f"background:{shade(value, theme)};color:{ink(value, theme)};padding:0.2rem 0.3rem"
        cells.append(tag("span", signed(value), style=f"{look};border-radius:2px;font-size:12px"))
    return tag(
        "div",
        tag("code", name, style="min-width:6.2rem;display:inline-block"),
        cells,
        style=ROW + style,
    )
