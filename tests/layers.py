"""Recurrent layers and sequences for the tests, from seeds of their own."""

from typing import Any

import hypothesis.strategies as st
import torch
from torch import nn

KINDS = {
    "tanh": (nn.RNN, {"nonlinearity": "tanh"}),
    "relu": (nn.RNN, {"nonlinearity": "relu"}),
    "gru": (nn.GRU, {}),
    "lstm": (nn.LSTM, {}),
}


def make_layer(
    kind: Any,
    inputs: Any,
    hidden: Any,
    *,
    seed: Any = 0,
    dtype: Any = torch.float32,
    **options: Any,
) -> Any:
    """A layer with PyTorch's own initial distribution, drawn from a generator of its own."""
    layer = kind(inputs, hidden, dtype=dtype, **options)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.uniform_(-(hidden**-0.5), hidden**-0.5, generator=generator)
    return layer


def sequence(steps: Any, inputs: Any, dtype: Any = torch.float32, *, seed: Any = 0) -> Any:
    """Normal numbers, (T, I)."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(steps, inputs, generator=generator, dtype=dtype)


@st.composite
def any_layer(
    draw: Any, dtypes: Any = (torch.float32, torch.float64), most_layers: Any = 3, both: Any = True
) -> Any:
    """A layer of any kind, depth, direction and bias, with a sequence for it."""
    kind, options = KINDS[draw(st.sampled_from(sorted(KINDS)))]
    inputs, hidden = draw(st.integers(1, 12)), draw(st.integers(1, 24))
    dtype, seed = draw(st.sampled_from(dtypes)), draw(st.integers(0, 2**31))
    layer = make_layer(
        kind,
        inputs,
        hidden,
        seed=seed,
        dtype=dtype,
        num_layers=draw(st.integers(1, most_layers)),
        bidirectional=both and draw(st.booleans()),
        bias=draw(st.booleans()),
        **options,
    )
    return layer, sequence(draw(st.integers(1, 40)), inputs, dtype, seed=seed)
