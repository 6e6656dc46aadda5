"""No run of a page begins before the page has all of the one before."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.app_session import AppSession, AppSessionState
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType

from rnnviz.ui.server.runs import complete_runs
from tests import asynchronous
from tests.server_process import start_server, wait_until_served
from tools.visitors import Browser

RACE = "side-by-side?task=delayed_recall&cells=lstm,gru&hidden=64&lag=50&steps=20000"


class Session:
    """A session whose script has just ended: its last events still wait in the loop."""

    def __init__(self) -> None:
        self.accepted: list[str] = []
        self._state = AppSessionState.APP_NOT_RUNNING
        self._event_loop = asyncio.get_running_loop()
        self._scriptrunner: Any = SimpleNamespace(
            _requests=SimpleNamespace(_state=ScriptRequestType.STOP)
        )

    def end(self) -> None:
        self._scriptrunner = None


def accept(session: Session, client_state: str) -> None:
    """What Streamlit does with a request, reduced to what a test can see."""
    session.accepted.append(client_state)
    if client_state == "broken":
        raise RuntimeError(client_state)


@pytest.fixture
def request_rerun(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.setattr(AppSession, "request_rerun", accept)
    with complete_runs():
        yield AppSession.request_rerun
    assert AppSession.request_rerun is accept


def test_requests_wait_for_the_end_of_the_run_and_keep_their_order(request_rerun: Any) -> None:
    async def ask() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        session = Session()
        for request in ("tick", "broken", "move"):
            request_rerun(session, request)
        await asyncio.sleep(0.05)
        assert session.accepted == [], "the page does not yet have all of the run before"
        session.end()
        request_rerun(session, "last move")
        await asyncio.sleep(0.05)
        assert session.accepted == ["tick", "broken", "move", "last move"]
        request_rerun(session, "at once")
        assert session.accepted[-1] == "at once"

    asynchronous.run(ask())


def test_a_session_that_is_closed_is_not_waited_for(request_rerun: Any) -> None:
    async def ask() -> None:
        session = Session()
        session._state = AppSessionState.SHUTDOWN_REQUESTED
        request_rerun(session, "refused")
        assert session.accepted == ["refused"]

    asynchronous.run(ask())


async def move_while_training(url: str) -> None:
    """Move a control again and again, at another moment between two ticks each time."""
    async with Browser(url).open(RACE) as tab:
        await tab.press("race.start")
        assert await tab.wait_until(lambda tab: not tab.widgets["race.stop"].is_disabled, 60)
        lags = [*tab.widgets["race.lag"].choices[5:9]]
        for number in range(400):
            lag = lags[number % len(lags)]
            await asyncio.wait_for(tab.move("race.lag", lag), 30)
            assert f"lag={lag.split()[0]}" in tab.query.split("&")
            await asyncio.sleep(0.003 * (number % 17))
        await tab.press("race.reset")


@pytest.mark.long
def test_every_move_of_a_control_arrives_while_a_race_trains(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        wait_until_served(server)
        asynchronous.run(move_while_training(server.url))
        assert "Traceback" not in server.log
