"""{title}, learned by a network of rnnviz: the run as one script.

It needs Python 3.11 or later, torch and numpy, and where a text has to be split, the package regex.
It prints the history of the training as CSV: with the same torch, the numbers of the run itself.
After it, beside the CSV (on standard error), it prints the score on the test examples, if there are
examples apart from those of training and validation.
"""

import base64
import importlib
import sys
import tempfile
import types
import zlib
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import one_hot
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

SEED = 0
DEVICE = "cpu"
STEPS = 2000
BATCH = 32
LR = 0.01  # Adam's learning rate
CLIP = 1.0  # longer gradients are shortened to this norm
CLIP_EPSILON = 1e-6
FORCING = 0.5  # how often the decoder reads the right symbol instead of its own answer
LR_CHANGES = {100: 0.001}  # values set during the run, by the first step that used them
CLIP_CHANGES = {100: 0.5}  # likewise
FORCING_CHANGES = {100: 0.0}  # likewise
ROW_INTERVAL = 4  # steps between two rows of the history
VALIDATION_INTERVAL = 16  # steps between two measurements on the validation examples
ROWS = 500  # when there are so many rows, their interval doubles
SYMBOLS = 64  # the size of the vocabulary
PAD = 0  # the id of padding
FEATURES = 16  # the numbers that the recurrent layer reads at each time step
HIDDEN = 16
STATE = 16  # the numbers that the recurrent layer returns at each time step
ANSWERS = 4
DROPOUT = 0.2
SPECTRAL_RADIUS = 0.9
FORGET_BIAS = 1.0
FORGET_ROWS = slice(16, 32)


# [if plain]
class Model(nn.Module):
    # [fill docstring]
    """Token ids (B,T) in, answers (B,V) out. B sequences, T time steps, V answers."""

    # [end]
    def __init__(self):
        super().__init__()
        # [if embedded]
        self.embedding = nn.Embedding(SYMBOLS, FEATURES, padding_idx=PAD)
        # [end]
        # [if embedded and frozen]
        self.embedding.weight.requires_grad = False  # GloVe, frozen
        # [end]
        # [fill recurrent]
        self.recurrent = nn.GRU(FEATURES, HIDDEN, batch_first=True)
        # [end]
        # [if deep_head]
        self.head = nn.Sequential(nn.Linear(STATE, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, ANSWERS))
        # [else]
        self.head = nn.Linear(STATE, ANSWERS)
        # [end]

    # [fill signature]
    def forward(self, inputs, lengths, state=None, generator=None):
        # [end]
        # [if embedded]
        x = self.embedding(inputs)
        # [end]
        # [if tokens and not embedded]
        x = one_hot(inputs, SYMBOLS).float() * (inputs != PAD)[..., None]
        # [end]
        # [if not tokens]
        x = inputs
        # [end]
        # [if embedded and dropout]
        if self.training:
            x = drop(x, DROPOUT, generator)
        # [end]
        # [if bidirectional]
        if lengths.min() < x.shape[1]:
            # The backward direction must not read the padding behind a sequence.
            packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
            outputs, state = self.recurrent(packed, state)
            outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=x.shape[1])
        else:
            outputs, state = self.recurrent(x, state)
        # [else]
        outputs, state = self.recurrent(x, state)
        # [end]
        # [if dropout]
        if self.training:
            outputs = drop(outputs, DROPOUT, generator)
        # [end]
        # [if one_answer and bidirectional]
        # Each direction's output after all that it has read.
        forward = outputs[torch.arange(len(outputs)), lengths - 1, :HIDDEN]
        outputs = torch.cat([forward, outputs[:, 0, HIDDEN:]], dim=-1)
        # [end]
        # [if one_answer and not bidirectional]
        outputs = outputs[torch.arange(len(outputs)), lengths - 1]  # after the last token
        # [end]
        # [if deep_head and dropout]
        hidden = self.head[:2](outputs)
        if self.training:
            hidden = drop(hidden, DROPOUT, generator)
        return self.head[2](hidden), state
        # [else]
        return self.head(outputs), state
        # [end]


def drop(x, share, generator):
    """x with a share of its numbers at zero, the others enlarged to make up for it."""
    mask = torch.rand(x.shape, generator=generator) >= share
    return x * mask.to(x.device) / (1 - share)


