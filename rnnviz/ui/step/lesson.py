"""What the page shows of a source, once for all visitors: its stage, warnings, remarks."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnnviz.lessons.view import LessonData, Notice
from rnnviz.ui import stage
from rnnviz.ui.language import _, current, say, script_translations
from rnnviz.ui.shared_cache import shared
from rnnviz.ui.step.source import RunSource, TextSource

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from torch import Tensor

    from rnnviz.memory import TokenSensitivity

SATURATED = 0.9
"""A value of a state beyond it, of at most 1, counts as saturated."""

MEGABYTES = 64
"""The most that is kept of lessons."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """What the page shows in one language: T tokens that several cells read, and remarks.

    ids, sensitivity, final_states   as in `LessonData`
    saturation                       by cell, the share of its states beyond `SATURATED`; empty
                                     where a cell has no bounds
    """

    source: "TextSource | RunSource"
    language: str
    tokens: tuple[str, ...]
    content: stage.StageContent
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]
    ids: tuple[int, ...]
    sensitivity: "Mapping[str, TokenSensitivity]"
    final_states: "Mapping[str, Tensor]"
    saturation: Mapping[str, float]
    memorised: bool
    bidirectional: bool

    @property
    def size(self) -> int:
        """About how many bytes it takes."""
        return self.content.size + 4 * len(self.sensitivity) * len(self.ids) ** 2


def lesson(source: TextSource | RunSource, **options: bool) -> Lesson:
    """What all visitors share of `source` in their language; computed when it is new.

    `options`: of the stage, `compact` and `autoplay`.

    Raises:
        Problem: there is no text to read, or too little.
    """
    choices = tuple(sorted(options))
    try:
        return _lesson(source, current(), choices)
    except _DataNeeded:
        # Outside the shared function: whoever waits for what is computed can be interrupted.
        return _lesson(source, current(), choices, source.data())


class _DataNeeded(Exception):
    """The lesson is not there, and what it is made of was not passed."""


@shared(max_entries=256, size=lambda each: each.size, megabytes=MEGABYTES)
def _lesson(
    source: TextSource | RunSource,
    language: str,
    options: tuple[str, ...],
    _data: LessonData | None = None,
) -> Lesson:
    if _data is None:
        raise _DataNeeded
    compact = "compact" in options
    return Lesson(
        source=source,
        language=language,
        tokens=_data.tokens,
        content=stage.stage_content(
            _data.cell_views,
            _data.tokens,
            unknown=() if compact else _data.unknown,
            code=() if compact else source.pseudocode(),
            prediction_title=_(source.prediction_title()),
            language=language,
            translate=_,
            strings=script_translations(stage.SOURCE),
            **dict.fromkeys(options, True),
        ),
        warnings=_texts(_data.warnings),
        remarks=_texts(_data.remarks),
        ids=_data.ids,
        sensitivity=_data.sensitivity,
        final_states=_data.final_states,
        saturation={} if _data.unbounded else _saturation(_data),
        memorised=_data.memorised,
        bidirectional=_data.bidirectional,
    )


def _texts(notices: tuple[Notice, ...]) -> tuple[str, ...]:
    return tuple(" ".join(say(message) for message in notice) for notice in notices)


def _saturation(data: LessonData) -> dict[str, float]:
    return {
        view.name: float((view.trace.outputs.abs() > SATURATED).double().mean())
        for view in data.cell_views
    }
