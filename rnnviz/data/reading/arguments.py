"""The arguments of `read_series`, checked before anything is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rnnviz.data.reading.corrections import ARGUMENTS
from rnnviz.data.reading.result import Spacing
from rnnviz.messages import N_, Problem, excerpt

NO_COLUMN = N_("No column is named {value}; the columns are: {columns}.")
SAME_MARKS = N_("{mark} cannot stand both before decimals and between thousands.")

Codes = list[float | str] | dict[str, list[float | str]]
"""What stands for missing: in all columns, or in each column by its name."""

_BLANKS = ("\u00a0", "\u2007", "\u2009", "\u202f")


@dataclass(frozen=True)
class Arguments:
    """What a visitor decided; None stands for what is to be recognised."""

    encoding: str | None
    separator: str | None
    decimal: str | None
    thousands: str | None
    header: int | None
    time: Sequence[str] | None
    time_format: str | None
    missing: Codes | None
    target: str | None
    spacing: Spacing | None
    directions: Sequence[str] | None

    @classmethod
    def of(cls, arguments: Mapping[str, Any]) -> "Arguments":
        """The arguments in one form.

        Raises:
            Problem: one has a value that is not allowed; it names both.
        """
        values = dict(arguments)
        if isinstance(values["thousands"], str) and values["thousands"] in _BLANKS:
            values["thousands"] = " "
        if isinstance(values["missing"], str | int | float):
            values["missing"] = [values["missing"]]
        for name, value in values.items():
            if value is not None:
                values[name] = ARGUMENTS[name](name, value)
        if values["decimal"] is not None and values["decimal"] == values["thousands"]:
            raise Problem(SAME_MARKS, mark=values["decimal"])
        return cls(**values)


def check_columns(names: Sequence[str] | None, columns: Sequence[str]) -> None:
    """Refuse names of columns that the file does not have.

    Raises:
        Problem: there is one; it names the columns.
    """
    for name in names or ():
        if name not in columns:
            raise Problem(NO_COLUMN, value=excerpt(name), columns=excerpt(", ".join(columns)))
