"""Surgery on a trained network: its keep gate is frozen at σ(b), and how much it still recalls.

B sequences, T time steps, H hidden units.
"""

import math
from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.gates.flow import flow
from rnnviz.ideas.gates.gated_cells import GATED_CELLS
from rnnviz.ideas.gates.holds import BIASES
from rnnviz.messages import N_, Message
from rnnviz.model import ModelSpec, SequenceModel
from rnnviz.tasks import Batch, DelayedRecall
from rnnviz.training import Experiment, Optimiser, Trainer, train

LAG, SYMBOLS, HIDDEN = 20, 4, 16
TRIALS = 400


@dataclass(frozen=True)
class Surgery:
    """How often a trained network names the symbol that it read LAG steps ago.

    Attributes:
        cell: its code.
        steps: how many training steps it had.
        whole: the accuracy as it was trained.
        frozen: the accuracy for each of `BIASES`, its keep gate frozen at σ(b).
        own_gate: the mean opening of its keep gate as it was trained.
        chance: what guessing reaches.
    """

    cell: str
    steps: int
    whole: float
    frozen: tuple[float, ...]
    own_gate: float
    chance: float

    def at(self, bias: float) -> float:
        """The accuracy with the gate frozen at σ(bias)."""
        return self.frozen[BIASES.index(bias)]


def operate(cell: str, seed: int) -> Generator[float, None, Surgery]:
    """Train a network to recall a symbol, then freeze its keep gate at every bias.

    Yields:
        The share that is done.
    """
    torch.set_num_threads(1)
    experiment = recall_experiment(cell, seed)
    trainer = Trainer(experiment)
    for _ in train(trainer):
        yield 0.8 * trainer.step / experiment.optimiser.steps
    model = trainer.model.eval()
    assert isinstance(model, SequenceModel)
    batch = trials()
    whole, gate = _read(model, batch, None)
    frozen = []
    for bias in BIASES:
        frozen.append(_accuracy(_read(model, batch, bias)[0], batch))
        yield 0.8 + 0.2 * len(frozen) / len(BIASES)
    chance = experiment.task.chance
    return Surgery(cell, trainer.step, _accuracy(whole, batch), tuple(frozen), gate, chance)


def recall_experiment(cell: str, seed: int) -> Experiment:
    """How the network of the surgery is trained."""
    spec = ModelSpec(
        cell=cell,
        hidden=HIDDEN,
        embedding="one-hot",
        forget_bias=2.0 if GATED_CELLS[cell].keep == "forget" else None,
    )
    optimiser = Optimiser(lr=0.03, clip=1.0, steps=300, stop_below=0.03)
    return Experiment(DelayedRecall(lag=LAG, symbols=SYMBOLS), spec, optimiser, seed)


def trials() -> Batch:
    """The sequences that are asked for: the symbol comes first, then LAG distractors."""
    task = DelayedRecall(lag=LAG, symbols=SYMBOLS)
    generator = torch.Generator().manual_seed(1)
    return task.batch_with_lags(torch.full((TRIALS,), LAG), generator)


def frozen_logits(model: SequenceModel, batch: Batch, bias: float | None) -> Tensor:
    """(B,V): the answers of `model` with its keep gate at σ(bias); with None as it is."""
    return _read(model, batch, bias)[0]


def _read(model: SequenceModel, batch: Batch, bias: float | None) -> tuple[Tensor, float]:
    gate = GATED_CELLS[model.spec.cell].keep
    layer = model.recurrent
    weights = tuple(getattr(layer, f"{name}_l0") for name in _WEIGHTS)
    with torch.no_grad():
        x = model.embed(batch.inputs)
        opening = math.nan if bias is None else 1 / (1 + math.exp(-bias))
        held = {gate: torch.full((x.shape[1],), opening, dtype=x.dtype)}
        result = flow(model.spec.cell, weights, x, held)
        logits: Tensor = model.head(result.hidden[-1])
    return logits, result.gates[gate][1:].mean().item()


_WEIGHTS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")


def _accuracy(logits: Tensor, batch: Batch) -> float:
    return (logits.argmax(-1) == batch.targets).double().mean().item()


CLAIM = N_("LSTM and GRU do basically the same.")
CLAIM_FINDING = N_(
    "As trained they recall {lstm_whole} and {gru_whole}. Frozen open at b = {bias} the LSTM "
    "recalls {lstm_open}, the GRU {gru_open}: its one valve, open for the past, is shut for the "
    "input."
)


def claim(lstm: Surgery, gru: Surgery) -> Claim:
    """Article 1: the two cells have the same function."""
    values = {
        "lstm_whole": f"{100 * lstm.whole:.0f} %",
        "gru_whole": f"{100 * gru.whole:.0f} %",
        "bias": f"{BIASES[-1]:g}",
        "lstm_open": f"{100 * lstm.frozen[-1]:.0f} %",
        "gru_open": f"{100 * gru.frozen[-1]:.0f} %",
    }
    return Claim(Message(CLAIM), Verdict.HALF_RIGHT, Message(CLAIM_FINDING, values))


FINDINGS = {
    "dead": N_(
        "Frozen at σ({bias}) = {opening}, the {cell} recalls {accuracy} of the symbols: no more "
        "than guessing. With its own gate it recalls {whole}."
    ),
    "hurt": N_(
        "Frozen at σ({bias}) = {opening}, the {cell} still recalls {accuracy} of the symbols. "
        "With its own gate it recalls {whole}."
    ),
    "well": N_(
        "Frozen at σ({bias}) = {opening}, the {cell} recalls {accuracy} of the symbols, no fewer "
        "than with its own gate: {whole}."
    ),
}


def finding(surgery: Surgery, bias: float) -> Message:
    """What the frozen gate does to the recall."""
    accuracy = surgery.at(bias)
    if accuracy < surgery.chance + 0.1:
        kind = "dead"
    else:
        kind = "well" if accuracy >= surgery.whole - 0.02 else "hurt"
    return Message(
        FINDINGS[kind],
        {
            "bias": f"{bias:g}".replace("-", "−"),
            "opening": f"{1 / (1 + math.exp(-bias)):.3f}",
            "cell": surgery.cell.upper(),
            "accuracy": f"{100 * accuracy:.0f} %",
            "whole": f"{100 * surgery.whole:.0f} %",
        },
    )
