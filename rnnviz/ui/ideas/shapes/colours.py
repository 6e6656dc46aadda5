"""The colours of numbers: red and blue for their sign, paler towards zero."""

from rnnviz.palette import DIVERGING, Theme

FORWARD = "var(--st-primary-color)"
BACKWARD = "light-dark(#a86400, #ffb74d)"
WAYS = (FORWARD, BACKWARD)
"""The colours of the two directions."""

_INK = ("#000000", "#ffffff")
"""Of the numbers on cells: one of them contrasts by 4.5 at least, whatever the cell's colour."""


def shade(value: float, theme: Theme, scale: float = 1.0) -> str:
    """The colour of a number whose largest size is `scale`."""
    negative, zero, positive = DIVERGING[theme]
    end = positive if value > 0 else negative
    share = min(1.0, abs(value) / scale)
    mixed = (
        round(int(zero[i : i + 2], 16) * (1 - share) + int(end[i : i + 2], 16) * share)
        for i in (1, 3, 5)
    )
    return "#" + "".join(f"{part:02x}" for part in mixed)


def ink(value: float, theme: Theme, scale: float = 1.0) -> str:
    """The colour of a number written on its own colour: dark or light, whichever contrasts more."""
    under = _luminance(shade(value, theme, scale))
    return max(_INK, key=lambda colour: _contrast(under, _luminance(colour)))


def _contrast(one: float, other: float) -> float:
    """Of two luminances, as WCAG defines it: 1 to 21."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def _luminance(colour: str) -> float:
    """Of "#rrggbb", relative, as WCAG defines it: 0 to 1."""
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def signed(value: float) -> str:
    """A number as cells show it: two decimals and its sign."""
    return f"{value:+.2f}".replace("-", "−")
