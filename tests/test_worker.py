"""What a worker tells of its training, and how it takes orders."""

import errno
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest
import torch

from rnnviz.jobs import memory_limit
from rnnviz.jobs.engine import Event, Job, ReadCommands, Work
from rnnviz.jobs.report import SNAPSHOT_ALLOWANCE, Reporter
from rnnviz.jobs.worker import OUT_OF_MEMORY, _serve, _ServerGone, message_of, run_training
from rnnviz.messages import Problem
from rnnviz.training import Experiment, Trainer
from rnnviz.training.trainer import BROKEN_START, DIVERGED
from tests.races import experiment


def test_the_learning_rate_can_be_changed_while_it_trains() -> None:
    letters: list[dict[str, Any]] = []

    def inbox() -> list[dict[str, Any]]:
        taken = letters.copy()
        letters.clear()
        return taken

    def losses(change: bool) -> list[float]:
        events = run_training({**experiment(steps=200), "report_interval": 0.0}, inbox)
        found = [next(events), next(events)]
        if change:
            letters.append({"command": "set", "lr": 0.3})
        found += list(events)
        return [
            row["loss"] for event in found if event["event"] == "progress" for row in event["rows"]
        ]

    plain, changed = losses(False), losses(True)
    assert plain[:2] == changed[:2], "a change must not reach back"
    assert plain[2:] != changed[2:]


def test_a_run_that_the_clock_ends_may_be_looked_at_as_often_as_any_other() -> None:
    work = experiment(steps=100_000, seconds=10.0)
    trainer = Trainer(Experiment.from_plain(work["experiment"]))
    report = Reporter(trainer, 0.0)
    report._snapshot_seconds = SNAPSHOT_ALLOWANCE / 2
    assert not report._within_budget()
    trainer.step, trainer.seconds, report._start = 900, 6.0, 6.0
    assert report._within_budget()


def test_a_diverging_run_ends_with_its_step_and_the_likely_cause() -> None:
    work = experiment(steps=50, lr=1.0)
    work["experiment"]["task"]["lag"] = 150
    work["experiment"]["model"] |= {"hidden": 16, "nonlinearity": "relu"}
    told: list[Any] = []
    with pytest.raises(Problem) as found:
        told.extend(run_training(work, list))
    assert found.value.message.template == DIVERGED
    step = found.value.message.values["step"]
    assert isinstance(step, int)
    assert 2 <= step < 50
    assert found.value.message.values["lr"] == 1.0
    rows = [row for event in told if event["event"] == "progress" for row in event["rows"]]
    assert [row["step"] for row in rows] == list(range(step)), "told up to the end"


def test_weights_that_are_too_large_from_the_start_are_called_so() -> None:
    work = experiment(steps=50)
    work["experiment"]["task"]["lag"] = 150
    work["experiment"]["model"] |= {"nonlinearity": "relu", "spectral_radius": 10.0}
    with pytest.raises(Problem) as found:
        list(run_training(work, list))
    assert found.value.message.template == BROKEN_START


def test_a_single_step_answers_at_once_with_a_look() -> None:
    letters: list[dict[str, Any]] = [{"command": "pause"}]

    def inbox() -> list[dict[str, Any]]:
        taken = letters.copy()
        letters.clear()
        return taken

    events = run_training(experiment(steps=3), inbox)

    def answer() -> list[Any]:
        """What is said until it waits again, or to the end."""
        found: list[Any] = []
        for event in events:
            if event is not None:
                found.append(event)
            elif found:
                break
        return found

    def look(told: list[Any]) -> int:
        (probe,) = [event["snapshot"] for event in told if event.get("snapshot")]
        assert len(probe["norms"]) == 5
        return int(probe["step"])

    told = answer()
    assert told[0]["event"] == "ready"
    assert {"event": "state", "state": "paused"} in told
    for step in (1, 2):
        letters.append({"command": "step"})
        told = answer()
        assert look([event for event in told if event["event"] == "progress"][-1:]) == step
        saved = [event["step"] for event in told if event["event"] == "checkpoint"]
        assert saved == [step]
    letters.append({"command": "step"})
    told = answer()
    assert told[-1]["state"] == "finished"
    assert told[-1]["reason"] == {"template": "All {steps} steps are done.", "values": {"steps": 3}}


def served(body: Job, hang_up: bool = False) -> list[Any]:
    """What a worker says of `body` to a server, which may be there no more."""
    ours, theirs = Pipe()
    if hang_up:
        ours.close()
    with suppress(_ServerGone):
        _serve(theirs, {}, body)
    theirs.close()
    told: list[Any] = []
    with suppress(EOFError, OSError):
        while True:
            told.append(ours.recv())
    return told


def test_a_fault_of_a_file_or_the_memory_is_the_reason_of_an_end() -> None:
    def failing(work: Work, inbox: ReadCommands) -> Iterator[Event | None]:
        assert inbox() == []
        yield {"event": "ready"}
        raise FileNotFoundError(errno.ENOENT, "No such file", "the book")

    _, end = served(failing)
    assert (end["event"], end["state"]) == ("end", "failed")
    assert "No such file" in end["reason"]["values"]["error"]


@pytest.mark.parametrize("event", [{"event": "ready"}, None], ids=["talking", "waiting"])
def test_a_worker_whose_server_has_gone_ends_without_a_word(event: Event | None) -> None:
    steps = []

    def endless(work: Work, inbox: ReadCommands) -> Iterator[Event | None]:
        for step in range(1000):
            steps.append(step)
            yield event
            inbox()

    assert served(endless, hang_up=True) == []
    assert len(steps) < 10


def test_running_out_of_memory_is_said_in_plain_words() -> None:
    with pytest.raises(RuntimeError) as found:
        torch.empty(2**55)
    none = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    for error in (found.value, MemoryError(), RuntimeError("CUDA out of memory. Tried to"), none):
        assert message_of(error).template == OUT_OF_MEMORY
    assert message_of(RuntimeError("something else")).template != OUT_OF_MEMORY


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises more than it has")
def test_too_large_a_model_is_an_error_within_the_limit() -> None:
    code = """
        import torch
        from rnnviz.jobs.memory_limit import limit_memory
        from rnnviz.jobs.worker import message_of
        limit_memory(200 * 2**20)
        torch.zeros(25 * 2**20).sum()
        try:
            torch.zeros(100 * 2**20)
        except Exception as error:
            print(message_of(error).template)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == OUT_OF_MEMORY


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises more than it has")
def test_copies_of_files_are_no_memory_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory_limit, "_CGROUP", tmp_path)
    for name, content in {
        "memory.max": "5000000",
        "memory.current": "4000000",
        "memory.stat": "anon 100\ninactive_file 1500000\nactive_file 7",
    }.items():
        (tmp_path / name).write_text(content)
    assert memory_limit._free_memory() == 2_500_000
    (tmp_path / "memory.max").write_text("max")
    assert memory_limit._free_memory() > 2_500_000
