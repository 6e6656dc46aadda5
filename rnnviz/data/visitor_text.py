"""A text of the visitor, to learn its next character from."""

from unicodedata import normalize

import regex

from rnnviz.data.validate import decode_text
from rnnviz.messages import N_, Problem

TEXT_LIMIT = 1
"""How large the file may be, in MB."""

MIN_CHARACTERS = 200
"""How many characters there must be to learn anything from."""

TOO_SHORT = N_("The text has {count} {count:character|characters}; needed are at least {least}.")

# Composing takes time with the square of a run of marks; the Unicode Standard (UAX 15, stream-safe
# text) needs no more than 30.
_MARKS = regex.compile(r"(\p{M}{30})\p{M}+")
# As str.splitlines has them: NEL is the end of a line on mainframes, \x1c to \x1e end records.
_LINE_END = regex.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_CONTROL = regex.compile(r"[\p{Cc}--[\n\t]]", flags=regex.VERSION1)


def read_text_file(content: bytes) -> str:
    """The text of a visitor's file: lines end with "\\n", no control characters, composed (NFC).

    Composed, because some systems write Hangul and accents as parts, and no reader sees which.

    Raises:
        Problem: the file is not one of text, of 200 characters to 1 MB.
    """
    text = _LINE_END.sub("\n", decode_text(content, TEXT_LIMIT))
    text = normalize("NFC", _MARKS.sub(r"\1", _CONTROL.sub("", text))).strip()
    if len(text) < MIN_CHARACTERS:
        raise Problem(TOO_SHORT, count=len(text), least=MIN_CHARACTERS)
    return text
