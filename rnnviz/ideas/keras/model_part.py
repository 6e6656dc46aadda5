"""The model in three libraries."""

from rnnviz.ideas.keras.choice import KERNEL, POOL, SIZE, STEPS, UNITS, ModelChoice
from rnnviz.ideas.keras.lines import Comparison, Line, Program, Replacement, lines
from rnnviz.messages import N_, Message

JOBS = {
    "embedding": N_(
        "A table with a vector for each word. Keras fills it within ±0.05, PyTorch with"
        " normally distributed numbers."
    ),
    "convolution": N_(
        "A window over five words. PyTorch wants the features before the time steps:"
        " .mT swaps them, there and back."
    ),
    "recurrent": N_(
        "Keras returns the last output, with return_sequences all of them; PyTorch"
        " returns all outputs and the last states, and counts layers in one call."
    ),
    "dropout": N_(
        "In nn.{layer}, dropout acts between layers. In Keras, {keras}(dropout=…) acts on the input"
        " of the layer, recurrent_dropout=… on its state, with one mask for all time steps."
    ),
    "head": N_("One number, the logit; the sigmoid is part of the loss."),
}
"""What the lines of each job do, and where the libraries differ."""


def compare_models(choice: ModelChoice) -> Comparison:
    """The model of `choice`, to be built line by line."""
    keras, pytorch = Program(_keras(choice)), Program(_pytorch(choice))
    jobs = {line.job for line in keras.lines}
    replacements = [
        Replacement(
            "tensorflow.keras",
            Message(N_("keras: since version 3 it runs on TensorFlow, JAX or PyTorch")),
        ),
        Replacement("input_length", Message(N_("nothing: Keras reads the length from the data"))),
    ]
    return Comparison(
        keras,
        pytorch,
        Program(_book(choice)),
        {
            job: Message(text, {"layer": choice.torch_layer, "keras": choice.keras_layer})
            for job, text in JOBS.items()
            if job in jobs
        },
        tuple(replacements),
    )


def _keras(choice: ModelChoice) -> tuple[Line, ...]:
    rows: list[tuple[str, ...] | str] = [
        "import keras",
        "from keras import layers",
        "",
        "model = keras.Sequential([",
        (f"    layers.Embedding(10_000, {SIZE}),", "embedding"),
    ]
    if choice.convolution:
        rows += [
            (f'    layers.Conv1D({UNITS}, {KERNEL}, activation="relu"),', "convolution"),
            (f"    layers.MaxPooling1D({POOL}),", "convolution"),
        ]
    for number in range(1, choice.layers + 1):
        sequences = ", return_sequences=True" if number < choice.layers else ""
        layer = f"layers.{choice.keras_layer}({UNITS}{sequences})"
        if choice.bidirectional:
            rows.append(("    layers.Bidirectional(", "recurrent"))
            rows.append((f"        {layer}),", "recurrent"))
        else:
            rows.append((f"    {layer},", "recurrent"))
        if choice.dropout:
            rows.append((f"    layers.Dropout({choice.dropout:g}),", "dropout"))
    rows += [("    layers.Dense(1),", "head"), "])", f"model.build((None, {STEPS}))"]
    return lines(*rows)


def _pytorch(choice: ModelChoice) -> tuple[Line, ...]:
    inputs, directions = choice.inputs[0], 1 + choice.bidirectional
    options = [f"{inputs}, {UNITS}, batch_first=True"]
    options += ["bidirectional=True"] if choice.bidirectional else []
    options += [f"num_layers={choice.layers}"] if choice.layers > 1 else []
    options += [f"dropout={choice.dropout:g}"] if choice.dropout and choice.layers > 1 else []
    rows: list[tuple[str, ...] | str] = [
        "import torch",
        "from torch import nn",
        "",
        "class Model(nn.Module):",
        "    def __init__(self):",
        "        super().__init__()",
        (f"        self.embedding = nn.Embedding(10_000, {SIZE})", "embedding"),
    ]
    if choice.convolution:
        rows += [
            (f"        self.convolution = nn.Conv1d({SIZE}, {UNITS}, {KERNEL})", "convolution"),
            (f"        self.pooling = nn.MaxPool1d({POOL})", "convolution"),
        ]
    rows += [
        (f"        self.recurrent = nn.{choice.torch_layer}(", "recurrent"),
        *((f"            {each},", "recurrent") for each in options[:-1]),
        (f"            {options[-1]})", "recurrent"),
    ]
    if choice.dropout:
        rows.append((f"        self.dropout = nn.Dropout({choice.dropout:g})", "dropout"))
    rows += [
        (f"        self.head = nn.Linear({UNITS * directions}, 1)", "head"),
        "",
        "    def forward(self, ids):",
        ("        x = self.embedding(ids)", "embedding"),
    ]
    if choice.convolution:
        rows += [
            ("        x = torch.relu(self.convolution(x.mT))", "convolution"),
            ("        x = self.pooling(x).mT", "convolution"),
        ]
    states = "(h, c)" if choice.returns_pair else "h"
    last = "torch.cat([h[-2], h[-1]], dim=-1)" if choice.bidirectional else "h[-1]"
    rows += [
        (f"        outputs, {states} = self.recurrent(x)", "recurrent"),
        (f"        last = {last}", "recurrent"),
    ]
    if choice.dropout:
        rows.append(("        last = self.dropout(last)", "dropout"))
    rows += [("        return self.head(last)", "head"), "", "model = Model()"]
    return lines(*rows)


def _book(choice: ModelChoice) -> tuple[Line, ...]:
    rows: list[tuple[str, ...] | str] = [
        ("from tensorflow.keras.layers import *", "", "tensorflow."),
        ("from tensorflow.keras.models import Sequential", "", "tensorflow."),
        "",
        "model = Sequential()",
        ("model.add(Embedding(10000, 32, input_length=20))", "embedding", ", input_length=20"),
    ]
    if choice.convolution:
        rows += [
            (f"model.add(Conv1D({UNITS}, {KERNEL}, activation='relu'))", "convolution"),
            (f"model.add(MaxPooling1D({POOL}))", "convolution"),
        ]
    drops = [f"dropout={choice.dropout:g}", f"recurrent_dropout={choice.dropout:g}"]
    for number in range(1, choice.layers + 1):
        options = [str(UNITS), *(drops if choice.dropout else [])]
        options += ["return_sequences=True"] if number < choice.layers else []
        start = "Bidirectional(" * choice.bidirectional + choice.keras_layer
        end = ")" * (2 + choice.bidirectional)
        if len(options) < 3:
            rows.append((f"model.add({start}({', '.join(options)}{end}", "recurrent"))
        else:
            rows.append((f"model.add({start}(", "recurrent"))
            rows += [(f"    {each},", "recurrent") for each in options[:-1]]
            rows.append((f"    {options[-1]}{end}", "recurrent"))
    rows.append(("model.add(Dense(1, activation='sigmoid'))", "head"))
    return lines(*rows)
