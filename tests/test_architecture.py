"""The structure of the code: imports, names, sizes, and what a page leaves to others."""

import ast
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from rnnviz.names import CELL_NAMES

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
    ["lessons"],
    ["ideas"],
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
AROUND = [
    path for folder in ("tests", "tools", "benchmarks") for path in ROOT.glob(f"{folder}/**/*.py")
]


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


def test_imports_point_only_leftwards() -> None:
    offenders = [
        f"{name(path)} imports {dotted}"
        for path in EVERYTHING
        for dotted in imports(path)
        if points_rightwards(room(path), dotted)
    ]
    assert not offenders, "\n".join(offenders)


def points_rightwards(own: str, dotted: str) -> bool:
    """Whether a module of the room `own` may not import `dotted`."""
    root, *rooms = dotted.split(".")
    if root in ("pages", "app", "tests"):
        return True
    if root != "rnnviz" or not rooms or rooms[0] not in PLACE or not own:
        return False
    return rooms[0] != own and PLACE[rooms[0]] >= PLACE[own]


def test_streamlit_and_plotly_stay_in_their_rooms() -> None:
    offenders = []
    for path in EVERYTHING:
        roots = {dotted.split(".")[0] for dotted in imports(path)}
        if room(path) not in ("", "ui") or path == ROOT / "rnnviz" / "__init__.py":
            offenders += [f"{name(path)} imports streamlit"] * ("streamlit" in roots)
        if room(path) and PLACE[room(path)] < PLACE["figures"]:
            offenders += [f"{name(path)} imports plotly"] * ("plotly" in roots)
    assert not offenders, "\n".join(offenders)


PAGE_FOLDERS = {"race", "runs", "step", "vanishing"}


def test_the_folders_of_the_pages_do_not_import_one_another() -> None:
    """What they share lies in `rnnviz.ui.services` and beside it."""
    offenders = [
        f"{name(path)} imports {dotted}"
        for path in LIBRARY
        if path.parent.parent.name == "ui" and path.parent.name in PAGE_FOLDERS | {"services"}
        for dotted in imports(path)
        if dotted.startswith("rnnviz.ui.")
        and dotted.split(".")[2] in PAGE_FOLDERS - {path.parent.name}
    ]
    assert not offenders, "\n".join(offenders)


SPELLERS = {"rnnviz/names.py", "rnnviz/palette.py"}
"""The modules that name the cells one by one; all others derive their lists from these."""


def test_nobody_else_spells_the_list_of_cells() -> None:
    offenders = []
    for path in EVERYTHING:
        if name(path) in SPELLERS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", [])
            literals = {part.value for part in parts if isinstance(part, ast.Constant)}
            if len(literals & set(CELL_NAMES)) > 1:
                offenders.append(f"{name(path)}, line {getattr(node, 'lineno', 0)}")
    assert not offenders, "\n".join(offenders)


LONGEST_MODULE = 320
"""Lines: a module that grows past about 250 becomes a folder."""
TEMPLATES = ROOT / "rnnviz" / "export" / "templates"
"""A template is as long as the program that it becomes, and its alternatives."""
LARGEST_FOLDER = 17
"""Modules: a folder that grows past about 15 sorts itself into folders."""


def test_modules_and_folders_stay_small() -> None:
    offenders = [
        f"{name(path)} has {lines} lines"
        for path in EVERYTHING
        if path.parent != TEMPLATES
        and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    ]
    sizes = Counter(path.parent for path in EVERYTHING if path.name != "__init__.py")
    offenders += [
        f"{name(folder)} has {size} modules"
        for folder, size in sizes.items()
        if size > LARGEST_FOLDER
    ]
    assert not offenders, "\n".join(offenders)


ACTS = "asked found given heard kept made said shown taken told wanted"
"""Names that say an act, and not what the value is; no function, parameter or variable has
one, not even as a part; the names of tests are sentences, which may."""
PARTICIPLES = (
    "chosen crowded drawn filled going guessed held judged learned listed looking measured opened "
    "retained running sent standing suggested taught telling trained uploaded waiting written"
)
"""Function names that say neither "do" nor "get"."""


PROMISED = {
    ("rnnviz/tasks/classify/sentiment.py", "kept"),
    ("rnnviz/tasks/predict/alphabet.py", "asked"),
}
"""Settings of stored runs and of links, which keep their names."""


def bound_names(path: Path) -> Iterator[tuple[str, int, bool]]:
    """The names that a module binds, with their lines, and whether they are functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.lineno, True
        elif isinstance(node, ast.arg):
            yield node.arg, node.lineno, False
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, node.lineno, False
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr, node.lineno, False


def test_names_say_what_a_value_is_and_what_a_function_does() -> None:
    acts, participles = set(ACTS.split()), set(PARTICIPLES.split())
    offenders = [
        f"{name(path)}, line {line}: {bound}"
        for path in [*EVERYTHING, *AROUND]
        for bound, line, is_function in bound_names(path)
        if (name(path), bound) not in PROMISED
        if (acts & set(bound.split("_")) and not bound.startswith("test_"))
        or (is_function and bound.strip("_") in participles)
    ]
    assert not offenders, "\n".join(offenders)


COMMENT_OR_STRING = r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\n])*\"|'(?:\\.|[^'\n])*'|`(?:\\.|[^`])*`"


def test_names_in_javascript_say_what_a_value_is() -> None:
    offenders = []
    for path in sorted([*ROOT.glob("assets/**/*.js"), *ROOT.glob("tests/js/*.js")]):
        source = re.sub(COMMENT_OR_STRING, "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
        words = re.findall(rf"\b(?:{ACTS.replace(' ', '|')})\b", source)
        offenders += [f"{name(path)}: {word}" for word in words]
    assert not offenders, "\n".join(offenders)


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
    assert _output_of(code) == "[]"


def test_the_web_process_starts_without_torch() -> None:
    code = "import sys, app, rnnviz.ui.home, rnnviz.ui.stage; print('torch' in sys.modules)"
    assert _output_of(code) == "False"


def _output_of(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
