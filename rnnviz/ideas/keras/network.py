"""The model of the PyTorch listing as a module; the listing draws the same weights.

B sequences, T time steps.
"""

from typing import Any

import torch
from torch import Tensor, nn

from rnnviz.ideas.keras.choice import KERNEL, POOL, SIZE, UNITS, VOCABULARY, ModelChoice


class Network(nn.Module):
    """From ids (B,T) to logits (B,1): vectors, perhaps a convolution, recurrent layers, a head."""

    def __init__(self, choice: ModelChoice) -> None:
        super().__init__()
        self.choice = choice
        self.embedding = nn.Embedding(VOCABULARY, SIZE)
        if choice.convolution:
            self.convolution = nn.Conv1d(SIZE, UNITS, KERNEL)
            self.pooling = nn.MaxPool1d(POOL)
        layer: Any = getattr(nn, choice.torch_layer)
        self.recurrent = layer(
            choice.inputs[0],
            UNITS,
            num_layers=choice.layers,
            bidirectional=choice.bidirectional,
            batch_first=True,
            dropout=choice.dropout if choice.layers > 1 else 0.0,
        )
        self.dropout = nn.Dropout(choice.dropout)
        self.head = nn.Linear(UNITS * (1 + choice.bidirectional), 1)

    def forward(self, ids: Tensor) -> Tensor:
        x = self.embedding(ids)
        if self.choice.convolution:
            x = self.pooling(torch.relu(self.convolution(x.mT))).mT
        _outputs, states = self.recurrent(x)
        h = states[0] if self.choice.returns_pair else states
        last = torch.cat([h[-2], h[-1]], dim=-1) if self.choice.bidirectional else h[-1]
        logits: Tensor = self.head(self.dropout(last))
        return logits
