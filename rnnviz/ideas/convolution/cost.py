"""What a convolution, a recurrent layer, and both in a row cost as sequences grow longer."""

import time
from dataclasses import dataclass

import torch

from rnnviz.messages import N_
from rnnviz.model import IOSpec, ModelSpec, build, multiply_adds

LENGTHS = (50, 100, 200, 500, 1000, 2000)
UNITS = 32
"""Filters, hidden units, and numbers of an input."""
REPETITIONS = 3

NAMES = {
    "convolution": N_("Convolution"),
    "gru": N_("GRU"),
    "both": N_("Convolution and GRU"),
}


@dataclass(frozen=True)
class Cost:
    """By model, for each of `LENGTHS`: multiply-adds of one sequence, forward, and the time.

    `ratios`: the shortest time of a few, divided by that of the convolution at the first length.
    """

    kernel: int
    pool: int
    multiply_adds: dict[str, tuple[int, ...]]
    ratios: dict[str, tuple[float, ...]]

    def slower(self, name: str) -> float:
        """How many times as long as the convolution a model takes at the last length."""
        return self.ratios[name][-1] / self.ratios["convolution"][-1]

    def more(self, name: str) -> float:
        """How many times the multiply-adds of the convolution a model takes at the last length."""
        return self.multiply_adds[name][-1] / self.multiply_adds["convolution"][-1]


def specs(kernel: int, pool: int) -> dict[str, ModelSpec]:
    """The three models."""
    return {
        "convolution": ModelSpec(hidden=UNITS, family="convolution", kernel=kernel, pool=pool),
        "gru": ModelSpec("gru", hidden=UNITS),
        "both": ModelSpec("gru", hidden=UNITS, front=True, kernel=kernel, pool=pool),
    }


def cost(kernel: int, pool: int) -> Cost:
    """Count and measure; the time is that of this machine, one thread, a single sequence."""
    io_spec = IOSpec(UNITS, 1, "many-to-one", tokens=False)
    models = {
        name: build(spec, io_spec, torch.Generator().manual_seed(1)).eval()
        for name, spec in specs(kernel, pool).items()
    }
    products = {
        name: tuple(multiply_adds(spec, io_spec, T) for T in LENGTHS)
        for name, spec in specs(kernel, pool).items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in models}
    with torch.no_grad():
        for T in LENGTHS:
            x = torch.randn(1, T, UNITS, generator=torch.Generator().manual_seed(T))
            lengths = torch.tensor([T])
            for name, model in models.items():
                times = []
                for _ in range(REPETITIONS):
                    start = time.thread_time()
                    model(x, lengths)
                    times.append(time.thread_time() - start)
                seconds[name].append(min(times))
    unit = seconds["convolution"][0]
    ratios = {name: tuple(value / unit for value in values) for name, values in seconds.items()}
    return Cost(kernel, pool, products, ratios)
