"""What a worker reports of its training, and how it follows commands."""

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
from rnnviz.jobs.heartbeat import SharedPipe
from rnnviz.jobs.report import SNAPSHOT_ALLOWANCE, Reporter
from rnnviz.jobs.worker import (
    NICE,
    OUT_OF_MEMORY,
    _serve,
    _ServerGone,
    message_of,
    run_training,
)
from rnnviz.messages import Problem
from rnnviz.training import Experiment, Trainer
from rnnviz.training.trainer import BROKEN_START, DIVERGED
from tests.races import Commands, small_work


def rows_of(events: list[Any]) -> list[dict[str, Any]]:
    return [row for event in events if event["event"] == "progress" for row in event["rows"]]


def test_the_learning_rate_can_be_changed_while_it_trains() -> None:
    def losses(change: bool) -> list[float]:
        commands = Commands()
        iterator = run_training({**small_work(steps=200), "report_interval": 0.0}, commands)
        events = [next(iterator), next(iterator)]
        if change:
            commands.append({"command": "set", "lr": 0.3})
        return [row["loss"] for row in rows_of([*events, *iterator])]

    unchanged, changed = losses(False), losses(True)
    assert unchanged[:2] == changed[:2], "a change must not reach back"
    assert unchanged[2:] != changed[2:]


def test_a_run_that_the_clock_ends_may_take_as_many_snapshots_as_any_other() -> None:
    work = small_work(steps=100_000, seconds=10.0)
    trainer = Trainer(Experiment.from_plain(work["experiment"]))
    reporter = Reporter(trainer, 0.0)
    reporter._snapshot_seconds = SNAPSHOT_ALLOWANCE / 2
    assert not reporter._within_budget()
    trainer.step, trainer.seconds, reporter._start = 900, 6.0, 6.0
    assert reporter._within_budget()


def test_a_diverging_run_ends_with_its_step_and_the_likely_cause() -> None:
    work = small_work(steps=50, lr=1.0)
    work["experiment"]["task"]["lag"] = 150
    work["experiment"]["model"] |= {"hidden": 16, "nonlinearity": "relu"}
    events: list[Any] = []
    with pytest.raises(Problem) as caught:
        events.extend(run_training(work, list))
    message = caught.value.message
    assert (message.template, message.values["lr"]) == (DIVERGED, 1.0)
    step = message.values["step"]
    assert isinstance(step, int)
    assert 2 <= step < 50
    assert [row["step"] for row in rows_of(events)] == list(range(step)), "reported to the end"


def test_starting_weights_that_are_too_large_are_named_as_the_cause() -> None:
    work = small_work(steps=50)
    work["experiment"]["task"]["lag"] = 150
    work["experiment"]["model"] |= {"nonlinearity": "relu", "spectral_radius": 10.0}
    with pytest.raises(Problem) as caught:
        list(run_training(work, list))
    assert caught.value.message.template == BROKEN_START


def test_a_single_step_is_answered_at_once_with_a_snapshot() -> None:
    commands = Commands([{"command": "pause"}])
    iterator = run_training(small_work(steps=3), commands)

    def next_events() -> list[Any]:
        """The events until the run waits again, or until its end."""
        events: list[Any] = []
        for event in iterator:
            if event is not None:
                events.append(event)
            elif events:
                break
        return events

    events = next_events()
    assert events[0]["event"] == "ready"
    assert {"event": "state", "state": "paused"} in events
    for step in (1, 2):
        commands.append({"command": "step"})
        events = next_events()
        snapshot = [event for event in events if event["event"] == "progress"][-1]["snapshot"]
        assert (snapshot["step"], len(snapshot["norms"])) == (step, 5)
        assert [each["step"] for each in events if each["event"] == "checkpoint"] == [step]
    commands.append({"command": "step"})
    end = next_events()[-1]
    assert end["state"] == "finished"
    assert end["reason"] == {"template": "All {steps} steps are done.", "values": {"steps": 3}}


def events_sent(job: Job, server_gone: bool = False) -> list[Any]:
    """What a worker sends of `job` to its server, which may have gone."""
    ours, theirs = Pipe()
    if server_gone:
        ours.close()
    with suppress(_ServerGone):
        _serve(theirs, SharedPipe(theirs), {}, job)
    theirs.close()
    events: list[Any] = []
    with suppress(EOFError, OSError):
        while True:
            events.append(ours.recv())
    return events


def test_an_error_of_a_file_or_the_memory_is_the_reason_of_an_end() -> None:
    def failing_job(work: Work, read_commands: ReadCommands) -> Iterator[Event | None]:
        assert read_commands() == []
        yield {"event": "ready"}
        raise FileNotFoundError(errno.ENOENT, "No such file", "the book")

    _, end = events_sent(failing_job)
    assert (end["event"], end["state"]) == ("end", "failed")
    assert "No such file" in end["reason"]["values"]["error"]


@pytest.mark.parametrize("event", [{"event": "ready"}, None], ids=["sending", "waiting"])
def test_a_worker_whose_server_has_gone_ends_silently(event: Event | None) -> None:
    steps = []

    def endless_job(work: Work, read_commands: ReadCommands) -> Iterator[Event | None]:
        for step in range(1000):
            steps.append(step)
            yield event
            read_commands()

    assert events_sent(endless_job, server_gone=True) == []
    assert len(steps) < 10


def test_running_out_of_memory_is_reported_in_plain_words() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**55)
    from_system = OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
    from_cuda = RuntimeError("CUDA out of memory. Tried to")
    for error in (caught.value, MemoryError(), from_cuda, from_system):
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
    process = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert process.stdout.strip() == OUT_OF_MEMORY


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux promises more than it has")
def test_cached_files_are_not_counted_as_memory_in_use(
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


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a policy for idle time")
@pytest.mark.parametrize(("priority", "policy"), [("idle", "SCHED_IDLE"), ("low", "SCHED_OTHER")])
def test_trainers_leave_the_processor_to_the_pages(priority: str, policy: str) -> None:
    code = (
        "import os; from rnnviz.jobs import worker; worker._lower_priority();"
        "print(os.sched_getscheduler(0), os.nice(0))"
    )
    output = subprocess.run(
        [sys.executable, "-c", code],
        cwd=Path(__file__).parents[1],
        env=os.environ | {"RNNVIZ_PRIORITY": priority},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    niceness = os.nice(0) if priority == "idle" else min(19, os.nice(0) + NICE)
    assert [int(number) for number in output.split()] == [getattr(os, policy), niceness]
