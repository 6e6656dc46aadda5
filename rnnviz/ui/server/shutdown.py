"""The end of the server: a signal closes what is shared, in order, and then the process."""

import asyncio
import logging
import os
import signal
import sys
import threading
from multiprocessing import util
from types import FrameType

import uvicorn

from rnnviz.jobs.forkserver import end_helpers
from rnnviz.ui.services import singletons

SIGNALS = ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK")
"""Those that ask for an orderly end: of a service manager, Ctrl-C, a closed terminal, Windows."""

CONNECTION_SECONDS = 2
"""Seconds that open pages and downloads have to close their connections."""

LIMIT_SECONDS = 20.0
"""Seconds until the process ends even if something does not close, as on a disk that hangs."""

_log = logging.getLogger(__name__)


class Shutdown:
    """Ends the server and its process on a signal.

    Uvicorn alone would skip the closing when Ctrl-C is pressed twice, wait for pages for as long as
    they like, and kill the process by the signal in the end; and Python would wait for every thread
    that still computes something.
    """

    def __init__(self) -> None:
        self._server: uvicorn.Server | None = None
        self._loop = asyncio.get_running_loop()
        self._begun = False

    def install(self) -> None:
        """Handle the signals from now on; called on the thread of a running uvicorn server.

        Under another server, or on another thread, signals are not ours, and nothing is changed.
        """
        if threading.current_thread() is not threading.main_thread():
            return
        server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
        if not isinstance(server, uvicorn.Server):
            return
        self._server = server
        server.config.timeout_graceful_shutdown = CONNECTION_SECONDS
        for number in (getattr(signal, name, None) for name in SIGNALS):
            # A process under nohup ignores that its terminal is closed.
            if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        # The interrupted code may hold any lock, so nothing else is done here.
        self._loop.call_soon_threadsafe(self._begin)

    def _begin(self) -> None:
        if self._server is None or self._begun:
            return
        self._begun = True
        self._server.should_exit = True
        threading.Thread(target=singletons.close_all, name="rnnviz close", daemon=True).start()
        limit = threading.Timer(LIMIT_SECONDS, os._exit, [1])
        limit.daemon = True
        limit.start()

    async def finish(self) -> None:
        """Close what is shared; if a signal asked for the end, end the process with code 0."""
        await asyncio.to_thread(singletons.close_all)
        if self._server is not None and self._server.should_exit:
            # Not by returning: a computation in a thread cannot be interrupted, and to be killed
            # in the middle of PyTorch by the end of the interpreter aborts the process. Nor is
            # anything run that others have left for the end: it would take from under such a
            # thread what it imports or uses, and the log would end with its traceback.
            util._exit_function()  # type: ignore[attr-defined]  # ends the children
            end_helpers()
            logging.shutdown()
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(0)
