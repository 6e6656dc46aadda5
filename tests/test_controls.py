"""Controls: from the address to the value and back, without loss; hostile values are refused."""

from collections.abc import Mapping
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ui.permalink_aliases import modernise


def frame() -> None:
    """Two pages with every kind of control, in the frame that app.py gives to pages."""
    import streamlit as st

    from rnnviz.settings import Range
    from rnnviz.ui import controls, language, permalink, show

    language.set_from_address()
    with permalink.sync(st.session_state.get("test_page", "one")):
        language.draw_switch()
        if st.session_state.get("test_page", "one") == "one":
            names = {"rnn": "RNN", "lstm": "LSTM", "gru": "GRU"}
            if language.current() == "ko":
                names = {"rnn": "순환", "lstm": "장단기", "gru": "게이트"}
            many = {f"o{n}": f"Option {n}" for n in range(6)}
            values: dict[str, Any] = {
                "units": controls.slider("one.units", "Units", Range(2, 64), 16),
                "scale": controls.slider("one.scale", "Scale", Range(0.0, 2.0, 0.05), 1.0),
                "rate": controls.slider(
                    "one.rate", "Rate", Range(1e-4, 1.0, logarithmic=True), 0.01
                ),
                "cell": controls.choose("one.cell", "Cell", names, "lstm"),
                "many": controls.choose("one.many", "Many", many, "o0"),
                "cells": controls.choose_several("one.cells", "Cells", names, ["rnn", "lstm"]),
                "words": controls.text("one.words", "Text", "hello", limit=20),
                "bias": controls.toggle("one.bias", "Bias", True),
                "at": controls.address_value("one.at", 0, rule=Range(0, 199)),
            }
            controls.suggestion_buttons(
                [("Set three", {"one.units": 64, "one.cell": "gru", "one.at": 7})]
            )
        else:
            values = {"cell": controls.choose("two.cell", "Cell", {"a": "A", "b": "B"}, "a")}
        st.session_state["values"] = values
        show.link_problems(permalink.problems())


DEFAULTS = {
    "units": 16,
    "scale": 1.0,
    "rate": 0.01,
    "cell": "lstm",
    "many": "o0",
    "cells": ["rnn", "lstm"],
    "words": "hello",
    "bias": True,
    "at": 0,
}


def open_page(**address: str) -> AppTest:
    at = AppTest.from_function(frame)
    for name, text in address.items():
        at.query_params[name] = text
    return run(at)


def run(at: AppTest) -> AppTest:
    at.run()
    assert not at.exception
    return at


def control_values(at: AppTest) -> dict[str, Any]:
    """What the controls returned; the widgets must display the same."""
    values: dict[str, Any] = at.session_state["values"]
    for name, value in values.items():
        key = f"{at.session_state.get('test_page', 'one')}.{name}"
        if name != "at":
            assert at.session_state[key] == value, key
    return values


def test_defaults_stay_out_of_the_address() -> None:
    at = open_page()
    assert control_values(at) == DEFAULTS
    assert dict(at.query_params) == {}
    assert not at.warning


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("units", "2", 2),
        ("units", "64", 64),
        ("scale", "0", 0.0),
        ("scale", "2", 2.0),
        ("scale", "0.35", 0.35),
        ("rate", "0.0001", 1e-4),
        ("rate", "1", 1.0),
        ("cell", "gru", "gru"),
        ("many", "o5", "o5"),
        ("cells", "gru", ["gru"]),
        ("cells", "rnn,lstm,gru", ["rnn", "lstm", "gru"]),
        ("words", "<b>x</b> 안녕 & 100%", "<b>x</b> 안녕 & 100%"),
        ("words", "", ""),
        ("bias", "0", False),
        ("at", "199", 199),
    ],
)
def test_an_address_and_its_value_correspond(name: str, text: str, value: object) -> None:
    at = open_page(**{name: text})
    assert control_values(at) == DEFAULTS | {name: value}
    assert dict(at.query_params) == {name: text}
    assert not at.warning
    run(at)
    assert control_values(at) == DEFAULTS | {name: value}


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("units", "65", "2 to 64"),
        ("units", "3.5", "whole number"),
        ("units", "1e999", "2 to 64"),
        ("units", "nan", "2 to 64"),
        ("units", "<script>alert(1)</script>", "2 to 64"),
        ("scale", "-0.1", "0.0 to 2.0"),
        ("rate", "0", "0.0001 to 1.0"),
        ("cell", "transformer", "rnn, lstm, gru"),
        ("many", "", "o0, o1"),
        ("cells", "x", "rnn, lstm, gru"),
        ("cells", ",", "at least 1"),
        ("bias", "maybe", "0, 1"),
        ("at", "200", "0 to 199"),
        ("at", "12345678901234567890" * 30, "0 to 199"),
        ("lang", "fr", "en, ko"),
    ],
)
def test_a_hostile_value_is_ignored_and_reported(name: str, text: str, allowed: str) -> None:
    at = open_page(**{name: text})
    assert control_values(at) == DEFAULTS
    assert dict(at.query_params) == {}
    [notice] = at.warning
    message = notice.value.replace("\\", "")
    assert text[:20] in message
    assert allowed in message
    assert "\\<script" in notice.value or "<" not in text
    at.slider(key="one.units").set_value(20)
    assert not run(at).warning


