"""Names that addresses had in earlier versions, so that every earlier link still opens."""

from collections.abc import Mapping

PARAMETER_ALIASES: Mapping[str, str] = {
    "back": "backward",
    "chosen": "compared",
    "closer": "evaluation",
    "moment": "saved_step",
    "size": "per_page",
}
"""Parameters of earlier versions, and their current names."""

VALUE_ALIASES: Mapping[str, Mapping[str, str]] = {
    "order": {"down": "descending", "up": "ascending"},
    "sort": {"validation": "validation_metric"},
}
"""By parameter (current name): values of earlier versions, and their current values."""


def modernise(address: Mapping[str, str]) -> dict[str, str]:
    """The parameters of `address` under their current names; a current name takes precedence."""
    modern: dict[str, str] = {}
    for name, text in address.items():
        current_name = PARAMETER_ALIASES.get(name, name)
        if name == current_name or current_name not in address:
            modern[current_name] = VALUE_ALIASES.get(current_name, {}).get(text, text)
    return modern
