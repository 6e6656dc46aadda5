"""The decoder: a recurrent layer that produces an answer label by label.

B sequences, T source steps, S numbers at each of them, U steps of an answer, H hidden units,
L layers, V labels.
"""

import torch
from torch import Tensor, nn

from rnnviz.cells import States, cell_type_of
from rnnviz.model.attention import Attention, Source
from rnnviz.model.layers import make_dropout, recurrent_layer, run, run_with_dropout
from rnnviz.model.parts import apply_head, head
from rnnviz.model.spec import IOSpec, ModelSpec
from rnnviz.tasks.framework.batches import valid_mask


class Decoder(nn.Module):
    """Produces an answer label by label; at every step it reads the label before.

    It starts from the encoder's last states, through one linear layer with tanh; every state but h,
    such as an LSTM's c, starts at zero. The label V, which no answer contains, begins every
    answer (BOS).
    """

    def __init__(self, spec: ModelSpec, io_spec: IOSpec) -> None:
        super().__init__()
        self.spec, self.begin = spec, io_spec.n_out
        source = spec.hidden * (1 + spec.bidirectional)
        self.bridge = nn.Linear(source, spec.layers * spec.hidden)
        self.table = nn.Embedding(io_spec.n_out + 1, spec.embedding_size)
        self.recurrent = recurrent_layer(spec, spec.embedding_size, bidirectional=False)
        self.attention = Attention(spec.hidden, source) if spec.attention else None
        self.head = head(spec, spec.hidden, io_spec.n_out)

    def source(self, outputs: Tensor, lengths: Tensor) -> Source:
        """The source for the decoder: the encoder's `outputs` (B,T,S), `lengths` (B,)."""
        H = self.spec.hidden
        valid = valid_mask(lengths, outputs.shape[1]).to(outputs.device)
        rows = torch.arange(len(outputs), device=outputs.device)
        forward = outputs[rows, lengths.to(outputs.device) - 1, :H]
        # The backward direction has read everything when it reaches the first step.
        summary = torch.cat([forward, outputs[:, 0, H:]], dim=-1)
        keys = None if self.attention is None else self.attention.score(outputs)
        return Source(outputs, valid, summary, keys)

    def initial_state(self, source: Source) -> States:
        """The states (L,B,H) before the first label."""
        h = torch.tanh(self.bridge(source.summary))
        h = h.reshape(len(h), self.spec.layers, -1).transpose(0, 1).contiguous()
        others = cell_type_of(self.recurrent).states[1:]
        return (h, *(torch.zeros_like(h) for _ in others))

    def forward(
        self,
        source: Source,
        labels: Tensor,
        state: States,
        generator: torch.Generator | None = None,
    ) -> tuple[Tensor, Tensor | None, States]:
        """The logits (B,U,V) after each of the labels that are read (B,U).

        Also the weights (B,U,T) of the attention, where there is one, and the state after the last
        step. In training mode `generator` draws what is dropped out.
        """
        spec, generator = self.spec, generator if self.training else None
        dropout = make_dropout(spec.dropout, generator)
        x = dropout(self.table(labels))
        if generator is not None and spec.uses_dropout:
            h, after = run_with_dropout(
                self.recurrent,
                x,
                torch.full((len(labels),), labels.shape[1]),
                state,
                between=spec.dropout,
                within=spec.recurrent_dropout,
                of_state=spec.state_dropout,
                generator=generator,
            )
        else:
            h, after = run(self.recurrent, x, None, state)
        h = dropout(h)
        weights = None
        if self.attention is not None:
            h, weights = self.attention(h, source)
        return apply_head(self.head, h, dropout), weights, after

    def shift_right(self, targets: Tensor) -> Tensor:
        """The right label before each of `targets` (B,U); before the first, the beginning."""
        return torch.cat([self.start_tokens(len(targets)), targets[:, :-1]], dim=1)

    def start_tokens(self, n: int) -> Tensor:
        """What is read before the first label of `n` answers (n,1)."""
        return torch.full((n, 1), self.begin, device=self.table.weight.device)

    @torch.no_grad()
    def scheduled_sampling(
        self, source: Source, targets: Tensor, forcing: float, generator: torch.Generator | None
    ) -> Tensor:
        """`shift_right`, each label replaced by the decoder's own with probability 1 - `forcing`.

        Scheduled sampling with the likeliest label (Bengio et al. 2015, "Scheduled Sampling for
        Sequence Prediction with Recurrent Neural Networks"). The labels
        are computed without dropout.
        """
        shifted, state = self.shift_right(targets), self.initial_state(source)
        B, U = shifted.shape
        is_forced = torch.zeros(B, U, dtype=torch.bool)
        if forcing > 0:
            # Drawn on the CPU, so that equal experiments read the same on every device.
            is_forced = torch.rand(B, U, generator=generator) < forcing
        is_forced = is_forced.to(shifted.device)
        labels = [shifted[:, :1]]
        for u in range(1, U):
            logits, _weights, state = self(source, labels[-1], state)
            labels.append(
                torch.where(is_forced[:, u, None], shifted[:, u : u + 1], logits.argmax(-1))
            )
        return torch.cat(labels, dim=1)

    def decode_greedily(self, source: Source, U: int) -> Tensor:
        """Logits (B,U,V) where each step reads the likeliest label of the step before (greedy)."""
        labels, state, all_logits = (
            self.start_tokens(len(source.outputs)),
            self.initial_state(source),
            [],
        )
        for _ in range(U):
            logits, _weights, state = self(source, labels, state)
            all_logits.append(logits)
            labels = logits.argmax(-1)
        return torch.cat(all_logits, dim=1)
