"""What backpropagation through time costs: measured on PyTorch's own RNN."""

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn

from rnnviz.ideas.learning.results import BATCH, HIDDEN, INPUTS, LENGTHS, PIECE, REPEATS, Cost


def measure_cost() -> Cost:
    """Count and time training steps of all lengths, without and with scissors."""
    torch.manual_seed(0)
    cell = nn.RNNCell(INPUTS, HIDDEN)
    full = [_measure(cell, length, length) for length in LENGTHS]
    cut = [_measure(cell, length, PIECE) for length in LENGTHS]
    unit = full[0][1]
    return Cost(
        memory=tuple(memory for memory, _seconds in full),
        cut_memory=tuple(memory for memory, _seconds in cut),
        times=tuple(seconds / unit for _memory, seconds in full),
        cut_times=tuple(seconds / unit for _memory, seconds in cut),
    )


def _measure(cell: nn.RNNCell, length: int, piece: int) -> tuple[int, float]:
    """The most bytes saved at once, and the fewest seconds of the processor."""
    x = torch.randn(length, BATCH, INPUTS, generator=torch.Generator().manual_seed(0))
    memory = saved_bytes(cell, x, piece)
    seconds = []
    for _repeat in range(REPEATS):
        start = time.thread_time()
        training_walk(cell, x, piece)
        seconds.append(time.thread_time() - start)
    return memory, min(seconds)


def saved_bytes(cell: nn.RNNCell, x: Tensor, piece: int) -> int:
    """The most bytes that autograd holds at once for the walk back.

    Weights and inputs, which are there anyway, are left out; a storage that several operations
    share counts once.
    """
    there = {each.untyped_storage().data_ptr() for each in (x, *cell.parameters())}
    held: dict[int, int] = {}
    most = 0

    def pack(tensor: Tensor) -> Tensor:
        nonlocal most
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in there:
            held[storage.data_ptr()] = storage.nbytes()
            most = max(most, sum(held.values()))
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        training_walk(cell, x, piece, after_piece=held.clear)
    return most


def training_walk(
    cell: nn.RNNCell, x: Tensor, piece: int, after_piece: Callable[[], None] = lambda: None
) -> None:
    """Forward and backward over x (T,B,I); the loss is the sum of all states."""
    cell.zero_grad()
    h = x.new_zeros(x.shape[1], HIDDEN)
    for start in range(0, len(x), piece):
        h = h.detach()
        loss = x.new_zeros(())
        for inputs in x[start : start + piece].unbind(0):
            h = cell(inputs, h)
            loss = loss + h.sum()
        loss.backward()  # type: ignore[no-untyped-call]
        after_piece()
