"""What the tests share: a store of their own, and how properties are tried."""

import atexit
import os
import re
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from rnnviz.store import Store

# Before torch is imported anywhere: on a busy machine the threads of such small operations wait for
# each other, and the same training takes up to thirty times as long.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# Keras, to which some pages are compared, computes with the torch that is there.
os.environ.setdefault("KERAS_BACKEND", "torch")
# Before each run of a page Streamlit resets Keras where it is loaded, as only tests do: 2 s a page.
if find_spec("streamlit"):
    from streamlit.runtime.scriptrunner import script_runner

    script_runner._clean_problem_modules = lambda: None

# Pages that are tested in this process keep their runs here.
os.environ["RNNVIZ_DATA"] = tempfile.mkdtemp(prefix="rnnviz-")
atexit.register(shutil.rmtree, os.environ["RNNVIZ_DATA"], ignore_errors=True)

# What pages compute in a process of its own is computed in this one, except where that is tested.
os.environ["RNNVIZ_COMPUTE"] = "here"

# Other tests leave no processor idle: what is trained would wait for them.
os.environ["RNNVIZ_PRIORITY"] = "low"

# A busy machine is slow, not wrong; and the same commit is tried with the same examples.
hypothesis.settings.register_profile(
    "rnnviz",
    deadline=None,
    derandomize=True,
    max_examples=int(os.environ.get("HYPOTHESIS_EXAMPLES", "40")),
)
hypothesis.settings.load_profile("rnnviz")


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Restore the main module: a tested page leaves its script there, which may be deleted soon.

    A worker process that starts later would not find it.
    """
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator["Store"]:
    """A store in the folder of the store that the pages open."""
    from tests.stored import FlushedStore

    monkeypatch.setenv("RNNVIZ_DATA", str(tmp_path))
    reset_server()
    store = FlushedStore(tmp_path)
    yield store
    store.close()
    reset_server()


def reset_server() -> None:
    """Close what is shared by all visitors, as if the server had not started yet."""
    import streamlit as st

    from rnnviz.ui.services import singletons

    singletons.reset()
    st.cache_data.clear()
    st.cache_resource.clear()


def pytest_sessionfinish() -> None:
    """Wait for what is computed in this process: to end inside PyTorch would abort it."""
    for thread in threading.enumerate():
        if thread.name == "rnnviz computation":
            thread.join(60)


APP = re.compile(r"\b(streamlit|plotly|playwright|babel|import app|rnnviz\.ui|rnnviz\.figures)\b")


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Without Streamlit only the library is tested, see make test-oldest."""
    if find_spec("streamlit"):
        return None
    if collection_path.is_dir():
        return collection_path.name == "browser" or None
    return (collection_path.suffix == ".py" and needs_app(collection_path)) or None


def needs_app(path: Path) -> bool:
    """Whether a module of the tests, or a module of tests/ that it imports, needs the app."""
    paths = [path]
    for each in paths:  # it grows meanwhile
        source = each.read_text(encoding="utf-8")
        if APP.search(source):
            return True
        imported = {
            each.with_name(f"{name}.py") for name in re.findall(r"\bfrom tests\.(\w+)", source)
        }
        paths += imported - {*paths}
    return False


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect tests that need a GPU where there is none."""
    marked = [item for item in items if item.get_closest_marker("cuda")]
    if marked:
        import torch

        if not torch.cuda.is_available():
            config.hook.pytest_deselected(items=marked)
            items[:] = [item for item in items if item not in marked]


@pytest.fixture
def as_in_a_training_process() -> Iterator[None]:
    """One thread, and numbers near zero flushed to it, as where the app trains."""
    import torch  # Not with the others above: it reads OMP_NUM_THREADS.

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    yield
    torch.set_flush_denormal(False)
    torch.set_num_threads(threads)
