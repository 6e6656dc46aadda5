"""The problems that a network can be given. To add one: a class in a module here, and its line."""

from rnnviz.tasks.base import DECODED, END, Kind, Split, Task
from rnnviz.tasks.batches import Answer, Baseline, Batch, Example, stack
from rnnviz.tasks.four_words import FourWords
from rnnviz.tasks.hello import Hello
from rnnviz.tasks.intents import Intents
from rnnviz.tasks.recall import DelayedRecall
from rnnviz.tasks.sentiment import Sentiment
from rnnviz.tasks.surnames import Surnames

TASKS: dict[str, type[Task]] = {
    task.name: task
    for task in (
        Intents,
        Sentiment,
        FourWords,
        Surnames,
        Hello,
        DelayedRecall,
    )
}

__all__ = [
    "DECODED",
    "END",
    "TASKS",
    "Answer",
    "Baseline",
    "Batch",
    "DelayedRecall",
    "Example",
    "FourWords",
    "Hello",
    "Intents",
    "Kind",
    "Sentiment",
    "Split",
    "Surnames",
    "Task",
    "stack",
]
