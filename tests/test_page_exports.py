"""What a visitor is told beside the buttons that take a run away."""

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from rnnviz.store import Bundle, Checkpoint, Store
from tests.stored import an_experiment


class Narrow(Store):
    """Archives have room for ten bytes."""

    def omits_checkpoint(self, run: str, *_: Any) -> bool:
        return super().omits_checkpoint(run, total_bytes=10)


@pytest.mark.parametrize(
    ("state", "size", "said"),
    [("interrupted", 11, True), ("interrupted", 9, False), ("finished", 11, False)],
)
def test_a_checkpoint_that_stays_is_said_where_it_matters(
    tmp_path: Path, state: Any, size: int, said: bool
) -> None:
    def page(store: object, row: object) -> None:
        from rnnviz.ui.runs.import_export import draw_exports

        draw_exports(store, row, None, None)

    store = Narrow(tmp_path)
    try:
        kept = Checkpoint(1, bytes(size))
        run = store.put(Bundle(an_experiment(), state=state, checkpoint=kept))
        row = store.run(run)
        at = AppTest.from_function(page, default_timeout=60, kwargs={"store": store, "row": row})
        at.run()
        assert not at.exception
        assert any("too large for the archive" in each.value for each in at.caption) == said
    finally:
        store.close()
