"""The registry of tasks. To add one: a class in a module here, and its line in `TASKS`."""

from rnnviz.tasks.classify.four_words import FourWords
from rnnviz.tasks.classify.sentiment import Sentiment
from rnnviz.tasks.classify.surnames import Surnames
from rnnviz.tasks.forecast import Forecast
from rnnviz.tasks.framework.batches import Answer, Baseline, Batch, Example, stack
from rnnviz.tasks.framework.kinds import DECODER_KINDS, END_LABEL, Kind, Split
from rnnviz.tasks.framework.task import Task
from rnnviz.tasks.intents import Intents
from rnnviz.tasks.memory.adding import Adding
from rnnviz.tasks.memory.brackets import Brackets
from rnnviz.tasks.memory.copying import Copying
from rnnviz.tasks.memory.counting import Counting
from rnnviz.tasks.memory.parity import Parity
from rnnviz.tasks.memory.recall import DelayedRecall
from rnnviz.tasks.predict.alphabet import Alphabet
from rnnviz.tasks.predict.ball import Ball
from rnnviz.tasks.predict.hello import Hello
from rnnviz.tasks.predict.waves import Wave
from rnnviz.tasks.running_text import RunningText
from rnnviz.tasks.tags import Tags
from rnnviz.tasks.translate.captions import Captions
from rnnviz.tasks.translate.dates import Dates
from rnnviz.tasks.translate.pronunciation import Phonemes
from rnnviz.tasks.translate.spelled_out import SpelledOut

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
        Captions,
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
    "DECODER_KINDS",
    "END_LABEL",
    "TASKS",
    "Adding",
    "Alphabet",
    "Answer",
    "Ball",
    "Baseline",
    "Batch",
    "Brackets",
    "Captions",
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
