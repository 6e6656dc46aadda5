"""A memory limit for a worker, so that too large a model is an error in its own run only.

Without one, Linux promises more memory than there is and then kills some process, perhaps another.
"""

import sys
from contextlib import suppress
from pathlib import Path

_CGROUP = Path("/sys/fs/cgroup")


def limit_memory(extra: int | None = None) -> None:
    """Limit this process to `extra` bytes more than it has now; by default to the free memory.

    On systems other than Linux nothing is limited.
    """
    if sys.platform != "linux":
        return
    import resource

    extra = _free_memory() if extra is None else extra
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = _read_sizes("/proc/self/status")["VmData"] + extra
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def _free_memory() -> int:
    """The bytes that are free on this machine, or in the container of this process."""
    free = _read_sizes("/proc/meminfo")["MemAvailable"]
    with suppress(OSError, ValueError, StopIteration):  # no container, or one without a limit
        limit, used = (int((_CGROUP / f"memory.{name}").read_text()) for name in ("max", "current"))
        # Cached files count as used, but are evicted as soon as the memory is needed.
        lines = (line.split() for line in (_CGROUP / "memory.stat").read_text().splitlines())
        cached = next(int(line[1]) for line in lines if line[0] == "inactive_file")
        free = min(free, max(0, limit - used + cached))
    return free


def _read_sizes(file: str) -> dict[str, int]:
    """The lines "name: 123 kB" of a file in /proc, in bytes."""
    lines = (line.split() for line in Path(file).read_text(encoding="ascii").splitlines())
    return {line[0].rstrip(":"): int(line[1]) * 1024 for line in lines if line[2:] == ["kB"]}
