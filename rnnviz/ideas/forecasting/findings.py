"""What each picture of the page shows, in one sentence."""

from rnnviz.ideas.forecasting.claims import ORDER_NAMES
from rnnviz.ideas.forecasting.errors import Difference, difference
from rnnviz.ideas.forecasting.networks import Forecasts, Simple
from rnnviz.ideas.forecasting.overfitting import EPOCHS, Curves
from rnnviz.ideas.forecasting.settings import Network, Order
from rnnviz.ideas.forecasting.window import Place, View
from rnnviz.messages import N_, Message
from rnnviz.tasks.forecast.naive_forecasts import PERSISTENCE

UNUSED: dict[Place, str] = {
    "gap": N_(
        "This window spans the 20 days without data, so nobody uses it; of all windows, {lost} "
        "span a gap or a border"
    ),
    "border": N_(
        "This window spans the border of two parts, so neither uses it; of all windows, {lost} "
        "span a gap or a border"
    ),
    "start": N_("The window begins before the data: move it to the right"),
    "end": N_("The answer lies behind the end of the data: move the window to the left"),
}


def window_finding(view: View) -> Message:
    """What the window reads and is asked for, or why no part uses it."""
    if view.place in UNUSED or view.target is None:
        return Message(UNUSED[view.place], {"lost": f"{view.lost:,}"})
    now, target = view.now, view.target[1]
    return Message(
        N_(
            "{T} {T:value|values} of {days} {days:day|days} in, one out: {ahead} "
            "{ahead:hour|hours} later it is {target:.1f} °C, and “as it is now” ({now:.1f} °C) is "
            "off by {error:.1f} °C"
        ),
        {
            "T": view.settings.steps,
            "days": view.settings.days,
            "ahead": view.settings.ahead,
            "target": target,
            "now": now,
            "error": abs(target - now),
        },
    )


def guess_finding(
    yours: float, persistence: float, gru: float, count: int, pair: Difference
) -> Message:
    """How a visitor compares with persistence on the windows that were guessed: `pair`."""
    if count > 2 and pair.is_clear:
        template = (
            N_(
                "You beat persistence: off by {yours:.2f} °C on {count} {count:window|windows}, "
                "“as it is now” by {persistence:.2f} °C, the GRU by {gru:.2f} °C"
            )
            if pair.value < 0
            else N_(
                "Persistence beats you: off by {persistence:.2f} °C on {count} "
                "{count:window|windows}, you by {yours:.2f} °C, the GRU by {gru:.2f} °C"
            )
        )
    else:
        template = N_(
            "You are off by {yours:.2f} °C on {count} {count:window|windows}, persistence by "
            "{persistence:.2f} °C, the GRU by {gru:.2f} °C: too few to tell who is better"
        )
    values = {"yours": yours, "persistence": persistence, "gru": gru, "count": count}
    return Message(template, values)


def baseline_finding(
    simple: Simple, networks: dict[Network, Forecasts], names: dict[Network, str]
) -> Message:
    """Whether the best of the trained networks clearly beats persistence."""
    best = min(networks, key=lambda each: networks[each].error)
    persistence = simple.methods[PERSISTENCE]
    pair = difference(networks[best].answers, persistence.answers, simple.targets)
    if not pair.is_clear:
        template = N_(
            "The best network ({name}) is off by {error:.2f} °C, “as it is now” by "
            "{persistence:.2f} °C: no clear difference, and that one needs no training"
        )
    elif pair.value < 0:
        template = N_(
            "The best network ({name}) is off by {error:.2f} °C and clearly beats “as it is "
            "now”, {persistence:.2f} °C"
        )
    else:
        template = N_(
            "No network beats “as it is now”, {persistence:.2f} °C: the best ({name}) is off by "
            "{error:.2f} °C"
        )
    return Message(
        template,
        {
            "name": Message(names[best]),
            "error": networks[best].error,
            "persistence": persistence.error,
        },
    )


def order_finding(simple: Simple, plain: Forecasts, other: Forecasts, order: Order) -> Message:
    """What the order of the values is worth to a GRU."""
    pair = difference(other.answers, plain.answers, simple.targets)
    template = (
        N_(
            "Order is worth {loss:.2f} °C: read {order}, the same values leave the GRU off by "
            "{other:.2f} °C instead of {kept:.2f} °C"
        )
        if pair.is_clear and pair.value > 0
        else N_(
            "Order is worth nothing clear here: read {order}, the GRU is off by {other:.2f} °C, in "
            "order by {kept:.2f} °C (± {margin:.2f})"
        )
    )
    values = {
        "order": Message(ORDER_NAMES[order]),
        "loss": pair.value,
        "margin": pair.margin,
        "other": other.error,
        "kept": plain.error,
    }
    return Message(template, values)


def leak_finding(simple: Simple, plain: Forecasts, leaky: Forecasts) -> Message:
    """What scaling by all rows changes."""
    pair = difference(leaky.answers, plain.answers, simple.targets)
    template = (
        N_(
            "Scaled by all rows, validation and test included, the GRU seems better than it is: "
            "{leaky:.3f} °C instead of {kept:.3f} °C"
        )
        if pair.is_clear and pair.value < 0
        else N_(
            "Scaled by all rows, validation and test included, the GRU is off by {leaky:.3f} °C "
            "instead of {kept:.3f} °C: a leak without a clear gain"
        )
    )
    values = {"leaky": leaky.error, "kept": plain.error}
    return Message(template, values)


def overfitting_finding(curves: Curves) -> Message:
    """Whether the validation error rises while the training error falls."""
    template = (
        N_(
            "It overfits: from epoch {best} on the training error falls to {training:.2f} °C, but "
            "the validation error rises from {least:.2f} to {end:.2f} °C"
        )
        if curves.overfits
        else N_(
            "It hardly overfits within {epochs} epochs: the validation error ends at {end:.2f} °C, "
            "close to its best, {least:.2f} °C"
        )
    )
    values = {
        "best": curves.best,
        "training": curves.training[-1],
        "least": curves.validation[curves.best],
        "end": curves.validation[-1],
        "epochs": EPOCHS,
    }
    return Message(template, values)
