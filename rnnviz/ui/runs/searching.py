"""What a search of the runs means: the list shows titles, the store knows names and settings."""

from rnnviz.store import Meaning
from rnnviz.store.rows import terms
from rnnviz.store.sanitise import searchable
from rnnviz.ui.language import _
from rnnviz.ui.runs import format

BETWEEN = "·"
"""What stands between the parts of a run's usual name: nothing to look for."""
DIGITS = 6
"""Those of a number of hidden units, at most."""


def spelled(search: str) -> str:
    """`search` without what only separates."""
    return search.replace(BETWEEN, " ")


def meanings(search: str) -> dict[str, Meaning]:
    """What each word of `search` stands for, in the visitor's language or in English."""
    return {word: _meaning(word) for word in terms(search)}


def _meaning(word: str) -> Meaning:
    from rnnviz.races.contestants import CONTESTANTS

    tasks = tuple(name for name, task in format.tasks().items() if word in _told(task.title))
    models = [
        {**each.fixed, **dict.fromkeys(each.adjustable)}
        for each in CONTESTANTS.values()
        if word in _told(each.title)
    ]
    if word.isdecimal() and len(word) <= DIGITS:
        models.append({"hidden": int(word)})
    return Meaning(tasks, tuple(models))


def _told(title: str) -> str:
    return searchable(title, _(title))
