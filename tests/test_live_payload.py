"""What the live view receives: JSON of bounded size that says what the race has come to."""

import base64
import json
import re
from array import array
from dataclasses import replace
from typing import Any

import pytest

from rnnviz.jobs import History
from rnnviz.model import ModelSpec
from rnnviz.races.setup import initial_snapshot
from rnnviz.tasks import TASKS, Answer, Hello, Surnames
from rnnviz.training import Experiment
from rnnviz.ui.live import ContestantView, answers, contestant_payload, payload
from rnnviz.ui.live.changes import SettingsChange
from rnnviz.ui.live.signs import sign_meanings, signs_note
from rnnviz.ui.live.thinning import MAX_CELLS, MAX_POINTS, thin
from rnnviz.ui.race.shared import label_titles
from rnnviz.ui.scripts import ASSETS
from tests.contestants import contestant, history
from tests.payloads import check_fixture, jsdoc_properties, typed_dict_keys

NO_LOG = contestant_payload.NO_LOG


def payload_of(*histories: History, **options: Any) -> contestant_payload.Contestant:
    return contestant_payload.contestant_payload(contestant(*histories, **options))


# The whole payload --------------------------------------------------------------------------------


def answer(text: str, correct: bool | None, **curves: Any) -> dict[str, Any]:
    return Answer("2 + 2", "4", text, correct, curves).to_plain()


def example_race() -> tuple[list[ContestantView], payload.SharedView]:
    """A race with something in every part of the payload."""
    gru = contestant(
        history((0, None, 0.25), (4, 1.5, None), (8, 0.5, 0.75)),
        history((0, None, 0.5), (4, 1.0, None), (8, 0.25, 1.0)),
        changes=([(5, {"lr": 0.02})], [(6, {"lr": 0.02})]),
        snapshot={
            "step": 8,
            "norms": [1e-60, 0.0, 0.125],
            "states": [[0.5, -1.0], [0.25, 0.0], [1.0, -0.5]],
            "answers": [
                answer("4", None, **{"given": (1.0, None, 2.0), "history": (0.0, 1.0, 0.0)})
            ],
            "attention": [[0.25, 0.75, 0.0], [0.0, 0.0, 1.0]],
            "sample": "hello",
        },
        gradient_norms=((0, (1e-3, 0.0, 0.1)), (8, (1e-2, 0.1, 10.0))),
    )
    dense = replace(
        contestant(History(), state="queued"),
        code="dense",
        name="Dense network",
        colour="#56B4E9",
        queue_position=1,
        seconds=2.0,
        snapshot={
            "step": 0,
            "norms": [],
            "states": [],
            "answers": [answer("", None, **{"given": (2.0, 1.0, 0.0), "history": (0.0, 1.0, 0.0)})],
        },
    )
    shared = payload.SharedView(
        tokens=["2", " ", "2"],
        is_numeric=True,
        joiner=" ",
        metric_name="error",
        metric_title="error on the validation examples",
        metric_unit="K",
        is_share=False,
        lower_is_better=True,
        steps_per_epoch=4.0,
        baselines=[
            payload.BaselineView("blind guessing", 1.25, 1.386),
            payload.BaselineView("persistence", 0.5),
        ],
        baselines_pending=True,
        saved_steps=[0, 8],
    )
    return [gru, dense], shared


def test_the_javascript_tests_read_what_python_sends() -> None:
    contestants, shared = example_race()
    signs, strings = sign_meanings(Hello()), {"Baselines": "기준선"}
    whole = payload.race_payload(contestants, shared, signs, running=True, strings=strings)
    check_fixture("live_payload.json", whole)


def test_python_and_javascript_define_the_same_types() -> None:
    types = typed_dict_keys(
        *(payload.RacePayload, payload.Palette, payload.Baseline, payload.NumericTokens),
        *(contestant_payload.Contestant, contestant_payload.Curve, contestant_payload.Snapshot),
        *(contestant_payload.Attention, contestant_payload.GradientHistory, SettingsChange),
        *(answers.Answer, answers.NamedCurve),
    )
    assert jsdoc_properties(ASSETS / "live" / "payload.js") == types


# Numbers, curves and pictures ---------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 399, 400, 401, 5000])
def test_a_thinned_line_is_short_and_keeps_its_end_and_its_points(size: int) -> None:
    rows = thin(range(size))
    assert len(rows) <= MAX_POINTS
    assert rows[-1:] == list(range(size))[-1:]
    # While a line grows its inner points stay, or every second one goes.
    assert set(thin(range(size + 1))[:-1]) <= {*rows, *range(size - 1, size + 1)}


