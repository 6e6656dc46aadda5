"""What the pictures of the page share: colours, boxes side by side, bars."""

from typing import Any

from markupsafe import Markup

from rnnviz.ui.picture import tag

PRIMARY = "var(--st-primary-color)"
GRID = "var(--st-border-color, #8886)"
RIGHT, WRONG = "#009E73", "#E69F00"
"""The house's green and amber: red and blue mean the sign of a number."""


def side_by_side(*parts: Any) -> Markup:
    """Parts that stand beside each other where there is room, else below each other."""
    return tag("div", *parts, style="display:flex;flex-wrap:wrap;gap:1.5rem 2.5rem")


def heading(text: str) -> Markup:
    """A small heading above a part of a picture."""
    return tag("div", text, style="font-weight:600;margin-bottom:0.4rem")


def bar(label: str, share: float, text: str, *, is_here: bool = False, colour: str = "") -> Markup:
    """A bar with its label at the left and its number at the right."""
    frame = f"outline:2.5px solid {PRIMARY};outline-offset:3px;" if is_here else ""
    length = f"{100 * min(1.0, max(0.0, share)):.1f}%"
    fill = tag(
        "div",
        style=f"width:{length};min-width:2px;height:1rem;background:{colour or '#0072B2'}",
    )
    track = tag("div", fill, style=f"flex:1 1 5rem;border:1px solid {GRID}")
    return tag(
        "div",
        tag("div", label, style="flex:0 0 9.5rem"),
        track,
        tag("div", text, style="flex:0 0 4.5rem;text-align:right"),
        style=f"display:flex;align-items:center;gap:0.6rem;margin:0.45rem 4px;{frame}",
    )


def chip(text: Any, *, style: str = "", **attributes: Any) -> Markup:
    """A small framed word."""
    base = f"border:1px solid {GRID};border-radius:4px;padding:0.1rem 0.5rem;"
    return tag("span", text, style=base + style, **attributes)
