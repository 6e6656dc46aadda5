"""The table of vectors of a conveyor, and the two ways to a row of it."""

from dataclasses import dataclass

import numpy as np

from rnnviz.ideas.text.conveyor import Conveyor
from rnnviz.ideas.text.embedding import (
    Vectors,
    glove_table,
    one_hot,
    random_table,
    table_from,
)
from rnnviz.ideas.text.reviews import STOPS, TrainedEmbedding


@dataclass(frozen=True, eq=False)
class LookUp:
    """The vector of a number, looked up and multiplied.

    Attributes:
        table: (V, D).
        row: the picked row of it.
        product: the one-hot vector of the number times the table.
        covered: how many tokens of the dictionary have a vector of the table's origin.
    """

    table: Vectors
    row: Vectors
    product: Vectors
    covered: int

    @property
    def difference(self) -> float:
        """The largest distance between the two."""
        return float(np.abs(self.row - self.product).max())


def look_up(conveyor: Conveyor, trained: TrainedEmbedding | None = None) -> LookUp:
    """The picked number's vector in the table that the settings ask for.

    `trained` is needed where this is the table of the film reviews.
    """
    dictionary, settings = conveyor.dictionary, conveyor.settings
    covered = 0
    if settings.origin == "glove":
        table, covered = glove_table(dictionary)
    elif trained is not None:
        start = np.zeros((len(dictionary), 8), dtype=np.float32)
        vectors = trained.tables[stop(settings.step)].astype(np.float32)
        table = table_from(dictionary, trained.words, vectors, start)
        covered = len(set(trained.words) & set(dictionary.known))
    else:
        table = random_table(dictionary)
    number = conveyor.picked_number
    return LookUp(table, table[number], one_hot(number, len(table)) @ table, covered)


def stop(step: int) -> int:
    """The last stored training step up to `step`."""
    return max(each for each in STOPS if each <= step)