def test_the_live_view_gets_numbers_that_json_can_carry() -> None:
    course = history((0, None, 1 / 3), (1, 1.0, None), (2, float("inf"), 1 / 3))
    question = answer("B", False, history=(1.0, None, float("nan"))) | {"question": "A" * 1000}
    view = contestant(
        course,
        snapshot={
            "step": 2,
            "norms": [float("nan"), 1.5e-200],
            "states": [[0.5, -1.0]] * 2,
            "answers": [question],
            "attention": [[0.25, 0.75]],
            "sample": None,
        },
        gradient_norms=((0, (0.0, float("nan"))), (1, (0.01, 1e-300))),
    )
    data, rows = (
        contestant_payload.contestant_payload(view),
        answers.answers_payload([view, view], {}),
    )
    json.dumps([data, rows], allow_nan=False)
    seconds = [0.333333, 0.666667]
    assert data["trainLoss"] == {"steps": [1, 2], "seconds": seconds, "values": [1.0, None]}
    assert data["validationMetric"]["steps"] == [0, 2]
    snapshot, norms = data["snapshot"], data["gradientHistory"]
    assert snapshot is not None
    assert norms is not None
    assert snapshot["gradientNorms"] == [None, 1.5e-200], "float64 keeps its range"
    assert (snapshot["timeSteps"], snapshot["units"]) == ([1, 2], 2)
    assert snapshot["attention"] is not None
    assert list(base64.b64decode(snapshot["attention"]["weights"])) == [64, 191]
    logs = array("h", base64.b64decode(norms["logs"]))
    assert list(logs) == [NO_LOG, NO_LOG, -1000, NO_LOG + 1]
    [row] = rows
    assert len(row["question"]) < 200
    assert row["sharedCurves"] == [{"name": "history", "xs": [0, 2], "ys": [1.0, None]}]
    assert row["curves"] == [[], []], "what is the same for all is drawn once"


def test_the_gradient_history_is_as_long_as_what_was_measured_last() -> None:
    imported: Any = ((0, (1.0,) * 9), (1, (1.0,)), (2, (0.1, 10.0)))
    norms = payload_of(history(), gradient_norms=imported)["gradientHistory"]
    assert norms is not None
    assert (norms["steps"], norms["timeSteps"]) == ([2], [1, 2])


def test_the_payload_has_a_bound_however_large_the_model_and_the_task() -> None:
    T, H = 1000, 256
    long = history(*((step, 1.0, 0.5) for step in range(5000)))
    data = payload_of(
        *[long] * 5,
        snapshot={"step": 1, "norms": [0.1] * T, "states": [[0.5] * H] * T},
        gradient_norms=tuple((step, (0.1,) * T) for step in range(500)),
    )
    snapshot = data["snapshot"]
    assert snapshot is not None
    assert max(len(snapshot["timeSteps"]), snapshot["units"]) <= MAX_CELLS
    assert len(json.dumps(data)) < 150_000


def test_several_seeds_are_a_median_with_a_band() -> None:
    runs = [history((0, None, a), (10, 1.0, b)) for a, b in ((0.1, 0.9), (0.3, 0.7), (0.2, 0.2))]
    runs[2] = history((0, None, 0.2))
    data = payload_of(*runs)
    curve = data["validationMetric"]
    assert curve["steps"] == [0, 10]
    assert curve["values"] == [0.2, 0.8], "of those that are there"
    assert (curve["low"], curve["high"]) == ([0.1, 0.7], [0.3, 0.9])
    first = data["latestValidationMetric"]
    assert first == 0.9, "while they train, that of the first: they are not equally far"
    assert payload_of(*runs, state="finished")["latestValidationMetric"] == 0.7
    assert data["progress"] == pytest.approx(2 / 3, abs=1e-3)
    assert "low" not in payload_of(runs[0])["validationMetric"]


# How far a contestant is --------------------------------------------------------------------------

COURSE = history((0, None, 0.5), (2, 1.0, None))  # of ten steps, three of them in a second


@pytest.mark.parametrize("state", ["running", "paused", "stopped", "failed", "interrupted"])
def test_only_a_finished_run_is_complete(state: str) -> None:
    assert contestant(COURSE, state=state).progress == 0.2
    assert contestant(History(), state=state).progress == 0
    assert contestant(COURSE, state="finished").progress == 1, "at its target, say"
    assert contestant(COURSE, History(), states=("finished", state)).progress == 0.5
    assert contestant(COURSE, state=state, seconds=1.0).progress == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("seconds", "total_steps", "progress"), [(None, 10, 0.2), (2.0, 6, 1 / 3), (600.0, 10, 0.2)]
)
def test_where_time_ends_it_progress_and_steps_follow_the_clock(
    seconds: float | None, total_steps: int, progress: float
) -> None:
    view = contestant(COURSE, seconds=seconds)
    assert (view.total_steps, view.progress) == (total_steps, pytest.approx(progress))
    assert payload_of(History(), seconds=2.0)["totalSteps"] is None, "its speed is unknown"


def test_one_state_stands_for_the_runs_of_a_contestant() -> None:
    def state(*states: str) -> str:
        return contestant(*(History() for _ in states), states=states).state

    assert state("queued", "queued") == "queued"
    assert state("finished", "queued") == "running"
    assert state("finished", "paused") == "paused"
    assert state("failed", "finished") == "finished"
    assert state("failed", "failed") == "failed"


# Changed settings ---------------------------------------------------------------------------------


