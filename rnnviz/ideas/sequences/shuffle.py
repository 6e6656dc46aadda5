"""Shuffle the words of a sentence: who notices, a recurrent network or a bag of words?

P orders, T tokens, V intents.
"""

from dataclasses import dataclass
from itertools import permutations
from math import factorial

import torch
from torch import Tensor

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message, Problem
from rnnviz.tasks import Intents
from rnnviz.tasks.framework.baselines import Bags, LinearClassifier, logistic_regression
from rnnviz.tasks.framework.batches import stack
from rnnviz.text import hangul_share
from rnnviz.training import Experiment, fit, intent_experiment

EXAMPLE = "What time is it?"
LONGEST = 60
MOST_TOKENS = 12
MOST_ORDERS = 120
TRAINING_SIZE = 4000

TOO_LONG = N_("The sentence has {count} words; allowed are at most {most}.")
EMPTY = N_("Type a sentence.")

MEANING_BREAKS = N_("If the order of the words changes, the meaning is damaged.")
MOVES = N_(
    "In {changed} of {orders} {orders:other order|other orders} the RNN gives another answer, in "
    "{bag} of {orders} the bag of words; but the order alone does not decide what a sentence like "
    "this asks for."
)
MOVES_OFTEN = N_(
    "In {changed} of {orders} {orders:other order|other orders} the RNN gives another answer, in "
    "{bag} of {orders} the bag of words, which cannot see the order."
)
NEVER_MOVES = N_(
    "In none of {orders} {orders:other order|other orders} does the RNN change its answer: here "
    "the words alone say what is wanted."
)
NONE_KNOWN = N_(
    "The networks know none of these words: they read UNK at every place, in every order."
)
ONE_ORDER = N_("One word has only one order.")

LISTING = """\
import torch

words = {words}
shuffled = {shuffled}
names = sorted(set(words))
one_hot = torch.eye(len(names))

def vectors(words):
    return torch.stack([one_hot[names.index(word)] for word in words])

torch.manual_seed(0)
rnn = torch.nn.RNN(len(names), 4)
with torch.no_grad():
    states = [rnn(vectors(order))[1] for order in (words, shuffled)]
    bags = [vectors(order).sum(0) for order in (words, shuffled)]
print("bags of words equal:", torch.equal(*bags))
print("states of the RNN equal:", torch.allclose(*states, atol=1e-4))
"""


@dataclass(frozen=True)
class Shuffles:
    """The answers to all orders of a sentence, the order as typed first.

    Attributes:
        tokens: the T words as typed.
        known: whether the networks have met each word.
        orders: P permutations of the places of the words.
        rnn, bag: the probabilities of the V intents for each order.
        labels: the titles of the intents, messages.
    """

    tokens: tuple[str, ...]
    known: tuple[bool, ...]
    orders: tuple[tuple[int, ...], ...]
    rnn: tuple[tuple[float, ...], ...]
    bag: tuple[tuple[float, ...], ...]
    labels: tuple[str, ...]

    def words(self, order: int) -> tuple[str, ...]:
        """The words in this order."""
        return tuple(self.tokens[place] for place in self.orders[order])

    def answer(self, rows: tuple[tuple[float, ...], ...], order: int) -> int:
        """The intent with the largest of the probabilities `rows`."""
        return max(range(len(self.labels)), key=rows[order].__getitem__)

    def changed(self, rows: tuple[tuple[float, ...], ...]) -> int:
        """In how many orders the answer differs from that to the order as typed."""
        first = self.answer(rows, 0)
        return sum(self.answer(rows, order) != first for order in range(1, len(self.orders)))


def check_sentence(text: str) -> None:
    """Raise a `Problem` unless `text` has between one word and twelve."""
    if not text.strip():
        raise Problem(EMPTY)
    count = len(Intents().encode(text)[0])
    if count > MOST_TOKENS:
        raise Problem(TOO_LONG, count=count, most=MOST_TOKENS)


