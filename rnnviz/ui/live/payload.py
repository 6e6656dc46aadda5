"""The payload of the live view: its types, which assets/live/payload.js repeats, and the whole.

Keys are in camelCase, as JavaScript reads them. All of it is JSON of bounded size.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict

from rnnviz.palette import DIVERGING, SEQUENTIAL
from rnnviz.ui.live.answers import Answer, answers_payload
from rnnviz.ui.live.contestant_payload import Contestant, contestant_payload
from rnnviz.ui.live.contestant_view import ContestantView
from rnnviz.ui.live.signs import signs_note
from rnnviz.ui.live.thinning import json_number

MAX_TOKENS = 200
"""The most tokens of the example that are sent."""


class Palette(TypedDict):
    """Colours of one theme."""

    diverging: Sequence[str]
    sequential: Sequence[str]


class Baseline(TypedDict):
    """A baseline with its metric and, if it has one, its loss, both on the validation examples."""

    title: str
    validationMetric: float | None
    validationLoss: float | None


class NumericTokens(TypedDict):
    """How many tokens there are, the first and the last: what a long row of numbers comes to."""

    count: int
    first: str
    last: str


class RacePayload(TypedDict):
    """What the component receives at each update."""

    strings: Mapping[str, str]
    palette: Mapping[str, Palette]
    running: bool
    totalSteps: int
    stepsPerEpoch: float | None
    baselines: list[Baseline]
    baselinesPending: bool
    metricName: str
    metricTitle: str
    metricUnit: str
    isShare: bool
    lowerIsBetter: bool
    tokens: list[str]
    numericTokens: NumericTokens | None
    joiner: str
    savedSteps: list[int]
    contestants: list[Contestant]
    answers: list[Answer]
    signsNote: str


@dataclass(frozen=True)
class BaselineView:
    """A baseline, already translated: its title, its metric, its loss if it has one."""

    title: str
    metric: float
    loss: float | None = None


@dataclass(frozen=True)
class SharedView:
    """What all contestants have in common.

    `tokens` are those of the fixed example, shown with `joiner` between them; `is_numeric` if each
    stands for numbers, and not for a word or a letter. `metric_name` is the translated name of the
    metric, `metric_title` also says on what it is measured; a metric that `is_share` is 1 at most
    and shown in percent. `steps_per_epoch`: the training steps in which every example is read once;
    None if examples never repeat. `baselines_pending`: more baselines are being computed.
    `saved_steps` are the training steps whose weights are stored. `label_titles`: what is shown for
    the codes in an answer that is a sequence of labels, translated.
    """

    tokens: Sequence[str]
    is_numeric: bool
    joiner: str
    metric_name: str
    metric_title: str
    metric_unit: str
    is_share: bool
    lower_is_better: bool
    steps_per_epoch: float | None
    baselines: Sequence[BaselineView]
    baselines_pending: bool
    saved_steps: Sequence[int]
    label_titles: Mapping[str, str] = field(default_factory=dict)


def race_payload(
    contestants: Sequence[ContestantView],
    shared: SharedView,
    signs: Mapping[str, str],
    *,
    running: bool,
    strings: Mapping[str, str],
) -> RacePayload:
    """The whole payload; `signs` maps the signs that answers may have to their meanings."""
    answers = answers_payload(contestants, shared.label_titles)
    return {
        "strings": strings,
        "palette": {
            theme: {"diverging": DIVERGING[theme], "sequential": SEQUENTIAL[theme]}
            for theme in DIVERGING
        },
        "running": running,
        "totalSteps": max(contestant.total_steps or 0 for contestant in contestants),
        "stepsPerEpoch": json_number(shared.steps_per_epoch),
        "baselines": [
            {
                "title": baseline.title,
                "validationMetric": json_number(baseline.metric),
                "validationLoss": json_number(baseline.loss),
            }
            for baseline in shared.baselines
        ],
        "baselinesPending": shared.baselines_pending,
        "metricName": shared.metric_name,
        "metricTitle": shared.metric_title,
        "metricUnit": shared.metric_unit,
        "isShare": shared.is_share,
        "lowerIsBetter": shared.lower_is_better,
        "tokens": list(shared.tokens[:MAX_TOKENS]),
        "numericTokens": _numeric_tokens(shared.tokens) if shared.is_numeric else None,
        "joiner": shared.joiner,
        "savedSteps": list(shared.saved_steps),
        "contestants": [contestant_payload(contestant) for contestant in contestants],
        "answers": answers,
        "signsNote": signs_note(signs, _texts(contestants, answers)),
    }


def _texts(contestants: Sequence[ContestantView], answers: Sequence[Answer]) -> Iterator[str]:
    """All questions, answers and generated texts that the view shows."""
    for answer in answers:
        yield from (answer["question"], answer["target"])
        yield from filter(None, answer["answers"])
    for contestant in contestants:
        yield (contestant.snapshot or {}).get("sample") or ""


def _numeric_tokens(tokens: Sequence[str]) -> NumericTokens:
    return {"count": len(tokens), "first": tokens[0], "last": tokens[-1]}
