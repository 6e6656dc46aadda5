"""Memory as a question to the final state: which token was the first?

A linear probe is trained on the final states of many random sequences and tested on others. Unlike
leaving a token out, which says how sensitive the state is, it says what can be read off the state.
N sequences, T time steps, D directions, H hidden units, K candidates.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import one_hot

from rnnviz.messages import N_, Problem
from rnnviz.model import SequenceModel
from rnnviz.tasks import Task
from rnnviz.text import BOS, SPECIALS
from rnnviz.tracing import require_finite

TRAINING_SEQUENCES, TEST_SEQUENCES = 4000, 2000
CANDIDATES = 20
"""The most tokens that may come first."""

RIDGE = 1e-3
"""The penalty of the regression: so small that it only decides where a unit never changes."""

LENGTHS = tuple(range(1, 21))
"""After how many tokens the probe is trained and tested anew."""

LONGER = (30, 50, 80, 120, 200)
"""The lengths beyond `LENGTHS` that lead to the length of a long text."""

SHUFFLES = 20
"""Shufflings of the labels over which the control is a mean: the labels that one of them happens to
give to a few distinct states decide too much."""

OPENING_EXAMPLES = 1000
"""Training examples among which the most frequent first tokens are counted."""

CHUNK = 10_000
"""Tokens in one batch: the states of all at once would need hundreds of megabytes."""

TOO_FEW_CANDIDATES = N_(
    "A probe needs at least two tokens that may come first; this model knows {count}."
)


@dataclass(frozen=True, eq=False)
class ProbeCurve:
    """How often a probe names the first token of sequences that it was not trained on.

    Args:
        lengths: after how many tokens.
        accuracy: at each length, the share of the test sequences of which it names the first token.
        control: the same of probes that learned from shuffled labels, their mean; about `chance`
            unless a probe can do without the state.
        candidates: the ids of the K tokens that may come first.
        weights: of the probe at each length, (D*H + 1, K); the last row is the bias.
    """

    lengths: tuple[int, ...]
    accuracy: tuple[float, ...]
    control: tuple[float, ...]
    candidates: tuple[int, ...]
    weights: tuple[Tensor, ...]

    @property
    def chance(self) -> float:
        """What guessing reaches: all candidates are equally frequent."""
        return 1 / len(self.candidates)

    @property
    def selectivity(self) -> tuple[float, ...]:
        """What the probe owes to the state: its accuracy minus that of the control."""
        return tuple(a - c for a, c in zip(self.accuracy, self.control, strict=True))

    def at(self, length: int) -> float:
        """The accuracy after `length` tokens, one of `lengths`."""
        return self.accuracy[self.lengths.index(length)]

    def first_token(self, model: SequenceModel, ids: Sequence[int]) -> int:
        """The id that the probe takes for the first of `ids`, whose count is one of `lengths`."""
        [states] = final_states(model, torch.tensor([list(ids)]), (len(ids),))
        return self.token_of(states[0], len(ids))

    def token_of(self, state: Tensor, length: int) -> int:
        """The id that the probe reads off the final `state` (D*H,) after one of `lengths`."""
        scores = _with_bias(state[None]) @ self.weights[self.lengths.index(length)]
        return self.candidates[int(scores.argmax())]


def first_token_probe(
    model: SequenceModel,
    lengths: Sequence[int],
    candidates: Sequence[int],
    generator: torch.Generator,
) -> ProbeCurve:
    """How well the first of `lengths` tokens can be read off the final state of `model`.

    Each sequence begins with one of `candidates`, all of them equally often on average; the rest is
    drawn evenly from the vocabulary. A prefix of such a sequence is one too, so that the longest
    sequences serve for all lengths. The probe is a ridge regression onto the K candidates, fitted
    to 4,000 sequences, that names the one with the highest score; tested are 2,000 others. The
    control learns from the same states with the labels shuffled among the sequences. (Shuffled by
    type, as where a probe names classes of words, the labels would only be renamed: here the type
    is the label.)

    Raises:
        Problem: fewer than two candidates; states that are not finite.
    """
    if len(candidates) < 2:
        raise Problem(TOO_FEW_CANDIDATES, count=len(candidates))
    K, n, N = len(candidates), TRAINING_SEQUENCES, TRAINING_SEQUENCES + TEST_SEQUENCES
    labels = torch.randint(K, (N,), generator=generator)
    ids = torch.randint(len(SPECIALS), model.io_spec.n_in, (N, max(lengths)), generator=generator)
    ids[:, 0] = torch.tensor(candidates)[labels]
    shuffled = [labels[:n][torch.randperm(n, generator=generator)] for _ in range(SHUFFLES)]
    targets = one_hot(torch.stack([labels[:n], *shuffled], 1), K).double().flatten(1)
    accuracy: list[float] = []
    control: list[float] = []
    weights = []
    for states in final_states(model, ids, lengths):
        inputs = _with_bias(states)
        probes = ridge(inputs[:n], targets)
        names = (inputs[n:] @ probes).reshape(N - n, -1, K).argmax(-1)
        correct = (names == labels[n:, None]).double().mean(0)
        accuracy.append(correct[0].item())
        control.append(correct[1:].mean().item())
        weights.append(probes[:, :K].clone())
    return ProbeCurve(
        tuple(lengths), tuple(accuracy), tuple(control), tuple(candidates), tuple(weights)
    )


def ridge(inputs: Tensor, targets: Tensor) -> Tensor:
    """The weights (F, M) of ridge regressions of `targets` (N, M) on `inputs` (N, F).

    The last column of `inputs`, the constant of the bias, is not penalised.
    """
    penalty = torch.full((inputs.shape[1],), RIDGE).to(inputs)
    penalty[-1] = 0
    weights: Tensor = torch.linalg.solve(inputs.T @ inputs + penalty.diag(), inputs.T @ targets)
    return weights


@torch.no_grad()
def final_states(model: SequenceModel, ids: Tensor, lengths: Sequence[int]) -> list[Tensor]:
    """Per length the states (N, D*H) of which `model` answers after so many of `ids` (N, T).

    The output of the top layer: of its backward direction, that at the first step.
    """
    size = max(1, CHUNK // ids.shape[1])
    chunks = [_chunk_states(model, chunk, lengths) for chunk in torch.split(ids, size)]
    return [torch.cat(states) for states in zip(*chunks, strict=True)]


def _chunk_states(model: SequenceModel, ids: Tensor, lengths: Sequence[int]) -> list[Tensor]:
    x = model.embed(ids.to(model.device))
    if not model.spec.bidirectional:
        outputs = model.recurrent(x)[0].cpu()
        require_finite(outputs.transpose(0, 1))
        return [outputs[:, length - 1].clone() for length in lengths]
    H, states = model.spec.hidden, []
    for length in lengths:  # what the backward direction has read depends on where it began
        outputs = model.recurrent(x[:, :length])[0].cpu()
        require_finite(outputs.transpose(0, 1))
        states.append(torch.cat([outputs[:, -1, :H], outputs[:, 0, H:]], -1))
    return states


def _with_bias(states: Tensor) -> Tensor:
    """`states` (N, F) in double precision, with a column of ones."""
    return torch.cat([states.double(), torch.ones(len(states), 1, dtype=torch.float64)], -1)


def opening_tokens(task: Task) -> tuple[int, ...]:
    """The ids of the tokens that examples of `task` begin with most often, at most `CANDIDATES`.

    BEGIN, which examples may have in common, does not count. Where the examples begin alike, as a
    text learnt by heart does, other tokens of the vocabulary fill up.
    """
    batch = task.batch(OPENING_EXAMPLES, torch.Generator().manual_seed(0))
    first = int((batch.inputs[:, 0] == BOS).all())
    counts = Counter(batch.inputs[:, first].tolist())
    ids = [each for each, _count in counts.most_common() if each >= len(SPECIALS)]
    ids += range(len(SPECIALS), len(task.vocabulary))
    return tuple(dict.fromkeys(ids))[:CANDIDATES]


def including(candidates: tuple[int, ...], first: int) -> tuple[int, ...]:
    """`candidates` with the id `first` among them: if need be in place of the last."""
    if first in candidates:
        return candidates
    return (*candidates[: CANDIDATES - 1], first)


def probe_lengths(T: int) -> tuple[int, ...]:
    """The lengths of a curve on which a text of `T` tokens has its place."""
    if max(LENGTHS) >= T:
        return LENGTHS
    return (*LENGTHS, *(length for length in LONGER if length < T), T)
