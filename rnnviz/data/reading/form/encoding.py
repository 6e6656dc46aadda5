"""The encoding of a file of text, recognised from its bytes.

UTF-8, UTF-16 and UTF-32 prove themselves: by their mark, by their zero bytes, or because no other
text happens to be valid UTF-8. What is left was written by an older program: Korean (cp949), where
bytes above 127 come in pairs, or Western European (cp1252), where they stand alone between letters.
charset-normalizer was tried instead: of 15 short tables, Korean and Western, it read 3.
"""

import codecs
import re
import unicodedata
from dataclasses import dataclass

from rnnviz.data.reading.result import Choice, Question
from rnnviz.messages import N_, Message, Problem, excerpt

BINARY = N_("The file is not a text: its byte {position} is zero; allowed is text.")
CONTROLS = N_("The file is not a text: {count} of its bytes are control characters.")
UNKNOWN_ENCODING = N_(
    "The encoding {value} is unknown; allowed are, for example, utf-8, utf-16, cp949, cp1252."
)
UNDECODABLE = N_(
    "The file is not in {encoding}: its byte {position} is {value}, which has no meaning there; "
    "choose another encoding, or save the file again in UTF-8."
)

READ_AS = N_("The file is read in the encoding {encoding}.")
CUT = N_("The file ends within a character, which is left out; it may be cut off.")
TWO_ENCODINGS = N_("In which encoding was the file written? It may be {first} or {second}.")
AS_ENCODING = N_("{encoding}: {sample}")

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PROBE = 65_536
"""How many bytes decide what zero bytes mean."""

_UTF8 = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\v\f\r\x1b\x1a")
_MAX_CONTROLS = 0.01


@dataclass(frozen=True)
class Decoded:
    """A text, the name of its encoding, and what was decided about it."""

    text: str
    encoding: str
    remarks: tuple[Message, ...] = ()
    questions: tuple[Question, ...] = ()


