"""Is it a sequence? How much the item before tells of the next, in order and shuffled."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from statistics import median

from rnnviz.data import alice, mast, pronunciations, surnames
from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message

SIZE = 10_000
"""How many items of each kind are taken."""
SURE = 3.0
"""By how many standard errors the item before must help, to count as a sequence."""

HIGHER, LOWER = N_("high"), N_("low")

ORDERED = N_("A sequence is a collection of items in an order, which depend on one another.")
DEPEND = N_(
    "Here they do: with the item before, {after} % of the next ones are guessed, without it "
    "{without} %; shuffled, {shuffled} %."
)
INDEPENDENT = N_(
    "These stand in a row, too, but the item before says nothing of the next: {after} % with it, "
    "{without} % without. An order alone makes no sequence that a network could learn from."
)

LISTING = """\
from collections import Counter, defaultdict
from itertools import pairwise

items = {items}
pairs = list(pairwise(items))
learned = [pair for number, pair in enumerate(pairs) if number // {block} % 2 == 0]
new = [pair for number, pair in enumerate(pairs) if number // {block} % 2 == 1]

following = defaultdict(Counter)
for item, next_item in learned:
    following[item][next_item] += 1
usual = Counter(next_item for _, next_item in learned).most_common(1)[0][0]

def guess(item):
    return following[item].most_common(1)[0][0] if item in following else usual

print("with the item before:", sum(guess(a) == b for a, b in new), "of", len(new))
print("without:", sum(usual == b for a, b in new), "of", len(new))
"""
LISTED = 200
"""How many items the listing has."""
BLOCK = 50
"""How many neighbours are learned from before as many are guessed."""
SHOWN = 24
"""How many items the picture has."""


@dataclass(frozen=True)
class Guesses:
    """How many of `count` next items are guessed right: with the one before, and without it.

    `with_alone`, `without_alone`: how many of them only one of the two ways has right.
    """

    count: int
    right_with: int
    right_without: int
    with_alone: int
    without_alone: int

    @property
    def share_with(self) -> float:
        """The share that is right, knowing the item before."""
        return self.right_with / self.count

    @property
    def share_without(self) -> float:
        """The share that is right, always guessing the most frequent item."""
        return self.right_without / self.count

    @property
    def item_before_helps(self) -> bool:
        """Whether the difference is more than chance (McNemar's test)."""
        difference = self.with_alone - self.without_alone
        return difference > SURE * math.sqrt(self.with_alone + self.without_alone)


@dataclass(frozen=True)
class Dependence:
    """The guesses in order and after shuffling, and the first items of both."""

    items: tuple[str, ...]
    mixed_items: tuple[str, ...]
    ordered: Guesses
    shuffled: Guesses


def _sounds() -> list[str]:
    words = [entry.phonemes for entry in pronunciations()]
    random.Random(0).shuffle(words)
    return list(chain.from_iterable(words[:SIZE]))[:SIZE]


def _letters() -> list[str]:
    text = " ".join(alice().lower().split())
    return [letter for letter in text if letter.isalpha() or letter == " "][:SIZE]


def _temperatures() -> list[str]:
    series = mast()
    column = series.columns.index(series.target)
    return _halves([float(value) for value in series.values[:, column][: 6 * SIZE : 6]])


def _prices() -> list[str]:
    generator, price, prices = random.Random(0), 100.0, []
    for _ in range(SIZE):
        price += generator.gauss(0, 1) - 0.02 * (price - 100)
        prices.append(price)
    return _halves(prices)


def _dice() -> list[str]:
    generator = random.Random(0)
    return [str(generator.randint(1, 6)) for _ in range(SIZE)]


def _initials() -> list[str]:
    names = [surname.name[0].upper() for surname in surnames()]
    random.Random(0).shuffle(names)
    return names[:SIZE]


def _halves(values: Sequence[float]) -> list[str]:
    middle = median(values)
    return [HIGHER if value > middle else LOWER for value in values]


DATA: dict[str, tuple[str, Callable[[], list[str]]]] = {
    "speech": (N_("sounds of spoken words"), _sounds),
    "text": (N_("letters of a text"), _letters),
    "weather": (N_("temperature, hour by hour"), _temperatures),
    "prices": (N_("a price (simulated)"), _prices),
    "dice": (N_("throws of a die (simulated)"), _dice),
    "names": (N_("initials of names in a hat"), _initials),
}
"""By code: the title, a message, and what makes the items."""


def measure(data: str) -> Dependence:
    """How much the order of these items tells."""
    items = DATA[data][1]()
    mixed = list(items)
    random.Random(1).shuffle(mixed)
    return Dependence(
        tuple(items[:SHOWN]), tuple(mixed[:SHOWN]), guess_next(items), guess_next(mixed)
    )


def guess_next(items: Sequence[str]) -> Guesses:
    """Guess the next items of every second block, as those of the others follow each other.

    There are more items than a block has.
    """
    training: list[tuple[str, str]] = []
    test: list[tuple[str, str]] = []
    for number, pair in enumerate(pairwise(items)):
        (test if number // BLOCK % 2 else training).append(pair)
    following: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item, next_item in training:
        following[item][next_item] += 1
    usual = Counter(next_item for _, next_item in training).most_common(1)[0][0]
    best = {item: counts.most_common(1)[0][0] for item, counts in following.items()}
    outcomes = Counter(
        (best.get(item, usual) == next_item, usual == next_item) for item, next_item in test
    )
    both = outcomes[True, True]
    return Guesses(
        len(test),
        both + outcomes[True, False],
        both + outcomes[False, True],
        outcomes[True, False],
        outcomes[False, True],
    )


def claim(dependence: Dependence) -> Claim:
    """What the article says of a sequence, and what these items are."""
    ordered = dependence.ordered
    values = {
        "after": f"{100 * ordered.share_with:.0f}",
        "without": f"{100 * ordered.share_without:.0f}",
        "shuffled": f"{100 * dependence.shuffled.share_with:.0f}",
    }
    finding = DEPEND if ordered.item_before_helps else INDEPENDENT
    return Claim(Message(ORDERED), Verdict.RIGHT, Message(finding, values))


def listings(data: str) -> list[Listing]:
    """The guesses for the first items of these."""
    items = DATA[data][1]()[:LISTED]
    guesses = guess_next(items)
    printed = (
        f"with the item before: {guesses.right_with} of {guesses.count}\n"
        f"without: {guesses.right_without} of {guesses.count}"
    )
    lines = [f"    {', '.join(map(repr, items[at : at + 10]))}," for at in range(0, LISTED, 10)]
    code = LISTING.format(block=BLOCK, items="\n".join(["[", *lines, "]"]))
    return [Listing("Python", code, printed)]
