"""What the tests let a process of its own compute; a file says how often it was started."""

import os
import signal
import time
from collections.abc import Generator
from pathlib import Path

from rnnviz.messages import N_, Message, Problem

WRONG = N_("{count} is wrong; allowed is {other}.")


def square(number: int) -> int:
    return number**2


def facts() -> tuple[int, int, str | None]:
    return os.getpid(), os.nice(0), os.environ.get("OMP_NUM_THREADS")


def in_steps(count: int, folder: str = "") -> Generator[float, None, int]:
    for step in range(count):
        if folder:  # the test lets it go on
            while not (Path(folder) / f"go-{step}").exists():
                time.sleep(0.01)
        yield (step + 1) / count
    return count


def refuse(count: int) -> None:
    raise Problem(WRONG, count=count, other=Message(WRONG, {"count": 1, "other": "x"}))


def fail() -> None:
    raise LookupError("no such thing")


def exhaust() -> None:
    raise MemoryError


def killed(times: int, folder: str) -> int:
    """Dies at the first `times` starts, and then returns how often it was started."""
    path = Path(folder) / "starts"
    starts = len(path.read_text()) + 1 if path.exists() else 1
    path.write_text("x" * starts)
    if starts <= times:
        os.kill(os.getpid(), signal.SIGKILL)
    return starts


def endless(folder: str) -> None:
    (Path(folder) / f"pid-{os.getpid()}").touch()
    while True:
        time.sleep(0.05)


def busy(folder: str) -> None:
    """As `endless`, but never lets go of the interpreter for long."""
    (Path(folder) / f"pid-{os.getpid()}").touch()
    while True:
        pass


def not_picklable() -> object:
    return lambda: 1
