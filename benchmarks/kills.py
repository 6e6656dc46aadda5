"""What random kills cost: how much history is lost, and whether the runs come to the same end.

    python -m benchmarks.kills --kills 60

A server trains a race again and again while one of its workers, its forkserver, the server itself
or all of them are killed (signal 9). A new server resumes what was interrupted, as a visitor does
who presses Resume. For each kind of kill: how many there were and after how many of them all runs
went on, and the seconds of training that had been seen and were repeated. Then how soon the runs of
a dead server were marked by one that lives, and whether every run that finished has, digit for
digit, the history and the weights of one that nobody disturbed.
"""

import argparse
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import forkserver
from pathlib import Path
from typing import Any, TypeVar

from rnnviz.jobs import ProcessEngine, RaceView, Service
from rnnviz.jobs.records import END_STATES, Run
from rnnviz.jobs.resume import RESUMABLE
from rnnviz.messages import Problem
from rnnviz.store import HISTORY_COLUMNS, Query, Store

T = TypeVar("T")

Reference = dict[str, tuple[list[Any], bytes | None]]
"""The history and the last weights of an undisturbed run, by its cell."""

KINDS = ("worker", "forkserver", "server", "all")
CELLS = ("rnn", "gru", "lstm")
DETERMINISTIC = [name for name in HISTORY_COLUMNS if name != "seconds"]
PAUSES = (0.3, 2.0)
"""The least and the most seconds between a recovery and the next kill."""
PATIENCE = 300.0
"""Seconds within which a run has to go on after a kill."""
MARK_LIMIT = 20.0
"""Seconds after which a new server is started even if the runs of the dead one are not marked."""
VISITOR = "visitor"


def works(steps: int) -> list[dict[str, Any]]:
    """The race that is trained: one small network of each cell."""
    return [
        {
            "experiment": {
                "task": {"name": "delayed_recall", "lag": 10},
                "model": {"cell": cell, "hidden": 8},
                "optimiser": {"steps": steps, "batch": 8},
                "seed": 3,
            },
            "report_interval": 0.2,
        }
        for cell in CELLS
    ]


# The server -------------------------------------------------------------------------------------


def serve(folder: Path, steps: int) -> None:
    """Train in `folder`, and print what a visitor sees, until a file "finish" says otherwise."""
    rewound: dict[str, float] = {}  # the seconds of training at which each run goes on
    rewind = Run.rewind

    def observed_rewind(run: Run) -> int:
        step = rewind(run)
        rewound[run.run_id] = run.history.seconds[-1] if run.history.seconds else 0.0
        return step

    setattr(Run, "rewind", observed_rewind)  # noqa: B010 - mypy refuses the assignment
    store = Store(folder)
    store.start()
    service = Service(ProcessEngine(), store)
    threading.Thread(target=service.run, daemon=True).start()
    while True:
        resumable = [row.id for row in store.runs(Query(limit=200)).rows if row.state in RESUMABLE]
        if not resumable and (folder / "finish").exists():
            break
        if resumable:
            race = service.resume(VISITOR, resumable)
        else:
            race = service.submit(VISITOR, works(steps))
        while (view := service.view(race)) is not None and view.state not in END_STATES:
            service.renew(VISITOR)
            report = {"at": time.time(), "forkserver": forkserver_pid(), "rewound": rewound}
            print(json.dumps({**report, "runs": [*map(report_of, view.runs)]}), flush=True)
            time.sleep(0.02)
    service.close()
    store.close()


def forkserver_pid() -> int | None:
    """The process id of the forkserver of this process."""
    pid: int | None = forkserver._forkserver._forkserver_pid  # type: ignore[attr-defined]
    return pid


def report_of(run: Any) -> dict[str, Any]:
    """What the visitor sees of a run, and its process."""
    steps, seconds = run.history.step, run.history.seconds
    return {
        "run": run.run_id,
        "state": run.state,
        "attempt": run.attempt,
        "pid": run.facts.get("pid"),
        "step": steps[-1] if steps else -1,
        "seconds": seconds[-1] if seconds else 0.0,
    }


class Server:
    """A server process and what it printed last."""

    def __init__(self, folder: Path, steps: int) -> None:
        command = [sys.executable, "-m", "benchmarks.kills", "--serve", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--steps", str(steps)], stdout=subprocess.PIPE, text=True
        )
        self.latest: dict[str, Any] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith("\n"):
                self.latest = json.loads(line)

    def runs(self) -> dict[str, dict[str, Any]]:
        """The latest reports by run."""
        return {run["run"]: run for run in self.latest.get("runs", ())}


# The killer -------------------------------------------------------------------------------------


@dataclass
class Outcome:
    """What came of the kills, by kind; all times are in seconds.

    `lost`: of each run that was killed. `marked`: until the runs of a dead server were interrupted.
    """

    kills: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    survived: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    lost: dict[str, list[float]] = field(default_factory=lambda: {kind: [] for kind in KINDS})
    marked: list[float] = field(default_factory=list)
    finished: int = 0
    different: int = 0


def soak(kills: int, steps: int, seed: int = 0) -> Outcome:
    """Kill `kills` times, at random moments, and compare what came of the runs."""
    generator, outcome, reference = random.Random(seed), Outcome(), undisturbed(steps)
    with tempfile.TemporaryDirectory(prefix="rnnviz-kills-") as name:
        folder = Path(name)
        server = Server(folder, steps)
        store = wait_for(lambda: open_store(folder))
        try:
            with suppress(KeyboardInterrupt):  # fewer kills are as good
                for count in range(kills):
                    wait_for(lambda server=server: all_train(server))
                    time.sleep(generator.uniform(*PAUSES))
                    server = kill(server, generator, folder, steps, store, outcome)
                    print(count + 1, end=" ", file=sys.stderr, flush=True)
            (folder / "finish").touch()
            server.process.wait()
            compare(store, steps, reference, outcome)
        finally:
            server.process.kill()
            server.process.wait()
            store.close()
    return outcome


