"""Payloads as fixtures: what Python sends to a component is what the JavaScript tests read."""

import json
import os
import re
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).parent / "fixtures"
WRITE = "RNNVIZ_WRITE_FIXTURES"
"""The environment variable that makes the tests write the fixtures anew."""


def check_fixture(name: str, payload: Any) -> None:
    """Fail if `payload` is not what the fixture holds; with `WRITE` set, write it first."""
    path = FIXTURES / name
    text = json.dumps(payload, allow_nan=False, ensure_ascii=False, indent=1) + "\n"
    if os.environ.get(WRITE):
        path.write_text(text, encoding="utf-8")
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(text), (
        f"{name} differs from what Python sends: run this test with {WRITE}=1, then the tests of "
        "the JavaScript"
    )


def typed_dict_keys(*types: Any) -> dict[str, set[str]]:
    """The keys of each TypedDict, by its name."""
    return {each.__name__: set(each.__annotations__) for each in types}


def jsdoc_properties(script: Path) -> dict[str, set[str]]:
    """The properties of each object type that a script defines in JSDoc, by its name."""
    types = {}
    for comment in re.findall(r"/\*\*.*?\*/", script.read_text(encoding="utf-8"), re.DOTALL):
        for name in re.findall(r"@typedef \{object\} (\w+)", comment):
            types[name] = set(re.findall(r"@property \{.+?\} \[?(\w+)", comment))
    return types
