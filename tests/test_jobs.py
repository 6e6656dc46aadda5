"""The decisions of the job service, with scripted jobs: which race is next, who has left."""

from typing import Any

import pytest

from rnnviz.jobs import InlineEngine, Limits, Service
from rnnviz.jobs.scheduling import (
    MAX_GAP,
    TOO_MANY_RACES,
    TOO_MANY_RUNS,
    TOO_MANY_WITHOUT_COOKIE,
)
from rnnviz.jobs.service import NOBODY_THERE, PAUSED_TOO_LONG
from rnnviz.messages import Message, Problem
from tests.races import LONG, SHORT, scripted_job, tick, view_of


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def make_service(slots: int = 3, **options: Any) -> tuple[Service, Clock, InlineEngine]:
    clock, engine = Clock(), InlineEngine(slots, scripted_job)
    return Service(engine, clock=clock, **options), clock, engine


def watch(service: Service, clock: Clock, seconds: float) -> None:
    """Let time pass while the service looks at its clock."""
    while seconds > 0:
        clock.now += min(seconds, MAX_GAP)
        seconds -= MAX_GAP
        service.tick()


def states(service: Service, *races: str) -> list[str]:
    return [view_of(service, race).state for race in races]


def reason(service: Service, race: str) -> str:
    message = view_of(service, race).reason
    assert message is not None
    return message.template


def test_owners_are_served_in_turn_and_see_their_position() -> None:
    service, _, _ = make_service(slots=1)
    first = [service.submit("greedy", [SHORT]) for _ in range(3)]
    other = service.submit("modest", [SHORT])
    queued = [first[0], other, first[1], first[2]]
    assert [view_of(service, race).queue_position for race in queued] == [0, 1, 2, 3]
    ended: list[str] = []
    while len(ended) < 4:
        service.tick()
        ended += [
            race
            for race in queued
            if race not in ended and view_of(service, race).state == "finished"
        ]
    assert ended == queued
    assert view_of(service, other).queue_position is None


def test_an_owner_has_one_race_running() -> None:
    service, _, _ = make_service(slots=3)
    race, second = service.submit("ann", [LONG]), service.submit("ann", [LONG])
    service.tick()
    assert states(service, race, second) == ["running", "queued"]
    service.send_command(race, {"command": "stop"})
    tick(service, 5)
    assert states(service, race, second) == ["stopped", "running"]


def test_a_race_of_three_is_not_overtaken_by_small_ones() -> None:
    service, _, _ = make_service(slots=3)
    small = service.submit("ann", [LONG])
    service.tick()
    large, late = service.submit("ben", [LONG] * 3), service.submit("cid", [LONG])
    service.tick()
    assert states(service, small, large, late) == ["running", "queued", "queued"]
    service.forget(small)
    tick(service, 5)
    assert [run.state for run in view_of(service, large).runs] == ["running"] * 3


def test_a_race_larger_than_the_engine_shares_freed_slots_with_other_owners() -> None:
    service, _, _ = make_service(slots=3)
    large = service.submit("ann", [SHORT] * 30)
    own = service.submit("ann", [SHORT])
    service.tick()
    other, small = service.submit("ben", [SHORT] * 3), service.submit("cid", [SHORT])
    races = (large, own, other, small)
    started: list[tuple[str, str]] = []
    while set(states(service, *races)) != {"finished"}:
        service.tick()
        for race in races:
            for run in view_of(service, race).runs:
                if run.attempt and (race, run.run_id) not in started:
                    started.append((race, run.run_id))
        assert service.active_runs <= 3
    order = [race for race, _ in started]
    assert order[:3] == [large] * 3
    assert order.index(other) <= 3 + 3, "one turn of the large race at most, slot by slot"
    assert order.index(small) < len(order) - order[::-1].index(large) - 1
    assert order[-1] == own, "an owner's next race waits for all of the previous one"


