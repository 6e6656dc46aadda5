"""Maps of GloVe: the nearest words of one, and analogies."""

import re
from typing import TYPE_CHECKING

import pandas as pd

from rnnviz.messages import N_, Problem, excerpt
from rnnviz.palette import SERIES, Theme
from rnnviz.ui import controls, show
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.text import Conveyor

GREEN, ORANGE, BLUE = SERIES[2], SERIES[5], SERIES[0]
LONGEST_SUM = 90
"""In characters."""
NOT_A_SUM = N_("The sum is {value}; allowed are three words like king - man + woman.")


def show_glove(conveyor: "Conveyor") -> None:
    """Draw the nearest words of the picked one, or an analogy."""
    parts = {"neighbours": _("nearest words"), "analogy": _("analogy")}
    part = controls.choose(
        "text.part",
        _("Look closer"),
        parts,
        "neighbours",
        help=_("Words of similar use have similar vectors: what is near, and in which direction."),
    )
    if part == "neighbours":
        word = conveyor.name_at(conveyor.picked) or ""
        others = tuple(token for token in conveyor.distinct if token != word)
        _draw(_neighbours(word, others, current(), show.theme()), word)
    else:
        typed = controls.text(
            "text.sum",
            _("Sum of three words"),
            "king - man + woman",
            limit=LONGEST_SUM,
            help=_("First word - second word + third word."),
        )
        question = _three_words(typed)
        if question is None:
            show.problem(Problem(NOT_A_SUM, value=excerpt(typed)))
            return
        _draw(_analogy(question, current(), show.theme()), next(iter(_missing(question)), ""))


def _three_words(text: str) -> tuple[str, str, str] | None:
    """The words of "a - b + c"; None if the text is no such sum."""
    match = re.fullmatch(r"(.+?)\s*[-−]\s*(.+?)\s*\+\s*(.+)", text.strip().lower())
    return (match[1], match[2], match[3]) if match else None


def _draw(ready: "tuple[show.ReadyFigure, pd.DataFrame] | None", word: str) -> None:
    if ready is None:
        show.problem(Problem(N_("GloVe has no vector for “{word}”; try another word."), word=word))
    else:
        figure, numbers = ready
        show.figure(figure, key="text.map", data=numbers)


def _missing(question: tuple[str, ...]) -> list[str]:
    from rnnviz.data import glove

    return [word for word in question if word not in glove().words]


@shared(max_entries=100)
def _neighbours(
    word: str, others: tuple[str, ...], language: str, theme: Theme
) -> "tuple[show.ReadyFigure, pd.DataFrame] | None":
    from rnnviz import figures
    from rnnviz.data import glove
    from rnnviz.ideas.text import nearest

    if _missing((word,)):
        return None
    vectors = glove().vectors
    near = nearest(vectors[glove().words[word]], (word,))
    others = tuple(each for each in others if each in glove().words)
    groups = [
        (_("the picked word"), BLUE, (word,)),
        (_("its nearest words"), GREEN, tuple(name for name, _cosine in near)),
        (_("other words of the page"), ORANGE, others),
    ]
    places = _places([name for _title, _colour, names in groups for name in names])
    fig = figures.word_map(
        [
            figures.WordGroup(
                title,
                colour,
                names,
                [places[name][0] for name in names],
                [places[name][1] for name in names],
            )
            for title, colour, names in groups
            if names
        ]
    )
    listed = ", ".join(f"{name} {cosine:.2f}" for name, cosine in near[:4])
    title = _("Nearest to “{word}”: {words}", word=word, words=listed)
    numbers = pd.DataFrame(near, columns=["word", "cosine"])
    return _finished(fig, title, theme), numbers


@shared(max_entries=100)
def _analogy(
    question: tuple[str, ...], language: str, theme: Theme
) -> "tuple[show.ReadyFigure, pd.DataFrame] | None":
    from rnnviz import figures
    from rnnviz.ideas.text import analogy, nearest

    a, b, c = question
    vector = analogy(a, b, c)
    if vector is None:
        return None
    near = nearest(vector, question)
    answer, cosine = near[0]
    names = list(dict.fromkeys([*question, answer, *(name for name, _cosine in near[1:5])]))
    places = _places(names)
    own = list(dict.fromkeys(question))
    groups = [
        (_("asked"), BLUE, own),
        (_("the answer"), GREEN, [answer]),
        (_("next nearest"), ORANGE, [name for name in names if name not in (*own, answer)]),
    ]
    fig = figures.word_map(
        [
            figures.WordGroup(
                title,
                colour,
                group,
                [places[name][0] for name in group],
                [places[name][1] for name in group],
            )
            for title, colour, group in groups
        ],
        lines=[
            {"x": [places[one][0], places[two][0]], "y": [places[one][1], places[two][1]]}
            for one, two in ((b, a), (c, answer))
        ],
    )
    title = _(
        "{a} − {b} + {c} ≈ {answer} (cosine {cosine:.2f})",
        a=a,
        b=b,
        c=c,
        answer=answer,
        cosine=cosine,
    )
    numbers = pd.DataFrame(near, columns=["word", "cosine"])
    return _finished(fig, title, theme), numbers


def _places(names: list[str]) -> dict[str, tuple[float, float]]:
    """The words on the plane in which they differ most."""
    from rnnviz.data import glove
    from rnnviz.ideas.text import principal_axes

    names = list(dict.fromkeys(names))
    rows = glove().vectors[[glove().words[name] for name in names]]
    mean, axes = principal_axes(rows)
    plane = (rows - mean) @ axes.T
    return {name: (float(x), float(y)) for name, (x, y) in zip(names, plane, strict=True)}


def _finished(fig: "dict[str, object]", title: str, theme: Theme) -> show.ReadyFigure:
    return show.finish(
        fig,
        title=title,
        caption=_(
            "The 50 numbers of each word, seen from where these words differ most (the first two"
            " principal components). The cosine is 1 for vectors that point the same way."
        ),
        alt=_("Words as points on a plane. {finding}", finding=title),
        theme=theme,
    )
