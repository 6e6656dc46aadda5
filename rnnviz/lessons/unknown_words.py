"""Notices of what a model does not know of a text."""

from collections.abc import Sequence

from rnnviz.lessons.view import Notice
from rnnviz.messages import N_, Message
from rnnviz.tasks import Intents, Task
from rnnviz.text import ENDS, SPECIALS, has_letter

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


def unknown_flags(task: Task, tokens: Sequence[str]) -> tuple[bool, ...]:
    """For each of `tokens` whether a model of `task` reads it as unknown.

    BEGIN and END, which a task may put around a text, are known to every model of it.
    """
    if task.features:
        return (False,) * len(tokens)
    return tuple(token not in ENDS and task.vocabulary.is_unknown(token) for token in tokens)


def unknown_warnings(task: Task, tokens: Sequence[str]) -> tuple[Notice, ...]:
    """Whether a model of `task` knows nothing of what `tokens` say, or which it does not know.

    What the task puts around a text says nothing.

    Where the task is about words, a mark or a digit that it knows says nothing.
    """
    tokens = [token for token in tokens if token not in ENDS]
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
    return ((Message(SOME_UNKNOWN, {"tokens": ", ".join(listed[:MAX_UNKNOWN]) + more}),),)


def _nothing_known(task: Task, has_content: bool) -> Notice:
    words = task.unit == "word"
    warning = Message(ALL_UNKNOWN if words else ALL_CHARACTERS_UNKNOWN)
    if not has_content:
        warning = Message(NO_WORDS)
    return (warning, Message(LEARNED[task.language])) if isinstance(task, Intents) else (warning,)
