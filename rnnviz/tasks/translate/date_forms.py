"""How people write a date, in English and in Korean: every form is that of one date only."""

from collections.abc import Callable
from datetime import date

from rnnviz.tasks.translate.numerals import ordinal, ordinal_digits, sino_korean

MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
MONTHS_KO = [
    "일월",
    "이월",
    "삼월",
    "사월",
    "오월",
    "유월",
    "칠월",
    "팔월",
    "구월",
    "시월",
    "십일월",
    "십이월",
]
"""In words: the sixth and the tenth have a sound of their own."""
WEEKDAYS_KO = ["월요일", "화요일", "수요일", "목요일", "금요일", "토요일", "일요일"]

Form = Callable[[date], str]


def _month(day: date) -> str:
    return MONTHS[day.month - 1]


def _weekday(day: date) -> str:
    return WEEKDAYS[day.weekday()]


def _korean(day: date) -> str:
    return f"{day.year}년 {day.month}월 {day.day}일"


def _weekday_korean(day: date) -> str:
    return WEEKDAYS_KO[day.weekday()]


ENGLISH: tuple[Form, ...] = (
    lambda day: f"{day.day} {_month(day)} {day.year}",
    lambda day: f"{day.day} {_month(day)[:3]} {day.year}",
    lambda day: f"{day.day}-{_month(day)[:3]}-{day.year}",
    lambda day: f"{ordinal_digits(day.day)} {_month(day)} {day.year}",
    lambda day: f"the {ordinal_digits(day.day)} of {_month(day)} {day.year}",
    lambda day: f"the {ordinal(day.day)} of {_month(day)}, {day.year}",
    lambda day: f"{_month(day)} {day.day}, {day.year}",
    lambda day: f"{_month(day)} {ordinal_digits(day.day)}, {day.year}",
    lambda day: f"{_month(day)} the {ordinal(day.day)}, {day.year}",
    lambda day: f"{_month(day)[:3].upper()} {day.day} {day.year}",
    lambda day: f"{_weekday(day)}, {_month(day)} {day.day}, {day.year}",
    lambda day: f"{_weekday(day)[:3]} {day.day} {_month(day)[:3]} {day.year}",
    lambda day: f"{day.day}.{day.month}.{day.year}",
    lambda day: f"{day.year}/{day.month:02}/{day.day:02}",
)
"""In figures alone the day comes first, or the year; never the month."""

KOREAN: tuple[Form, ...] = (
    _korean,
    lambda day: f"{_korean(day)} {_weekday_korean(day)}",
    lambda day: f"{_korean(day)}({_weekday_korean(day)[0]})",
    lambda day: f"서기 {_korean(day)}",
    lambda day: f"{day.year}. {day.month}. {day.day}.",
    lambda day: f"{day.year}.{day.month:02}.{day.day:02}",
    lambda day: f"{day.year}년 {MONTHS_KO[day.month - 1]} {sino_korean(day.day)}일",
    lambda day: f"{sino_korean(day.year)}년 {MONTHS_KO[day.month - 1]} {sino_korean(day.day)}일",
    lambda day: f"{sino_korean(day.year)} 년 {MONTHS_KO[day.month - 1]} {sino_korean(day.day)} 일",
)
