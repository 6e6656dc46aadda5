"""Whatever goes wrong with one run, the service stays up for all others."""

import threading
from typing import Any, cast

import pytest

from rnnviz.jobs import Event, InlineEngine, Service
from rnnviz.jobs.attempts import GAVE_UP, NOT_STARTED
from rnnviz.jobs.engine import Work
from rnnviz.jobs.recorder import FLUSH_INTERVAL, RunStore
from rnnviz.messages import Message
from tests.races import (
    LONG,
    SHORT,
    TIMEOUT,
    scripted_job,
    serve_in_thread,
    tick,
    view_of,
    wait_until,
)


class FaultyEngine(InlineEngine):
    """An engine whose start fails `refusals` times for work that is marked, or whose poll fails."""

    def __init__(self, refusals: int = 0) -> None:
        super().__init__(3, scripted_job)
        self.refusals = refusals
        self.sends_nonsense = False
        self.poll_fails = False

    def start(self, run_id: str, attempt: int, work: Work) -> None:
        if work.get("refused") and self.refusals:
            self.refusals -= 1
            raise EOFError
        super().start(run_id, attempt, work)

    def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
        if self.poll_fails:
            self.poll_fails = False
            raise RuntimeError("poll failed")
        events = super().poll(timeout)
        if self.sends_nonsense and events:
            self.sends_nonsense = False
            run_id, attempt, _ = events[0]
            events[0] = (run_id, attempt, {"event": "progress"})
        return events


@pytest.mark.parametrize(("refusals", "state"), [(2, "running"), (3, "failed")])
def test_a_run_that_cannot_be_started_is_retried_and_then_fails_alone(
    refusals: int, state: str
) -> None:
    now = [0.0]
    service = Service(FaultyEngine(refusals), clock=lambda: now[0], lease=1e9)
    race = service.submit("ann", [{**LONG, "refused": True}, LONG])
    tick(service, 3)
    refused, other = view_of(service, race).runs
    assert (refused.state, refused.attempt, other.state) == ("queued", 1, "running")
    assert service.active_runs == 2, "it keeps its slot"
    for second in range(4):
        now[0] = 1.0 * second
        tick(service, 2)
    refused, other = view_of(service, race).runs
    assert (refused.state, refused.attempt, other.state) == (state, 3, "running")
    if state == "failed":
        assert refused.reason is not None
        assert refused.reason.template == GAVE_UP
        last = refused.reason.values["last"]
        assert isinstance(last, Message)
        assert last.template == NOT_STARTED
    later = service.submit("ben", [LONG])
    service.forget(race)
    tick(service, 4)
    assert view_of(service, later).state == "running"


def test_a_run_in_backoff_is_stopped_at_once() -> None:
    service = Service(FaultyEngine(refusals=1), clock=lambda: 0.0)
    race = service.submit("ann", [{**LONG, "refused": True}])
    service.tick()
    assert view_of(service, race).runs[0].attempt == 1
    service.send_command(race, {"command": "stop"})
    service.tick()
    assert view_of(service, race).state == "stopped"
    assert service.active_runs == 0


def test_a_run_whose_events_make_no_sense_fails_alone() -> None:
    engine = FaultyEngine()
    service = Service(engine)
    race = service.submit("ann", [LONG, LONG])
    engine.sends_nonsense = True
    tick(service, 3)
    broken, other = view_of(service, race).runs
    assert (broken.state, other.state) == ("failed", "running")
    assert broken.reason is not None


def test_the_service_continues_after_a_turn_that_failed() -> None:
    engine = FaultyEngine()
    with serve_in_thread(Service(engine)) as service:
        engine.poll_fails = True
        race = service.submit("ann", [SHORT])
        wait_until(lambda: view_of(service, race).state == "finished")


class FakeStore:
    """A store that accepts everything, and whose disk is full while a test says so."""

    def __init__(self) -> None:
        self.full = False
        self.buffered: list[str] = []
        self.written: list[str] = []

    def set_state(self, run: str, state: str, **_: Any) -> None:
        self.buffered.append(state)

    def flush(self) -> None:
        if self.full:
            raise OSError("disk full")
        self.written += self.buffered
        self.buffered.clear()

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def test_an_end_that_could_not_be_written_is_written_once_the_disk_allows_it() -> None:
    store = FakeStore()
    store.full = True
    with serve_in_thread(Service(InlineEngine(3, scripted_job), cast(RunStore, store))) as service:
        race = service.submit("ann", [SHORT])
        wait_until(lambda: view_of(service, race).state == "finished")
        wait_until(lambda: view_of(service, race).store_problem is not None)
        assert store.written == []
        # No further call and no further event.
        store.full = False
        wait_until(lambda: store.written[-1:] == ["finished"])
        wait_until(lambda: view_of(service, race).store_problem is None)


def test_a_disk_with_an_error_is_not_retried_in_every_turn() -> None:
    now, flushes = [0.0], []

    class FailingStore(FakeStore):
        def flush(self) -> None:
            flushes.append(now[0])
            raise OSError("disk full")

    store = cast(RunStore, FailingStore())
    service = Service(InlineEngine(3, scripted_job), store, clock=lambda: now[0])
    service.submit("ann", [SHORT])
    for _ in range(300):
        now[0] += 0.01
        service.tick()
    assert len(flushes) <= 3.0 / FLUSH_INTERVAL + 2


def test_a_run_that_the_end_of_the_server_interrupted_stays_interrupted() -> None:
    store, block, unblock = FakeStore(), threading.Event(), threading.Event()

    class SlowEngine(InlineEngine):
        def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
            events = super().poll(timeout)
            if block.is_set():
                block.clear()
                unblock.wait(TIMEOUT)
            return events

    engine = SlowEngine(3, scripted_job)
    service = Service(engine, cast(RunStore, store), lease=0.0)
    race = service.submit("ann", [LONG])
    service.tick()
    block.set()
    turn = threading.Thread(target=service.tick)
    turn.start()
    wait_until(lambda: not block.is_set())
    # The leases of the visitors end with the server, in the middle of a turn and after it.
    service.close()
    unblock.set()
    turn.join(TIMEOUT)
    service.send_command(race, {"command": "stop"})
    service.forget(race)
    service.close()
    assert store.written[-1] == "interrupted"
    assert "stopped" not in store.written
