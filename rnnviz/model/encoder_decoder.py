"""Encoder and decoder: one recurrent layer reads a sequence, another writes the answer.

Sutskever, Vinyals and Le 2014, "Sequence to Sequence Learning with Neural Networks".

B sequences, T source steps, S numbers at each of them, U steps of an answer, V labels.
"""

import torch
from torch import Tensor, nn

from rnnviz.messages import N_, Problem
from rnnviz.model.attention import Source
from rnnviz.model.beam import Hypothesis, beam_search
from rnnviz.model.decoder import Decoder
from rnnviz.model.layers import (
    Dropout,
    identity,
    make_dropout,
    multiply_adds_per_step,
    recurrent_layer,
    run,
    run_with_dropout,
)
from rnnviz.model.parts import Embedding, count_products
from rnnviz.model.spec import IOSpec, ModelSpec
from rnnviz.tasks import Batch

NO_FRONT = N_(
    "A convolution in front is {front}; for a task whose answer is a sequence, allowed is: False."
)


class EncoderDecoder(nn.Module):
    """Token ids or features in, a sequence of labels out that ends itself with `END_LABEL`.

    `recurrent`, PyTorch's own layer, is the encoder: the answer is a function of its outputs.
    """

    def __init__(self, spec: ModelSpec, io_spec: IOSpec) -> None:
        super().__init__()
        if spec.front:
            raise Problem(NO_FRONT, front=spec.front)
        self.spec, self.io_spec = spec, io_spec
        self.embedding = Embedding(spec, io_spec)
        self.recurrent = recurrent_layer(
            spec, self.embedding.size, bidirectional=spec.bidirectional
        )
        self.decoder = Decoder(spec, io_spec)

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return next(self.parameters()).device

    def embed(self, inputs: Tensor, dropout: Dropout = identity) -> Tensor:
        """The vectors (B,T,I) that the encoder reads."""
        vectors: Tensor = self.embedding(inputs, dropout).to(self.recurrent.weight_ih_l0.dtype)
        return vectors

    def encode(
        self, inputs: Tensor, lengths: Tensor, generator: torch.Generator | None = None
    ) -> Source:
        """What the encoder makes of `inputs` (B,T) or (B,T,I) with valid `lengths` (B,).

        In training mode `generator` draws what is dropped out.
        """
        spec, generator = self.spec, generator if self.training else None
        dropout = make_dropout(spec.dropout, generator)
        x = self.embed(inputs, dropout)
        if generator is not None and spec.uses_dropout:
            outputs, _after = run_with_dropout(
                self.recurrent,
                x,
                lengths,
                None,
                between=spec.dropout,
                within=spec.recurrent_dropout,
                of_state=spec.state_dropout,
                generator=generator,
            )
        else:
            outputs, _after = run(self.recurrent, x, lengths)
        return self.decoder.source(dropout(outputs), lengths)

    def training_output(
        self, batch: Batch, generator: torch.Generator | None = None, forcing: float = 1.0
    ) -> Tensor:
        """Logits (B,U,V) in training mode, with dropout.

        `forcing`: the chance of each step to read the right label before it (teacher forcing;
        Williams and Zipser 1989) and not the decoder's own; between 0 and 1 it takes a `generator`.
        """
        source = self.encode(batch.inputs, batch.lengths, generator)
        if forcing < 1:
            read = self.decoder.scheduled_sampling(source, batch.targets, forcing, generator)
        else:
            read = self.decoder.shift_right(batch.targets)
        logits: Tensor = self.decoder(source, read, self.decoder.initial_state(source), generator)[
            0
        ]
        return logits

    def predict(self, batch: Batch) -> Tensor:
        """Logits (B,U,V), decoded greedily over as many steps as `batch` has targets."""
        source = self.encode(batch.inputs, batch.lengths)
        return self.decoder.decode_greedily(source, batch.targets.shape[1])

    def logits_from_outputs(self, outputs: Tensor, batch: Batch) -> Tensor:
        """Logits (1,U,V) from the encoder's `outputs` (T,S) for one sequence, teacher-forced."""
        # cuDNN's backward needs training mode, and this runs in evaluation mode.
        with torch.backends.cudnn.flags(enabled=False):
            source = self.decoder.source(outputs[None], batch.lengths)
            read, state = (
                self.decoder.shift_right(batch.targets),
                self.decoder.initial_state(source),
            )
            logits: Tensor = self.decoder(source, read, state)[0]
        return logits

    @torch.no_grad()
    def attention(self, batch: Batch) -> Tensor:
        """The weights (B,U,T) of each step of the right answer; zero beyond each source.

        Raises:
            LookupError: a model without attention.
        """
        source = self.encode(batch.inputs, batch.lengths)
        read, state = self.decoder.shift_right(batch.targets), self.decoder.initial_state(source)
        weights: Tensor | None = self.decoder(source, read, state)[1]
        if weights is None:
            raise LookupError("this model has no attention")
        return weights

    @torch.no_grad()
    def greedy(self, inputs: Tensor, lengths: Tensor, max_length: int) -> list[Hypothesis]:
        """The answer to each sequence, the likeliest label at every step; at most `max_length`."""
        logits = self.decoder.decode_greedily(self.encode(inputs, lengths), max_length)
        best = logits.log_softmax(-1).max(-1)
        return [
            Hypothesis.of(labels, gains)
            for labels, gains in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]

    def beam(
        self, inputs: Tensor, lengths: Tensor, width: int, max_length: int
    ) -> list[list[Hypothesis]]:
        """The up to `width` best answers found to each sequence, the likeliest first.

        Raises:
            ValueError: a width or a length below 1.
        """
        with torch.no_grad():
            source = self.encode(inputs, lengths)
        decoder = self.decoder
        return beam_search(
            decoder,
            source,
            decoder.start_tokens(len(inputs)),
            decoder.initial_state(source),
            width,
            max_length,
        )

    def multiply_adds(self, T: int, U: int | None = None) -> int:
        """The multiplications of one answer of U steps (None: as many as T) to T source steps."""
        U = T if U is None else U
        decoder = self.decoder
        attention = 0 if decoder.attention is None else decoder.attention.multiply_adds(T, U)
        return (
            T * multiply_adds_per_step(self.recurrent)
            + decoder.bridge.weight.numel()
            + U * (multiply_adds_per_step(decoder.recurrent) + count_products(decoder.head))
            + attention
        )
