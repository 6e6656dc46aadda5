"""The page "Learning": every control reaches the finding, every row of the articles is there."""

import json
import re
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ideas.learning import flow, hello, rates
from tests.ideas.article_rows import ArticleRow, article_rows, check_row, drawn_texts, open_link


def finding(at: AppTest) -> str:
    """The sentence above the picture."""
    (first,) = at.subheader or at.header
    return re.sub(r"\\(.)", r"\1", first.value)


def figure(at: AppTest) -> dict[str, Any]:
    spec: dict[str, Any] = json.loads(at.get("plotly_chart")[0].proto.spec)
    return spec


def picture(at: AppTest) -> str:
    return next(text for text in drawn_texts(at) if "optimizer.step()" in text)


@pytest.mark.parametrize("row", article_rows("learning"), ids=str)
def test_a_row_of_the_articles_is_shown(row: ArticleRow) -> None:
    check_row(row)


def test_the_four_stages_of_a_step() -> None:
    at = open_link("learning")
    step = hello.training_step(0.1, 25)
    after = f"{step.after['W_hh'][0, 0]:.3f}".replace("-", "−")
    assert finding(at).startswith(f"The update moves W_hh[0, 0] to {after}")
    assert "later" not in picture(at)
    starts = {"forward": "After 25 updates", "loss": "The loss of the text", "backward": "A larger"}
    for stage, start in starts.items():
        at.segmented_control(key="learning.stage").set_value(stage).run()
        assert finding(at).startswith(start)
    assert "later" not in picture(at)
    at.segmented_control(key="learning.stage").set_value("loss").run()
    assert "later" in picture(at), "what the backward walk finds is not there yet"
    at.segmented_control(key="learning.loss_at").set_value("last").run()
    assert finding(at).startswith("Only the last answer counts")


def test_another_weight_and_step_have_another_gradient() -> None:
    at = open_link("learning?stage=backward&weight=W_hy.2.1&steps=0&rate=1")
    gradient = hello.training_step(1.0, 0).gradient.weights["W_hy"][2, 1]
    word = "raise" if gradient > 0 else "lower"
    assert f"A larger W_hy[2, 1] would {word} the loss" in finding(at)
    at.selectbox(key="learning.weight").set_value("b_h.0").run()
    assert "b_h[0]" in finding(at)
    at.segmented_control(key="learning.stage").set_value("update").run()
    at.select_slider(key="learning.rate").set_value(3.0).run()
    at.slider(key="learning.steps").set_value(200).run()
    assert not at.exception


def test_rates_crawl_learn_and_diverge() -> None:
    at = open_link("learning?part=rate")
    for rate, word in ((0.001, "crawls"), (0.1, "learns"), (3.0, "diverges")):
        at.select_slider(key="learning.rate").set_value(rate).run()
        assert f"At a rate of {rate:g} it {word}" in finding(at)
    path = next(t for t in figure(at)["data"] if t.get("mode") == "lines+markers")
    assert len(path["x"]) == rates.UPDATES + 1
    at.segmented_control(key="learning.optimiser").set_value("adam").run()
    at.select_slider(key="learning.rate").set_value(1.0).run()
    assert "learns" in finding(at)
    assert "beyond the map" in " ".join(caption.value for caption in at.caption)


def test_depth_and_time_vanish_or_explode_together() -> None:
    at = open_link("learning?part=depth")
    assert finding(at).startswith("Both vanish: 20 layers")
    values = [trace["y"][0] for trace in figure(at)["data"]]
    remaining = [flow.flow(kind, "tanh", 20).remaining for kind in ("layers", "time")]
    assert values == pytest.approx(remaining, rel=1e-3)
    at.toggle(key="learning.set_radius").set_value(True).run()
    at.slider(key="learning.scale").set_value(3.0).run()
    at.segmented_control(key="learning.activation").set_value("identity").run()
    assert finding(at).startswith("Both explode")
    at.slider(key="learning.depth").set_value(2).run()
    assert finding(at).startswith("2 layers multiply")


def test_the_views_of_the_activation() -> None:
    at = open_link("learning?part=activation")
    assert "stays at" in finding(at)
    at.segmented_control(key="learning.activation").set_value("relu").run()
    at.toggle(key="learning.set_radius").set_value(True).run()
    at.slider(key="learning.radius").set_value(3.0).run()
    assert "grows to" in finding(at)
    at.segmented_control(key="learning.view").set_value("centre").run()
    assert "not zero-centred: one step pushes 100 %" in finding(at)
    at.segmented_control(key="learning.view").set_value("xor").run()
    assert "ReLU solves XOR from" in finding(at)


def test_scissors_turn_the_gradient() -> None:
    at = open_link("learning?part=cuts")
    sentences = []
    for piece in (1, 10, 20, 60):
        at.slider(key="learning.piece").set_value(piece).run()
        sentences.append(finding_above_the_chain(at))
    assert "points elsewhere" in sentences[0]
    assert "turns by" in sentences[1]
    assert "nearly keeps its direction" in sentences[2]
    assert sentences[3].startswith("No cut")
    at.segmented_control(key="learning.loss_at").set_value("last").run()
    at.slider(key="learning.piece").set_value(15).run()
    assert "10 of 40 steps have a gradient" in " ".join(each.value for each in at.caption)
    at.slider(key="learning.length").set_value(4).run()
    assert finding_above_the_chain(at).startswith("No cut")


def finding_above_the_chain(at: AppTest) -> str:
    return re.sub(r"\\(.)", r"\1", at.subheader[0].value)


def test_a_small_model_does_not_overfit_yet() -> None:
    at = open_link("learning?part=fit&names=400&units=8")
    assert finding(at).startswith("It does not overfit within 20 epochs")
    assert {trace["name"] for trace in figure(at)["data"]} == {"training loss", "validation loss"}
    assert figure(at)["layout"]["yaxis"]["rangemode"] == "tozero", "both on one axis"


def claim(at: AppTest) -> str:
    (text,) = [each.value for each in at.markdown if "-badge[" in each.value]
    return text


def test_dropout_left_on_changes_answers_unless_nothing_is_dropped() -> None:
    at = open_link("learning?part=left_on")
    assert "of the answers change, and" in finding(at)
    assert claim(at).startswith(":red-badge[wrong]")
    at.slider(key="learning.p").set_value(0.0).run()
    assert finding(at).startswith("At p = 0 nothing is dropped: all 20 evaluations")
    right = [trace["y"] for trace in figure(at)["data"][:2]]
    assert right[0] == right[1]
    assert claim(at).startswith(":orange-badge[half right]")
    at.slider(key="learning.p").set_value(0.1).run()
    assert "of the answers change; " in finding(at)


@pytest.mark.parametrize("part", ["step", "rate", "depth", "activation", "cuts", "fit", "left_on"])
def test_the_page_in_korean(part: str) -> None:
    at = open_link(f"learning?part={part}&names=100&units=4", "ko-KR")
    sentence = (at.subheader or at.header)[0].value
    assert re.search("[가-힣]", sentence), sentence


@pytest.mark.parametrize(
    "link",
    [
        "weight=W_hh.9.9",
        "stage=sideways",
        "rate=0",
        "steps=-1",
        "part=cuts&piece=61",
        "part=magic",
        "part=left_on&p=0.9",
    ],
)
def test_a_wrong_value_in_a_link_is_named(link: str) -> None:
    at = open_link(f"learning?{link}")
    value = link.rpartition("=")[2]
    assert any(value in re.sub(r"\\(.)", r"\1", warning.value) for warning in at.warning)
    assert at.subheader or at.header