def test_every_queued_run_knows_how_many_start_before_it() -> None:
    service, _, engine = make_service(slots=2)
    first, second = service.submit("ann", [LONG] * 4), service.submit("ben", [LONG] * 2)

    def positions(race: str) -> list[int | None]:
        return [run.queue_position for run in view_of(service, race).runs]

    assert (positions(first), positions(second)) == ([0, 1, 2, 3], [4, 5])
    service.tick()
    assert (positions(first), positions(second)) == ([None, None, 2, 3], [0, 1])
    assert [view_of(service, race).queue_position for race in (first, second)] == [None, 0]
    engine.kill(view_of(service, first).runs[0].run_id)
    service.tick()
    lost = view_of(service, first).runs[0]
    assert (lost.state, lost.queue_position) == ("queued", 0), "its slot still belongs to it"
    service.tick()
    assert [run.attempt for run in view_of(service, first).runs] == [2, 1, 0, 0]
    service.send_command(first, {"command": "stop"})
    assert positions(second) == [0, 1]


def test_a_paused_race_starts_no_more_of_its_runs_and_keeps_its_slots() -> None:
    service, clock, engine = make_service(slots=2, lease=1e9)
    race = service.submit("ann", [LONG] * 3)
    service.tick()
    service.send_command(race, {"command": "pause"})
    engine._attempts.popitem()  # as if one had ended
    service._attempts._active.popitem()
    clock.now = 1000.0
    tick(service, 3)
    assert states(service, race) == ["paused"], "nobody else is waiting"
    assert [run.attempt for run in view_of(service, race).runs] == [1, 1, 0]


def test_a_single_step_is_for_paused_races() -> None:
    service, _, _ = make_service()
    race = service.submit("ann", [LONG, LONG])
    service.tick()

    def latest_commands() -> list[Any]:
        return [run.facts["command"] for run in view_of(service, race).runs]

    service.send_command(race, {"command": "step"})
    tick(service, 3)
    assert latest_commands() == [None, None]
    for command in ("pause", "step"):
        service.send_command(race, {"command": command})
        tick(service, 3)
    assert latest_commands() == [{"command": "step"}] * 2


def test_commands_to_a_queued_race_take_effect_when_it_starts() -> None:
    service, _, _ = make_service(slots=1)
    running = service.submit("ann", [LONG])
    service.tick()
    queued, stopped = service.submit("ben", [LONG]), service.submit("cid", [LONG])
    service.send_command(queued, {"command": "set", "lr": 0.5})
    service.send_command(queued, {"command": "set", "clip": None, "forcing": 0.5})
    service.send_command(queued, {"command": "pause"})
    service.send_command(stopped, {"command": "stop"})
    assert states(service, stopped) == ["stopped"]
    service.forget(running)
    commands = []
    for _ in range(12):
        service.tick()
        commands.append(view_of(service, queued).runs[0].facts.get("command"))
    assert {"command": "set", "lr": 0.5, "clip": None, "forcing": 0.5} in commands
    assert {"command": "pause"} in commands
    assert view_of(service, queued).runs[0].state == "paused"
    assert view_of(service, stopped).runs[0].attempt == 0


def test_the_races_of_an_owner_who_has_left_are_stopped_or_never_start() -> None:
    service, clock, _ = make_service(slots=1)
    race = service.submit("ann", [LONG])
    service.tick()
    queued = service.submit("ben", [LONG])
    watch(service, clock, 200.0)
    service.renew("ann")
    service.renew("a visitor without a race")
    watch(service, clock, 99.0)
    assert states(service, race, queued) == ["running", "queued"]
    watch(service, clock, 2.0)
    assert states(service, race, queued) == ["running", "stopped"]
    assert view_of(service, queued).runs[0].attempt == 0
    watch(service, clock, 200.0)
    tick(service, 5)
    assert states(service, race) == ["stopped"]
    assert reason(service, race) == NOBODY_THERE
    assert "a visitor without a race" not in service._owners._renewed


def test_time_in_which_nobody_could_renew_his_lease_does_not_count() -> None:
    service, clock, _ = make_service(lease=300.0)
    race = service.submit("ann", [LONG])
    for jump in (3600.0, -7200.0, 1e9):  # a stalled server, a suspended laptop, another time
        clock.now += jump
        tick(service, 3)
        assert states(service, race) == ["running"]


def test_the_latest_race_of_an_owner_is_known_until_it_is_forgotten() -> None:
    service, _, _ = make_service()
    races = [service.submit(owner, [LONG]) for owner in ("ann", "ben", "ann")]
    assert service.race_of("ann") == races[2]
    service.forget(races[2])
    assert service.race_of("ann") == races[0]
    service.forget(races[0])
    assert service.race_of("ann") is None
    assert service.race_of("ben") == races[1]


