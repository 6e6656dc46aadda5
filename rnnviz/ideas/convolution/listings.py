"""The programs with which a visitor checks the numbers of the page."""

from rnnviz.ideas.convolution.order import PIECES, UNITS, Order, T
from rnnviz.ideas.convolution.shapes import FEATURES, FILTERS, WORDS, StackShape, Station
from rnnviz.ideas.convolution.vectors import BLANK, SEED
from rnnviz.ideas.convolution.vectors import FEATURES as LETTER
from rnnviz.ideas.convolution.window import FILTERS as WINDOW_FILTERS
from rnnviz.ideas.convolution.window import Window
from rnnviz.ideas.listing import Listing


def window_listings(window: Window) -> tuple[Listing, ...]:
    """The receptive field by the gradient (PyTorch), and by changing one input (Keras)."""
    settings = window.settings
    output = f"formula {settings.field}, measured {window.measured}"
    return (
        Listing(
            "PyTorch",
            f"""import torch
from torch.nn import functional as F

kernel, dilations, T = {settings.kernel}, {list(settings.dilations)}, {settings.field + 10}
generator = torch.Generator().manual_seed({SEED})
x = torch.randn({WINDOW_FILTERS}, {LETTER}, T, generator=generator).requires_grad_()
h = x
for d in dilations:  # The same weights at every position: shared over space.
    w = torch.randn({WINDOW_FILTERS}, h.shape[1], kernel, generator=generator)
    w /= w[0].numel() ** 0.5
    h = F.relu(F.conv1d(F.pad(h, ((kernel - 1) * d, 0)), w, dilation=d))
rows = torch.arange({WINDOW_FILTERS})  # One filter per row, so that gradients cannot cancel.
h[rows, rows, -1].sum().backward()
seen = x.grad.abs().sum((0, 1)).nonzero()[:, 0]
print(f"formula {{1 + (kernel - 1) * sum(dilations)}}, measured {{T - int(seen[0])}}")
""",
            output,
        ),
        Listing(
            "Keras",
            f"""import keras
import numpy as np

keras.utils.set_random_seed({SEED})
kernel, dilations, T = {settings.kernel}, {list(settings.dilations)}, {settings.field + 10}
model = keras.Sequential([keras.Input((T, {LETTER}))] + [
    keras.layers.Conv1D(64, kernel, padding="causal", dilation_rate=d, activation="relu")
    for d in dilations
])
x = np.random.default_rng({SEED}).normal(size=(1, T, {LETTER})).astype("float32")
changed = np.repeat(x, T, axis=0)
changed[np.arange(T), np.arange(T)] += 30  # Row t has another vector at step t.
before, after = (model.predict(a, verbose=0)[:, -1] for a in (x, changed))
seen = np.flatnonzero(np.abs(after - before).max(axis=1) > 1e-4)  # More than rounding.
print(f"formula {{1 + (kernel - 1) * sum(dilations)}}, measured {{T - seen[0]}}")
""",
            output,
        ),
    )


