"""Run training jobs: one service (fair queue, leases, retries) over small engines.

Whatever passes between service and engine is plain data (JSON types and bytes), so that an engine
may run a job in this process, in another process, or on another machine.
"""

from rnnviz.jobs.engine import Command, Engine, Event, Work
from rnnviz.jobs.inline_engine import InlineEngine
from rnnviz.jobs.process_engine import ProcessEngine
from rnnviz.jobs.recorder import RunStore
from rnnviz.jobs.records import History, RaceView, RunView
from rnnviz.jobs.scheduling import Limits
from rnnviz.jobs.service import Service

__all__ = [
    "Command",
    "Engine",
    "Event",
    "History",
    "InlineEngine",
    "Limits",
    "ProcessEngine",
    "RaceView",
    "RunStore",
    "RunView",
    "Service",
    "Work",
]
