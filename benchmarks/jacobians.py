"""Time the analytic sweep of `rnnviz.jacobians` against `torch.func.jacrev`, interleaved.

    python benchmarks/jacobians.py

All variants compute the same on one thread, from the layer on: the matrices dh_T/dh_t for every t.
Their norms, one SVD each, cost the same in every variant and are left out, and so is the comparison
with autograd (check=False). The sweep is in double precision whatever the type of the layer; jacrev
is in that of the layer. Two uses of jacrev are measured, both in one call and not one per step:

    cells   h_T through torch.nn.LSTMCell (GRUCell, RNNCell), a perturbation added to each h_t: as
            one writes it with PyTorch
    lean    the same through our own step, the input's projection computed beforehand for all steps
            and the perturbations unpacked once: as lean as we could make it

Prints medians in milliseconds and the median ratios of interleaved runs.
"""

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

import rnnviz
from rnnviz.cells import from_layer

HIDDEN, INPUTS, RUNS = 64, 16, 15
LAYERS = {nn.RNN: nn.RNNCell, nn.LSTM: nn.LSTMCell, nn.GRU: nn.GRUCell}


def by_sweep(layer: nn.RNN | nn.GRU | nn.LSTM, x: Tensor) -> Tensor:
    """dh_T/dh_t (T, H, H) by one analytic sweep, the forward walk included."""
    return rnnviz.jacobians(layer, x, check=False).matrices


def by_jacrev_of_cells(layer: nn.RNNBase, x: Tensor) -> Tensor:
    """dh_T/dh_t (T, H, H) by jacrev through PyTorch's own cell."""
    cell = LAYERS[type(layer)](layer.input_size, layer.hidden_size, dtype=x.dtype)
    cell.load_state_dict({name.removesuffix("_l0"): p for name, p in layer.named_parameters()})
    cell.requires_grad_(False)

    def last_hidden(perturbations: Tensor) -> Tensor:
        state: Any = None
        for t in range(len(x)):
            state = cell(x[t], state)
            if type(state) is tuple:
                state = (state[0] + perturbations[t], state[1])
            else:
                state = state + perturbations[t]
        h: Tensor = state[0] if type(state) is tuple else state
        return h

    return _jacobian(last_hidden, x, layer.hidden_size)


def by_lean_jacrev(layer: nn.RNNBase, x: Tensor) -> Tensor:
    """dh_T/dh_t (T, H, H) by jacrev through our own step."""
    (cell,) = from_layer(layer)[0]
    projections = cell.from_input(x)

    def last_hidden(perturbations: Tensor) -> Tensor:
        state = tuple(x.new_zeros(cell.hidden) for _ in cell.states)
        for x_proj, perturbation in zip(projections, perturbations, strict=True):
            state = cell.step(x_proj, state).states
            state = (state[0] + perturbation, *state[1:])
        return state[0]

    return _jacobian(last_hidden, x, cell.hidden)


def _jacobian(function: Callable[[Tensor], Tensor], x: Tensor, hidden: int) -> Tensor:
    jacobian: Tensor = torch.func.jacrev(function)(x.new_zeros(len(x), hidden))
    return jacobian.movedim(1, 0)


VARIANTS = (by_sweep, by_jacrev_of_cells, by_lean_jacrev)


def milliseconds(
    variant: Callable[[nn.RNNBase, Tensor], Tensor], layer: nn.RNNBase, x: Tensor
) -> float:
    start = time.perf_counter()
    variant(layer, x)
    return 1e3 * (time.perf_counter() - start)


def measure(layer: nn.RNNBase, x: Tensor) -> tuple[list[float], list[float]]:
    """Median milliseconds per variant, and the median ratio of each other variant to the sweep."""
    for variant in VARIANTS[1:]:
        torch.testing.assert_close(
            by_sweep(layer, x), variant(layer, x).double(), rtol=1e-4, atol=1e-6
        )
    rounds = [[milliseconds(variant, layer, x) for variant in VARIANTS] for _ in range(RUNS)]
    medians = [statistics.median(times) for times in zip(*rounds, strict=True)]
    ratios = [statistics.median(times[k] / times[0] for times in rounds) for k in (1, 2)]
    return medians, ratios


def main() -> None:
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(0)
    print(f"H={HIDDEN}, one thread, {RUNS} interleaved runs; ratio = jacrev / sweep")
    print("cell    T  type      sweep   cells    lean | ratio to cells   to lean")
    for kind in LAYERS:
        for steps in (50, 200):
            for dtype in (torch.float32, torch.float64):
                layer = kind(INPUTS, HIDDEN, dtype=dtype)
                x = torch.randn(steps, INPUTS, generator=generator, dtype=dtype)
                medians, ratios = measure(layer, x)
                print(
                    f"{kind.__name__:5} {steps:3}  {str(dtype)[6:]} "
                    + " ".join(f"{m:7.1f}" for m in medians)
                    + f" | {ratios[0]:14.1f} {ratios[1]:9.1f}"
                )


if __name__ == "__main__":
    main()
