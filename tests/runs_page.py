"""What the tests of the page of runs share: small stored runs, and the page that shows them."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from streamlit.testing.v1 import AppTest

from rnnviz.messages import Message
from rnnviz.model import ModelSpec
from rnnviz.store import RunRow, Store
from rnnviz.tasks import DelayedRecall, Task
from rnnviz.training import Experiment, Optimiser, Trainer, checkpoint, weights_of

APP = Path(__file__).parents[1] / "app.py"
PAGE = "pages/train/runs.py"


def run_id(number: int) -> str:
    return f"{number:032x}"


def run_ids(*numbers: int) -> str:
    """Several ids as an address contains them."""
    return ",".join(map(run_id, numbers))


def train(
    store: Store,
    number: int,
    task: Task | None = None,
    spec: ModelSpec | None = None,
    until: int | None = None,
    steps: int = 12,
) -> Trainer:
    """Train a small run and store it; interrupted after `until` steps if that is given."""
    optimiser = Optimiser(lr=0.02, batch=4, steps=steps)
    experiment = Experiment(task or DelayedRecall(lag=3), spec or ModelSpec("gru", 4), optimiser)
    run, trainer = run_id(number), Trainer(experiment)
    facts = {"parameters": 100, "size": experiment.task.size(), "versions": {"torch": "2"}}
    store.begin(run, race=run, experiment=experiment.to_plain(), facts=facts)
    rows = [trainer.row()]
    while not trainer.done and trainer.step != until:
        norms = list(trainer.snapshot().gradient_norms)
        store.save_step(run, trainer.step, weights_of(trainer.model), {"norms": norms})
        trainer.advance()
        rows.append(trainer.row())
    store.append(run, [row for row in rows if row is not None])
    store.save_checkpoint(run, trainer.step, checkpoint(trainer))
    reason = Message("This run was exported before it had ended.")
    store.set_state(
        run, "finished" if until is None else "interrupted", reason=reason if until else None
    )
    store.flush()
    return trainer


def row_of(store: Store, number: int) -> RunRow:
    row = store.run(run_id(number))
    assert row is not None
    return row


def open_page(**address: str) -> AppTest:
    at = AppTest.from_file(APP, default_timeout=60)
    at.query_params.update(address)
    at.switch_page(PAGE).run()
    assert not at.exception
    return at


def press(at: AppTest, key: str) -> AppTest:
    at.button(f"runs.{key}").click().run()
    assert not at.exception
    return at


def wait_for(at: AppTest, condition: Callable[[], bool]) -> None:
    """Run the page again and again until `condition` is true."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.1)
        at.run()
    assert not at.exception


def names(at: AppTest) -> list[str]:
    """The names in the list of runs, from top to bottom."""
    return list(at.dataframe[0].value.iloc[:, 0])


def figures(at: AppTest) -> list[dict[str, Any]]:
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def heading(at: AppTest, number: int = 0) -> str:
    return unescape(at.header[number].value)


def captions(at: AppTest, phrase: str) -> list[str]:
    """The captions that contain `phrase`."""
    texts = [unescape(caption.value) for caption in at.caption]
    return [text for text in texts if phrase in text]


def link_labels(at: AppTest) -> list[str]:
    return [link.proto.label for link in at.get("page_link")]


def unescape(markdown: str) -> str:
    return re.sub(r"\\|\N{WORD JOINER}", "", markdown)
