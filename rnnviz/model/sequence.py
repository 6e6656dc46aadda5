"""Recurrent models: an embedding, one of PyTorch's own recurrent layers, a head.

B sequences, T time steps, I inputs, H hidden units, V answers, D directions.
"""

import torch
from torch import Tensor, nn

from rnnviz.cells import States
from rnnviz.model.layers import (
    Dropout,
    identity,
    make_dropout,
    multiply_adds_per_step,
    recurrent_layer,
    run,
    run_with_dropout,
)
from rnnviz.model.parts import ConvolutionFront, Embedding, apply_head, count_products, head
from rnnviz.model.spec import IOSpec, ModelSpec
from rnnviz.tasks import Batch


class SequenceModel(nn.Module):
    """Token ids or features in, answers out, through a recurrent layer that is PyTorch's own.

    Where there is one answer the head reads the state after the last valid step (of the backward
    direction, after the first); else the outputs of every step.
    """

    def __init__(self, spec: ModelSpec, io_spec: IOSpec) -> None:
        super().__init__()
        self.spec, self.io_spec = spec, io_spec
        self.embedding = Embedding(spec, io_spec)
        self.front = ConvolutionFront(spec, self.embedding.size) if spec.front else None
        size = spec.hidden if self.front else self.embedding.size
        self.recurrent = recurrent_layer(spec, size, bidirectional=spec.bidirectional)
        self.head = head(spec, spec.hidden * (1 + spec.bidirectional), io_spec.n_out)

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return next(self.parameters()).device

    def embed(
        self, inputs: Tensor, lengths: Tensor | None = None, dropout: Dropout = identity
    ) -> Tensor:
        """The vectors (B,T',I) that the recurrent layer reads; T' < T behind a convolution.

        `lengths` (B,): without them all of `inputs` is valid.
        """
        vectors: Tensor = self.embedding(inputs, dropout).to(self.recurrent.weight_ih_l0.dtype)
        if self.front is None:
            return vectors
        if lengths is None:
            lengths = torch.full((len(inputs),), inputs.shape[1])
        return dropout(self.front(vectors, lengths))

    def forward(
        self, inputs: Tensor, lengths: Tensor, generator: torch.Generator | None = None
    ) -> Tensor:
        """Answers (B,T,V), or (B,V), to `inputs` (B,T) or (B,T,I) with valid `lengths` (B,).

        In training mode `generator` draws what is dropped out.
        """
        return self.walk(inputs, lengths, None, generator)[0]

    def walk(
        self,
        inputs: Tensor,
        lengths: Tensor,
        state: States | None,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, States]:
        """`forward` from `state` on; and the state after the last step."""
        spec, generator = self.spec, generator if self.training else None
        dropout = make_dropout(spec.dropout, generator)
        x = self.embed(inputs, lengths, dropout)
        if self.front is not None:
            lengths = self.front.lengths(lengths)
        if generator is not None and spec.uses_dropout:
            outputs, after = run_with_dropout(
                self.recurrent,
                x,
                lengths,
                state,
                between=spec.dropout,
                within=spec.recurrent_dropout,
                of_state=spec.state_dropout,
                generator=generator,
            )
        else:
            outputs, after = run(self.recurrent, x, lengths, state)
        outputs = dropout(outputs)
        features = self._last(outputs, lengths) if self.io_spec.single_answer else outputs
        return apply_head(self.head, features, dropout), after

    def training_output(
        self, batch: Batch, generator: torch.Generator | None = None, forcing: float = 1.0
    ) -> Tensor:
        """The outputs for `batch` in training mode, with dropout.

        `forcing` is for models that read their own answers; this one does not.
        """
        return self.forward(batch.inputs, batch.lengths, generator)

    def predict(self, batch: Batch) -> Tensor:
        """The outputs for `batch`, without dropout."""
        return self.forward(batch.inputs, batch.lengths)

    def logits_from_outputs(self, outputs: Tensor) -> Tensor:
        """Answers to one sequence whose recurrent `outputs` are (T,D*H): (1,V) or (1,T,V).

        In the float type of `outputs`, so that double precision is kept.
        """
        wide = {name: weight.to(outputs) for name, weight in self.head.named_parameters()}
        lengths = torch.tensor([len(outputs)])
        features = (
            self._last(outputs[None], lengths) if self.io_spec.single_answer else outputs[None]
        )
        logits: Tensor = torch.func.functional_call(self.head, wide, (features,))
        return logits

    def _last(self, outputs: Tensor, lengths: Tensor) -> Tensor:
        """(B, D*H): each direction's last output."""
        if int(lengths.min()) == outputs.shape[1]:
            last = outputs[:, -1]  # the common case, whose gradient costs less
        else:
            last_indices = (lengths - 1).to(outputs.device)[:, None, None]
            last = outputs.gather(1, last_indices.expand(-1, 1, outputs.shape[2]))[:, 0]
        if not self.spec.bidirectional:
            return last
        H = self.spec.hidden
        return torch.cat([last[:, :H], outputs[:, 0, H:]], dim=-1)

    def multiply_adds(self, T: int, U: int | None = None) -> int:
        """The multiplications of one sequence of T steps, forward; it has no answer of U steps."""
        before = 0 if self.front is None else self.front.multiply_adds(T)
        steps = T if self.front is None else int(self.front.lengths(torch.tensor([T]))[0])
        answers = 1 if self.io_spec.single_answer else steps
        recurrent = steps * multiply_adds_per_step(self.recurrent)
        return before + recurrent + answers * count_products(self.head)
