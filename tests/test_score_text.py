"""The step at which a score was measured is shown beside it, and it is rounded once."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.jobs import History
from rnnviz.names import RunState
from rnnviz.store import Store
from rnnviz.tasks import TASKS, DelayedRecall, Task
from rnnviz.ui.live import ContestantView, score_step_text
from rnnviz.ui.live.contestant_payload import contestant_payload
from rnnviz.ui.race.results import cell_texts, contestant_row
from tests import contestants
from tests.stored import an_experiment

APP = Path(__file__).parents[1] / "app.py"
RUN = f"{7:032x}"


def history(*rows: tuple[int, float | None], loss: float = 0.5) -> History:
    """Rows of step and validation metric."""
    return contestants.history(*((step, loss if step else None, metric) for step, metric in rows))


def contestant(state: str, *histories: History, step: int = 0) -> ContestantView:
    snapshot = {"step": step, "norms": [], "states": []}
    return contestants.contestant(*histories, state=state, snapshot=snapshot)


def results(view: ContestantView, task: Task | None = None) -> dict[str, str]:
    """The cells of `view` in the table of results."""
    return cell_texts(task or DelayedRecall(), contestant_row(view, []))


TESTED_ONCE = history((0, 0.0703125), (40, None), (80, None))
BETWEEN_TESTS = history((0, 0.25), (40, 0.5), (80, None))


@pytest.mark.parametrize(
    ("state", "course", "text"),
    [
        ("stopped", TESTED_ONCE, "7.03 % (at step 0)"),
        ("paused", TESTED_ONCE, "7.03 % (at step 0)"),
        ("failed", TESTED_ONCE, "7.03 % (at step 0)"),
        ("running", TESTED_ONCE, "7.03 % (at step 0)"),
        ("stopped", BETWEEN_TESTS, "50 % (at step 40)"),
        ("paused", BETWEEN_TESTS, "50 % (at step 40)"),
        ("running", BETWEEN_TESTS, "50 %"),
        ("finished", history((0, 0.25), (40, None), (80, 1.0)), "100 %"),
    ],
)
def test_a_score_of_an_earlier_step_is_displayed_with_that_step(
    state: str, course: History, text: str
) -> None:
    view = contestant(state, course)
    assert results(view)["metric"] == text
    assert contestant_payload(view)["testStepText"] == text.partition("(")[2].rstrip(")")


def test_a_stop_between_two_rows_is_after_the_test_before() -> None:
    course = history((0, 0.25), (40, 0.5))
    assert results(contestant("stopped", course, step=43))["metric"] == "50 % (at step 40)"
    assert results(contestant("stopped", course, step=40))["metric"] == "50 %"


def test_before_the_first_step_every_score_is_that_of_the_present() -> None:
    for state in ("ready", "queued", "running", "stopped"):
        for course in (history(), history((0, 0.25))):
            assert score_step_text(contestant(state, course)) == ""


def test_of_several_seeds_the_first_and_the_last_test_are_displayed() -> None:
    view = contestant("stopped", BETWEEN_TESTS, TESTED_ONCE, BETWEEN_TESTS)
    assert results(view)["metric"] == "50 % (at steps 0 to 40)"
    assert view.test_steps == (0, 40)
    finished = [history((0, 0.25), (end, 0.5)) for end in (30, 60)]
    assert results(contestant("finished", *finished))["metric"] == "50 %"


def test_a_stop_before_the_first_test_in_training_leaves_the_untrained_score() -> None:
    assert contestant("stopped", TESTED_ONCE).has_untrained_score
    assert not contestant("stopped", BETWEEN_TESTS).has_untrained_score
    assert not contestant("stopped", history()).has_untrained_score, "it has no score at all"


def test_a_score_is_rounded_once() -> None:
    """0.163493 is 0.163: by way of 0.1635 it would be 0.164."""
    course = history((0, 0.5), (200, 0.163493), loss=0.12344996)
    texts = results(contestant("finished", course), TASKS["adding"]())
    assert texts["metric"].startswith("0.163")
    assert texts["loss"] == "0.1234"


# The stored runs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "tests", "text"),
    [
        ("stopped", {0: 0.148}, "14.8 % at step 0 (validation)"),
        ("interrupted", {0: 0.1, 2: 0.5}, "50 % at step 2 (validation)"),
        ("stopped", {0: 0.1, 3: 0.25}, "25 % (validation)"),
        ("finished", {0: 0.1, 3: 0.75}, "75 % (validation)"),
    ],
)
def test_a_stored_run_shows_at_which_step_it_was_tested(
    store: Store, state: RunState, tests: dict[int, float], text: str
) -> None:
    store.begin(RUN, race=RUN, experiment=an_experiment("intents"), facts={})
    columns = vars(history(*((step, tests.get(step)) for step in range(4))))
    rows = [{name: column[step] for name, column in columns.items()} for step in range(4)]
    store.append(RUN, rows)
    store.set_state(RUN, state)
    store.flush()
    at = AppTest.from_file(APP, default_timeout=60).switch_page("pages/train/runs.py").run()
    assert at.dataframe[0].value["Score"][0] == text
    at = AppTest.from_file(APP, default_timeout=60)
    at.query_params["run"] = RUN
    at = at.switch_page("pages/train/runs.py").run()
    texts = [each.value.replace("\\", "") for each in (*at.markdown, *at.header, *at.subheader)]
    assert any(each.endswith(f"· {text}**") for each in texts)
    assert any(f": {text} (steps: 3)" in each for each in texts)
    explained = any(each.value.startswith("No test score: only") for each in at.caption)
    assert explained == (state != "finished")