@torch.no_grad()
def init_weights(model):
    """Draw the weights as PyTorch does by default, but with one generator."""
    generator = torch.Generator().manual_seed(SEED)
    # [if embedded]
    model.embedding.weight.normal_(generator=generator)
    # [if glove]
    # The vectors of GloVe; words without one get a vector of the usual size.
    model.embedding.weight *= GLOVE_DEVIATION
    for token_id, vector in glove_vectors().items():
        model.embedding.weight[token_id] = vector
    # [end]
    model.embedding.weight[PAD] = 0
    # [end]
    # [if keras]
    for name, weight in model.recurrent.named_parameters():  # as Keras starts a recurrent layer
        if name.startswith("weight_ih"):
            nn.init.xavier_uniform_(weight, generator=generator)
        elif name.startswith("weight_hh"):
            nn.init.orthogonal_(weight, generator=generator)
        else:
            weight.zero_()
    # [else]
    bound = HIDDEN**-0.5
    for weight in model.recurrent.parameters():
        weight.uniform_(-bound, bound, generator=generator)
    # [end]
    # [if orthogonal or identity or spectral_radius]
    for name, weight in model.recurrent.named_parameters():
        if name.startswith("weight_hh"):  # from state to state: a block per gate
            for block in weight.split(HIDDEN):
                # [if orthogonal]
                nn.init.orthogonal_(block, generator=generator)
                # [end]
                # [if identity]
                nn.init.eye_(block)
                # [end]
                # [if spectral_radius]
                radius = torch.linalg.eigvals(block.double()).abs().max().item()
                block *= SPECTRAL_RADIUS / radius
                # [end]
    # [end]
    # [if forget_bias]
    for name, bias in model.recurrent.named_parameters():
        if name.startswith("bias_ih"):  # both biases of the forget gate add up to the setting
            other = model.recurrent.get_parameter(name.replace("_ih", "_hh"))
            bias[FORGET_ROWS] = FORGET_BIAS - other[FORGET_ROWS]
    # [end]
    for layer in model.head.modules():
        if isinstance(layer, nn.Linear):
            bound = layer.in_features**-0.5
            for weight in layer.parameters():
                weight.uniform_(-bound, bound, generator=generator)


# [end]
def glove_vectors():
    """The GloVe vector of each word of the vocabulary that has one, by the id of the word."""
    packed = bytearray(zlib.decompress(base64.b64decode(GLOVE)))
    vectors = torch.frombuffer(packed, dtype=torch.float16).view(len(GLOVE_IDS), -1).float()
    return dict(zip(GLOVE_IDS, vectors, strict=True))


def flatten_weights(model):
    """One long vector of which all trainable weights, and their gradients, are views from now on.

    Adam then has one tensor to update instead of many small ones; the numbers are the same.
    """
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    flat = nn.Parameter(torch.cat([weight.detach().flatten() for weight in weights]))
    flat.grad = torch.zeros_like(flat)
    start = 0
    for weight in weights:
        rows = slice(start, start + weight.numel())
        weight.data = flat.data[rows].view(weight.shape)
        weight.grad = flat.grad[rows].view(weight.shape)
        start = rows.stop
    return flat


