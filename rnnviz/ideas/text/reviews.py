"""The embedding of the film reviews, before and after training: the article's own model.

10,000 words, the first 20 of each sentence, vectors of 8 numbers; a reader of them that answers
whether the critic liked the film: all 160 numbers in a row and one linear layer, or a simple RNN.
"""

from collections.abc import Generator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Reader = Literal["dense", "rnn"]

V, T, D = 10_000, 20, 8
STEPS = 200
"""The last training step."""
STOPS = (0, 1, 2, 3, 5, 7, 10, 20, 30, 50, 70, 100, 200)
"""The training steps at which the table is stored."""
BATCH, LEARNING_RATE = 128, 0.01
HIDDEN = 32
"""Units of the RNN; as in the book."""
MARKED, OFTEN = 60, 12
"""How many words of each kind are marked, and how often each occurs at least."""


@dataclass(frozen=True, eq=False)
class TrainedEmbedding:
    """The table at every stop, and what the model could do by then.

    Attributes:
        words: the word of each row, without the special ones.
        tables: by stop, (len(words), 8), float16.
        accuracy: by stop, the share of right answers on the validation sentences.
        marked: the rows of the words most typical of liked films, then of disliked ones.
    """

    words: tuple[str, ...]
    tables: dict[int, NDArray[np.float16]]
    accuracy: dict[int, float]
    marked: tuple[int, ...]

    def marked_vectors(self, step: int) -> NDArray[np.float32]:
        """(120, 8): the vectors of the marked words at a stop, the liked ones first."""
        return np.asarray(self.tables[step][list(self.marked)].astype(np.float32))

    def agreement(self, step: int) -> float:
        """The share of marked words whose nearest marked word (cosine) is of their own kind."""
        vectors = self.marked_vectors(step)
        unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        cosines = unit @ unit.T
        np.fill_diagonal(cosines, -2)
        kinds = np.arange(len(vectors)) < len(vectors) // 2
        return float((kinds[cosines.argmax(1)] == kinds).mean())


def train(reader: Reader, seed: int) -> Generator[float, None, TrainedEmbedding]:
    """Train the model on the film reviews; yields the share that is done."""
    import torch
    from torch import nn
    from torch.nn.functional import binary_cross_entropy_with_logits, embedding

    from rnnviz.tasks.classify.sentiment import opinion_splits
    from rnnviz.text import SPECIALS, Vectoriser

    torch.set_num_threads(1)
    vectoriser = Vectoriser("word", V, T)
    splits = opinion_splits()
    vocabulary = vectoriser.fit(text for text, _label in splits["train"])
    generator = torch.Generator().manual_seed(seed)

    def encode(split: Literal["train", "validation"]) -> tuple[torch.Tensor, ...]:
        rows = [vectoriser(text, vocabulary) for text, _label in splits[split]]
        inputs = torch.tensor([row + [0] * (T - len(row)) for row in rows])
        lengths = torch.tensor([len(row) for row in rows])
        return inputs, lengths, torch.tensor([float(label) for _text, label in splits[split]])

    inputs, lengths, targets = encode("train")
    held_out = encode("validation")

    def start(*shape: int, bound: float) -> torch.Tensor:
        return ((torch.rand(*shape, generator=generator) * 2 - 1) * bound).requires_grad_()

    # Keras' Embedding starts uniform within 0.05; the last layer as Glorot and Bengio (2010).
    table = start(len(vocabulary), D, bound=0.05)
    size = T * D if reader == "dense" else HIDDEN
    weight, bias = start(1, size, bound=(6 / (size + 1)) ** 0.5), torch.zeros(1).requires_grad_()
    parameters = [table, weight, bias]
    rnn = nn.RNN(D, HIDDEN, batch_first=True)
    if reader == "rnn":
        for parameter in rnn.parameters():
            with torch.no_grad():
                parameter.copy_(start(*parameter.shape, bound=HIDDEN**-0.5))
        parameters += rnn.parameters()

    def logits(tokens: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        vectors = embedding(tokens, table, padding_idx=0)
        if reader == "dense":
            features = vectors.flatten(1)
        else:
            states, _last = rnn(vectors)
            features = states[torch.arange(len(tokens)), lengths - 1]
        return (features @ weight.T + bias)[:, 0]

    def accuracy() -> float:
        with torch.no_grad():
            answers = logits(held_out[0], held_out[1]) > 0
        return float((answers == held_out[2].bool()).float().mean())

    with torch.no_grad():
        table[0] = 0
    optimiser = torch.optim.Adam(parameters, lr=LEARNING_RATE)
    tables, scores = {}, {}
    first = len(SPECIALS)
    for step in range(STEPS + 1):
        if step in STOPS:
            tables[step] = table.detach()[first:].numpy().astype(np.float16)
            scores[step] = accuracy()
            yield step / STEPS
        rows = torch.randint(len(inputs), (BATCH,), generator=generator)
        optimiser.zero_grad()
        loss = binary_cross_entropy_with_logits(logits(inputs[rows], lengths[rows]), targets[rows])
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    marked = _typical_words(inputs, targets, len(vocabulary))
    return TrainedEmbedding(vocabulary.tokens[first:], tables, scores, marked)


def _typical_words(inputs: object, targets: object, n_words: int) -> tuple[int, ...]:
    """The rows of the words that occur most one-sidedly in liked, then in disliked sentences."""
    tokens, liked = np.asarray(inputs), np.asarray(targets) > 0.5
    counts = np.zeros((2, n_words))
    for kind in (0, 1):
        present = [np.unique(row) for row in tokens[liked == bool(kind)]]
        np.add.at(counts[kind], np.concatenate(present), 1)
    counts = counts[:, 4:]
    log_odds = np.log((counts[1] + 1) / (counts[0] + 1))
    log_odds[counts.sum(0) < OFTEN] = 0
    order = np.argsort(log_odds, kind="stable")
    return (*order[::-1][:MARKED].tolist(), *order[:MARKED].tolist())


def bag_accuracy() -> float:
    """The share of validation sentences that naive Bayes gets right from bags of words alone."""
    import torch

    from rnnviz.tasks.classify.sentiment import LABELS, opinion_splits
    from rnnviz.tasks.framework.baselines import Bags, naive_bayes
    from rnnviz.text import Vectoriser

    vectoriser, splits = Vectoriser("word", V), opinion_splits()
    vocabulary = vectoriser.fit(text for text, _label in splits["train"])
    kinds: tuple[Literal["train", "validation"], ...] = ("train", "validation")
    bags = {
        split: Bags.of(vectoriser(text, vocabulary) for text, _label in splits[split])
        for split in kinds
    }
    targets = {split: torch.tensor([label for _text, label in splits[split]]) for split in kinds}
    classifier = naive_bayes(bags["train"], targets["train"], len(vocabulary), len(LABELS))
    answers = classifier(bags["validation"]).argmax(1)
    return float((answers == targets["validation"]).float().mean())
