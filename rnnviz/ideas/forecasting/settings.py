"""How a window is cut from the series, and what a network that reads it looks like."""

from dataclasses import dataclass
from typing import Annotated, Literal

from rnnviz.messages import N_
from rnnviz.settings import Range, check

ROWS_AN_HOUR = 6
"""The mast measures every ten minutes, as the weather station at Jena does."""
ROWS_A_DAY = 24 * ROWS_AN_HOUR

LAST_DAY = 683
"""The last whole day of the series, counted from its first row."""

DAYS = Range(1, 20, label=N_("Look back"), unit=N_("{count} {count:day|days}"))
EVERY = Range(1, 24, label=N_("One value every"), unit=N_("{count} {count:hour|hours}"))
AHEAD = Range(1, 168, label=N_("Look ahead"), unit=N_("{count} {count:hour|hours}"))

Order = Literal["kept", "reversed", "shuffled"]
"""In which order a network reads the values of a window."""

Network = Literal["dense", "convolution", "gru"]

DENSE_UNITS, FILTERS, UNITS = 32, 32, 16
BATCH, RATE = 32, 0.01
LONGEST = 240
"""The steps of the article's window: ten days, hour by hour."""
STEPS: dict[Network, int] = {"dense": 300, "convolution": 120, "gru": 80}
"""Training steps of each network on windows of `LONGEST` values."""
MOST_STEPS = 300


@dataclass(frozen=True)
class WindowSettings:
    """A window: so many `days` back, one value `every` so many hours, the answer hours `ahead`."""

    days: Annotated[int, DAYS] = 10
    every: Annotated[int, EVERY] = 1
    ahead: Annotated[int, AHEAD] = 24

    def __post_init__(self) -> None:
        check(self)

    @property
    def lookback(self) -> int:
        """Rows back."""
        return self.days * ROWS_A_DAY

    @property
    def step(self) -> int:
        """Rows from one value that is read to the next."""
        return self.every * ROWS_AN_HOUR

    @property
    def delay(self) -> int:
        """Rows from the last value that is read to the answer."""
        return self.ahead * ROWS_AN_HOUR

    @property
    def steps(self) -> int:
        """T, how many values are read."""
        return -(-self.lookback // self.step)

    @property
    def span(self) -> int:
        """The rows from the first value that is read to the last."""
        return (self.steps - 1) * self.step


def training_steps(network: Network, T: int) -> int:
    """How long a network is trained: a recurrent one shorter, the longer its windows are."""
    if network == "dense":
        return STEPS[network]
    return min(MOST_STEPS, STEPS[network] * LONGEST // T)
