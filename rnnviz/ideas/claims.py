"""What an article says, and whether it is right."""

from dataclasses import dataclass
from enum import StrEnum

from rnnviz.messages import Message


class Verdict(StrEnum):
    """How far a claim is true."""

    RIGHT = "right"
    HALF_RIGHT = "half right"
    WRONG = "wrong"


@dataclass(frozen=True)
class Claim:
    """A claim of an article, in our words, and what was computed about it.

    Attributes:
        text: the claim.
        verdict: how far it is true.
        finding: why, with the number that decided, which comes from the page's own arrays.
    """

    text: Message
    verdict: Verdict
    finding: Message
