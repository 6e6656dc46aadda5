"""What was recognised in a file with the visitor's corrections, once for all reruns."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rnnviz.data.reading import Question
from rnnviz.data.reading.corrections import from_json, to_json
from rnnviz.data.uploads import uploaded_reading
from rnnviz.messages import Message, Problem
from rnnviz.ui.shared_cache import shared


@dataclass(frozen=True)
class Recognition:
    """What is open after a file was read.

    `settings` are the corrections together with the answers that are assumed meanwhile: a run that
    is started now is trained with just these, whatever a later version would assume.
    """

    questions: tuple[Question, ...]
    remarks: tuple[Message, ...]
    settings: str


def recognise(key: str, corrections: Mapping[str, Any]) -> Recognition:
    """What is open in the file with this key in `UPLOADS`.

    Raises:
        Problem: it cannot be read, with these corrections or at all.
    """
    result = _recognise(key, to_json(corrections))
    if isinstance(result, Problem):
        raise result
    return result


# Also what cannot be read is read once: a wrong file may be large, too.
@shared(max_entries=200)
def _recognise(key: str, corrections: str) -> Recognition | Problem:
    try:
        reading = uploaded_reading(key, corrections)
        arguments = from_json(corrections)
        for question in reading.questions:
            arguments = {**question.choices[0].arguments, **arguments}
        return Recognition(reading.questions, reading.remarks, to_json(arguments))
    except Problem as problem:
        return problem
