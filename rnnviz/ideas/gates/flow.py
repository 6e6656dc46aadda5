"""An LSTM or a GRU with gates that can be held, and its memory as water that flows in and off.

B sequences, T time steps, I inputs, H hidden units.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

Weights = tuple[Tensor, Tensor, Tensor, Tensor]
"""w_ih, w_hh, b_ih, b_hh of a layer, the blocks in PyTorch's order."""


@dataclass(frozen=True)
class Flow:
    """What the memory did at each step: `memory[t] = memory[t - 1] - outflow[t] + inflow[t]`.

    Attributes:
        memory: (T+1,B,H), c of an LSTM and h of a GRU; the first is that before all steps.
        inflow: (T,B,H), i·g, or (1 − z)·n.
        outflow: (T,B,H), (1 − f)·c before the step, or (1 − z)·h.
        candidate: (T,B,H), g or n: what could be written.
        gates: (T,B,H) each, held or not.
        hidden: (T,B,H), h.
    """

    memory: Tensor
    inflow: Tensor
    outflow: Tensor
    candidate: Tensor
    gates: Mapping[str, Tensor]
    hidden: Tensor


def flow(
    cell: str,
    weights: Weights,
    x: Tensor,
    held: Mapping[str, Tensor],
    start: Tensor | None = None,
) -> Flow:
    """Let the cell read x (B,T,I).

    Args:
        cell: its code, an LSTM or a GRU.
        weights: of its layer.
        x: the input.
        held: (T,) by gate: the opening that replaces what the unit computes, NaN where it is free.
        start: (B,H), the memory before the first step; zero without it. Of an LSTM the cell state,
            while h is zero.
    """
    memory = x.new_zeros(len(x), weights[1].shape[1]) if start is None else start
    h = torch.zeros_like(memory) if cell == "lstm" else memory
    states, steps = [memory], []
    for t in range(x.shape[1]):
        openings = {gate: values[t] for gate, values in held.items()}
        step = _lstm_step if cell == "lstm" else _gru_step
        memory, h, parts = step(weights, x[:, t], h, memory, openings)
        states.append(memory)
        steps.append({"hidden": h, **parts})
    parts = {name: torch.stack([step[name] for step in steps]) for name in steps[0]}
    hidden, inflow, outflow, candidate = (
        parts.pop(name) for name in ("hidden", "inflow", "outflow", "candidate")
    )
    return Flow(torch.stack(states), inflow, outflow, candidate, parts, hidden)


def _lstm_step(
    weights: Weights, x: Tensor, h: Tensor, c: Tensor, openings: Mapping[str, Tensor]
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    w_ih, w_hh, b_ih, b_hh = weights
    i, f, g, o = (x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, -1)
    i = _gate(i, openings.get("input"))
    f = _gate(f, openings.get("forget"))
    o = _gate(o, openings.get("output"))
    g = g.tanh()
    inflow, outflow = i * g, (1 - f) * c
    c = f * c + inflow
    parts = {"inflow": inflow, "outflow": outflow, "candidate": g}
    return c, o * c.tanh(), parts | {"input": i, "forget": f, "output": o}


def _gru_step(
    weights: Weights, x: Tensor, h: Tensor, _memory: Tensor, openings: Mapping[str, Tensor]
) -> tuple[Tensor, Tensor, dict[str, Tensor]]:
    w_ih, w_hh, b_ih, b_hh = weights
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, -1)
    h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, -1)
    r = _gate(x_r + h_r, openings.get("reset"))
    z = _gate(x_z + h_z, openings.get("update"))
    n = (x_n + r * h_n).tanh()
    inflow, outflow = (1 - z) * n, (1 - z) * h
    h = z * h + inflow
    return h, h, {"inflow": inflow, "outflow": outflow, "candidate": n, "update": z, "reset": r}


def _gate(logits: Tensor, opening: Tensor | None) -> Tensor:
    gate = logits.sigmoid()
    if opening is None or bool(opening.isnan()):
        return gate
    return torch.zeros_like(gate) + opening.to(gate)
