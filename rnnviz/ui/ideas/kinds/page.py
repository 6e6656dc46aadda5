"""The page, from the six drawings down to the programs that check it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from rnnviz.messages import N_, Message, Problem
from rnnviz.ui import show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.kinds import controls, details
from rnnviz.ui.ideas.kinds.chain import draw_chain
from rnnviz.ui.ideas.kinds.controls import Choice
from rnnviz.ui.ideas.kinds.gallery import draw_gallery
from rnnviz.ui.language import _, say
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.claims import Claim
    from rnnviz.ideas.kinds.reading import Reading
    from rnnviz.ideas.kinds.settings import Trained
    from rnnviz.ideas.listing import Listing

TRAIN = "rnnviz.ideas.kinds.networks:train_model"
ATTENTION = N_(
    "The share of each digit in every letter. The padding behind the number is masked before the"
    " softmax, so its weight is exactly 0."
)


def draw_page() -> None:
    """Draw all of it, for the kind that is open."""
    kind = controls.choose_kind()
    draw_gallery(kind)
    choice = controls.choose(kind)
    if kind not in ("one-to-one", "one-to-many") and not choice.text:
        st.info(_("Type a text: the model reads it at once."), icon=":material/keyboard:")
        return
    try:
        trained: Trained = computed(TRAIN, choice.problem)
        reading = _reading(choice.problem, choice.text, choice.picture, choice.cut, trained)
    except Problem as problem:
        show.problem(problem)
        return
    _draw_reading(choice, trained, reading)


def _draw_reading(choice: Choice, trained: "Trained", reading: "Reading") -> None:
    step = _picked(choice, reading)
    finding, uses = _sentences(choice, step, trained, reading)
    draw_finding(finding)
    if choice.problem.kind in ("one-to-one", "one-to-many"):
        canvas, chain = st.columns([0.75, 1.4], gap="medium", vertical_alignment="center")
        with canvas:
            details.draw_canvas(choice.picture)
    else:
        chain = st.container()
    with chain:
        draw_chain(choice, reading, step, say(finding))
    st.caption(say(uses))
    if reading.written and reading.written[0].attention:
        details.draw_attention(choice, reading)
        st.caption(_(ATTENTION))
    left, right = st.columns([1.2, 1], gap="large")
    with left:
        st.markdown(_("**The picked step: logits → softmax → argmax**"))
        temperature = controls.choose_temperature(st)
        details.draw_head(choice, reading, step, temperature)
    own, of_head = _claims(choice, step, trained, reading)
    with right:
        for remark in _remarks(choice, trained):
            st.markdown(show.escape_markdown(say(remark)))
        draw_claim(own)
    if controls.choose_more(choice.problem.kind) == "head":
        for claim in of_head:
            draw_claim(claim)
    else:
        if reading.shapes:
            details.draw_layers(reading)
        for remark in _layer_remarks(choice, trained, reading):
            st.markdown(show.escape_markdown(say(remark)))

    def listings() -> "Sequence[Listing]":
        from rnnviz.ideas.kinds.listings import listings

        return listings(reading.labels, reading.answered[step].logits, temperature)

    draw_listings(listings, key="kinds.listings")


def _picked(choice: Choice, reading: "Reading") -> int:
    """The step whose head is open: at first where the answer of this kind is."""
    last = len(reading.answered) - 1
    if choice.step >= 0:
        return min(choice.step, last)
    match choice.problem.kind:
        case "many-to-one":
            return last
        case "in-step":
            return last // 2
    return 0


@shared(max_entries=500)
def _reading(problem: object, text: str, picture: int, cut: bool, _trained: "Trained") -> "Reading":
    from rnnviz.ideas.kinds.reading import look_at, read_text

    if _trained.problem.kind in ("one-to-one", "one-to-many"):
        return look_at(_trained, picture, cut=cut)
    return read_text(_trained, text, cut=cut)


@shared(max_entries=500)
def _sentences(
    choice: Choice, step: int, _trained: "Trained", _reading: "Reading"
) -> tuple[Message, Message]:
    from rnnviz.ideas.kinds.findings import USES, finding

    counts = _trained.counts
    problem, text = choice.problem, choice.text
    sentence = finding(problem, _reading, counts, step=step, cut=choice.cut, text=text)
    return sentence, Message(USES[problem.kind])


@shared(max_entries=500)
def _remarks(choice: Choice, _trained: "Trained") -> tuple[Message, ...]:
    from rnnviz.ideas.kinds.claims import count_remarks

    return count_remarks(choice.problem, _trained.counts)


@shared(max_entries=500)
def _layer_remarks(choice: Choice, _trained: "Trained", _reading: "Reading") -> tuple[Message, ...]:
    from rnnviz.ideas.kinds.claims import layer_remarks

    hidden = len(_reading.answered[-1].state)
    return layer_remarks(choice.problem, _trained.counts, hidden)


@shared(max_entries=500)
def _claims(
    choice: Choice, step: int, _trained: "Trained", _reading: "Reading"
) -> "tuple[Claim, tuple[Claim, ...]]":
    from rnnviz.ideas.kinds.claims import claims

    return claims(choice.problem, _reading, _trained.counts, step)
