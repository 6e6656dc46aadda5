"""Beam search: extend several answers at once and keep the likeliest.

B sequences, W hypotheses of each, U steps, V labels.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.cells import States
from rnnviz.model.attention import Source
from rnnviz.tasks import END_LABEL

Step = Callable[[Source, Tensor, States], tuple[Tensor, Tensor | None, States]]
"""A decoder: logits (B,1,V) after the labels (B,1), its attention, its states after them."""


@dataclass(frozen=True)
class Hypothesis:
    """A possible answer: its `labels` without `END_LABEL`, and the logarithm of its probability.

    `ended` is False where the answer was cut off before it came to its end.
    """

    labels: tuple[int, ...]
    log_probability: float
    ended: bool

    @classmethod
    def of(cls, labels: Sequence[int], gains: Sequence[float]) -> "Hypothesis":
        """From labels up to an `END_LABEL` and beyond, each with its own log-probability."""
        ended = END_LABEL in labels
        size = labels.index(END_LABEL) if ended else len(labels)
        return cls(tuple(labels[:size]), sum(gains[: size + ended]), ended)


@torch.no_grad()
def beam_search(
    step: Step, source: Source, last_labels: Tensor, state: States, width: int, max_length: int
) -> list[list[Hypothesis]]:
    """Find up to `width` likeliest answers to each of B sources, the likeliest first.

    Answers are compared by their whole probability (no reward for length); one that has ended
    stays in the beam. `last_labels` (B,1) and `state` are what the decoder
    begins with. Answers have at most `max_length` labels, the `END_LABEL` counted.

    Raises:
        ValueError: a width or a length below 1.
    """
    if width < 1 or max_length < 1:
        raise ValueError(
            f"width is {width}, max_length is {max_length}; allowed is at least 1 for both"
        )
    B, W, device = len(last_labels), width, last_labels.device
    first = torch.arange(B, device=device).repeat_interleave(W)  # the rows of a beam: B*W
    source, last_labels, state = (
        source.select(first),
        last_labels[first],
        tuple(s[:, first] for s in state),
    )
    # All W begin alike: only one of them may continue.
    scores = torch.full((B, W), -torch.inf, device=device, dtype=source.outputs.dtype)
    scores[:, 0] = 0
    labels = torch.zeros(B, W, 0, dtype=torch.int64, device=device)
    gains = torch.zeros(B, W, 0, dtype=scores.dtype, device=device)
    ended = torch.zeros(B, W, dtype=torch.bool, device=device)
    base = torch.arange(B, device=device)[:, None]
    for _ in range(max_length):
        logits, _weights, state = step(source, last_labels, state)
        log_probabilities = logits.log_softmax(-1).reshape(B, W, -1)
        V = log_probabilities.shape[-1]
        # An ended answer continues with END_LABEL at no cost, and with nothing else.
        only_end = torch.full((V,), -torch.inf, device=device, dtype=log_probabilities.dtype)
        only_end[END_LABEL] = 0
        log_probabilities = torch.where(ended[..., None], only_end, log_probabilities)
        scores, best = (scores[..., None] + log_probabilities).flatten(1).topk(W)
        parent, label = best // V, best % V
        labels = torch.cat([labels[base, parent], label[..., None]], dim=-1)
        gains = torch.cat(
            [gains[base, parent], log_probabilities[base, parent, label, None]], dim=-1
        )
        ended = ended[base, parent] | (label == END_LABEL)
        rows = (base * W + parent).flatten()
        last_labels, state = label.flatten()[:, None], tuple(s[:, rows] for s in state)
        if bool(ended.all()):
            break
    return [
        [
            Hypothesis.of(labels[b, w].tolist(), gains[b, w].tolist())
            for w in range(W)
            if scores[b, w] > -torch.inf
        ]
        for b in range(B)
    ]
