"""What the articles say about forecasting, and what the page's own numbers say about that."""

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.forecasting.errors import difference
from rnnviz.ideas.forecasting.networks import RIDGE, Forecasts, Simple
from rnnviz.ideas.forecasting.overfitting import Curves
from rnnviz.ideas.forecasting.settings import Order
from rnnviz.ideas.forecasting.window import View
from rnnviz.messages import N_, Message
from rnnviz.tasks.forecast.naive_forecasts import PERSISTENCE

ORDER_NAMES: dict[Order, str] = {
    "kept": N_("in order"),
    "reversed": N_("backwards"),
    "shuffled": N_("shuffled"),
}


def window_claims(view: View) -> tuple[Claim, ...]:
    """On the three numbers of a window, and on the indices that keep the parts apart."""
    s = view.settings
    return (
        Claim(
            Message(
                N_(
                    "lookback = 1440 goes ten days back, steps = 6 takes one value an hour, "
                    "delay = 144 asks for the value 24 hours later."
                )
            ),
            Verdict.RIGHT,
            Message(
                N_(
                    "At one row every ten minutes, 144 rows are a day. Yours: lookback = "
                    "{lookback}, steps = {step}, delay = {delay}: {T} {T:value|values} and one "
                    "target."
                ),
                {"lookback": s.lookback, "step": s.step, "delay": s.delay, "T": s.steps},
            ),
        ),
        Claim(
            Message(N_("min_index and max_index keep training, validation and test apart.")),
            Verdict.HALF_RIGHT,
            Message(
                N_(
                    "They bound the rows that are read, but the target lies delay rows further: "
                    "the last {delay} {delay:target|targets} of such a generator are already "
                    "behind max_index, in the next part. Here no window spans a border or a gap, "
                    "which costs {lost} windows."
                ),
                {"delay": s.delay, "lost": f"{view.lost:,}"},
            ),
        ),
    )


def baseline_claims(simple: Simple, gru: Forecasts, products: tuple[int, int]) -> tuple[Claim, ...]:
    """On simple methods first, and on what a GRU costs: `products` of a GRU and an LSTM."""
    persistence, ridge = simple.methods[PERSISTENCE], simple.methods[RIDGE]
    gain = difference(gru.answers, persistence.answers, simple.targets)
    justified = gain.is_clear and gain.value < 0
    values = {
        "persistence": persistence.error,
        "ridge": ridge.error,
        "gru": gru.error,
        "margin": gain.margin,
    }
    return (
        Claim(
            Message(
                N_(
                    "Try a simple method before a costly network: only it can tell whether the "
                    "network is worth it."
                )
            ),
            Verdict.RIGHT,
            Message(
                N_(
                    "Persistence is off by {persistence:.2f} °C, a linear regression by "
                    "{ridge:.2f} °C, the GRU by {gru:.2f} °C: it clearly beats persistence."
                )
                if justified
                else N_(
                    "Persistence is off by {persistence:.2f} °C, a linear regression by "
                    "{ridge:.2f} °C, the GRU by {gru:.2f} °C: after so short a training it does "
                    "not beat persistence clearly (± {margin:.2f})."
                ),
                values,
            ),
        ),
        Claim(
            Message(N_("A GRU works like an LSTM, but is simpler and cheaper to compute.")),
            Verdict.RIGHT,
            Message(
                N_(
                    "It takes {fewer} multiply-adds for such a window, an LSTM of as many units "
                    "{more}: three products at each step instead of four."
                ),
                {"fewer": f"{products[0]:,}", "more": f"{products[1]:,}"},
            ),
        ),
    )


def order_claim(simple: Simple, plain: Forecasts, other: Forecasts, order: Order, T: int) -> Claim:
    """On whether all T values and their order must be remembered."""
    persistence = simple.methods[PERSISTENCE]
    loss = difference(other.answers, plain.answers, simple.targets)
    alone = difference(persistence.answers, plain.answers, simple.targets)
    counts = loss.is_clear and loss.value > 0
    last_is_enough = not (alone.is_clear and alone.value > 0)
    if counts and last_is_enough:
        verdict = Verdict.HALF_RIGHT
        finding = N_(
            "The order counts: read {order}, the same values cost {loss:.2f} °C more. But the last "
            "value alone (persistence, {persistence:.2f} °C) is no clearly worse forecast than "
            "the GRU on all {T} ({kept:.2f} °C)."
        )
    elif counts:
        verdict = Verdict.RIGHT
        finding = N_(
            "Read {order}, the same values cost {loss:.2f} °C more, and the last value alone "
            "(persistence, {persistence:.2f} °C) is clearly worse than the GRU on all {T} "
            "({kept:.2f} °C)."
        )
    else:
        verdict = Verdict.WRONG
        finding = N_(
            "Here the order hardly counts: read {order}, the same values change the error of the "
            "GRU on {T} ({kept:.2f} °C) by {loss:.2f} °C, no clear difference; persistence has "
            "{persistence:.2f} °C."
        )
    values = {
        "order": Message(ORDER_NAMES[order]),
        "loss": loss.value,
        "persistence": persistence.error,
        "kept": plain.error,
        "T": T,
    }
    return Claim(
        Message(
            N_(
                "To forecast the fifth day, one has to remember the four days before, all of them "
                "in their order."
            )
        ),
        verdict,
        Message(finding, values),
    )


def leak_claim(simple: Simple, plain: Forecasts, leaky: Forecasts) -> Claim:
    """On scaling by the training part alone."""
    gain = difference(leaky.answers, plain.answers, simple.targets)
    (mean, deviation), (all_mean, all_deviation) = simple.scales
    return Claim(
        Message(N_("Scale by the mean and deviation of the training part only.")),
        Verdict.RIGHT if gain.is_clear and gain.value < 0 else Verdict.HALF_RIGHT,
        Message(
            N_(
                "Of the training rows they are {mean:.2f} and {deviation:.2f} °C, of all rows "
                "{all_mean:.2f} and {all_deviation:.2f} °C: the latter tell of days that nobody "
                "knows yet, and flatter the network by {gain:.2f} °C."
            )
            if gain.is_clear and gain.value < 0
            else N_(
                "Of the training rows they are {mean:.2f} and {deviation:.2f} °C, of all rows "
                "{all_mean:.2f} and {all_deviation:.2f} °C. The rule is right, since nobody knows "
                "those days yet; here breaking it changes the error by {gain:+.3f} °C, no clear "
                "gain."
            ),
            {
                "mean": mean,
                "deviation": deviation,
                "all_mean": all_mean,
                "all_deviation": all_deviation,
                "gain": gain.value if not gain.is_clear or gain.value > 0 else -gain.value,
            },
        ),
    )


def overfitting_claim(plain: Curves, chosen: Curves) -> Claim:
    """On dropout against overfitting: `plain` is without any, with as many layers."""
    lower = chosen.validation[-1] < plain.validation[-1]
    narrower = chosen.gap < plain.gap
    return Claim(
        Message(N_("Dropout and recurrent dropout reduce overfitting.")),
        Verdict.RIGHT
        if lower and narrower
        else Verdict.HALF_RIGHT
        if lower or narrower
        else Verdict.WRONG,
        Message(
            N_(
                "In the end training and validation lie {plain_gap:.2f} °C apart without dropout, "
                "{gap:.2f} °C with it; the validation error ends at {plain:.2f} and {chosen:.2f} "
                "°C."
            ),
            {
                "plain_gap": plain.gap,
                "gap": chosen.gap,
                "plain": plain.validation[-1],
                "chosen": chosen.validation[-1],
            },
        ),
    )
