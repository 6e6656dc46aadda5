"""What pages wait for: computed once for all, fairly, bounded, and interrupted by the visitor."""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetStates
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx
from streamlit.testing.v1 import AppTest

from rnnviz.jobs.apart import Abandoned, Call
from rnnviz.messages import Problem
from rnnviz.ui import background
from rnnviz.ui.services import computations as module
from rnnviz.ui.services.computation import ENTRY_BYTES
from rnnviz.ui.services.computations import (
    GRACE,
    LEASE,
    MAX_PENDING,
    Computations,
)
from tests.conftest import reset_server
from tests.races import wait_until


class Bench:
    """Computes what the test lets go, and notes what was started and what was abandoned."""

    def __init__(self, slots: int, **options: Any) -> None:
        self.now = 0.0
        self.started: list[str] = []
        self.abandoned: list[str] = []
        self._released: set[str] = set()
        self._pulse = threading.Event()
        self.computations = Computations(self._compute, slots, clock=lambda: self.now, **options)

    def _compute(
        self, call: Call, on_progress: Callable[[float], None], is_needed: Callable[[], bool]
    ) -> bytes:
        name = call.function
        self.started.append(name)
        on_progress(0.5)
        while name not in self._released:
            if not is_needed():
                self.abandoned.append(name)
                raise Abandoned
            self._pulse.wait(0.001)
        if name.startswith("wrong"):
            raise Problem("no")
        if name.startswith("broken"):
            raise LookupError("no such thing")
        return pickle.dumps(name.upper())

    def release(self, *names: str) -> None:
        self._released |= {*names}

    def request(self, stack: ExitStack, name: str, visitor: str) -> Any:
        self.now += 0.001
        return stack.enter_context(self.computations.request(Call(name), visitor))

    def poll(self, name: str) -> Any:
        self.now += 0.001
        result = self.computations.poll(Call(name))
        return result and result.value()

    def has_started(self, *names: str) -> None:
        wait_until(lambda: len(self.started) == len(names))
        assert self.started == [*names]


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(slots=1)
    yield bench
    bench.computations.close()


def test_all_who_ask_for_the_same_share_one_computation(bench: Bench) -> None:
    with ExitStack() as stack:
        first, second = (bench.request(stack, "a", visitor) for visitor in ("ann", "bob"))
        assert first is second
        bench.has_started("a")
        wait_until(lambda: first.share == 0.5)
        bench.release("a")
        result = first.future.result(60)
        assert result.value() == "A"
        assert result.value() is result.value()
    assert bench.computations.cached(Call("a")) is result
    with ExitStack() as stack:
        assert bench.request(stack, "a", "cat").future.result(0) is result
    bench.has_started("a")


def test_of_a_visitor_who_drags_a_slider_only_the_latest_request_is_computed(bench: Bench) -> None:
    with ExitStack() as others:
        bench.request(others, "other", "ann")
        bench.has_started("other")
        for name in ("1", "2", "3"):
            with ExitStack() as stack:
                bench.request(stack, name, "bob")
        with ExitStack() as stack:
            last = bench.request(stack, "4", "bob")
            bench.release("other", "1", "2", "3", "4")
            assert last.future.result(60).value() == "4"
    bench.has_started("other", "4")


def test_whoever_has_fewest_running_is_next_and_then_whoever_came_first() -> None:
    bench = Bench(slots=2)
    with ExitStack() as stack:
        requests = [("a1", "ann"), ("a2", "ann"), ("a3", "ann"), ("b1", "bob"), ("c1", "cat")]
        computations = [bench.request(stack, name, visitor) for name, visitor in requests]
        bench.computations.prefetch(Call("later"))
        wait_until(lambda: len(bench.started) == 2)
        bench.release("a1", "b1", "c1", "later")
        wait_until(lambda: len(bench.started) == 5)
        assert bench.started[:2] == ["a1", "a2"]
        assert bench.started[2:] == ["b1", "c1", "a3"], "ann has one running, the others none"
        bench.release("a2", "a3")
        assert [each.future.result(60).value() for each in computations] == [
            name.upper() for name, _ in requests
        ]
    wait_until(lambda: bench.computations.cached(Call("later")) is not None)
    bench.computations.close()


