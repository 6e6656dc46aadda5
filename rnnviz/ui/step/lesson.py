"""From what a visitor asked for to what the page shows: tokens, readings, shares.

T time steps, V labels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES
from rnnviz.text import LIMIT, Unit, tokenise
from rnnviz.ui.language import _
from rnnviz.ui.stage import MANY_TO_MANY, MANY_TO_ONE, CellView, CodeLine
from rnnviz.ui.step.cell_view import cell_view
from rnnviz.ui.step.model_cache import trained_model

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.memory import WordShares
    from rnnviz.model import SequenceModel
    from rnnviz.tasks import Batch
    from rnnviz.training import Experiment

Example = Literal["time", "hello", "own"]
Weights = Literal["trained", "untrained"]

SENTENCE, WORD = "What time is it?", "hello"

TRAINING = N_("Training the {cell} …")
TEXT_CUT = N_("The text has {total} tokens. The first {limit} are used.")
ALL_UNKNOWN = N_(
    "The model knows none of these words and reads each as “unknown”. "
    "It has learnt questions about the time, the date and the weather."
)
SOME_UNKNOWN = N_("Not known to the model and read as “unknown”: {tokens}")
UNTRAINED = N_("Untrained: these are starting weights, so the predictions mean nothing yet.")
VALIDATION_SCORES = N_(
    "Trained here. Right on sentences held out of training: {scores}; blind guessing: {chance:.0%}."
)
TRAINING_SCORES = N_(
    "Trained here, on this text. Characters predicted right, of {count}: {scores}."
)
FEWER_STEPS = N_("So long a text is trained for {steps} steps at most, so that nobody has to wait.")
PREDICTED_TARGET = N_(
    "Nobody has said what your sentence asks for, so the loss takes the model's own answer as the "
    "right one: the gradient shows what that answer hangs on."
)


@dataclass(frozen=True)
class LessonSettings:
    """All that the visitor chose; it decides everything on the page."""

    example: Example = "time"
    text: str = ""
    unit: Unit = "word"
    cells: tuple[str, ...] = tuple(CELL_NAMES)
    hidden: int = 16
    layers: int = 1
    seed: int = 0
    weights: Weights = "trained"

    @property
    def text_to_read(self) -> str:
        """The text to read."""
        return {"time": SENTENCE, "hello": WORD, "own": self.text}[self.example]

    @property
    def token_unit(self) -> Unit:
        """How it is cut into tokens."""
        units: dict[str, Unit] = {"time": "word", "hello": "character", "own": self.unit}
        return units[self.example]


@dataclass(frozen=True, eq=False)
class Lesson:
    """What the page shows: T tokens and how each cell read them, with remarks in words."""

    tokens: tuple[str, ...]
    unknown: tuple[bool, ...]
    cell_views: tuple[CellView, ...]
    shares: Mapping[str, "WordShares"]
    pseudocode: tuple[CodeLine, ...]
    prediction_title: str
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]


def lesson(settings: LessonSettings) -> Lesson:
    """Read the text with every cell; train what has not been trained yet, behind a progress bar.

    Raises:
        Problem: there is no text to read, or too little.
    """
    from rnnviz.memory import word_shares

    found = tokenise(settings.text_to_read, settings.token_unit)
    experiments = {cell: _experiment(settings, cell) for cell in settings.cells}
    task = next(iter(experiments.values())).task
    # The last character is what has to be predicted; it is never read.
    tokens = found.tokens if task.kind == "many-to-one" else found.tokens[:-1]
    ids = task.vocabulary.encode(tokens)
    models = _models(experiments, settings.weights)
    unknown = tuple(task.vocabulary.is_unknown(token) for token in tokens)
    own = settings.example == "own" and task.kind == "many-to-one"
    batches = {
        cell: _own_answer(model, ids) if own else task.example().batch
        for cell, model in models.items()
    }
    return Lesson(
        tokens=tokens,
        unknown=unknown,
        cell_views=tuple(
            cell_view(cell, CELL_NAMES[cell], model, task, batches[cell], own)
            for cell, model in models.items()
        ),
        shares={cell: word_shares(model, ids) for cell, model in models.items()},
        pseudocode=MANY_TO_ONE if task.kind == "many-to-one" else MANY_TO_MANY,
        prediction_title=_("What it asks for")
        if settings.token_unit == "word"
        else _("Next character"),
        warnings=_warnings(found.total, tokens, unknown),
        remarks=_remarks(settings, experiments, models, (_(PREDICTED_TARGET),) if own else ()),
    )


def _experiment(asked: LessonSettings, cell: Any) -> "Experiment":
    from rnnviz.training import intent_experiment, text_experiment

    if asked.token_unit == "word":
        return intent_experiment(cell, asked.hidden, asked.layers, asked.seed)
    return text_experiment(asked.text_to_read, cell, asked.hidden, asked.layers, asked.seed)


def _models(
    experiments: Mapping[str, "Experiment"], weights: Weights
) -> dict[str, "SequenceModel"]:
    if weights == "untrained":
        return {cell: _starting(experiment) for cell, experiment in experiments.items()}
    place, models = st.empty(), {}
    for done, (cell, experiment) in enumerate(experiments.items()):
        models[cell] = trained_model(experiment, _bar(place, cell, done, len(experiments)))
    place.empty()
    return models


def _starting(experiment: "Experiment") -> "SequenceModel":
    from rnnviz.model import SequenceModel
    from rnnviz.training import Trainer

    model = Trainer(experiment).model
    assert isinstance(model, SequenceModel), "the lessons train no other"
    return model.eval()


def _bar(place: Any, cell: str, done: int, count: int) -> Callable[[float], None]:
    """Shows in `place` how far the training of `cell` is, after `done` of `count` others."""
    shown = -1

    def told(share: float) -> None:
        nonlocal shown
        percent = int(100 * (done + share) / count)
        if percent != shown:  # A message for each of thousands of steps would slow them down.
            shown = percent
            place.progress(percent, _(TRAINING, cell=CELL_NAMES[cell]))

    return told


def _own_answer(model: "SequenceModel", ids: list[int]) -> "Batch":
    """A sentence of the visitor's own: nobody has said what is right, so the model's answer is."""
    import torch

    from rnnviz.tasks import stack

    with torch.no_grad():
        answer = model(torch.tensor([ids]), torch.tensor([len(ids)])).argmax(-1)
    return stack([ids], answer.tolist())


def _warnings(total: int, tokens: tuple[str, ...], unknown: tuple[bool, ...]) -> tuple[str, ...]:
    said = []
    if total > LIMIT:
        said.append(_(TEXT_CUT, total=total, limit=LIMIT))
    strange = dict.fromkeys(
        token for token, is_strange in zip(tokens, unknown, strict=True) if is_strange
    )
    if all(unknown):
        said.append(_(ALL_UNKNOWN))
    elif strange:
        some = ", ".join(list(strange)[:12]) + (" …" if len(strange) > 12 else "")
        said.append(_(SOME_UNKNOWN, tokens=some))
    return tuple(said)


def _remarks(
    asked: LessonSettings,
    experiments: Mapping[str, "Experiment"],
    models: Mapping[str, "SequenceModel"],
    own: tuple[str, ...],
) -> tuple[str, ...]:
    import torch

    from rnnviz.training.lessons import MAX_STEPS

    if asked.weights == "untrained":
        return (_(UNTRAINED), *own)
    experiment = next(iter(experiments.values()))
    task, steps = experiment.task, experiment.optimiser.steps
    batch = task.batch(200, torch.Generator().manual_seed(0), "validation")
    if task.kind == "many-to-many":
        batch = task.example().batch
    scores = {}
    for cell, model in models.items():
        with torch.no_grad():
            scores[CELL_NAMES[cell]] = task.metric(model(batch.inputs, batch.lengths), batch)
    if task.kind == "many-to-one":
        told = ", ".join(f"{name} {score:.0%}" for name, score in scores.items())
        return (_(VALIDATION_SCORES, scores=told, chance=task.chance), *own)
    count = batch.targets.shape[1]
    told = ", ".join(f"{name} {round(score * count)}" for name, score in scores.items())
    said = _(TRAINING_SCORES, count=count, scores=told)
    return (said, _(FEWER_STEPS, steps=steps)) if steps < MAX_STEPS else (said,)
