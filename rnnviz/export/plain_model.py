"""What a script's template needs from a model that it spells out in plain PyTorch.

B sequences, T time steps, I inputs, V answers.
"""

from rnnviz.cells import CELLS, KERAS_FORGET_BIAS
from rnnviz.model import IOSpec, ModelSpec
from rnnviz.text import PAD


def is_plain(spec: ModelSpec, io_spec: IOSpec) -> bool:
    """Whether the script spells the model out: an embedding, one of torch.nn's layers, a head.

    What goes beyond (a cell that torch.nn lacks, a convolution, an answer that is a sequence,
    dropout between layers or inside of one) is exported with the modules of rnnviz that make it.
    """
    if spec.family != "recurrent" or spec.front or io_spec.is_decoded:
        return False
    if spec.recurrent_dropout or spec.state_dropout:
        return False
    if CELLS[spec.cell].layer is None:
        return False
    return not spec.dropout or (spec.layers == 1 and not spec.bidirectional)


def model_conditions(spec: ModelSpec, io_spec: IOSpec) -> dict[str, bool]:
    """The parts of the model, and of the draw of its first weights."""
    embedded = io_spec.tokens and spec.embedding != "one-hot"
    return {
        "tokens": io_spec.tokens,
        "embedded": embedded,
        "glove": embedded and spec.embedding.startswith("glove"),
        "frozen": spec.embedding == "glove",
        "bidirectional": spec.bidirectional,
        "dropout": bool(spec.dropout),
        "deep_head": spec.deep_head,
        "one_answer": io_spec.single_answer,
        # torch.nn returns a single state without a tuple; the models of rnnviz always with one.
        "single_tensor": is_plain(spec, io_spec) and len(CELLS[spec.cell].states) == 1,
        "orthogonal": spec.initialisation == "orthogonal",
        "identity": spec.initialisation == "identity",
        "keras": spec.initialisation == "keras",
        "spectral_radius": spec.spectral_radius is not None,
        "forget_bias": _forget_bias(spec) is not None and CELLS[spec.cell].forget_block is not None,
    }


def model_fills(spec: ModelSpec, io_spec: IOSpec) -> dict[str, str]:
    """The lines of the model that differ from cell to cell and from task to task."""
    cell = CELLS[spec.cell]
    assert cell.layer is not None, "a model with another layer is not plain"
    arguments = ["FEATURES", "HIDDEN", "batch_first=True"]
    arguments += [f"num_layers={spec.layers}"] if spec.layers > 1 else []
    arguments += ["bidirectional=True"] if spec.bidirectional else []
    arguments += [f"{name}={getattr(spec, name)!r}" for name in cell.options]
    inputs = "Token ids (B,T)" if io_spec.tokens else "Features (B,T,I)"
    answers = "(B,V)" if io_spec.single_answer else "(B,T,V)"
    generator = ", generator=None" if spec.dropout else ""
    return {
        "docstring": f'"""{inputs} in, answers {answers} out. '
        'B sequences, T time steps, V answers."""\n',
        "recurrent": f"self.recurrent = nn.{cell.layer.__name__}({', '.join(arguments)})",
        "signature": f"def forward(self, inputs, lengths, state=None{generator}):",
    }


def model_constants(spec: ModelSpec, io_spec: IOSpec) -> dict[str, str]:
    """The sizes and the settings of the model."""
    cell_type, first = CELLS[spec.cell], 0
    if cell_type.forget_block is not None:
        first = cell_type.blocks.index(cell_type.forget_block) * spec.hidden
    values = {
        "SYMBOLS": io_spec.n_in,
        "PAD": PAD,
        "FEATURES": spec.n_features(io_spec.n_in) if io_spec.tokens else io_spec.n_in,
        "HIDDEN": spec.hidden,
        "STATE": spec.hidden * (1 + spec.bidirectional),
        "ANSWERS": io_spec.n_out,
        "DROPOUT": spec.dropout,
        "SPECTRAL_RADIUS": spec.spectral_radius,
        "FORGET_BIAS": _forget_bias(spec),
        "FORGET_ROWS": slice(first, first + spec.hidden),
    }
    return {name: repr(value) for name, value in values.items()}


def _forget_bias(spec: ModelSpec) -> float | None:
    """The bias with which a forget gate starts; None where it is drawn like the others."""
    if spec.forget_bias is None and spec.initialisation == "keras":
        return KERAS_FORGET_BIAS
    return spec.forget_bias
