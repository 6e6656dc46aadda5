"""The figures of stored runs: curves with baselines, and the gradient over the training."""

import itertools
import json

import pytest

from rnnviz.figures import BaselineLine, Curve, gradient_history, training_curves
from rnnviz.figures.training_curves import DASHES, KEY_HEIGHT, LEGEND_LINE, spread_keys


def test_values_that_the_axis_cannot_show_are_left_out() -> None:
    curve = Curve("x", "#000000", [0, 1, 2, 3], [None, 0.0, float("inf"), 2.0])
    lines = [BaselineLine("zero", 0.0), BaselineLine("one", 1.0)]
    linear = training_curves([curve], lines, x="x", y="y", logarithmic=False)
    assert (linear["data"][0]["x"], linear["data"][0]["y"]) == ([1, 3], [0.0, 2.0])
    assert len(linear["layout"]["shapes"]) == 2
    logarithmic = training_curves([curve], lines, x="x", y="y", logarithmic=True)
    assert logarithmic["data"][0]["y"] == [2.0]
    assert [note["y"] for note in logarithmic["layout"]["annotations"]] == [0.0]


@pytest.mark.parametrize("logarithmic", [False, True])
def test_keys_of_baselines_are_outside_the_axes_and_do_not_overlap(logarithmic: bool) -> None:
    curve = Curve("x", "#000000", [0, 1], [10.0, 90.0])
    lines = [BaselineLine(f"line {number}", 12.5 + number / 4) for number in range(4)]
    figure = training_curves([curve], lines, x="x", y="y", logarithmic=logarithmic)
    keys = figure["layout"]["annotations"]
    assert [key["text"] for key in keys] == list("①②③④")
    assert all((key["xref"], key["x"], key["xanchor"]) == ("paper", 1, "left") for key in keys)
    assert all(key["ax"] > 0 for key in keys)
    assert figure["layout"]["margin"]["r"] > keys[0]["ax"] + keys[0]["font"]["size"]
    offsets = [key["ay"] for key in keys]
    assert offsets[0] == pytest.approx(0), "the lowest key stays at its line"
    assert all(later < earlier - KEY_HEIGHT / 2 for earlier, later in itertools.pairwise(offsets))


def test_keys_keep_their_distance_and_stay_below_the_top() -> None:
    assert spread_keys([], 100) == []
    assert spread_keys([50, 0], 100) == [50, 0]
    assert spread_keys([10, 10, 9], 100) == [9 + KEY_HEIGHT, 9 + 2 * KEY_HEIGHT, 9]
    assert spread_keys([100, 99, 98], 100) == [100, 100 - KEY_HEIGHT, 100 - 2 * KEY_HEIGHT]


def test_a_long_legend_and_a_long_title_take_no_height_from_the_curves() -> None:
    """On a narrow screen the legend has a line for each run."""
    heights = [
        training_curves(
            [Curve("x", "#000000", [0], [0.0])] * count, [], x="x", y="y", logarithmic=False
        )["layout"]["height"]
        for count in (1, 3, 10)
    ]
    assert heights[0] == heights[1]
    assert heights[2] - heights[1] == 7 * LEGEND_LINE
    title = "cross entropy on the validation examples (bits per character)"
    figure = training_curves([], [], x="x", y=title, logarithmic=False)
    assert figure["layout"]["yaxis"]["title"]["text"] == title.replace(" (", "<br>(")


def test_no_run_is_dashed_like_a_baseline() -> None:
    curves = [Curve(str(number), "#000000", [0, 1], [0.0, 1.0]) for number in range(10)]
    figure = training_curves(curves, [BaselineLine("one", 1.0)], x="x", y="y", logarithmic=False)
    [line] = figure["layout"]["shapes"]
    assert len(set(DASHES)) == 5
    assert line["line"]["dash"] not in {trace["line"]["dash"] for trace in figure["data"]}


def test_the_gradient_over_the_training_is_drawn_as_its_power_of_ten() -> None:
    figure = gradient_history([0, 5], [[0.001, 1.0], [0.0, None]], ["#000", "#fff"])
    [heatmap] = figure["data"]
    assert heatmap["z"] == [[pytest.approx(-3), None], [0.0, None]]
    assert (heatmap["zmin"], heatmap["zmax"]) == (-3, 0)
    assert heatmap["x"] == ["0", "5"]
    json.dumps(figure, allow_nan=False)
