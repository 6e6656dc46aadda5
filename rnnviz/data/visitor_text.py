"""A text of the visitor, to learn its next character from."""

from collections import Counter
from dataclasses import dataclass
from unicodedata import is_normalized, normalize

import regex

from rnnviz.data.reading.result import Question
from rnnviz.data.validate import decode_file
from rnnviz.messages import N_, Message, Problem

TEXT_LIMIT = 1
"""How large the file may be, in MB."""

MIN_CHARACTERS = 200
"""How many characters there must be to learn anything from."""

TOO_SHORT = N_("The text has {count} {count:character|characters}; needed are at least {least}.")

LINE_ENDS = N_("Read as ends of lines, by their names in Unicode: {ends}.")
LEFT_OUT = N_("Left out: {count} {count:character|characters} that cannot be seen.")
COMPOSED = N_("Letters that were written in parts, such as ㅎ, ㅏ and ㄴ, are composed: 한.")

# Composing takes time with the square of a run of marks; the Unicode Standard (UAX 15, stream-safe
# text) needs no more than 30.
_MARKS = regex.compile(r"(\p{M}{30})\p{M}+")
# As str.splitlines has them: NEL is the end of a line on mainframes, \x1c to \x1e end records.
_LINE_END = regex.compile("\r\n|[\r\v\f\x1c\x1d\x1e\x85\u2028\u2029]")
_END_NAMES = {
    **{"\r": "CR", "\v": "VT", "\f": "FF", "\x1c": "FS", "\x1d": "GS", "\x1e": "RS"},
    **{"\x85": "NEL", "\u2028": "LS", "\u2029": "PS"},
}
RARE = frozenset(_END_NAMES)
"""Line ends of other systems than today's; those of Windows and Unix need no mention."""
_CONTROL = regex.compile(r"[\p{Cc}--[\n\t]]", flags=regex.VERSION1)


@dataclass(frozen=True)
class TextReading:
    """The text of a visitor's file, its `encoding`, what was changed in it, and what is open."""

    text: str
    encoding: str
    remarks: tuple[Message, ...]
    questions: tuple[Question, ...] = ()


def read_text(content: bytes, encoding: str | None = None) -> TextReading:
    """The text of a visitor's file: lines end with "\\n", no control characters, composed (NFC).

    Composed, because some systems write Hangul and accents as parts, and no reader sees which.

    Raises:
        Problem: the file is not one of text, of 200 characters to 1 MB.
    """
    decoded = decode_file(content, TEXT_LIMIT, encoding)
    ends = Counter(_LINE_END.findall(decoded.text))
    lines = _LINE_END.sub("\n", decoded.text)
    visible = _MARKS.sub(r"\1", _CONTROL.sub("", lines))
    text = normalize("NFC", visible).strip()
    if len(text) < MIN_CHARACTERS:
        raise Problem(TOO_SHORT, count=len(text), least=MIN_CHARACTERS)
    remarks = list(decoded.remarks)
    rare = ", ".join(f"{_END_NAMES[end]} ({count})" for end, count in ends.items() if end in RARE)
    if rare:
        remarks.append(Message(LINE_ENDS, {"ends": rare}))
    if len(visible) < len(lines):
        remarks.append(Message(LEFT_OUT, {"count": len(lines) - len(visible)}))
    if not is_normalized("NFC", visible):
        remarks.append(Message(COMPOSED))
    return TextReading(text, decoded.encoding, tuple(remarks), decoded.questions)


def read_text_file(content: bytes, encoding: str | None = None) -> str:
    """The text of a visitor's file, as `read_text` reads it.

    Raises:
        Problem: the file is not one of text, of 200 characters to 1 MB.
    """
    return read_text(content, encoding).text
