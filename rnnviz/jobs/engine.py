"""What the service asks of whatever runs the jobs: six verbs, and the words that cross the border.

Work in:       {"experiment": {...}, "report_interval": seconds between two reports,
                "files": {key: bytes}, "checkpoint": bytes to go on from}
Controls in:   {"command": "pause"}  {"command": "resume"}  {"command": "stop"}
               {"command": "step"}                             a single one, while paused
               {"command": "set", "lr": 0.01}                  or clip, forcing, temperature
Events out:    {"event": "ready", "pid": 123, ...}         the first words of an attempt
               {"event": "progress", "rows": [...], "snapshot": {...} or None}
               {"event": "saved_step", "step": 5, "weights": bytes, "norms": [...]}
               {"event": "checkpoint", "step": 5, "content": bytes}
               {"event": "changed", "changes": [...]}      all settings that were set, and when
               {"event": "state", "state": "paused" or "running"}
               {"event": "end", "state": "finished", "stopped" or "failed", "reason": {...} or None}
               {"event": "lost", "reason": {...}}          the engine's, when a worker died
The rows that come before a checkpoint reach up to its step. A moment may be told again when more is
known of it; norms that are not known are empty.
A reason is a `Message` as plain data, {"template": "...", "values": {...}}: translated on screen.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

Work = Mapping[str, Any]
Command = Mapping[str, Any]
Event = Mapping[str, Any]

ReadCommands = Callable[[], list[Command]]
"""Takes every control that has come since the last look; never waits."""

Job = Callable[[Work, ReadCommands], Iterator[Event | None]]
"""A job: yields its events, and None while it has nothing to do until the next control."""


class Engine(Protocol):
    """Runs at most `slots` jobs at once; knows neither owners nor queues nor retries."""

    @property
    def slots(self) -> int:
        """How many jobs may run at the same time."""

    def start(self, job: str, attempt: int, work: Work) -> None:
        """Begin `job`; its events will carry `attempt`."""

    def send(self, job: str, control: Command) -> None:
        """Pass `control` to a job; a job that is no longer there is no error."""

    def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
        """Events since the last call as (job, attempt, event); waits `timeout` seconds at most."""

    def kill(self, job: str) -> None:
        """End `job` at once, without its consent; the next `poll` reports it as lost."""

    def close(self) -> None:
        """End every job and give back what the engine holds."""
