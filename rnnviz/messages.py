"""Text that a visitor will read, from code that knows neither the screen nor the language.

The core says everything in English. `N_` marks a message so that the catalogues find it, and a
`Problem` keeps message and values apart, so that the screen can say the same in another language.

Words that follow a number name both of their forms: "{count} {count:row|rows}". A language without
a plural leaves that field out.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark `message` for translation and return it unchanged."""
    return message


class _Filler(string.Formatter):
    def format_field(self, value: object, spec: str) -> str:
        one, bar, many = spec.partition("|")
        if bar:
            return one if str(value) == "1" else many
        return str(super().format_field(value, spec))


_FILLER = _Filler()


def fill(template: str, values: Mapping[str, object]) -> str:
    """`template` with its named fields filled, as `str.format` does and with `{count:one|many}`."""
    return _FILLER.vformat(template, (), values)


class Problem(ValueError):
    """An error that a visitor can act on: it names what was given and what is allowed.

    `template` is an English message marked with `N_`; `values` `fill` its fields.
    """

    def __init__(self, template: str, **values: object) -> None:
        super().__init__(fill(template, values))
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
