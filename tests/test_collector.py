"""Garbage collection beside visitors."""

import gc
import weakref

import pytest

from rnnviz.ui.server import collector


class Knot:
    """What only a collection frees."""

    def __init__(self) -> None:
        self.itself = self


def test_what_survives_slow_collections_is_exempted_a_few_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Counted by the calls: what is freed elsewhere meanwhile makes the exempted fewer again."""
    freezes = 0
    freeze = gc.freeze

    def count() -> None:
        nonlocal freezes
        freezes += 1
        freeze()

    monkeypatch.setattr(gc, "freeze", count)
    monkeypatch.setattr(collector, "SLOW_SECONDS", 0.0)
    before = gc.get_freeze_count()
    with collector.short_collections():
        assert gc.get_freeze_count() > before
        at_start = freezes
        for _ in range(collector.MAX_FREEZES + 3):
            gc.collect()
        assert freezes - at_start == collector.MAX_FREEZES
        garbage = weakref.ref(Knot())
        gc.collect()
        assert garbage() is None
    callbacks = len(gc.callbacks)
    assert gc.get_freeze_count() == 0
    gc.collect()
    assert gc.get_freeze_count() == 0
    assert len(gc.callbacks) == callbacks


def test_quick_collections_exempt_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "SLOW_SECONDS", 60.0)
    with collector.short_collections():
        count = gc.get_freeze_count()
        knots = [Knot() for _ in range(100)]
        gc.collect()
        assert gc.get_freeze_count() <= count
        assert len(knots) == 100
