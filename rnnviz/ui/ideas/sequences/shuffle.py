"""Shuffle the words of a sentence: the answers of an RNN and of a bag of words."""

from typing import TYPE_CHECKING, Any

import streamlit as st
from markupsafe import Markup

from rnnviz.messages import N_, Message, Problem
from rnnviz.settings import Range
from rnnviz.ui import controls, show
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
    from rnnviz.ideas.sequences.shuffle import Shuffles

TRAIN_PAIR = "rnnviz.ideas.sequences.shuffle:train_pair"
LIKELIEST = 3

AS_TYPED = N_(
    "As typed: the RNN reads “{answer}” ({rnn} %), the bag of words “{bag_answer}” ({bag} %). Now "
    "shuffle."
)
ANOTHER = N_(
    "Shuffled, the RNN reads “{answer}” instead of “{before}”; the bag of words stays with "
    "“{bag_answer}”, {bag} %, to the last digit."
)
MOVED = N_(
    "Shuffled, the RNN still reads “{answer}”, now with {rnn} % instead of {rnn_before} %; the bag "
    "of words does not move: {bag} %."
)

UNMOVED = N_(
    "In this order nothing moves: the RNN reads “{answer}” with {rnn} % as before, the bag of "
    "words “{bag_answer}” with {bag} %."
)


def draw() -> None:
    """Draw the sentence, the order, and both answers."""
    with st.container(horizontal=True, gap="medium"):
        text = controls.text(
            "sequences.sentence",
            _("Your sentence"),
            "What time is it?",
            limit=60,
            placeholder=_("Type a sentence."),
            help=_("English or Korean, up to twelve words: something to ask a voice assistant."),
        )
        order = controls.slider(
            "sequences.shuffled",
            _("Order"),
            Range(0, 23),
            1,
            help=_("0: as typed; every other number is another order of the same words."),
        )
    try:
        korean = _language_of(text)
    except Problem as problem:
        show.problem(problem)
        return
    shuffles = _answers(text, korean, computed(TRAIN_PAIR, korean))
    order = min(order, len(shuffles.orders) - 1)
    draw_finding(_finding(shuffles, order))
    draw_picture(_picture(text, order, current(), shuffles), key="sequences.shuffle")
    if not all(shuffles.known):
        unknown = [
            token for token, known in zip(shuffles.tokens, shuffles.known, strict=True) if not known
        ]
        st.caption(
            show.escape_markdown(
                _("Not met in training, read as UNK: {words}.", words=", ".join(unknown))
            )
        )
    st.caption(
        _(
            "Why: the bag of words adds up one vector per word, and a sum does not know the order. "
            "The RNN reads word after word, so the same words in another order lead to another "
            "state. Both have learned the same requests to a voice assistant."
        )
    )
    draw_claim(_claim(text, shuffles))
    draw_listings(
        lambda: _listings(shuffles.words(0), shuffles.words(order)), key="sequences.shuffle-listing"
    )


@shared(max_entries=300)
def _language_of(text: str) -> bool:
    """Whether the sentence is for the Korean networks.

    Raises:
        Problem: it has no words or too many.
    """
    from rnnviz.ideas.sequences import shuffle

    shuffle.check_sentence(text)
    return shuffle.is_korean(text)


@shared(max_entries=100)
def _answers(text: str, korean: bool, _pair: Any) -> "Shuffles":
    from rnnviz.ideas.sequences import shuffle

    return shuffle.answer_all(text, korean, _pair)


@shared(max_entries=100)
def _claim(text: str, _shuffles: "Shuffles") -> "Claim":
    from rnnviz.ideas.sequences import shuffle

    return shuffle.claim(_shuffles)


@shared(max_entries=100)
def _listings(words: tuple[str, ...], shuffled: tuple[str, ...]) -> "list[Listing]":
    from rnnviz.ideas.sequences import shuffle

    return shuffle.listings(words, shuffled)


def _finding(shuffles: "Shuffles", order: int) -> Message:
    before, now = (shuffles.answer(shuffles.rnn, each) for each in (0, order))
    bag = shuffles.answer(shuffles.bag, order)
    values = {
        "answer": Message(shuffles.labels[now]),
        "before": Message(shuffles.labels[before]),
        "bag_answer": Message(shuffles.labels[bag]),
        "rnn": _percent(shuffles.rnn[order][now]),
        "rnn_before": _percent(shuffles.rnn[0][now]),
        "bag": _percent(shuffles.bag[order][bag]),
    }
    if order == 0:
        return Message(AS_TYPED, values)
    if now != before:
        return Message(ANOTHER, values)
    return Message(UNMOVED if values["rnn"] == values["rnn_before"] else MOVED, values)


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


@shared(max_entries=300)
def _picture(text: str, order: int, language: str, _shuffles: "Shuffles") -> Markup:
    title = _("Order {number}", number=order) if order else _("As typed")
    columns = [
        tag(
            "div",
            marks.heading(name),
            [
                marks.bar(_(label), share, f"{_percent(share)} %", colour=colour)
                for label, share in _likeliest(_shuffles.labels, rows[order], rows[0])
            ],
            tag("div", _change_text(_shuffles, rows), class_="muted"),
            style="flex:1 1 19rem;max-width:32rem",
        )
        for name, rows, colour in (
            (_("The RNN, word by word"), _shuffles.rnn, "#0072B2"),
            (_("The bag of words"), _shuffles.bag, "#CC79A7"),
        )
    ]
    return tag(
        "div",
        _words(_("As typed"), _shuffles.words(0)),
        _words(title, _shuffles.words(order), style="border-width:2px;"),
        tag("div", marks.side_by_side(*columns), style="margin-top:1rem"),
    )


def _words(title: str, words: tuple[str, ...], style: str = "") -> Markup:
    chips = [marks.chip(word, style=style) for word in words]
    label = tag("span", title, class_="muted", style="flex:0 0 5.5rem")
    row = "display:flex;flex-wrap:wrap;gap:0.35rem;align-items:center;margin:0.35rem 0"
    return tag("div", label, chips, style=row)


def _likeliest(
    labels: tuple[str, ...], shares: tuple[float, ...], first: tuple[float, ...]
) -> list[tuple[str, float]]:
    """The three intents most likely in either order, by their share in the first."""
    ranked = sorted(
        range(len(labels)), key=lambda label: max(shares[label], first[label]), reverse=True
    )[:LIKELIEST]
    ranked.sort(key=first.__getitem__, reverse=True)
    return [(labels[label], shares[label]) for label in ranked]


def _change_text(shuffles: "Shuffles", rows: tuple[tuple[float, ...], ...]) -> str:
    return _(
        "Another answer in {changed} of {count} other {count:order|orders}.",
        changed=shuffles.changed(rows),
        count=len(shuffles.orders) - 1,
    )
