"""The cache that all visitors share: computed once, bounded, never poisoned."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.runtime.scriptrunner import StopException

from rnnviz.ui import shared_cache
from rnnviz.ui.shared_cache import shared

WAIT = 20.0


@given(st.lists(st.integers(0, 5) | st.just("clear"), max_size=60), st.integers(1, 4))
def test_it_behaves_as_a_dictionary_that_forgets_what_was_used_longest_ago(
    actions: list[int | str], size: int
) -> None:
    calls: list[int] = []

    @shared(max_entries=size)
    def compute(number: int) -> list[int]:
        calls.append(number)
        if number == 5:
            raise ValueError(number)
        return [number]

    model: OrderedDict[int, list[int]] = OrderedDict()
    expected_calls: list[int] = []
    for action in actions:
        if isinstance(action, str):
            compute.cache_clear()
            model.clear()
        elif action == 5:  # Errors are not kept.
            with pytest.raises(ValueError, match="5"):
                compute(action)
            expected_calls.append(action)
        else:
            result = compute(action)
            assert result == [action]
            if action in model:
                assert result is model[action]
            else:
                expected_calls.append(action)
            model[action] = result
            model.move_to_end(action)
            if len(model) > size:
                model.popitem(last=False)
        assert calls == expected_calls


@dataclass(frozen=True)
class Size:
    value: float


@dataclass(frozen=True)
class Weight:
    value: float


def test_arguments_that_show_differently_are_different() -> None:
    @shared(max_entries=20)
    def name(value: object, unit: str = "", _model: object = None) -> str:
        return f"{value!r} {unit}"

    values: list[Any] = [1, 1.0, True, "1", Size(1), Weight(1), (Size(1), Weight(1))]
    assert [name(value) for value in values] == [f"{value!r} " for value in values]
    assert name(1, unit="cm") == name(1, "cm") == "1 cm"
    assert name(1, _model=object()) is name(1, _model=object())
    with pytest.raises(TypeError, match="unhashable"):
        name([1])


def waiters() -> int:
    """How many threads wait for another's result."""
    return len(shared_cache._WAITING)


def until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    event = threading.Event()
    for _attempt in range(int(WAIT * 1000)):
        if condition():
            return
        event.wait(0.001)
    raise AssertionError("it never came to this")


@pytest.mark.parametrize("outcome", ["result", "error", "interrupted", "cleared"])
def test_those_who_ask_at_once_compute_once(outcome: str) -> None:
    calls: list[int] = []

    @shared(max_entries=2)
    def compute(number: int) -> object:
        calls.append(number)
        if len(calls) == 1:
            until(lambda: waiters() == 4)
            if outcome == "error":
                raise ValueError("for all who wait")
            if outcome == "interrupted":  # The visitor moved on, or closed the tab.
                raise StopException
            if outcome == "cleared":
                compute.cache_clear()
        return object()

    def attempt() -> object:
        try:
            return compute(7)
        except (ValueError, StopException) as error:
            return error

    with ThreadPoolExecutor(5) as pool:
        results = [each.result(WAIT) for each in [pool.submit(attempt) for _ in range(5)]]

    if outcome == "interrupted":
        stopped = [each for each in results if isinstance(each, StopException)]
        assert len(stopped) == 1
        assert len({id(each) for each in results}) == 2
        assert len(calls) == 2
    else:
        assert len({id(each) for each in results}) == 1
        assert isinstance(results[0], ValueError) == (outcome == "error")
        assert len(calls) == 1
    assert not waiters()
    compute(7)  # An error is not kept, nor what was cleared while it was computed.
    assert len(calls) == (1 if outcome == "result" else 2)


def test_shared_functions_may_call_each_other() -> None:
    @shared(max_entries=50)
    def total(number: int) -> int:
        return number + (total(number - 1) + half(number // 2) if number else 0)

    @shared(max_entries=50)
    def half(number: int) -> int:
        return total(number) + 1

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(total, [12, 3, 12, 6, 1, 11, 12, 5] * 5, timeout=WAIT))
    assert len(set(results[::8])) == 1
    assert results[0] == total(12)


def test_a_function_that_waits_for_itself_fails_instead_of_hanging() -> None:
    both = threading.Barrier(2)

    @shared(max_entries=5)
    def alone(number: int) -> int:
        return alone(number)

    @shared(max_entries=5)
    def one(number: int) -> int:
        both.wait(WAIT)
        return other(number)

    @shared(max_entries=5)
    def other(number: int) -> int:
        both.wait(WAIT)
        return one(number)

    with pytest.raises(RecursionError):
        alone(1)
    with ThreadPoolExecutor(2) as pool:
        calls = [pool.submit(one, 1), pool.submit(other, 1)]
        assert all(isinstance(call.exception(WAIT), RecursionError) for call in calls)
