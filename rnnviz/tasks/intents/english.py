"""The English templates: those of Open Voice OS, with fillers of our own for their slots."""

import re
from collections import defaultdict
from functools import cache
from itertools import groupby

from rnnviz.data import utterances
from rnnviz.tasks.framework.kinds import Split
from rnnviz.tasks.intents.common import ENDINGS, Corpus, Segment, Segments, X, pick, split_templates
from rnnviz.text import Vocabulary, words


def _list(text: str) -> tuple[str, ...]:
    return tuple(" ".join(part.split()) for part in text.split(","))


# Our own fillers for the slots of the templates.
SLOTS: dict[str, tuple[str, ...]] = {
    "{location}": _list(
        """
        amsterdam, athens, bangkok, beijing, berlin, boston, busan, cairo, chicago, delhi,
        dublin, geneva, hong kong, istanbul, jakarta, lagos, lima, lisbon, london, madrid,
        manila, melbourne, mexico city, mumbai, nairobi, new york, oslo, paris, prague,
        rome, san francisco, seoul, singapore, stockholm, sydney, taipei, tokyo, toronto,
        vienna, warsaw
        """
    ),
    "{offset}": _list(
        """
        one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve,
        fifteen, twenty, twenty five, thirty, forty, fifty, 1, 2, 3, 5, 10, 15, 20, 30,
        45, 60, 90, 100
        """
    ),
    "{query}": _list(
        """
        animals, birds, books, cats, chickens, computers, cows, dogs, doctors, fish,
        football, food, lawyers, math, movies, music, penguins, programmers, robots,
        school, science, space, teachers, trains, work
        """
    ),
}

EXAMPLE = "What time is it?"
# The example that the pages show must be known well: it is never held out, and in training it
# stands for a tenth of the questions for the time (the file has it once in 334).
EXAMPLE_TEMPLATE = "what time is it"
EXAMPLE_SHARE = 0.1

MERGED = {"how_are_you": "greeting"}  # four templates are too few to split in three

Template = tuple[str, ...]


@cache
def templates() -> dict[Split, dict[str, tuple[Template, ...]]]:
    """The tokenised templates of each split by intent; no template is in two splits."""
    by_intent = defaultdict(set)
    for utterance in utterances():
        by_intent[MERGED.get(utterance.intent, utterance.intent)].add(utterance.text)
    by_split = split_templates(by_intent, EXAMPLE_TEMPLATE)
    others = by_split["train"]["time"]
    share = EXAMPLE_SHARE / (1 - EXAMPLE_SHARE)
    by_split["train"]["time"] = others + [EXAMPLE_TEMPLATE] * round(len(others) * share)
    return {
        split: {intent: tuple(map(_parse, texts)) for intent, texts in groups.items()}
        for split, groups in by_split.items()
    }


def _parse(text: str) -> Template:
    """Words of a template; a slot stays one token."""
    pieces = re.split(r"(\{\w+\})", text)
    return tuple(w for piece in pieces for w in ([piece] if piece in SLOTS else words(piece)))


@cache
def templates_up_to(longest: int, split: Split) -> tuple[tuple[Template, ...], ...]:
    """The templates of each intent that never have more than `longest` tokens, however filled."""
    return tuple(
        tuple(template for template in group if _most_tokens(template) <= longest)
        for group in templates()[split].values()
    )


def _most_tokens(template: Template) -> int:
    ending = 1
    return ending + sum(
        max(len(words(filler)) for filler in SLOTS[word]) if word in SLOTS else 1
        for word in template
    )


@cache
def vocabulary() -> Vocabulary:
    """Every word of the training templates, of the slots' fillers, and the punctuation."""
    known = [mark for mark in dict.fromkeys(ENDINGS) if mark]
    for group in templates()["train"].values():
        known += [word for template in group for word in template if word not in SLOTS]
    known += [word for fillers in SLOTS.values() for filler in fillers for word in words(filler)]
    return Vocabulary.of(known)


@cache
def places(template: Template) -> Segments[str]:
    """What may stand at each place of a template; the words between two slots are one place."""
    found: list[Segment[str]] = []
    for is_slot, run in groupby(template, SLOTS.__contains__):
        if is_slot:
            found += (Segment((len(SLOTS[slot]),), tuple(map(words, SLOTS[slot]))) for slot in run)
        else:
            found.append(Segment((), (list(run),)))
    return tuple(found)


def chosen(places: Segments[X], draw: float) -> list[X]:
    """One option of each place; `draw` chooses in every slot at once."""
    found: list[X] = []
    for place in places:
        found += pick(place.options, draw)
    return found


def fill(template: Template, draw: float) -> list[str]:
    """The words of a template with its slots filled."""
    return chosen(places(template), draw)


ENGLISH = Corpus(EXAMPLE, vocabulary, templates_up_to, places, chosen)
