"""The page Step through opens any stored run at any moment of its training."""

import json
from base64 import b64decode
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from rnnviz.model import ModelSpec, SequenceModel
from rnnviz.tasks import TASKS, Task
from rnnviz.training import Experiment, Optimiser, Trainer, weights_of
from rnnviz.ui.services.store import open_store
from rnnviz.ui.step_through_check import step_through_problem

PAGE = "pages/learn/step.py"
MODELS = {
    "many-to-one": ModelSpec("gru", hidden=3, embedding_size=4, bidirectional=True),
    "many-to-many": ModelSpec("lstm", hidden=3, embedding_size=4, layers=2),
    "forecast": ModelSpec("gru", hidden=3, front=True, pool=4),
    "sequence-to-sequence": ModelSpec("gru", hidden=3, embedding_size=4, attention=True),
    "one-to-many": ModelSpec("rnn", hidden=3, embedding_size=4),
}


def kept(code: str, task: Task, model: ModelSpec) -> Trainer:
    """A run of two steps in the store of this process, with its three moments."""
    experiment = Experiment(task, model, Optimiser(steps=2, batch=3, lr=0.1))
    store, trainer = open_store(), Trainer(experiment)
    assert store is not None
    store.begin(code, race="r", experiment=experiment.to_plain(), facts={})
    store.save_step(code, 0, weights_of(trainer.model), {"norms": []})
    for step in (1, 2):
        trainer.advance()
        store.save_step(code, step, weights_of(trainer.model), {"norms": []})
    store.set_state(code, "finished")
    store.flush()
    return trainer


def page(**address: str) -> AppTest:
    at = AppTest.from_file("../app.py", default_timeout=120)
    at.query_params.update(address)
    at.switch_page(PAGE).run()
    assert not at.exception
    return at


def seen(at: AppTest) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(at.get("bidi_component")[0].proto.json)
    return found


def said(at: AppTest) -> str:
    return " ".join(each.value for each in [*at.warning, *at.caption]).replace("\\", "")


@pytest.mark.parametrize("task", TASKS)
def test_every_kind_of_run_can_be_stepped_through(task: str) -> None:
    made = TASKS[task]()
    trainer = kept(f"run-{task}", made, MODELS[made.kind])
    assert step_through_problem(trainer.experiment) is None
    at = page(run=f"run-{task}")
    assert "after step 2" in said(at)
    data, example = seen(at), made.example()
    T = len(data["tokens"])
    if made.kind != "forecast":
        assert data["tokens"] == list(example.tokens)
    model = trainer.model.eval()
    [cell] = data["cells"]
    assert cell["loss"] == pytest.approx(
        made.loss(model.answers(example.batch), example.batch).item(), rel=1e-4
    )
    assert cell["agreement"] < 1e-9
    if cell["predictions"] is not None:
        assert isinstance(model, SequenceModel)
        drawn = np.frombuffer(b64decode(cell["predictions"]["values"]), "<f4").reshape(T, -1)
        answer = model.predict(example.batch)[0].softmax(-1).detach().numpy()
        np.testing.assert_allclose(drawn[-1], answer if answer.ndim == 1 else answer[-1], atol=1e-5)
    at = page(run=f"run-{task}", saved_step="1", which="2")
    assert "after step 1" in said(at)
    assert at.select_slider(key="step.saved_steps").value == 1


def test_moments_are_those_of_the_weights_and_own_words_are_read() -> None:
    trainer = kept("run-own", TASKS["intents"](), ModelSpec("gru", hidden=3, embedding_size=4))
    losses = []
    for moment in ("0", "1", "2"):
        at = page(run="run-own", saved_step=moment, which="own", words="will it rain in Qzx")
        assert len(seen(at)["tokens"]) == 5
        assert seen(at)["unknown"] == [False] * 4 + [True]
        losses.append(seen(at)["cells"][0]["loss"])
    assert len(set(losses)) == 3
    tokens, ids = trainer.experiment.task.encode("will it rain in Qzx")
    with torch.no_grad():
        answer = trainer.model.eval()(torch.tensor([ids]), torch.tensor([len(ids)]))
    assert losses[-1] == pytest.approx(-answer.log_softmax(-1).max().item(), rel=1e-4)
    assert len(tokens) == 5


@pytest.mark.parametrize("code", ["no-such-run", "<b>", "'; DROP TABLE runs"])
def test_an_unknown_run_is_said_and_the_examples_stand(code: str) -> None:
    at = page(run=code)
    assert "no stored run" in said(at)
    assert len(seen(at)["cells"]) == 3
    assert "run" not in at.query_params


LONG_WEATHER = TASKS["weather"](lookback=2880, step=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("task", "model", "told"),
    [
        (TASKS["intents"](), ModelSpec(hidden=3, family="dense"), "Only a recurrent network"),
        (LONG_WEATHER, ModelSpec("gru", hidden=3), "The sequences have 2880 steps"),
        (LONG_WEATHER, ModelSpec("gru", hidden=3, front=True, pool=7), "have 412 steps"),
        (LONG_WEATHER, ModelSpec("gru", hidden=3, front=True, pool=8), ""),
    ],
)
def test_what_keeps_a_run_from_the_page_is_known_before(
    task: Task, model: ModelSpec, told: str
) -> None:
    """The page that links to a run says it, and so does this page, whoever comes here anyway."""
    reason = step_through_problem(Experiment(task, model))
    assert told in str(reason or "")
    assert (reason is None) == (told == "")
    code = f"run-kept-{model.family}-{model.front}-{model.pool}"
    kept(code, task, model)
    at = page(run=code)
    assert bool(at.warning) == bool(told)
    assert told in said(at)


def test_what_cannot_be_stepped_through_is_said() -> None:
    kept("run-dense", TASKS["intents"](), ModelSpec(hidden=3, family="dense"))
    assert "Only a recurrent network" in said(page(run="run-dense"))
    store = open_store()
    assert store is not None
    plain = Experiment(TASKS["hello"]()).to_plain()
    store.begin("run-empty", race="r", experiment=plain, facts={})
    assert "weights are not stored" in said(page(run="run-empty"))


def test_a_run_is_told_by_its_name_if_it_has_one() -> None:
    kept("run-named", TASKS["hello"](), ModelSpec("rnn", hidden=3))
    told = f"{TASKS['hello'].title}, RNN with 3 units, after step 2 of its training."
    store = open_store()
    assert store is not None
    for name, start in (("", ""), ("my first", "my first: ")):
        store.rename("run-named", name)
        captions = [each.value.replace("\\", "") for each in page(run="run-named").caption]
        assert start + told in captions


def test_one_can_go_back_to_the_examples() -> None:
    kept("run-back", TASKS["hello"](), ModelSpec("rnn", hidden=3))
    at = page(run="run-back")
    at.button(key="step.leave").click().run()
    assert not at.exception
    assert "run" not in at.query_params
    assert len(seen(at)["cells"]) == 3
