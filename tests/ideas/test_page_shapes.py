"""The page "Shapes and layers": findings follow the controls, the rows of the articles show."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ideas.shapes import PRESETS, LayerSettings
from rnnviz.ideas.shapes.layers import read
from rnnviz.ideas.shapes.parts import pad
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui.ideas.shapes.controls import PARTS
from tests.ideas.article_rows import ArticleRow, article_rows, check_row, open_link

ADDRESS = "shapes-and-layers"
RULES = rules(LayerSettings)


def page(address: str = "", locale: str = "en-US") -> AppTest:
    at = open_link(f"{ADDRESS}?{address}", locale)
    assert not at.warning
    return at


def finding(at: AppTest) -> str:
    return re.sub(r"\\|\u2060", "", at.subheader[0].value)


def picture(at: AppTest) -> str:
    (component,) = at.get("bidi_component")
    html: str = component.proto.bytes.decode()
    return html


@pytest.mark.parametrize("row", article_rows("shapes"), ids=str)
def test_a_row_of_the_articles_is_shown(row: ArticleRow) -> None:
    check_row(row)


def test_where_h_n_sits_follows_the_controls() -> None:
    at = page()
    distance = f"{read(LayerSettings()).backward_distance:.2f}"
    assert finding(at).startswith("h_n is not output[:, -1]")
    assert distance in finding(at)
    at.button_group(key="shapes.batch_axis").set_value("second").run()
    assert finding(at).startswith("h_n is not output[-1]")
    at.button_group(key="shapes.directions").set_value("one").run()
    assert "is output[-1]: the last of the 5 time steps" in finding(at)
    at.slider(key="shapes.layers").set_value(2).run()
    assert "the 1 lower layer" in finding(at)
    at.select_slider(key="shapes.steps").set_value(1).run()
    assert "With one time step" in finding(at)


def test_a_picked_number_of_h_n_names_its_place_in_output() -> None:
    at = page("unit=b1")
    reading = read(LayerSettings())
    value = f"{float(reading.states[0][0, 1, 0, 1]):+.2f}".replace("-", "−")
    assert f"h_n[1, 0, 1] = output[0, 0, 4] = {value}" in picture(at)
    twins = re.findall(r'data-twin="1-0-1"', picture(at))
    assert len(twins) == 2  # In output, and in h_n.
    hint = "Point at a number of h_n"
    assert hint not in picture(at)
    assert hint in picture(page("unit=z9"))


def test_the_last_column_is_right_only_without_padding() -> None:
    at = page("part=padding&directions=one")
    padded = pad(LayerSettings(directions="one"), 5)
    assert "reads the padding" in finding(at)
    assert f"{padded.last_distance:.2f}" in finding(at)
    assert "red-badge" in at.markdown[1].value
    at.slider(key="shapes.pads").set_value(0).run()
    assert "Without padding" in finding(at)
    assert "green-badge" in at.markdown[1].value
    at.button_group(key="shapes.directions").set_value("both").run()
    at.slider(key="shapes.pads").set_value(3).run()
    assert "Backwards, the padding is read first" in finding(at)


def test_return_values_state_weights_and_loop_follow_their_controls() -> None:
    at = page("part=returns&directions=one")
    assert "only the last of 5 steps is returned: (3, 3)" in finding(at)
    at.toggle(key="shapes.sequences").set_value(True).run()
    at.toggle(key="shapes.return_state").set_value(True).run()
    assert "all 5 steps: (3, 5, 3), (3, 3)" in finding(at)
    at.button_group(key="shapes.part").set_value("state").run()
    assert finding(at).startswith("Reset")
    at.button_group(key="shapes.between").set_value("carried").run()
    assert finding(at).startswith("Carried")
    at.button_group(key="shapes.part").set_value("weights").run()
    assert "81 weights serves all 5 time steps" in finding(at)
    at.button_group(key="shapes.part").set_value("loop").run()
    assert "equals nn.GRU" in finding(at)
    at.slider(key="shapes.t").set_value(3).run()
    assert "Time step 3 of 5" in picture(at)


def extremes() -> list[str]:
    """Every control at both ends, in each part; all at their most."""
    ends = {
        name: [*rule.options][:: max(1, len(rule.options) - 1)]
        if isinstance(rule, Choice)
        else [rule.low, rule.high]
        for name, rule in RULES.items()
        if isinstance(rule, Choice | Range)
    }
    lows = "&".join(f"{name}={values[0]}" for name, values in ends.items())
    highs = "&".join(f"{name}={values[-1]}" for name, values in ends.items() if name != "layers")
    return [f"part={part}&{end}" for part in PARTS for end in (lows, highs)]


ROOM = 904
"""The width of the page at 1280 px, beside the menu."""


@pytest.mark.parametrize("address", extremes())
def test_the_ends_of_all_controls(address: str) -> None:
    at = page(f"{address}&pads=20&return_state=1&unit=f0&line=0", "ko-KR")
    assert re.search("[가-힣]", finding(at))
    assert "nan" not in picture(at)
    assert len(picture(at)) < 120_000


def test_every_preset_of_the_articles_shows_its_shape() -> None:
    at = page()
    for number, (title, changes) in enumerate(PRESETS):
        assert not at.main.button, "they are behind one button, which closes when one is followed"
        at.session_state["shapes.presets"] = True
        at.run().main.button[number].click().run()
        assert not at.exception
        assert title.rpartition("→")[2].strip() in picture(at), title
        shapes = read(LayerSettings(**changes)).shapes
        assert all(str(shape) in picture(at) for shape in shapes.values())
        widths = [int(width) for width in re.findall(r'<svg width="(\d+)"', picture(at))]
        assert max(widths) <= ROOM, "c_n stands past the edge of a projector"


def test_a_hostile_link_is_named_and_shows_the_defaults() -> None:
    at = open_link(f"{ADDRESS}?hidden=9999&cell=conv&steps=x&part=nothing&line=-3")
    assert "9999" in at.warning[0].value
    assert finding(at).startswith("h_n is not output")
