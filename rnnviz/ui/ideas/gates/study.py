"""The walks of the page and what is drawn of them, computed once for all visitors."""

from typing import TYPE_CHECKING

import pandas as pd
from markupsafe import Markup

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.gates.holds import Holds
from rnnviz.ideas.gates.signals import has_cue
from rnnviz.ideas.listing import Listing
from rnnviz.messages import Message
from rnnviz.palette import Theme
from rnnviz.ui.background import computed
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.gates.training import TrainedUnit
    from rnnviz.ideas.gates.unit import Unit, Walk
    from rnnviz.ui.ideas.gates.controls import GateSettings

CACHED = 500
TRAIN = "rnnviz.ideas.gates.training:trained_unit"


@shared(max_entries=4)
def _unit(cell: str) -> "Unit":
    from rnnviz.ideas.gates.unit import untrained_unit

    return untrained_unit(cell)


@shared(max_entries=CACHED)
def own_walk(cell: str, signal: str, holds: Holds) -> "Walk":
    """What the untrained unit does with its gates held."""
    from rnnviz.ideas.gates.unit import walk

    return walk(_unit(cell), signal, holds)


def train_unit(cell: str, signal: str, seed: int) -> "TrainedUnit":
    """The unit that was trained on the goal of this signal.

    Raises:
        Problem: it could not be computed.
    """
    unit: TrainedUnit = computed(TRAIN, cell, has_cue(signal), seed)
    return unit


@shared(max_entries=8)
def goal_of(signal: str) -> Message:
    """What is to be achieved with a signal."""
    from rnnviz.ideas.gates.goals import goal

    return goal(signal)


@shared(max_entries=CACHED)
def hand_finding(cell: str, signal: str, holds: Holds) -> Message:
    """What became of the first value."""
    from rnnviz.ideas.gates.goals import finding, judge

    return finding(judge(own_walk(cell, signal, holds)))


@shared(max_entries=CACHED)
def comparison_with(
    cell: str, signal: str, holds: Holds, seed: int, _trained: "TrainedUnit"
) -> Message:
    """What training found, beside what the visitor did; the unit follows from the rest."""
    from rnnviz.ideas.gates.goals import comparison
    from rnnviz.ideas.gates.unit import walk

    return comparison(walk(_trained.unit, signal), own_walk(cell, signal, holds))


@shared(max_entries=CACHED)
def claims(cell: str, signal: str, holds: Holds) -> tuple[Claim, Claim]:
    """What two articles say about gates."""
    from rnnviz.ideas.gates.claims import belt_claim, gates_claim

    walk = own_walk(cell, signal, holds)
    return gates_claim(walk), belt_claim(walk, own_walk(cell, signal, ()))


def programs(cell: str, signal: str, holds: Holds) -> list[Listing]:
    """Programs that repeat the walk."""
    from rnnviz.ideas.gates.listings import listings

    return listings(_unit(cell), signal, holds, own_walk(cell, signal, holds))


@shared(max_entries=CACHED)
def unit_picture(
    settings: "GateSettings",
    language: str,
    theme: Theme,
    is_compared: bool,
    _trained: "TrainedUnit | None",
) -> Markup:
    """The valves at one step and all steps beside them; where it is compared, the trained unit."""
    from rnnviz.ideas.gates.unit import walk
    from rnnviz.ui.ideas.gates.timeline import draw_timeline
    from rnnviz.ui.ideas.gates.valves import draw_valves

    own = own_walk(settings.cell, settings.signal, settings.holds)
    other = walk(_trained.unit, settings.signal) if _trained else None
    return tag(
        "div",
        tag("div", draw_valves(own, settings.step, theme), style="flex: none"),
        tag(
            "div",
            draw_timeline(own, other, settings.phase, settings.step, theme),
            style="flex: 1 1 0; min-width: min(100%, 400px); overflow-x: auto",
        ),
        style="display: flex; flex-wrap: wrap; gap: 16px 24px; align-items: flex-start",
    )


def table(walk: "Walk") -> pd.DataFrame:
    """The numbers of the picture: one row for each step."""
    return pd.DataFrame(
        {
            "step": range(1, len(walk.inflow) + 1),
            **{f"{gate}_gate": values for gate, values in walk.gates.items()},
            **{f"{gate}_held": values for gate, values in walk.held.items()},
            "candidate": walk.candidate,
            "before": walk.memory[:-1],
            "outflow": walk.outflow,
            "inflow": walk.inflow,
            "memory": walk.memory[1:],
            "hidden": walk.hidden,
        }
    )
