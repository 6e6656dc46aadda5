"""The README cannot fall behind: pages, cells, tasks, pictures, commands, and its own code."""

import re
from pathlib import Path

import pytest

from rnnviz.cells import CELLS
from rnnviz.ui.pages import all_pages

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def test_the_table_lists_the_pages_of_the_menu_and_no_others() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", README, re.MULTILINE)
    assert [title for title, _told in rows if title not in ("Page", "---")] == [
        entry.card.title for entry in all_pages()
    ]


@pytest.mark.parametrize("code", CELLS)
def test_every_cell_is_mentioned(code: str) -> None:
    assert f"`{code}`" in README


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_what_is_named_exists(text: str) -> None:
    linked = re.findall(r"\]\(([^):]+)\)", text)
    named = re.findall(r"`((?:rnnviz|assets|pages|tests|benchmarks|tools|\.ci)/?[\w/.-]*)`", text)
    places = [*linked, *(name for name in named if "/" in name)]
    assert places
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_the_commands_are_targets() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"^\s*make (\w+)", README + CONTRIBUTING, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_code_for_a_notebook_runs() -> None:
    [code] = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    names: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), names)
    assert names["t"].agreement < 1e-6  # type: ignore[attr-defined]
    assert names["b"].agreement < 1e-6  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_it_stays_one_screen(text: str) -> None:
    assert len(text.splitlines()) <= 90
