"""Garbage collection beside visitors."""

import gc
import weakref
from itertools import pairwise

import pytest

from rnnviz.ui.server import collector


class Knot:
    """What only a collection frees."""

    def __init__(self) -> None:
        self.itself = self


def test_what_survives_slow_collections_is_exempted_a_few_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(collector, "SLOW_SECONDS", 0.0)
    before = gc.get_freeze_count()
    knots = []
    with collector.short_collections():
        counts = [gc.get_freeze_count()]
        assert counts[0] > before
        for _ in range(collector.MAX_FREEZES + 3):
            knots.append([Knot() for _ in range(100)])
            gc.collect()
            counts.append(gc.get_freeze_count())
        grown = [after > count for count, after in pairwise(counts)]
        assert grown == [True] * collector.MAX_FREEZES + [False] * 3
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
