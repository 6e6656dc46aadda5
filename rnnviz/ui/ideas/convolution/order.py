"""Two words in a field of blanks: moved and swapped, read by a convolution and by an RNN."""

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message
from rnnviz.palette import Theme
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.convolution import order_picture
from rnnviz.ui.ideas.convolution.controls import kernel_slider
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw
from rnnviz.ui.shared_cache import shared

MAX_WORD, MAX_MOVE, MAX_GAP = 6, 12, 12
POOLINGS = {
    "max": N_("global max"),
    "average": N_("global average"),
    "pieces": N_("6 windows"),
}


def draw_order() -> None:
    """Draw both texts, both answers, and how far they change wherever the words stand."""
    row = st.columns([1, 1, 2.6, 1.2], vertical_alignment="bottom")
    first = _word("first", _("First word"), "dog", row[0])
    second = _word("second", _("Second word"), "man", row[1])
    pooling = controls.choose(
        "convolution.pooling",
        _("Pooling over time"),
        {code: _(title) for code, title in POOLINGS.items()},
        "max",
        help=_(
            "Each filter answers at every position. Global: only the largest answer, or the"
            " average, is left. 6 windows: the largest of each sixth of the text, side by side"
            " (MaxPooling1D, then Flatten)."
        ),
        container=row[2],
    )
    swap = controls.toggle(
        "convolution.swap",
        _("Swap the words"),
        False,
        help=_("The second word then comes first."),
        container=row[3],
    )
    with controls.folded_on_phone("convolution-order-settings"):
        lower = st.columns(3)
        start = controls.slider(
            "convolution.start",
            _("Position of the words"),
            Range(0, MAX_MOVE),
            9,
            help=_("At first they stand at 2."),
            container=lower[0],
        )
        gap = controls.slider(
            "convolution.gap",
            _("Blanks between them"),
            Range(0, MAX_GAP),
            6,
            help=_("How far apart the words stand: a window longer than that sees both."),
            container=lower[1],
        )
        kernel = kernel_slider(lower[2])
    if not first or not second:
        st.info(_("Type two words: there is nothing to move or to swap."))
        return
    arguments = (first, second, start, gap, swap, kernel, pooling)
    finding, picture, claims = _view(*arguments, current(), show.theme())
    draw_finding(finding)
    draw(picture, key="convolution.order", pick=f"convolution.{'gap' if swap else 'start'}")
    st.caption(
        _(
            "Blanks (·) are zero vectors; both networks are untrained, and what the pooled answer"
            " cannot tell apart it cannot learn either. The RNN's weights start orthogonal, so that"
            " its state does not forget the words at once. In a sentence the neighbours of the"
            " words change too: there the windows at the seams notice a swap."
        )
    )
    for claim in claims:
        draw_claim(claim)
    draw_listings(lambda: _listings(*arguments), key="convolution.order.code")


def _word(name: str, label: str, default: str, container: object) -> str:
    return controls.text(
        f"convolution.{name}",
        label,
        default,
        limit=MAX_WORD,
        help=_("Up to {count} characters; around the words there are blanks.", count=MAX_WORD),
        container=container,
    ).replace(" ", "·")


@shared(max_entries=200)
def _view(
    first: str,
    second: str,
    start: int,
    gap: int,
    swap: bool,
    kernel: int,
    pooling: str,
    language: str,
    theme: Theme,
) -> tuple[Message, Markup, tuple[Claim, ...]]:
    from dataclasses import replace

    from rnnviz.ideas.convolution import OrderSettings, compare_order
    from rnnviz.ideas.convolution.claims import order_claims
    from rnnviz.ideas.convolution.order import START, STILL

    settings = OrderSettings(first, second, start, gap, swap, kernel, pooling)  # type: ignore[arg-type]
    order = compare_order(settings)
    pieces = compare_order(replace(settings, pooling="pieces"))
    values = {
        "count": abs(start - START),
        "pooled": order.pooled_change,
        "state": order.state_change,
    }
    if order.before == order.after:
        finding = N_("Nothing has changed yet: move the words or swap them")
    elif order.is_blind and swap:
        finding = N_(
            "The words have changed places and the pooled answer is the same; the RNN's state"
            " changes by {state:.1%}"
        )
    elif order.is_blind:
        finding = N_(
            "Moved by {count} {count:character|characters}, the pooled answer stands still; the"
            " RNN's state changes by {state:.1%}"
        )
    elif swap and gap < kernel - 1 and pooling != "pieces":
        finding = N_(
            "One window sees both words, so the swap changes the pooled answer by {pooled:.1%};"
            " the RNN's state changes by {state:.1%}"
        )
    elif order.pooled_change >= STILL and pooling == "pieces":
        finding = N_(
            "Windows side by side say where the words are: this answer changes by {pooled:.0%},"
            " the RNN's state by {state:.1%}"
        )
    else:
        finding = N_(
            "The end of the text cuts a window off: the pooled answer changes by {pooled:.1%}, the"
            " RNN's state by {state:.1%}"
        )
    return (
        Message(finding, values),
        order_picture.picture(order, theme),
        order_claims(order, pieces),
    )


@shared(max_entries=50)
def _listings(
    first: str, second: str, start: int, gap: int, swap: bool, kernel: int, pooling: str
) -> tuple[Listing, ...]:
    from rnnviz.ideas.convolution import OrderSettings, compare_order
    from rnnviz.ideas.convolution.listings import order_listings

    settings = OrderSettings(first, second, start, gap, swap, kernel, pooling)  # type: ignore[arg-type]
    return order_listings(compare_order(settings))
