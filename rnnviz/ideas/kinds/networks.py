"""The small models: how they are built, trained and counted.

B sequences, T time steps, U steps of an answer, V labels.
"""

from collections.abc import Callable
from dataclasses import replace

import torch
from safetensors.torch import load
from torch import Tensor
from torch.nn.functional import cross_entropy

from rnnviz.ideas.kinds.settings import Counts, Problem, Trained, Where
from rnnviz.model import EncoderDecoder, Model, build
from rnnviz.model.spec import IOSpec
from rnnviz.tasks import Batch
from rnnviz.tasks.framework.batches import valid_mask
from rnnviz.training import weights_of
from rnnviz.training.flat_adam import FlatAdam

SEED = 0
CLIP = 1.0
ENOUGH = 0.004
"""Below this loss, averaged over the latest steps, nothing more is learned."""
QUESTIONS = 200
"""How many questions are counted at most."""


def train_model(problem: Problem) -> Trained:
    """Train the model of `problem` for at most three seconds and count its right answers.

    Raises:
        rnnviz.messages.Problem: a text that is too short to be learned.
    """
    torch.set_num_threads(1)
    model, recipe = untrained(problem), problem.recipe
    model.train()
    task, adam = problem.task, FlatAdam(model, recipe.lr)
    generator, dropout = (torch.Generator().manual_seed(SEED) for _ in range(2))
    mean, step = 10.0, 0
    while step < recipe.steps and mean > ENOUGH:
        batch = at_every_step(problem, task.batch(recipe.batch, generator))
        output = model.training_output(batch, dropout)
        loss = loss_of(output, batch, problem.loss_at)
        adam.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        adam.clip(CLIP, adam.norm())
        adam.step(recipe.lr)
        mean, step = 0.9 * mean + 0.1 * loss.item(), step + 1
    model.eval()
    return Trained(problem, weights_of(model), count_right(problem, model), step)


def untrained(problem: Problem, seed: int = SEED) -> Model:
    """The model of `problem` with starting weights."""
    io_spec = replace(IOSpec.of(problem.task), kind=problem.io_kind)
    return build(problem.spec, io_spec, torch.Generator().manual_seed(seed))


def load_trained(trained: Trained) -> Model:
    """The trained model, in evaluation mode."""
    model = untrained(trained.problem)
    model.load_state_dict(load(trained.weights))
    return model.eval()


def at_every_step(problem: Problem, batch: Batch) -> Batch:
    """`batch` with its one label at every time step, where the model answers at each of them."""
    if problem.io_kind != "many-to-many" or batch.targets.dim() == 2:
        return batch
    T = batch.inputs.shape[1]
    targets = batch.targets[:, None].expand(-1, T)
    return Batch(batch.inputs, batch.lengths, targets, valid_mask(batch.lengths, T))


def loss_steps(mask: Tensor, where: Where) -> Tensor:
    """The steps of `mask` (B,U) that the loss asks for: all, or of each row the last."""
    if where == "all":
        return mask
    later = mask.flip(1).cumsum(1).flip(1)
    return mask & (later == 1)


def loss_of(output: Tensor, batch: Batch, where: Where) -> Tensor:
    """The mean cross entropy of logits (B,V), or of (B,U,V) at the steps that are asked for."""
    if output.dim() == 2:
        return cross_entropy(output, batch.targets)
    steps = loss_steps(batch.mask, where)
    return cross_entropy(output[steps], batch.targets[steps])


@torch.no_grad()
def count_right(problem: Problem, model: Model) -> Counts:
    """What a trained `model` gets right, also with its vector cut and with another head."""
    batch = _questions(problem)
    output = model.predict(batch)
    counts = _count(problem, output, batch)
    counts = replace(
        counts,
        fresh_head=_count(problem, _with_fresh_head(problem, model, batch), batch).right,
        head_weights=_size(model, "head"),
        recurrent_weights=_size(model, "recurrent"),
    )
    if not isinstance(model, EncoderDecoder):
        return counts
    cut = decode(model, batch, cut=True)
    task = problem.task
    answers = {task.answer_text(cut.argmax(-1), row, batch) for row in range(len(batch))}
    held_out = _held_out(problem)
    return replace(
        counts,
        cut=_count(problem, cut, batch).right,
        cut_answers=tuple(sorted(answers)),
        unseen=len(held_out),
        unseen_right=_count(problem, model.predict(held_out), held_out).right,
    )


