"""The programs with which a visitor checks the page: complete, with its numbers."""

from rnnviz.gradient_flow import FlowSettings
from rnnviz.gradient_flow.settings import MAX_LENGTH
from rnnviz.gradient_flow.study import INPUTS
from rnnviz.ideas.keras.choice import STEPS, ModelChoice, count_weights
from rnnviz.ideas.keras.defaults_part import Starts
from rnnviz.ideas.keras.lines import Program
from rnnviz.ideas.keras.model_part import compare_models
from rnnviz.ideas.keras.text_part import TextChoice, compare_texts, number_words
from rnnviz.ideas.keras.training_part import LABELS, TEXTS, Losses, pytorch_training_lines
from rnnviz.ideas.listing import Listing

PARAMETERS = "print(sum(p.numel() for p in model{part}.parameters()))"


def model_listings(choice: ModelChoice) -> tuple[Listing, Listing]:
    """Both models; each prints the weights of its recurrent layers, and of the whole."""
    comparison, (keras, pytorch) = compare_models(choice), count_weights(choice)
    code = [
        comparison.pytorch.code,
        PARAMETERS.format(part=".recurrent"),
        PARAMETERS.format(part=""),
    ]
    keras_code = [
        'import os\n\nos.environ["KERAS_BACKEND"] = "torch"',
        comparison.keras.code,
        "recurrent = (layers.RNN, layers.Bidirectional)",
        "inside = [layer for layer in model.layers if isinstance(layer, recurrent)]",
        "print(sum(layer.count_params() for layer in inside))",
        "print(model.count_params())",
    ]
    return (
        Listing("PyTorch", "\n".join(code), f"{pytorch.recurrent}\n{pytorch.model}"),
        Listing("Keras", "\n".join(keras_code), f"{keras.recurrent}\n{keras.model}"),
    )


def training_listing(choice: ModelChoice, epochs: int, losses: Losses) -> Listing:
    """Model and loop on the four texts; prints the loss before and after, and the right answers."""
    code = [
        compare_models(choice).pytorch.code.replace(
            "model = Model()", "torch.manual_seed(0)\nmodel = Model()"
        ),
        f"texts, labels = {list(map(list, TEXTS))}, {list(LABELS)}",
        f"x = torch.tensor([[0] * ({STEPS} - len(ids)) + ids for ids in texts])",
        "y = torch.tensor(labels)[:, None].float()",
        Program(pytorch_training_lines(epochs)).code.replace(
            "model.train()",
            'model.eval()\nprint(f"{loss_fn(model(x), y).item():.3f}")\nmodel.train()',
        ),
        "model.eval()",
        'print(f"{loss_fn(model(x), y).item():.3f}")',
        "print(((model(x) > 0) == (y > 0)).sum().item())",
    ]
    output = f"{losses.before:.3f}\n{losses.after:.3f}\n{losses.right}"
    return Listing("PyTorch", "\n".join(code), output)


def text_listing(choice: TextChoice) -> Listing:
    """PyTorch's lines over the visitor's text."""
    code = compare_texts(choice).pytorch.code.replace("[...]", f"[{choice.text!r}]")
    ids = list(number_words(choice).current)
    return Listing("PyTorch", f"{code}\nprint(x.tolist())", str([ids]))


STEP = {True: "h, c = cell(x_t[None], (h, c))", False: "h = cell(x_t[None], h)"}
"""A time step, by whether the cell has a second state."""


def gradient_listing(choice: ModelChoice, starts: Starts, *, keras: bool) -> Listing:
    """Ten networks by autograd; prints how much of the gradient is left at step 1, the median."""
    settings = FlowSettings()
    T, H = settings.length, settings.hidden
    draw = [
        "for weight in cell.parameters():",
        "    numbers = torch.rand(weight.shape, generator=generator, dtype=torch.float64)",
        f"    weight.copy_((numbers * 2 - 1) / {H}**0.5)",
    ]
    if keras:
        draw = [
            "nn.init.xavier_uniform_(cell.weight_ih, generator=generator)",
            "nn.init.orthogonal_(cell.weight_hh, generator=generator)",
            "cell.bias_ih.zero_()",
            "cell.bias_hh.zero_()",
        ]
        if choice.returns_pair:
            draw.append(f"cell.bias_ih[{H}:{2 * H}] = 1  # the forget gate")
    code = [
        "import torch",
        "from torch import nn",
        "",
        "remaining = []",
        f"for seed in range({settings.seeds}):",
        "    generator = torch.Generator().manual_seed(seed)",
        f"    x = torch.randn({MAX_LENGTH}, {INPUTS}, generator=generator, dtype=torch.float64)",
        f"    v = torch.randn({MAX_LENGTH}, {H}, generator=generator, dtype=torch.float64)[0]",
        f"    cell = nn.{choice.torch_layer}Cell({INPUTS}, {H}).double()",
        "    with torch.no_grad():",
        *(f"        {line}" for line in draw),
        f"    h = c = torch.zeros(1, {H}, dtype=torch.float64)",
        "    states = []",
        f"    for x_t in x[:{T}]:",
        f"        {STEP[choice.returns_pair]}",
        "        states.append(h)",
        "    loss = h[0] @ v / v.norm()",
        "    first, last = torch.autograd.grad(loss, [states[0], states[-1]])",
        "    remaining.append((first.norm() / last.norm()).item())",
        f'print(f"{{sorted(remaining)[{(settings.seeds - 1) // 2}]:.1e}}")',
    ]
    output = f"{starts.remaining(choice.cell, keras=keras):.1e}"
    return Listing("PyTorch", "\n".join(code), output)
