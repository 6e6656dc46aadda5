"""How far back a network remembers: what is left of each token, and what is recalled after a lag.

T time steps, I inputs, D directions, H hidden units.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.messages import N_, Message
from rnnviz.model import Model, SequenceModel
from rnnviz.tasks import Task


@dataclass(frozen=True)
class WordShares:
    """What is left of each token in the hidden state, by leave-one-out.

    `table` (T,T): row t, column s: how far the top layer's state after step t moves (Euclidean
    norm) when token s is left out; zero above the diagonal unless the model reads both ways.
    """

    table: Tensor

    @property
    def norms(self) -> Tensor:
        """(T,): how far the final state moves when each token is left out."""
        return self.table[-1]

    @property
    def shares(self) -> Tensor:
        """(T,): `norms` as shares of their sum; all zero when no token matters."""
        return self.shares_over_time[-1]

    @property
    def shares_over_time(self) -> Tensor:
        """(T,T): each row of `table` as shares of its sum."""
        return self.table / self.table.sum(1, keepdim=True).clamp_min(torch.finfo().tiny)


def word_shares(model: SequenceModel, ids: list[int]) -> WordShares:
    """How much of each of the T tokens `ids` is left in the hidden state after each step.

    Leaving a token out means that its input vector is zero; all T variants are one batch.
    """
    T = len(ids)
    device = model.device
    with torch.no_grad():
        x = model.embed(torch.tensor([ids], device=device))
        variants = x.repeat(T + 1, 1, 1)
        variants[range(T), range(T)] = 0
        outputs = model.recurrent(variants)[0].cpu()
        if model.spec.bidirectional:
            # The backward direction has read everything at step 0: reverse it to the same order.
            H = model.spec.hidden
            outputs = torch.cat([outputs[..., :H], outputs[..., H:].flip(1)], dim=-1)
        shifts = torch.linalg.vector_norm(outputs[:T] - outputs[T], dim=-1)
    # What comes later cannot matter; rounding inside a batch says otherwise in the last digit.
    return WordShares(shifts.T if model.spec.bidirectional else shifts.T.tril())


@dataclass(frozen=True)
class Recall:
    """Accuracy at each of `lags`, beside what blind guessing reaches."""

    lags: tuple[int, ...]
    accuracy: tuple[float, ...]
    chance: float

    @property
    def least(self) -> float:
        """The lowest accuracy at which a symbol counts as recalled: halfway from chance to 1."""
        return (1 + self.chance) / 2

    @property
    def reach(self) -> int:
        """The longest lag up to which every accuracy is at least `least`."""
        reached = -1
        for lag, accuracy in zip(self.lags, self.accuracy, strict=True):
            if accuracy < self.least:
                break
            reached = lag
        return max(reached, 0)


def recall(model: Model, task: Task, generator: torch.Generator) -> Recall:
    """How often `model` recalls the symbol at each of `task.lags`, 100 trials each.

    All sequences have the length that the model was trained on.
    """
    trials = 100
    batch = task.batch_with_lags(torch.tensor(task.lags).repeat_interleave(trials), generator)
    on_device = batch.to(model.device)
    with torch.no_grad():
        logits = model(on_device.inputs, on_device.lengths)
    correct = (logits.argmax(-1) == on_device.targets).float().cpu().reshape(len(task.lags), trials)
    return Recall(task.lags, tuple(correct.mean(1).tolist()), task.chance)


RECALLED_ALL = N_(
    "{cell} recalls the symbol at least {least:.1%} of the time, halfway from guessing to always, "
    "over the whole lag of {lag} {lag:step|steps}."
)
RECALLED_PART = N_(
    "{cell} recalls the symbol at least {least:.1%} of the time, halfway from guessing to always, "
    "over {reach} of {lag} steps."
)
RECALLED_NONE = N_(
    "{cell} does not recall the symbol {least:.1%} of the time, halfway from guessing to always, "
    "even at the shortest lag, {first}."
)
FIRST_TOKEN_SHARE = N_(
    'Of what {cell} holds at the end, {share:.0%} is the first token, "{token}".'
)


def recall_message(cell: str, result: Recall) -> Message:
    """One plain sentence on what the cell called `cell` remembered."""
    lag = result.lags[-1]
    values = {"cell": cell, "least": result.least}
    if result.reach == lag:
        return Message(RECALLED_ALL, {**values, "lag": lag})
    if result.reach == 0:
        return Message(RECALLED_NONE, {**values, "first": result.lags[1]})
    return Message(RECALLED_PART, {**values, "reach": result.reach, "lag": lag})


def share_message(cell: str, token: str, share: float) -> Message:
    """One plain sentence on how much of the final state the first `token` still makes up."""
    return Message(FIRST_TOKEN_SHARE, {"cell": cell, "token": token, "share": share})
