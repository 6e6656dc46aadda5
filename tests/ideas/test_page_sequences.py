"""The page "Sequences and memory": every control reaches the finding, every row of the articles."""

import json
import re
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ideas.sequences import ball
from rnnviz.ui.ideas.sequences import PARTS
from tests.ideas.article_rows import ArticleRow, article_rows, check_row, open_link
from tests.ideas.idea_page import finding, picture, plain


def page(locale: str = "en-US", **address: str) -> AppTest:
    return open_link(f"sequences-and-memory?{urlencode(address)}", locale)


@pytest.mark.parametrize("row", article_rows("sequences"), ids=str)
def test_a_row_of_the_articles_is_on_the_page(row: ArticleRow) -> None:
    check_row(row)


@pytest.mark.parametrize("part", PARTS)
def test_in_korean_every_part_is_korean(part: str) -> None:
    at = page("ko-KR", part=part)
    assert re.search("[가-힣]", finding(at))
    english = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,} [a-z]{2,}")
    texts = [finding(at), *(plain(each.value) for each in at.caption)]
    assert [text for text in texts if english.search(text)] == []


def test_ten_throws_are_scored_by_the_number_of_pictures() -> None:
    at = page()
    assert "no more than a coin" in finding(at)
    truth = ball.throw(1).rightwards
    for number in range(10):
        if number == 4:
            at.slider(key="sequences.pictures").set_value(3).run()
        side = "r" if truth[number] == (number >= 3) else "l"  # Wrong three times, then right.
        at.button(key=f"sequences.guess-{side}").click().run()
    assert "the direction can be seen" in finding(at)
    assert finding(at).endswith("You: 6 of 6.")
    assert ">1/4<" in picture(at)
    assert at.button(key="sequences.guess-l").disabled
    at.button(key="sequences.new").click().run()
    assert "You:" not in finding(at)
    assert "2" in at.query_params["round"]
    assert not at.button(key="sequences.guess-l").disabled


def test_the_link_of_a_score_opens_it() -> None:
    right = "r" if ball.throw(7).rightwards[0] else "l"
    at = page(round="7", guesses=f"1{right}")
    assert finding(at).endswith("You: 1 of 1.")
    at = page(guesses="<b>9x")
    assert "<b>9x" in plain(at.warning[0].value)
    assert "allowed are up to ten of" in plain(at.warning[0].value)


def test_what_is_learned_decides_what_can_be_said() -> None:
    at = page(part="alphabet")
    assert "What was never practised is not known" in finding(at)
    at.button_group(key="sequences.question").set_value("forwards").run()
    assert "25 of 25" in finding(at)
    numbers = set()
    for network in range(1, 6):
        at = page(part="alphabet", question="from_f", network=str(network))
        numbers.add(finding(at))
    assert len(numbers) > 1, "some networks hesitate at F, and some do not"


def test_the_machine_remembers_or_forgets() -> None:
    at = page(part="machine", numbers="100 20 3")
    assert finding(at) == "Processor 2 reads 20 and remembers 100 from before: together 120."
    at.toggle(key="sequences.memory").set_value(False).run()
    assert finding(at).startswith("Without memory processor 2 knows only its own 20")
    at.button_group(key="sequences.form").set_value("tree").run()
    assert "2 levels up to the total 123" in finding(at)
    at = page(part="machine", numbers="100 20 3", form="loop", t="3")
    assert "together 123" in finding(at)
    assert 'data-pick="1"' in picture(at)
    at = page(part="machine", numbers="12 minus")
    assert "minus is not a number" in plain(at.warning[0].value)
    assert not at.subheader
    assert "Type a few numbers" in plain(page(part="machine", numbers=" ").warning[0].value)


def test_shuffling_moves_the_rnn_and_not_the_bag() -> None:
    at = page(part="shuffle", shuffled="0")
    assert finding(at).startswith("As typed")
    bag = re.search(r"the bag of words “the time” \(([\d.]+) %\)", finding(at))
    assert bag
    results = set()
    for order in (1, 2, 23):
        at.slider(key="sequences.shuffled").set_value(order).run()
        assert f"{bag[1]} %" in finding(at)
        results.add(finding(at))
    assert len(results) == 3
    at.text_input(key="sequences.sentence").set_value("<b> time $x$?").run()
    assert "&lt;" in picture(at)
    assert any("read as UNK" in plain(each.value) for each in at.caption)
    at.text_input(key="sequences.sentence").set_value("colourless green ideas").run()
    assert finding(at).startswith("In this order nothing moves")
    assert any("know none of these words" in plain(each.value) for each in at.markdown)
    at.text_input(key="sequences.sentence").set_value("").run()
    assert "Type a sentence" in at.warning[0].value


def test_a_korean_sentence_is_answered_by_korean_networks() -> None:
    at = page("ko-KR", part="shuffle", sentence="지금 몇 시야?", shuffled="0")
    assert "시각" in finding(at)
    assert not any("UNK" in each.value for each in at.caption)


def test_the_tone_rises_falls_or_stays() -> None:
    at = page(part="tone")
    assert finding(at).startswith("A rising tone: 30 columns")
    at.slider(key="sequences.start").set_value(1900).run()
    assert finding(at).startswith("A falling tone")
    at.slider(key="sequences.end").set_value(1900).run()
    assert finding(at).startswith("A steady tone")
    at.button_group(key="sequences.window").set_value("64").run()
    (chart,) = at.get("plotly_chart")
    heatmap = json.loads(chart.proto.spec)["data"][1]
    assert len(heatmap["x"]) == 124
    assert len(heatmap["y"]) == 33


def test_dice_are_no_sequence() -> None:
    at = page(part="order")
    assert finding(at).startswith("A sequence")
    at.button_group(key="sequences.data").set_value("dice").run()
    assert finding(at).startswith("No sequence")


@pytest.mark.parametrize("part", PARTS)
def test_the_programs_can_be_opened(part: str) -> None:
    at = page(part=part)
    key = f"sequences.{part}-listing"
    at.session_state[key] = True
    at.run()
    assert not at.exception
    assert len(at.code) >= 2


@pytest.mark.parametrize(
    "address",
    [{"part": "nothing"}, {"pictures": "99"}, {"part": "machine", "t": "0"}, {"round": "-1"}],
    ids=str,
)
def test_wrong_values_in_a_link_are_reported(address: dict[str, str]) -> None:
    at = page(**address)
    assert at.warning
    assert at.subheader
