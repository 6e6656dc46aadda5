"""The engine that runs its jobs inside `poll`, one event each in turn: for tests and debugging."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rnnviz.jobs.engine import Command, Event, Job, Work
from rnnviz.jobs.worker import message_of, run_training
from rnnviz.messages import N_, Message

KILLED = N_("The worker was killed.")


@dataclass
class _Job:
    attempt: int
    events: Iterator[Event | None]
    letters: list[Command] = field(default_factory=list)
    killed: bool = False


class InlineEngine:
    """An `Engine` without processes: deterministic, and as slow as its slowest job."""

    def __init__(self, slots: int = 3, body: Job = run_training) -> None:
        self._slots = slots
        self._body = body
        self._jobs: dict[str, _Job] = {}

    @property
    def slots(self) -> int:
        """How many jobs may run at the same time."""
        return self._slots

    def start(self, job: str, attempt: int, work: Work) -> None:
        """Begin `job`; nothing is computed before the next `poll`."""
        letters: list[Command] = []

        def inbox() -> list[Command]:
            taken = letters.copy()
            letters.clear()
            return taken

        self._jobs[job] = _Job(attempt, self._body(work, inbox), letters)

    def send(self, job: str, control: Command) -> None:
        """Put `control` into the job's inbox."""
        if job in self._jobs:
            self._jobs[job].letters.append(control)

    def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
        """Let every job run up to its next event; `timeout` is not needed."""
        heard: list[tuple[str, int, Event]] = []
        for name, job in list(self._jobs.items()):
            event = self._next(job)
            if event is not None:
                heard.append((name, job.attempt, event))
                if event["event"] in ("end", "lost"):
                    del self._jobs[name]
        return heard

    def _next(self, job: _Job) -> Event | None:
        if job.killed:
            return {"event": "lost", "reason": Message(KILLED).to_plain()}
        try:
            return next(job.events)
        except StopIteration:
            return {"event": "end", "state": "finished", "reason": None}
        except Exception as error:
            return {"event": "end", "state": "failed", "reason": message_of(error).to_plain()}

    def kill(self, job: str) -> None:
        """Never run `job` again."""
        if job in self._jobs:
            self._jobs[job].killed = True

    def close(self) -> None:
        """Forget every job."""
        self._jobs.clear()