def decode(content: bytes, encoding: str | None = None) -> Decoded:
    """The text in `content`, without a byte order mark.

    Raises:
        Problem: it is binary, or cannot be decoded.
    """
    if encoding is not None:
        return Decoded(_decode_strictly(content, encoding), _known(encoding))
    for mark, name in _MARKS:
        if content.startswith(mark):
            remarks = () if name == "utf-8-sig" else (Message(READ_AS, {"encoding": name}),)
            return Decoded(_decode_strictly(content, name), name, remarks)
    if b"\0" in content:
        wide = _wide_encoding(content)
        if wide is None:
            raise Problem(BINARY, position=content.index(b"\0") + 1)
        return Decoded(
            _decode_strictly(content, wide), wide, (Message(READ_AS, {"encoding": wide}),)
        )
    try:
        return Decoded(content.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        if _is_cut(content, error):
            return Decoded(_decode_strictly(content, "utf-8"), "utf-8", (Message(CUT),))
        if _is_damaged_utf8(content):
            _decode_strictly(content, "utf-8")
        return _decode_older(content)


def _is_cut(content: bytes, error: UnicodeDecodeError) -> bool:
    """Whether a text in UTF-8 ends within a character, and is right up to there."""
    at_end = error.reason == "unexpected end of data" and error.encoding == "utf-8"
    return at_end and _UTF8.search(content) is not None


def _is_damaged_utf8(content: bytes) -> bool:
    """Whether nearly all bytes above 127 form characters of UTF-8, which no other text does."""
    wrong = content.decode("utf-8", "replace").count("\ufffd")
    runs = len(_UTF8.findall(content))
    return runs > 2 * wrong


def _known(encoding: str) -> str:
    try:
        text = codecs.decode(b"", encoding)
        name = codecs.lookup(encoding).name
    except (LookupError, ValueError, TypeError, AttributeError):
        text, name = None, ""
    if not isinstance(text, str) or name in ("idna", "punycode", "unicode_escape", "undefined"):
        raise Problem(UNKNOWN_ENCODING, value=excerpt(str(encoding)))
    return encoding


def _decode_strictly(content: bytes, encoding: str) -> str:
    name = codecs.lookup(_known(encoding)).name
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        if _is_cut(content, error):
            return content[: error.start].decode(encoding).removeprefix("\ufeff")
        raise Problem(
            UNDECODABLE,
            encoding=encoding,
            position=error.start + 1,
            value=f"0x{content[error.start]:02x}",
        ) from None
    except UnicodeError:  # a UTF-16 or UTF-32 without its mark
        raise Problem(UNDECODABLE, encoding=encoding, position=1, value="") from None
    if "\0" in text:
        raise Problem(BINARY, position=content.find(b"\0") + 1)
    return text.removeprefix("\ufeff") if name.startswith("utf") else text


def _wide_encoding(content: bytes) -> str | None:
    """The encoding in which zero bytes are halves or quarters of characters, if one fits."""
    probe = content[: _PROBE - _PROBE % 4]
    for name, size in (
        ("utf-32-le", 4),
        ("utf-32-be", 4),
        ("utf-16-le", 2),
        ("utf-16-be", 2),
    ):
        if len(content) % size:
            continue
        try:
            text = probe[: len(probe) - len(probe) % size].decode(name)
        except UnicodeDecodeError as error:
            if error.end < len(probe):  # else a character was cut in two by the end of the probe
                continue
            text = probe[: error.start].decode(name)
        # Digits, blanks and line ends are below 128 in every language; and no character is zero.
        plain = sum(character in "\t\n\r" or " " <= character < "\x7f" for character in text)
        if "\0" not in text and (
            3 * plain > len(text) or (20 * plain > len(text) and _is_assigned(text))
        ):
            return name
    return None


def _is_assigned(text: str) -> bool:
    """Whether a text consists of known characters; with its bytes the wrong way round, the end of a
    line is none."""
    return not any(unicodedata.category(character) in ("Cn", "Co") for character in text)


def _decode_older(content: bytes) -> Decoded:
    """The text of a file that is not in Unicode: Korean or Western European."""
    controls = len(content) - len(content.translate(None, _CONTROL))
    if controls > _MAX_CONTROLS * len(content):
        raise Problem(CONTROLS, count=controls)
    if _is_japanese(content):
        text = content.decode("cp932")
        return Decoded(text, "cp932", (Message(READ_AS, {"encoding": "cp932"}),))
    readings = {}
    for name in ("cp949", "cp1252"):
        try:
            readings[name] = content.decode(name)
        except UnicodeDecodeError:
            continue
    if not readings:
        _decode_strictly(content, "utf-8")
    first = "cp949" if "cp949" in readings and _comes_in_pairs(content) else "cp1252"
    if first not in readings:
        first = next(iter(readings))
    remark = Message(READ_AS, {"encoding": first})
    if len(readings) < 2 or not _is_doubtful(content):
        return Decoded(readings[first], first, (remark,))
    second = next(name for name in readings if name != first)
    question = Question(
        Message(TWO_ENCODINGS, {"first": first, "second": second}),
        tuple(
            Choice(
                Message(AS_ENCODING, {"encoding": name, "sample": _sample(readings[name])}),
                {"encoding": name},
            )
            for name in (first, second)
        ),
    )
    return Decoded(readings[first], first, (remark,), (question,))


def _is_japanese(content: bytes) -> bool:
    """Whether a file is in Shift-JIS, in which nearly all of many characters are Japanese."""
    try:
        text = content.decode("cp932")
    except UnicodeDecodeError:
        return False
    others = [character for character in text if ord(character) > 127]
    likely = sum("\u3040" <= character <= "\u30ff" for character in others)
    signs = sum("\u4e00" <= character <= "\u9fff" for character in others)
    leads = len(re.findall(rb"[\x81-\x9f][\x40-\xfc]", content))
    return leads > 3 and 2 * leads > len(others) * 0.6 and likely + signs > 0.6 * len(others)


def _comes_in_pairs(content: bytes) -> bool:
    """Whether the bytes above 127 stand in pairs, as those of nearly all Korean characters do."""
    lengths = [len(run) for run in _HIGH_RUN.findall(content[:_PROBE])]
    if not lengths:
        lengths = [len(run) for run in _HIGH_RUN.findall(content)]
    even = sum(length for length in lengths if length % 2 == 0)
    return 2 * even > sum(lengths)


def _is_doubtful(content: bytes) -> bool:
    """Whether too few bytes are above 127 to tell, or some stand alone and some in pairs."""
    lengths = [len(run) % 2 for run in _HIGH_RUN.findall(content)]
    mixed = 0 < sum(lengths) < len(lengths)
    return mixed and min(sum(lengths), len(lengths) - sum(lengths)) > 0.2 * len(lengths)


def _sample(text: str) -> str:
    """The surroundings of the first character outside ASCII."""
    place = next((i for i, character in enumerate(text) if ord(character) > 127), 0)
    return excerpt(text[max(0, place - 10) : place + 20].strip())
