"""The interface between the service and whatever runs the jobs, and the messages that cross it.

Work in:       {"experiment": {...}, "report_interval": seconds between two reports,
                "files": {key: bytes}, "checkpoint": bytes to resume from}
Commands in:   {"command": "pause"}  {"command": "resume"}  {"command": "stop"}
               {"command": "step"}                         a single one, while paused
               {"command": "set", "lr": 0.01}              or clip, forcing, temperature
Events out:    {"event": "ready", "pid": 123, ...}         the first event of an attempt
               {"event": "progress", "rows": [...], "snapshot": {...} or None}
               {"event": "saved_step", "step": 5, "weights": bytes, "norms": [...]}
               {"event": "checkpoint", "step": 5, "content": bytes}
               {"event": "changed", "changes": [...]}      every changed setting, and at which step
               {"event": "state", "state": "paused" or "running"}
               {"event": "heartbeat"}                      the worker computes, or is paused
               {"event": "end", "state": "finished", "stopped" or "failed", "reason": {...} or None}
               {"event": "lost", "reason": {...}}          from the engine, when a worker died
The rows that come before a checkpoint reach up to its step. A saved step may be sent again once its
gradient norms are known; until then they are empty.
A reason is `Message.to_plain()`: {"template": "...", "values": {...}}.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

Work = Mapping[str, Any]
Command = Mapping[str, Any]
Event = Mapping[str, Any]

ReadCommands = Callable[[], list[Command]]
"""Returns the commands that have arrived since the last call; never waits."""

Job = Callable[[Work, ReadCommands], Iterator[Event | None]]
"""Yields its events, and None while it has nothing to do until the next command."""


class Engine(Protocol):
    """Runs at most `slots` runs at once; owners, queues and retries are the service's concern."""

    @property
    def slots(self) -> int:
        """How many runs may be active at the same time."""

    def start(self, run_id: str, attempt: int, work: Work) -> None:
        """Start a run; its events will carry `attempt`. It may wait, and is called by any thread.

        An earlier attempt of the run that has not ended is replaced.
        """

    def send(self, run_id: str, command: Command) -> None:
        """Pass `command` to a run; a run that has ended is ignored."""

    def poll(self, timeout: float) -> list[tuple[str, int, Event]]:
        """Return the new events as (run_id, attempt, event); wait `timeout` seconds at most."""

    def kill(self, run_id: str) -> None:
        """End a run at once, without its cooperation; a later `poll` reports it as lost."""

    def close(self) -> None:
        """End every run and release what the engine holds."""
