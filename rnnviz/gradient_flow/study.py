"""Many random networks walked forward and back at once: the gradient at every time step.

Dimensions: S networks (one per seed), T time steps, I inputs, H hidden units, G blocks of weights,
R losses that are walked back side by side.
"""

from collections.abc import Generator
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from rnnviz.cells import CELLS, Cell, States, keras_start
from rnnviz.gradient_flow.flows import CellFlow, FlowResult
from rnnviz.gradient_flow.settings import MAX_LENGTH, FlowSettings
from rnnviz.gradient_flow.spectral import step_spectral
from rnnviz.gradients import BySlopes, derivatives, sweep, weight_gradients
from rnnviz.tracing import Walk, walk

INPUTS = 16
"""I, the size of the input vectors."""


@torch.no_grad()
def measure(settings: FlowSettings) -> FlowResult:
    """Walk every network of `settings` forward and back, in double precision.

    The inputs are normally distributed numbers. The loss of a step is v · h_t with a random
    direction v of length 1, so that a gradient of norm 1 enters wherever a loss sits.
    Equal settings give equal numbers; a network keeps its draw while the other sliders move.
    """
    flows = {name: _measure(name, settings) for name in settings.cells}
    return FlowResult(settings, MappingProxyType(flows))


@torch.no_grad()
def measure_by_cell(settings: FlowSettings) -> Generator[float, None, FlowResult]:
    """The same, cell by cell: yields the share that is done, and returns the result."""
    flows = {}
    for count, name in enumerate(settings.cells, start=1):
        flows[name] = _measure(name, settings)
        yield count / len(settings.cells)
    return FlowResult(settings, MappingProxyType(flows))


def _measure(name: str, settings: FlowSettings) -> CellFlow:
    cell, x, directions = draw(name, settings)
    steps = walk(cell, x)
    each_step = derivatives(cell, steps)

    last = torch.zeros_like(directions)
    last[-1] = directions[-1]
    arriving = torch.cat([last, directions], -2)  # (T,S,R,H): R = 2 losses side by side
    dh, whole, arrived, dx, dh_projs = [], [], [], [], []
    for t, from_next, step in sweep(each_step, arriving):
        dh.append(step.dstates[0])
        # Without what reaches c through this h: that is a share of the gradient of h already.
        whole.append(torch.cat([step.dstates[0], *from_next[1:]], -1))
        arrived.append((arriving[t] + from_next[0], *from_next[1:]))
        dx.append(step.dx_proj)
        if step.dh_proj is not None:
            dh_projs.append(step.dh_proj)
    loss = 1 if settings.loss_at == "every" else 0

    def in_order(tensors: list[Tensor]) -> Tensor:
        return torch.stack(tensors[::-1]).permute(2, 1, 0, 3)  # (R,S,T,...)

    norms = norm(in_order(dh))
    dx_proj = in_order(dx)[loss]
    outside = tuple(in_order(list(state))[loss] for state in zip(*arrived, strict=True))
    dh_proj = in_order(dh_projs)[loss] if dh_projs else None
    total = _total(cell, steps, x, dx_proj, dh_proj, outside)
    bound = slope = None
    if cell.max_slope is not None and isinstance(each_step, BySlopes):
        bound = cell.max_slope * torch.linalg.matrix_norm(each_step.matrix, 2)
        slope = each_step.slopes.recurrent[0].mean((0, 2, 3, 4))
    return CellFlow(
        cell=name,
        norms=norms[loss],
        from_last=norms[0],
        state_norms=norm(in_order(whole)[0]),
        input_norms=norm(dx_proj @ cell.w_ih),
        step_spectral=step_spectral(each_step),
        total=total,
        scale=_scale(settings.clip, total),
        bound=bound,
        slope=slope,
    )


def with_clip(result: FlowResult, clip: float) -> FlowResult:
    """The study of the same networks with another clip: what `measure` would return, at once."""
    flows = {
        name: replace(flow, scale=_scale(clip, flow.total)) for name, flow in result.flows.items()
    }
    return FlowResult(replace(result.settings, clip=clip), MappingProxyType(flows))


def _scale(clip: float | None, total: Tensor) -> Tensor:
    return torch.ones_like(total) if clip is None else (clip / total).clamp(max=1)