def refusal(service: Service, owner: str, runs: int = 1, **options: Any) -> Message:
    with pytest.raises(Problem) as caught:
        service.submit(owner, [LONG] * runs, **options)
    return caught.value.message


def test_an_owner_may_queue_so_many_races_and_the_server_so_many_runs() -> None:
    service, _, _ = make_service(slots=1, limits=Limits(races=2, runs=9))
    first = service.submit("ann", [LONG])
    service.tick()
    own = [service.submit("ann", [LONG]) for _ in range(2)]
    assert refusal(service, "ann") == Message(TOO_MANY_RACES, {"count": 2, "limit": 2})
    service.send_command(own[0], {"command": "stop"})
    service.submit("ann", [LONG])
    # Without a cookie each tab is an owner, but all of them share one allowance.
    for tab in "xy":
        service.submit(tab, [LONG], allowance="no cookie")
    message = refusal(service, "z", allowance="no cookie")
    assert message == Message(TOO_MANY_WITHOUT_COOKIE, {"count": 2, "limit": 2})
    expected = Message(TOO_MANY_RUNS, {"count": 4, "more": 6, "limit": 9})
    assert refusal(service, "ben", runs=6) == expected
    service.submit("ben", [LONG] * 5)
    service.forget(first)
    tick(service, 5)
    service.submit("cid", [LONG])


def test_only_the_latest_ended_races_of_an_owner_are_kept() -> None:
    service, _, _ = make_service(limits=Limits(records=3))
    other = service.submit("ben", [SHORT])
    races = []
    for _ in range(6):
        races.append(service.submit("ann", [SHORT]))
        tick(service, 5)
    assert [service.view(race) is None for race in races] == [True] * 2 + [False] * 4
    assert service.view(other) is not None


def test_a_pause_ends_when_others_have_waited_long_enough() -> None:
    service, clock, _ = make_service(slots=1, max_pause=60.0, lease=1e9)
    race = service.submit("ann", [LONG])
    service.tick()
    service.send_command(race, {"command": "pause"})
    clock.now = 1000.0
    service.tick()
    assert states(service, race) == ["paused"], "nobody is waiting"
    service.submit("ben", [LONG])
    tick(service, 4)
    assert reason(service, race) == PAUSED_TOO_LONG


def test_a_pause_in_the_queue_does_not_count_towards_the_longest_pause() -> None:
    service, clock, _ = make_service(slots=1, max_pause=60.0, lease=1e9)
    running = service.submit("ann", [LONG])
    service.tick()
    queued, next_one = service.submit("ben", [LONG]), service.submit("cid", [LONG])
    service.send_command(queued, {"command": "pause"})
    clock.now = 100.0
    service.forget(running)
    tick(service, 4)
    assert view_of(service, queued).runs[0].state == "paused", "it has just started"
    clock.now = 150.0
    service.tick()
    assert states(service, queued) == ["paused"]
    clock.now = 161.0
    tick(service, 4)
    assert reason(service, queued) == PAUSED_TOO_LONG
    assert states(service, next_one) == ["running"]


def test_events_of_a_superseded_attempt_are_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    service, _, engine = make_service()
    race = service.submit("ann", [LONG])
    service.tick()
    (run,) = view_of(service, race).runs
    engine.kill(run.run_id)
    tick(service, 2)
    assert view_of(service, race).runs[0].attempt == 2
    late = (run.run_id, 1, {"event": "end", "state": "finished", "reason": None})
    monkeypatch.setattr(engine, "poll", lambda timeout: [late])
    service.tick()
    assert view_of(service, race).runs[0].state == "running"


def test_the_records_of_an_idle_owner_are_dropped() -> None:
    service, clock, _ = make_service(record_ttl=3600.0)
    race = service.submit("ann", [SHORT])
    tick(service, 5)
    clock.now = 3000.0
    service.submit("ben", [SHORT])
    assert service.view(race) is not None
    clock.now = 4000.0
    service.submit("ben", [SHORT])
    assert service.view(race) is None


def test_a_race_is_stopping_until_its_runs_have_stopped() -> None:
    service, _, _ = make_service()
    race = service.submit("ann", [LONG, LONG])
    service.tick()
    service.send_command(race, {"command": "stop"})
    for state in ("stopping", "stopped"):
        view = view_of(service, race)
        assert (view.state, {run.state for run in view.runs}) == (state, {state})
        tick(service, 3)
