"""Whatever goes wrong with one run, the service is there for all others."""

import threading
from typing import Any, cast

import pytest

from rnnviz.jobs import Event, InlineEngine, Service
from rnnviz.jobs.attempts import GAVE_UP, NOT_STARTED
from rnnviz.jobs.engine import Work
from rnnviz.jobs.recorder import FLUSH_INTERVAL, RunStore
from tests.races import LONG, PATIENCE, SHORT, scripted, seen, until


class Faulty(InlineEngine):
    """An engine on which everything goes wrong that a test asks for."""

    def __init__(self) -> None:
        super().__init__(3, scripted)
        self.refusals = 0
        self.nonsense = False
        self.deaf = False

    def start(self, job: str, attempt: int, work: Work) -> None:
        if work.get("refused") and self.refusals:
            self.refusals -= 1
            raise EOFError
        super().start(job, attempt, work)

    def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
        if self.deaf:
            self.deaf = False
            raise RuntimeError("nothing heard")
        heard = super().poll(timeout)
        if self.nonsense and heard:
            self.nonsense = False
            job, attempt, _ = heard[0]
            heard[0] = (job, attempt, {"event": "progress"})
        return heard


@pytest.mark.parametrize(("refusals", "state"), [(2, "running"), (3, "failed")])
def test_a_run_that_cannot_be_started_is_tried_again_and_then_fails_alone(
    refusals: int, state: str
) -> None:
    engine = Faulty()
    engine.refusals = refusals
    now = [0.0]
    service = Service(engine, clock=lambda: now[0], lease=1e9)
    race = service.submit("ann", [{**LONG, "refused": True}, LONG])
    for _ in range(3):
        service.tick()
    refused, other = seen(service, race).runs
    assert (refused.state, refused.attempt, other.state) == ("queued", 1, "running")
    assert service.active_runs == 2, "it keeps its place"
    for second in range(4):
        now[0] = 1.0 * second
        service.tick()
        service.tick()
    refused, other = seen(service, race).runs
    assert (refused.state, refused.attempt, other.state) == (state, 3, "running")
    if state == "failed":
        assert refused.reason is not None
        assert refused.reason.template == GAVE_UP
        assert refused.reason.values["last"].template == NOT_STARTED  # type: ignore[attr-defined]
    later = service.submit("ben", [LONG])
    service.forget(race)
    for _ in range(4):
        service.tick()
    assert seen(service, later).state == "running"


def test_a_run_that_waits_to_be_started_again_is_stopped_at_once() -> None:
    engine = Faulty()
    engine.refusals = 1
    service = Service(engine, clock=lambda: 0.0)
    race = service.submit("ann", [{**LONG, "refused": True}])
    service.tick()
    assert seen(service, race).runs[0].attempt == 1
    service.send_command(race, {"command": "stop"})
    service.tick()
    assert seen(service, race).state == "stopped"
    assert service.active_runs == 0


def test_a_run_whose_words_make_no_sense_fails_alone() -> None:
    engine = Faulty()
    service = Service(engine)
    race = service.submit("ann", [LONG, LONG])
    engine.nonsense = True
    for _ in range(3):
        service.tick()
    broken, other = seen(service, race).runs
    assert (broken.state, other.state) == ("failed", "running")
    assert broken.reason is not None


def test_the_service_goes_on_after_a_turn_that_failed() -> None:
    engine = Faulty()
    service = Service(engine)
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        engine.deaf = True
        race = service.submit("ann", [SHORT])
        until(lambda: seen(service, race).state == "finished")

        def unknown() -> bool:
            raise RuntimeError

        lost = service.submit("ben", [LONG], keep_running=unknown)
        race = service.submit("cid", [SHORT])
        until(lambda: seen(service, race).state == "finished")
        until(lambda: seen(service, lost).state == "stopped")
    finally:
        service.close()
        thread.join(PATIENCE)


class Forgetful:
    """A store that takes everything, and whose disk is full while a test says so."""

    def __init__(self) -> None:
        self.full = False
        self.waiting: list[str] = []
        self.written: list[str] = []

    def state(self, run: str, state: str, **_: Any) -> None:
        self.waiting.append(state)

    def flush(self) -> None:
        if self.full:
            raise OSError("disk full")
        self.written += self.waiting
        self.waiting.clear()

    def __getattr__(self, name: str) -> Any:
        return lambda *_, **__: None


def test_an_end_that_could_not_be_written_is_written_when_the_disk_allows_it() -> None:
    store = Forgetful()
    store.full = True
    service = Service(InlineEngine(3, scripted), cast(RunStore, store))
    thread = threading.Thread(target=service.run)
    thread.start()
    try:
        race = service.submit("ann", [SHORT])
        until(lambda: seen(service, race).state == "finished")
        until(lambda: seen(service, race).store_problem is not None)
        assert store.written == []
        # Nobody asks for anything any more, and nothing else happens.
        store.full = False
        until(lambda: store.written[-1:] == ["finished"])
        until(lambda: seen(service, race).store_problem is None)
    finally:
        service.close()
        thread.join(PATIENCE)


def test_a_disk_that_has_refused_is_left_alone_for_a_while() -> None:
    now, asked = [0.0], []

    class Refusing(Forgetful):
        def flush(self) -> None:
            asked.append(now[0])
            raise OSError("disk full")

    service = Service(InlineEngine(3, scripted), cast(RunStore, Refusing()), clock=lambda: now[0])
    service.submit("ann", [SHORT])
    for _ in range(300):
        now[0] += 0.01
        service.tick()
    assert len(asked) <= 3.0 / FLUSH_INTERVAL + 2


def test_what_the_end_of_the_server_has_interrupted_stays_so() -> None:
    store, listening, heard = Forgetful(), threading.Event(), threading.Event()

    class Slow(InlineEngine):
        def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
            found = super().poll(timeout)
            if listening.is_set():
                listening.clear()
                heard.wait(PATIENCE)
            return found

    service = Service(Slow(3, scripted), cast(RunStore, store), reconnect_grace=0.0)
    race = service.submit("ann", [LONG])
    service.tick()
    listening.set()
    turn = threading.Thread(target=service.tick)
    turn.start()
    until(lambda: not listening.is_set())
    # The sessions of the visitors end with the server, in the middle of a turn and after it.
    service.leave("ann")
    service.close()
    heard.set()
    turn.join(PATIENCE)
    service.send_command(race, {"command": "stop"})
    service.forget(race)
    service.close()
    assert store.written[-1] == "interrupted"
    assert "stopped" not in store.written
