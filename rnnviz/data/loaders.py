"""The data files as plain values, read once per process: nobody may change what they return."""

import csv
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.catalogue import (
    ALICE,
    CONSTITUTION,
    GLOVE,
    INTENT_SLOTS,
    INTENT_SLOTS_KO,
    INTENTS,
    INTENTS_KO,
    MAST,
    PRONUNCIATIONS,
    SNIPPETS,
    SURNAMES,
    DataSet,
)
from rnnviz.data.series import Series
from rnnviz.messages import N_


@dataclass(frozen=True)
class Utterance:
    """A template such as "what time is it in {location}", and the intent behind it."""

    text: str
    intent: str


@dataclass(frozen=True)
class Surname:
    """A surname in ASCII and one language it is at home in; 477 spellings have several."""

    name: str
    language: str


@dataclass(frozen=True)
class Snippet:
    """A sentence of a movie review, and what 20 people thought of it: -4 (worst) to 4 (best)."""

    text: str
    rating: float


@dataclass(frozen=True)
class Pronunciation:
    """An English word in small letters and its phonemes (ARPAbet, without stress)."""

    word: str
    phonemes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Glove:
    """Word vectors: `vectors` (N, 50) float32, and the row of each of the N words in them."""

    words: Mapping[str, int]
    vectors: NDArray[np.float32]


def _rows(data_set: DataSet) -> tuple[dict[str, str], ...]:
    with data_set.path.open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def utterances(language: Literal["en", "ko"]) -> tuple[Utterance, ...]:
    """Every template of the intents in that language, in the order of the file."""
    data_set = {"en": INTENTS, "ko": INTENTS_KO}[language]
    return tuple(Utterance(row["text"], row["intent"]) for row in _rows(data_set))


@cache
def intent_slots(language: Literal["en", "ko"]) -> Mapping[str, tuple[str, ...]]:
    """The fillers of each slot of these templates, in the order of the file.

    A Korean filler "a|b" is a after a vowel and b after a consonant; one may begin with a blank.
    """
    fillers: dict[str, list[str]] = {}
    for row in _rows({"en": INTENT_SLOTS, "ko": INTENT_SLOTS_KO}[language]):
        fillers.setdefault(row["slot"], []).append(row["filler"])
    return MappingProxyType({slot: tuple(texts) for slot, texts in fillers.items()})


@cache
def surnames() -> tuple[Surname, ...]:
    """Every pair of a surname and a language, in the order of the file."""
    return tuple(Surname(row["surname"], row["language"]) for row in _rows(SURNAMES))


@cache
def snippets() -> tuple[Snippet, ...]:
    """Every rated sentence, in the order of the file."""
    return tuple(Snippet(row["text"], float(row["mean_rating"])) for row in _rows(SNIPPETS))


@cache
def pronunciations() -> tuple[Pronunciation, ...]:
    """Every word with its phonemes, the most frequent words first."""
    return tuple(
        Pronunciation(row["word"], tuple(row["phonemes"].split())) for row in _rows(PRONUNCIATIONS)
    )


@cache
def alice() -> str:
    """Alice's Adventures in Wonderland, with its line breaks."""
    return ALICE.path.read_text(encoding="utf-8")


@cache
def constitution() -> str:
    """The Constitution of the Republic of Korea, in Korean, with its line breaks."""
    return CONSTITUTION.path.read_text(encoding="utf-8")


@cache
def glove() -> Glove:
    """The vectors of the 20,000 most frequent words of GloVe 6B, widened from float16."""
    with np.load(GLOVE.path, allow_pickle=False) as file:
        words = {word: row for row, word in enumerate(file["words"].tolist())}
        vectors = file["vectors"].astype(np.float32)
    vectors.setflags(write=False)
    return Glove(MappingProxyType(words), vectors)


MAST_COLUMNS = {
    "temp_c": (N_("temperature"), "°C"),
    "rel_humidity_pct": (N_("relative humidity"), "%"),
    "pressure_mbar": (N_("air pressure"), "mbar"),
    "wind_speed_ms": (N_("wind speed"), "m/s"),
    "wind_speed_std_ms": (N_("deviation of the wind speed"), "m/s"),
    "wind_dir_deg": (N_("wind direction"), "°"),
    "rain_mm": (N_("rainfall"), "mm"),
}
"""The name (a message to translate) and the unit of each column of the file."""


@cache
def mast() -> Series:
    """The weather at the met mast, every 10 minutes from 2016-01 to 2017-11, with its two gaps."""
    with gzip.open(MAST.path, mode="rt", encoding="utf-8") as file:
        header, *lines = file.read().splitlines()
    codes = header.split(",")[1:]
    times = [line.partition(",")[0] for line in lines]
    values = np.loadtxt(lines, delimiter=",", usecols=range(1, len(codes) + 1), dtype=np.float32)
    return Series(
        title=MAST.title,
        columns=tuple(MAST_COLUMNS[code][0] for code in codes),
        units=tuple(MAST_COLUMNS[code][1] for code in codes),
        times=np.array(times, dtype="datetime64[s]"),
        values=values,
        target=MAST_COLUMNS["temp_c"][0],
        directions=(MAST_COLUMNS["wind_dir_deg"][0],),
    )
