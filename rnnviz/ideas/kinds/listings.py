"""Programs with which a visitor checks what the head makes of the picked step."""

from rnnviz.ideas.kinds.reading import Numbers, softmax
from rnnviz.ideas.listing import Listing

SHOWN = 6
"""Labels that are printed, the likeliest first."""


def listings(labels: tuple[str, ...], logits: Numbers, temperature: float) -> tuple[Listing, ...]:
    """Softmax and argmax of `logits`, with PyTorch and with Keras."""
    rounded = tuple(round(value, 3) for value in logits)
    shares = softmax(rounded, temperature)
    order = sorted(range(len(rounded)), key=lambda k: (-rounded[k], k))[:SHOWN]
    lines = [f"{labels[k]!r} {rounded[k]:+.3f} {shares[k]:.3f}" for k in order]
    output = "\n".join([*lines, f"argmax: {labels[order[0]]!r}"])
    return (
        Listing("PyTorch", _code(labels, rounded, temperature, _TORCH), output),
        Listing("Keras", _code(labels, rounded, temperature, _KERAS), output),
    )


def _code(labels: tuple[str, ...], logits: Numbers, temperature: float, body: str) -> str:
    head = f"labels = {list(labels)}\nlogits = {list(logits)}\ntemperature = {temperature:g}\n"
    return body.replace("SETTINGS\n", head).replace("SHOWN", str(SHOWN))


_TORCH = """import torch

SETTINGS
z = torch.tensor(logits, dtype=torch.float64)
shares = torch.softmax(z / temperature, dim=-1)
for k in torch.argsort(z, descending=True, stable=True)[:SHOWN].tolist():
    print(f"{labels[k]!r} {z[k]:+.3f} {shares[k]:.3f}")
print("argmax:", repr(labels[int(z.argmax())]))
"""

_KERAS = """import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np

SETTINGS
z = np.array(logits)
shares = keras.ops.softmax(keras.ops.convert_to_tensor(z) / temperature)
for k in np.argsort(-z, kind="stable")[:SHOWN].tolist():
    print(f"{labels[k]!r} {z[k]:+.3f} {float(shares[k]):.3f}")
print("argmax:", repr(labels[int(keras.ops.argmax(z))]))
"""
