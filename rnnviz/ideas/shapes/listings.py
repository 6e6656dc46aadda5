"""The programs with which a visitor checks the numbers of each part of the page."""

from collections.abc import Iterable

from torch import Tensor

from rnnviz.ideas.listing import Listing
from rnnviz.ideas.shapes.layers import Reading
from rnnviz.ideas.shapes.loop import PROGRAMS, run_loop
from rnnviz.ideas.shapes.parts import pad, read_two, returned_values, step_by_step_error
from rnnviz.ideas.shapes.settings import LETTERS, SEED, VOCABULARY, WORDS, LayerSettings
from rnnviz.names import CELL_NAMES

SHOWN = 4
"""Numbers of a vector that a program prints."""


def head(settings: LayerSettings, *, with_axes: bool = True) -> list[str]:
    """The input x and the seed, as the page has them; batch first unless `with_axes`."""
    size = f"{settings.batch}, {settings.steps}"
    lines = ["import torch", "from torch import nn", "", f"torch.manual_seed({SEED})"]
    if settings.values == "letters":
        lines += [
            f"words = [({WORDS!r}[b % {len(WORDS)}] * {settings.steps})[:{settings.steps}]"
            f" for b in range({settings.batch})]",
            f'numbers = [["{LETTERS}".index(letter) for letter in word] for word in words]',
            f"x = torch.eye({len(LETTERS)})[torch.tensor(numbers)]",
        ]
    elif settings.values == "random":
        lines += [f"x = torch.randn({size}, {settings.inputs})"]
    else:
        lines += [
            f"ids = torch.randint(1, {VOCABULARY}, ({size}))",
            f"embedding = nn.Embedding({VOCABULARY}, {settings.inputs}, padding_idx=0)",
            "x = embedding(ids)",
        ]
    if with_axes and not settings.batch_first:
        lines += ["x = x.transpose(0, 1)  # (T, B, inputs)"]
    return lines


def shapes_listings(reading: Reading) -> list[Listing]:
    """The shapes, and the first numbers of h_n beside their place in output."""
    settings = reading.settings
    names = list(reading.shapes)
    has_cell = "c_n" in names
    first, last = ("[0, 0", "[0, -1") if settings.batch_first else ("[0, 0", "[-1, 0")
    state = reading.states[0][-1, :, 0]
    lines = [
        *head(settings),
        f"layer = nn.{CELL_NAMES[settings.cell]}({settings.arguments})",
        f"output, {'(h_n, c_n)' if has_cell else 'h_n'} = layer(x)",
        'print("input", tuple(x.shape))',
        'print("output", tuple(output.shape))',
        'print("h_n", tuple(h_n.shape))',
    ]
    printed = [f"{name} {reading.shapes[name]}" for name in ("input", "output", "h_n")]
    if has_cell:
        lines += ['print("c_n", tuple(c_n.shape))']
        printed += [f"c_n {reading.shapes['c_n']}"]
    lines += ['show = lambda vector: print([f"{v:+.3f}" for v in vector.tolist()[:4]])']
    places = [(-settings.ways, f"output{last}, :{settings.hidden}]")]
    if settings.is_bidirectional:
        places += [(-1, f"output{first}, {settings.hidden}:]")]
    for way, (number, place) in enumerate(places):
        lines += [f"show(h_n[{number}, 0])", f"show({place})"]
        printed += [_vector(state[way])] * 2
    return [_listing("PyTorch", lines, printed)]


