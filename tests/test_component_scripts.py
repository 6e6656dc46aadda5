"""The scripts of the components: fetched once by each browser, not sent with every change."""

import subprocess
import sys
import threading

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from rnnviz.ui.scripts import component_source
from rnnviz.ui.services import component_scripts
from tests import asynchronous

SERVER = """
import app, re, sys
from rnnviz.ui import live, stage
from rnnviz.ui.services.component_scripts import COMPONENTS, component_script
print(max(len(component_script(folder)) for folder in COMPONENTS))
"""


def test_the_app_sends_addresses_and_a_page_by_itself_the_script() -> None:
    assert component_scripts.component_script("stage") == component_source("stage")
    run = subprocess.run([sys.executable, "-c", SERVER], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 400


@pytest.mark.parametrize("folder", component_scripts.COMPONENTS)
def test_the_address_names_the_script(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(component_scripts, "_is_served", threading.Event())
    route = component_scripts.route()
    loader = component_scripts.component_script(folder)
    address = loader.partition('new URL("')[2].partition('"')[0]

    def get(address: str) -> Response:
        match, scope = route.matches({"type": "http", "method": "GET", "path": f"/{address}"})
        assert match == Match.FULL
        request = Request({"type": "http", "headers": [], **scope})
        response = asynchronous.run(component_scripts.send(request))
        assert isinstance(response, Response)
        return response

    response = get(address)
    assert bytes(response.body).decode() == component_source(folder)
    assert response.headers["content-type"].startswith("text/javascript")
    assert "immutable" in response.headers["cache-control"]
    assert get(address.replace("-", "-0")).status_code == 404