def test_every_change_of_a_setting_is_sent_with_its_new_value() -> None:
    course = history(*((step, 1.0, None) for step in (0, 10, 20, 30)))
    changes: Any = [
        (1, {"lr": 0.02}),
        (12, {"clip": 0.5, "temperature": 1.5}),
        (25, {"clip": None}),
        (26, {"forcing": 0.25}),
        (27, {"steps": 7, "lr": None}),
    ]
    assert [tuple(row.values()) for row in payload_of(course, changes=(changes,))["changes"]] == [
        (1, 3.33333, "learning rate 0.02"),
        (12, 6.66667, "clipping 0.5, temperature 1.5"),
        (25, 10.0, "no clipping"),
        (26, 10.0, "teacher forcing 0.25"),
    ]
    other: Any = [(1, {"lr": 0.02}), (29, {"lr": 0.03})]
    rows = payload_of(course, course, changes=(changes[:1], other))["changes"]
    assert [(row["step"], row["text"]) for row in rows] == [
        (1, "learning rate 0.02"),
        (29, "learning rate 0.03"),
    ], "each of several seeds, and what they have in common once"
    [row] = payload_of(History(), changes=(changes[:1],))["changes"]
    assert row == {"step": 1, "seconds": None, "text": "learning rate 0.02"}


def test_without_a_list_of_changes_the_learning_rate_is_read_from_the_history() -> None:
    course = history(*((step, 1.0, None) for step in (0, 10, 20, 30, 40)))
    course.lr[2:] = [0.03, 0.03, 0.01]
    assert [(row["step"], row["text"]) for row in payload_of(course)["changes"]] == [
        (20, "learning rate 0.03"),
        (40, "learning rate 0.01"),
    ]


# Answers and their signs --------------------------------------------------------------------------

SIGNS = {
    "intents": {"<unk>"},
    "sentiment": {"<unk>"},
    "counting": {"^", "$"},
    "copy": {"·", "?"},
    "brackets": {"·"},
    "text": {"⏎"},
    "adding": {"±"},
}


@pytest.mark.parametrize("kind", TASKS.values(), ids=list(TASKS))
def test_the_signs_and_curves_in_the_answers_of_a_task_are_explained(kind: Any) -> None:
    experiment = Experiment(kind(), ModelSpec(hidden=4, embedding="one-hot"), seed=1)
    rows = initial_snapshot(experiment.to_json())["answers"]
    texts = [row[part] for row in rows for part in ("question", "wanted")]
    note = signs_note(sign_meanings(kind()), texts)
    assert set(re.findall("\u2068(.+?)\u2069: ", note)) == SIGNS.get(kind.name, set())
    assert not re.search(r"<(pad|bos|eos)>", "".join([*texts, *(row["given"] for row in rows)]))
    # The title of the curves depends on this.
    for row in rows:
        if row["lines"]:
            assert ("given" in row["lines"]) == (row["right"] is None)


def test_begin_and_end_around_a_name_are_explained() -> None:
    task = Surnames(ends="with")
    rows = initial_snapshot(Experiment(task, ModelSpec(hidden=4)).to_json())["answers"]
    names = [row["question"] for row in rows]
    assert all(re.fullmatch(r"<bos>[^<>]+<eos>", name) for name in names)
    note = signs_note(sign_meanings(task), names)
    assert set(re.findall("\u2068(.+?)\u2069: ", note)) == {"<bos>", "<eos>"}


def test_an_answer_that_is_blank_or_empty_is_visible() -> None:
    def visible(text: str) -> str | None:
        view = contestant(history(), snapshot={"step": 1, "answers": [answer(text, False)]})
        return answers.answers_payload([view], {})[0]["answers"][0]

    assert [visible(text) for text in ("", "   ", " a ")] == ["∅", "␣␣␣", " a "]
    note = signs_note(sign_meanings(Hello()), ["␣␣", "∅"])
    assert "a blank" in note
    assert "an empty answer" in note


@pytest.mark.parametrize("language", ["en", "ko"])
def test_tags_are_shown_by_their_titles(language: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rnnviz.ui.language.current", lambda: language)
    for task in (TASKS["tags"](), TASKS["tags"](language="ko")):  # type: ignore[call-arg]
        experiment = Experiment(task, ModelSpec(hidden=4), seed=1)
        snapshot = initial_snapshot(experiment.to_json())
        titles = label_titles(task)
        rows = answers.answers_payload([contestant(history(), snapshot=snapshot)], titles)
        for row in rows:
            assert not re.search("[A-Z]", " ".join([row["target"], *filter(None, row["answers"])]))
        assert any("명사" in row["target"] for row in rows) == (language == "ko")
        assert any("noun" in row["target"] for row in rows) == (language == "en")


def test_only_the_signs_that_occur_are_explained() -> None:
    signs = {"$": "the end", "ADV": "adverb", "<unk>": "unknown"}
    assert signs_note(signs, ["ADVERB", "what", ""]) == ""
    note = signs_note(signs, ["a <unk>", "ADV NOUN"])
    assert note.replace("\u2068", "").replace("\u2069", "") == "ADV: adverb · <unk>: unknown"
