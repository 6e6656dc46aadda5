"""Every parameter that a page reads, given a hostile value: a clear sentence, a working page."""

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.ui.pages import Page, all_pages
from rnnviz.ui.permalink_aliases import PARAMETER_ALIASES

HOSTILE = ["\n\n    x\n# y", "<img src=x onerror=alert(1)>", "nan", "-1e309", "9" * 400, "🧨\u202e"]


def opened(entry: Page, address: dict[str, str]) -> AppTest:
    at = AppTest.from_file("../app.py", default_timeout=120)
    at.query_params.update(address)
    return at.switch_page(entry.path).run()


@pytest.mark.parametrize("entry", all_pages(), ids=lambda entry: entry.address)
@pytest.mark.parametrize("hostile", HOSTILE)
def test_no_parameter_of_a_page_breaks_it(entry: Page, hostile: str) -> None:
    read = opened(entry, {}).session_state["_settings"].parameters
    assert "lang" in read
    assert not read.keys() & PARAMETER_ALIASES.keys(), "a name of today is no alias of another"
    at = opened(entry, dict.fromkeys(read, hostile))
    assert not at.exception
    assert len(at.title) == 1
    # Whatever is not a free text is refused, each value by a sentence of its own, on one line.
    refused = at.session_state["_settings"].problems
    assert len(refused) >= len([name for name in read if name not in ("text", "search")])
    assert all("\n" not in str(problem) and "allowed" in str(problem) for problem in refused[1:])
    assert all(len(str(problem)) < 400 for problem in refused)
