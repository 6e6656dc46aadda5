"""How the processes of a server end: all of them with the server, none of them before.

Signals for the server's group (Ctrl-C, a closed terminal, a service manager that stops the server)
must not end the workers: the server would take it for their failure, and start them again. They end
with the server itself.
"""

import atexit
import os
import signal
import sys
from contextlib import suppress


def ignore_signals() -> None:
    """Let the server decide when this process ends."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)


def wake_with_parent() -> None:
    """Continue a stopped process when its parent dies, so that it notices the end of its server."""
    if sys.platform == "linux":
        import ctypes

        set_parent_death_signal = 1
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(set_parent_death_signal, int(signal.SIGCONT), 0, 0, 0)


def _end_group() -> None:
    # Also those of its children that are stopped and would never notice. (A child never gets here.)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)


def detach() -> None:
    """Survive what ends the server, in a group of its own, until the pipe to the server closes."""
    ignore_signals()
    wake_with_parent()
    os.setpgid(0, 0)
    atexit.register(_end_group)