def draw(name: str, settings: FlowSettings) -> tuple[Cell, Tensor, Tensor]:
    """The networks: a cell whose weights carry S, inputs (T,S,1,I), directions (T,S,1,H).

    Weights come from PyTorch's default distribution, uniform within 1/sqrt(H), or are
    those of Keras. Each seed draws the same inputs for all cells, and as many as the longest
    sequence needs.
    """
    cell_type, T, H = CELLS[name], settings.length, settings.hidden
    shapes = {
        field: shape if len(shape) > 1 else (1, *shape)
        for field, shape in cell_type.shapes(INPUTS, H).items()
    }
    samples: list[list[Tensor]] = []
    for seed in range(settings.seeds):
        generator = torch.Generator().manual_seed(seed)
        x = torch.randn(MAX_LENGTH, INPUTS, generator=generator, dtype=torch.float64)[:T]
        v = torch.randn(MAX_LENGTH, H, generator=generator, dtype=torch.float64)[:T].flip(0)
        if settings.initialisation == "keras":
            own_start = keras_start(cell_type, INPUTS, H, generator, torch.float64)
            own_weights = [own_start[field].view(shape) for field, shape in shapes.items()]
        else:
            own_weights = [
                (torch.rand(shape, generator=generator, dtype=torch.float64) * 2 - 1) / H**0.5
                for shape in shapes.values()
            ]
        samples.append([x, v / norm(v)[:, None], *own_weights])
    x, directions, *stacked = (torch.stack(each) for each in zip(*samples, strict=True))
    weights = dict(zip(shapes, stacked, strict=True))
    if settings.spectral_radius is not None and "w_hh" in weights:
        blocks = torch.unflatten(weights["w_hh"], 1, (-1, H))
        radius = torch.linalg.eigvals(blocks).abs().amax(-1)
        scale = (settings.spectral_radius / radius)[..., None, None]
        weights["w_hh"] = (blocks * scale).flatten(1, 2)
    if settings.forget_bias is not None and cell_type.forget_block is not None:
        start = cell_type.blocks.index(cell_type.forget_block) * H
        rows = slice(start, start + H)
        weights["b_ih"][..., rows] = settings.forget_bias
        if "b_hh" in weights:
            weights["b_ih"][..., rows] -= weights["b_hh"][..., rows]
    options: dict[str, Any] = {"nonlinearity": settings.activation}
    cell = cell_type(**weights, **{option: options[option] for option in cell_type.options})
    return cell, x.transpose(0, 1).unsqueeze(2), directions.transpose(0, 1).unsqueeze(2)


def norm(vectors: Tensor) -> Tensor:
    """Length along the last dimension, (..., n) -> (...), also where the squares leave float64.

    A number that could not be computed, because a number before it was too large, is infinite.
    """
    largest = vectors.abs().amax(-1, keepdim=True)
    scaled = torch.where(largest > 0, vectors / largest, 0)
    length = largest[..., 0] * scaled.norm(dim=-1)
    return torch.where(length.isnan(), torch.inf, length)


def _total(
    cell: Cell, steps: Walk, x: Tensor, dx_proj: Tensor, dh_proj: Tensor | None, outside: States
) -> Tensor:
    """Norm (S,) of the gradient of all weights and biases together.

    dx_proj and dh_proj (S,T,G*H), where the cell has that; `outside` (S,T,H) is what arrives at
    each state from outside its step.
    """

    def networks_first(tensor: Tensor) -> Tensor:
        return tensor.squeeze(2).transpose(0, 1)  # (T,S,1,...) -> (S,T,...)

    before = tuple(networks_first(state) for state in steps.before)
    gradients = {"w_ih": dx_proj.mT @ networks_first(x), "b_ih": dx_proj.sum(1, keepdim=True)}
    if dh_proj is not None:
        gradients |= {"w_hh": dh_proj.mT @ before[0], "b_hh": dh_proj.sum(1, keepdim=True)}
    others = [name for name in cell.weights if name not in gradients]
    x_proj = networks_first(steps.x_proj)
    gradients |= weight_gradients(cell, x_proj, before, outside, others)
    return norm(torch.cat([gradients[name].flatten(1) for name in cell.weights], 1))
