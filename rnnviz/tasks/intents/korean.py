"""Korean templates of our own, filled in; particles and endings agree with the word before them.

A slot such as {곳} or {야} stands for one of its fillers. A filler "예요|이에요" has two forms: one
after a vowel, one after a consonant.
"""

import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from itertools import chain

from rnnviz.data import intent_slots, utterances
from rnnviz.tasks.framework.kinds import Split
from rnnviz.tasks.intents.common import (
    ENDINGS,
    TITLES,
    Segment,
    Segments,
    TemplateSet,
    X,
    split_templates,
)
from rnnviz.text import Vocabulary, words

EXAMPLE = "지금 몇 시야?"
EXAMPLE_TEMPLATE = "지금 몇 시{야}"

_SLOT = re.compile(r"\{(\w+)\}")
_SYLLABLES, _FINALS = 0xAC00, 28


def slots() -> Mapping[str, tuple[str, ...]]:
    """The fillers of each slot, by its name."""
    return intent_slots("ko")


@cache
def templates() -> dict[Split, dict[str, tuple[str, ...]]]:
    """The templates of each split by intent; none is in two splits, whatever its endings."""
    by_intent = defaultdict(set)
    for utterance in utterances("ko"):
        by_intent[utterance.intent].add(utterance.text)
    by_split = split_templates(by_intent, EXAMPLE_TEMPLATE)
    by_split["train"]["time"].append(EXAMPLE_TEMPLATE)
    return {
        split: {intent: tuple(texts) for intent, texts in groups.items()}
        for split, groups in by_split.items()
    }


@cache
def short_templates(longest: int, split: Split) -> tuple[tuple[str, ...], ...]:
    """The templates of each intent that never have more than `longest` tokens, however filled."""
    groups = templates()[split]
    return tuple(
        tuple(template for template in groups[intent] if _max_tokens(template) <= longest)
        for intent in TITLES
    )


def _max_tokens(template: str) -> int:
    def longest(slot: re.Match[str]) -> str:
        forms = (filler.partition("|")[0] for filler in slots()[slot[1]])
        return max(forms, key=lambda form: len(words(f"x{form}")))

    ending = 1
    return ending + len(words(_SLOT.sub(longest, template)))


@cache
def vocabulary() -> Vocabulary:
    """Every word that a training template can have, and the punctuation."""
    tokens = [mark for mark in dict.fromkeys(ENDINGS) if mark]
    for group in templates()["train"].values():
        for template in group:
            for segment in segments(template):
                tokens += chain.from_iterable(segment.options)
    return Vocabulary.of(tokens)


@cache
def _forms(piece: str) -> tuple[str, ...]:
    """Every text that a piece of a template, without blanks of its own, can become."""
    texts = [""]
    for number, part in enumerate(_SLOT.split(piece)):
        options = slots()[part] if number % 2 else (part,)
        texts = [_append(text, option) for text in texts for option in options]
    return tuple(texts)


@cache
def segments(template: str) -> Segments[str]:
    """The pieces of a template between two blanks, with what each can become."""
    return tuple(
        Segment(
            tuple(len(slots()[slot]) for slot in _SLOT.findall(piece)),
            tuple(map(words, _forms(piece))),
        )
        for piece in template.split(" ")
    )


def fill_segments(segments: Segments[X], draw: float) -> list[X]:
    """One option of each segment; every slot is filled by its own part of `draw`."""
    tokens: list[X] = []
    for segment in segments:
        number = 0
        for size in segment.sizes:
            draw *= size
            number, draw = number * size + int(draw), draw % 1
        tokens += segment.options[number]
    return tokens


def fill(template: str, draw: float) -> list[str]:
    """The words of a template with its slots filled."""
    return fill_segments(segments(template), draw)


def _append(text: str, filler: str) -> str:
    """`text` with `filler` in the form that agrees with its last sound."""
    after_vowel, _bar, after_consonant = filler.partition("|")
    if not after_consonant:
        return text + filler
    ends_in_consonant = (ord(text[-1]) - _SYLLABLES) % _FINALS > 0
    return text + (after_consonant if ends_in_consonant else after_vowel)


KOREAN = TemplateSet(EXAMPLE, vocabulary, short_templates, segments, fill_segments)
