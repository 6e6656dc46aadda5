"""Imported once by the forkserver: all that a trainer needs, so that its children share the memory.

The first optimiser imports another 800 modules; creating one here reduces a trainer's own memory
from 201 to 90 MB.
"""

import os
import sys
import traceback
from types import SimpleNamespace
from typing import Any

from rnnviz.jobs.forkserver import detach

IS_FORKSERVER = os.environ.get("RNNVIZ_SERVER") == str(os.getppid())

if IS_FORKSERVER:
    detach()  # before the long imports

try:
    import torch

    import rnnviz.data.uploads
    import rnnviz.jobs.report  # noqa: F401 - imported to be shared, with all of the training
except ImportError:
    traceback.print_exc()  # the forkserver goes on without it, and says nothing
    raise

torch.set_num_threads(1)
torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])


class _AnyName(str):
    """A name that equals every other one."""

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, str)


# A child runs the server's main script again unless that is its main module already; which script
# that is changes with every page run. A trainer needs none of them, and importing the screen would
# cost each trainer a second and 80 MB.
if IS_FORKSERVER:
    main: Any = sys.modules["__main__"]
    main.__file__ = _AnyName("any script of the server")
    main.__spec__ = SimpleNamespace(name=_AnyName("any module of the server"))