def returns_listings(
    settings: LayerSettings, *, sequences: bool, state: bool, backwards: bool
) -> list[Listing]:
    """The same layer in Keras, with PyTorch's weights."""
    values = returned_values(settings, sequences=sequences, state=state, backwards=backwards)
    cell = CELL_NAMES[settings.cell]
    name = "SimpleRNN" if cell == "RNN" else cell
    # A stack that reads from the end has its lowest layer turn the sequence around.
    stack = [["return_sequences=True"] for _ in range(settings.layers)]
    stack[-1] = [f"return_sequences={sequences}", f"return_state={state}"]
    if backwards and not settings.is_bidirectional:
        stack[0] += ["go_backwards=True"]
    wrap = "keras.layers.Bidirectional({})" if settings.is_bidirectional else "{}"
    layers = [
        wrap.format(f"keras.layers.{name}({settings.hidden}, {', '.join(options)})")
        for options in stack
    ]
    bias = "b_ih + b_hh"
    convert = []
    if cell == "GRU":  # Keras has the update gate first, and both biases.
        convert = [
            "        order = [1, 0, 2]",
            "        W_ih, W_hh, b_ih, b_hh = (",
            "            torch.cat([w.chunk(3)[n] for n in order])",
            "            for w in (W_ih, W_hh, b_ih, b_hh)",
            "        )",
        ]
        bias = "torch.stack([b_ih, b_hh])"
    lines = [
        'import os\n\nos.environ["KERAS_BACKEND"] = "torch"',
        "import keras",
        *head(settings, with_axes=False),
        f"torch_layer = nn.{cell}({_batch_first(settings)})",
        "weights = list(torch_layer.parameters())",
        "",
        "",
        "def copied(count):",
        "    copies = []",
        "    for _ in range(count):",
        "        W_ih, W_hh, b_ih, b_hh = (weights.pop(0).detach() for _ in range(4))",
        *convert,
        f"        copies += [W_ih.T, W_hh.T, {bias}]",
        "    return [copy.numpy() for copy in copies]",
        "",
        "",
        "returned = x.detach()",
        "stack = [",
        *(f"    {layer}," for layer in layers),
        "]",
        "for layer in stack:",
        "    layer.build(returned.shape)",
        f"    layer.set_weights(copied({settings.ways}))",
        "    returned = layer(returned)",
        "for value in returned if isinstance(returned, (list, tuple)) else [returned]:",
        "    print(tuple(value.shape))",
        f"vector = {'returned[0]' if state else 'returned'}[0]{'[-1]' if sequences else ''}",
        'print([f"{v:+.3f}" for v in vector.tolist()[:4]])',
    ]
    vector = values.output[0, -1]
    if settings.is_bidirectional and not sequences:
        hidden = settings.hidden
        vector = vector.clone()
        vector[hidden:] = values.output[0, 0, hidden:]
    return [_listing("Keras", lines, [*map(str, values.shapes), _vector(vector)])]


def padding_listings(settings: LayerSettings, pads: int) -> list[Listing]:
    """The three ways to the last vector, and how far each is from the sequence alone."""
    padded = pad(settings, pads)
    lines = [
        *head(settings, with_axes=False),
        f"layer = nn.{CELL_NAMES[settings.cell]}({_batch_first(settings)})",
        "alone = x[:1].detach()",
        f"padded = nn.functional.pad(alone, (0, 0, 0, {pads}))",
        f"T = {settings.steps}",
        "truth = layer(alone)[0][0, -1]",
        "y_out = layer(padded)[0]",
        "packed = nn.utils.rnn.pack_padded_sequence(padded, torch.tensor([T]), batch_first=True)",
        "unpacked = nn.utils.rnn.pad_packed_sequence(layer(packed)[0], batch_first=True)[0]",
        'print(f"norm {truth.norm():.2f}")',
        'print(f"y_out[:, -1] {(y_out[0, -1] - truth).norm():.2f}")',
        'print(f"column_gather {(y_out[0, T - 1] - truth).norm():.2f}")',
        'print(f"packed {(unpacked[0, T - 1] - truth).norm():.2f}")',
    ]
    printed = [
        f"norm {padded.norm:.2f}",
        f"y_out[:, -1] {padded.last_distance:.2f}",
        f"column_gather {padded.length_distance:.2f}",
        f"packed {padded.packed_distance:.2f}",
    ]
    return [_listing("PyTorch", lines, printed)]


