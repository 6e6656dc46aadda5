"""The live view of a race: a component that gets the whole course, thinned, at every update."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from rnnviz.palette import DIVERGING, SEQUENTIAL
from rnnviz.ui.language import script_translations
from rnnviz.ui.live.contestant_view import ContestantView, is_outdated, median_or_none
from rnnviz.ui.live.payload import answers_payload, contestant_payload, json_number, score_step_text
from rnnviz.ui.live.signs import sign_meanings, signs_note
from rnnviz.ui.scripts import ASSETS, component_source

__all__ = [
    "BaselineView",
    "ContestantView",
    "SharedView",
    "draw",
    "is_outdated",
    "median_or_none",
    "score_step_text",
    "selected_step",
    "sign_meanings",
]

_FOLDER = ASSETS / "live"
_SCRIPT = component_source("live")
_mount = st.components.v2.component(
    "rnnviz_live",
    html=(_FOLDER / "live.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "live.css").read_text(encoding="utf-8"),
    js=_SCRIPT,
    isolate_styles=False,
)

SENT = 200
"""The most tokens of the example that are shown by themselves."""


@dataclass(frozen=True)
class BaselineView:
    """A line to beat, already translated: what it is called, its metric, its loss if it has one."""

    title: str
    metric: float
    loss: float | None = None


@dataclass(frozen=True)
class SharedView:
    """What all contestants have in common.

    `tokens` are those of the fixed example, shown with `joiner` between them; `numbers` if each
    stands for numbers that are read, and not for a word or a letter. `metric` is the
    translated name of the measure, `measured` says also on what it is measured, `unit` is its unit;
    a `share` is 1 at most and shown in percent. `epoch`: the training steps in which every example
    has been read once, if there is an end to them. `waiting`: more levels are being computed.
    `moments` are the steps whose weights are kept.
    """

    tokens: Sequence[str]
    numbers: bool
    joiner: str
    metric: str
    measured: str
    unit: str
    share: bool
    error: bool
    epoch: float | None
    levels: Sequence[BaselineView]
    waiting: bool
    moments: Sequence[int]


def draw(
    lanes: Sequence[ContestantView],
    scene: SharedView,
    signs: Mapping[str, str],
    *,
    running: bool,
    key: str,
) -> None:
    """Draw the race as it stands; a look back has its probes in the `lanes` already.

    `signs`: what those mean that questions and answers may have.
    """
    answers = answers_payload(lanes)
    _mount(
        key=key,
        data={
            "strings": script_translations(_SCRIPT),
            "palette": {theme: list(colours) for theme, colours in DIVERGING.items()},
            "sequential": {theme: list(colours) for theme, colours in SEQUENTIAL.items()},
            "running": running,
            "total": max(lane.total or 0 for lane in lanes),
            "epoch": json_number(scene.epoch),
            "levels": [
                {
                    "title": each.title,
                    "metric": json_number(each.metric),
                    "loss": json_number(each.loss),
                }
                for each in scene.levels
            ],
            "waiting": scene.waiting,
            "metricName": scene.metric,
            "metricTitle": scene.measured,
            "unit": scene.unit,
            "share": scene.share,
            "error": scene.error,
            "tokens": list(scene.tokens[:SENT]),
            "numbers": _ends(scene.tokens) if scene.numbers else None,
            "joiner": scene.joiner,
            "moments": list(scene.moments),
            "runs": [contestant_payload(lane) for lane in lanes],
            "answers": answers,
            "signs": signs_note(signs, _texts(lanes, answers)),
        },
        on_moment_change=lambda: None,
    )


def _texts(lanes: Sequence[ContestantView], answers: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """All that was asked, answered and written, as the view shows it."""
    for each in answers:
        yield from (each["question"], each["wanted"])
        yield from filter(None, each["given"])
    for lane in lanes:
        yield (lane.probe or {}).get("sample") or ""


def _ends(tokens: Sequence[str]) -> dict[str, Any]:
    """How many there are, the first and the last: what a long row of numbers comes to."""
    return {"count": len(tokens), "first": tokens[0], "last": tokens[-1]}


def selected_step(key: str, moments: Sequence[int]) -> int | None:
    """The moment of `moments` that the visitor has chosen in the view `key`; None: the latest."""
    state: Any = st.session_state.get(key)
    told = state.get("moment") if hasattr(state, "get") else None
    return told if isinstance(told, int) and told in moments else None
