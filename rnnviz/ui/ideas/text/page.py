"""The page: controls, finding, conveyor, claims, what lies behind the vectors, the programs."""

from typing import TYPE_CHECKING

import streamlit as st
from markupsafe import Markup

from rnnviz.messages import Message, Problem
from rnnviz.palette import Theme
from rnnviz.ui import permalink, picture, show
from rnnviz.ui.background import computed
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.text import controls, maps, training_map
from rnnviz.ui.ideas.text.conveyor_picture import draw_conveyor
from rnnviz.ui.ideas.text.panel import draw_panel
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.claims import Claim
    from rnnviz.ideas.listing import Listing
    from rnnviz.ideas.text import Conveyor, Counts, LookUp, TextSettings, TrainedEmbedding

CACHED = 300
"""Settings whose results are kept for all visitors."""
SEED = 0


def draw_page() -> None:
    """Draw everything below the title; a moved control draws it again."""
    permalink.fragment(_draw)


def _draw() -> None:
    settings = controls.settings()
    try:
        counts = _counts(settings)
        trained = _trained_embedding(settings)
        conveyor = _conveyor(settings, counts)
    except Problem as problem:
        show.problem(problem)
        controls.show_suggestions()
        return
    finding, claims, why = _words(settings, current(), conveyor, trained)
    draw_finding(finding)
    html = _picture(settings, current(), show.theme(), conveyor, trained)
    picture.draw(html, key="text.picture", pick="text.picked")
    st.caption(show.escape_markdown(why))
    for claim in claims:
        draw_claim(claim)
    if settings.vectors == "bag":
        _draw_without_order()
    elif settings.vectors == "embedding" and trained is not None:
        from rnnviz.ideas.text import stop

        training_map.show_training(trained, settings.reader, stop(settings.step))
    elif settings.vectors == "embedding" and settings.origin == "glove":
        maps.show_glove(conveyor)
    draw_listings(lambda: _programs(settings, conveyor, trained), key="text.listings")
    controls.show_suggestions()


def _counts(settings: "TextSettings") -> "Counts | None":
    """What was counted in the training texts; None where the page's own texts are counted."""
    if settings.source == "own":
        return None
    arguments = (settings.source, settings.unit, int(settings.n))
    counts: Counts = computed("rnnviz.ideas.text.dictionary:count_source", *arguments)
    return counts


def _trained_embedding(settings: "TextSettings") -> "TrainedEmbedding | None":
    if settings.vectors != "embedding" or settings.origin != "training":
        return None
    if not settings.has_review_words:
        return None
    trained: TrainedEmbedding = computed("rnnviz.ideas.text.reviews:train", settings.reader, SEED)
    return trained


@shared(max_entries=CACHED)
def _conveyor(settings: "TextSettings", _counts: "Counts | None") -> "Conveyor":
    from rnnviz.ideas.text import run

    return run(settings, _counts)


@shared(max_entries=CACHED)
def _table(
    settings: "TextSettings", _conveyor: "Conveyor", _trained: "TrainedEmbedding | None"
) -> "LookUp | None":
    from rnnviz.ideas.text import look_up

    return look_up(_conveyor, _trained) if settings.vectors == "embedding" else None


@shared(max_entries=CACHED)
def _words(
    settings: "TextSettings",
    language: str,
    _conveyor: "Conveyor",
    _trained: "TrainedEmbedding | None",
) -> "tuple[Message, tuple[Claim, ...], str]":
    from rnnviz.ideas.text import claims, finding

    table = _table(settings, _conveyor, _trained)
    remarks = tuple(claims(_conveyor, table, _trained))
    return finding(_conveyor, _trained), remarks, _why(settings, _conveyor)


@shared(max_entries=CACHED)
def _picture(
    settings: "TextSettings",
    language: str,
    theme: Theme,
    _conveyor: "Conveyor",
    _trained: "TrainedEmbedding | None",
) -> Markup:
    table = _table(settings, _conveyor, _trained)
    conveyor = tag(
        "div", draw_conveyor(_conveyor, table, theme), style="flex:1 1 20rem;min-width:0"
    )
    panel = tag("div", draw_panel(_conveyor, table, theme), style="flex:0 1 15.5rem")
    return tag("div", conveyor, panel, style="display:flex;flex-wrap:wrap;gap:1rem 1.5rem")


def _why(settings: "TextSettings", conveyor: "Conveyor") -> str:
    """Why the picture is as it is: where the numbers come from, and what hatching means."""
    dictionary = conveyor.dictionary
    if settings.source == "own":
        origin = _("The dictionary holds the tokens of these texts themselves.")
    else:
        origin = _(
            "The dictionary was counted in the {count:,} texts of the training split alone; of the"
            " tokens of the validation split {share:.1%} have no number in it.",
            count=dictionary.n_texts,
            share=max(0.0, dictionary.unknown_share or 0.0),
        )
    table = _(
        "A batch is one table, so all its rows are equally long: short ones are padded, and the"
        " length of each row (or its mask) tells a network what is padding."
    )
    if settings.source == "surnames":
        table = f"{_target(settings.text.strip(), conveyor.table.lengths[0])} {table}"
    return f"{origin} {table}"


def _target(name: str, length: int) -> str:
    """What the article's data set returns for a surname beside its row."""
    from rnnviz.ideas.text import nationalities

    targets = [f"{number} ({_(language)})" for number, language in nationalities(name)]
    return _(
        "SurnameDataset returns the row of “{name}” as x_data, x_length = {length}, and the number"
        " of its nationality as y_target = {targets}.",
        name=name,
        length=length,
        targets=", ".join(targets) or "?",
    )


def _draw_without_order() -> None:
    """Why a bag of words is often enough, measured on the film reviews."""
    score: float = computed("rnnviz.ideas.text.reviews:bag_accuracy")
    st.markdown(
        show.escape_markdown(
            _(
                "Is order needed? On the film reviews, naive Bayes on bags of words is right on"
                " {share:.0%} of the held-out sentences: most of the opinion is in the words"
                " themselves, so a network that reads them in order gains little.",
                share=score,
            )
        )
    )


def _programs(
    settings: "TextSettings", conveyor: "Conveyor", trained: "TrainedEmbedding | None"
) -> "list[Listing]":
    from rnnviz.ideas.text import listings

    return listings(conveyor, _table(settings, conveyor, trained))
