"""The words in times: months, weekdays, halves of the day, zones."""

_MONTHS = (
    (
        "jan",
        "january",
        "januar",
        "jän",
        "jänner",
        "janvier",
        "janv",
        "enero",
        "ene",
        "gen",
        "gennaio",
        "janeiro",
    ),
    (
        "feb",
        "february",
        "februar",
        "feber",
        "février",
        "févr",
        "fév",
        "febrero",
        "fev",
        "fevereiro",
        "febbraio",
    ),
    ("mar", "march", "mär", "märz", "mrz", "maerz", "mars", "marzo", "março", "maart", "mrt"),
    ("apr", "april", "avril", "avr", "abril", "abr", "aprile"),
    ("may", "mai", "mayo", "maio", "mag", "maggio", "mei"),
    ("jun", "june", "juni", "juin", "junio", "junho", "giu", "giugno"),
    ("jul", "july", "juli", "juillet", "juil", "julio", "julho", "lug", "luglio"),
    ("aug", "august", "août", "aout", "agosto", "ago", "augustus"),
    ("sep", "sept", "september", "septembre", "septiembre", "set", "setembro", "settembre"),
    ("oct", "october", "okt", "oktober", "octobre", "octubre", "out", "outubro", "ott", "ottobre"),
    ("nov", "november", "novembre", "noviembre", "novembro"),
    (
        "dec",
        "december",
        "dez",
        "dezember",
        "décembre",
        "déc",
        "diciembre",
        "dic",
        "dezembro",
        "dicembre",
    ),
)
MONTHS = {word: number for number, words in enumerate(_MONTHS, 1) for word in words}
"""The months in seven languages of Western Europe, in lower case, and their numbers."""

_DAYS = (
    "mon monday tue tues tuesday wed wednesday thu thur thurs thursday fri friday sat saturday sun "
    "sunday mo montag di dienstag mi mittwoch do donnerstag fr freitag sa samstag sonnabend so "
    "sonntag 월 화 수 목 금 토 일 월요일 화요일 수요일 목요일 금요일 토요일 일요일"
)
WEEKDAYS = frozenset(_DAYS.split())

AFTERNOON = {
    **dict.fromkeys(
        ("am", "a.m.", "a.m", "a. m.", "a. m", "a m", "a", "오전", "午前", "上午"), False
    ),
    **dict.fromkeys(
        ("pm", "p.m.", "p.m", "p. m.", "p. m", "p m", "p", "오후", "午後", "下午"), True
    ),
}
"""The halves of the day, and whether it is the second."""

ZONES = {
    **dict.fromkeys(("z", "utc", "gmt", "ut", "wet"), 0),
    **dict.fromkeys(("cet", "mez", "bst", "west", "wat"), 60),
    **dict.fromkeys(("cest", "mesz", "eet", "oez", "sast", "cat"), 120),
    **dict.fromkeys(("eest", "oesz", "msk", "eat", "trt"), 180),
    **dict.fromkeys(("msd", "gst"), 240),
    "pkt": 300,
    "ict": 420,
    **dict.fromkeys(("hkt", "sgt", "awst", "pht"), 480),
    **dict.fromkeys(("kst", "jst"), 540),
    "acst": 570,
    "aest": 600,
    "acdt": 630,
    "aedt": 660,
    "nzst": 720,
    "nzdt": 780,
    "nst": -210,
    "ndt": -150,
    **dict.fromkeys(("ast", "edt"), -240),
    **dict.fromkeys(("brt", "art", "adt"), -180),
    **dict.fromkeys(("est", "cdt"), -300),
    **dict.fromkeys(("cst", "mdt"), -360),
    **dict.fromkeys(("mst", "pdt"), -420),
    **dict.fromkeys(("pst", "akdt"), -480),
    "akst": -540,
    "hst": -600,
}
"""Names of zones, and minutes ahead of UTC; IST, which has three readings, is not among them."""


def alternatives(words: "frozenset[str] | dict[str, int] | dict[str, bool]") -> str:
    """A regular expression for any of `words`, the longest first."""
    escaped = (word.replace(".", r"\.") for word in sorted(words, key=len, reverse=True))
    return "(?:" + "|".join(escaped) + ")"
