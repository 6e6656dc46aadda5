"""The alphabet, learned in one order and asked in another: bars, and letter by letter."""

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from rnnviz.messages import N_, Message
from rnnviz.settings import Range
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
    from rnnviz.ideas.sequences.alphabet import Reply

REPLIES = "rnnviz.ideas.sequences.alphabet:measure_replies"

ORDERS = {
    "forwards": N_("A → Z"),
    "backwards": N_("Z → A"),
    "from_f": N_("from F"),
}

KNOWS = N_("Learned {lesson}, asked {question}: {right} of {count} letters are right.")
KNOWS_NOT = N_(
    "Learned {lesson}, asked {question}: {right} of {count} letters are right. What was never "
    "practised is not known."
)


def draw() -> None:
    """Draw what is learned, what is asked, and what the networks say."""
    names = {code: _(title) for code, title in ORDERS.items()}
    with st.container(horizontal=True, gap="medium"):
        lesson = controls.choose(
            "sequences.learned",
            _("Learned"),
            {code: names[code] for code in ("forwards", "backwards")},
            "forwards",
            help=_("In training the network reads the letters in this order, 100 times."),
        )
        question = controls.choose(
            "sequences.question",
            _("Asked"),
            names,
            "backwards",
            help=_("The network reads each letter of this order and says which one comes next."),
        )
        number = controls.slider(
            "sequences.network",
            _("Which network"),
            Range(1, 5),
            1,
            help=_("Five networks learn the same; each starts from other random weights."),
        )
    replies: tuple[dict[str, Reply], ...] = computed(REPLIES, lesson)
    reply = replies[number - 1][question]
    right, count = sum(reply.right), len(reply.right)
    values = {
        "lesson": Message(ORDERS[lesson]),
        "question": Message(ORDERS[question]),
        "right": right,
        "count": count,
    }
    draw_finding(Message(KNOWS if right > count / 2 else KNOWS_NOT, values))
    draw_picture(_picture(lesson, question, number, current(), replies), key="sequences.alphabet")
    st.caption(
        _(
            "Why: training shows which letter follows each, and nothing else. From F on the "
            "letters still follow each other as practised; backwards, not a single pair does. A "
            "network that starts in the middle has an empty memory, so the first letters may be "
            "wrong until its state is one that it knows."
        )
    )
    draw_claim(_claim(lesson, question, number, replies))
    draw_listings(lambda: _listings(lesson), key="sequences.alphabet-listing")


@shared(max_entries=40)
def _claim(
    lesson: str, question: str, number: int, _replies: "tuple[dict[str, Reply], ...]"
) -> "Claim":
    from rnnviz.ideas.sequences import alphabet

    return alphabet.claim(lesson, question, _replies, number - 1)


@shared(max_entries=2)
def _listings(lesson: str) -> "list[Listing]":
    from rnnviz.ideas.sequences import alphabet

    return alphabet.listings(lesson)


@shared(max_entries=200)
def _picture(
    lesson: str,
    question: str,
    number: int,
    language: str,
    _replies: "tuple[dict[str, Reply], ...]",
) -> Markup:
    bars = [
        marks.bar(
            _("asked {question}", question=_(ORDERS[code])),
            reply.share,
            f"{100 * reply.share:.0f} %",
            is_here=code == question,
        )
        for code, reply in _replies[number - 1].items()
    ]
    shares = [each[question].share for each in _replies]
    others = _(
        "All five networks, asked {question}: {shares} %",
        question=_(ORDERS[question]),
        shares=", ".join(f"{100 * share:.0f}" for share in shares),
    )
    reply = _replies[number - 1][question]
    columns = [
        _letter(*letters, is_right=is_right)
        for *letters, is_right in zip(
            reply.read, reply.answers, reply.targets, reply.right, strict=True
        )
    ]
    return tag(
        "div",
        tag("div", bars, style="max-width:40rem"),
        tag("div", others, class_="muted", style="margin:0.4rem 0 1rem"),
        marks.heading(_("Letter by letter: read, said (✗: wrong)")),
        tag("div", columns, style="display:flex;flex-wrap:wrap;gap:0.35rem"),
    )


def _letter(read: str, reply: str, target: str, *, is_right: bool) -> Markup:
    colour = marks.RIGHT if is_right else marks.WRONG
    title = _("After {read} comes {target}; it says {said}.", read=read, target=target, said=reply)
    return tag(
        "div",
        tag("div", read, class_="muted"),
        tag("div", "↓", class_="muted", style="line-height:1"),
        tag("div", reply if is_right else f"{reply} ✗", style="font-weight:600"),
        title=title,
        style=(
            f"border:1px solid {marks.GRID};border-bottom:4px solid {colour};"
            "min-width:2.3rem;padding:0.2rem;text-align:center"
        ),
    )
