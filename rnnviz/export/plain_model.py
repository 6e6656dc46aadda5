"""The model of an experiment as the text of a plain PyTorch module, and of its starting weights.

B sequences, T time steps, I inputs, H hidden units, V answers, D directions.
"""

from rnnviz.cells import CELLS
from rnnviz.model import IOSpec, ModelSpec
from rnnviz.text import PAD


def is_plain(spec: ModelSpec, ends: IOSpec) -> bool:
    """Whether the model is spelled out here: an embedding, one of torch.nn's layers, a head.

    What goes beyond (a convolution, an answer that is a sequence, dropout between layers or inside
    of one) is exported with the modules of rnnviz that make it.
    """
    if spec.family != "recurrent" or spec.front or ends.decoded or spec.recurrent_dropout:
        return False
    return not spec.dropout or (spec.layers == 1 and not spec.bidirectional)


def model_text(spec: ModelSpec, ends: IOSpec) -> str:
    """The class `Model`, and `starting_weights`, which draws its weights."""
    return "\n".join(
        [*_class(spec, ends), *_forward(spec, ends), "", "", *_starting_weights(spec, ends)]
    )


def _size(spec: ModelSpec, ends: IOSpec) -> int:
    return spec.n_features(ends.n_in) if ends.tokens else ends.n_in


def _has_table(spec: ModelSpec, ends: IOSpec) -> bool:
    return ends.tokens and spec.embedding != "one-hot"


def _class(spec: ModelSpec, ends: IOSpec) -> list[str]:
    H, size = spec.hidden, _size(spec, ends)
    kind = CELLS[spec.cell]
    options = [f"num_layers={spec.layers}"] if spec.layers > 1 else []
    options += ["bidirectional=True"] if spec.bidirectional else []
    options += [f"{name}={getattr(spec, name)!r}" for name in kind.options]
    given = "Token ids (B,T)" if ends.tokens else "Features (B,T,I)"
    found = "(B,V)" if ends.single_answer else "(B,T,V)"
    lines = [
        "class Model(nn.Module):",
        f'    """{given} in, answers {found} out. B sequences, T time steps, V answers."""',
        "",
        "    def __init__(self):",
        "        super().__init__()",
    ]
    if _has_table(spec, ends):
        lines.append(
            f"        self.table = nn.Embedding({ends.n_in}, {size}, padding_idx={PAD})"
            "  # a vector for each token"
        )
    if _has_table(spec, ends) and spec.embedding == "glove":
        lines.append("        self.table.weight.requires_grad = False  # GloVe, frozen")
    arguments = ", ".join([str(size), str(H), "batch_first=True", *options])
    width = H * (1 + spec.bidirectional)
    answer = f"nn.Linear({width}, {ends.n_out})"
    if spec.deep_head:
        answer = f"nn.Sequential(nn.Linear({width}, {H}), nn.ReLU(), nn.Linear({H}, {ends.n_out}))"
    return [
        *lines,
        f"        self.recurrent = nn.{kind.layer.__name__}({arguments})",
        f"        self.head = {answer}",
        "",
    ]