def weights_listings(reading: Reading) -> list[Listing]:
    """An Elman network of one cell in a loop, as an article writes it, beside torch.nn's layer."""
    settings = reading.settings
    cell = CELL_NAMES[settings.cell]
    state = "state[0]" if cell == "LSTM" else "state"
    lines = [
        *head(settings),
        f"layer = nn.{cell}({settings.inputs}, {settings.hidden}"
        f"{', batch_first=True' if settings.batch_first else ''})",
        f"cell = nn.{cell}Cell({settings.inputs}, {settings.hidden})",
        "weights = layer.state_dict()",
        'cell.load_state_dict({name.removesuffix("_l0"): w for name, w in weights.items()})',
        f"steps = x{'.permute(1, 0, 2)' if settings.batch_first else ''}  # (T, B, inputs)",
        "state, states = None, []",
        "for x_t in steps:",
        "    state = cell(x_t, state)",
        f"    states.append({state})",
        f"hiddens = torch.stack(states){'.permute(1, 0, 2)' if settings.batch_first else ''}",
        "print(tuple(hiddens.shape))",
        "print(bool((hiddens - layer(x)[0]).abs().max() < 1e-6))",
    ]
    size = [settings.batch, settings.steps]
    shape = (*(size if settings.batch_first else size[::-1]), settings.hidden)
    return [_listing("PyTorch", lines, [str(shape), str(step_by_step_error(settings) < 1e-6)])]


def state_listings(settings: LayerSettings) -> list[Listing]:
    """The second sequence from zeros, and from the state of the first."""
    two = read_two(settings)
    lines = [
        *head(settings, with_axes=False),
        f"layer = nn.{CELL_NAMES[settings.cell]}"
        f"({settings.inputs}, {settings.hidden}, batch_first=True)",
        f"first, second = x[:1], x[{1 % settings.batch}:][:1]",
        "output, state = layer(first)",
        "reset = layer(second)[0][0]",
        "carried = layer(second, state)[0][0]",
        "distances = (reset - carried).norm(dim=1).tolist()",
        'print(f"first step {distances[0]:.4f}")',
        'print(f"last step {distances[-1]:.4f}")',
    ]
    first, last = float(two.distances[0]), float(two.distances[-1])
    return [_listing("PyTorch", lines, [f"first step {first:.4f}", f"last step {last:.4f}"])]


def loop_lines(settings: LayerSettings) -> list[str]:
    """The program of the loop, from the weights to the states."""
    cell = CELL_NAMES[settings.cell]
    return [
        "import numpy as np",
        *head(settings, with_axes=False),
        f"layer = nn.{cell}({settings.inputs}, {settings.hidden}, batch_first=True).double()",
        "x = x[:1].detach().double()",
        "W_ih, W_hh, b_ih, b_hh = (w.detach().numpy() for w in layer.parameters())",
        f"H = {settings.hidden}",
        "",
        *PROGRAMS[settings.cell].start,
        "states = []",
        "for x_t in x[0].numpy():",
        *(f"    {line}" for line in PROGRAMS[settings.cell].body),
        "    states.append(h)",
        "",
        "difference = np.abs(np.stack(states) - layer(x)[0][0].detach().numpy()).max()",
    ]


def loop_listings(settings: LayerSettings) -> list[Listing]:
    """The whole program, with its last state."""
    loop = run_loop(settings)
    lines = [
        *loop_lines(settings),
        'print([f"{v:+.3f}" for v in h[:4]])',
        "print(difference < 1e-14)",
    ]
    return [_listing("NumPy", lines, [_vector(loop.states[-1]), str(loop.error < 1e-14)])]


def _batch_first(settings: LayerSettings) -> str:
    """The arguments of the layer, batch first, as Keras and the padding want it."""
    arguments = settings.arguments
    return arguments if settings.batch_first else f"{arguments}, batch_first=True"


def _vector(values: "Tensor | Iterable[float]") -> str:
    return str([f"{float(value):+.3f}" for value in list(values)[:SHOWN]])


def _listing(language: str, lines: list[str], printed: list[str]) -> Listing:
    return Listing(language, "\n".join(lines) + "\n", "\n".join(printed))
