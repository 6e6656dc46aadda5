"""How sensitive the hidden state is to each token that was read.

Sensitive is not the same as remembering: a state may move far without a token and still not tell
which token it was. `rnnviz.memory.probe` asks for that. T time steps.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.messages import N_, Message
from rnnviz.model import SequenceModel

FIRST_TOKEN_SHARE = N_(
    "{cell}: of all that moves its final state when one token is left out, the first token, "
    '"{token}", makes up {share:.0%}. That says how sensitive it is, not what it remembers.'
)


@dataclass(frozen=True)
class TokenSensitivity:
    """How far the hidden state moves when each token is left out (leave-one-out).

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


def token_sensitivity(model: SequenceModel, ids: list[int]) -> TokenSensitivity:
    """How far the hidden state after each step moves without each of the T tokens `ids`.

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
    return TokenSensitivity(shifts.T if model.spec.bidirectional else shifts.T.tril())


def share_message(cell: str, token: str, share: float) -> Message:
    """One plain sentence on how sensitive the final state is to the first `token`."""
    return Message(FIRST_TOKEN_SHARE, {"cell": cell, "token": token, "share": share})
