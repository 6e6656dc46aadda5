"""The map of the film reviews' words, at every step of their training."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from rnnviz.palette import SERIES, Theme
from rnnviz.ui import show
from rnnviz.ui.language import _, current
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    from rnnviz.ideas.text import TrainedEmbedding

BLUE, ORANGE = SERIES[0], SERIES[5]
LABELS = 12
"""Of each kind of words, how many are written out."""
APART = 50
"""The step from which the words lie far enough from one another to be read."""


def show_training(trained: "TrainedEmbedding", reader: str, step: int) -> None:
    """Draw the words most typical of liked and of disliked films, as the table has them."""
    figure = _training(reader, step, current(), show.theme(), trained)
    show.figure(figure, key="text.training", data=lambda: _training_numbers(trained, step))


@shared(max_entries=100)
def _training(
    reader: str, step: int, language: str, theme: Theme, _trained: "TrainedEmbedding"
) -> show.ReadyFigure:
    from rnnviz import figures

    plane, limits = _trained_plane(_trained, step)
    words = [_trained.words[row] for row in _trained.marked]
    half = len(words) // 2
    fig = figures.word_map(
        [
            figures.WordGroup(
                title,
                colour,
                words[part],
                plane[part, 0].tolist(),
                plane[part, 1].tolist(),
                symbol,
            )
            for title, colour, part, symbol in (
                (_("liked films"), BLUE, slice(None, half), "circle"),
                (_("disliked films"), ORANGE, slice(half, None), "diamond"),
            )
        ],
        limits=limits,
        labels=LABELS if step >= APART else 0,
    )
    values = {
        "before": _trained.agreement(0),
        "now": _trained.agreement(step),
        "step": step,
    }
    title = _(
        "Nearest neighbours of their own kind: {before:.0%} at step 0, {now:.0%} at step {step}",
        **values,
    )
    model = (
        _("Embedding(10000, 8), then Flatten + Dense")
        if reader == "dense"
        else _("Embedding(10000, 8), then SimpleRNN(32)")
    )
    caption = _(
        "{model}, on the first 20 words of each sentence: right on {score:.0%} of the held-out"
        " sentences. Nobody told the table which words are kind: the loss did, through the gradient"
        " of each word's row.",
        model=model,
        score=_trained.accuracy[step],
    )
    return show.finish(
        fig,
        title=title,
        caption=caption,
        alt=_("Words as points on a plane. {finding}", finding=title),
        theme=theme,
    )


def _trained_plane(
    trained: "TrainedEmbedding", step: int
) -> "tuple[np.ndarray[tuple[int, int], np.dtype[np.float32]], tuple[float, float, float, float]]":
    """The marked words at `step` on the plane of the last step, and the limits of that one."""
    from rnnviz.ideas.text import principal_axes

    last = trained.marked_vectors(max(trained.tables))
    mean, axes = principal_axes(last)
    end = (last - mean) @ axes.T
    low, high = end.min(0) * 1.15, end.max(0) * 1.15
    limits = (float(low[0]), float(high[0]), float(low[1]), float(high[1]))
    return np.asarray((trained.marked_vectors(step) - mean) @ axes.T), limits


def _training_numbers(trained: "TrainedEmbedding", step: int) -> pd.DataFrame:
    vectors = trained.marked_vectors(step)
    words = [trained.words[row] for row in trained.marked]
    table = pd.DataFrame(vectors, columns=[f"dimension_{k}" for k in range(vectors.shape[1])])
    table.insert(0, "word", words)
    table.insert(1, "liked", [k < len(words) // 2 for k in range(len(words))])
    return table
