"""The experiments behind Step through: training stays short, whatever text was entered."""

import pytest

from rnnviz.names import FIRST_CELLS
from rnnviz.training import text_experiment


@pytest.mark.parametrize("cell", FIRST_CELLS)
@pytest.mark.parametrize("layers", [1, 2, 4])
def test_the_work_of_a_lesson_is_bounded_whatever_text_was_entered(cell: str, layers: int) -> None:
    """A character in a layer costs 0.1 ms for three cells; seconds would prove nothing.

    benchmarks/lessons.py measures the seconds.
    """
    for length in (2, 5, 16, 40, 200, 1000):
        experiment = text_experiment("ab" * (length // 2) + "c", cell, 64, layers)
        positions = len(experiment.task.example().tokens) * layers
        assert experiment.optimiser.steps * positions <= 36_000
        assert 45 <= experiment.optimiser.steps <= 1200
        assert (experiment.optimiser.steps == 1200) == (positions <= 30)
