"""Whose session it is: a browser goes on with its own after a lost connection, no other does."""

from pathlib import Path

from tests import asynchronous
from tests.server_process import start_server, wait_until_served
from tools.visitors import Browser


async def take_over(url: str) -> None:
    ann, eve, nobody = Browser(url), Browser(url), Browser(url)
    async with ann.open("runs") as page:
        session = page.session
        async with eve.open("runs", session=session) as attacking:
            assert attacking.session != session
        anonymous = await nobody.connect("runs", session=session)
        await anonymous.rerun()
        assert anonymous.session not in ("", session)
        await anonymous.close()
        await page.rerun()
        assert page.session == session, "hers goes on"
        assert page.is_open
    async with eve.open("runs", session=session) as attacking:
        assert attacking.session != session
    async with ann.open("runs", session=session) as again:
        assert again.session == session


def test_only_the_browser_that_opened_a_session_goes_on_with_it(tmp_path: Path) -> None:
    with start_server(tmp_path) as server:
        wait_until_served(server)
        asynchronous.run(take_over(server.url))
        assert "Traceback" not in server.log
