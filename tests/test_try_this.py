"""What "Side by side" suggests to try: each sets up a race, and this is how the race ends."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.races.contestants import contestant_code
from rnnviz.races.verdicts import BEATS, LOSES, baseline_comparison
from rnnviz.training import Experiment, Trainer
from rnnviz.training.snapshot import Result
from rnnviz.ui import race

APP = Path(__file__).parents[1] / "app.py"
PAGE = "pages/train/side_by_side.py"

TO_TRY = ("lag 10", "lag 80", "same number of parameters", "Intents", "weather", "to the right")
"""A word or two of each suggestion, in the order of the page."""

GATED = {"lstm", "gru"}


@cache
def suggested() -> tuple[tuple[str, tuple[Experiment, ...]], ...]:
    """Each suggestion of the page, with the race that it sets up."""
    asked: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(race, "draw_page", asked.append)
        found = []
        for place in range(len(TO_TRY)):
            at = AppTest.from_file(APP, default_timeout=60).run().switch_page(PAGE).run()
            buttons = [each for each in at.button if (each.key or "").startswith("try.")]
            assert len(buttons) == len(TO_TRY)
            buttons[place].click().run()
            assert not at.exception
            assert not at.warning
            found.append((buttons[place].label, asked[-1].experiments))
    return tuple(found)


def raced(number: int, seed: int) -> tuple[Any, dict[str, Result]]:
    """The task of a suggestion, and what those who race came to, by their codes."""
    found = {}
    for each in suggested()[number][1]:
        trainer = Trainer(replace(each, seed=seed))
        while not trainer.done:
            trainer.advance()
        found[contestant_code(each.model)] = trainer.result()
    return each.task, found


def learned(task: Any, results: dict[str, Result]) -> set[str]:
    """Who has learned the task at the end, as the page says it."""
    return {
        code
        for code, result in results.items()
        if task.normalised(result.validation) >= task.learned_threshold
    }


def test_each_suggestion_sets_up_its_race() -> None:
    for word, (label, experiments) in zip(TO_TRY, suggested(), strict=True):
        assert word in label
        assert len(experiments) > 2
    short, long, fair, *_others = (experiments for _label, experiments in suggested())
    assert [{each.task.lag for each in some} for some in (short, long, fair)] == [{10}, {80}, {80}]  # type: ignore[attr-defined]
    assert len({each.model.hidden for each in fair}) == 3, "as many as have as many parameters"


@pytest.mark.long
@pytest.mark.usefixtures("as_in_a_training_process")
@pytest.mark.parametrize("seed", range(1, 6))
class TestOverFiveSeeds:
    """With the seed that a visitor meets, and with four others."""

    def test_over_a_lag_of_10_everybody_remembers(self, seed: int) -> None:
        """Measured: all three 1.00 with every seed."""
        assert learned(*raced(0, seed)) == {"rnn", *GATED}

    @pytest.mark.parametrize("number", [1, 2])
    def test_over_a_lag_of_80_only_gates_remember(self, number: int, seed: int) -> None:
        """Measured: LSTM and GRU 1.00 with every seed; RNN with as many units 0.77, 0.30, 0.38,
        0.18, 0.20, with as many parameters 0.23, 0.13, 0.30, 0.20, 0.47; guessing is 0.25.
        """
        assert learned(*raced(number, seed)) == GATED

    def test_on_intents_the_cell_makes_little_difference(self, seed: int) -> None:
        """Measured: RNN 0.91 to 0.96, LSTM 0.96 to 1.00, GRU 0.96 to 1.00."""
        _task, found = raced(3, seed)
        scores = {code: result.validation for code, result in found.items()}
        assert scores.keys() == {"rnn", *GATED}
        assert min(scores.values()) > 0.88
        assert max(scores.values()) - scores["rnn"] < 0.11

    def test_nobody_clearly_beats_persistence_on_the_weather(self, seed: int) -> None:
        """Measured, in degrees: persistence 2.02; GRU 1.99 to 2.03, dense 2.11 to 2.24, convolution
        2.98 to 3.09, convolution and GRU 2.02 to 2.14. A clear difference from persistence is 0.12.
        """
        task, found = raced(4, seed)
        baselines = task.baselines()
        told = {
            code: baseline_comparison(
                task, code, result.validation, result.scores, baselines
            ).template
            for code, result in found.items()
        }
        assert told.keys() == {"gru", "dense", "convolution", "convolution_gru"}
        assert BEATS not in told.values()
        assert told["convolution"] == LOSES

    def test_what_only_the_right_side_tells_takes_both_directions(self, seed: int) -> None:
        """Measured: one direction 0.45 to 0.54, both directions 1.00 with every seed."""
        task, found = raced(5, seed)
        assert found.keys() == {*GATED, "lstm_both", "gru_both"}
        assert learned(task, found) == {"lstm_both", "gru_both"}
        assert all(found[code].validation < 0.65 for code in GATED)
