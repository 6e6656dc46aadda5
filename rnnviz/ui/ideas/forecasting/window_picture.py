"""The whole series with its parts, and the window on it, enlarged below."""

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from rnnviz.ui.ideas.forecasting.marks import (
    ANSWER,
    HATCH,
    LINE,
    NOW,
    PARTS,
    READ,
    Axis,
    curve,
    hatching,
    rule,
    svg,
    words,
)
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

if TYPE_CHECKING:
    from rnnviz.ideas.forecasting.window import Overview, View

WIDTH, LEFT, RIGHT = 780, 44, 770
SLOT = 14
"""Days from one place that can be clicked to the next."""
TOP, BOTTOM = 26, 140
ZOOM_TOP, ZOOM_BOTTOM, HEIGHT = 186, 372, 430


def picture(overview: "Overview", view: "View") -> Markup:
    """Draw both; a click on the series moves the window."""
    label = _(
        "The temperature of {days:.0f} days with the training, validation and test part, and the "
        "window that ends on {date}.",
        days=overview.days,
        date=view.date,
    )
    return svg(
        hatching(), *_series(overview, view), *_zoom(view), width=WIDTH, height=HEIGHT, label=label
    )


def _series(overview: "Overview", view: "View") -> list[Any]:
    x = Axis(0, overview.days, LEFT, RIGHT)
    lowest = min(low for _middle, low, _high in overview.bins)
    highest = max(high for _middle, _low, high in overview.bins)
    y = Axis(lowest - 1, highest + 1, BOTTOM, TOP)
    first, second = overview.borders
    parts: list[Any] = []
    bounds = [(0.0, first), (first, second), (second, overview.days)]
    titles = [_("training 50 %"), _("validation 25 %"), _("test 25 %")]
    for (low, high), title, colour in zip(bounds, titles, PARTS, strict=True):
        start, width = x(low), x(high) - x(low)
        box = {"x": start, "y": TOP, "width": width, "height": BOTTOM - TOP}
        parts.append(tag("rect", fill=colour, fill_opacity=0.13, **box))
        parts.append(words(start + 4, TOP - 8, title, font_weight=600))
    for degrees in y.ticks(10):
        parts.append(rule(LEFT, y(degrees), RIGHT, y(degrees), stroke_opacity=0.2))
        parts.append(words(LEFT - 6, y(degrees) + 4, f"{degrees}°", "end", class_="muted"))
    bars = "".join(
        f"M{x(middle):.1f} {y(low):.1f}V{y(high) - 1:.1f}" for middle, low, high in overview.bins
    )
    parts.append(tag("path", d=bars, stroke=LINE, stroke_width=2))
    gap, width = x(overview.gap[0]), x(overview.gap[1]) - x(overview.gap[0])
    box = {"x": gap, "y": TOP, "width": width, "height": BOTTOM - TOP}
    parts.append(tag("rect", fill=HATCH, **box))
    start, now = x(view.read[0][0]), x(view.read[-1][0])
    box = {"x": start, "y": TOP - 3, "width": max(3, now - start), "height": BOTTOM - TOP + 6}
    parts.append(tag("rect", fill="none", class_="here", **box))
    if view.target:
        parts.append(tag("circle", cx=x(view.target[0]), cy=y(view.target[1]), r=4, fill=ANSWER))
    for day in range(SLOT // 2, int(overview.days), SLOT):
        box = {"x": x(day - SLOT / 2), "y": TOP, "width": x(SLOT) - x(0), "height": BOTTOM - TOP}
        name = _("Move the window to day {day}", day=day)
        parts.append(tag("rect", fill="transparent", data_pick=day, aria_label=name, **box))
    return parts


def _zoom(view: "View") -> list[Any]:
    times = [time for time, _value in view.line]
    values = [value for _time, value in view.line]
    x = Axis(times[0], times[-1], LEFT, RIGHT)
    y = Axis(min(values) - 1.5, max(values) + 1.5, ZOOM_BOTTOM, ZOOM_TOP)
    points = [(x(time), y(value)) for time, value in view.line]
    step = 5 if y.high - y.low > 10 else 2
    parts: list[Any] = []
    for degrees in y.ticks(step):
        parts.append(rule(LEFT, y(degrees), RIGHT, y(degrees), stroke_opacity=0.2))
        parts.append(words(LEFT - 6, y(degrees) + 4, f"{degrees}°", "end", class_="muted"))
    parts.append(curve(points, stroke=LINE, stroke_width=1.2))
    start, now = x(view.read[0][0]), x(view.read[-1][0])
    box = {"x": start, "y": ZOOM_TOP, "width": now - start, "height": ZOOM_BOTTOM - ZOOM_TOP}
    parts.append(tag("rect", fill=READ, fill_opacity=0.07, class_="here", **box))
    radius = 3.5 if len(view.read) <= 60 else 1.8
    dots = [tag("circle", cx=x(t), cy=y(v), r=radius) for t, v in view.read]
    parts.append(tag("g", dots, fill=READ))
    below = ZOOM_BOTTOM + 20
    s = view.settings
    parts.append(
        words(
            max(start, LEFT),
            below,
            _(
                "lookback = {rows} rows ({days} {days:day|days}), step = {step}: {T} "
                "{T:value|values}",
                rows=s.lookback,
                days=s.days,
                step=s.step,
                T=s.steps,
            ),
            fill=READ,
        )
    )
    above = words(now - 5, ZOOM_TOP - 8, _("now: {date}", date=view.date), "end")
    parts += [above, rule(now, ZOOM_TOP, now, ZOOM_BOTTOM, stroke_dasharray="3 3")]
    if view.target:
        parts += _answer(view, x, y, now)
    return parts


def _answer(view: "View", x: Axis, y: Axis, now: float) -> list[Any]:
    """The target, what persistence says, and how far both lie apart."""
    assert view.target is not None
    s, (time, value) = view.settings, view.target
    there, height, same = x(time), y(value), y(view.now)
    delay = _("delay = {rows} rows ({hours} {hours:hour|hours})", rows=s.delay, hours=s.ahead)
    bold: dict[str, Any] = {"font_weight": 600, "paint_order": "stroke", "stroke_width": 4}
    bold["stroke"] = "var(--st-background-color)"
    return [
        rule(now, same, there, same, stroke=NOW, stroke_width=2, stroke_dasharray="6 4"),
        rule(there, same, there, height, stroke=ANSWER, stroke_width=2),
        tag("circle", cx=there, cy=height, r=6, fill=ANSWER),
        words(min(there + 9, WIDTH - 50), height + 16, f"{value:.1f} °C", **bold),
        words(RIGHT, ZOOM_BOTTOM + 40, delay, "end"),
    ]
