"""Models: an embedding, one of PyTorch's own recurrent layers, a linear head.

B sequences, T time steps, I inputs, H hidden units, G gate blocks, V labels, D directions.
"""

from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

import torch
from torch import Tensor, nn
from torch.nn.functional import linear, one_hot
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnnviz.cells import CELLS
from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES
from rnnviz.settings import Choice, Range, check, rules
from rnnviz.tasks import Task
from rnnviz.text import PAD

LAYERS: dict[str, type[Any]] = {name: cell.layer for name, cell in CELLS.items()}
"""PyTorch's own layer of every cell."""


@dataclass(frozen=True)
class ModelSpec:
    """All that decides a model's shape and its starting weights, but for the seed.

    `forget_bias` acts on cells with a forget gate and `nonlinearity` on those that have a choice.
    """

    cell: Annotated[str, Choice(CELL_NAMES, label=N_("Cell"))] = "lstm"
    hidden: Annotated[int, Range(1, 256, label=N_("Hidden units"))] = 16
    layers: Annotated[int, Range(1, 4, label=N_("Layers"))] = 1
    bidirectional: bool = False
    embedding: Annotated[
        Literal["one-hot", "learned"],
        Choice({"one-hot": N_("one-hot"), "learned": N_("learned")}, label=N_("Input vectors")),
    ] = "learned"
    embedding_size: Annotated[int, Range(1, 256, label=N_("Size of the input vectors"))] = 16
    nonlinearity: Annotated[
        Literal["tanh", "relu"], Choice({"tanh": "tanh", "relu": "ReLU"}, label=N_("Activation"))
    ] = "tanh"
    forget_bias: Annotated[float | None, Range(-10.0, 10.0, label=N_("Forget-gate bias"))] = None
    spectral_radius: Annotated[float | None, Range(0.0, 10.0, label=N_("Spectral radius"))] = None

    def __post_init__(self) -> None:
        check(self)

    def n_features(self, n_in: int) -> int:
        """I, the size of the vector that stands for one of `n_in` tokens."""
        return n_in if self.embedding == "one-hot" else self.embedding_size


