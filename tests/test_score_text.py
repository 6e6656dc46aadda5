"""When the score that is shown was measured, and that it is rounded once, wherever it is told."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.jobs import History
from rnnviz.store import Store
from rnnviz.tasks import TASKS, DelayedRecall, Task
from rnnviz.ui.live import ContestantView, score_step_text
from rnnviz.ui.live.payload import contestant_payload
from rnnviz.ui.race import outcome
from rnnviz.ui.race.results import cell_text
from tests.stored import an_experiment

APP = Path(__file__).parents[1] / "app.py"
RUN = f"{7:032x}"
METRIC = DelayedRecall().metric_name


def history(*rows: tuple[int, float | None], loss: float = 0.5) -> History:
    """Rows of step and validation."""
    found = History()
    for step, tested in rows:
        told = loss if step else None
        row = {"step": step, "seconds": step / 3, "loss": told, "metric": told, "norm": told}
        found.append({**row, "validation": tested, "lr": 0.01})
    return found


def lane(state: str, *histories: History, step: int = 0) -> ContestantView:
    states = (state,) * len(histories)
    return ContestantView(
        "gru", "GRU", "#009E73", 16, 100, 3000, 10, states, histories, probe=probe(step)
    )


def probe(step: int) -> dict[str, object]:
    return {"step": step, "norms": [], "states": []}


def in_table(shown: ContestantView, task: Task | None = None) -> dict[str, object]:
    """The row of `shown` in the table at the end."""
    task = task or DelayedRecall()
    row = outcome._row(task, shown, [])
    return outcome._shown(task, row, score_step_text(shown))


UNTAUGHT = history((0, 0.0703125), (40, None), (80, None))
ON_ITS_WAY = history((0, 0.25), (40, 0.5), (80, None))


@pytest.mark.parametrize(
    ("state", "course", "told"),
    [
        ("stopped", UNTAUGHT, "7.03 % (at step 0)"),
        ("paused", UNTAUGHT, "7.03 % (at step 0)"),
        ("failed", UNTAUGHT, "7.03 % (at step 0)"),
        ("running", UNTAUGHT, "7.03 % (at step 0)"),
        ("stopped", ON_ITS_WAY, "50 % (at step 40)"),
        ("paused", ON_ITS_WAY, "50 % (at step 40)"),
        ("running", ON_ITS_WAY, "50 %"),
        ("finished", history((0, 0.25), (40, None), (80, 1.0)), "100 %"),
    ],
)
def test_a_score_of_an_earlier_moment_is_told_with_its_step(
    state: str, course: History, told: str
) -> None:
    shown = lane(state, course)
    assert in_table(shown)[METRIC] == told
    early = told.partition("(")[2].rstrip(")")
    assert contestant_payload(shown)["tested"] == early


def test_a_stop_between_two_rows_is_behind_the_test_before() -> None:
    course = history((0, 0.25), (40, 0.5))
    assert in_table(lane("stopped", course, step=43))[METRIC] == "50 % (at step 40)"
    assert in_table(lane("stopped", course, step=40))[METRIC] == "50 %"


def test_before_the_first_step_every_score_is_that_of_now() -> None:
    for state in ("ready", "queued", "running", "stopped"):
        for course in (history(), history((0, 0.25))):
            assert score_step_text(lane(state, course)) == ""


def test_of_several_seeds_the_first_and_the_last_test_are_told() -> None:
    shown = lane("stopped", ON_ITS_WAY, UNTAUGHT, ON_ITS_WAY)
    assert in_table(shown)[METRIC] == "50 % (at steps 0 to 40)"
    assert shown.tested == (0, 40)
    ended = [history((0, 0.25), (end, 0.5)) for end in (30, 60)]
    assert in_table(lane("finished", *ended))[METRIC] == "50 %"


def test_who_was_stopped_before_it_was_tested_is_named() -> None:
    assert outcome._untaught(lane("stopped", UNTAUGHT))
    assert not outcome._untaught(lane("stopped", ON_ITS_WAY))
    assert not outcome._untaught(lane("stopped", history())), "it has no score to be explained"


def test_a_score_is_rounded_once() -> None:
    """0.163493 is 0.163: by way of 0.1635 it would be 0.164."""
    task = TASKS["adding"]()
    course = history((0, 0.5), (200, 0.163493), loss=0.12344996)
    row = in_table(lane("finished", course), task)
    assert str(row[task.metric_name]).startswith("0.163")
    assert cell_text(row["Loss in training"]) == "0.1234"


# The stored runs ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "tests", "told"),
    [
        ("stopped", {0: 0.148}, "14.8 % at step 0"),
        ("interrupted", {0: 0.1, 2: 0.5}, "50 % at step 2"),
        ("stopped", {0: 0.1, 3: 0.25}, "25 %"),
        ("finished", {0: 0.1, 3: 0.75}, "75 %"),
    ],
)
def test_a_stored_run_tells_at_which_step_it_was_tested(
    store: Store, state: str, tests: dict[int, float], told: str
) -> None:
    store.begin(RUN, race=RUN, experiment=an_experiment("intents"), facts={})
    course = vars(history(*((step, tests.get(step)) for step in range(4))))
    store.append(
        RUN, [{name: column[step] for name, column in course.items()} for step in range(4)]
    )
    store.state(RUN, state)
    store.flush()
    at = AppTest.from_file(APP, default_timeout=60).switch_page("pages/train/runs.py").run()
    assert at.dataframe[0].value["Validation"][0] == told
    at = AppTest.from_file(APP, default_timeout=60)
    at.query_params["run"] = RUN
    at = at.switch_page("pages/train/runs.py").run()
    said = [each.value.replace("\\", "") for each in (*at.markdown, *at.header, *at.subheader)]
    assert any(each.endswith(f"· {told}**") for each in said)
    assert any(f": {told} (steps: 3)" in each for each in said)
