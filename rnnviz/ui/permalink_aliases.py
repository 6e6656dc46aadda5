"""Names that addresses had in earlier versions: every link of then still opens."""

from collections.abc import Mapping

PARAMETER_ALIASES: Mapping[str, str] = {
    "back": "backward",
    "chosen": "compared",
    "closer": "evaluation",
    "moment": "saved_step",
    "size": "per_page",
}
"""Parameters of earlier versions, and what each is called now."""

VALUE_ALIASES: Mapping[str, Mapping[str, str]] = {
    "order": {"down": "descending", "up": "ascending"},
    "sort": {"validation": "validation_metric"},
}
"""By parameter (as it is called now): values of earlier versions, and what each is called now."""


def modernise(address: Mapping[str, str]) -> dict[str, str]:
    """The parameters of `address` in the names of this version; a name of today goes first."""
    modern: dict[str, str] = {}
    for name, text in address.items():
        name_today = PARAMETER_ALIASES.get(name, name)
        if name == name_today or name_today not in address:
            modern[name_today] = VALUE_ALIASES.get(name_today, {}).get(text, text)
    return modern