def kill(
    server: Server,
    generator: random.Random,
    folder: Path,
    steps: int,
    store: Store,
    outcome: Outcome,
) -> Server:
    """Kill something of `server`; returns the server that goes on."""
    kind = generator.choice(KINDS)
    before, latest = server.runs(), server.latest
    workers = [run["pid"] for run in before.values() if run["state"] == "running" and run["pid"]]
    pids = {
        "worker": [generator.choice(workers)] if workers else [],
        "forkserver": [latest["forkserver"]],
        "server": [server.process.pid],
        "all": [*workers, latest["forkserver"], server.process.pid],
    }[kind]
    for pid in pids:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue  # it has just ended by itself
    killed_at = time.monotonic()
    outcome.kills[kind] += 1
    if kind in ("server", "all"):
        server.process.wait()
        # This process is a server that lives, for the store: it marks the runs of a dead one.
        with suppress(TimeoutError):
            wait_for(lambda: is_marked(store, [*before]), MARK_LIMIT)
        outcome.marked.append(time.monotonic() - killed_at)
        wait_for(lambda: not any(is_alive(pid) for pid in [*workers, latest["forkserver"]]))
        server = Server(folder, steps)
    try:
        wait_for(lambda: goes_on(server, store, before))
    except TimeoutError:
        return server
    outcome.survived[kind] += 1
    rewound = server.latest.get("rewound", {})
    for run, report in before.items():
        restarted = kind != "worker" or report["pid"] in pids
        if run in rewound and restarted and kind != "forkserver":
            outcome.lost[kind].append(max(0.0, report["seconds"] - rewound[run]))
    return server


LIVE = ("queued", "running", "paused")


def is_marked(store: Store, runs: Sequence[str]) -> bool:
    """Whether none of `runs` counts as live."""
    return all(state_of(store, run) not in ("", *LIVE) for run in runs)


def state_of(store: Store, run: str) -> str:
    """The stored state of a run; "" as long as the store cannot say."""
    with suppress(Problem):  # it may be checking the file
        row = store.run(run)
        return "" if row is None else row.state
    return ""


def all_train(server: Server) -> bool:
    """Whether every run that has not ended has a worker and a history."""
    runs = server.runs().values()
    return bool(runs) and all(
        run["state"] in END_STATES or (run["pid"] and run["step"] >= 0) for run in runs
    )


def goes_on(server: Server, store: Store, before: dict[str, dict[str, Any]]) -> bool:
    """Whether every run has come further than before the kill, or has finished."""
    now = server.runs()
    return all(
        now[run]["step"] > report["step"] or now[run]["state"] == "finished"
        if run in now
        else state_of(store, run) == "finished"
        for run, report in before.items()
    )


def compare(store: Store, steps: int, reference: Reference, outcome: Outcome) -> None:
    """Compare every stored run with one of its kind that nobody disturbed."""
    for row in store.runs(Query(limit=200)).rows:
        outcome.finished += row.state == "finished"
        history = store.history(row.id)
        columns = [history[name] for name in DETERMINISTIC]
        expected, weights = reference[str(row.cell)]
        outcome.different += columns != expected or store.weights(row.id, steps) != weights


def undisturbed(steps: int) -> Reference:
    """The history and the last weights of each cell's run."""
    service = Service(ProcessEngine())
    threading.Thread(target=service.run, daemon=True).start()
    race = service.submit(VISITOR, works(steps))

    def finished() -> RaceView | None:
        view = service.view(race)
        return view if view is not None and view.state in END_STATES else None

    view = wait_for(finished)
    runs = {
        str(run.work["experiment"]["model"]["cell"]): (
            [getattr(run.history, name) for name in DETERMINISTIC],
            service.weights(run.run_id, steps),
        )
        for run in view.runs
    }
    service.close()
    return runs


def open_store(folder: Path) -> Store | None:
    """The store of the servers, once one of them has made it, with a heartbeat of its own."""
    if not any(folder.iterdir()):
        return None
    store = Store(folder)
    store.start()
    return store


def is_alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def wait_for(condition: Callable[[], T | None], timeout: float = PATIENCE) -> T:
    """Wait until `condition` returns something; returns it.

    Raises:
        TimeoutError: it did not.
    """
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)
    return value


def main() -> None:
    """Run as a server, or kill servers and print what that cost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--steps", type=int, default=6000, help="steps of each run")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve is not None:
        serve(args.serve, args.steps)
        return
    outcome = soak(args.kills, args.steps, args.seed)
    print("| kill of | kills | survived | history lost, median s | most s |")
    print("|---|---|---|---|---|")
    for kind in KINDS:
        lost = outcome.lost[kind] or [0.0]
        print(
            f"| {kind} | {outcome.kills[kind]} | {outcome.survived[kind]} "
            f"| {statistics.median(lost):.2f} | {max(lost):.2f} |"
        )
    if outcome.marked:
        marked = f"{statistics.median(outcome.marked):.1f} s, at most {max(outcome.marked):.1f} s"
        print(f"interrupted runs were marked after {marked}")
    print(f"runs finished: {outcome.finished}; different from undisturbed: {outcome.different}")


if __name__ == "__main__":
    main()
