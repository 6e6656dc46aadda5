"""Guess the ball: its pictures, two buttons, and the score beside that of a trained RNN."""

import re
from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from rnnviz.messages import N_, Message, Problem, excerpt
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.sequences import marks
from rnnviz.ui.ideas.sequences.ball_picture import Scores, chart, film, ticks
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw as draw_picture
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.claims import Claim
    from rnnviz.ideas.listing import Listing
    from rnnviz.ideas.sequences.ball import Round

GUESSER = "rnnviz.ideas.sequences.ball:measure_guesser"

GUESSES = re.compile("([1-6][lr]){0,10}")
NOT_GUESSES = N_(
    "The guesses are {value}; allowed are up to ten of 1l … 6r: how many pictures, left or right."
)

A_GUESS = N_(
    "With one picture nobody can know: the RNN is right in {share} % of its throws, no more than "
    "a coin."
)
SEEN = N_(
    "With {pictures} pictures the direction can be seen: the RNN is right in {share} % of its "
    "throws; {best} % is possible."
)
WITH_SCORE = N_("{finding} You: {right} of {count}.")


def draw() -> None:
    """Draw the slider, the buttons, the pictures of this throw, and the scores."""
    guesses = _read_guesses()
    round_number = controls.address_value("sequences.round", 1, rule=Range(1, 999))
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        pictures = controls.slider(
            "sequences.pictures",
            _("Still pictures"),
            Range(1, 6),
            1,
            help=_("How many of the last still pictures of the ball you see before you guess."),
        )
        with st.container(horizontal=True, width="content"):
            _draw_buttons(pictures, guesses, round_number)
    shares: tuple[float, ...] = computed(GUESSER, 0)
    scores = _scores(round_number, guesses)
    best = _best_shares()[pictures - 1]
    template = A_GUESS if pictures == 1 else SEEN
    values = {
        "pictures": pictures,
        "share": f"{100 * shares[pictures - 1]:.1f}",
        "best": f"{100 * best:.3g}",
    }
    finding = Message(template, values)
    right, count = scores[pictures - 1]
    if count:
        finding = Message(WITH_SCORE, {"finding": finding, "right": right, "count": count})
    draw_finding(finding)
    html = _picture(pictures, guesses, round_number, shares, current())
    draw_picture(html, key="sequences.ball")
    st.caption(
        _(
            "Why: a still picture has a place and no direction. Two pictures have an order, and "
            "the order is the direction, unless the ball bounced off a wall between them; from "
            "three on its speed tells that, too. One RNN of 16 units is trained on such throws "
            "while you wait; it answers after every picture."
        )
    )
    draw_claim(_claim(pictures, shares))
    draw_listings(_listings, key="sequences.ball-listing")


def _read_guesses() -> str:
    guesses = controls.address_value("sequences.guesses", "")
    if GUESSES.fullmatch(guesses):
        return guesses
    show.problem(Problem(NOT_GUESSES, value=excerpt(guesses)))
    return ""


def _draw_buttons(pictures: int, guesses: str, round_number: int) -> None:
    is_over = len(guesses) == 20
    for side, label in (("l", _("← to the left")), ("r", _("to the right →"))):
        st.button(
            label,
            key=f"sequences.guess-{side}",
            disabled=is_over,
            on_click=controls.set_address_value,
            args=("sequences.guesses", f"{guesses}{pictures}{side}"),
        )
    st.button(
        _("New throws"),
        key="sequences.new",
        type="primary" if is_over else "tertiary",
        on_click=_start_round,
        args=(round_number % 999 + 1,),
    )


def _start_round(number: int) -> None:
    controls.set_address_value("sequences.guesses", "")
    controls.set_address_value("sequences.round", number)


@shared(max_entries=200)
def _throw(round_number: int) -> "Round":
    from rnnviz.ideas.sequences import ball

    return ball.throw(round_number)


@shared(max_entries=1)
def _best_shares() -> tuple[float, ...]:
    from rnnviz.ideas.sequences import ball

    return tuple(map(ball.best_share, range(1, ball.MOST_PICTURES + 1)))


@shared(max_entries=20)
def _claim(pictures: int, shares: tuple[float, ...]) -> "Claim":
    from rnnviz.ideas.sequences import ball

    return ball.claim(pictures, shares)


@shared(max_entries=1)
def _listings() -> "list[Listing]":
    from rnnviz.ideas.sequences import ball

    return ball.listings()


def _scores(round_number: int, guesses: str) -> Scores:
    rightwards = _throw(round_number).rightwards
    scores = [[0, 0] for _number in range(6)]
    for place, (pictures, side) in enumerate(zip(guesses[::2], guesses[1::2], strict=True)):
        score = scores[int(pictures) - 1]
        score[0] += (side == "r") == rightwards[place]
        score[1] += 1
    return tuple((right, count) for right, count in scores)


@shared(max_entries=300)
def _picture(
    pictures: int, guesses: str, round_number: int, shares: tuple[float, ...], language: str
) -> Markup:
    from rnnviz.ideas.sequences import ball

    played = len(guesses) // 2
    number = min(played, ball.THROWS - 1)
    throw = _throw(round_number)
    places = throw.positions[number][-pictures:]
    left = tag(
        "div",
        marks.heading(
            _("All ten throws are made")
            if played == ball.THROWS
            else _("Throw {number} of 10: where is it going?", number=number + 1)
        ),
        film([ball.light(place) for place in places], places),
        ticks(guesses, throw.rightwards),
    )
    right = tag(
        "div",
        marks.heading(_("Right answers, in %")),
        chart(pictures, shares, _best_shares(), _scores(round_number, guesses)),
    )
    return marks.side_by_side(left, right)
