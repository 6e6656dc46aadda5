"""Imported once by the forkserver: all that a trainer needs, so that its children share the memory.

The first optimiser imports another 800 modules; making one here takes a trainer's own memory from
201 to 90 MB.
"""

import torch

import rnnviz.training  # noqa: F401 - imported to be shared

torch.set_num_threads(1)
torch.optim.Adam([torch.nn.Parameter(torch.zeros(1))])
