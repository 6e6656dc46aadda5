"""What the job service decides, with jobs that this process plays: who is next, who has left."""

from typing import Any

import pytest

from rnnviz.jobs import InlineEngine, Service
from rnnviz.jobs.service import PAGE_LEFT, PAUSED_TOO_LONG
from tests.races import LONG, SHORT, scripted, seen


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def played(slots: int = 3, **options: Any) -> tuple[Service, Clock, InlineEngine]:
    clock, engine = Clock(), InlineEngine(slots, scripted)
    return Service(engine, clock=clock, **options), clock, engine


def test_owners_are_served_in_turn_and_told_their_position() -> None:
    service, _, _ = played(slots=1)
    first = [service.submit("greedy", [SHORT]) for _ in range(3)]
    other = service.submit("modest", [SHORT])
    waiting = [first[0], other, first[1], first[2]]
    assert [seen(service, race).queue_position for race in waiting] == [0, 1, 2, 3]
    ended: list[str] = []
    while len(ended) < 4:
        service.tick()
        ended += [
            race
            for race in waiting
            if race not in ended and seen(service, race).state == "finished"
        ]
    assert ended == waiting
    assert seen(service, other).queue_position is None


def test_an_owner_has_one_race_running() -> None:
    service, _, _ = played(slots=3)
    race, second = service.submit("ann", [LONG]), service.submit("ann", [LONG])
    service.tick()
    assert (seen(service, race).state, seen(service, second).state) == ("running", "queued")
    service.send_command(race, {"command": "stop"})
    for _ in range(5):
        service.tick()
    assert (seen(service, race).state, seen(service, second).state) == ("stopped", "running")


def test_a_race_of_three_is_not_overtaken_by_small_ones() -> None:
    service, _, _ = played(slots=3)
    small = service.submit("ann", [LONG])
    service.tick()
    large = service.submit("ben", [LONG] * 3)
    late = service.submit("cid", [LONG])
    service.tick()
    assert [seen(service, race).state for race in (small, large, late)] == [
        "running", "queued", "queued",
    ]  # fmt: skip
    service.forget(small)
    for _ in range(5):
        service.tick()
    assert [run.state for run in seen(service, large).runs] == ["running"] * 3


def test_a_race_larger_than_the_engine_is_run_in_parts() -> None:
    service, _, _ = played(slots=2)
    race = service.submit("ann", [SHORT] * 5)
    for _ in range(20):
        service.tick()
        assert service.active_runs <= 2
    assert seen(service, race).state == "finished"


def test_a_large_race_shares_what_becomes_free_with_the_races_of_others() -> None:
    service, _, _ = played(slots=3)
    large = service.submit("ann", [SHORT] * 30)
    own = service.submit("ann", [SHORT])
    service.tick()
    other = service.submit("ben", [SHORT] * 3)
    small = service.submit("cid", [SHORT])
    started: list[str] = []
    races = (large, own, other, small)
    while any(seen(service, race).state != "finished" for race in races):
        service.tick()
        for race in races:
            for place, run in enumerate(seen(service, race).runs):
                if run.attempt and (name := f"{race} {place}") not in started:
                    started.append(name)
        assert service.active_runs <= 3
    order = [name.split()[0] for name in started]
    assert order[:3] == [large] * 3
    assert order.index(other) <= 3 + 3, "one turn of the large race at most, slot by slot"
    assert order.index(small) < len(order) - order[::-1].index(large) - 1
    assert order[-1] == own, "an owner's next race waits for all of the one before"


def test_every_waiting_run_knows_how_many_start_before_it() -> None:
    service, _, engine = played(slots=2)
    first = service.submit("ann", [LONG] * 4)
    second = service.submit("ben", [LONG] * 2)
    assert [run.queue_position for run in seen(service, first).runs] == [0, 1, 2, 3]
    assert [run.queue_position for run in seen(service, second).runs] == [4, 5]
    service.tick()
    assert [run.queue_position for run in seen(service, first).runs] == [None, None, 2, 3]
    assert [run.queue_position for run in seen(service, second).runs] == [0, 1], (
        "now it is their turn"
    )
    assert (seen(service, first).queue_position, seen(service, second).queue_position) == (None, 0)
    engine.kill(seen(service, first).runs[0].run_id)
    service.tick()
    lost = seen(service, first).runs[0]
    assert (lost.state, lost.queue_position) == ("queued", 0), "its slot is still its own"
    service.tick()
    assert [run.attempt for run in seen(service, first).runs] == [2, 1, 0, 0]
    service.send_command(first, {"command": "stop"})
    assert [run.queue_position for run in seen(service, second).runs] == [0, 1]


def test_a_paused_race_starts_no_more_of_its_runs_and_keeps_its_slots() -> None:
    service, clock, engine = played(slots=2, lease=1e9)
    race = service.submit("ann", [LONG] * 3)
    service.tick()
    service.send_command(race, {"command": "pause"})
    engine._attempts.popitem()  # as if one had come to its end
    service._attempts._active.popitem()
    clock.now = 1000.0
    for _ in range(3):
        service.tick()
    view = seen(service, race)
    assert view.state == "paused", "nobody else is waiting"
    assert [run.attempt for run in view.runs] == [1, 1, 0]


