"""The engine that runs its jobs inside `poll`, one event each in turn: for tests and debugging."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from rnnviz.jobs.engine import Command, Event, Job, Work
from rnnviz.jobs.worker import message_of, run_training
from rnnviz.messages import N_, Message

KILLED = N_("The worker was killed.")


@dataclass
class _Attempt:
    number: int
    events: Iterator[Event | None]
    commands: list[Command] = field(default_factory=list)
    killed: bool = False


class InlineEngine:
    """An `Engine` without processes: deterministic, and as slow as its slowest job."""

    def __init__(self, slots: int = 3, job: Job = run_training) -> None:
        self._slots = slots
        self._job = job
        self._attempts: dict[str, _Attempt] = {}

    @property
    def slots(self) -> int:
        """How many runs may be active at the same time."""
        return self._slots

    def start(self, run_id: str, attempt: int, work: Work) -> None:
        """Start a run; nothing is computed before the next `poll`."""
        commands: list[Command] = []

        def read_commands() -> list[Command]:
            unread = commands.copy()
            commands.clear()
            return unread

        self._attempts[run_id] = _Attempt(attempt, self._job(work, read_commands), commands)

    def send(self, run_id: str, command: Command) -> None:
        """Append `command` to those that the run has not read yet."""
        if run_id in self._attempts:
            self._attempts[run_id].commands.append(command)

    def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
        """Advance every run to its next event; `timeout` is ignored."""
        events: list[tuple[str, int, Event]] = []
        for run_id, attempt in list(self._attempts.items()):
            event = self._next_event(attempt)
            events.append((run_id, attempt.number, event))
            if event["event"] in ("end", "lost"):
                del self._attempts[run_id]
        return events

    def _next_event(self, attempt: _Attempt) -> Event:
        if attempt.killed:
            return {"event": "lost", "reason": Message(KILLED).to_plain()}
        try:
            # Waiting for a command is a sign of life, too.
            return next(attempt.events) or {"event": "heartbeat"}
        except StopIteration:
            return {"event": "end", "state": "finished", "reason": None}
        except Exception as error:
            return {"event": "end", "state": "failed", "reason": message_of(error).to_plain()}

    def kill(self, run_id: str) -> None:
        """Never advance the run again."""
        if run_id in self._attempts:
            self._attempts[run_id].killed = True

    def close(self) -> None:
        """Drop every run."""
        self._attempts.clear()
