"""Training and validation loss of a small model of surnames, measured after every epoch."""

from collections.abc import Generator

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from rnnviz.ideas.learning.results import (
    EMBEDDING,
    EPOCHS,
    EVERY,
    NAMES_IN_BATCH,
    Curves,
)
from rnnviz.tasks import Batch, Surnames


class Reader(nn.Module):
    """Embedding, GRU, dropout, one linear layer on the last state of each name."""

    def __init__(self, vocabulary: int, labels: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, EMBEDDING)
        self.gru = nn.GRU(EMBEDDING, hidden, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.head = nn.Linear(hidden, labels)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """(B,T) and (B,) -> logits (B,V)."""
        states, _last = self.gru(self.dropout(self.embedding(tokens)))
        last: Tensor = states[torch.arange(len(tokens)), lengths - 1]
        logits: Tensor = self.head(self.dropout(last))
        return logits


def train_curves(
    size: int, hidden: int, dropout: float, seed: int = 0
) -> Generator[float, None, Curves]:
    """Train on `size` names for `EPOCHS` epochs; yields the share that is done."""
    task = Surnames()
    # Evenly from the list, which is sorted by language.
    training = task.select([k * task.size() // size for k in range(size)])
    validation = task.select(range(0, task.size("validation"), EVERY), "validation")
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = Reader(len(task.vocabulary), len(task.labels), hidden, dropout)
        optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
        measured = [(_measure(model, training)[0], *_measure(model, validation))]
        for epoch in range(EPOCHS):
            model.train()
            for rows in torch.split(torch.randperm(size), NAMES_IN_BATCH):
                optimiser.zero_grad()
                logits = model(training.inputs[rows], training.lengths[rows])
                loss = cross_entropy(logits, training.targets[rows])
                loss.backward()  # type: ignore[no-untyped-call]
                optimiser.step()
            measured.append((_measure(model, training)[0], *_measure(model, validation)))
            yield (epoch + 1) / EPOCHS
    losses, held_out, accuracy = zip(*measured, strict=True)
    count = sum(weight.numel() for weight in model.parameters())
    return Curves(losses, held_out, accuracy, count)


@torch.no_grad()
def _measure(model: Reader, batch: Batch) -> tuple[float, float]:
    """The mean loss and the accuracy in evaluation mode: no dropout, no gradient."""
    model.eval()
    logits = model(batch.inputs, batch.lengths)
    right = (logits.argmax(1) == batch.targets).float().mean()
    return float(cross_entropy(logits, batch.targets)), float(right)
