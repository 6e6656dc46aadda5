"""Numbers in words, English and Korean."""

_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_ORDINALS = {
    "one": "first",
    "two": "second",
    "three": "third",
    "five": "fifth",
    "eight": "eighth",
    "nine": "ninth",
    "twelve": "twelfth",
    "twenty": "twentieth",
    "thirty": "thirtieth",
}
_SINO_DIGITS = "영일이삼사오육칠팔구"
_SINO_PLACES = ("천", "백", "십", "")


def cardinal(n: int) -> str:
    """`n` from 0 to 99: "forty-seven"."""
    if n < len(_ONES):
        return _ONES[n]
    tens, ones = divmod(n, 10)
    return _TENS[tens - 2] + (f"-{_ONES[ones]}" if ones else "")


def ordinal(n: int) -> str:
    """`n` from 1 to 31: "twenty-first"."""
    *before, last = cardinal(n).split("-")
    return "-".join([*before, _ORDINALS.get(last, last + "th")])


def ordinal_digits(n: int) -> str:
    """`n` from 1 to 31 with its ending: "21st"."""
    return f"{n}{ordinal(n)[-2:]}"


def sino_korean(n: int) -> str:
    """`n` from 0 to 9999 as dates and amounts are read in Korean: 이천이십육.

    A leading one is left out before ten, hundred and thousand.
    """
    words = [
        (_SINO_DIGITS[int(digit)] if digit != "1" or not place else "") + place
        for digit, place in zip(f"{n:04}", _SINO_PLACES, strict=True)
        if digit != "0"
    ]
    return "".join(words) or _SINO_DIGITS[0]