def is_korean(text: str) -> bool:
    """Whether at least half of the words are Korean, so that the Korean networks answer."""
    return bool(text.strip()) and hangul_share(Intents().encode(text)[0]) >= 0.5


@dataclass(frozen=True)
class Pair:
    """What answers in one language: weights of the RNN, and of the classifier of bags."""

    rnn: dict[str, Tensor]
    weight: Tensor
    bias: Tensor


def train_pair(korean: bool) -> Pair:
    """Train the RNN and the bag of words on the intents of one language."""
    experiment = _experiment(korean)
    task = experiment.task
    batch = task.batch(TRAINING_SIZE, torch.Generator().manual_seed(0))
    bag = logistic_regression(
        Bags.from_batch(batch), batch.targets, len(task.vocabulary), len(task.labels)
    )
    return Pair(fit(experiment).state_dict(), bag.weight, bag.bias)


def answer_all(text: str, korean: bool, pair: Pair) -> Shuffles:
    """What both answer to the sentence in all its orders, or in 120 of them."""
    from rnnviz.model import build_for

    experiment = _experiment(korean)
    task = experiment.task
    assert isinstance(task, Intents)
    model = build_for(task, experiment.model, torch.Generator().manual_seed(0)).eval()
    model.load_state_dict(pair.rnn)
    tokens, ids = task.encode(text)
    orders = permute(len(ids))
    batch = stack([[ids[place] for place in order] for order in orders], [0] * len(orders))
    with torch.no_grad():
        rnn = model.predict(batch).softmax(-1)
    bag = LinearClassifier(pair.weight, pair.bias)(Bags.from_batch(batch)).softmax(-1)
    return Shuffles(
        tuple(tokens),
        tuple(not task.vocabulary.is_unknown(token) for token in tokens),
        orders,
        tuple(map(tuple, rnn.tolist())),
        tuple(map(tuple, bag.tolist())),
        tuple(task.label_titles[label] for label in task.labels),
    )


def _experiment(korean: bool) -> Experiment:
    return intent_experiment("rnn", language="ko" if korean else "en")


def permute(length: int) -> tuple[tuple[int, ...], ...]:
    """The orders of `length` places, as typed first; of many a seeded choice, backwards second."""
    if factorial(length) <= MOST_ORDERS:
        first, *others = permutations(range(length))
        generator = torch.Generator().manual_seed(length)
        mixed = torch.randperm(len(others), generator=generator).tolist()
        return (first, *(others[place] for place in mixed))
    generator = torch.Generator().manual_seed(length)
    orders = {tuple(range(length)): None, tuple(reversed(range(length))): None}
    while len(orders) < MOST_ORDERS:
        orders[tuple(torch.randperm(length, generator=generator).tolist())] = None
    return tuple(orders)


def claim(shuffles: Shuffles) -> Claim:
    """What the article says of the order of words, and how often the answers change."""
    others, changed = len(shuffles.orders) - 1, shuffles.changed(shuffles.rnn)
    values = {"changed": changed, "orders": others, "bag": shuffles.changed(shuffles.bag)}
    text = Message(MEANING_BREAKS)
    if not others:
        return Claim(text, Verdict.HALF_RIGHT, Message(ONE_ORDER))
    if not any(shuffles.known):
        return Claim(text, Verdict.HALF_RIGHT, Message(NONE_KNOWN))
    if not changed:
        return Claim(text, Verdict.WRONG, Message(NEVER_MOVES, values))
    if changed >= others / 2:
        return Claim(text, Verdict.RIGHT, Message(MOVES_OFTEN, values))
    return Claim(text, Verdict.HALF_RIGHT, Message(MOVES, values))


def listings(words: tuple[str, ...], shuffled: tuple[str, ...]) -> list[Listing]:
    """A bag of words and the state of an RNN, for the words as typed and shuffled."""
    same = "True" if words == shuffled else "False"
    code = LISTING.format(words=list(words), shuffled=list(shuffled))
    printed = f"bags of words equal: True\nstates of the RNN equal: {same}"
    return [Listing("PyTorch", code, printed)]
