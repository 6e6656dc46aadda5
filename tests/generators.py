"""Random generators with a seed of their own, so that no test touches the global one."""

import torch


def make_generator(seed: int = 0) -> torch.Generator:
    """A generator on the CPU that starts from `seed`."""
    return torch.Generator().manual_seed(seed)
