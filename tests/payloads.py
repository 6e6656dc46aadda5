"""Payloads as fixtures: what Python sends to a component is what the JavaScript tests read."""

import gzip
import json
import os
import re
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
from starlette.applications import Starlette
from streamlit.testing.v1 import AppTest

from tests import asynchronous

FIXTURES = Path(__file__).parent / "fixtures"
WRITE = "RNNVIZ_WRITE_FIXTURES"
"""The environment variable that makes the tests write the fixtures anew."""


Array = np.ndarray[Any, np.dtype[Any]]


def stage_payload(at: AppTest, number: int = 0) -> dict[str, Any]:
    """What the stage of a page receives; numbers at an address are fetched from it."""
    payload: dict[str, Any] = json.loads(at.get("bidi_component")[number].proto.json)
    return payload


def words(payload: Any) -> bytes:
    """All numbers of the payload of a stage."""
    if not payload["address"]:
        return b64decode(payload["numbers"])
    status, _headers, content = fetch("/" + payload["address"])
    assert status == 200
    return gzip.decompress(content)


def fetch(path: str, encoding: str = "gzip") -> tuple[int, dict[bytes, bytes], bytes]:
    """What the server's route for numbers answers: status, headers, content."""
    from rnnviz.ui.services.numbers import route

    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    headers = [(b"accept-encoding", encoding.encode())]
    scope: dict[str, Any] = {"type": "http", "method": "GET", "path": path, "headers": headers}
    scope |= {"query_string": b"", "root_path": ""}
    asynchronous.run(Starlette(routes=[route()])(scope, receive, send))
    start, body = messages
    return start["status"], dict(start["headers"]), body["body"]


def float32(payload: Any, place: list[int], *shape: int) -> Array:
    """The numbers at a place of the payload."""
    return np.frombuffer(words(payload), "<f4", place[1], 4 * place[0]).reshape(*shape)


def wide(payload: Any, place: list[int], *shape: int) -> Array:
    """As `float32`, of float64 or upper halves of it."""
    start, length, each = place
    content = np.frombuffer(words(payload), "<u4", length, 4 * start)
    if each == 2:
        return content.view("<f8").reshape(*shape)
    return (content.astype("<u8") << np.uint64(32)).view("<f8").reshape(*shape)


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
