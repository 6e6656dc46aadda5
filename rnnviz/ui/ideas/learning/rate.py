"""The learning rate: a path over the true loss surface of two weights."""

import streamlit as st

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.learning import hello, listings, rates
from rnnviz.ideas.learning.hello import Optimiser
from rnnviz.messages import N_, Message
from rnnviz.palette import Theme
from rnnviz.ui import controls, show
from rnnviz.ui.ideas.learning.parts import CACHED, Part, draw_part, part
from rnnviz.ui.ideas.learning.step import rate_control
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared

FINDINGS = {
    "crawls": N_(
        "At a rate of {rate} it crawls: {updates} updates take the loss from {start} to {end}"
    ),
    "learns": N_(
        "At a rate of {rate} it learns: {updates} updates take the loss from {start} to {end}"
    ),
    "diverges": N_(
        "At a rate of {rate} it diverges: after {updates} updates the loss is {end}, more than the"
        " {start} of the start"
    ),
}


def draw() -> None:
    """Draw the controls and the path."""
    columns = st.columns([1.5, 1, 1], gap="medium")
    with columns[0]:
        rate = rate_control()
    with columns[1]:
        pair = controls.choose(
            "learning.pair",
            _("Two weights"),
            {
                code: " · ".join(map(hello.parameter_title, codes))
                for code, codes in rates.PAIRS.items()
            },
            "memory",
            help=_("Only these two are trained; the other 24 stay where 25 updates left them."),
        )
    with columns[2]:
        optimiser: Optimiser = controls.choose(  # type: ignore[assignment]
            "learning.optimiser",
            _("Optimiser"),
            {"sgd": "SGD", "adam": "Adam"},
            "sgd",
            help=_(
                "SGD takes w − rate × gradient. Adam divides by how large gradients usually are."
            ),
        )
    result = _part(pair, rate, optimiser, current(), show.theme())
    draw_part(result, "rate", lambda: (listings.descent(pair, rate, optimiser),))


@shared(max_entries=CACHED)
def _part(pair: str, rate: float, optimiser: Optimiser, language: str, theme: Theme) -> Part:
    from rnnviz.figures import learning as figures

    result = rates.descent(pair, rate, optimiser)
    titles = [hello.parameter_title(code) for code in rates.PAIRS[pair]]
    start, end = float(result.losses[0]), float(result.losses[-1])
    finding = Message(
        FINDINGS[result.fate],
        {
            "rate": f"{rate:g}",
            "updates": rates.UPDATES,
            "start": f"{start:.2f}",
            "end": f"{end:.2f}",
        },
    )
    why = [
        _(
            "The surface is the true loss of “hell” → “ello” at {points} pairs of values of two"
            " weights; the ring is the start, every dot an update. The gradient only says which way"
            " is down; how far to go is the learning rate.",
            points=rates.GRID**2,
        )
    ]
    if result.outside:
        why.append(
            _(
                "{count} {count:point lies|points lie} beyond the map and {count:is|are} drawn on"
                " its edge.",
                count=result.outside,
            )
        )
    return part(
        figures.descent_surface(result, (titles[0], titles[1]), theme, _),
        finding,
        " ".join(why),
        _("The loss over two weights as a map, with the path of the updates on it."),
        _claim(pair, optimiser),
        {
            "update": range(rates.UPDATES + 1),
            titles[0]: result.path[:, 0],
            titles[1]: result.path[:, 1],
            "loss": result.losses,
        },
        theme,
    )


def _claim(pair: str, optimiser: Optimiser) -> Claim:
    """What the same gradient leads to at three rates."""
    ends = [rates.descent(pair, rate, optimiser).losses[-1] for rate in (0.001, 0.1, 3.0)]
    return Claim(
        Message(
            N_(
                "The gradient decides how far a weight is adjusted: a small gradient, a small"
                " update."
            )
        ),
        Verdict.HALF_RIGHT,
        Message(
            N_(
                "The learning rate decides as well: from this start, with the same gradient, the"
                " loss ends at {crawl} at a rate of 0.001, at {learn} at 0.1 and at {far} at 3."
            ),
            dict(zip(("crawl", "learn", "far"), (f"{end:.2f}" for end in ends), strict=True)),
        ),
    )
