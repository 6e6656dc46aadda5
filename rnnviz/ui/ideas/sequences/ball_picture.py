"""The drawings of "Guess the ball": the still pictures, the throws made, the scores."""

from markupsafe import Markup

from rnnviz.ui.ideas.sequences import marks
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

Scores = tuple[tuple[int, int], ...]
"""For each number of pictures: how many guesses were right, of how many."""

CELL, ROW = 20, 26
"""The width of a pixel, and the height of a picture with its gap."""


def film(rows: list[list[float]], places: tuple[float, ...]) -> Markup:
    """The pictures one below the other, the latest in the blue frame."""
    parts = []
    for row, pixels in enumerate(rows):
        y = 4 + row * ROW
        for column, brightness in enumerate(pixels):
            x = 4 + column * CELL
            parts.append(
                tag(
                    "rect",
                    x=x,
                    y=y,
                    width=CELL - 1,
                    height=CELL,
                    fill="#E69F00",
                    fill_opacity=0.08 + 0.92 * brightness,
                )
            )
        if row == len(rows) - 1:
            width = CELL * len(pixels) + 3
            parts.append(
                tag("rect", x=2, y=y - 2, width=width, height=CELL + 4, fill="none", class_="here")
            )
    description = _(
        "{count} {count:picture|pictures} of a row of 16 pixels, the latest at the bottom: the "
        "ball is at {places}.",
        count=len(rows),
        places=", ".join(f"{place:.2f}" for place in places),
    )
    size = {"width": 4 + CELL * 16 + 4, "height": 8 + ROW * len(rows)}
    return tag("svg", parts, role="img", aria_label=description, **size)


def ticks(guesses: str, rightwards: tuple[bool, ...]) -> Markup:
    """One mark for each throw made: which way it flew, and whether that was guessed."""
    chips = []
    for place, (pictures, side) in enumerate(zip(guesses[::2], guesses[1::2], strict=True)):
        is_right = (side == "r") == rightwards[place]
        arrow = "→" if rightwards[place] else "←"
        colour = marks.RIGHT if is_right else marks.WRONG
        title = _(
            "It flew {arrow}; you saw {count} {count:picture|pictures}.",
            arrow=arrow,
            count=pictures,
        )
        chips.append(
            marks.chip(
                f"{arrow} {'✓' if is_right else '✗'}",
                style=f"border:2px solid {colour};",
                title=title,
            )
        )
    style = "display:flex;flex-wrap:wrap;gap:0.3rem;margin-top:0.6rem;max-width:21rem"
    return tag("div", chips, style=style)


def chart(
    pictures: int, shares: tuple[float, ...], best: tuple[float, ...], scores: Scores
) -> Markup:
    """Share of right answers over the number of pictures: possible, RNN, visitor."""

    def at(number: int, share: float) -> tuple[float, float]:
        return 16 + 44 * number, 16 + 160 * (1 - share)

    def line(values: tuple[float, ...], **options: object) -> Markup:
        points = " ".join("{:g},{:g}".format(*at(n, v)) for n, v in enumerate(values, 1))
        return tag("polyline", points=points, fill="none", **options)

    parts = [
        tag(
            "rect",
            x=42 + 44 * (pictures - 1),
            y=6,
            width=36,
            height=206,
            fill="none",
            class_="here",
        )
    ]
    for share in (0, 0.5, 1):
        y = at(0, share)[1]
        parts.append(tag("line", x1=36, x2=304, y1=y, y2=y, stroke="currentcolor", opacity=0.25))
        parts.append(tag("text", f"{100 * share:.0f}", x=30, y=y + 4, text_anchor="end"))
    parts.append(line(best, stroke="currentcolor", stroke_dasharray="5 4", stroke_width=1.5))
    parts.append(line(shares, stroke="#0072B2", stroke_width=2))
    for number, share in enumerate(shares, 1):
        x, y = at(number, share)
        parts.append(tag("circle", cx=x, cy=y, r=4, fill="#0072B2"))
        parts.append(tag("text", number, x=x, y=204, text_anchor="middle"))
    lines = [_("- - possible at best"), _("● the RNN, 2,000 throws each"), _("◆ you")]
    for number, (right, count) in enumerate(scores, 1):
        if count:
            x, y = at(number, right / count)
            shape = f"M{x:g},{y - 7:g}l7,7l-7,7l-7,-7z"
            parts.append(tag("path", d=shape, fill="#D55E00"))
            parts.append(tag("text", f"{right}/{count}", x=x + 7, y=y + 19))
    description = _(
        "By number of pictures, the RNN is right in {shares} %; possible are {best} %.",
        shares=", ".join(f"{100 * share:.0f}" for share in shares),
        best=", ".join(f"{100 * share:.0f}" for share in best),
    )
    legend = "display:flex;flex-wrap:wrap;gap:0 1.2rem"
    return tag(
        "div",
        tag("svg", parts, width=310, height=216, role="img", aria_label=description),
        tag("div", [tag("span", line) for line in lines], class_="muted", style=legend),
        style="max-width:24rem",
    )
