"""What the page says when a race is over: one race of each kind of verdict, with few steps."""

import time
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.race_page import PATIENCE, open_page, payload, press, results, run_to_end, texts


def finished_race(**address: str) -> AppTest:
    """The page of a finished race, once the baselines are there to compare with."""
    at = run_to_end(press(open_page(**address), "start"))
    start = time.monotonic()
    while not at.header:
        assert time.monotonic() - start < PATIENCE
        time.sleep(0.1)
        at.run()
    assert not at.exception
    return at


def visible_texts(at: AppTest) -> str:
    """All that the page says on scores: verdicts, notes, table, and the title of the curves."""
    table = " ".join(f"{title}: {cell}" for row in results(at) for title, cell in row.items())
    elements: Any = (at.header, at.markdown, at.caption)
    lines = [text for each in elements for text in texts(each)]
    return "\n".join([*lines, table, payload(at)["metricTitle"]])


def test_the_weather_says_whether_persistence_was_beaten() -> None:
    at = finished_race(task="weather", cells="gru,dense", steps="50", hidden="4")
    [header] = texts(at.header)
    assert "persistence: 2.08 °C" in header
    assert "GRU (" in header
    assert "Dense network (" in header
    assert "small error" not in header
    rows = {row["Model"]: row for row in results(at)}
    assert rows["persistence: as it is now"]["Mean absolute error on the test examples"] == (
        "2.08 °C"
    )
    assert rows["persistence: as it is now"]["Mean absolute error on the validation examples"] == (
        "2.02 °C"
    )
    scores = [rows[name]["Mean absolute error on the test examples"] for name in ("GRU",)]
    assert f"GRU ({scores[0]})" in header
    assert "Measured on 128 of 22330 test examples, apart from the 128 valid" in visible_texts(at)


@pytest.mark.parametrize(
    ("address", "baseline"),
    [
        ({"task": "surnames", "cells": "rnn,gru"}, "character n-grams with logistic regression"),
        ({"task": "text", "cells": "rnn,gru"}, "trigram: how frequent each is after"),
    ],
)
def test_where_a_method_without_a_network_is_better_the_headline_says_so(
    address: dict[str, str], baseline: str
) -> None:
    at = finished_race(**address, steps="50", hidden="8")
    [header] = texts(at.header)
    assert header.startswith(f"No model beats the best baseline: {baseline}")
    assert "learned" not in header
    why = next(text for text in texts(at.markdown) if text.startswith("Training ended before"))
    assert "more steps may change this" in why
    at = at.segmented_control(key="frame.lang").set_value("ko").run()
    assert texts(at.header)[0].startswith("가장 좋은 기준선을 넘은 모델이 없습니다: ")


def test_what_is_recalled_and_what_is_not_is_one_statement() -> None:
    at = finished_race(lag="40", cells="rnn,lstm", steps="150", hidden="8")
    [header] = texts(at.header)
    verdicts = next(text for text in texts(at.markdown) if text.startswith("- RNN reaches"))
    rows = {row["Model"]: row["Accuracy on the test examples"] for row in results(at)}
    for name, line in zip(("RNN", "LSTM"), verdicts.split("\n"), strict=True):
        assert f"{name} reaches {rows[name]} (accuracy)" in line
        assert "recalls the symbol" in line
        share = float(rows[name].removesuffix(" %"))
        hardly = "hardly remembered" in header and name in header
        assert not (share > 62.5 and hardly)
        if share < 62.5:
            assert f"at the whole lag of 40, {rows[name]} of the time" in line


@pytest.mark.parametrize(
    ("address", "examples"),
    [
        ({"task": "four_words"}, "the training examples, learned by heart"),
        ({"task": "hello", "seeds": "2"}, "the training examples, learned by heart"),
        ({"task": "copy"}, "examples that training draws as well"),
    ],
)
def test_examples_that_were_trained_on_are_not_called_validation(
    address: dict[str, str], examples: str
) -> None:
    at = finished_race(**address, cells="rnn", steps="50", hidden="8")
    text = visible_texts(at)
    assert "validation" not in text.lower()
    assert f"ccuracy on {examples}" in text
    assert payload(at)["metricTitle"] == f"accuracy on {examples}"
    korean = visible_texts(at.segmented_control(key="frame.lang").set_value("ko").run())
    assert "검증" not in korean
    assert ("통째로 외운 학습 예제" if "heart" in examples else "학습에도 나오는 예제") in korean


def test_a_model_that_was_stopped_has_no_test_score() -> None:
    at = press(open_page(lag="40", cells="rnn", steps="100000", hidden="4"), "start")
    start = time.monotonic()
    while not any(each["step"] for each in payload(at)["contestants"]):
        assert time.monotonic() - start < PATIENCE
        time.sleep(0.1)
        at.run()
    at = run_to_end(press(at, "stop"))
    [row, _chance] = results(at)
    assert "Accuracy on the test examples" not in row
    assert "Accuracy on the validation examples" in row
    assert not at.header
    assert "No test score: RNN." in visible_texts(at)


def test_a_single_example_is_called_one() -> None:
    at = finished_race(task="hello", cells="rnn", steps="50", hidden="8")
    assert "Measured on the 1 training example itself: this task" in visible_texts(at)


def test_what_is_equal_is_not_called_unclear() -> None:
    at = finished_race(task="alphabet", cells="gru")
    assert "GRU reaches 100 % (accuracy). That is exactly as much as" in visible_texts(at)


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ({"task": "alphabet", "asked": "backwards"}, "25 separate answers"),
        ({"task": "counting", "beyond": "3"}, "3 separate examples"),
    ],
)
def test_what_a_difference_rests_on_is_counted_once(address: dict[str, str], count: str) -> None:
    at = finished_race(**address, cells="gru", steps="50", hidden="4")
    assert f"two standard errors, computed over {count}." in visible_texts(at)
