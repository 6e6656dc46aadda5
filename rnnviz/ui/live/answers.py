"""The fixed questions of a task with the answers of all contestants, for the live view."""

from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from rnnviz.ui.language import _
from rnnviz.ui.live.contestant_view import ContestantView
from rnnviz.ui.live.signs import visible
from rnnviz.ui.live.thinning import json_number, thin

MAX_CHARACTERS = 160
"""The most characters of a question or an answer."""

MAX_CURVE_POINTS = 120
"""The most points of the small curves."""


class NamedCurve(TypedDict):
    """A small curve."""

    name: str
    xs: list[int]
    ys: list[float | None]


class Answer(TypedDict):
    """One question with the answer of each contestant, None of one that has not answered it.

    `correct` is None where an answer is neither right nor wrong. `sharedCurves` are the same for
    all contestants: they are the question's own.
    """

    question: str
    target: str
    answers: list[str | None]
    correct: list[bool | None]
    sharedCurves: list[NamedCurve]
    curves: list[list[NamedCurve]]


def answers_payload(
    contestants: Sequence[ContestantView], label_titles: Mapping[str, str]
) -> list[Answer]:
    """Each question with the answers of all contestants; empty where nobody has answered.

    `label_titles`: what is shown in place of the codes in a sequence of labels, translated.
    """
    columns = [(contestant.snapshot or {}).get("answers") or [] for contestant in contestants]
    count = max(map(len, columns), default=0)
    return [
        _answer(
            [column[number] if number < len(column) else None for column in columns], label_titles
        )
        for number in range(count)
    ]


def _answer(rows: Sequence[Mapping[str, Any] | None], titles: Mapping[str, str]) -> Answer:
    """One question; `rows` are what the contestants answer, at least one of them not None."""
    question = next(row for row in rows if row is not None)
    curves = [dict(row["lines"]) if row else {} for row in rows]
    common = {name for name in question["lines"] if len(curves) > 1 and _is_common(name, curves)}
    target = question["wanted"]
    predictions = [row["given"] if row else None for row in rows]
    return {
        "question": question["question"][:MAX_CHARACTERS],
        "target": _label_text(target, titles)[:MAX_CHARACTERS],
        "answers": [
            None
            if prediction is None
            else visible(_label_text(prediction, titles)[:MAX_CHARACTERS])
            for prediction in predictions
        ],
        "correct": [row["right"] if row else None for row in rows],
        "sharedCurves": _curves({name: question["lines"][name] for name in sorted(common)}),
        "curves": [
            _curves({name: own[name] for name in own if name not in common}) for own in curves
        ],
    }


def _label_text(answer: str, titles: Mapping[str, str]) -> str:
    """An answer translated: as a whole, or label by label where labels have `titles`."""
    if not titles:
        return _(answer)
    return " ".join(titles.get(label, label) for label in answer.split(" "))


def _is_common(name: str, curves: Sequence[Mapping[str, Sequence[float | None]]]) -> bool:
    # Compared as text: NaN is not equal to itself.
    return len({repr(own[name]) for own in curves if name in own}) == 1


def _curves(curves: Mapping[str, Sequence[float | None]]) -> list[NamedCurve]:
    """`curves` as thinned points, with translated names."""
    points: list[NamedCurve] = []
    for name, values in curves.items():
        xs = thin([x for x, value in enumerate(values) if value is not None], MAX_CURVE_POINTS)
        points.append({"name": _(name), "xs": xs, "ys": [json_number(values[x]) for x in xs]})
    return points
