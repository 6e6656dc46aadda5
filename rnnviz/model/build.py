"""From a spec to a model with its starting weights, and how large it is.

H hidden units, G gate blocks.
"""

from dataclasses import replace
from functools import lru_cache

import torch
from torch import Tensor, nn

from rnnviz.cells import CELLS, CellLayer, Layer, keras_start, parameter_name, suffixes
from rnnviz.data import glove
from rnnviz.model.encoder_decoder import EncoderDecoder
from rnnviz.model.feedforward import ConvolutionModel, DenseModel
from rnnviz.model.sequence import SequenceModel
from rnnviz.model.spec import IOSpec, ModelSpec
from rnnviz.tasks import Task
from rnnviz.text import PAD

Model = SequenceModel | EncoderDecoder | DenseModel | ConvolutionModel


def build(spec: ModelSpec, io_spec: IOSpec, generator: torch.Generator) -> Model:
    """A model with starting weights drawn by `generator` from PyTorch's default distributions.

    The modules are made without memory first, because their own constructors would draw from the
    generator that all sessions of the server share.

    Raises:
        Problem: a network without memory for a task with more than one answer, or a
            convolution in front where the answer is a sequence.
    """
    model = _on_meta(spec, io_spec)
    model.to_empty(device="cpu")
    with torch.no_grad():
        for module in model.modules():
            match module:
                case nn.Embedding(padding_idx=None):  # of labels, which are never padding
                    module.weight.normal_(generator=generator)
                case nn.Embedding():
                    _embed(module, spec, io_spec, generator)
                case nn.RNNBase() | CellLayer():
                    _draw_recurrent(module, spec, generator)
                case nn.Linear() | nn.Conv1d():
                    bound = module.weight[0].numel() ** -0.5
                    for weight in module.parameters(recurse=False):
                        weight.uniform_(-bound, bound, generator=generator)
    return model


def build_for(task: Task, spec: ModelSpec, generator: torch.Generator) -> Model:
    """The model of `spec` for the inputs and outputs of `task`."""
    return build(spec, IOSpec.of(task), generator)


def _on_meta(spec: ModelSpec, io_spec: IOSpec) -> Model:
    with torch.device("meta"):
        match spec.family:
            case "dense":
                return DenseModel(spec, io_spec)
            case "convolution":
                return ConvolutionModel(spec, io_spec)
        return EncoderDecoder(spec, io_spec) if io_spec.is_decoded else SequenceModel(spec, io_spec)


def _embed(
    table: nn.Embedding, spec: ModelSpec, io_spec: IOSpec, generator: torch.Generator
) -> None:
    table.weight.normal_(generator=generator)
    if spec.embedding.startswith("glove"):
        embedding = glove()
        # Words without a vector get one of the usual size.
        table.weight *= float(embedding.vectors.std())
        for row, word in enumerate(io_spec.words):
            if word in embedding.words:
                table.weight[row] = torch.tensor(embedding.vectors[embedding.words[word]])
    table.weight[PAD] = 0


def _draw_recurrent(layer: Layer, spec: ModelSpec, generator: torch.Generator) -> None:
    """Draw starting weights: the layer, the H x H blocks and the forget bias as `spec` says."""
    cell_type = CELLS[spec.cell]
    if spec.initialisation == "keras":
        for k in range(layer.num_layers):
            for suffix in suffixes(layer, k):
                inputs = layer.get_parameter("weight_ih" + suffix).shape[1]
                weights = keras_start(cell_type, inputs, spec.hidden, generator)
                for field, values in weights.items():
                    layer.get_parameter(parameter_name(field) + suffix).copy_(values)
    else:
        bound = spec.hidden**-0.5
        for weight in layer.parameters():
            weight.uniform_(-bound, bound, generator=generator)
    for name, weight in layer.named_parameters():
        if name.startswith("weight_hh"):
            for block in torch.split(weight, spec.hidden):
                _initialise(block, spec, generator)
        if (
            spec.forget_bias is not None
            and cell_type.forget_block is not None
            and name.startswith("bias_ih")
        ):
            start = cell_type.blocks.index(cell_type.forget_block) * spec.hidden
            forget = slice(start, start + spec.hidden)
            weight[forget] = spec.forget_bias
            other = getattr(layer, name.replace("bias_ih", "bias_hh"), None)
            if other is not None:
                weight[forget] -= other[forget]


def _initialise(block: Tensor, spec: ModelSpec, generator: torch.Generator) -> None:
    if spec.initialisation == "orthogonal":
        nn.init.orthogonal_(block, generator=generator)
    elif spec.initialisation == "identity":
        nn.init.eye_(block)
    if spec.spectral_radius is not None:
        radius = torch.linalg.eigvals(block.double()).abs().max().item()
        block *= spec.spectral_radius / radius


@lru_cache(maxsize=1000)
def count_parameters(spec: ModelSpec, io_spec: IOSpec) -> int:
    """How many numbers training may change in `build(spec, io_spec, ...)`, without building it."""
    return trainable(_on_meta(spec, io_spec))


def trainable(model: nn.Module) -> int:
    """How many numbers of `model` training may change."""
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def multiply_adds(spec: ModelSpec, io_spec: IOSpec, T: int, U: int | None = None) -> int:
    """The multiplications that one sequence of T steps takes, forward, and its answer of U."""
    return _on_meta(spec, io_spec).multiply_adds(T, U)


@lru_cache(maxsize=512)  # A page asks again with every control that is moved.
def same_parameters(spec: ModelSpec, target: int, io_spec: IOSpec) -> ModelSpec:
    """`spec` with the hidden units that bring its parameter count nearest to `target`.

    Even with the most units allowed, it may stay far from it.
    """
    low, high = 1, spec.max_units
    while low < high:  # The count grows with the units: the first size that reaches the target.
        middle = (low + high) // 2
        if count_parameters(replace(spec, hidden=middle), io_spec) < target:
            low = middle + 1
        else:
            high = middle
    sizes = [replace(spec, hidden=H) for H in (max(low - 1, 1), low)]
    return min(sizes, key=lambda size: abs(count_parameters(size, io_spec) - target))