class SequenceModel(nn.Module):
    """Token ids in, logits out, through a recurrent layer that is PyTorch's own.

    For a many-to-one task the head reads the state after the last valid step (of the backward
    direction, after the first); else the outputs of every step.
    """

    def __init__(self, spec: ModelSpec, n_in: int, n_out: int, many_to_one: bool) -> None:
        super().__init__()
        self.spec, self.n_in, self.n_out, self.many_to_one = spec, n_in, n_out, many_to_one
        self.embedding = (
            nn.Embedding(n_in, spec.embedding_size, padding_idx=PAD)
            if spec.embedding == "learned"
            else None
        )
        options = {name: getattr(spec, name) for name in CELLS[spec.cell].options}
        self.recurrent: nn.RNN | nn.GRU | nn.LSTM = LAYERS[spec.cell](
            spec.n_features(n_in),
            spec.hidden,
            num_layers=spec.layers,
            bidirectional=spec.bidirectional,
            batch_first=True,
            **options,
        )
        self.head = nn.Linear(spec.hidden * (1 + spec.bidirectional), n_out)

    def embed(self, tokens: Tensor) -> Tensor:
        """The input vectors (B,T,I) of the token ids (B,T); PAD is the zero vector."""
        if self.embedding is not None:
            vectors: Tensor = self.embedding(tokens)
            return vectors
        return one_hot(tokens, self.n_in).to(self.head.weight) * (tokens != PAD)[..., None]

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """Logits (B,T,V), or (B,V) for many-to-one, of `tokens` (B,T) with valid `lengths` (B,)."""
        outputs = self._outputs(self.embed(tokens), lengths)
        logits: Tensor = self.head(self._last(outputs, lengths) if self.many_to_one else outputs)
        return logits

    def read(self, outputs: Tensor) -> Tensor:
        """Logits of one sequence whose recurrent `outputs` are (T,D*H): (1,V) or (1,T,V).

        Any float type will do, so that a walk in double precision stays one.
        """
        weight, bias = self.head.weight.to(outputs), self.head.bias.to(outputs)
        at = self._last(outputs[None], torch.tensor([len(outputs)])) if self.many_to_one else None
        return linear(outputs[None] if at is None else at, weight, bias)

    def _outputs(self, x: Tensor, lengths: Tensor) -> Tensor:
        # What follows a sequence cannot reach back into it, so only the backward direction has to
        # be kept from the padding.
        if self.spec.bidirectional and int(lengths.min()) < x.shape[1]:
            packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
            return pad_packed_sequence(
                self.recurrent(packed)[0], batch_first=True, total_length=x.shape[1]
            )[0]
        outputs: Tensor = self.recurrent(x)[0]
        return outputs

    def _last(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """(B, D*H): each direction's state after all it has read."""
        H = self.spec.hidden
        rows = torch.arange(len(outputs), device=outputs.device)
        forward = outputs[rows, lengths.to(outputs.device) - 1, :H]
        return torch.cat([forward, outputs[:, 0, H:]], dim=-1)

    @property
    def parameter_count(self) -> int:
        """How many numbers training may change."""
        return sum(p.numel() for p in self.parameters())


def build(
    spec: ModelSpec, n_in: int, n_out: int, generator: torch.Generator, many_to_one: bool = False
) -> SequenceModel:
    """A model with starting weights drawn by `generator` from PyTorch's default distributions.

    The modules are made without memory first, because their own constructors would draw from the
    generator that all sessions of the server share.
    """
    with torch.device("meta"):
        model = SequenceModel(spec, n_in, n_out, many_to_one)
    model.to_empty(device="cpu")
    with torch.no_grad():
        if model.embedding is not None:
            model.embedding.weight.normal_(generator=generator)
            model.embedding.weight[PAD] = 0
        bound = spec.hidden**-0.5
        for weight in model.recurrent.parameters():
            weight.uniform_(-bound, bound, generator=generator)
        bound = model.head.in_features**-0.5
        model.head.weight.uniform_(-bound, bound, generator=generator)
        model.head.bias.uniform_(-bound, bound, generator=generator)
        _shape(model.recurrent, spec)
    return model


def build_for(task: Task, spec: ModelSpec, generator: torch.Generator) -> SequenceModel:
    """The model of `spec` that reads the tokens of `task` and answers with its labels."""
    n_in, n_out = len(task.vocabulary), len(task.labels)
    return build(spec, n_in, n_out, generator, many_to_one=task.kind == "many-to-one")


def _shape(recurrent: nn.RNNBase, spec: ModelSpec) -> None:
    """Give every H x H block its spectral radius, and the forget gates their bias."""
    blocks = CELLS[spec.cell].blocks
    for name, weight in recurrent.named_parameters():
        if spec.spectral_radius is not None and name.startswith("weight_hh"):
            for block in torch.split(weight, spec.hidden):
                radius = torch.linalg.eigvals(block.double()).abs().max().item()
                block *= spec.spectral_radius / radius
        if spec.forget_bias is not None and "forget" in blocks and name.startswith("bias_ih"):
            other = recurrent.get_parameter(name.replace("bias_ih", "bias_hh"))
            first = blocks.index("forget") * spec.hidden
            forget = slice(first, first + spec.hidden)
            weight[forget] = spec.forget_bias - other[forget]


def count_parameters(spec: ModelSpec, n_in: int, n_out: int) -> int:
    """The parameters of `build(spec, n_in, n_out, ...)`, without building it."""
    H, D, G = spec.hidden, 1 + spec.bidirectional, len(CELLS[spec.cell].blocks)
    features = spec.n_features(n_in)
    total = n_in * features if spec.embedding == "learned" else 0
    for layer in range(spec.layers):
        total += D * G * H * ((features if layer == 0 else D * H) + H + 2)
    return total + n_out * (D * H + 1)


def same_parameters(spec: ModelSpec, target: int, n_in: int, n_out: int) -> ModelSpec:
    """`spec` with the hidden units that bring its parameter count nearest to `target`."""
    allowed = rules(ModelSpec)["hidden"]
    assert isinstance(allowed, Range)
    sizes = [replace(spec, hidden=H) for H in range(int(allowed.low), int(allowed.high) + 1)]
    return min(sizes, key=lambda size: abs(count_parameters(size, n_in, n_out) - target))
