"""Text into numbers: tokens, table and vectors against the libraries that do the same."""

import math
import random
from collections.abc import Generator
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from keras.utils import pad_sequences
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.text import (
    Conveyor,
    Counts,
    TextSettings,
    TrainedEmbedding,
    claims,
    count,
    finding,
    listings,
    look_up,
    nearest,
    run,
    table_of,
)
from rnnviz.ideas.text.bags import Weighting
from rnnviz.ideas.text.dictionary import Dictionary, count_source
from rnnviz.ideas.text.embedding import analogy
from rnnviz.ideas.text.hashing import birthday, bucket, expected_sharing, murmur3, sharing
from rnnviz.ideas.text.reviews import STEPS, STOPS, train
from rnnviz.ideas.text.tokens import tokens_of
from rnnviz.messages import Problem
from rnnviz.text import display_form, to_jamo
from rnnviz.text.vectoriser import Side
from tests.ideas.listings import check_listing

FOUR = TextSettings(
    "good",
    ("bad", "worse", "so good"),
    unit="character",
    source="own",
    order="alphabet",
    unk=False,
    longest=10,
    vectors="one-hot",
)
KERAS = {"before": "pre", "after": "post"}
TEXTS = ("a good film is a good film", "not a good film", "bad bad bad")


@pytest.fixture(scope="module")
def review_counts() -> Counts:
    return count_source("reviews", "word", 1)


@pytest.fixture(scope="module")
def embedding() -> TrainedEmbedding:
    return finish(train("dense", 0))


def finish(training: Generator[float, None, TrainedEmbedding]) -> TrainedEmbedding:
    shares = []
    while True:
        try:
            shares.append(next(training))
        except StopIteration as end:
            result: TrainedEmbedding = end.value
            break
    assert shares == sorted(shares)
    return result


def own(*texts: str, **changes: object) -> Conveyor:
    settings = replace(TextSettings(source="own"), text=texts[0], others=texts[1:])
    return run(replace(settings, **changes), None)


def test_the_four_words_of_the_article_are_its_very_arrays() -> None:
    """Article 4, lines 103 to 131."""
    conveyor = run(FOUR, None)
    words = [*FOUR.texts]
    char_set = ["<pad>", *sorted(set("".join(words)))]
    char2idx = {char: idx for idx, char in enumerate(char_set)}
    x_data = [[char2idx[char] for char in word] for word in words]
    assert ["<pad>", *conveyor.dictionary.known] == char_set
    padded = pad_sequences(x_data, maxlen=10, padding="post", truncating="post")
    assert np.array_equal(np.array(conveyor.table.rows), padded)
    assert list(conveyor.table.lengths) == [4, 3, 5, 7]


def test_a_surname_is_vectorised_as_in_the_article() -> None:
    """Article 0, lines 241 to 253: MASK 0, UNK 1, BEGIN 2, END 3, letters as they come."""
    counts = count(["Kim", "Mai"], "character", 1)
    dictionary = Dictionary.of(counts, 100, "appearance", ends=True)
    table = table_of([dictionary.encode(list("Kima"))], 8, "after", "after")
    assert table.rows == ((2, 4, 5, 6, 8, 3, 0, 0),)
    assert table.lengths == (6,)
    assert dictionary.encode(["z"]) == [2, 1, 3]


SEQUENCES = st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=12), min_size=1, max_size=4)
SIDES = st.sampled_from(["before", "after"])


@given(SEQUENCES, st.integers(2, 24), SIDES, SIDES)
def test_a_table_is_that_of_keras_and_its_mask_marks_the_tokens(
    sequences: list[list[int]], longest: int, padding: Side, cutting: Side
) -> None:
    table = table_of(sequences, longest, padding, cutting)
    expected = pad_sequences(
        sequences, maxlen=longest, padding=KERAS[padding], truncating=KERAS[cutting]
    )
    assert np.array_equal(np.array(table.rows), expected)
    assert np.array_equal(table.mask(), expected != 0)
    assert table.n_padding == int((expected == 0).sum())
    drawn = [
        [not table.is_padding(row, column) for column in range(longest)]
        for row in range(len(sequences))
    ]
    assert np.array_equal(table.mask(), np.array(drawn))


@pytest.mark.parametrize("n", [1, 2, 3])
def test_groups_of_words_are_those_of_scikit_learn(n: int) -> None:
    analyse = CountVectorizer(ngram_range=(n, n), token_pattern=r"\S+").build_analyzer()
    for text in ("the film was not good", "a b c"):
        assert tokens_of(text, "word", n) == analyse(text)
    assert tokens_of("한글", "jamo") == [display_form(letter) for letter in to_jamo("한글")]
    assert tokens_of("one", "word", 3) == ["one"]


