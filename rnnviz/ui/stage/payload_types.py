"""The types of the stage's payload.

`assets/stage/payload.js` defines the same ones; a test compares them.

Dimensions: T time steps, H hidden units, V labels.
"""

from typing import TypedDict

from rnnviz.ui.services.numbers import Slice
from rnnviz.ui.stage.view import Phase

Float32 = Slice
"""Where float32 numbers are."""

Wide = Slice
"""Where numbers are that may be smaller than float32 can be."""


class FormulaSource(TypedDict):
    """A number that goes into a formula."""

    kind: str
    name: str
    role: str
    lag: int
    label: str
    symbol: str


class RowFormula(TypedDict):
    """How a state or a gate is computed."""

    symbol: str
    text: str
    numbers: str
    sources: list[FormulaSource]


class Row(TypedDict):
    """A state or a gate: (T,H) values."""

    name: str
    kind: str
    label: str
    symbol: str
    values: Float32


class Term(TypedDict):
    """A part of a gradient: (T,H) values."""

    name: str
    label: str
    values: Wide


class GradientRow(TypedDict):
    """The gradient of a state, the sum of its terms: (T,H) values."""

    name: str
    values: Wide
    terms: list[Term]


class Backward(TypedDict):
    """The backward pass through a layer; all but the rows hold one number per time step."""

    rows: list[GradientRow]
    norms: Wide
    factors: Wide
    weightSteps: Wide
    weightSum: Wide


class Layer(TypedDict):
    """One layer and direction. `parts`: what each gate or state adds up, by its name and kind."""

    label: str
    reverse: bool
    units: int
    rows: list[Row]
    parts: dict[str, dict[str, Float32]]
    formulas: dict[str, RowFormula]
    backward: Backward | None


class Predictions(TypedDict):
    """(T,V) probabilities; `targets` per step; `ownAnswer`: these are the model's own answers."""

    labels: list[str]
    values: Float32
    targets: list[int | None]
    ownAnswer: bool


class Cell(TypedDict):
    """What the stage shows of one cell."""

    name: str
    code: str
    colour: str
    agreement: float
    loss: float | None
    layers: list[Layer]
    predictions: Predictions | None


class PseudocodeLine(TypedDict):
    """A line of pseudocode, when it runs, and which value is shown beside it then."""

    text: str
    phase: Phase
    when: str
    value: str


class Palette(TypedDict):
    """Stops of the colour scales."""

    diverging: list[str]
    sequential: list[str]


class StagePosition(TypedDict):
    """A time step, counted from 0, and the direction."""

    step: int
    phase: Phase


class StagePayload(TypedDict):
    """All that the stage shows. `id` changes with the content, not with `start`.

    `numbers`: base64 of all words of four bytes; or "" and the `address` from which to fetch them.
    """

    numbers: str
    address: str
    id: str
    language: str
    strings: dict[str, str]
    palette: dict[str, Palette]
    start: StagePosition
    tokens: list[str]
    unknown: list[bool]
    cells: list[Cell]
    code: list[PseudocodeLine]
    compact: bool
    autoplay: bool
    predictionTitle: str
