"""The numbers of the stage as one long table: a row for each value of each quantity.

T time steps, H hidden units, V labels.
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from rnnviz.ui.stage import CellView, Translate, label_titles, untranslated

if TYPE_CHECKING:
    from rnnviz.gradients import LayerBackward
    from rnnviz.tracing import LayerTrace

COLUMNS = ["cell", "layer", "direction", "step", "token", "quantity", "unit", "value"]


def table(
    views: Sequence[CellView], tokens: Sequence[str], translate: Translate = untranslated
) -> pd.DataFrame:
    """States, gates and gradients of every layer, and the predictions; the columns are COLUMNS.

    Layers, steps and units are counted from 1. Quantities of a whole layer (the norm of its
    gradient) have no unit, those of the whole model no layer; the unit of a prediction is its
    label.
    """
    blocks = [block for view in views for block in _blocks(view, tokens, translate)]
    return pd.concat(blocks, ignore_index=True)[COLUMNS]


def _blocks(view: CellView, tokens: Sequence[str], translate: Translate) -> Iterator[pd.DataFrame]:
    back, cell = view.backward, translate(view.name)
    for k, layer in enumerate(view.trace.layers):
        keys = {
            "cell": cell,
            "layer": str(layer.layer + 1),
            "direction": "reverse" if layer.reverse else "forward",
        }
        for quantity, values in _quantities(layer, None if back is None else back.layers[k]):
            yield _block(values, range(1, values.shape[-1] + 1), quantity, keys, tokens)
    keys = {"cell": cell, "layer": "", "direction": ""}
    if view.probabilities is not None:
        yield _block(view.probabilities, label_titles(view, translate), "prediction", keys, tokens)
    if back is not None:  # The loss is known after the last step.
        loss = _block(np.array([back.loss]), [], "loss", keys, tokens[-1:])
        yield loss.assign(step=len(tokens))


def _quantities(layer: "LayerTrace", back: "LayerBackward | None") -> Iterator[tuple[str, Any]]:
    for name, state in layer.states.items():
        yield f"state {name}", state
    for name, gate in layer.gates.items():
        yield f"gate {name}", gate
    if back is None:
        return
    for name, gradient in back.dstates.items():
        yield f"dL/d{name}", gradient
    yield "|dL/dh|", back.norms
    yield "factor from the step after", back.factors
    yield "|dL/dW_hh| of this step", back.weight_steps
    yield "|dL/dW_hh| summed from the end", back.weight_sum


def _block(
    values: Any,
    units: Sequence[object],
    quantity: str,
    keys: dict[str, str],
    tokens: Sequence[str],
) -> pd.DataFrame:
    """The rows of `values`, (T, H) with a name for each unit, or (T,) without."""
    numbers = np.asarray(values)
    steps = np.arange(len(tokens))
    per_step = numbers.shape[1] if numbers.ndim == 2 else 1
    step_of_row = steps.repeat(per_step)
    return pd.DataFrame(
        {
            "step": step_of_row + 1,
            "token": np.asarray(tokens, dtype=object)[step_of_row],
            "quantity": quantity,
            "unit": [str(unit) for unit in units] * len(tokens) if numbers.ndim == 2 else "",
            "value": numbers.astype(float).ravel(),
            **keys,
        }
    )
