"""What the parts with a chart share: finding, chart, why, claim and listing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from rnnviz.ideas.claims import Claim
from rnnviz.ideas.listing import Listing
from rnnviz.messages import Message
from rnnviz.palette import Theme
from rnnviz.ui import show
from rnnviz.ui.ideas import draw_claim, draw_listings
from rnnviz.ui.language import say

CACHED = 60
"""How many charts of a part are kept."""


@dataclass(frozen=True, eq=False)
class Part:
    """A finished chart with its finding as the title and its why below, and the claim."""

    figure: show.ReadyFigure
    claim: Claim
    data: Mapping[str, Any]


def part(
    figure: Mapping[str, Any],
    finding: Message,
    why: str,
    alt: str,
    claim: Claim,
    data: Mapping[str, Any],
    theme: Theme,
) -> Part:
    """Finish a chart, once for all visitors; `why` and `alt` are translated already."""
    title = say(finding)
    ready = show.finish(figure, title=title, caption=why, alt=f"{alt} {title}", theme=theme)
    return Part(ready, claim, data)


def draw_part(
    part: Part, name: str, listings: Callable[[], Sequence[Listing]] | None = None
) -> None:
    """Draw it; `name` makes its keys."""
    key = f"learning.{name}_chart"
    show.figure(part.figure, key=key, data=lambda: pd.DataFrame(dict(part.data)))
    draw_claim(part.claim)
    if listings is not None:
        draw_listings(listings, key="learning.code")


def power(value: float) -> str:
    """A number for a sentence, with a power of ten where there are many zeros."""
    from rnnviz.figures import short_number

    return short_number(value)
