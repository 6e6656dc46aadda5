"""What an installation of the library holds: no screen, and none of the app's data sets."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LARGEST = 600_000
"""Bytes of the wheel; with the data sets it had 5.5 million."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that an installation makes, built of a copy so that the checkout stays clean."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for name in ("rnnviz", "assets"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    # The build backend alone, as pip calls it: nothing is fetched.
    code = "import sys, setuptools.build_meta as m; print(m.build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(folder)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    [path] = folder.glob("*.whl")
    return path


def test_the_wheel_holds_the_library_alone(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    folders = {name.split("/")[0] for name in names}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"rnnviz"}
    rooms = {name.split("/")[1] for name in names if name.startswith("rnnviz/")}
    assert {"tracing", "gradients", "data", "py.typed"} <= rooms
    assert not rooms & {"ui", "figures", "ideas"}
    assert not [name for name in names if name.endswith((".csv", ".gz", ".npz", ".txt", ".md"))
                and ".dist-info/" not in name]  # fmt: skip
    assert wheel.stat().st_size < LARGEST


def test_without_a_checkout_it_works_and_says_where_the_data_are(
    wheel: Path, tmp_path: Path
) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = """
import sys
sys.modules["pandas"] = None  # an extra, which is not installed
import rnnviz, torch
assert rnnviz.__version__[0].isdigit(), rnnviz.__version__
print(rnnviz.__version__, rnnviz.trace(torch.nn.LSTM(8, 5), torch.randn(20, 8)).agreement < 1e-6)
try:
    rnnviz.data.surnames()
except ValueError as problem:
    print(problem)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first.split()[1] == "True"
    assert "surnames_18lang.csv is not installed: the library comes without the data" in second
    assert "assets/data of a checkout" in second