def test_a_single_step_is_for_paused_races() -> None:
    service, _, _ = played()
    race = service.submit("ann", [LONG, LONG])
    service.tick()

    def heard() -> list[Any]:
        return [run.facts["heard"] for run in seen(service, race).runs]

    service.send_command(race, {"command": "step"})
    for _ in range(3):
        service.tick()
    assert heard() == [[], []]
    service.send_command(race, {"command": "pause"})
    for _ in range(3):
        service.tick()
    service.send_command(race, {"command": "step"})
    for _ in range(3):
        service.tick()
    assert heard() == [{"command": "step"}] * 2


def test_what_a_queued_race_is_told_is_remembered() -> None:
    service, _, _ = played(slots=1)
    running = service.submit("ann", [LONG])
    service.tick()
    waiting = service.submit("ben", [LONG])
    gone = service.submit("cid", [LONG])
    service.send_command(waiting, {"command": "set", "lr": 0.5})
    service.send_command(waiting, {"command": "set", "clip": None, "forcing": 0.5})
    service.send_command(waiting, {"command": "pause"})
    service.send_command(gone, {"command": "stop"})
    assert seen(service, gone).state == "stopped"
    service.forget(running)
    heard = []
    for _ in range(12):
        service.tick()
        heard.append(seen(service, waiting).runs[0].facts.get("heard"))
    assert {"command": "set", "lr": 0.5, "clip": None, "forcing": 0.5} in heard
    assert {"command": "pause"} in heard
    assert seen(service, waiting).runs[0].state == "paused"
    assert seen(service, gone).runs[0].attempt == 0


def test_a_silent_owner_loses_the_race_and_queued_races_of_the_gone_never_start() -> None:
    service, clock, _ = played(slots=1, lease=10.0, reconnect_grace=2.0)
    race = service.submit("ann", [LONG])
    service.tick()
    waiting = service.submit("ben", [LONG])
    clock.now = 8.0
    service.renew("ann")
    service.leave("ben")
    clock.now = 11.0
    for _ in range(5):
        service.tick()
    assert seen(service, race).state == "running"
    assert (seen(service, waiting).state, seen(service, waiting).runs[0].attempt) == ("stopped", 0)
    clock.now = 18.5
    for _ in range(5):
        service.tick()
    assert seen(service, race).state == "stopped"
    assert seen(service, race).reason.template == PAGE_LEFT


def test_a_race_that_is_no_longer_wanted_ends_at_once() -> None:
    service, _, _ = played()
    wanted = [True]
    race = service.submit("ann", [LONG], keep_running=lambda: wanted[0])
    service.tick()
    wanted[0] = False
    for _ in range(3):
        service.tick()
    assert seen(service, race).state == "stopped"


def test_a_pause_ends_when_others_have_waited_long_enough() -> None:
    service, clock, _ = played(slots=1, max_pause=60.0, lease=1e9)
    race = service.submit("ann", [LONG])
    service.tick()
    service.send_command(race, {"command": "pause"})
    clock.now = 1000.0
    service.tick()
    assert seen(service, race).state == "paused", "nobody is waiting"
    service.submit("ben", [LONG])
    for _ in range(4):
        service.tick()
    assert seen(service, race).reason.template == PAUSED_TOO_LONG


def test_a_pause_in_the_queue_is_no_pause_that_others_wait_for() -> None:
    service, clock, _ = played(slots=1, max_pause=60.0, lease=1e9)
    running = service.submit("ann", [LONG])
    service.tick()
    waiting, next_one = service.submit("ben", [LONG]), service.submit("cid", [LONG])
    service.send_command(waiting, {"command": "pause"})
    clock.now = 100.0
    service.forget(running)
    for _ in range(4):
        service.tick()
    assert seen(service, waiting).runs[0].state == "paused", "its turn has just come"
    clock.now = 150.0
    service.tick()
    assert seen(service, waiting).state == "paused"
    clock.now = 161.0
    for _ in range(4):
        service.tick()
    assert seen(service, waiting).reason.template == PAUSED_TOO_LONG
    assert seen(service, next_one).state == "running"


def test_words_of_a_dead_attempt_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    service, _, engine = played()
    race = service.submit("ann", [LONG])
    service.tick()
    (run,) = seen(service, race).runs
    engine.kill(run.run_id)
    service.tick()
    service.tick()
    assert seen(service, race).runs[0].attempt == 2
    late = (run.run_id, 1, {"event": "end", "state": "finished", "reason": None})
    monkeypatch.setattr(engine, "poll", lambda timeout: [late])
    service.tick()
    assert seen(service, race).runs[0].state == "running"


def test_records_of_an_owner_who_stays_silent_are_dropped() -> None:
    service, clock, _ = played(record_ttl=3600.0)
    race = service.submit("ann", [SHORT])
    for _ in range(5):
        service.tick()
    clock.now = 3000.0
    service.submit("ben", [SHORT])
    assert service.view(race) is not None
    clock.now = 4000.0
    service.submit("ben", [SHORT])
    assert service.view(race) is None


def test_a_race_says_at_once_that_it_is_stopping() -> None:
    service, _, _ = played()
    race = service.submit("ann", [LONG, LONG])
    service.tick()
    service.send_command(race, {"command": "stop"})
    view = seen(service, race)
    assert (view.state, {run.state for run in view.runs}) == ("stopping", {"stopping"})
    for _ in range(3):
        service.tick()
    view = seen(service, race)
    assert (view.state, {run.state for run in view.runs}) == ("stopped", {"stopped"})
