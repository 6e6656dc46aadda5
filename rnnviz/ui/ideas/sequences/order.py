"""Is it a sequence? Guessing the next item with the one before it, in order and shuffled."""

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.sequences.order import DATA
from rnnviz.messages import N_, Message
from rnnviz.ui import controls
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.sequences import marks
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw as draw_picture
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.claims import Claim
    from rnnviz.ideas.listing import Listing
    from rnnviz.ideas.sequences.order import Dependence

MEASURE = "rnnviz.ideas.sequences.order:measure"

SEQUENCE = N_(
    "A sequence: knowing the item before, the next is guessed in {after} % of cases instead of "
    "{without} %; shuffled, {shuffled} %."
)
NO_SEQUENCE = N_(
    "No sequence: knowing the item before helps nothing, {after} % against {without} %. Shuffling "
    "changes nothing either."
)

USES = (
    (N_("speech recognition"), N_("sounds, one after the other"), N_("a text")),
    (N_("translating"), N_("words of a sentence"), N_("words of another sentence")),
    (N_("stock prices, weather"), N_("values over time"), N_("the next value")),
    (N_("image captions"), N_("no sequence: one picture"), N_("words of a sentence")),
)
"""What an RNN is used for, what it reads, what it answers."""

CELL = "padding:0.15rem 1.2rem 0.15rem 0;text-align:left"

LINKS = (
    (N_("Speech sounds: letters to pronunciation"), "phonemes"),
    (N_("Translation: dates into another form"), "dates"),
    (N_("Values over time: forecast the weather"), "forecast"),
    (N_("No sequence in, a sequence out: spell a number"), "spelled_out"),
)
"""Tasks of the same kinds that can be trained here."""


def draw() -> None:
    """Draw the choice of data, and how much its order tells."""
    data = controls.choose(
        "sequences.data",
        _("Items"),
        {code: _(title) for code, (title, _make) in DATA.items()},
        "text",
        help=_("10,000 items of each kind; temperatures and prices are only high or low."),
        segmented=True,
    )
    dependence: Dependence = computed(MEASURE, data)
    values = {
        "after": f"{100 * dependence.ordered.share_with:.0f}",
        "without": f"{100 * dependence.ordered.share_without:.0f}",
        "shuffled": f"{100 * dependence.shuffled.share_with:.0f}",
    }
    is_sequence = dependence.ordered.item_before_helps
    draw_finding(Message(SEQUENCE if is_sequence else NO_SEQUENCE, values))
    draw_picture(_picture(data, current(), dependence), key="sequences.order")
    st.caption(
        _(
            "Why: half of the neighbours teach what follows what; the other half are "
            "guessed. Where shuffling costs something, the order was information, and to "
            "understand such data is to understand its order."
        )
    )
    draw_claim(_claim(data, dependence))
    controls.suggestion_links(
        [(_(title), "pages/train/side_by_side.py", {"race.task": task}) for title, task in LINKS]
    )
    draw_listings(lambda: _listings(data), key="sequences.order-listing")


@shared(max_entries=10)
def _claim(data: str, _dependence: "Dependence") -> "Claim":
    from rnnviz.ideas.sequences import order

    return order.claim(_dependence)


@shared(max_entries=10)
def _listings(data: str) -> "list[Listing]":
    from rnnviz.ideas.sequences import order

    return order.listings(data)


@shared(max_entries=30)
def _picture(data: str, language: str, _dependence: "Dependence") -> Markup:
    ordered, shuffled = _dependence.ordered, _dependence.shuffled
    bars = [
        marks.bar(label, share, f"{100 * share:.0f} %", colour=colour)
        for label, share, colour in (
            (_("in order"), ordered.share_with, "#0072B2"),
            (_("shuffled"), shuffled.share_with, "#56B4E9"),
            (_("the most frequent"), ordered.share_without, "#999999"),
        )
    ]
    head = tag(
        "tr",
        [
            tag("th", _(text), style=CELL)
            for text in (N_("Used for"), N_("What it reads"), N_("Gives back"))
        ],
    )
    rows = [tag("tr", [tag("td", _(text), style=CELL) for text in use]) for use in USES]
    return tag(
        "div",
        _items(_("in order"), _dependence.items),
        _items(_("shuffled"), _dependence.mixed_items),
        tag(
            "div", marks.heading(_("The next item is guessed right")), bars, style="max-width:40rem"
        ),
        tag("div", style="height:1rem"),
        marks.heading(_("What recurrent networks are used for")),
        tag("table", head, rows),
    )


def _items(title: str, items: tuple[str, ...]) -> Markup:
    chips = [marks.chip("␣" if item == " " else _(item)) for item in items]
    label = tag("div", title, class_="muted")
    style = "display:flex;flex-wrap:wrap;gap:0.25rem;margin:0.2rem 0 0.8rem"
    return tag("div", label, tag("div", chips, style=style))
