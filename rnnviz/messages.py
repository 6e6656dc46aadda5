"""Text that a visitor will read, from code that knows neither the screen nor the language.

The core says everything in English. `N_` marks a message so that the catalogues find it, and a
`Problem` keeps message and values apart, so that the screen can say the same in another language.
"""

from collections.abc import Mapping
from dataclasses import dataclass


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark `message` for translation and return it unchanged."""
    return message


class Problem(ValueError):
    """An error that a visitor can act on: it names what was given and what is allowed.

    `template` is an English `str.format` message marked with `N_`; `values` fill its fields.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values


@dataclass(frozen=True)
class Sentence:
    """A finding in words: an English message marked with `N_`, and its values."""

    template: str
    values: Mapping[str, object]


SHOWN = 60
"""How much of a hostile value a message repeats, in characters."""


def excerpt(text: str) -> str:
    """As much of `text` as a message repeats, on one line, so that it cannot become markup."""
    flat = " ".join(text[: SHOWN + 1].split())
    return flat if len(text) <= SHOWN else flat[:SHOWN] + "…"
