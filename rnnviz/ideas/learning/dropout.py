"""Dropout that stays on while a model answers: a book's classifier of surnames, asked repeatedly.

B names, T time steps, H hidden units, V languages.
"""

from collections.abc import Generator

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, dropout

from rnnviz.ideas.learning.results import (
    ASKED,
    LEFT_ON_EPOCHS,
    LEFT_ON_NAMES,
    LEFT_ON_RATE,
    NAMES_IN_BATCH,
    UNITS,
    LeftOn,
)
from rnnviz.tasks import Batch, Surnames


class SurnameClassifier(nn.Module):
    """An Elman RNN, its last valid vector, two linear layers.

    Its dropout is a function that nobody tells of `eval()`: as Rao and McMahan (2019, chapter 6)
    write it, F.dropout(y, 0.5).
    """

    def __init__(self, vocabulary: int, labels: int, p: float) -> None:
        super().__init__()
        self.emb = nn.Embedding(vocabulary, UNITS, padding_idx=0)
        self.rnn = nn.RNN(UNITS, UNITS, batch_first=True)
        self.fc1 = nn.Linear(UNITS, UNITS)
        self.fc2 = nn.Linear(UNITS, labels)
        self.p = p

    def drop(self, y: Tensor) -> Tensor:
        """(B,H) with a share `p` of its numbers set to 0, in whatever mode the model is."""
        return dropout(y, self.p)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        """(B,T) and (B,) -> logits (B,V)."""
        outputs, _last = self.rnn(self.emb(tokens))
        y = outputs[torch.arange(len(tokens)), lengths - 1]
        y = torch.relu(self.fc1(self.drop(y)))
        logits: Tensor = self.fc2(self.drop(y))
        return logits


class Mended(SurnameClassifier):
    """The same, but its dropout ends with `eval()`."""

    def drop(self, y: Tensor) -> Tensor:
        return dropout(y, self.p, training=self.training)


def answer_repeatedly(p: float, seed: int = 0) -> Generator[float, None, LeftOn]:
    """Train with dropout `p` and ask `ASKED` times after `eval()`; yields the share that is done.

    The names stand between BEGIN and END, as in the book.
    """
    task = Surnames(ends="with")
    # Evenly from the list, which is sorted by language.
    train = task.select([k * task.size() // LEFT_ON_NAMES for k in range(LEFT_ON_NAMES)])
    held_out = task.held_out_batch()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        sizes = len(task.vocabulary), len(task.labels)
        model = SurnameClassifier(*sizes, p)
        optimiser = torch.optim.Adam(model.parameters(), lr=LEFT_ON_RATE)
        for epoch in range(LEFT_ON_EPOCHS):
            for rows in torch.split(torch.randperm(LEFT_ON_NAMES), NAMES_IN_BATCH):
                optimiser.zero_grad()
                logits = model(train.inputs[rows], train.lengths[rows])
                cross_entropy(logits, train.targets[rows]).backward()  # type: ignore[no-untyped-call]
                optimiser.step()
            yield (epoch + 1) / LEFT_ON_EPOCHS
        on = _answers(model, held_out)
        mended = Mended(*sizes, p)
        mended.load_state_dict(model.state_dict())
        off = _answers(mended, held_out)
    return LeftOn(
        on=_shares(on == held_out.targets),
        off=_shares(off == held_out.targets),
        on_changed=_shares(on[1:] != on[:-1]),
        off_changed=_shares(off[1:] != off[:-1]),
        names=len(held_out),
    )


@torch.no_grad()
def _answers(model: SurnameClassifier, batch: Batch) -> Tensor:
    """The answers (ASKED,B) of `model` in evaluation mode."""
    model.eval()
    return torch.stack([model(batch.inputs, batch.lengths).argmax(1) for _ in range(ASKED)])


def _shares(flags: Tensor) -> tuple[float, ...]:
    """The share of each row (N,B) -> N."""
    return tuple(flags.double().mean(1).tolist())
