"""Imported once by the forkserver: all that a trainer needs, so that its children share the memory.

The first optimiser imports another 800 modules; creating one here reduces a trainer's own memory
from 201 to 90 MB.
"""

import os
import sys

import torch

import rnnviz.data.uploads
import rnnviz.jobs.report  # noqa: F401 - imported to be shared, with all of the training

torch.set_num_threads(1)
torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])

# A child runs the server's main script again unless that is its main module already. A trainer does
# not need it, and importing the screen would cost each trainer a second and 80 MB.
if os.environ.get("RNNVIZ_MAIN"):
    sys.modules["__main__"].__file__ = os.environ["RNNVIZ_MAIN"]
