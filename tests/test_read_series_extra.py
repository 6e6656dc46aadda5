"""The bare library reads no tables: pandas is imported when one is read, and may be missing."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]

WITHOUT_PANDAS = """
import sys
sys.modules["pandas"] = None
from rnnviz.data import read_series
from rnnviz.messages import Problem
try:
    read_series(b"a,b\\n1,2\\n")
except Problem as problem:
    print(problem)
"""


def output_of(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_pandas_is_not_imported_before_a_table_is_read() -> None:
    assert output_of("import sys, rnnviz.data; print('pandas' in sys.modules)") == "False"


def test_without_pandas_the_extra_is_named() -> None:
    assert "pip install 'rnnviz[reading]'" in output_of(WITHOUT_PANDAS)