def test_what_nobody_waits_for_ends_after_a_moment_or_when_its_slot_is_needed(
    bench: Bench,
) -> None:
    with ExitStack() as stack:
        bench.request(stack, "a", "ann")
        bench.has_started("a")
    with ExitStack() as stack:
        again = bench.request(stack, "a", "ann")  # the page ran again meanwhile
        bench.now += 2 * GRACE
        bench.release("a")
        assert again.future.result(60).value() == "A"
    with ExitStack() as stack:
        bench.request(stack, "b", "ann")
        bench.has_started("a", "b")
    bench.now += GRACE
    wait_until(lambda: bench.abandoned == ["b"])
    with ExitStack() as stack:
        bench.request(stack, "c", "ann")
        bench.has_started("a", "b", "c")
    with ExitStack() as stack:
        d = bench.request(stack, "d", "bob")
        wait_until(lambda: bench.abandoned == ["b", "c"])
        bench.release("d")
        assert d.future.result(60).value() == "D"


def test_what_was_cancelled_can_be_computed_again(bench: Bench) -> None:
    with ExitStack() as stack:
        bench.request(stack, "a", "ann")
        bench.has_started("a")
    with ExitStack() as stack:
        b = bench.request(stack, "b", "bob")
        again = bench.request(stack, "a", "ann")
        bench.release("b", "a")
        assert (b.future.result(60).value(), again.future.result(60).value()) == ("B", "A")


def test_what_is_polled_leaves_a_slot_and_starts_after_what_is_waited_for() -> None:
    bench = Bench(slots=2)
    poll = bench.poll
    assert [poll(name) for name in ("1", "2", "1", "3", "2")] == [None] * 5
    bench.has_started("1")
    with ExitStack() as stack:
        a, b = (bench.request(stack, name, "ann") for name in "ab")
        bench.has_started("1", "a")
        bench.release("1", "2", "3", "a", "b")
        assert (a.future.result(60).value(), b.future.result(60).value()) == ("A", "B")
    wait_until(lambda: all(poll(name) for name in "123"))
    assert bench.started.index("2") < bench.started.index("3"), "it was asked for last"
    assert len(bench.started) == 5
    assert poll("1") == "1"
    bench.computations.close()
    assert poll("new") is None


def test_what_is_not_polled_any_more_ends_and_too_much_of_it_is_dropped(bench: Bench) -> None:
    bench.poll("a")
    bench.has_started("a")
    bench.poll("b")
    bench.now += LEASE
    assert bench.poll("a") is None, "this goes on"
    with ExitStack() as stack:
        bench.request(stack, "a", "ann")
    bench.now += LEASE - 1
    assert not bench.abandoned, "who left before the lease is over changes nothing"
    for name in map(str, range(3 * MAX_PENDING)):
        assert bench.poll(name) is None
    bench.release(*map(str, range(3 * MAX_PENDING)), "b")
    bench.now += 1 + GRACE
    wait_until(lambda: len(bench.started) == 1 + MAX_PENDING)
    wait_until(lambda: not bench.computations._running)
    assert bench.abandoned == ["a"]
    latest = [*map(str, reversed(range(2 * MAX_PENDING, 3 * MAX_PENDING)))]
    assert bench.started == ["a", *latest]


def test_what_is_polled_is_known_by_its_call_and_computed_with_what_belongs_to_it(
    bench: Bench,
) -> None:
    bench.release("a")
    threads = []

    def complete() -> Call:
        threads.append(threading.current_thread())
        return Call("a", (bytes(1000),))

    def poll() -> Any:
        return bench.computations.poll(Call("a"), complete)

    wait_until(lambda: poll() is not None)
    assert poll().value() == "A"
    [thread] = threads
    assert thread is not threading.current_thread()
    assert bench.computations.cached(Call("a", (bytes(1000),))) is None


@pytest.mark.parametrize("name", ["wrong", "broken"])
def test_an_error_reaches_all_who_wait_and_is_forgotten_after_a_while(
    name: str, bench: Bench
) -> None:
    bench.release(name)
    for count in (1, 2):
        with ExitStack() as stack:
            computation = bench.request(stack, name, "ann")
            for _visitor in range(2):
                with pytest.raises(Problem):
                    computation.future.result(60).value()
        assert len(bench.started) == count
        with ExitStack() as stack:
            assert bench.request(stack, name, "ann").future.done(), "not tried again at once"
        bench.now += module.ERROR_SECONDS
        assert bench.computations.cached(Call(name)) is None


def test_the_results_used_last_are_kept_up_to_a_number_of_bytes() -> None:
    bench = Bench(slots=1, max_bytes=3 * ENTRY_BYTES + 500)
    names = ["a", "b", "c", "d"]
    bench.release(*names)

    def compute(name: str) -> None:
        with ExitStack() as stack:
            bench.request(stack, name, "ann").future.result(60)

    for name in names[:3]:
        compute(name)
    assert bench.computations.cached(Call("a"))
    compute("d")
    assert [bool(bench.computations.cached(Call(name))) for name in names] == [1, 0, 1, 1]
    assert bench.computations._bytes <= 3 * ENTRY_BYTES + 500


