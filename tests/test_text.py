"""Texts become tokens as a reader sees them, and tokens become the numbers of a vocabulary."""

import unicodedata
from dataclasses import replace
from unicodedata import normalize

import pytest
import regex
import torch
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.messages import Problem
from rnnviz.settings import Choice, rules
from rnnviz.tasks import TASKS
from rnnviz.text import (
    BOS,
    EOS,
    PAD,
    SPECIALS,
    UNK,
    Side,
    Vectoriser,
    Vocabulary,
    characters,
    display_form,
    from_jamo,
    join,
    to_jamo,
    tokenise,
    words,
)


def test_words_keep_apostrophes_and_split_punctuation() -> None:
    assert words("What's the time, it’s 5 o'clock?") == [
        *("What's", "the", "time", ",", "it’s", "5", "o'clock", "?")
    ]
    assert words("<b>지금 몇 시?</b>") == [
        *("<", "b", ">", "지금", "몇", "시", "?", "<", "/", "b", ">")
    ]


def test_grapheme_clusters_are_one_character() -> None:
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
        tokenise(text, unit)


def test_long_text_keeps_its_first_part_and_its_count() -> None:
    tokens = tokenise("a" * 10_000, "character")
    assert (len(tokens.tokens), tokens.total, tokens.is_truncated) == (200, 10_000, True)
    assert not tokenise("a b", "word").is_truncated


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


KOREAN = st.text(
    st.one_of(
        st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3),
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from("ㅋㅏ 한e\u0301👨‍👩‍👧\u1112\u1161\u11ab"),
    ),
    max_size=40,
)


@given(KOREAN)
def test_jamo_are_joined_into_the_same_syllables(text: str) -> None:
    text = normalize("NFC", text)
    tokens = to_jamo(text)
    assert from_jamo(tokens) == text
    # Unicode's own decomposition is the reference, for Hangul alone.
    hangul = regex.sub(r"[^가-힣]", "", text)
    assert "".join(to_jamo(hangul)) == normalize("NFD", hangul)
    assert all(len(token) == 1 for token in to_jamo(hangul))


def test_jamo_are_few_and_readable() -> None:
    assert list(map(display_form, to_jamo("한국 a"))) == [*"ㅎㅏㄴㄱㅜㄱ", " ", "a"]
    assert join(["ㅎ", "\u1112", "\u1161", "!"], "jamo") == "ㅎ하!"
    assert tokenise("각", "jamo").tokens == ("\u1100", "\u1161", "\u11a8")
    everything = {letter for code in range(0xAC00, 0xD7A4) for letter in to_jamo(chr(code))}
    assert len(everything) == 19 + 21 + 27
    # A letter alone is the same letter: Unicode gives both one name but for its place.
    for letter in everything:
        place = regex.compile("HANGUL (CHOSEONG|JUNGSEONG|JONGSEONG|LETTER) ")
        assert place.sub("", unicodedata.name(display_form(letter))) == place.sub(
            "", unicodedata.name(letter)
        )


@given(
    st.lists(st.text("abcd ", min_size=1).filter(str.strip), min_size=1, max_size=8),
    st.integers(1, 5),
)
def test_the_vocabulary_is_the_most_frequent(texts: list[str], k: int) -> None:
    known = Vectoriser("character", top_k=k).fit(texts)
    seen = "".join(text.strip() for text in texts)
    best = sorted(set(seen), key=lambda token: (-seen.count(token), seen.index(token)))
    assert known.tokens == SPECIALS + tuple(best[:k])
    assert set(Vectoriser("character").fit(texts).tokens) == {*SPECIALS, *seen}


SIDES = st.sampled_from(["before", "after"])


@given(st.text("abcd", min_size=1), SIDES, st.integers(3, 9), st.booleans(), st.booleans())
def test_a_long_text_is_cut_at_one_end(
    text: str, side: Side, length: int, bos: bool, eos: bool
) -> None:
    known = Vocabulary.of("abcd", fold=False)
    to_ids = Vectoriser("character", None, length, truncation=side, bos=bos, eos=eos)
    room = length - bos - eos
    letters = text[:room] if side == "after" else text[max(0, len(text) - room) :]
    expected = [*[BOS] * bos, *("abcd".index(letter) + 4 for letter in letters), *[EOS] * eos]
    assert to_ids(text, known) == expected
    assert len(expected) <= length


@given(st.lists(st.lists(st.integers(1, 9)), max_size=5), SIDES)
def test_padding_is_on_the_chosen_side(sequences: list[list[int]], side: Side) -> None:
    table = Vectoriser(padding=side).pad(sequences)
    longest = max(map(len, sequences), default=0)
    assert all(len(row) == longest for row in table)
    for row, ids in zip(table, sequences, strict=True):
        padding = [PAD] * (longest - len(ids))
        assert row == (ids + padding if side == "after" else padding + ids)


READ_TEXT = (
    *("intents", "sentiment", "four_words", "surnames", "hello", "alphabet", "text"),
    *("tags", "spelled_out", "dates", "pronunciation"),
)


@pytest.mark.parametrize("name", READ_TEXT)
def test_all_tasks_that_read_text_read_it_alike(name: str) -> None:
    """Also those that put their texts together from parts that they have encoded before."""
    kind = TASKS[name]
    plain = kind()
    tasks = [plain] + [
        replace(plain, **{knob: code})
        for knob, rule in rules(kind).items()
        if isinstance(rule, Choice)
        for code in rule.options
        # A piece of jamo may begin in the middle of a syllable.
        if code not in ("own", "constitution_jamo")
    ]
    for task in tasks:
        between = getattr(task, "ends", "without") == "with"
        vectoriser = Vectoriser(task.unit, bos=between, eos=between)
        batch = task.batch(40, torch.Generator().manual_seed(3))
        for row, length in zip(batch.inputs.tolist(), batch.lengths.tolist(), strict=True):
            ids = row[:length]
            tokens = task.vocabulary.decode(ids[between : length - between])
            text = join(tokens, task.unit)
            if UNK not in ids and text == text.strip():
                assert vectoriser(text, task.vocabulary) == ids, text
                assert task.encode(text)[1] == ids


def test_a_vectoriser_folds_words_and_needs_room_for_the_special_tokens() -> None:
    to_ids = Vectoriser("word", top_k=1)
    known = to_ids.fit(["The cat", "the dog"])
    assert known.tokens == (*SPECIALS, "the")
    assert to_ids("THE end", known) == [4, UNK]
    with pytest.raises(Problem, match="empty"):
        to_ids("  ", known)
    with pytest.raises(ValueError, match="at least 3"):
        Vectoriser(maximum_length=2, bos=True, eos=True)
    with pytest.raises(ValueError, match="top_k is 0"):
        Vectoriser(top_k=0)
