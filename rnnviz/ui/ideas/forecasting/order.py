"""What the order of the values is worth to a GRU, and what a leak in the scaling is."""

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.forecasting.settings import Order, WindowSettings
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message
from rnnviz.ui import controls
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.forecasting import results
from rnnviz.ui.ideas.forecasting.controls import draw_presets, window_settings
from rnnviz.ui.ideas.forecasting.marks import ANSWER, LINE, NOW, READ, Axis, curve, svg, words
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw as draw_picture
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.forecasting.networks import Forecasts, Simple

ORDERS: dict[Order, str] = {"shuffled": N_("shuffled"), "reversed": N_("backwards")}
WIDTH, LEFT, HEIGHT = 340, 30, 130


def draw() -> None:
    """Draw the controls, two windows as they are read, and the errors."""
    settings = window_settings()
    columns = st.columns(2, gap="medium", vertical_alignment="bottom")
    order: Order = controls.choose(  # type: ignore[assignment]
        "forecasting.order",
        _("The time inside each window"),
        {code: _(title) for code, title in ORDERS.items()},
        "shuffled",
        help=_(
            "The GRU is trained and asked with the values of every window in this order; shuffled "
            "means a new order for each window. The values stay the same."
        ),
        container=columns[0],
    )
    leaky = controls.toggle(
        "forecasting.leaky",
        _("Leaky normalisation"),
        False,
        help=_(
            "Scale by the mean and deviation of all rows, validation and test included, instead "
            "of those of the training part."
        ),
        container=columns[1],
    )
    above = st.container()
    simple = results.simple(settings)
    plain = results.forecasts(settings, "gru")
    other = results.forecasts(settings, "gru", order)
    leak = results.forecasts(settings, "gru", "kept", True) if leaky else None
    finding, html, claims = _result(settings, order, leaky, current(), simple, plain, other, leak)
    with above:
        draw_finding(finding)
    draw_picture(html, key="forecasting.orders")
    st.caption(
        _(
            "Why: both GRUs read the same numbers, so a difference is what their order tells: "
            "where the curve is heading, and which value is the latest. Read backwards, the "
            "latest value comes first and has to survive {steps} steps of memory. Each GRU takes "
            "{training} training steps; a difference is clear if it exceeds two "
            "standard errors over the {count} windows, and the 0.04 °C that another random start "
            "alone can change.",
            steps=settings.steps - 1,
            training=plain.steps,
            count=len(simple.targets),
        )
    )
    for claim in claims:
        draw_claim(claim)
    program, result = ("kept", leak) if leak else (order, other)
    draw_listings(
        lambda: (_listing(settings, program, leaky, result),),  # type: ignore[arg-type]
        key="forecasting.order-code",
    )
    draw_presets()


@shared(max_entries=200)
def _result(
    settings: WindowSettings,
    order: Order,
    leaky: bool,
    language: str,
    _simple: "Simple",
    _plain: "Forecasts",
    _other: "Forecasts",
    _leak: "Forecasts | None",
) -> tuple[Message, Markup, tuple[Claim, ...]]:
    from rnnviz.ideas.forecasting.claims import leak_claim, order_claim
    from rnnviz.ideas.forecasting.findings import leak_finding, order_finding
    from rnnviz.ideas.forecasting.networks import read_window
    from rnnviz.tasks.forecast.naive_forecasts import PERSISTENCE

    persistence = _simple.methods[PERSISTENCE]
    bars = [
        (_("GRU, in order"), _plain.error, READ),
        (_("GRU, {order}", order=_(ORDERS[order])), _other.error, ANSWER),
        (_("persistence: as it is now"), persistence.error, NOW),
    ]
    claims = [order_claim(_simple, _plain, _other, order, settings.steps)]
    finding = order_finding(_simple, _plain, _other, order)
    if _leak is not None:
        bars.insert(1, (_("GRU, in order, leaky"), _leak.error, LINE))
        claims.insert(0, leak_claim(_simple, _plain, _leak))
        finding = leak_finding(_simple, _plain, _leak)
    windows = tag(
        "div",
        _window(read_window(settings, "kept"), _("read in order"), READ),
        _window(read_window(settings, order), _("read {order}", order=_(ORDERS[order])), ANSWER),
    )
    style = "display:flex;flex-wrap:wrap;gap:1.5rem 2.5rem"
    return finding, tag("div", windows, _bars(bars), style=style), tuple(claims)


def _window(values: tuple[float, ...], title: str, colour: str) -> Markup:
    """The values of a window from left to right, as the GRU reads them."""
    x = Axis(0, max(1, len(values) - 1), LEFT, WIDTH - 8)
    y = Axis(min(values) - 1, max(values) + 1, HEIGHT - 8, 26)
    points = [(x(place), y(value)) for place, value in enumerate(values)]
    parts = [words(LEFT, 16, title, font_weight=600)]
    for degrees in y.ticks(5):
        parts.append(words(LEFT - 4, y(degrees) + 4, f"{degrees}°", "end", class_="muted"))
    parts.append(curve(points, stroke=colour, stroke_width=1.4))
    if len(points) <= 60:
        parts += [tag("circle", cx=a, cy=b, r=3, fill=colour) for a, b in points]
    label = _("{title}: {count} values", title=title, count=len(values))
    return svg(*parts, width=WIDTH, height=HEIGHT, label=label)


def _bars(bars: list[tuple[str, float, str]]) -> Markup:
    """The error of each, in °C."""
    longest = max(error for _name, error, _colour in bars)
    rows = [tag("div", _("Mean absolute error"), style="font-weight:600")]
    for name, error, colour in bars:
        width = f"width:{85 * error / longest:.0f}%;height:1rem;background:{colour}"
        bar = tag("div", tag("div", style=width), tag("span", f"{error:.2f} °C"),
                  style="display:flex;gap:0.5rem;align-items:center")  # fmt: skip
        rows.append(tag("div", tag("div", name), bar, style="margin:0.5rem 0"))
    return tag("div", rows, style="flex:1 1 17rem")


@shared(max_entries=50)
def _listing(settings: WindowSettings, order: Order, leaky: bool, _result: "Forecasts") -> Listing:
    from rnnviz.ideas.forecasting.listings import order_listing

    return order_listing(settings, order, leaky, _result)