def test_a_server_that_shuts_down_leaves_nobody_waiting(bench: Bench) -> None:
    with ExitStack() as stack:
        running, waiting = (bench.request(stack, name, "ann") for name in ("a", "b"))
        bench.has_started("a")
        bench.computations.close()
        for computation in (running, waiting):
            with pytest.raises(Problem):
                computation.future.result(60).value()
        with pytest.raises(Problem):
            bench.request(stack, "c", "ann")
    bench.has_started("a")


# The page ----------------------------------------------------------------------------------------


def script() -> None:
    import streamlit as st

    from rnnviz.messages import Problem
    from rnnviz.ui.background import computed

    number = st.slider("number", 0, 9)
    try:
        st.write(f"result {computed('tests.test_background:slow', number)}")
    except Problem as problem:
        st.write(f"problem {problem}")


def fragment_script() -> None:
    import streamlit as st

    from rnnviz.ui.background import computed

    @st.fragment
    def part() -> None:
        number = st.slider("number", 0, 9)
        st.write(f"result {computed('tests.test_background:slow', number)}")

    part()


GO = threading.Event()
ASKED: list[int] = []


def slow(number: int) -> Generator[float, None, int]:
    """Only 1 is slow; it ends when the test lets it go."""
    ASKED.append(number)
    yield 0.25
    if number == 1:
        assert GO.wait(60)
    if number == 2:
        raise Problem("two is wrong")
    return number * 10


@pytest.fixture
def page(request: pytest.FixtureRequest) -> Iterator[AppTest]:
    reset_server()
    GO.clear()
    ASKED.clear()
    yield AppTest.from_function(request.param, default_timeout=60).run()
    GO.set()
    reset_server()


def texts(at: AppTest) -> list[str]:
    return [each.value for each in at.markdown]


@pytest.mark.parametrize("page", [script], indirect=True)
def test_a_page_shows_the_result_or_the_problem_and_no_sign_afterwards(page: AppTest) -> None:
    assert texts(page) == ["result 0"]
    assert not page.get("progress")
    page.slider[0].set_value(2).run()
    assert texts(page) == ["problem two is wrong"]
    GO.set()
    page.slider[0].set_value(1).run()
    assert texts(page) == ["result 10"]
    page.slider[0].set_value(0).run()
    assert texts(page) == ["result 0"]
    assert ASKED == [0, 2, 1], "what is cached is not computed again"


@pytest.mark.parametrize("page", [script, fragment_script], indirect=True)
def test_a_change_of_the_visitor_interrupts_the_wait(
    page: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second change comes while the first is still being computed, as from a browser."""
    signs: list[tuple[float, str]] = []
    contexts: list[Any] = []
    wait = background._wait

    def observe(call: Call, sign: Any) -> Any:
        contexts.append(get_script_run_ctx())
        sign.progress = lambda share, text: signs.append((share, text))
        return wait(call, sign)

    monkeypatch.setattr(background, "_wait", observe)
    page.slider[0].set_value(1)
    states, done = page.slider[0]._widget_state, []
    runner = threading.Thread(target=lambda: done.append(page.run()))
    runner.start()
    wait_until(lambda: signs == [(0.25, "Computing …")])
    states.double_array_value.data[:] = [3.0]
    requests, fragments = contexts[-1].script_requests, contexts[-1].fragment_storage
    requests.request_rerun(
        RerunData(
            widget_states=WidgetStates(widgets=[states]),
            page_script_hash=contexts[-1].page_script_hash,
            fragment_id=next(iter(fragments._fragments), None),
        )
    )
    runner.join(60)
    assert texts(done[0]) == ["result 30"]
    assert ASKED == [0, 1, 3]


def test_the_defaults_are_computed_without_torch_in_the_server() -> None:
    program = """
import sys, time
from rnnviz.gradient_flow import FlowSettings
from rnnviz.jobs.apart import Call
from rnnviz.ui.services.computations import computations
from rnnviz.ui.vanishing import study
study.prefetch()
while (result := computations().cached(Call(study.MEASURE, (FlowSettings(),)))) is None:
    time.sleep(0.02)
assert "torch" not in sys.modules
assert set(result.value().flows) == {*FlowSettings().cells}
"""
    environment = {name: os.environ[name] for name in os.environ if name != "RNNVIZ_COMPUTE"}
    subprocess.run([sys.executable, "-c", program], env=environment, timeout=60, check=True)
