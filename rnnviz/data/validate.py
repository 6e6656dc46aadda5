"""Checks of every file of a visitor: its size, its kind and its encoding."""

import math

from rnnviz.messages import N_, Problem

TOO_LARGE = N_("The file has {size} MB; allowed are at most {limit} MB.")
EMPTY = N_("The file is empty; allowed is a text in UTF-8.")
ARCHIVE = N_(
    "The file is a {format} archive; unpack it first and give the file that is inside. "
    "(An Excel workbook is a zip archive, too: save it as CSV.)"
)
UTF16 = N_("The file is written in UTF-16; allowed is UTF-8: save it again in that encoding.")
BINARY = N_("The file is not a text: its byte {position} is zero; allowed is text in UTF-8.")
NOT_UTF8 = N_(
    "The file is not in UTF-8: its byte {position} is {value}, which has no meaning there; "
    "save it again in that encoding."
)

MB = 2**20

_ARCHIVES = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"PK\x07\x08": "zip",
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"Rar!\x1a\x07": "rar",
}


def decode_text(content: bytes, limit: int) -> str:
    """The text of a file of at most `limit` MB, without a byte order mark.

    Nothing is ever unpacked here, so a small file cannot become a large one.

    Raises:
        Problem: it is larger, empty, an archive, binary, or not in UTF-8.
    """
    if len(content) > limit * MB:
        # Rounded up, so that the size named is always above the limit named.
        raise Problem(TOO_LARGE, size=math.ceil(10 * len(content) / MB) / 10, limit=limit)
    for beginning, name in _ARCHIVES.items():
        if content.startswith(beginning):
            raise Problem(ARCHIVE, format=name)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Problem(UTF16)
    zero = content.find(b"\0")
    if zero >= 0:
        raise Problem(BINARY, position=zero + 1)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(
            NOT_UTF8, position=error.start + 1, value=f"0x{content[error.start]:02x}"
        ) from None
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise Problem(EMPTY)
    return text
