"""A visitor's settings of a lesson. Without torch, so that a page can read them at once."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from rnnviz.messages import N_
from rnnviz.names import FIRST_CELLS
from rnnviz.text import Unit, hangul_share, words

Example = Literal["time", "korean", "hello", "own"]
Weights = Literal["trained", "untrained"]
Reader = Literal["script", "en", "ko"]
IntentLanguage = Literal["en", "ko"]

SENTENCE, KOREAN_SENTENCE = "What time is it?", "지금 몇 시야?"
"""The sentence to begin with, in the language of the page: the example of its intent model."""

WORD = "hello"

INTENT_LANGUAGES: Mapping[str, str] = {"en": N_("English"), "ko": N_("Korean")}


@dataclass(frozen=True)
class LessonSettings:
    """The visitor's settings, which decide everything on the page."""

    example: Example = "time"
    text: str = ""
    unit: Unit = "word"
    reader: Reader = "script"
    """The intent model that reads the visitor's own words: by their script, or one of the two."""
    cells: tuple[str, ...] = FIRST_CELLS
    hidden: int = 16
    layers: int = 1
    seed: int = 0
    weights: Weights = "trained"

    @property
    def text_to_read(self) -> str:
        """The text to read."""
        examples = {"time": SENTENCE, "korean": KOREAN_SENTENCE, "hello": WORD}
        return examples.get(self.example, self.text)

    @property
    def intent_language(self) -> IntentLanguage:
        """The language of the intent model that reads the text."""
        if self.example != "own" or self.reader == "script":
            return script_language(self.text_to_read)
        return self.reader

    @property
    def token_unit(self) -> Unit:
        """The unit of its tokens."""
        units: dict[str, Unit] = {"hello": "character", "own": self.unit}
        return units.get(self.example, "word")

    def of_network(self, cell: str) -> "LessonSettings":
        """The same for all texts that are read by the same network of `cell`."""
        network = replace(self, cells=(cell,), reader="script", text="", unit="word")
        if self.token_unit == "word":
            return replace(network, example="time" if self.intent_language == "en" else "korean")
        return replace(network, example="own", unit="character", text=self.text_to_read)


def script_language(text: str) -> IntentLanguage:
    """Korean if at least half of the words have a Hangul letter: few English sentences have any."""
    return "ko" if hangul_share(words(text)) >= 0.5 else "en"
