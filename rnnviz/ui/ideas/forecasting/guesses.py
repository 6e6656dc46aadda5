"""The visitor's own ten guesses, and all methods on the same windows."""

import re
from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.forecasting.settings import WindowSettings
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message, Problem, excerpt
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.forecasting import results
from rnnviz.ui.ideas.forecasting.controls import draw_presets, window_settings
from rnnviz.ui.ideas.forecasting.guesses_picture import Row, answers, question_picture, table
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw as draw_picture
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.forecasting.guesses import Question
    from rnnviz.ideas.forecasting.networks import Forecasts, Simple

GUESSES = re.compile(r"(\d+\.\d+\.\d+~)?((?:-?\d{1,2}c){0,10})")
NOT_GUESSES = N_(
    "The guesses are {value}; allowed are up to ten whole degrees, each with a c: 12c-3c."
)
ALL = 10


def draw() -> None:
    """Draw the window to guess, then every method in one table."""
    settings = window_settings()
    number = controls.address_value("forecasting.round", 1, rule=Range(1, 999))
    start = f"{settings.days}.{settings.every}.{settings.ahead}~"
    guesses = _read_guesses(start)
    above = st.container()
    html = _question(settings, number, start, guesses, current())
    draw_picture(html, key="forecasting.guess", pick="forecasting.guesses")
    if guesses:
        st.button(
            _("New windows"),
            key="forecasting.new",
            type="primary" if len(guesses) == ALL else "tertiary",
            on_click=_start_round,
            args=(number % 999 + 1,),
        )
    simple = results.simple(settings)
    networks = tuple(results.forecasts(settings, each) for each in results.NAMES)
    finding, rows, claims = _result(settings, number, guesses, current(), simple, networks)
    with above:
        draw_finding(finding)
    draw_picture(rows, key="forecasting.table")
    st.caption(
        _(
            "Why: an error in °C says nothing alone. Persistence answers “as it is now” and needs "
            "no training; whatever costs more has to beat it on the same windows. All methods "
            "answer the same 128 windows of the validation part, yours are ten of them. Networks "
            "are trained while you wait, on {batch} random training windows in each step: few "
            "steps, far fewer than the book's. Under Side by side they train longer.",
            batch=32,
        )
    )
    for claim in claims:
        draw_claim(claim)
    draw_listings(lambda: _listings(settings, simple, networks[-1]), key="forecasting.guess-code")
    draw_presets()


def _read_guesses(start: str) -> tuple[int, ...]:
    """The degrees that were guessed; those on other windows than the sliders' count no longer."""
    text = controls.address_value("forecasting.guesses", "")
    match = GUESSES.fullmatch(text)
    if not match:
        show.problem(Problem(NOT_GUESSES, value=excerpt(text)))
        return ()
    if match[1] not in (start, None):
        return ()
    return tuple(int(each) for each in match[2].split("c")[:-1])


def _start_round(number: int) -> None:
    controls.set_address_value("forecasting.guesses", "")
    controls.set_address_value("forecasting.round", number)


@shared(max_entries=200)
def _questions(settings: WindowSettings, number: int) -> "tuple[Question, ...]":
    from rnnviz.ideas.forecasting.guesses import questions

    return questions(settings, number)


@shared(max_entries=300)
def _question(
    settings: WindowSettings, number: int, start: str, guesses: tuple[int, ...], language: str
) -> Markup:
    questions = _questions(settings, number)
    if len(guesses) == ALL:
        heading, picture = _("All ten windows are guessed"), None
    else:
        heading = _("Window {number} of 10: pick a temperature", number=len(guesses) + 1)
        code = start + "".join(f"{each}c" for each in guesses)
        picture = question_picture(questions[len(guesses)], code, settings.ahead)
    return tag(
        "div",
        tag("div", heading, style="font-weight:600"),
        picture,
        answers(guesses, questions),
    )


@shared(max_entries=300)
def _result(
    settings: WindowSettings,
    number: int,
    guesses: tuple[int, ...],
    language: str,
    _simple: "Simple",
    _networks: "tuple[Forecasts, ...]",
) -> tuple[Message, Markup, tuple[Claim, ...]]:
    from rnnviz.ideas.forecasting.claims import baseline_claims
    from rnnviz.ideas.forecasting.errors import difference, mean_error
    from rnnviz.ideas.forecasting.findings import baseline_finding, guess_finding
    from rnnviz.ideas.forecasting.networks import RIDGE, gate_products
    from rnnviz.tasks.forecast.naive_forecasts import PERSISTENCE

    networks = dict(zip(results.NAMES, _networks, strict=True))
    numbers = [each.number for each in _questions(settings, number)[: len(guesses)]]
    targets = [_simple.targets[each] for each in numbers]

    def own(method: "Forecasts") -> float | None:
        answers = [method.answers[each] for each in numbers]
        return mean_error(answers, targets) if guesses else None

    rows: list[Row] = []
    for title, method in _simple.methods.items():
        is_ridge = title == RIDGE
        name = _("linear regression") if is_ridge else _(title)
        took = _("{count} numbers, at once", count=method.parameters) if is_ridge else _("nothing")
        rows.append((name, own(method), method.error, took))
    for network, method in networks.items():
        took = _(
            "{count} numbers, {steps} training steps",
            count=f"{method.parameters:,}",
            steps=method.steps,
        )
        rows.append((_(results.NAMES[network]), own(method), method.error, took))
    rows.sort(key=lambda row: row[2])
    finding = baseline_finding(_simple, networks, results.NAMES)
    if guesses:
        yours = mean_error(guesses, targets)
        rows.insert(0, (_("you"), yours, 0.0, _("a look at the window")))
        persistence, gru = _simple.methods[PERSISTENCE], networks["gru"]
        before = [persistence.answers[each] for each in numbers]
        pair = difference(guesses, before, targets)
        finding = guess_finding(yours, own(persistence) or 0.0, own(gru) or 0.0, len(guesses), pair)
    claims = baseline_claims(_simple, networks["gru"], gate_products(settings.steps))
    return finding, table(rows, len(guesses), len(_simple.targets)), claims


@shared(max_entries=50)
def _listings(
    settings: WindowSettings, _simple: "Simple", _gru: "Forecasts"
) -> tuple[Listing, ...]:
    from rnnviz.ideas.forecasting.listings import baseline_listings

    return baseline_listings(settings, _simple, _gru)