def _forward(spec: ModelSpec, ends: IOSpec) -> list[str]:
    drawn = ", chances=None" if spec.dropout else ""
    vectors = "inputs"
    if _has_table(spec, ends):
        vectors = "self.table(inputs)"
    elif ends.tokens:
        vectors = f"one_hot(inputs, {ends.n_in}).float() * (inputs != {PAD})[..., None]"
    lines = [
        f"    def forward(self, inputs, lengths, state=None{drawn}):",
        f"        x = {vectors}",
    ]
    if spec.dropout and _has_table(spec, ends):
        lines += [
            "        if self.training:",
            f"            x = drop(x, {spec.dropout!r}, chances)",
        ]
    if spec.bidirectional:
        lines += [
            "        if lengths.min() < x.shape[1]:",
            "            # The backward direction must not read the padding behind a sequence.",
            "            packed = pack_padded_sequence(",
            "                x, lengths, batch_first=True, enforce_sorted=False",
            "            )",
            "            outputs, state = self.recurrent(packed, state)",
            "            outputs, _ = pad_packed_sequence(",
            "                outputs, batch_first=True, total_length=x.shape[1]",
            "            )",
            "        else:",
            "            outputs, state = self.recurrent(x, state)",
        ]
    else:
        lines.append("        outputs, state = self.recurrent(x, state)")
    if spec.dropout:
        lines += [
            "        if self.training:",
            f"            outputs = drop(outputs, {spec.dropout!r}, chances)",
        ]
    if ends.single_answer and spec.bidirectional:
        lines += [
            "        # Each direction's output after all that it has read.",
            f"        forward = outputs[torch.arange(len(outputs)), lengths - 1, : {spec.hidden}]",
            f"        outputs = torch.cat([forward, outputs[:, 0, {spec.hidden} :]], dim=-1)",
        ]
    elif ends.single_answer:
        lines += [
            "        outputs = outputs[torch.arange(len(outputs)), lengths - 1]"
            "  # after the last token"
        ]
    if spec.dropout and spec.deep_head:
        lines += [
            "        hidden = self.head[:2](outputs)",
            "        if self.training:",
            f"            hidden = drop(hidden, {spec.dropout!r}, chances)",
            "        return self.head[2](hidden), state",
        ]
    else:
        lines.append("        return self.head(outputs), state")
    if spec.dropout:
        lines += ["", "", *_DROP]
    return lines


_DROP = [
    "def drop(x, share, chances):",
    '    """x with a share of its numbers at zero, the others enlarged to make up for it."""',
    "    kept = torch.rand(x.shape, generator=chances) >= share",
    "    return x * kept.to(x.device) / (1 - share)",
]


def _starting_weights(spec: ModelSpec, ends: IOSpec) -> list[str]:
    lines = [
        "@torch.no_grad()",
        "def starting_weights(model):",
        '    """Draw the weights as PyTorch does by default, but with one generator."""',
        "    draw = torch.Generator().manual_seed(SEED)",
    ]
    if _has_table(spec, ends):
        lines.append("    model.table.weight.normal_(generator=draw)")
        if spec.embedding.startswith("glove"):
            lines += [
                "    # The vectors of GloVe; words without one get a vector of the usual size.",
                "    model.table.weight *= GLOVE_DEVIATION",
                "    for row, vector in glove_vectors().items():",
                "        model.table.weight[row] = vector",
            ]
        lines.append(f"    model.table.weight[{PAD}] = 0  # padding")
    lines += [
        f"    bound = {spec.hidden} ** -0.5",
        "    for weight in model.recurrent.parameters():",
        "        weight.uniform_(-bound, bound, generator=draw)",
        *_states(spec),
        "    for layer in model.head.modules():",
        "        if isinstance(layer, nn.Linear):",
        "            bound = layer.in_features**-0.5",
        "            for weight in layer.parameters():",
        "                weight.uniform_(-bound, bound, generator=draw)",
    ]
    return lines


def _states(spec: ModelSpec) -> list[str]:
    """What is done to the weights from state to state, and to the forget gate's bias."""
    begun = {"orthogonal": "nn.init.orthogonal_(block, generator=draw)"}
    begun["identity"] = "nn.init.eye_(block)"
    inner = (
        [f"                {begun[spec.initialisation]}"] if spec.initialisation in begun else []
    )
    if spec.spectral_radius is not None:
        inner += [
            "                radius = torch.linalg.eigvals(block.double()).abs().max().item()",
            f"                block *= {spec.spectral_radius!r} / radius  # the spectral radius",
        ]
    found = []
    if inner:
        found += [
            "    for name, weight in model.recurrent.named_parameters():",
            '        if name.startswith("weight_hh"):  # from state to state: a block per gate',
            f"            for block in weight.split({spec.hidden}):",
            *inner,
        ]
    blocks = CELLS[spec.cell].blocks
    if spec.forget_bias is not None and "forget" in blocks:
        first = blocks.index("forget") * spec.hidden
        found += [
            "    for name, bias in model.recurrent.named_parameters():",
            '        if name.startswith("bias_ih"):  # both biases of the forget gate together',
            '            other = model.recurrent.get_parameter(name.replace("_ih", "_hh"))',
            f"            forget = slice({first}, {first + spec.hidden})",
            f"            bias[forget] = {spec.forget_bias!r} - other[forget]",
        ]
    return found