def test_a_message_repeats_a_number_as_it_was_written() -> None:
    [notice] = open_page(units="99999").warning
    assert "99999;" in notice.value.replace("\\", "")


def test_several_hostile_values_share_one_notice() -> None:
    at = open_page(units="x", cell="y", bias="z")
    [notice] = at.warning
    assert all(name in notice.value for name in ("Units", "Cell", "Bias"))


def test_widgets_write_the_address() -> None:
    at = open_page()
    at.slider(key="one.units").set_value(32)
    at.slider(key="one.scale").set_value(0.5)
    at.select_slider(key="one.rate").set_value(0.1)
    at.button_group(key="one.cell").set_value("gru")
    at.selectbox(key="one.many").set_value("o3")
    at.button_group(key="one.cells").set_value(["gru", "rnn"])
    at.text_input(key="one.words").set_value("abc")
    at.toggle(key="one.bias").set_value(False)
    run(at)
    choices = {
        "units": 32,
        "scale": 0.5,
        "rate": 0.1,
        "cell": "gru",
        "many": "o3",
        "cells": ["rnn", "gru"],
        "words": "abc",
        "bias": False,
        "at": 0,
    }
    assert control_values(at) == choices
    assert control_values(open_page(**{k: str(v) for k, v in at.query_params.items()})) == choices
    at.slider(key="one.units").set_value(16)
    run(at)
    assert "units" not in at.query_params


def test_the_last_selected_option_cannot_be_removed() -> None:
    at = open_page(cells="gru")
    at.button_group(key="one.cells").set_value([])
    run(at)
    assert control_values(at)["cells"] == ["gru"]


def test_long_text_is_truncated_with_a_warning() -> None:
    at = open_page()
    at.text_input(key="one.words").set_value("x" * 10_000)
    run(at)
    assert control_values(at)["words"] == "x" * 20
    assert "20" in at.warning[0].value
    assert control_values(open_page(words="y" * 10_000))["words"] == "y" * 20
    at.text_input(key="one.words").set_value("short")
    assert not run(at).warning


def test_a_page_switch_keeps_the_values_of_both_pages() -> None:
    at = open_page(units="32", cell="gru")
    at.button_group(key="one.cells").set_value(["gru"])
    choices = dict(control_values(run(at)))
    at.session_state["test_page"] = "two"
    assert control_values(run(at)) == {"cell": "a"}, (
        "the address of page one is not read on page two"
    )
    assert dict(at.query_params) == {}
    at.button_group(key="two.cell").set_value("b")
    assert control_values(run(at)) == {"cell": "b"}
    at.session_state["test_page"] = "one"
    assert control_values(run(at)) == choices
    assert dict(at.query_params) == {"units": "32", "cell": "gru", "cells": "gru"}
    at.session_state["test_page"] = "two"
    at.query_params.clear()
    at.query_params["cell"] = "a"
    assert control_values(run(at)) == {"cell": "a"}, "a link takes precedence over the session"


def test_a_language_switch_keeps_the_values() -> None:
    at = open_page(cell="gru", cells="lstm,gru", many="o2")
    before = dict(control_values(at))
    at.button_group(key="frame.lang").set_value("ko")
    assert control_values(run(at)) == before
    assert at.query_params["lang"] == "ko"
    at.button_group(key="one.cell").set_value("rnn")
    assert control_values(run(at)) == before | {"cell": "rnn"}
    at.button_group(key="frame.lang").set_value("en")
    assert control_values(run(at)) == before | {"cell": "rnn"}
    assert at.query_params["lang"] == "en"


