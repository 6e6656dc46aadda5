"""The house keeps its walls: who may import whom, and what a page leaves to others."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

ORDER = [
    ["messages"],
    ["settings"],
    ["names"],
    ["palette"],
    ["text"],
    ["data"],
    ["tasks"],
    ["formulas"],
    ["cells"],
    ["model"],
    ["tracing"],
    ["gradients"],
    ["memory"],
    ["gradient_flow"],
    ["training"],
    ["jobs", "store", "export"],
    ["races"],
    ["figures"],
    ["ui"],
]
"""From left to right; a module imports only from its left, or from its own folder."""

PLACE = {name: place for place, names in enumerate(ORDER) for name in names}

LIBRARY = sorted(ROOT.glob("rnnviz/**/*.py"))
PAGES = sorted(ROOT.glob("pages/**/*.py"))
EVERYTHING = [*LIBRARY, *PAGES, ROOT / "app.py"]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(path: Path) -> str:
    """The part of rnnviz that a file belongs to; "" for rnnviz/__init__.py and what is outside."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "rnnviz" and parts[1] != "__init__" else ""


def imports(path: Path) -> Iterator[str]:
    """The dotted names that a file imports anywhere, those of type checking left out."""
    for node in _walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)):
            yield child
            yield from _walk(child)


def test_every_module_has_a_place_in_the_order() -> None:
    rooms = {room(path) for path in LIBRARY} - {""}
    assert rooms <= set(PLACE), (
        f"new here: {sorted(rooms - set(PLACE))}; give them a place in ORDER"
    )


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_imports_point_only_leftwards(path: Path) -> None:
    own = room(path)
    for dotted in imports(path):
        parts = dotted.split(".")
        assert parts[0] not in ("pages", "app", "tests"), f"{name(path)} imports {dotted}"
        if parts[0] != "rnnviz" or len(parts) < 2 or parts[1] not in PLACE or not own:
            continue
        other = parts[1]
        assert other == own or PLACE[other] < PLACE[own], f"{name(path)} imports {dotted}"


@pytest.mark.parametrize("path", EVERYTHING, ids=name)
def test_streamlit_and_plotly_stay_in_their_rooms(path: Path) -> None:
    roots = {dotted.split(".")[0] for dotted in imports(path)}
    if room(path) not in ("", "ui") or path == ROOT / "rnnviz" / "__init__.py":
        assert "streamlit" not in roots
    if room(path) and PLACE[room(path)] < PLACE["figures"]:
        assert "plotly" not in roots


@pytest.mark.parametrize("path", PAGES, ids=name)
def test_a_page_only_arranges(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert path.parent.parent == ROOT / "pages", "a page lies in a folder of pages/, not deeper"
    assert len(source.splitlines()) <= 120
    assert "torch" not in {dotted.split(".")[0] for dotted in imports(path)}
    attributes = {
        node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)
    }
    assert not attributes & {"session_state", "cache_data", "cache_resource", "query_params"}


def test_no_script_lies_directly_in_pages() -> None:
    """Streamlit would take such a folder for an old-style app, see app.py."""
    assert not list(ROOT.glob("pages/*.py"))


@pytest.mark.parametrize("module", ["rnnviz", "rnnviz.tracing", "rnnviz.training", "rnnviz.jobs"])
def test_the_library_needs_no_screen(module: str) -> None:
    code = f"import sys, {module}; print(sorted(set(sys.modules) & {{'streamlit', 'plotly'}}))"
    assert _ran(code) == "[]"


def test_the_web_process_starts_without_torch() -> None:
    code = "import sys, app, rnnviz.ui.home, rnnviz.ui.stage; print('torch' in sys.modules)"
    assert _ran(code) == "False"


def _ran(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
