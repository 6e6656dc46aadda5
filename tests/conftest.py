"""What the tests of the running app share: the app itself, on a port of its own."""

from collections.abc import Iterator

import pytest

from tools.browsing import Server, serve


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The running app, started once per test process."""
    with serve(tmp_path_factory.mktemp("server") / "log.txt") as server:
        yield server


@pytest.fixture(scope="session")
def app_url(server: Server) -> str:
    """The address of the running app, without a slash at its end."""
    return server.url
