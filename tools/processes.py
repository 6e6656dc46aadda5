"""What a running process costs, read from /proc (Linux): its processor time and its memory."""

from os import sysconf
from pathlib import Path
from resource import getpagesize

TICKS = sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Seconds of a processor that the process has used, in all of its threads; no children."""
    # The name of the program may contain blanks and ends with the last closing bracket.
    values = _read(pid, "stat").rpartition(")")[2].split()
    user, system = values[11:13]
    return (int(user) + int(system)) / TICKS


def resident_mb(pid: int) -> float:
    """Megabytes of memory that the process has mapped and touched, shared pages included (RSS)."""
    return int(_read(pid, "statm").split()[1]) * getpagesize() / 1e6


def proportional_mb(pid: int) -> float:
    """The same, each shared page divided by the number of processes that share it (PSS)."""
    rows = (line.split() for line in _read(pid, "smaps_rollup").splitlines())
    return next(int(row[1]) * 1024 / 1e6 for row in rows if row[0] == "Pss:")


def children(pid: int) -> list[int]:
    """The processes that it has started, and those that these have started."""
    descendants: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, path.read_text().split()):
            descendants += [child, *children(child)]
    return descendants


def busy_seconds() -> float:
    """Seconds that all processors of this machine together have worked since it started."""
    names = ["user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal"]
    ticks = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
    return (
        sum(
            int(tick)
            for name, tick in zip(names, ticks, strict=True)
            if name not in ("idle", "iowait")
        )
        / TICKS
    )


def _read(pid: int, name: str) -> str:
    return Path(f"/proc/{pid}/{name}").read_text()
