"""Guess the ball: which way is it flying at the last of a few pictures?

B throws, T pictures, P pixels.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message
from rnnviz.model import IOSpec, ModelSpec, build
from rnnviz.tasks.predict.motion import PERIODS, PIXELS, SHAPES, cycles, picture

MOST_PICTURES = 6
THROWS = 10
"""How many throws make a round."""
HIDDEN, STEPS, BATCH = 16, 600, 64
TEST_THROWS = 2000

ONE_PICTURE = N_("From one still picture the direction is a random guess.")
SOME_PICTURES = N_("Pictures taken one after the other tell where the ball goes.")
A_GUESS = N_(
    "At the same place half of the balls fly to the left and half to the right: at best 50 %, and "
    "the RNN is right in {share} % of {count} new throws."
)
NO_GUESS = N_("With {pictures} pictures, {best} % is possible, and the RNN reaches {share} %.")
NOT_YET = N_("The RNN is right in only {share} % of {count} new throws.")

LISTING = """\
import torch

generator = torch.Generator().manual_seed(0)
draws = torch.rand(2, {simulated}, generator=generator, dtype=torch.float64)
period = {low:g} + {span:g} * draws[0]
flown = draws[1][:, None] + torch.arange(2) / period[:, None]
place = 1 - 4 * (flown.frac() - 0.5).abs()
to_the_right = flown[:, 1].frac() < 0.5

move = place[:, 1] - place[:, 0]
bounced = move.abs() < 4 / {high:g}  # less than the slowest ball flies
answer = torch.where(bounced, place[:, 1] < 0, move > 0)

print(f"one picture, always 'right': {{100 * to_the_right.double().mean():.1f}} %")
print(f"two pictures: {{100 * (answer == to_the_right).double().mean():.1f}} %")
"""
SIMULATED = 200_000


@dataclass(frozen=True)
class Round:
    """Ten throws: where the ball is in each of the six pictures, and whether it flies right."""

    positions: tuple[tuple[float, ...], ...]
    rightwards: tuple[bool, ...]


def throw(round_number: int) -> Round:
    """The throws of a round, the same for all visitors; positions are between -1 and 1."""
    flown = cycles(THROWS, MOST_PICTURES, torch.Generator().manual_seed(round_number))
    positions = tuple(map(tuple, SHAPES["ball"](flown).tolist()))
    return Round(positions, tuple(_flies_right(flown)[:, -1].tolist()))


def light(position: float) -> list[float]:
    """The brightness of each pixel of a picture, as the network sees it."""
    lit: list[float] = picture(torch.tensor(position, dtype=torch.float64)).tolist()
    return lit


def best_share(pictures: int) -> float:
    """How often anyone can be right at best, exactly.

    One picture: the ball passes each place as often to the left as to the right. Two: the way it
    went is right unless it has bounced on the latter half of its way, which happens as often as
    its speed, 1/period, says; of those bounces the ones that leave less than the slowest ball's way
    between the pictures can be seen. From three on the speed is known, and so is every bounce.
    """
    shortest, longest = PERIODS
    mean_speed = math.log(longest / shortest) / (longest - shortest)
    return {1: 0.5, 2: 1 - (mean_speed - 1 / longest)}.get(pictures, 1.0)


def measure_guesser(seed: int) -> tuple[float, ...]:
    """How often an RNN is right after each of 1 to 6 pictures, on new throws.

    One network is trained, which answers after every picture.
    """
    generator = torch.Generator().manual_seed(seed)
    io_spec = IOSpec(PIXELS, 2, "many-to-many", tokens=False)
    model = build(ModelSpec(cell="rnn", hidden=HIDDEN), io_spec, generator)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(STEPS):
        output, targets = _answers(model, BATCH, generator)
        loss = cross_entropy(output.flatten(0, 1), targets.flatten())
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    with torch.no_grad():
        output, targets = _answers(model, TEST_THROWS, torch.Generator().manual_seed(seed + 1000))
    shares: list[float] = (output.argmax(-1) == targets).double().mean(0).tolist()
    return tuple(shares)


def _answers(model: torch.nn.Module, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """The logits (B,T,2) of `model` for `n` throws, and which of the two is right (B,T)."""
    flown = cycles(n, MOST_PICTURES, generator)
    lengths = torch.full((n,), MOST_PICTURES)
    return model(picture(SHAPES["ball"](flown)).float(), lengths), _flies_right(flown).long()


def _flies_right(flown: Tensor) -> Tensor:
    return flown.frac() < 0.5


def claim(pictures: int, shares: tuple[float, ...]) -> Claim:
    """What the article says of one picture or of several, and what the RNN reached."""
    share, best = shares[pictures - 1], best_share(pictures)
    values = {
        "pictures": pictures,
        "share": f"{100 * share:.1f}",
        "best": f"{100 * best:.3g}",
        "count": f"{TEST_THROWS:,}",
    }
    if pictures == 1:
        return Claim(Message(ONE_PICTURE), Verdict.RIGHT, Message(A_GUESS, values))
    if share < 0.75:
        return Claim(Message(SOME_PICTURES), Verdict.HALF_RIGHT, Message(NOT_YET, values))
    return Claim(Message(SOME_PICTURES), Verdict.RIGHT, Message(NO_GUESS, values))


def listings() -> list[Listing]:
    """A simulation of the best answer to one picture and to two."""
    low, high = PERIODS
    code = LISTING.format(simulated=SIMULATED, low=low, high=high, span=high - low)
    always, best = _simulate()
    printed = f"one picture, always 'right': {100 * always:.1f} %\ntwo pictures: {100 * best:.1f} %"
    return [Listing("PyTorch", code, printed)]


def _simulate() -> tuple[float, float]:
    """What the listing prints: how often "always to the right" is right, and the best answer."""
    low, high = PERIODS
    generator = torch.Generator().manual_seed(0)
    draws = torch.rand(2, SIMULATED, generator=generator, dtype=torch.float64)
    flown = draws[1][:, None] + torch.arange(2) / (low + (high - low) * draws[0])[:, None]
    places, rightwards = SHAPES["ball"](flown), _flies_right(flown)[:, 1]
    moves = places[:, 1] - places[:, 0]
    answers = torch.where(moves.abs() < 4 / high, places[:, 1] < 0, moves > 0)
    correct = (answers == rightwards).double().mean()
    return float(rightwards.double().mean()), float(correct)