def test_a_suggestion_sets_its_controls() -> None:
    at = open_page(scale="0.5")
    [button] = at.button
    button.click()
    expected: Mapping[str, object] = {"units": 64, "cell": "gru", "at": 7, "scale": 0.5}
    assert control_values(run(at)) == DEFAULTS | expected
    assert dict(at.query_params) == {"units": "64", "cell": "gru", "at": "7", "scale": "0.5"}


def test_the_language_of_the_browser_is_the_default() -> None:
    at = AppTest.from_function(frame)
    at.context["locale"] = "ko-KR"
    assert at.run().session_state["frame.lang"] == "ko"
    assert dict(at.query_params) == {}
    at = AppTest.from_function(frame)
    at.context["locale"] = "ko-KR"
    at.query_params["lang"] = "en"
    assert at.run().session_state["frame.lang"] == "en"
    assert at.query_params["lang"] == "en"


@pytest.mark.parametrize("logarithmic", [False, True])
@pytest.mark.parametrize(
    ("language", "one", "five"), [("en", "1 row", "5 rows"), ("ko", "1 행", "5 행")]
)
def test_a_unit_follows_its_number(logarithmic: bool, language: str, one: str, five: str) -> None:
    def page(logarithmic: bool) -> None:
        from rnnviz.settings import Range
        from rnnviz.ui import controls, language, permalink

        language.set_from_address()
        with permalink.sync("one"):
            unit = "{count} {count:row|rows}"
            controls.slider("one.back", "Back", Range(1, 5, unit=unit, logarithmic=logarithmic), 2)

    at = AppTest.from_function(page, kwargs={"logarithmic": logarithmic})
    at.query_params["lang"] = language
    [slider] = at.run().select_slider
    assert slider.options[0] == one
    assert slider.options[-1] == five
    assert slider.set_value(5).run().query_params["back"] == "5"


def test_parameters_and_values_of_earlier_versions_are_read_under_current_names() -> None:
    assert modernise({"chosen": "x", "order": "up", "lang": "ko"}) == {
        "compared": "x",
        "order": "ascending",
        "lang": "ko",
    }
    assert modernise({"moment": "1", "saved_step": "2"}) == {"saved_step": "2"}
    assert modernise({"order": "from_f"}) == {"order": "from_f"}, "another page's parameter"


def test_an_address_of_an_earlier_version_is_rewritten_with_current_names() -> None:
    def page() -> None:
        from rnnviz.ui import controls, permalink

        with permalink.sync("step"):
            controls.address_value("step.backward", False)

    at = AppTest.from_function(page)
    at.query_params["back"] = "1"
    assert dict(at.run().query_params) == {"backward": "1"}
    at.query_params["back"] = "0"
    assert dict(at.run().query_params) == {"backward": "1"}, "on the same page nothing is read anew"


def test_the_controls_of_a_closed_popover_have_their_values_and_are_not_drawn() -> None:
    def page() -> None:
        import streamlit as st

        from rnnviz.settings import Range
        from rnnviz.ui import controls, permalink

        with permalink.sync("page"):
            with controls.popover("Size", key="size.open", icon=":material/tune:"):
                units = controls.slider("p.units", "Units", Range(1, 9), 4)
                is_deep = controls.toggle("p.deep", "Deep", False)
                kind = controls.choose("p.kind", "Kind", {"a": "A", "b": "B"}, "a")
            st.text(f"{units} {is_deep} {kind}")

    at = AppTest.from_function(page)
    for name, text in {"units": "7", "deep": "1", "kind": "b"}.items():
        at.query_params[name] = text
    at.run()
    assert at.text[0].value == "7 True b"
    assert len(at.slider) == len(at.toggle) == len(at.button_group) == 0
    at.session_state["size.open"] = True
    at.run()
    assert [at.slider[0].value, at.toggle[0].value, at.button_group[0].value] == [7, True, "b"]
    at.slider[0].set_value(2).run()
    at.session_state["size.open"] = False
    at.run()
    assert at.text[0].value == "2 True b"
    assert at.query_params == {"units": "2", "deep": "1", "kind": "b"}
    at.session_state["size.open"] = True
    assert at.run().slider[0].value == 2
    assert not at.exception
