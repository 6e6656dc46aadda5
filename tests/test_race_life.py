"""A race outlives its page: it belongs to a browser, whichever of its tabs shows it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.jobs import InlineEngine, RaceView, Service
from rnnviz.jobs.scheduling import Limits
from rnnviz.store import Store
from rnnviz.ui import visitor
from rnnviz.ui.services import race_session, training
from rnnviz.ui.services.browser_races import browser_races
from rnnviz.ui.services.presence import FORGET_AFTER, MAX_DISCONNECTED, Presence
from rnnviz.ui.services.store import open_store
from tests.conftest import reset_server
from tests.race_page import open_page, open_popover, payload, press, texts, values

LEASE = 30.0

HOME, STEPS = (
    "pages/start/home.py",
    {"cells": "rnn,gru", "lag": "3", "hidden": "4", "steps": "5000"},
)


class Clock:
    """A clock that tests move."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(autouse=True)
def jobs(store: Store, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """The job service of the pages: it trains in this process, one event with each `tick`."""
    jobs = Service(InlineEngine(), store=open_store(), lease=LEASE, clock=clock)
    monkeypatch.setattr(training.service, "_create", lambda: jobs)
    training.service.forget()  # what the background of an earlier test may have created meanwhile
    monkeypatch.setattr(race_session, "UPDATE_INTERVAL", 0.01)
    yield jobs
    reset_server()


@pytest.fixture
def tab(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """Open a tab of a browser on the page Side by side."""

    def open_tab(browser: str = "a", **address: str) -> AppTest:
        monkeypatch.setattr(visitor, "visitor_id", lambda: browser * 32 if browser else None)
        at = open_page(**address)
        assert not at.exception
        return at

    return open_tab


def race_of(jobs: Service, browser: str = "a") -> RaceView:
    race = browser_races().get(browser * 32)
    assert race is not None
    view = jobs.view(race.race_id)
    assert view is not None
    return view


def sign(at: AppTest) -> list[str]:
    """What the menu says about a training."""
    return [each.proto.label for each in at.sidebar.get("page_link")]


def steps_of(view: RaceView) -> list[int]:
    return [run.history.step[-1] if run.history.step else 0 for run in view.runs]


def wait(jobs: Service, clock: Clock, seconds: float) -> None:
    for _second in range(int(seconds)):
        clock.now += 1
        jobs.tick()


def finish(jobs: Service) -> None:
    """Train until every run has ended."""
    for _event in range(1000):
        jobs.tick()
        if not jobs.active_runs:
            return
    raise AssertionError("the race goes on")


def train(jobs: Service, events: int = 6) -> None:
    for _event in range(events):
        jobs.tick()


def test_two_tabs_show_and_control_the_same_race(tab: Any, jobs: Service) -> None:
    first = press(tab(**STEPS, lr="0.02"), "start")
    train(jobs)
    second = tab()
    assert payload(second)["running"]
    assert not second.info
    assert second.select_slider("race.lag").value == 3, "the controls are those of the race"
    assert second.select_slider("race.lr").value == 0.02
    press(second, "pause")
    assert first.run().button("race.pause").label == "Resume"
    press(first, "stop")
    finish(jobs)
    assert {*values(second.run(), "state")} == {"stopped"}
    assert not second.button("race.start").disabled


def test_a_live_setting_changes_only_where_a_visitor_moves_it(tab: Any, jobs: Service) -> None:
    first = press(tab(**STEPS, lr="0.02"), "start")
    train(jobs, 1)
    other_rate = tab(**STEPS, lr="0.1")
    assert race_of(jobs).settings == {}, "a link is no move"
    assert "learning rate 0.02" in texts(other_rate.info)[0]
    other_rate = open_popover(other_rate, "race.training.open")
    other_rate.select_slider("race.clip").set_value(0.5).run()
    assert race_of(jobs).settings == {"clip": 0.5}
    first.run()
    assert race_of(jobs).settings == {"clip": 0.5}, "no fight over it"
    assert "clipping 0.5" in texts(first.info)[0]
    first = press(first, "show_settings")
    first = open_popover(first, "race.training.open")
    assert first.select_slider("race.clip").value == 0.5
    assert not texts(first.info)
    first.select_slider("race.lr").set_value(0.03).run()
    other_rate.run()
    assert race_of(jobs).settings == {"clip": 0.5, "lr": 0.03}


def test_controls_of_another_race_leave_the_one_that_runs_alone(tab: Any, jobs: Service) -> None:
    press(tab(**STEPS), "start")
    train(jobs)
    other = tab(lag="7", hidden="8", lr="0.1")
    [note] = texts(other.info)
    assert "Delayed recall, RNN and GRU with 4 units, 5000 training steps" in note
    assert "next start" in note
    other.select_slider("race.lr").set_value(0.3).run()
    assert race_of(jobs).settings == {}, "it belongs to the next start"
    assert values(other, "code") == ["rnn", "gru"]
    other = press(other, "show_settings")
    assert not other.info
    assert other.select_slider("race.lag").value == 3
    assert other.slider("race.hidden").value == 4


def test_what_a_stale_tab_is_asked_to_do_does_not_hit_a_newer_race(tab: Any, jobs: Service) -> None:
    stale = tab(lag="5")
    first = press(tab(**STEPS), "start")
    race_id = race_of(jobs).race_id
    stale = press(stale, "start")
    assert "still in progress" in texts(stale.warning)[0]
    assert race_of(jobs).race_id == race_id
    assert payload(stale)["running"], "it shows the race"
    press(first, "stop")
    finish(jobs)
    stale.run()
    second_id = (press(first.run(), "start"), race_of(jobs).race_id)[1]
    assert second_id != race_id
    stale = press(stale, "reset")
    assert race_of(jobs).race_id == second_id, "the tab meant the race that it showed"
    assert race_of(jobs).state != "stopping"


def test_nobody_else_sees_or_ends_the_race(tab: Any, jobs: Service) -> None:
    press(tab("a", **STEPS), "start")
    train(jobs)
    for browser in ("b", "", ""):
        other = tab(browser)
        assert not payload(other)["running"]
        assert not other.button("race.start").disabled
        assert sign(other.switch_page(HOME).run()) == []
    press(tab("b", **STEPS), "start")
    assert race_of(jobs, "b").race_id != race_of(jobs).race_id
    press(tab("b"), "stop")
    train(jobs, 2)
    assert (race_of(jobs, "b").state, race_of(jobs).state) == ("stopped", "running")


@pytest.mark.parametrize("browser", ["a", ""])
def test_other_pages_show_that_it_trains_until_its_end_was_seen(
    tab: Any, jobs: Service, browser: str
) -> None:
    at = press(tab(browser, **STEPS | {"steps": "50"}), "start")
    assert sign(at) == [], "not on its own page"
    train(jobs, 1)
    at = at.switch_page(HOME).run()
    assert sign(at) == ["Training: step 0 of 50 · 2 models"]
    finish(jobs)
    assert sign(at.run()) == ["Training finished: 2 models"]
    at.switch_page("pages/train/side_by_side.py").run()
    assert at.header, "the verdict"
    assert sign(at.switch_page(HOME).run()) == []


def test_the_sign_is_in_the_language_of_the_visitor(tab: Any, jobs: Service) -> None:
    at = press(tab(**STEPS, lang="ko"), "start")
    train(jobs, 1)
    press(at, "pause")
    assert sign(at.switch_page(HOME).run()) == ["학습 일시 정지: 5000단계 중 0단계 · 모델 2개"]


def test_it_ends_after_five_minutes_without_a_page_and_can_be_resumed(
    tab: Any, jobs: Service, clock: Clock
) -> None:
    at = press(tab(**STEPS), "start")
    wait(jobs, clock, LEASE - 2)
    assert race_of(jobs).state == "running"
    at.switch_page(HOME).run()  # any page is one
    wait(jobs, clock, LEASE - 2)
    assert race_of(jobs).state == "running"
    wait(jobs, clock, 6)
    stopped = race_of(jobs)
    assert stopped.state == "stopped"
    later = tab()
    assert texts(later.info)[0] == str(stopped.reason)
    assert later.button("race.pause").label == "Resume"
    later = press(later, "pause")
    train(jobs, 40)
    resumed = race_of(jobs)
    assert resumed.state == "running"
    assert [run.run_id for run in resumed.runs] == [run.run_id for run in stopped.runs]
    assert all(new > old for old, new in zip(steps_of(stopped), steps_of(resumed), strict=True))
    later.run()
    assert not later.info
    assert later.select_slider("race.lag").value == 3


def test_after_a_restart_of_the_server_its_page_offers_to_resume_it(
    tab: Any, jobs: Service, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(tab(**STEPS, lr="0.02"), "start")
    train(jobs)
    before = race_of(jobs)
    reset_server()
    restarted = Service(InlineEngine(), store=open_store(), lease=LEASE, clock=clock)
    monkeypatch.setattr(training.service, "_create", lambda: restarted)
    training.service.forget()
    assert not tab("b").info, "nobody else's"
    at = tab()
    [note] = texts(at.info)
    assert "Your latest training ended early: Delayed recall, 2 models, at step" in note
    assert "shut down" in note
    assert at.select_slider("race.lr").value == 0.02
    assert values(at, "code") == ["rnn", "gru"]
    press(at, "pause")  # its label is Resume
    train(restarted, 30)
    after = race_of(restarted)
    assert [run.run_id for run in after.runs] == [run.run_id for run in before.runs]
    assert all(new > old for old, new in zip(steps_of(before), steps_of(after), strict=True))
    assert not at.run().info
    names = [path.stem for path in (tmp_path / "browsers").iterdir()]
    assert len(names) == 1
    assert "a" * 32 not in names[0], "the cookie is stored nowhere"
    press(at, "reset")
    assert not list((tmp_path / "browsers").iterdir())
    assert not tab().info


def test_a_run_that_is_resumed_sets_the_controls_of_its_race(tab: Any, jobs: Service) -> None:
    at = press(tab(**STEPS, seed="7"), "start")
    train(jobs)
    press(at, "stop")
    finish(jobs)
    [_rnn, gru] = race_of(jobs).runs
    press(at.run(), "reset")
    at.query_params.clear()
    at.query_params["run"] = gru.run_id
    at = at.switch_page("pages/train/runs.py").run().button("runs.resume").click().run()
    assert race_of(jobs).runs[0].run_id == gru.run_id
    assert len(sign(at)) == 1
    train(jobs, 1)
    other = tab()
    assert not other.info
    assert values(other, "code") == ["gru"]
    assert other.query_params["seed"] == "7"


def test_a_full_queue_is_said_where_the_start_button_is(
    tab: Any, jobs: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_limits", Limits(races=0))
    at = press(tab(**STEPS), "start")
    assert len(at.warning) == 1
    assert "0" in at.warning[0].value
    assert not at.button("race.start").disabled
    monkeypatch.setattr(jobs, "_limits", Limits())
    at = press(at, "start")
    assert not at.warning
    assert payload(at)["running"]


def test_a_reload_keeps_the_visitors_file(tab: Any, jobs: Service) -> None:
    at = tab(task="text", source="own", steps="5000", hidden="4")
    at.get("file_uploader")[0].upload("notes.txt", b"What I say three times is true. " * 40).run()
    press(at, "start")
    train(jobs)
    addresses: tuple[dict[str, str], ...] = ({}, dict(at.query_params))
    for address in addresses:
        again = tab(**address)
        assert not again.warning
        assert not again.info
        assert payload(again)["running"]


def test_a_browser_is_present_while_one_of_its_sessions_is_connected() -> None:
    clock, connected = Clock(), {"tab 1", "tab 2"}
    presence = Presence(connected.__contains__, clock)
    for owner, session in (("ann", "tab 1"), ("ann", "tab 2"), ("bob", "tab 3")):
        presence.note(owner, session)
    assert presence.present() == {"ann"}
    connected.discard("tab 2")
    assert presence.present() == {"ann"}
    connected.clear()
    assert presence.present() == set()
    clock.now = FORGET_AFTER - 1
    connected.add("tab 2")  # the same session, after a lost connection, runs nothing
    assert presence.present() == {"ann"}
    connected.clear()
    clock.now += FORGET_AFTER - 1
    assert presence.present() == set()
    connected.update({"tab 1", "tab 2"})
    assert presence.present() == {"ann"}
    connected.clear()
    clock.now += FORGET_AFTER + 1
    presence.present()
    connected.update({"tab 1", "tab 2", "tab 3"})
    assert presence.present() == set(), "forgotten"
    presence.note("ann", "tab 1")
    for number in range(MAX_DISCONNECTED):
        presence.note("eve", str(number))
    assert presence.present() == {"ann"}, "who opens many tabs ends no other presence"
    connected.add("0")
    assert presence.present() == {"ann"}, "but is forgotten"


def test_the_leases_of_those_who_are_present_and_train_are_renewed(tab: Any) -> None:
    press(tab("a", **STEPS), "start")
    tab("b")
    renewed: list[str] = []
    browser_races().presence = Presence(lambda session: True)
    for owner in "ab":
        browser_races().presence.note(owner * 32, owner)
    browser_races().renew(renewed.append)
    assert renewed == ["a" * 32], "a visitor without a race has no lease"
