"""Text that a visitor will read, from code that depends on neither screen nor language.

The core writes English. `N_` marks a template so that the catalogues find it; a `Message` keeps the
template and its values apart, so that the screen can translate it; a `Problem` is an error that
carries a message.

Words that follow a number name both of their forms: "{count} {count:row|rows}". A language without
a plural leaves that field out.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def N_(template: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate yet"
    """Mark `template` for translation and return it unchanged."""
    return template


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


@dataclass(frozen=True)
class Message:
    """An English template marked with `N_`, and the values of its fields.

    A value may be a message itself: "gave up after 3 attempts, the last one because ...".
    """

    template: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return fill(self.template, self.values)

    def to_plain(self) -> dict[str, Any]:
        """JSON types, {"template": ..., "values": {...}}, for other processes and for the store."""
        values = {name: _to_plain(value) for name, value in self.values.items()}
        return {"template": self.template, "values": values}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> "Message":
        """The message that `to_plain` wrote; a template of an earlier version in today's words."""
        values = {
            name: cls.from_plain(value) if isinstance(value, Mapping) else value
            for name, value in plain["values"].items()
        }
        return cls(REWORDED.get(plain["template"], plain["template"]), values)


def _to_plain(value: object) -> object:
    if isinstance(value, Message):
        return value.to_plain()
    return value if isinstance(value, int | float | str | None) else str(value)


REWORDED: dict[str, str] = {
    "{column}: {count} {count:cell is|cells are} no numbers and count as missing, for example "
    "{examples}.": (
        "{column}: {count} {count:cell is no number and counts|cells are no numbers and count} as "
        "missing, for example {examples}."
    ),
    "{column}: {count} {count:cell|cells} such as {examples}, beyond a limit, count as missing.": (
        "{column}: {count} {count:cell|cells} such as {examples}, beyond a limit, "
        "{count:counts|count} as missing."
    ),
    "The data file {file} is not installed; looked in {folders}.": (
        "The data file {file} is not installed: the library comes without the data sets of the "
        "app, which are in assets/data of a checkout. Allowed is a copy of that folder's content "
        "in one of these folders: {folders}."
    ),
    "The file {key} of this run is not here any more; upload it again.": (
        "The file {key} of this run is no longer available; upload it again."
    ),
    "The text is to be your own file, but there is none; upload one.": (
        "The text is set to your own file, but none was uploaded; upload one."
    ),
    "The measurements are to be your own file, but there is none; upload one.": (
        "The data are set to your own file, but none was uploaded; upload one."
    ),
    "The memory of this machine is not enough for this run; try fewer units, a smaller batch or "
    "shorter sequences.": (
        "This machine does not have enough memory for this run; try fewer units, a smaller batch "
        "or shorter sequences."
    ),
    "The worker was ended by signal {signal}.": "The worker was killed by signal {signal}.",
    "The worker ended unexpectedly with exit code {code}.": (
        "The worker exited unexpectedly with code {code}."
    ),
    "The stored weights are of another model: {error}": (
        "The stored weights belong to another model: {error}"
    ),
    "{name} cannot be set while a run is going on; allowed is one of: {options}.": (
        "{name} cannot be changed while a run is in progress; allowed is one of: {options}."
    ),
    "No character of the text stands twice in its first {count}, so nothing can be learned from "
    "it; allowed is a text in which characters return.": (
        "No character occurs twice in the first {count} of the text, so nothing can be learned "
        "from it; allowed is a text in which characters recur."
    ),
    "{value} is no change of settings; allowed is the number of a step with settings and their "
    "values.": (
        "{value} is not a change of settings; allowed is the number of a step with settings and "
        "their values."
    ),
    "The file is no text: its byte {position} is zero; allowed is text in UTF-8.": (
        "The file is not a text: its byte {position} is zero; allowed is text."
    ),
    "The file is not a text: its byte {position} is zero; allowed is text in UTF-8.": (
        "The file is not a text: its byte {position} is zero; allowed is text."
    ),
    "The file is empty; allowed is a text in UTF-8.": "The file is empty; allowed is a text.",
}
"""Templates that earlier versions stored with their runs, and the same messages as of today."""

RETIRED: tuple[str, ...] = (N_("The training was stopped because its page was left."),)
"""Templates that only earlier versions stored: nothing of today says the same."""


class Problem(ValueError):
    """An error that a visitor can act on: its message names the value and what is allowed.

    `template` is an English sentence marked with `N_`; `values` fill its fields.
    """

    def __init__(self, template: str, **values: object) -> None:
        self.message = Message(template, {name: _bounded(each) for name, each in values.items()})
        super().__init__(str(self.message))


LONGEST_VALUE = 400
"""How many characters of any text a problem repeats: a file may have a column of a million."""


def _bounded(value: object) -> object:
    is_long = isinstance(value, str) and len(value) > LONGEST_VALUE
    return f"{str(value)[:LONGEST_VALUE]}…" if is_long else value


EXCERPT = 60
"""How many characters of a hostile value a message repeats."""


def excerpt(text: str) -> str:
    """The beginning of `text` on one line, so that it cannot become markup."""
    line = " ".join(text[: EXCERPT + 1].split())
    return line if len(text) <= EXCERPT else line[:EXCERPT] + "…"
