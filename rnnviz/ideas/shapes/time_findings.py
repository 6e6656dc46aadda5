"""What weights, states and the loop over the time steps say about the articles' claims."""

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.shapes.layers import Reading
from rnnviz.ideas.shapes.loop import Loop
from rnnviz.ideas.shapes.parts import TwoSequences
from rnnviz.messages import N_, Message
from rnnviz.names import CELL_NAMES


def weights_finding(reading: Reading) -> Message:
    """How many weights a layer would have if it did not share them over time."""
    steps, count = reading.settings.steps, reading.count
    if steps == 1:
        return Message(
            N_("One set of {count} weights, used once: there is one time step."),
            {"count": f"{count:,}"},
        )
    return Message(
        N_(
            "One set of {count} weights serves all {steps} time {steps:step|steps}; one for each "
            "would be {product} weights."
        ),
        {"count": f"{count:,}", "steps": steps, "product": f"{steps * count:,}"},
    )


def weights_claim(reading: Reading, error: float) -> Claim:
    """The same weights at every time step."""
    cell = CELL_NAMES[reading.settings.cell]
    return Claim(
        Message(N_("The weights are the same at every time step.")),
        Verdict.RIGHT,
        Message(
            N_(
                "One nn.{cell}Cell with these weights, called {steps} {steps:time|times} in a "
                "loop, computes what nn.{cell} does: they differ by {error}."
            ),
            {"cell": cell, "steps": reading.settings.steps, "error": number(error)},
        ),
    )


def state_finding(two: TwoSequences, *, is_carried: bool) -> Message:
    """What the second sequence knows of the first."""
    first, last = float(two.distances[0]), float(two.distances[-1])
    if not is_carried:
        return Message(
            N_(
                "Reset: the second sequence starts from zeros and knows nothing of the first; "
                "carried over, its first state would differ by {first}."
            ),
            {"first": number(first)},
        )
    return Message(
        N_(
            "Carried: the second sequence starts from the first one's h_n; its states differ by "
            "{first} at the first step and by {last} at the last."
        ),
        {"first": number(first), "last": number(last)},
    )


def state_claim(two: TwoSequences, *, is_carried: bool) -> Claim:
    """State between sequences."""
    return Claim(
        Message(N_("The state is reset between two sequences.")),
        Verdict.HALF_RIGHT if is_carried else Verdict.RIGHT,
        Message(
            N_(
                "Only as long as nobody passes it on: called with the first one's h_n, the layer "
                "goes on from there ({first} apart after one step). Keras does so with "
                "stateful=True."
            )
            if is_carried
            else N_(
                "A layer that is called without h_0 starts from zeros; passing h_n on would change "
                "the first state by {first}."
            ),
            {"first": number(float(two.distances[0]))},
        ),
    )


def loop_finding(loop: Loop, cell: str) -> Message:
    """How near the lines are to torch.nn."""
    values = {"cell": CELL_NAMES[cell], "error": number(loop.error), "steps": len(loop.steps)}
    if len(loop.steps) == 1:
        return Message(
            N_("The loop runs once and equals nn.{cell}: the largest difference is {error}."),
            values,
        )
    return Message(
        N_("After {steps} rounds, the loop equals nn.{cell}: the largest difference is {error}."),
        values,
    )


def loop_claim(loop: Loop, cell: str) -> Claim:
    """Whether a loop of NumPy is a recurrent layer."""
    return Claim(
        Message(
            N_("A for loop over the time steps, in NumPy, is what the recurrent layer computes.")
        ),
        Verdict.RIGHT,
        Message(
            N_("All {count} states agree with PyTorch's to {error}, in float64."),
            {"count": loop.states.size, "error": number(loop.error)},
        ),
    )


def number(value: float) -> str:
    """A distance: two decimals, or a power of ten where these would be zero."""
    if value == 0:
        return "0"
    if value >= 0.005:
        return f"{value:.2f}"
    mantissa, exponent = f"{value:.0e}".split("e")
    digits = str(int(exponent)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{mantissa}×10{digits}"
