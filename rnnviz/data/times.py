"""Points in time as people write them in tables."""

import re
from datetime import date

DAY, HOUR, MINUTE = 86_400, 3_600, 60

_CLOCK = r"(?:[T ]+(\d\d?):(\d\d)(?::(\d\d)(?:[.,]\d+)?)?)?"
_ZONE = r" ?(?:Z|UTC|([+-])(\d\d):?(\d\d))?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d\d?)\2(\d\d?){_CLOCK}{_ZONE}", re.ASCII)
_DAY_FIRST = re.compile(rf"(\d\d?)\.(\d\d?)\.(\d{{4}}){_CLOCK}", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()


def parse_time(text: str) -> int | None:
    """The time that `text` names in seconds since 1970 (UTC where it names a zone), or None.

    Read are 2016-01-31, 2016/1/31 or 2016.01.31 (year first) and 31.01.2016 (day first), each with
    or without a clock, 15:30 or 15:30:00.25; fractions of a second are cut off, 24:00 is midnight.
    """
    text = text.strip()
    match = _YEAR_FIRST.fullmatch(text)
    if match:
        year, _mark, month, day, *clock, sign, zone_hour, zone_minute = match.groups()
    else:
        match = _DAY_FIRST.fullmatch(text)
        if not match:
            return None
        day, month, year, *clock = match.groups()
        sign = None
    hour, minute, second = (int(part or 0) for part in clock)
    if hour * HOUR + minute * MINUTE + second > DAY or minute > 59 or second > 59:
        return None
    try:
        days = date(int(year), int(month), int(day)).toordinal() - _EPOCH
    except ValueError:
        return None
    total = days * DAY + hour * HOUR + minute * MINUTE + second
    if sign:
        shift = int(zone_hour) * HOUR + int(zone_minute) * MINUTE
        total += shift if sign == "-" else -shift
    return total