@pytest.mark.parametrize("weighting", ["binary", "count", "frequency", "tf-idf"])
@pytest.mark.parametrize("n", ["1", "2"])
def test_a_bag_is_that_of_scikit_learn(weighting: Weighting, n: str) -> None:
    conveyor = own(*TEXTS, weighting=weighting, n=n, vectors="bag")
    options = {
        "ngram_range": (int(n), int(n)),
        "token_pattern": r"\S+",
        "vocabulary": list(conveyor.dictionary.known),
    }
    vectoriser = (
        TfidfVectorizer(norm=None, **options)
        if weighting == "tf-idf"
        else CountVectorizer(binary=weighting == "binary", **options)
    )
    expected = vectoriser.fit_transform(TEXTS).toarray().astype(float)
    if weighting == "frequency":
        expected /= expected.sum(1, keepdims=True)
    table = np.zeros((len(TEXTS), len(conveyor.dictionary)))
    for row, bag in enumerate(conveyor.bags()):
        for place, value in bag.items():
            table[row, place] = value
    assert table[:, len(conveyor.dictionary.specials) :] == pytest.approx(expected, abs=1e-12)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_bucket_is_that_of_scikit_learn(token: str) -> None:
    vector = HashingVectorizer(
        n_features=97, alternate_sign=False, norm=None, analyzer=lambda tokens: tokens
    ).transform([[token]])
    assert vector.indices.tolist() == [bucket(token, 97)]


def test_the_hash_is_murmur3_of_its_author() -> None:
    from sklearn.utils import murmurhash3_32

    for token in ("", "a", "ab", "abc", "abcd", "한국어", "zoetrope"):
        assert murmur3(token) == murmurhash3_32(token)


def test_the_formulas_of_collisions_are_those_of_an_experiment() -> None:
    generator, n, m, trials = random.Random(1), 12, 40, 4000
    shared, any_shared = 0, 0
    for _trial in range(trials):
        places = [generator.randrange(m) for _token in range(n)]
        alone = sum(places.count(place) == 1 for place in places)
        shared += n - alone
        any_shared += alone < n
    assert expected_sharing(n, m) == pytest.approx(shared / trials, rel=0.05)
    assert birthday(n, m) == pytest.approx(any_shared / trials, abs=0.03)
    assert birthday(23, 365) == pytest.approx(0.507, abs=5e-4)
    assert (birthday(3, 2), birthday(1, 2), birthday(0, 2)) == (1, 0, 0)
    assert sharing(["a", "b"], 1) == 2


def test_real_words_collide_as_often_as_the_formula_expects(review_counts: Counts) -> None:
    words = review_counts.tokens[:2000]
    spread = math.sqrt(len(words)) * 2
    for buckets in (300, 1000):
        assert abs(sharing(words, buckets) - expected_sharing(len(words), buckets)) < spread


@pytest.mark.parametrize("origin", ["random", "glove", "training"])
def test_a_look_up_is_that_of_torch_and_the_product_with_one_hot(
    origin: str, review_counts: Counts, embedding: TrainedEmbedding
) -> None:
    conveyor = run(replace(TextSettings(), origin=origin, picked=5), review_counts)
    table = look_up(conveyor, embedding if origin == "training" else None)
    assert conveyor.name_at(conveyor.picked) == "good"
    W, number = torch.tensor(table.table), torch.tensor(conveyor.picked_number)
    expected = torch.nn.functional.embedding(number, W, padding_idx=0).numpy()
    assert np.array_equal(table.row, expected)
    assert table.difference == 0
    assert expected.any()
    assert not table.table[0].any()


def test_glove_knows_what_is_near() -> None:
    vector = analogy("king", "man", "woman")
    assert vector is not None
    assert nearest(vector, ("king", "man", "woman"))[0][0] == "queen"
    assert analogy("king", "zoetrope", "woman") is None
    ((word, cosine),) = nearest(vector, count=1)
    assert (word, cosine > 0.8) == ("king", True)


