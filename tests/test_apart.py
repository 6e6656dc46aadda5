"""Computations in processes of their own: results, errors, deaths, and that none is left behind."""

import logging
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnnviz.jobs import apart
from rnnviz.jobs.apart import Abandoned, Call
from rnnviz.messages import Problem
from rnnviz.ui.services.computations import Computations
from rnnviz.ui.services.singletons import SHUTTING_DOWN
from tests.computing import WRONG
from tests.races import wait_until


def call(name: str, *args: Any) -> Call:
    return Call(f"tests.computing:{name}", args)


def compute(
    name: str,
    *args: Any,
    on_progress: Callable[[float], None] = lambda share: None,
    is_needed: Callable[[], bool] = lambda: True,
) -> Any:
    return pickle.loads(apart.compute(call(name, *args), on_progress, is_needed))


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def pids(folder: Path) -> list[int]:
    return [int(path.name.partition("-")[2]) for path in folder.glob("pid-*")]


def test_a_result_comes_from_another_process_with_a_low_priority_and_one_thread() -> None:
    assert compute("square", 12) == 144
    pid, niceness, threads = compute("facts")
    assert pid != os.getpid()
    assert niceness == min(19, os.nice(0) + apart.NICE)
    assert threads == "1"


def test_progress_is_reported_while_it_computes(tmp_path: Path) -> None:
    shares: list[float] = []

    def on_progress(share: float) -> None:
        shares.append(share)
        (tmp_path / f"go-{len(shares)}").touch()

    (tmp_path / "go-0").touch()
    assert compute("in_steps", 4, str(tmp_path), on_progress=on_progress) == 4
    assert shares == [0.25, 0.5, 0.75, 1.0]


def test_a_problem_inside_comes_through_as_itself() -> None:
    with pytest.raises(Problem) as caught:
        compute("refuse", 3)
    assert caught.value.message.template == WRONG
    assert str(caught.value) == "3 is wrong; allowed is 1 is wrong; allowed is x.."


@pytest.mark.parametrize(
    ("name", "template"),
    [("fail", apart.FAILED), ("exhaust", apart.NO_MEMORY), ("not_picklable", apart.FAILED)],
)
def test_any_other_error_is_a_clear_problem_and_is_logged(
    name: str, template: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(Problem) as caught:
        compute(name)
    assert caught.value.message.template == template
    assert "Traceback" in caplog.text
    assert f"tests.computing:{name}" in caplog.text


def test_a_computation_whose_process_is_killed_is_tried_once_more(tmp_path: Path) -> None:
    assert compute("killed", 1, str(tmp_path)) == 2
    (tmp_path / "starts").unlink()
    with pytest.raises(Problem) as caught:
        compute("killed", 2, str(tmp_path))
    assert caught.value.message.template == apart.INTERRUPTED
    assert caught.value.message.values == {"attempts": 2, "code": -9}


@pytest.mark.parametrize("name", ["endless", "busy"])
def test_what_nobody_needs_any_more_is_killed(name: str, tmp_path: Path) -> None:
    with pytest.raises(Abandoned):
        compute(name, str(tmp_path), is_needed=lambda: not pids(tmp_path))
    (pid,) = pids(tmp_path)
    wait_until(lambda: not is_alive(pid))


def test_what_takes_too_long_ends_with_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "TIME_LIMIT", 0.3)
    with pytest.raises(Problem) as caught:
        compute("endless", str(tmp_path))
    assert caught.value.message.template == apart.TOO_LONG
    assert not any(map(is_alive, pids(tmp_path)))


SERVER = """
import sys, threading
from rnnviz.jobs.apart import Call, compute
def work(name):
    compute(Call(f"tests.computing:{name}", (sys.argv[1],)), lambda share: None, lambda: True)
for name in ("endless", "busy"):
    threading.Thread(target=work, args=(name,)).start()
"""


def test_no_computation_outlives_a_server_that_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", SERVER, str(tmp_path)]
    server = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    try:
        wait_until(lambda: len(pids(tmp_path)) == 2)
    finally:
        server.kill()
        server.wait()
    wait_until(lambda: not any(map(is_alive, pids(tmp_path))))


def test_a_server_that_shuts_down_ends_its_computations(tmp_path: Path) -> None:
    server, problems = Computations(), []

    def wait(name: str) -> None:
        with server.request(call(name, str(tmp_path)), "ann") as computation:
            try:
                computation.future.result().value()
            except Problem as problem:
                problems.append(problem.message.template)

    threads = [threading.Thread(target=wait, args=(name,)) for name in ("endless", "busy")]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(pids(tmp_path)) == 2)
    server.close()
    assert not any(map(is_alive, pids(tmp_path)))
    for thread in threads:
        thread.join()
    assert problems == [SHUTTING_DOWN] * 2


def test_many_compute_at_the_same_time() -> None:
    results: dict[int, int] = {}

    def work(number: int) -> None:
        results[number] = compute("square", number)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {number: number**2 for number in range(6)}
