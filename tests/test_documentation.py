"""The documents cannot fall behind: pages, cells, commands, rooms, and the README's own code."""

import re
import tomllib
from pathlib import Path

import pytest

from rnnviz.cells import CELLS
from rnnviz.tasks import TASKS
from rnnviz.ui.pages import all_pages
from tests.test_architecture import ORDER

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")

GLOSSARY = {
    *("task", "batch", "example", "model", "contestant", "run", "race", "experiment", "trainer"),
    *("training step", "time step", "epoch", "history row", "snapshot", "checkpoint"),
    *("saved step", "baseline", "metric", "score", "chance", "trace", "backward", "payload"),
    *("message", "problem", "reason", "worker", "engine", "attempt", "event", "command"),
    *("permalink", "parameter", "reading", "decision", "question", "remark", "correction"),
    *("sensitivity", "memory", "probe"),
}


def test_the_table_lists_the_pages_of_the_menu_and_no_others() -> None:
    rows = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", README, re.MULTILINE)
    assert [title for title, _content in rows if title not in ("Page", "---")] == [
        entry.card.title for entry in all_pages()
    ]


def test_the_readme_lists_the_tasks_and_no_others() -> None:
    [titles] = re.findall(r"^The tasks: ([^.]+)\.", README, re.MULTILINE)
    assert " ".join(titles.split()).split(", ") == [task.title for task in TASKS.values()]


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
    assert names["j"].agreement < 1e-6  # type: ignore[attr-defined]


def test_the_readme_stays_one_screen() -> None:
    assert len(README.splitlines()) <= 106


def section(text: str, title: str) -> str:
    """What stands under a heading of the second level."""
    [content] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return str(content)


def test_each_noun_of_the_glossary_is_defined_once() -> None:
    defined = re.findall(r"\*\*([a-z ]+)\*\*", section(CONTRIBUTING, "The words"))
    assert sorted(defined) == sorted(GLOSSARY)


def test_the_rooms_are_named_in_their_order() -> None:
    rooms = section(CONTRIBUTING, "The rooms").replace("\n", " ")
    order = " ".join(
        f"`{names[0]}`" if len(names) == 1 else "(" + " ".join(f"`{name}`" for name in names) + ")"
        for names in ORDER
    )
    assert order in rooms


def test_the_changelog_says_what_is_unreleased() -> None:
    unreleased = section(CHANGELOG, r"\[Unreleased\]")
    for title in ("For visitors", "For readers of the code", "For stored data"):
        assert re.search(rf"^### {title}\n\n- ", unreleased, re.MULTILINE), title


def test_the_lowest_versions_that_are_allowed_are_those_that_are_tested() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = (ROOT / "requirements-oldest.txt").read_text(encoding="utf-8").splitlines()
    assert {line.replace(">=", "==") for line in project["dependencies"]} <= {*lowest}
