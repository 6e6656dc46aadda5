"""The alphabet, learned in one order and asked in another: what is practised is what is known."""

from collections.abc import Generator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import torch

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message
from rnnviz.model import Model, ModelSpec
from rnnviz.tasks import Alphabet
from rnnviz.training import Experiment, Optimiser, fit

QUESTIONS = ("forwards", "backwards", "from_f")
NETWORKS = 5
"""How many networks learn the same order, each from other starting weights."""

BACKWARDS_IS_HARD = N_(
    "The alphabet does not come backwards, because it was learned from A to Z and never practised "
    "the other way."
)
THEN_IT_FLOWS = N_("Starting at F is hard at first; then the rest comes by itself.")
PRACTISED = N_("Asked as practised, the {networks} networks say {low} to {high} % of the letters.")
UNPRACTISED = N_(
    "Asked the other way round, the {networks} networks say {low} to {high} % of the letters: none "
    "of the pairs that are asked was practised."
)
HESITATES = N_(
    "This network is wrong at {wrong} of {count} letters, the last of them being number {last}; "
    "from there on it flows."
)
FLOWS_AT_ONCE = N_(
    "This network says all {count} letters: it does not hesitate, since F alone calls for G."
)
NEVER_FLOWS = N_(
    "Only for those who learned forwards: this network learned from Z to A and says {right} of "
    "{count} letters."
)

LISTING = """\
from itertools import pairwise
from string import ascii_uppercase as letters

lesson = {lesson}
practised = set(pairwise(lesson))
for name, question in {{
    "A to Z": letters,
    "Z to A": letters[::-1],
    "from F": letters[5:],
}}.items():
    known = [pair in practised for pair in pairwise(question)]
    print(f"{{name}}: {{sum(known)}} of {{len(known)}} pairs were practised")
"""


@dataclass(frozen=True)
class Reply:
    """What one network says to one question: the letters read, the right answers, its own."""

    read: str
    targets: str
    answers: str

    @property
    def right(self) -> tuple[bool, ...]:
        """Which answers are right."""
        return tuple(a == b for a, b in zip(self.answers, self.targets, strict=True))

    @property
    def share(self) -> float:
        """How many of the answers are right."""
        return sum(self.right) / len(self.right)


def measure_replies(lesson: str) -> "Generator[float, None, tuple[dict[str, Reply], ...]]":
    """Train networks on the order `lesson`, and ask each in every order.

    Returns:
        For each network its reply by question.
    """
    replies = []
    recipe = Alphabet.recipe
    for seed in range(NETWORKS):
        task = Alphabet(order=_order(lesson))
        optimiser = Optimiser(
            lr=float(recipe["lr"]), batch=int(recipe["batch"]), steps=int(recipe["steps"])
        )
        spec = ModelSpec("rnn", int(recipe["hidden"]), embedding="one-hot")
        model = fit(Experiment(task, spec, optimiser, seed))
        replies.append({question: _ask(model, question) for question in QUESTIONS})
        yield (seed + 1) / NETWORKS
    return tuple(replies)


def _ask(model: Model, question: str) -> Reply:
    task = _task(question)
    batch = task.batch(1, torch.Generator(), "validation")
    with torch.no_grad():
        answers = model.predict(batch).argmax(-1)
    read = "".join(task.vocabulary.decode(batch.inputs[0].tolist()))
    targets, replies = (
        "".join(task.labels[label] for label in labels[0].tolist())
        for labels in (batch.targets, answers)
    )
    return Reply(read, targets, replies)


def _order(lesson: str) -> Literal["forwards", "backwards"]:
    return "backwards" if lesson == "backwards" else "forwards"


def _task(question: str) -> Alphabet:
    """The task whose validation asks in this order."""
    match question:
        case "backwards":
            return Alphabet(order="forwards", asked="backwards")
        case "from_f":
            return Alphabet(order="forwards", asked="from_f")
    return Alphabet(order="forwards")


def claim(lesson: str, question: str, replies: tuple[dict[str, Reply], ...], number: int) -> Claim:
    """What the article says of this question, and what the networks say."""
    reply = replies[number][question]
    shares = [100 * each[question].share for each in replies]
    right, count = sum(reply.right), len(reply.right)
    values = {
        "networks": len(replies),
        "low": f"{min(shares):.0f}",
        "high": f"{max(shares):.0f}",
        "right": right,
        "wrong": count - right,
        "count": count,
    }
    if question == "from_f":
        text = Message(THEN_IT_FLOWS)
        if lesson == "backwards":
            return Claim(text, Verdict.HALF_RIGHT, Message(NEVER_FLOWS, values))
        if right == count:
            return Claim(text, Verdict.HALF_RIGHT, Message(FLOWS_AT_ONCE, values))
        last = max(place for place, is_right in enumerate(reply.right, 1) if not is_right)
        verdict = Verdict.RIGHT if last < count / 2 else Verdict.HALF_RIGHT
        return Claim(text, verdict, Message(HESITATES, values | {"last": last}))
    finding = PRACTISED if question == lesson else UNPRACTISED
    is_right = max(shares) < 50 if question != lesson else min(shares) > 90
    verdict = Verdict.RIGHT if is_right else Verdict.HALF_RIGHT
    return Claim(Message(BACKWARDS_IS_HARD), verdict, Message(finding, values))


def listings(lesson: str) -> list[Listing]:
    """How many of the pairs of letters that are asked were practised."""
    code = LISTING.format(lesson="letters[::-1]" if lesson == "backwards" else "letters")
    practised = set(pairwise(Alphabet(order=_order(lesson)).lesson))
    lines = []
    for name, question in zip(("A to Z", "Z to A", "from F"), QUESTIONS, strict=True):
        pairs = list(pairwise(_task(question).question))
        known = sum(pair in practised for pair in pairs)
        lines.append(f"{name}: {known} of {len(pairs)} pairs were practised")
    return [Listing("Python", code, "\n".join(lines))]
