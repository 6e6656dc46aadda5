"""The problems that a network can be given. To add one: a class in a module here, and its line."""

from rnnviz.tasks.adding import Adding
from rnnviz.tasks.alphabet import Alphabet
from rnnviz.tasks.ball import Ball
from rnnviz.tasks.base import Task
from rnnviz.tasks.batches import Answer, Baseline, Batch, Example, stack
from rnnviz.tasks.brackets import Brackets
from rnnviz.tasks.copying import Copying
from rnnviz.tasks.counting import Counting
from rnnviz.tasks.dates import Dates
from rnnviz.tasks.forecast import Forecast
from rnnviz.tasks.four_words import FourWords
from rnnviz.tasks.hello import Hello
from rnnviz.tasks.intents import Intents
from rnnviz.tasks.kinds import DECODED, END, Kind, Split
from rnnviz.tasks.parity import Parity
from rnnviz.tasks.pronunciation import Phonemes
from rnnviz.tasks.recall import DelayedRecall
from rnnviz.tasks.running_text import RunningText
from rnnviz.tasks.sentiment import Sentiment
from rnnviz.tasks.spelled_out import SpelledOut
from rnnviz.tasks.surnames import Surnames
from rnnviz.tasks.tags import Tags
from rnnviz.tasks.waves import Wave

TASKS: dict[str, type[Task]] = {
    task.name: task
    for task in (
        Intents,
        Sentiment,
        FourWords,
        Surnames,
        Hello,
        Alphabet,
        RunningText,
        Wave,
        Ball,
        Tags,
        SpelledOut,
        Dates,
        Phonemes,
        Forecast,
        DelayedRecall,
        Copying,
        Adding,
        Parity,
        Brackets,
        Counting,
    )
}

__all__ = [
    "DECODED",
    "END",
    "TASKS",
    "Adding",
    "Alphabet",
    "Answer",
    "Ball",
    "Baseline",
    "Batch",
    "Brackets",
    "Copying",
    "Counting",
    "Dates",
    "DelayedRecall",
    "Example",
    "Forecast",
    "FourWords",
    "Hello",
    "Intents",
    "Kind",
    "Parity",
    "Phonemes",
    "RunningText",
    "Sentiment",
    "SpelledOut",
    "Split",
    "Surnames",
    "Tags",
    "Task",
    "Wave",
    "stack",
]
