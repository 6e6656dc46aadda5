"""What programs put around the cells of a table, taken off before anything is recognised."""

import re

from rnnviz.data.reading.form.kinds import kind_of

_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_FORMULA = re.compile(r'="([^"\r\n]*)"')
_APOSTROPHE = re.compile(r"(?m)(^|[,;\t|])'(?=[-+\d.])(?![^,;\t|\r\n]*')")
_QUOTED_LINE = re.compile(r'"[^"\t]*[,;|\t][^"]*"')
_SINGLE_QUOTES = re.compile(r"'[^']*'(?:[,;\t|]'[^']*')+[,;\t|]?")
_SAMPLE = 20


def clean(text: str) -> str:
    """`text` without characters that nobody sees, and without what hides its cells.

    These are the end mark of DOS, Excel's ="12" and '12 for a text that is a number, single quotes
    around all cells, and double ones around whole lines.
    """
    text = _INVISIBLE.sub("", text.rstrip("\x1a"))
    if '="' in text:
        text = _FORMULA.sub(r"\1", text)
    lines = [line.strip() for line in text[: 2**14].splitlines()[:_SAMPLE] if line.strip()]
    whole = lines and all(_QUOTED_LINE.fullmatch(line) for line in lines)
    if whole and any(kind_of(line.strip('"')) != "number" for line in lines):
        return text.replace('"', "")
    if "'" in text:
        if '"' not in text and lines and all(_SINGLE_QUOTES.fullmatch(line) for line in lines):
            return text.replace("'", '"')
        text = _APOSTROPHE.sub(r"\1", text)
    return text
