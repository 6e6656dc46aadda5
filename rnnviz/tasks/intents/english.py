"""The English templates: those of Open Voice OS, with fillers of our own for their slots."""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from itertools import groupby

from rnnviz.data import intent_slots, utterances
from rnnviz.tasks.framework.kinds import Split
from rnnviz.tasks.intents.common import (
    ENDINGS,
    Segment,
    Segments,
    TemplateSet,
    X,
    pick,
    split_templates,
)
from rnnviz.text import Vocabulary, words

EXAMPLE = "What time is it?"
# The example that the pages show must be learned well: it is never held out, and in training it
# is a tenth of the questions for the time (the file has it once in 334).
EXAMPLE_TEMPLATE = "what time is it"
EXAMPLE_SHARE = 0.1

MERGED = {"how_are_you": "greeting"}  # four templates are too few to split in three

Template = tuple[str, ...]


@cache
def slots() -> Mapping[str, tuple[str, ...]]:
    """The fillers of each slot, by the slot as templates have it: "{location}"."""
    return {f"{{{name}}}": fillers for name, fillers in intent_slots("en").items()}


@cache
def templates() -> dict[Split, dict[str, tuple[Template, ...]]]:
    """The tokenised templates of each split by intent; no template is in two splits."""
    by_intent = defaultdict(set)
    for utterance in utterances("en"):
        by_intent[MERGED.get(utterance.intent, utterance.intent)].add(utterance.text)
    by_split = split_templates(by_intent, EXAMPLE_TEMPLATE)
    others = by_split["train"]["time"]
    share = EXAMPLE_SHARE / (1 - EXAMPLE_SHARE)
    by_split["train"]["time"] = others + [EXAMPLE_TEMPLATE] * round(len(others) * share)
    return {
        split: {intent: tuple(map(_tokens, texts)) for intent, texts in groups.items()}
        for split, groups in by_split.items()
    }


def _tokens(text: str) -> Template:
    """The words of a template; a slot stays one token."""
    pieces = re.split(r"(\{\w+\})", text)
    return tuple(w for piece in pieces for w in ([piece] if piece in slots() else words(piece)))


@cache
def short_templates(longest: int, split: Split) -> tuple[tuple[Template, ...], ...]:
    """The templates of each intent that never have more than `longest` tokens, however filled."""
    return tuple(
        tuple(template for template in group if _max_tokens(template) <= longest)
        for group in templates()[split].values()
    )


def _max_tokens(template: Template) -> int:
    ending = 1
    return ending + sum(
        max(len(words(filler)) for filler in slots()[word]) if word in slots() else 1
        for word in template
    )


@cache
def vocabulary() -> Vocabulary:
    """Every word of the training templates, of the slots' fillers, and the punctuation."""
    tokens = [mark for mark in dict.fromkeys(ENDINGS) if mark]
    for group in templates()["train"].values():
        tokens += [word for template in group for word in template if word not in slots()]
    tokens += [word for fillers in slots().values() for filler in fillers for word in words(filler)]
    return Vocabulary.of(tokens)


@cache
def segments(template: Template) -> Segments[str]:
    """The slots of a template and the texts between them, with what may stand there."""
    parts: list[Segment[str]] = []
    for is_slot, run in groupby(template, slots().__contains__):
        if is_slot:
            for slot in run:
                fillers = slots()[slot]
                parts.append(Segment((len(fillers),), tuple(map(words, fillers))))
        else:
            parts.append(Segment((), (list(run),)))
    return tuple(parts)


def fill_segments(segments: Segments[X], draw: float) -> list[X]:
    """One option of each segment; `draw` chooses in every slot at once."""
    tokens: list[X] = []
    for segment in segments:
        tokens += pick(segment.options, draw)
    return tokens


def fill(template: Template, draw: float) -> list[str]:
    """The words of a template with its slots filled."""
    return fill_segments(segments(template), draw)


ENGLISH = TemplateSet(EXAMPLE, vocabulary, short_templates, segments, fill_segments)
