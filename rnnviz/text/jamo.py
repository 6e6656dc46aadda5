"""Hangul syllables taken apart into their letters (jamo) and put together again.

The arithmetic of the Unicode Standard, section 3.12 (conjoining jamo behaviour): a syllable is
((initial x 21) + vowel) x 28 + final, counted from U+AC00.
"""

from collections.abc import Iterable

import regex

_SYLLABLES, _INITIALS, _VOWELS, _FINALS = 0xAC00, 0x1100, 0x1161, 0x11A7
_N_VOWELS, _N_FINALS = 21, 28

_HANGUL = regex.compile(r"[가-힣]")
_CLUSTER = regex.compile(r"\X")
_LETTERS = regex.compile(r"([\u1100-\u1112])([\u1161-\u1175])([\u11a8-\u11c2])?")

# How each letter looks alone: an initial and a final that look the same are two letters here.
_ALONE = dict(
    zip(
        map(chr, [*range(0x1100, 0x1113), *range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]),
        "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
        "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
        "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ",
        strict=True,
    )
)


def to_jamo(text: str) -> list[str]:
    """The characters of `text`, each Hangul syllable as its two or three conjoining jamo."""
    tokens: list[str] = []
    for cluster in _CLUSTER.findall(text):
        if _HANGUL.search(cluster):
            tokens += (letter for character in cluster for letter in _letters(character))
        else:
            tokens.append(cluster)
    return tokens


def _letters(character: str) -> str:
    if not _HANGUL.fullmatch(character):
        return character
    pair, final = divmod(ord(character) - _SYLLABLES, _N_FINALS)
    initial, vowel = divmod(pair, _N_VOWELS)
    ending = chr(_FINALS + final) if final else ""
    return chr(_INITIALS + initial) + chr(_VOWELS + vowel) + ending


def from_jamo(tokens: Iterable[str]) -> str:
    """The text of `tokens`, its jamo put together wherever they form a syllable.

    What `jamo` took apart comes back; letters that form no syllable stay as they are.
    """
    return str(_LETTERS.sub(_syllable, "".join(tokens)))


def _syllable(match: "regex.Match[str]") -> str:
    initial, vowel, final = match.groups()
    pair = (ord(initial) - _INITIALS) * _N_VOWELS + ord(vowel) - _VOWELS
    return chr(_SYLLABLES + pair * _N_FINALS + (ord(final) - _FINALS if final else 0))


def display_form(token: str) -> str:
    """How `token` is shown by itself: a conjoining jamo as the letter on a keyboard."""
    return _ALONE.get(token, token)
