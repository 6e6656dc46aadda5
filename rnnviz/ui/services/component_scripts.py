"""The JavaScript of a component: fetched by each browser once, instead of sent with its data.

A component's message contains its script. With a hundred kilobytes that is most of what a run sends
whenever the data differ, and Streamlit copies and hashes it in every run. So where the app's own
server runs, the message has a few lines that import the script from an address.
"""

import hashlib
import threading
from functools import cache

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rnnviz.ui.scripts import component_source

FOLDER = "scripts"

COMPONENTS = ("stage", "live", "picture")
"""Folders of assets/ whose scripts have an address."""

_IMPORT = """const own = document.querySelector('script[src*="/static/"]');
const app = own ? own.src.replace(/\\/static\\/.*$/, "/") : document.baseURI;
const module = await import(new URL("{address}", app));
export default module.default;
"""
"""As in assets/stage/numbers.js: the app may be served from a folder."""

_is_served = threading.Event()
"""Whether this process serves the address: a test or a page by itself has only Streamlit's own."""


def component_script(folder: str) -> str:
    """The script of the component in `assets/<folder>`, or what imports it from its address."""
    if not _is_served.is_set():
        return component_source(folder)
    return _IMPORT.format(address=f"{FOLDER}/{folder}-{_digest(folder)}.js")


def route() -> Route:
    """Where browsers fetch the scripts."""
    _is_served.set()
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return Route(f"{base and '/'}{base}/{FOLDER}/{{name:str}}", send, methods=["GET"])


async def send(request: Request) -> Response:
    """The script at an address; 404 for one of another version."""
    for folder in COMPONENTS:
        if request.path_params["name"] == f"{folder}-{_digest(folder)}.js":
            return Response(
                component_source(folder),
                headers={"cache-control": "private, max-age=31536000, immutable"},
                media_type="text/javascript",
            )
    return Response(status_code=404)


@cache
def _digest(folder: str) -> str:
    return hashlib.sha256(component_source(folder).encode()).hexdigest()[:16]
