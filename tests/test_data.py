"""The data files of the app hold what assets/data/SOURCES.md says."""

from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz import data
from rnnviz.data import DATASETS, Series
from rnnviz.text import to_jamo

ROOT = Path(__file__).parents[1]
TEN_MINUTES = np.timedelta64(600, "s")


def test_every_file_is_listed() -> None:
    folder = ROOT / "assets" / "data"
    sources = (folder / "SOURCES.md").read_text(encoding="utf-8")
    files = {data_set.file for data_set in DATASETS.values()}
    licences = {data_set.licence_file for data_set in DATASETS.values()}
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert present == files | licences | {"SOURCES.md"}
    for data_set in DATASETS.values():
        row = next(line for line in sources.splitlines() if line.startswith(f"| `{data_set.file}`"))
        assert data_set.licence_file in row
        assert data_set.source in row


@pytest.mark.parametrize(
    ("rows", "count"),
    [
        (lambda: data.utterances("en"), 1_232),
        (lambda: data.utterances("ko"), 227),
        (data.surnames, 17_989),
        (data.snippets, 10_605),
        (data.pronunciations, 10_000),
        (data.alice, 148_480),
        (data.constitution, 18_884),
        (data.mast, 95_629),
    ],
)
def test_the_files_are_as_long_as_they_should_be(rows, count) -> None:  # type: ignore[no-untyped-def]
    assert len(rows()) == count
    assert rows() is rows()


def test_surnames() -> None:
    languages = defaultdict(set)
    for surname in data.surnames():
        languages[surname.name].add(surname.language)
    counts = Counter(surname.language for surname in data.surnames())
    assert len(counts) == 18
    assert counts.most_common(1) == [("Russian", 9340)]
    assert sum(len(several) > 1 for several in languages.values()) == 477
    assert all(name.isascii() and name for name in languages)


def test_snippets() -> None:
    ratings = np.array([snippet.rating for snippet in data.snippets()])
    assert np.abs(ratings).max() <= 4
    assert (np.abs(ratings) >= 0.5).sum() == 10_072
    assert data.snippets()[2] == data.Snippet("Effective but too tepid biopic", -0.6)


def test_pronunciations_are_of_the_39_phonemes() -> None:
    assert data.pronunciations()[0] == data.Pronunciation("the", ("DH", "AH"))
    assert len({word.word for word in data.pronunciations()}) == 10_000
    assert len({sound for word in data.pronunciations() for sound in word.phonemes}) == 39


def test_books() -> None:
    assert (len(set(data.alice())), len(set(data.constitution()))) == (72, 380)
    assert len(set(to_jamo(data.constitution()))) == 75
    assert "CHAPTER XII" in data.alice()
    assert data.constitution().startswith("대한민국헌법")


def test_glove_vectors_of_related_words_are_similar() -> None:
    glove = data.glove()
    assert glove.vectors.shape == (20_000, 50)
    assert len(glove.words) == 20_000

    def cosine_similarity(one: str, two: str) -> float:
        a, b = (glove.vectors[glove.words[word]] for word in (one, two))
        return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))

    assert cosine_similarity("good", "better") > 0.8 > 0.5 > cosine_similarity("good", "river")
    with pytest.raises(ValueError, match="read-only"):
        glove.vectors[0, 0] = 0


def test_the_mast_has_two_gaps() -> None:
    mast = data.mast()
    runs = mast.segments()
    assert [run.start for run in runs] == [0, 2, 17_751]
    gaps = [mast.times[run.start] - mast.times[run.start - 1] for run in runs[1:]]
    assert [gap.item() for gap in gaps] == [
        timedelta(minutes=80),
        timedelta(days=19, hours=16, minutes=20),
    ]
    assert mast.step == TEN_MINUTES
    assert np.isfinite(mast.values).all()
    assert mast.values[0].tolist() == pytest.approx([0.711, 100, 935, 8.37, 1.24, 114.2, 0])
    assert (mast.columns[0], mast.units[0]) == ("temperature", "°C")
    # Persistence over 24 hours, as measured by others on this file.
    late, early = mast.values[17_751 + 144 :, 0], mast.values[17_751:-144, 0]
    assert np.abs(late - early).mean() == pytest.approx(1.95, abs=0.1)


def series(seconds: list[int]) -> Series:
    times = np.array(seconds, dtype="datetime64[s]")
    return Series("", ("a",), np.zeros((len(times), 1)), ("",), times)


@given(st.lists(st.sampled_from([600] * 8 + [601, 1_200, 90_000]), min_size=7, max_size=40))
def test_segments_are_all_rows_and_straddle_no_gap(steps: list[int]) -> None:
    steps = [600] * len(steps) + steps  # so that ten minutes are the regular step
    measurements = series(np.cumsum([0, *steps]).tolist())
    runs = measurements.segments()
    rows = np.arange(len(measurements))
    assert np.concatenate([rows[run] for run in runs]).tolist() == rows.tolist()
    for run in runs:
        assert all(step in (600, 601) for step in steps[run.start : run.stop - 1])
    assert all(steps[run.start - 1] >= 1_200 for run in runs[1:])


def test_months_have_no_gaps_between_them() -> None:
    months = np.arange("2020-01", "2023-01", dtype="datetime64[M]").astype("datetime64[s]")
    assert series(months.astype(int).tolist()).segments() == [slice(0, 36)]
    assert series([]).segments() == []
    assert series([5]).segments() == [slice(0, 1)]
