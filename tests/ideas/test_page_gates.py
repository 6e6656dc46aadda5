"""The page "Inside the gates": every control reaches the walk, and the finding judges it."""

import json
import re
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ideas.gates import training
from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.goals import finding, judge
from rnnviz.ideas.gates.holds import Hold, Holds, solution
from rnnviz.ideas.gates.signals import has_cue, phases
from rnnviz.ideas.gates.unit import untrained_unit, walk
from rnnviz.ui.ideas.gates import study
from rnnviz.ui.ideas.gates.controls import control_values, hold_keys, suggestions
from tests.ideas.article_rows import ArticleRow, article_rows, check_row, open_link
from tests.ideas.idea_page import finding as headline
from tests.ideas.idea_page import picture, plain


def page(locale: str = "en-US", **address: str) -> AppTest:
    return open_link(f"inside-the-gates?{urlencode(address)}", locale)


def expected(cell: str, signal: str, holds: Holds) -> str:
    return str(finding(judge(walk(untrained_unit(cell), signal, holds))))


@pytest.mark.parametrize("row", article_rows("gates"), ids=str)
def test_a_row_of_the_articles_is_on_the_page(row: ArticleRow) -> None:
    check_row(row)


@pytest.mark.parametrize("cell", GATED_CELLS)
def test_the_hands_reach_every_goal_by_the_controls(cell: str) -> None:
    """Each gate is held in its phase by the controls alone, as a visitor does it."""
    at = page(cell=cell, signal="cue")
    forgotten = headline(at)
    assert forgotten == expected(cell, "cue", ())
    assert forgotten.startswith("Forgotten")
    holds = solution(cell, "cue")
    for phase in phases("cue"):
        at.button_group(key="gates.phase").set_value(phase.code).run()
        for hold in holds:
            if hold.phase == phase.code:
                switch, key = hold_keys(hold.gate, hold.phase)
                at.toggle(key=switch).set_value(True).run()
                at.slider(key=key).set_value(hold.value).run()
    assert headline(at) == expected(cell, "cue", holds)
    assert headline(at).startswith("Kept and emptied")
    assert "hold_" + holds[0].gate + "_first" in at.query_params
    at.button_group(key="gates.signal").set_value("noise").run()
    assert headline(at).startswith("Kept: "), "the same holds serve without a cue"


def test_the_picture_shows_the_step_that_was_picked() -> None:
    at = page(hold_forget_later="1", forget_later="0.9", t="7")
    result = walk(untrained_unit("lstm"), "pulse", (Hold("forget", "later", 0.9),))
    html = picture(at)
    assert ">f = 0.90<" in html
    assert f"in the memory, {result.outflow[6]:.3f} flows off".replace("-", "−") in html
    assert html.count("data-pick") == 40
    assert html.count('class="here"') == 1
    memory = f"{result.memory[7]:.2f}"
    assert f'aria-label="Step 7: {memory}"' in html


def test_training_is_compared_with_the_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    at = page(part="trained")
    assert headline(at).startswith("Training found what is missing: its forget gate")
    assert ">f, trained<" in picture(at)
    at.button_group(key="gates.phase").set_value("later").run()
    at.toggle(key="gates.hold_forget_later").set_value(True).run()
    at.toggle(key="gates.hold_input_later").set_value(True).run()
    at.slider(key="gates.input_later").set_value(0.0).run()
    assert headline(at).startswith("Training found it too")
    monkeypatch.setattr(training, "SHORT_STEPS", 1)
    monkeypatch.setattr(training, "LONG_STEPS", 1)
    at.slider(key="gates.seed").set_value(9).run()
    assert headline(at).startswith("You beat the training")


def test_the_surgery_follows_its_bias() -> None:
    at = page(part="surgery")
    assert headline(at).startswith("Frozen at σ(2) = 0.881, the LSTM still recalls")
    at.slider(key="gates.bias").set_value(-4.0).run()
    assert "no more than guessing" in headline(at)
    chart = json.loads(at.get("plotly_chart")[0].proto.spec)
    assert chart["data"][1]["x"] == [-4.0]
    at.button_group(key="gates.cell").set_value("gru").run()
    assert "the GRU" in headline(at)
    assert (
        page(part="surgery", bias="1.26").header[0].value
        == page(part="surgery", bias="1.5").header[0].value
    )


def test_suggestions_keep_their_promises() -> None:
    starts = ["Forgotten", "Covered", "Kept: ", "Kept and emptied"]
    at = page()
    for start, (label, values) in zip(starts, suggestions(), strict=True):
        [button] = [each for each in at.button if each.label == label]
        button.click().run()
        assert headline(at).startswith(start)
        assert values["gates.cell"] in GATED_CELLS
    assert "half leaks out in 6.6 steps" in expected(
        "lstm", "pulse", (Hold("input", "later", 0.0), Hold("forget", "later", 0.9))
    )


@pytest.mark.parametrize("signal", ["step", "cue"])
@pytest.mark.parametrize("value", [0.0, 1.0])
@pytest.mark.parametrize("cell", GATED_CELLS)
def test_the_ends_of_every_opening(cell: str, value: float, signal: str) -> None:
    holds = tuple(
        Hold(gate, phase.code, value)
        for gate in GATED_CELLS[cell].gates
        for phase in phases(signal)
    )
    values = control_values(cell, signal, holds)
    address = {
        key.removeprefix("gates."): f"{int(each)}" if isinstance(each, bool) else f"{each}"
        for key, each in values.items()
    }
    at = page(**address)
    assert headline(at) == expected(cell, signal, holds)
    assert not at.warning
    if has_cue(signal):
        assert ">cue<" in picture(at) or ">at the cue<" in picture(at)


def test_wrong_values_in_a_link_are_reported_and_ignored() -> None:
    for address in ({"hold_forget_later": "perhaps"}, {"t": "41"}, {"seed": "-1"}, {"cell": "rnn"}):
        at = page(part="trained", **address)
        assert "allowed" in at.warning[0].value
        assert headline(at).startswith("Training found what is missing")
    at = page(hold_forget_first="1", forget_first="1.5")
    assert "1.5" in plain(at.warning[0].value)


@pytest.mark.parametrize("part", ["hand", "trained", "surgery"])
def test_in_korean_every_part_is_korean(part: str) -> None:
    at = page("ko-KR", part=part)
    english = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}")
    texts = [headline(at), *(plain(each.value) for each in (*at.caption, *at.markdown))]
    assert [text for text in texts if english.search(text)] == []
    assert re.search("[가-힣]", headline(at))


def test_the_numbers_to_download_are_those_of_the_walk() -> None:
    result = study.own_walk("gru", "noise", ())
    table = study.table(result)
    assert len(table) == 40
    assert table["memory"].tolist() == list(result.memory[1:])
    assert (table["before"] - table["outflow"] + table["inflow"]).tolist() == pytest.approx(
        table["memory"].tolist()
    )