def train(task, model):
    """Train the model and print its history, with the columns of an exported one."""
    model.to(DEVICE)
    validation = task.evaluation_batch().to(DEVICE)
    # [if not stateful]
    batch_generator = torch.Generator().manual_seed(SEED)  # draws the examples
    # [end]
    # [if random_steps]
    generator = torch.Generator().manual_seed(SEED)  # draws what is random within a step
    # [end]
    # [if cuda]
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    # [else]
    weights = [flatten_weights(model)]
    # [end]
    adam = torch.optim.Adam(weights, lr=LR, fused=True)

    def evaluate(batch):
        model.eval()
        with torch.no_grad():
            # [if plain]
            output = model(batch.inputs, batch.lengths)[0]
            # [else]
            output = model.predict(batch)
            # [end]
        return task.metric(output, batch)

    # [if timed]
    # The rules of a run that the clock has ended.
    def interval_at(first, step):
        # The interval of rows, `first` in the beginning: it doubles when there are many of them.
        return first << max(0, (step // (ROWS * first)).bit_length() - 1)

    def is_validation(step):
        early = step < VALIDATION_INTERVAL and step % (1 << max(0, step.bit_length() - 2)) == 0
        return early or step % VALIDATION_INTERVAL == 0

    def is_row(step):
        if step % interval_at(ROW_INTERVAL, step) == 0:
            return True
        early = step < VALIDATION_INTERVAL
        return is_validation(step) and (early or step % interval_at(VALIDATION_INTERVAL, step) == 0)

    # [end]
    print("step,loss,train_metric,validation_metric,norm")
    print(f"0,,,{evaluate(validation)},")
    # [if stateful]
    state = None
    # [end]
    # [if epochs]
    order = []
    # [end]
    # [if lr_changes]
    lr = LR
    # [end]
    # [if clip_changes]
    clip = CLIP
    # [end]
    # [if forcing_changes]
    forcing = FORCING
    # [end]
    since_last_row = []
    for step in range(1, STEPS + 1):
        # [if lr_changes]
        lr = LR_CHANGES.get(step, lr)
        # [end]
        # [if clip_changes]
        clip = CLIP_CHANGES.get(step, clip)
        # [end]
        # [if forcing_changes]
        forcing = FORCING_CHANGES.get(step, forcing)
        # [end]
        # [if stateful]
        # The text continues from batch to batch; after its end it starts again.
        batch, restarted = task.consecutive_batch(BATCH, step - 1)
        batch = batch.to(DEVICE)
        # [end]
        # [if epochs]
        if not order:  # a new epoch: all examples in a new order
            order = torch.randperm(task.size(), generator=batch_generator).tolist()
        indices, order = order[:BATCH], order[BATCH:]
        batch = task.select(indices).to(DEVICE)
        # [end]
        # [if not stateful and not epochs]
        batch = task.batch(BATCH, batch_generator).to(DEVICE)
        # [end]
        model.train()
        # [if stateful and recurrent]
        # The state is carried over, its gradient is not (truncated backpropagation).
        # [if single_tensor]
        state = None if restarted else state.detach()
        # [else]
        state = None if restarted else tuple(tensor.detach() for tensor in state)
        # [end]
        # [if plain and dropout]
        output, state = model(batch.inputs, batch.lengths, state, generator)
        # [end]
        # [if plain and not dropout]
        output, state = model(batch.inputs, batch.lengths, state)
        # [end]
        # [if not plain]
        output, state = model.walk(batch.inputs, batch.lengths, state, generator)
        # [end]
        # [else]
        # [if plain and dropout]
        output, _ = model(batch.inputs, batch.lengths, None, generator)
        # [end]
        # [if plain and not dropout]
        output, _ = model(batch.inputs, batch.lengths)
        # [end]
        # [if not plain and forcing_changes]
        output = model.training_output(batch, generator, forcing)
        # [end]
        # [if not plain and decoded and not forcing_changes]
        output = model.training_output(batch, generator, FORCING)
        # [end]
        # [if not plain and not decoded]
        output = model.training_output(batch, generator, 1.0)
        # [end]
        # [end]
        loss = task.loss(output, batch)
        # [if cuda]
        adam.zero_grad()
        # [else]
        adam.zero_grad(set_to_none=False)  # the gradients stay views of one vector
        # [end]
        loss.backward()
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        norm = nn.utils.get_total_norm(gradients).item()
        # [if clip or clip_changes]
        # Not by clip_grads_with_norm_, which divides in single precision.
        # [end]
        # [if clip_changes]
        if clip is not None and norm + CLIP_EPSILON > clip:
            for gradient in gradients:
                gradient.mul_(clip / (norm + CLIP_EPSILON))
        # [end]
        # [if clip and not clip_changes]
        if norm + CLIP_EPSILON > CLIP:
            for gradient in gradients:
                gradient.mul_(CLIP / (norm + CLIP_EPSILON))
        # [end]
        # [if lr_changes]
        adam.param_groups[0]["lr"] = lr
        # [end]
        adam.step()
        metric = task.metric(output.detach(), batch)
        since_last_row.append((loss.item(), metric, norm))
        # [if timed]
        row_due, validation_due = is_row(step), is_validation(step)
        # [else]
        row_due, validation_due = step % ROW_INTERVAL == 0, step % VALIDATION_INTERVAL == 0
        # [end]
        if row_due or step == STEPS:
            # Means over the steps since the last row.
            loss, metric, norm = (
                sum(column) / len(since_last_row) for column in zip(*since_last_row, strict=True)
            )
            since_last_row = []
            score = evaluate(validation) if validation_due or step == STEPS else ""
            print(f"{step},{loss},{metric},{score},{norm}", flush=True)
    # [if tested]
    test = evaluate(task.evaluation_batch("test").to(DEVICE))
    print(f"{task.metric_name} on the test examples: {test}", file=sys.stderr)
    # [end]


def unpack(folder):
    """Write the modules and the data that the task needs to where Python finds them."""
    for name, text in MODULES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, packed in DATA.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zlib.decompress(base64.b64decode(packed)))
    sys.path.insert(0, str(folder))


# [if regex]
class MissingRegex(types.ModuleType):
    """Stands in for the package regex, which only splits texts, until a text has to be split."""

    VERSION1 = 0

    def compile(self, pattern, flags=0):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise SystemExit("This task splits texts with the package regex: pip install regex")


try:
    importlib.import_module("regex")
except ImportError:
    sys.modules["regex"] = MissingRegex("regex")


# [end]
def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # tiny gradients would slow the processor down
    with tempfile.TemporaryDirectory() as folder:
        unpack(Path(folder))
        # [if files]
        from rnnviz.data.uploads import UPLOADS

        for path in sorted((Path(folder) / "uploads").iterdir()):
            UPLOADS.add(path.read_bytes())

        # [end]
        # [fill task]
        from rnnviz.tasks.predict.hello import Hello

        task = Hello()
        # [end]
        # [if plain]
        model = Model()
        init_weights(model)
        # [else]
        from rnnviz.model.build import build_for
        from rnnviz.model.spec import ModelSpec

        # [fill spec]
        spec = ModelSpec("gru")
        # [end]
        model = build_for(task, spec, torch.Generator().manual_seed(SEED))
        # [end]
        train(task, model)


# What the task needs of rnnviz (Apache License 2.0): its modules, unchanged but for packages, which
# are reduced to what is used, and its data, compressed.

GLOVE_DEVIATION = 0.4  # of all vectors
GLOVE_IDS = [1]
GLOVE = ""
MODULES = {"rnnviz/example.py": ""}
DATA = {"assets/data/example.txt": ""}

if __name__ == "__main__":
    main()
