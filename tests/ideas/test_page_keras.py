"""The page "Keras and PyTorch": every control reaches what is drawn, every row of the table."""

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.gradient_flow import FlowSettings, band, measure
from rnnviz.ideas.keras.choice import ModelChoice
from rnnviz.ideas.keras.training_part import train
from tests.ideas.article_rows import ArticleRow, article_rows, check_row

ROOT = Path(__file__).parents[2]
PAGE = "pages/ideas/keras_and_pytorch.py"


def page(locale: str = "en-US", **address: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    at.context["locale"] = locale
    at.run()
    at.query_params.update(address)
    at.switch_page(PAGE).run()
    assert not at.exception
    return at


def plain(text: str) -> str:
    return re.sub(r"\\(\W)", r"\1", text.replace("\N{WORD JOINER}", ""))


def picture(at: AppTest) -> str:
    """The text of the picture, with marks around what is struck out."""
    (component,) = at.get("bidi_component")
    drawn = component.proto.bytes.decode()
    marked = drawn.replace("<del", "~<del").replace("</del>", "</del>~")
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", marked)))


def finding(at: AppTest) -> str:
    return plain((*at.header, *at.subheader)[0].value)


@pytest.mark.parametrize("row", article_rows("keras"), ids=str)
def test_a_row_of_the_articles_is_shown(row: ArticleRow) -> None:
    check_row(row)


def test_the_finding_of_the_model_follows_the_cell() -> None:
    at = page()
    assert finding(at).startswith("LSTM: 8,320 weights in Keras, 8,448 in PyTorch")
    at.segmented_control(key="keras.cell").set_value("gru").run()
    assert (
        finding(at) == "GRU: 6,336 weights in Keras and in PyTorch; both give it two bias vectors"
    )
    at.segmented_control(key="keras.cell").set_value("rnn").run()
    assert "layers.SimpleRNN(32)" in picture(at)
    at.slider(key="keras.layers").set_value(3).run()
    at.toggle(key="keras.bidirectional").set_value(True).run()
    at.toggle(key="keras.convolution").set_value(True).run()
    at.slider(key="keras.dropout").set_value(0.3).run()
    drawn = picture(at)
    for part in (
        "num_layers=3,",
        "layers.Bidirectional(",
        "nn.Conv1d(32, 32, 5)",
        "nn.Dropout(0.3)",
    ):
        assert part in drawn
    assert "~ , input_length=20 ~" in drawn


def test_the_finding_of_the_text_counts_its_words() -> None:
    at = page(part="text")
    assert "drops 2 of 13 words" in finding(at)
    assert "→ [2 5 3 4 2 5 3 1 4 2 1 3]" in picture(at)
    at.slider(key="keras.words").set_value(20).run()
    assert finding(at) == "Every word has a number: neither library loses one of 13"
    at.text_input(key="keras.text").set_value("").run()
    assert finding(at) == "No words, no numbers: type a text"
    at.text_input(key="keras.text").set_value("<b>&amp; 안녕 안녕").run()
    assert not at.exception
    assert "[3 2 2 0" in picture(at)


def test_the_finding_of_the_training_is_that_of_a_real_training() -> None:
    at = page(part="training")
    losses = train(ModelChoice(), 30)
    assert f"from {losses.before:.2f} to {losses.after:.3f}, and all 4 texts" in finding(at)
    at.slider(key="keras.epochs").set_value(1).run()
    right = train(ModelChoice(), 1).right
    assert f"only {right} of 4 texts" in finding(at)
    assert "range(1)" in picture(at)
    assert "~ with tf.GradientTape() as tape: ~" in picture(at)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_switch_moves_the_curve_to_the_start_of_keras(cell: str) -> None:
    at = page(part="defaults", cell=cell)
    sentences = []
    for start in ("pytorch", "keras"):
        if start == "keras":
            at.toggle(key="keras.start").set_value(True).run()
        study = FlowSettings(cells=(cell,), initialisation=start)
        (solid,) = [line for line in curves(at) if line["line"]["dash"] == "solid"]
        expected = band(measure(study).flows[cell].norms)[1].tolist()
        assert solid["y"] == pytest.approx(expected)
        sentences.append(finding(at))
    words = {
        "lstm": ("leave 100 times", "100 times as much as"),
        "gru": ("leave less", "less than"),
    }
    for sentence, part in zip(sentences, words[cell], strict=True):
        assert part in sentence


def curves(at: AppTest) -> list[dict[str, Any]]:
    data = json.loads(at.get("plotly_chart")[0].proto.spec)["data"]
    return [trace for trace in data if trace.get("name")]


@pytest.mark.parametrize("part", ["text", "defaults"])
def test_the_listings_open_and_korean_is_korean(part: str) -> None:
    at = page("ko-KR", part=part)
    assert re.search("[가-힣]", finding(at))
    assert any(badge in "".join(each.value for each in at.markdown) for badge in ("맞음", "틀림"))
    at.session_state[f"keras.{part}.listings"] = True
    at.run()
    assert "import torch" in at.code[0].value


@pytest.mark.parametrize(
    "address",
    [
        {"layers": "9", "cell": "<img src=x onerror=alert(1)>"},
        {"part": "text", "words": "2"},
        {"part": "defaults", "start": "perhaps"},
    ],
    ids=str,
)
def test_wrong_values_in_a_link_are_reported(address: dict[str, str]) -> None:
    at = page(**address)
    assert "This link has settings" in at.warning[0].value
    assert finding(at)