def order_listings(order: Order) -> tuple[Listing, ...]:
    """Both changes, with the weights of the page."""
    s = order.settings
    pool = {
        "max": "features.amax(2)",
        "average": "features.mean(2)",
        "pieces": f"F.max_pool1d(features, {T // PIECES}).flatten(1)",
    }[s.pooling]
    return (
        Listing(
            "PyTorch",
            f"""import torch
from torch import nn
from torch.nn import functional as F

before = {order.before!r}
after = {order.after!r}


def vector(character):
    if character == {BLANK!r}:
        return torch.zeros({LETTER}, dtype=torch.float64)
    generator = torch.Generator().manual_seed(ord(character))
    return torch.randn({LETTER}, generator=generator, dtype=torch.float64)


x = torch.stack([torch.stack([vector(c) for c in text]) for text in (before, after)])

generator = torch.Generator().manual_seed({SEED})
convolution = nn.Conv1d({LETTER}, {UNITS}, {s.kernel}).double()
bound = ({LETTER} * {s.kernel}) ** -0.5
for weight in convolution.parameters():
    nn.init.uniform_(weight, -bound, bound, generator)
features = F.relu(convolution(F.pad(x.mT, ({s.kernel - 1}, 0))))
pooled = {pool}

generator = torch.Generator().manual_seed({SEED})
rnn = nn.RNN({LETTER}, {UNITS}, batch_first=True)
bound = {UNITS} ** -0.5
for weight in rnn.parameters():
    nn.init.uniform_(weight, -bound, bound, generator)
nn.init.orthogonal_(rnn.weight_hh_l0, generator=generator)
state = rnn.double()(x)[0][:, -1]

for name, (a, b) in {{"pooled": pooled, "state": state}}.items():
    change = ((b - a).norm() / a.norm()).item()
    print(f"{{name}} changes by {{change:.2%}}")
""",
            f"pooled changes by {order.pooled_change:.2%}\n"
            f"state changes by {order.state_change:.2%}",
        ),
    )


def shape_listings(shape: StackShape, rows: tuple[Station, ...]) -> tuple[Listing, ...]:
    """The shapes and the parameters of the stack."""
    size = "Max" if shape.pooling == "max" else "Average"
    output = "\n".join(f"{row.name} {row.shape} {row.parameters}" for row in rows[1:])
    pools = shape.pool > 1 and shape.layers > 1
    keras, torch_lines = [], []
    for layer in range(shape.layers):
        inputs = FILTERS if layer else FEATURES
        dilation = f", dilation_rate={shape.dilation}" if shape.dilation > 1 else ""
        keras.append(
            f'layers.Conv1D({FILTERS}, {shape.kernel}, padding="{shape.padding}"{dilation}, '
            'activation="relu"),'
        )
        sizes = f"{inputs}, {FILTERS}, {shape.kernel}, dilation={shape.dilation}"
        torch_lines.append(f'("Conv1D", nn.Conv1d({sizes})),')
        if pools and layer < shape.layers - 1:
            keras.append(f"layers.{size}Pooling1D({shape.pool}),")
            pool = "MaxPool1d" if shape.pooling == "max" else "AvgPool1d"
            torch_lines.append(f'("{size}Pooling1D", nn.{pool}({shape.pool})),')
    keras_block = "\n    ".join(keras)
    torch_block = "\n    ".join(torch_lines)
    reduce = "amax" if shape.pooling == "max" else "mean"
    causal = (
        f'    if name == "Conv1D":\n        x = nn.functional.pad(x, ({shape.reach}, 0))\n'
        if shape.padding == "causal"
        else ""
    )
    return (
        Listing(
            "Keras",
            f"""import keras
from keras import layers

model = keras.Sequential([
    keras.Input(({shape.steps},), dtype="int32"),
    layers.Embedding({WORDS}, {FEATURES}),
    {keras_block}
    layers.Global{size}Pooling1D(),
    layers.Dense(1),
])
for layer in model.layers:
    print(type(layer).__name__, layer.output.shape[1:], layer.count_params())
""",
            output,
        ),
        Listing(
            "PyTorch",
            f"""import torch
from torch import nn


def report(name, x, layer=None):
    count = sum(weight.numel() for weight in layer.parameters()) if layer else 0
    print(name, tuple(x.shape[1:]), count)


embedding, dense = nn.Embedding({WORDS}, {FEATURES}), nn.Linear({FILTERS}, 1)
stack = [
    {torch_block}
]
x = embedding(torch.zeros(1, {shape.steps}, dtype=torch.int64))
report("Embedding", x, embedding)
x = x.mT  # PyTorch convolves (batch, features, time), Keras (batch, time, features).
for name, layer in stack:
{causal}    x = layer(x).relu()
    report(name, x.mT, layer)
x = x.{reduce}(2)
report("Global{size}Pooling1D", x)
report("Dense", dense(x), dense)
""",
            output,
        ),
    )
