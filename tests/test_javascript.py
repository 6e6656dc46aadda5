"""Runs the tests of the JavaScript under `tests/js` with the Node.js that Playwright brings."""

import subprocess
from pathlib import Path

from playwright._impl._driver import compute_driver_executable

ROOT = Path(__file__).parents[1]


def node() -> Path:
    """Playwright's own Node.js: a development dependency that every machine has."""
    path = Path(compute_driver_executable()[0])
    assert path.is_file(), f"Playwright's Node.js is not at {path}; reinstall requirements-dev.txt."
    return path


def test_the_javascript_does_what_its_tests_say() -> None:
    tests = sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.js"))
    assert tests, "There are no JavaScript tests in tests/js."
    # The modules are read as modules by their syntax; a package.json would only quieten a warning.
    command = [str(node()), "--no-warnings", "--test", *tests]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=ROOT)
    assert ran.returncode == 0, ran.stdout + ran.stderr