def test_training_parts_the_words_of_liked_and_disliked_films(embedding: TrainedEmbedding) -> None:
    assert set(embedding.tables) == set(STOPS)
    assert embedding.agreement(0) < 0.6 < 0.95 < embedding.agreement(STEPS)
    assert embedding.accuracy[0] < 0.55 < 0.68 < embedding.accuracy[STEPS]
    names = [embedding.words[row] for row in embedding.marked]
    assert "wonderful" in names[: len(names) // 2]
    assert "boring" in names[len(names) // 2 :]


@pytest.mark.long
def test_a_simple_rnn_parts_them_too_and_a_seed_repeats_it() -> None:
    first, second = (finish(train("rnn", 3)) for _run in range(2))
    assert first.agreement(STEPS) > 0.9
    assert np.array_equal(first.tables[STEPS], second.tables[STEPS])


def test_a_dictionary_counts_the_training_split_alone(review_counts: Counts) -> None:
    from rnnviz.tasks.classify.sentiment import opinion_splits

    splits = opinion_splits()
    assert review_counts.n_texts == len(splits["train"])
    dictionary = Dictionary.of(review_counts, 2000)
    held_out = [token for text, _label in splits["validation"] for token in tokens_of(text, "word")]
    unknown = sum(not dictionary.is_known(token) for token in held_out) / len(held_out)
    assert dictionary.unknown_share == pytest.approx(unknown)
    assert "zoetrope" not in review_counts.tokens


CASES = [
    ({}, "not among the 2,000 tokens of the dictionary: the network reads"),
    ({"unk": False}, "without UNK it is left out"),
    ({"text": "the film was good"}, "has a number for each token"),
    ({"longest": 4}, "“not”, “good” are cut off"),
    ({"longest": 4, "cutting": "before"}, "“the”, “zoetrope” are cut off"),
    ({"mask": False, "unk": False}, "0 is padding and also the number of “.”"),
    ({"vectors": "one-hot"}, "has 2,002 numbers here"),
    ({"vectors": "bag"}, "the very same bag"),
    ({"vectors": "bag", "n": "2", "source": "own"}, "of the bag change"),
    ({"vectors": "hashing", "buckets": 20}, "“zoetrope” and “good” both fall into bucket 9"),
    ({"vectors": "hashing", "buckets": 1000}, "13 tokens in 1000 buckets and no collision"),
]


@pytest.mark.parametrize(("changes", "sentence"), CASES, ids=[str(case[0]) for case in CASES])
def test_the_finding_follows_from_the_arrays(
    changes: dict[str, object], sentence: str, review_counts: Counts
) -> None:
    settings = replace(TextSettings(), **changes)
    counts = None if settings.source == "own" else review_counts
    assert sentence in str(finding(run(settings, counts)))


def test_training_steps_have_three_findings(
    review_counts: Counts, embedding: TrainedEmbedding
) -> None:
    sentences = []
    for step in (0, 20, STEPS):
        conveyor = run(replace(TextSettings(), origin="training", step=step), review_counts)
        sentences.append(str(finding(conveyor, embedding)))
    for sentence, words in zip(
        sentences, ("as good as random", "begin to part", "two clouds"), strict=True
    ):
        assert words in sentence


@pytest.mark.parametrize("vectors", ["one-hot", "bag", "hashing", "embedding"])
def test_claims_and_listings_have_the_pages_own_numbers(
    vectors: str, review_counts: Counts
) -> None:
    weightings = ("binary", "count", "frequency", "tf-idf") if vectors == "bag" else ("count",)
    for weighting in weightings:
        changes = {"vectors": vectors, "weighting": weighting, "longest": 7, "padding": "before"}
        for settings in (replace(TextSettings(), **changes), replace(FOUR, vectors=vectors)):
            conveyor = run(settings, review_counts if settings.source == "reviews" else None)
            table = look_up(conveyor) if vectors == "embedding" else None
            for listing in listings(conveyor, table):
                check_listing(listing)
            _own, padding = claims(conveyor, table, None)
            assert padding.verdict == Verdict.HALF_RIGHT
            assert f"here {conveyor.table.n_padding} of" in str(padding.finding)


def test_the_verdict_depends_on_the_numbers(review_counts: Counts) -> None:
    def verdict(settings: TextSettings, counts: Counts | None) -> Verdict:
        conveyor = run(settings, counts)
        table = look_up(conveyor) if settings.vectors == "embedding" else None
        return claims(conveyor, table, None)[0].verdict

    plain = TextSettings()
    assert verdict(replace(plain, vectors="one-hot"), review_counts) == Verdict.RIGHT
    assert verdict(FOUR, None) == Verdict.HALF_RIGHT
    assert verdict(replace(plain, vectors="bag"), review_counts) == Verdict.RIGHT
    assert verdict(replace(plain, vectors="bag", n="2", source="own"), None) == Verdict.HALF_RIGHT
    assert verdict(plain, review_counts) == Verdict.HALF_RIGHT
    assert verdict(replace(plain, origin="random"), review_counts) == Verdict.RIGHT


def test_texts_without_any_number_are_no_error(review_counts: Counts) -> None:
    conveyor = run(replace(TextSettings(), text="zoetrope", unk=False), review_counts)
    assert conveyor.name_at(conveyor.picked) is None
    assert conveyor.table.lengths[0] == 0
    for settings in (conveyor.settings, replace(conveyor.settings, vectors="bag")):
        assert str(finding(run(settings, review_counts)))
    with pytest.raises(Problem, match="empty"):
        run(replace(TextSettings(), text="  "), review_counts)
