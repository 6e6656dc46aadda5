"""The problems that a network can be given. To add one: a class in a module here, and its line."""

from rnnviz.tasks.base import DECODED, END, Kind, Split, Task
from rnnviz.tasks.batches import Answer, Baseline, Batch, Example, stack
from rnnviz.tasks.hello import Hello
from rnnviz.tasks.intents import Intents
from rnnviz.tasks.recall import DelayedRecall

TASKS: dict[str, type[Task]] = {task.name: task for task in (Intents, Hello, DelayedRecall)}

__all__ = [
    "DECODED",
    "END",
    "TASKS",
    "Answer",
    "Baseline",
    "Batch",
    "DelayedRecall",
    "Example",
    "Hello",
    "Intents",
    "Kind",
    "Split",
    "Task",
    "stack",
]
