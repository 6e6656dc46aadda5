"""The page Side by side as the tests use it: opened by a link, its buttons, what it shows."""

import json
import re
import time
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

APP = Path(__file__).parents[1] / "app.py"
PAGE = "pages/train/side_by_side.py"
PATIENCE = 60.0


def open_page(**address: str) -> AppTest:
    """The page as a visitor opens it by a link with these parameters."""
    at = AppTest.from_file(APP, default_timeout=60).run()
    for name, value in address.items():
        at.query_params[name] = value
    return at.switch_page(PAGE).run()


def payload(at: AppTest) -> dict[str, Any]:
    """What the live view has received: a `RacePayload` as JSON."""
    [live] = at.get("bidi_component")
    data: dict[str, Any] = json.loads(live.proto.bytes)
    return data


def values(at: AppTest, key: str) -> list[Any]:
    """The value of `key` of each contestant in the payload."""
    return [contestant[key] for contestant in payload(at)["contestants"]]


def results(at: AppTest) -> list[dict[str, str]]:
    """The rows of the table at the end of the race, by the titles that a phone shows."""
    [table] = [each.proto.body for each in at.get("html") if "rnnviz-results" in each.proto.body]
    titles = ["Model", *re.findall(r'data-title="([^"]+)"', table)]
    rows = [re.findall(r"<t[hd][^>]*>([^<]*)<", row) for row in table.split("<tr")[2:]]
    return [{t: cell for t, cell in zip(titles, row, strict=False) if cell} for row in rows]


def press(at: AppTest, name: str) -> AppTest:
    return at.button(f"race.{name}").click().run()


def open_popover(at: AppTest, key: str) -> AppTest:
    """The page with this popover open, as a click leaves it."""
    at.session_state[key] = True
    return at.run()


def run_to_end(at: AppTest) -> AppTest:
    """The page once its race has ended; AppTest does not run fragments by itself."""
    start = time.monotonic()
    while payload(at)["running"]:
        assert time.monotonic() - start < PATIENCE
        time.sleep(0.1)
        at.run()
    return at


def texts(elements: Any) -> list[str]:
    """What the elements say, without the backslashes of Markdown."""
    return [element.value.replace("\\", "") for element in elements]
