"""From a spec to a model with its starting weights, and how large it is.

H hidden units, G gate blocks.
"""

from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS
from rnnviz.data import glove
from rnnviz.model.encoder_decoder import EncoderDecoder
from rnnviz.model.feedforward import ConvolutionModel, DenseModel
from rnnviz.model.sequence import SequenceModel
from rnnviz.model.spec import IOSpec, ModelSpec
from rnnviz.tasks import Task
from rnnviz.text import PAD

Model = SequenceModel | EncoderDecoder | DenseModel | ConvolutionModel


def build(spec: ModelSpec, ends: IOSpec, generator: torch.Generator) -> Model:
    """A model with starting weights drawn by `generator` from PyTorch's default distributions.

    The modules are made without memory first, because their own constructors would draw from the
    generator that all sessions of the server share.

    Raises:
        Problem: a network without memory for a task that asks for more than one answer, or a
            convolution in front where the answer is a sequence.
    """
    model = _shape_only(spec, ends)
    model.to_empty(device="cpu")
    with torch.no_grad():
        for module in model.modules():
            match module:
                case nn.Embedding(padding_idx=None):  # of labels, which are never padding
                    module.weight.normal_(generator=generator)
                case nn.Embedding():
                    _embed(module, spec, ends, generator)
                case nn.RNNBase():
                    _shape(module, spec, generator)
                case nn.Linear() | nn.Conv1d():
                    bound = module.weight[0].numel() ** -0.5
                    for weight in module.parameters(recurse=False):
                        weight.uniform_(-bound, bound, generator=generator)
    return model


def build_for(task: Task, spec: ModelSpec, generator: torch.Generator) -> Model:
    """The model of `spec` that reads what `task` gives and answers what it asks."""
    return build(spec, IOSpec.of(task), generator)


def _shape_only(spec: ModelSpec, ends: IOSpec) -> Model:
    with torch.device("meta"):
        match spec.family:
            case "dense":
                return DenseModel(spec, ends)
            case "convolution":
                return ConvolutionModel(spec, ends)
        return EncoderDecoder(spec, ends) if ends.decoded else SequenceModel(spec, ends)


def _embed(table: nn.Embedding, spec: ModelSpec, ends: IOSpec, generator: torch.Generator) -> None:
    table.weight.normal_(generator=generator)
    if spec.embedding.startswith("glove"):
        found = glove()
        # Words without a vector get one of the usual size.
        table.weight *= float(found.vectors.std())
        for row, word in enumerate(ends.words):
            if word in found.words:
                table.weight[row] = torch.tensor(found.vectors[found.words[word]])
    table.weight[PAD] = 0


def _shape(recurrent: nn.RNNBase, spec: ModelSpec, generator: torch.Generator) -> None:
    """Starting weights; every H x H block as asked for, the forget gates with their bias."""
    bound = spec.hidden**-0.5
    for weight in recurrent.parameters():
        weight.uniform_(-bound, bound, generator=generator)
    blocks = CELLS[spec.cell].blocks
    for name, weight in recurrent.named_parameters():
        if name.startswith("weight_hh"):
            for block in torch.split(weight, spec.hidden):
                _start(block, spec, generator)
        if spec.forget_bias is not None and "forget" in blocks and name.startswith("bias_ih"):
            other = recurrent.get_parameter(name.replace("bias_ih", "bias_hh"))
            first = blocks.index("forget") * spec.hidden
            forget = slice(first, first + spec.hidden)
            weight[forget] = spec.forget_bias - other[forget]


def _start(block: Tensor, spec: ModelSpec, generator: torch.Generator) -> None:
    if spec.initialisation == "orthogonal":
        nn.init.orthogonal_(block, generator=generator)
    elif spec.initialisation == "identity":
        nn.init.eye_(block)
    if spec.spectral_radius is not None:
        radius = torch.linalg.eigvals(block.double()).abs().max().item()
        block *= spec.spectral_radius / radius


def count_parameters(spec: ModelSpec, ends: IOSpec) -> int:
    """How many numbers training may change in `build(spec, ends, ...)`, without building it."""
    return trainable(_shape_only(spec, ends))


def trainable(model: nn.Module) -> int:
    """How many numbers of `model` training may change."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def multiply_adds(spec: ModelSpec, ends: IOSpec, T: int, U: int | None = None) -> int:
    """The multiplications that one sequence of T steps takes, forward, and its answer of U."""
    return _shape_only(spec, ends).multiply_adds(T, U)


@lru_cache(maxsize=512)  # A page asks again with every control that is moved.
def same_parameters(spec: ModelSpec, target: int, ends: IOSpec) -> ModelSpec:
    """`spec` with the hidden units that bring its parameter count nearest to `target`.

    With the most units that it may have it can still be far from it.
    """
    low, high = 1, spec.max_units
    while low < high:  # The count grows with the units: the first size that reaches the target.
        middle = (low + high) // 2
        if count_parameters(replace(spec, hidden=middle), ends) < target:
            low = middle + 1
        else:
            high = middle
    sizes = [replace(spec, hidden=H) for H in (max(low - 1, 1), low)]
    return min(sizes, key=lambda size: abs(count_parameters(size, ends) - target))
