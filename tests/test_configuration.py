"""Every option of config.toml exists in the pinned Streamlit and takes effect."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from streamlit import config

from rnnviz.palette import SERIES

FILE = Path(__file__).parents[1] / ".streamlit" / "config.toml"


def options(table: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for name, value in table.items():
        inner = options(value, f"{prefix}{name}.") if isinstance(value, dict) else []
        flat += inner or [(prefix + name, value)]
    return flat


@pytest.mark.parametrize(("name", "value"), options(tomllib.loads(FILE.read_text("utf-8"))))
def test_the_option_exists_and_is_set(name: str, value: Any) -> None:
    assert config.get_option(name) == value


def test_the_charts_have_the_colours_of_the_palette() -> None:
    assert config.get_option("theme.chartCategoricalColors") == list(SERIES)
