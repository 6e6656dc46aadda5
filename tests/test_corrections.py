"""Corrections of a reading are a canonical text, and any other text is refused."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.data.reading.corrections import ARGUMENTS, MAX_LENGTH, from_json, to_json
from rnnviz.messages import Problem

NAMES = st.lists(st.text(max_size=20), max_size=4)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "encoding": st.sampled_from(["utf-8", "cp949"]),
    "separator": st.sampled_from([",", ";", "\t", "|", " "]),
    "decimal": st.sampled_from([".", ","]),
    "thousands": st.sampled_from(["", ",", ".", " ", "'"]),
    "header": st.integers(0, 1000),
    "time": NAMES,
    "time_format": st.text(max_size=40),
    "missing": st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)),
    "target": st.text(max_size=30),
    "spacing": st.sampled_from(["clock", "even"]),
    "directions": NAMES,
}


@given(st.fixed_dictionaries({}, optional=VALUES))
def test_corrections_survive_the_way_through_the_experiment(arguments: dict[str, Any]) -> None:
    try:
        text = to_json(arguments)
    except Problem:
        assert len(json.dumps(arguments, ensure_ascii=False)) > MAX_LENGTH // 2
        return
    assert from_json(text) == arguments
    assert to_json(dict(reversed(arguments.items()))) == text
    assert to_json(arguments | dict.fromkeys(set(VALUES) - set(arguments))) == text
    assert (text == "") == (not arguments)


def test_every_argument_can_be_corrected() -> None:
    assert VALUES.keys() == ARGUMENTS.keys()
    assert to_json({"header": False, "time": "when", "missing": [-200]}) == (
        '{"header":0,"missing":[-200.0],"time":["when"]}'
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "not readable: Expecting"),
        ("[" * 3_000, "not readable: "),
        ("[]", r"not readable: \[\]"),
        ('{"nonsense": 1}', "nonsense cannot be corrected; allowed is one of: encoding, sep"),
        ('{"decimal": "x"}', "correction of decimal is 'x'; allowed is one of: '.', ','"),
        ('{"header": -1}', "header is -1; allowed is the number of a line up to 1000, or 0"),
        ('{"header": true}', "header is True; allowed"),
        ('{"time": [1]}', r"time is \[1\]; allowed is a list of at most 60 names"),
        ('{"missing": [NaN]}', r"missing is \[nan\]; allowed is a list of at most 60 numbers"),
        ('{"target": ["T"]}', "allowed is a text no longer than 200"),
        (f'{{"target": "{"x" * 201}"}}', "allowed is a text no longer than 200"),
        ("x" * 4_001, "too long: 4001; allowed are at most 4000"),
    ],
)
def test_any_other_text_is_refused_with_a_reason(text: str, sentence: str) -> None:
    with pytest.raises(Problem, match=sentence):
        from_json(text)
