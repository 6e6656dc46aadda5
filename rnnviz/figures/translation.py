"""The words of a figure come from a translator; without one, they are English."""

from collections.abc import Callable

from rnnviz.messages import fill

Translate = Callable[..., str]
"""Turns an English message and the values of its named fields into what the reader sees."""


def untranslated(message: str, **values: object) -> str:
    """The message itself, its fields filled."""
    return fill(message, values) if values else message
