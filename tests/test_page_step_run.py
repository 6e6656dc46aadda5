"""The page Step through opens any stored run at any moment of its training."""

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from rnnviz.memory import opening_tokens
from rnnviz.model import ModelSpec, SequenceModel
from rnnviz.store import read_archive, write_archive
from rnnviz.tasks import TASKS, Surnames, Task
from rnnviz.training import Experiment, Optimiser, Trainer, weights_of
from rnnviz.ui.services.store import open_store
from rnnviz.ui.step_through_check import step_through_problem
from tests.payloads import float32, stage_payload

PAGE = "pages/learn/step.py"
MODELS = {
    "many-to-one": ModelSpec("gru", hidden=3, embedding_size=4, bidirectional=True),
    "many-to-many": ModelSpec("lstm", hidden=3, embedding_size=4, layers=2),
    "forecast": ModelSpec("gru", hidden=3, front=True, pool=4),
    "sequence-to-sequence": ModelSpec("gru", hidden=3, embedding_size=4, attention=True),
    "one-to-many": ModelSpec("rnn", hidden=3, embedding_size=4),
}


def store_run(code: str, task: Task, model: ModelSpec) -> Trainer:
    """Store a run of two steps, with three saved steps."""
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


def words(at: AppTest) -> str:
    return " ".join(element.value for element in [*at.warning, *at.caption]).replace("\\", "")


@pytest.mark.parametrize("name", TASKS)
def test_every_kind_of_run_can_be_stepped_through(name: str) -> None:
    task = TASKS[name]()
    trainer = store_run(f"run-{name}", task, MODELS[task.kind])
    assert step_through_problem(trainer.experiment) is None
    at = page(run=f"run-{name}")
    assert "after step 2" in words(at)
    data, example = stage_payload(at), task.example()
    T = len(data["tokens"])
    if task.kind != "forecast":
        assert data["tokens"] == list(example.tokens)
    model = trainer.model.eval()
    [cell] = data["cells"]
    assert cell["loss"] == pytest.approx(
        task.loss(model.training_output(example.batch), example.batch).item(), rel=1e-4
    )
    assert cell["agreement"] < 1e-9
    if cell["predictions"] is not None:
        assert isinstance(model, SequenceModel)
        drawn = float32(data, cell["predictions"]["values"], T, -1)
        answer = model.predict(example.batch)[0].softmax(-1).detach().numpy()
        np.testing.assert_allclose(drawn[-1], answer if answer.ndim == 1 else answer[-1], atol=1e-5)
    at = page(run=f"run-{name}", saved_step="1", which="2")
    assert "after step 1" in words(at)
    assert at.select_slider(key="step.saved_steps").value == 1


def test_each_saved_step_has_its_own_weights_and_reads_own_words() -> None:
    trainer = store_run("run-own", TASKS["intents"](), ModelSpec("gru", hidden=3, embedding_size=4))
    losses = []
    for step in ("0", "1", "2"):
        at = page(run="run-own", saved_step=step, which="own", words="will it rain in Qzx")
        assert len(stage_payload(at)["tokens"]) == 5
        assert stage_payload(at)["unknown"] == [False] * 4 + [True]
        losses.append(stage_payload(at)["cells"][0]["loss"])
    assert len(set(losses)) == 3
    tokens, ids = trainer.experiment.task.encode("will it rain in Qzx")
    with torch.no_grad():
        answer = trainer.model.eval()(torch.tensor([ids]), torch.tensor([len(ids)]))
    assert losses[-1] == pytest.approx(-answer.log_softmax(-1).max().item(), rel=1e-4)
    assert len(tokens) == 5


def test_a_name_is_read_between_begin_and_end_also_after_its_archive() -> None:
    task, store = Surnames(ends="with"), open_store()
    trainer = store_run("run-ends", task, ModelSpec("rnn", hidden=3, embedding_size=4))
    assert store is not None
    bundle = store.bundle("run-ends")
    assert bundle is not None
    imported = store.put(read_archive(write_archive(bundle), lambda plain, _file: plain))
    losses = []
    for code in ("run-ends", imported):
        at = page(run=code, which="own")
        name = at.text_input(key="step.words_of_own")
        assert name.value == "".join(task.example().tokens[1:-1]), "the characters to type"
        name.set_value("Ko§").run()
        data = stage_payload(at)
        assert data["tokens"] == ["<bos>", "K", "o", "§", "<eos>"]
        assert data["unknown"] == [False, False, False, True, False]
        losses.append(data["cells"][0]["loss"])
        name.set_value("漢").run()
        assert "knows none of these characters" in words(at)
    ids = torch.tensor([task.encode("Ko§")[1]])
    with torch.no_grad():
        answer = trainer.model.eval()(ids, torch.tensor([5]))
    assert losses == [pytest.approx(-answer.log_softmax(-1).max().item(), rel=1e-4)] * 2
    opening = {task.vocabulary.tokens[each] for each in opening_tokens(task)}
    assert opening == {Surnames().vocabulary.tokens[each] for each in opening_tokens(Surnames())}


@pytest.mark.parametrize("code", ["no-such-run", "<b>", "'; DROP TABLE runs"])
def test_an_unknown_run_gets_a_message_and_the_examples(code: str) -> None:
    at = page(run=code)
    assert "not a stored run" in words(at)
    assert len(stage_payload(at)["cells"]) == 3
    assert "run" not in at.query_params


LONG_WEATHER = TASKS["weather"](lookback=2880, step=1)  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("task", "model", "message"),
    [
        (TASKS["intents"](), ModelSpec(hidden=3, family="dense"), "Only a recurrent network"),
        (LONG_WEATHER, ModelSpec("gru", hidden=3), "The sequences have 2880 steps"),
        (LONG_WEATHER, ModelSpec("gru", hidden=3, front=True, pool=7), "have 412 steps"),
        (LONG_WEATHER, ModelSpec("gru", hidden=3, front=True, pool=8), ""),
    ],
)
def test_a_run_that_cannot_be_stepped_through_has_a_reason(
    task: Task, model: ModelSpec, message: str
) -> None:
    """The page that links to a run shows it, and so does this page for those who come anyway."""
    reason = step_through_problem(Experiment(task, model))
    assert message in str(reason or "")
    assert (reason is None) == (message == "")
    code = f"run-stored-{model.family}-{model.front}-{model.pool}"
    store_run(code, task, model)
    at = page(run=code)
    assert bool(at.warning) == bool(message)
    assert message in words(at)


def test_a_run_without_weights_gets_a_message() -> None:
    store = open_store()
    assert store is not None
    plain = Experiment(TASKS["hello"]()).to_plain()
    store.begin("run-empty", race="r", experiment=plain, facts={})
    store.flush()
    assert "weights are not stored" in words(page(run="run-empty"))


def test_the_heading_has_the_name_of_a_run_if_it_has_one() -> None:
    store_run("run-named", TASKS["hello"](), ModelSpec("rnn", hidden=3))
    heading = f"{TASKS['hello'].title}, RNN with 3 units, after step 2 of its training."
    store = open_store()
    assert store is not None
    for name, start in (("", ""), ("my first", "my first: ")):
        store.rename("run-named", name)
        captions = [caption.value.replace("\\", "") for caption in page(run="run-named").caption]
        assert start + heading in captions


def test_one_can_go_back_to_the_examples() -> None:
    store_run("run-back", TASKS["hello"](), ModelSpec("rnn", hidden=3))
    at = page(run="run-back")
    at.button(key="step.leave").click().run()
    assert not at.exception
    assert "run" not in at.query_params
    assert len(stage_payload(at)["cells"]) == 3
