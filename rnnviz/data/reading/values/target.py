"""The column to forecast unless a visitor names another."""

import re
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from rnnviz.data.reading.times.names import is_part

_TOKEN = r"(?:^|[^a-z]){}(?:[^a-z]|$)"
_OTHER_TEMPERATURE = re.compile(
    r"dew|wet|soil|surface|ground|water|feel|apparent|min|max|이슬점|노점|지면|지중|초상|최저|최고|체감|"
    r"tau|boden|wasser|pot",
    re.IGNORECASE,
)
_TEMPERATURE = re.compile(
    _TOKEN.format("(?:air)?[_ ]?temp(?:erature?)?")
    + r"|temperatur|기온|온도|気温|température|temperatura|"
    + r"^\s*(?:t|ta|tair|t2m|tavg|tmean)\s*(?:[(\[].*)?$",
    re.IGNORECASE,
)
_DEGREES = re.compile(r"°\s?[CF]|℃|℉|deg\s?[CF]\b|celsius|fahrenheit", re.IGNORECASE)
_VALUE = re.compile(
    r"^\s*(?:close|종가|schluss(?:kurs)?|adj\.? close|last|price|kurs|preis|가격|target|ot|value|"
    r"val|wert|valeur|값|y|v)\s*(?:[(\[].*)?$",
    re.IGNORECASE,
)
_AMOUNT = re.compile(
    r"load|demand|power|consumption|sales|passengers|visitors|volume|count|umsatz|verbrauch|전력|"
    r"판매|매출|수요|사용량|pm2\.?5|anomaly",
    re.IGNORECASE,
)
_PREFERENCE = (_TEMPERATURE, _DEGREES, _VALUE, _AMOUNT)


def default_target(columns: Mapping[str, NDArray[np.float64]], directions: Sequence[str]) -> str:
    """The name of a temperature, of a closing price or value, or the first column that varies.

    A column that is constant, mostly missing, a direction or a part of the time, such as an hour,
    is chosen only if all are.
    """
    usable = [name for name, values in columns.items() if _varies(values)]
    rest = [name for name in usable if name not in directions and not is_part(name)]
    candidates = rest or usable or list(columns)
    for pattern in _PREFERENCE:
        matches = [name for name in candidates if pattern.search(name)]
        if pattern in (_TEMPERATURE, _DEGREES):
            plain = [name for name in matches if not _OTHER_TEMPERATURE.search(name)]
            matches = plain or matches
        if matches:
            return matches[0]
    return candidates[0]


def _varies(values: NDArray[np.float64]) -> bool:
    measured = values[np.isfinite(values)]
    return 2 * len(measured) > len(values) and bool(measured.min() < measured.max())
