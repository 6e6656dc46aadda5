"""Numbers for readers: a few digits, and a power of ten where there are many zeros."""

import math

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def short_number(value: float) -> str:
    """Two digits: 0.11, 1.3, 42, 350; beyond 0.01 and 10,000 as 1.7×10⁻⁶; 0, ∞ and – for NaN."""
    if math.isnan(value):
        return "–"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    digits, exponent = f"{value:.1e}".split("e")
    if value and not -2 <= int(exponent) < 4:
        return f"{digits}×10{str(int(exponent)).translate(_RAISED)}".replace("-", "−")
    rounded = float(f"{value:.1e}")
    places = max(0, 1 - int(exponent)) if value else 0
    return f"{rounded:,.{places}f}".replace("-", "−")
