"""Warnings of what a model does not know of a text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rnnviz.messages import N_
from rnnviz.text import SPECIALS, has_letter
from rnnviz.ui.language import _

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.tasks import Task

MAX_UNKNOWN = 12
"""The most unknown tokens that a warning lists."""

NO_WORDS = N_(
    "The text has no words, only digits or signs, so nothing in it tells the model what is meant."
)
ALL_UNKNOWN = N_("The model knows none of these words and reads each as “unknown”.")
ALL_CHARACTERS_UNKNOWN = N_("The model knows none of these characters and reads each as “unknown”.")
SOME_UNKNOWN = N_("Not known to the model and read as “unknown”: {tokens}")
LEARNED = {
    "en": N_("It has learned English requests about the time, the date, the weather and the like."),
    "ko": N_("It has learned Korean requests about the time, the date, the weather and the like."),
}


def unknown_flags(task: "Task", tokens: Sequence[str]) -> tuple[bool, ...]:
    """For each of `tokens` whether a model of `task` reads it as unknown."""
    return tuple(not task.features and task.vocabulary.is_unknown(token) for token in tokens)


def unknown_warnings(task: "Task", tokens: Sequence[str]) -> tuple[str, ...]:
    """Whether a model of `task` knows nothing of what `tokens` say, or which it does not know.

    Where the task is about words, a mark or a digit that it knows says nothing.
    """
    unknown = [
        token for token, flag in zip(tokens, unknown_flags(task, tokens), strict=True) if flag
    ]
    has_words = any(map(has_letter, task.vocabulary.tokens[len(SPECIALS) :]))
    content = [token for token in tokens if has_letter(token) or not has_words]
    if not task.features and not set(content) - set(unknown):
        return (_nothing_known(task, bool(content)),)
    if not unknown:
        return ()
    listed = list(dict.fromkeys(unknown))
    more = " …" if len(listed) > MAX_UNKNOWN else ""
    return (_(SOME_UNKNOWN, tokens=", ".join(listed[:MAX_UNKNOWN]) + more),)


def _nothing_known(task: "Task", has_content: bool) -> str:
    from rnnviz.tasks import Intents

    words = task.unit == "word"
    warning = _(ALL_UNKNOWN if words else ALL_CHARACTERS_UNKNOWN) if has_content else _(NO_WORDS)
    return f"{warning} {_(LEARNED[task.language])}" if isinstance(task, Intents) else warning
