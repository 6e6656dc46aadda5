"""What the page says of a race on a task with a lesson of its own: the alphabet, counting."""

import re
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.conftest import reset_server
from tests.race_page import open_page, payload, press, run_to_end, texts


@pytest.fixture(autouse=True)
def no_worker_is_left() -> Iterator[None]:
    yield
    reset_server()


def run_race(**address: str) -> AppTest:
    at = press(open_page(**address), "start")
    return run_to_end(at)


def test_the_alphabet_asked_backwards_is_not_known_and_the_page_says_why() -> None:
    at = run_race(task="alphabet", order="forwards", asked="backwards", cells="lstm,gru")
    assert payload(at)["metricTitle"].startswith("accuracy in the asked order")
    assert texts(at.header)[0] == "LSTM and GRU, trained on A → Z, cannot say Z → A."
    [reason] = [text for text in texts(at.markdown) if "more of it does not help" in text]
    assert reason.startswith("Training from A → Z shows which letter follows each")
    [sentences] = [text for text in texts(at.markdown) if text.startswith("- LSTM")]
    for name in ("LSTM", "GRU"):
        [right] = re.findall(rf"{name} says (\d+) of 25 letters of Z → A, but 25 of 25", sentences)
        assert int(right) <= 1
    [answer] = payload(at)["answers"]
    assert answer["target"].startswith("Z→Y Y→X")


def test_an_earlier_link_to_the_alphabet_backwards_asks_what_was_learned() -> None:
    at = run_race(task="alphabet", order="backwards", cells="lstm,gru", lang="ko")
    assert texts(at.header)[0] == "LSTM, GRU: 예제를 외웠습니다."
    [answer] = payload(at)["answers"]
    assert answer["question"] == "ZYXWVUTSRQPONMLKJIHGFEDCB"
    assert answer["target"] == "YXWVUTSRQPONMLKJIHGFEDCBA"


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", r"GRU counts right up to n = (\d+); it was trained up to n = 2\."),
        ("ko", r"GRU: n = (\d+)까지 맞게 셉니다\. 학습은 n = 2까지 했습니다\."),
    ],
)
def test_a_race_says_how_far_each_model_counts(language: str, sentence: str) -> None:
    address = {"longest": "2", "beyond": "1", "steps": "150", "lr": "0.02"}
    at = run_race(task="counting", cells="rnn,gru", lang=language, **address)
    [sentences] = [text for text in texts(at.markdown) if text.startswith("- RNN")]
    [reach] = re.findall(sentence, sentences)
    assert 2 <= int(reach) < 6
