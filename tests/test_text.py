"""Tokens are what a reader sees, shown as typed; numbers are what a model knows."""

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.messages import Problem
from rnnviz.text import PAD, UNK, Vocabulary, characters, tokenise, words


def test_words_keep_apostrophes_and_split_punctuation() -> None:
    assert words("What's the time, it’s 5 o'clock?") == [
        *("What's", "the", "time", ",", "it’s", "5", "o'clock", "?")
    ]
    assert words("<b>지금 몇 시?</b>") == [
        *("<", "b", ">", "지금", "몇", "시", "?", "<", "/", "b", ">")
    ]


def test_what_a_reader_counts_as_one_character_stays_whole() -> None:
    family, flag, accented = "👨‍👩‍👧", "🇰🇷", "e\u0301"
    assert characters(family + flag + accented + "한") == [family, flag, accented, "한"]
    assert words(f"hi {family}{flag}!") == ["hi", family, flag, "!"]


@given(st.text(max_size=60))
def test_no_visible_character_is_lost(text: str) -> None:
    visible = regex.sub(r"[\p{Z}\p{C}\s]", "", text)
    assert regex.sub(r"[\p{Z}\p{C}\s]", "", "".join(words(text))) == visible
    assert "".join(characters(text)) == text


@pytest.mark.parametrize("unit", ["word", "character"])
@pytest.mark.parametrize("text", ["", "   \n\t", "\u200b\u2060", "\x00"])
def test_empty_text_is_a_problem(text: str, unit: str) -> None:
    with pytest.raises(Problem, match="empty"):
        tokenise(text, unit)  # type: ignore[arg-type]


def test_long_text_keeps_its_first_part_and_its_count() -> None:
    found = tokenise("a" * 10_000, "character")
    assert (len(found.tokens), found.total, found.cut) == (200, 10_000, True)
    assert not tokenise("a b", "word").cut


def test_words_are_looked_up_without_case_and_characters_with_it() -> None:
    known = Vocabulary.of(["what", "it's"])
    assert known.decode(known.encode(["WHAT", "It’s"])) == ["what", "it's"]
    assert Vocabulary.of("aA", fold=False).encode(["A"]) == [5]


def test_unknown_is_unk_and_typed_specials_are_no_specials() -> None:
    known = Vocabulary.of(["what"])
    assert known.encode(["zebra", "<pad>", "what"]) == [UNK, UNK, 4]
    assert known.is_unknown("<eos>")
    assert not known.is_unknown("What")
    assert PAD not in known.encode(["<pad>", ""])
