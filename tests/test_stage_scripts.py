"""The joined script of a component: complete, in order, and loud when it cannot be joined."""

import re
import subprocess
from pathlib import Path

import pytest
from playwright._impl._driver import compute_driver_executable

from rnnviz.ui.scripts import ASSETS, ScriptError, component_modules, component_source

COMPONENTS = sorted(path.parent.name for path in ASSETS.glob("*/main.js"))


def write(folder: Path, **modules: str) -> None:
    for name, text in modules.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".js").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("component", COMPONENTS)
def test_a_component_is_one_module_without_imports(component: str, tmp_path: Path) -> None:
    source = component_source(component)
    assert not re.search(r"^\s*import\b", source, re.MULTILINE)
    assert re.findall(r"^export .*", source, re.MULTILINE) == re.findall(
        r"^export default function .*", source, re.MULTILINE
    )
    joined = tmp_path / "joined.mjs"
    joined.write_text(source, encoding="utf-8")
    node = compute_driver_executable()[0]
    ran = subprocess.run([node, "--check", str(joined)], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("component", COMPONENTS)
def test_every_module_of_a_component_is_used(component: str) -> None:
    used = {path.name for path in component_modules(component)}
    assert {path.name for path in (ASSETS / component).glob("*.js")} <= used


def test_a_module_stands_after_what_it_imports(tmp_path: Path) -> None:
    write(
        tmp_path,
        one__main='import { a } from "./a.js";\nimport { b } from "../two/b.js";\n'
        "export default function run() {\n  return a + b;\n}\n",
        one__a='import { b } from "../two/b.js";\nexport const a = b + 1;\n',
        two__b="export const b = 1;\n",
    )
    source = component_source("one", tmp_path)
    assert source.index("const b") < source.index("const a") < source.index("export default")
    assert source.count("const b = 1") == 1


@pytest.mark.parametrize(
    ("modules", "complaint"),
    [
        (
            {
                "one__main": 'import { a } from "./a.js";\nconst b = 1;\n',
                "one__a": "const b = 2;\n",
            },
            "b is declared in a.js and in main.js",
        ),
        (
            {
                "one__main": 'import { a } from "./a.js";\n',
                "one__a": 'import { b } from "./main.js";',
            },
            "imports itself",
        ),
        ({"one__main": 'import * as a from "./a.js";\n'}, "not a list of names"),
    ],
)
def test_what_cannot_be_joined_is_refused(
    tmp_path: Path, modules: dict[str, str], complaint: str
) -> None:
    write(tmp_path, **modules)
    with pytest.raises(ScriptError, match=complaint):
        component_source("one", tmp_path)


def test_every_style_rule_of_the_stage_stays_inside_it() -> None:
    css = (ASSETS / "stage" / "stage.css").read_text(encoding="utf-8")
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    selectors = re.findall(r"([^{}]+)\{", css)
    rules = [one.strip() for one in selectors if not one.strip().startswith("@")]
    parts = [part.strip() for rule in rules for part in rule.split(",")]
    assert len(parts) > 50
    assert [part for part in parts if not part.startswith(".rnnviz-stage")] == []


def test_no_script_writes_markup() -> None:
    # A picture is markup that Python has drawn and escaped: tests/test_picture.py.
    for path in {*ASSETS.glob("*/*.js")} - {ASSETS / "picture" / "main.js"}:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", text), path
