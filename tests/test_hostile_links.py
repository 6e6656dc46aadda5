"""Hostile values of every parameter of a page: a clear message each, and a working page."""

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ui.pages import Page, all_pages
from rnnviz.ui.permalink_aliases import PARAMETER_ALIASES

HOSTILE = [
    "\n\n    x\n# y",
    "<img src=x onerror=alert(1)>",
    "nan",
    "-1e309",
    "9" * 10_000,
    "🧨\u202e",
]


def open_page(entry: Page, address: dict[str, str]) -> AppTest:
    at = AppTest.from_file("../app.py", default_timeout=120)
    at.query_params.update(address)
    return at.switch_page(entry.path).run()


@pytest.mark.parametrize("entry", all_pages(), ids=lambda entry: entry.address)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_value_of_any_parameter_breaks_no_page(entry: Page, hostile: str) -> None:
    parameters = open_page(entry, {}).session_state["_settings"].parameters
    assert "lang" in parameters
    assert not parameters.keys() & PARAMETER_ALIASES.keys(), "an alias hides no parameter"
    at = open_page(entry, dict.fromkeys(parameters, hostile))
    assert not at.exception
    assert len(at.title) == 1
    # Every value that is no free text has a message of its own, on one line.
    problems = at.session_state["_settings"].problems
    assert len(problems) >= len([name for name in parameters if name not in ("text", "search")])
    assert all("\n" not in str(problem) and "allowed" in str(problem) for problem in problems[1:])
    assert all(len(str(problem)) < 400 for problem in problems)