def decode(model: EncoderDecoder, batch: Batch, *, cut: bool) -> Tensor:
    """Logits (B,U,V); with `cut` the decoder starts from zeros and not from the encoder."""
    source, decoder = model.encode(batch.inputs, batch.lengths), model.decoder
    state = decoder.initial_state(source)
    if cut:
        state = tuple(torch.zeros_like(each) for each in state)
    labels, outputs = decoder.start_tokens(len(batch)), []
    for _ in range(batch.targets.shape[1]):
        logits, _weights, state = decoder(source, labels, state)
        outputs.append(logits)
        labels = logits.argmax(-1)
    return torch.cat(outputs, dim=1)


def _questions(problem: Problem) -> Batch:
    """The questions that are counted: all numbers, all of what is learned by heart, or new ones."""
    task = problem.task
    if problem.name == "numbers":
        both = [task.select(range(task.size(split) or 0), split) for split in ("train", "test")]
        return _joined(*both)
    if task.memorised:
        return at_every_step(problem, task.evaluation_batch())
    return at_every_step(problem, _held_out(problem))


def _held_out(problem: Problem) -> Batch:
    """Questions that training never showed."""
    task = problem.task
    if problem.name == "numbers":
        return task.select(range(task.size("test") or 0), "test")
    return task.batch(QUESTIONS, torch.Generator().manual_seed(SEED + 1), "validation")


def _joined(one: Batch, other: Batch) -> Batch:
    """Both batches in one, padded to the longer."""

    def stack(read: Callable[[Batch], Tensor]) -> Tensor:
        widths = [read(each).shape[1] for each in (one, other)]
        pads = [max(widths) - width for width in widths]
        return torch.cat(
            [
                torch.nn.functional.pad(read(each), (0, pad))
                for each, pad in zip((one, other), pads, strict=True)
            ]
        )

    return Batch(
        stack(lambda each: each.inputs),
        torch.cat([one.lengths, other.lengths]),
        stack(lambda each: each.targets),
        stack(lambda each: each.mask),
    )


def _count(problem: Problem, output: Tensor, batch: Batch) -> Counts:
    right = output.argmax(-1) == batch.targets
    if output.dim() == 2:
        return Counts(len(right), int(right.sum()), 0)
    if problem.is_decoded:
        whole = (right | ~batch.mask).all(1)
        last = loss_steps(batch.mask, "last")
        return _by_step(Counts(len(whole), int(whole.sum()), 0), right, batch.mask, last)
    last = loss_steps(batch.mask, "last")
    counted = last if problem.kind == "many-to-one" else batch.mask
    counts = Counts(int(counted.sum()), int(right[counted].sum()), 0)
    return _by_step(counts, right, batch.mask, last)


def _by_step(counts: Counts, right: Tensor, mask: Tensor, last: Tensor) -> Counts:
    before = mask & ~last
    return replace(
        counts,
        last=int(last.sum()),
        last_right=int(right[last].sum()),
        before=int(before.sum()),
        before_right=int(right[before].sum()),
    )


def _with_fresh_head(problem: Problem, model: Model, batch: Batch) -> Tensor:
    """What `model` answers with all weights as they are, but those of the head drawn anew.

    By another seed: the states have grown around the head that they started with.
    """
    start = untrained(problem, SEED + 1).state_dict()
    fresh = {name: start[name] if "head." in name else w for name, w in model.state_dict().items()}
    other = untrained(problem).eval()
    other.load_state_dict(fresh)
    return other.predict(batch)


def _size(model: Model, part: str) -> int:
    return sum(w.numel() for name, w in model.named_parameters() if f"{part}." in name)
