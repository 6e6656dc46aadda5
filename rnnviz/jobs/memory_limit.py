"""A limit to what a worker may take, so that too large a model is an error and not a massacre.

Without one, Linux promises more memory than there is and then kills some process, perhaps another.
"""

import sys
from contextlib import suppress
from pathlib import Path

_GROUP = Path("/sys/fs/cgroup")


def limit_memory(room: int | None = None) -> None:
    """From here on this process gets at most `room` bytes more, or what is free on this machine.

    On systems other than Linux nothing is limited.
    """
    if sys.platform != "linux":
        return
    import resource

    room = _free() if room is None else room
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _numbers("/proc/self/status")["VmData"] + room
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _free() -> int:
    """The bytes that are free on this machine, or in the container that this process is in."""
    free = _numbers("/proc/meminfo")["MemAvailable"]
    with suppress(OSError, ValueError, StopIteration):  # no container, or one without a limit
        limit, used = (int((_GROUP / f"memory.{name}").read_text()) for name in ("max", "current"))
        # Copies of files count as used, but are given back as soon as somebody needs the room.
        lines = (line.split() for line in (_GROUP / "memory.stat").read_text().splitlines())
        spare = next(int(line[1]) for line in lines if line[0] == "inactive_file")
        free = min(free, max(0, limit - used + spare))
    return free


def _numbers(file: str) -> dict[str, int]:
    """The lines "name: 123 kB" of a file in /proc, in bytes."""
    lines = (line.split() for line in Path(file).read_text(encoding="ascii").splitlines())
    return {line[0].rstrip(":"): int(line[1]) * 1024 for line in lines if line[2:] == ["kB"]}
