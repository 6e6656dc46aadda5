"""From a visitor's settings to what the page shows: tokens, views of cells, sensitivity, remarks.

T time steps, V labels.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import streamlit as st

from rnnviz.messages import N_
from rnnviz.names import CELL_NAMES, FIRST_CELLS
from rnnviz.text import LIMIT, Unit, hangul_share, tokenise, words
from rnnviz.ui.language import _
from rnnviz.ui.stage import MANY_TO_MANY, MANY_TO_ONE, CellView, CodeLine
from rnnviz.ui.step.cell_view import cell_view
from rnnviz.ui.step.model_cache import trained_model
from rnnviz.ui.step.probe_cache import ProbedModel
from rnnviz.ui.step.unknown_words import unknown_flags, unknown_warnings

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.memory import TokenSensitivity
    from rnnviz.model import SequenceModel
    from rnnviz.tasks import Batch, Task
    from rnnviz.training import Experiment

Example = Literal["time", "korean", "hello", "own"]
Weights = Literal["trained", "untrained"]
Reader = Literal["script", "en", "ko"]
IntentLanguage = Literal["en", "ko"]

SENTENCE, KOREAN_SENTENCE = "What time is it?", "지금 몇 시야?"
"""The sentence to begin with, in the language of the page: the example of its intent model."""

WORD = "hello"

INTENT_LANGUAGES = {"en": N_("English"), "ko": N_("Korean")}

TRAINING = N_("Training the {cell} …")
TEXT_CUT = N_("The text has {total} tokens. The first {limit} are used.")
READ_BY = N_(
    "Read by the {language} intent model, as the script of the text suggests; “Intent model” above "
    "chooses another."
)
UNTRAINED = N_("Untrained: these are starting weights, so the predictions mean nothing yet.")
VALIDATION_SCORES = N_(
    "Trained here. Accuracy on validation sentences: {scores}; chance: {chance:.0%}."
)
TRAINING_SCORES = N_(
    "Trained here, on this text. Correctly predicted characters, of {count}: {scores}."
)
FEWER_STEPS = N_("A text this long is trained for {steps} steps at most, to keep the wait short.")
PREDICTED_TARGET = N_(
    "There is no right answer to your sentence, so the loss takes the model's own answer as the "
    "target: the gradient shows what that answer depends on."
)


@dataclass(frozen=True)
class LessonSettings:
    """The visitor's settings, which decide everything on the page."""

    example: Example = "time"
    text: str = ""
    unit: Unit = "word"
    reader: Reader = "script"
    """The intent model that reads the visitor's own words: by their script, or one of the two."""
    cells: tuple[str, ...] = FIRST_CELLS
    hidden: int = 16
    layers: int = 1
    seed: int = 0
    weights: Weights = "trained"

    @property
    def text_to_read(self) -> str:
        """The text to read."""
        examples = {"time": SENTENCE, "korean": KOREAN_SENTENCE, "hello": WORD}
        return examples.get(self.example, self.text)

    @property
    def intent_language(self) -> IntentLanguage:
        """The language of the intent model that reads the text."""
        if self.example != "own" or self.reader == "script":
            return script_language(self.text_to_read)
        return self.reader

    @property
    def token_unit(self) -> Unit:
        """The unit of its tokens."""
        units: dict[str, Unit] = {"hello": "character", "own": self.unit}
        return units.get(self.example, "word")


def script_language(text: str) -> IntentLanguage:
    """Korean if at least half of the words have a Hangul letter: few English sentences have any."""
    return "ko" if hangul_share(words(text)) >= 0.5 else "en"


@dataclass(frozen=True, eq=False)
class Lesson:
    """What the page shows: T tokens, a view of each cell that read them, and remarks."""

    tokens: tuple[str, ...]
    unknown: tuple[bool, ...]
    cell_views: tuple[CellView, ...]
    sensitivity: Mapping[str, "TokenSensitivity"]
    probed: Mapping[str, ProbedModel]
    """The models whose memory can be probed, by cell, as `sensitivity`."""
    ids: tuple[int, ...]
    pseudocode: tuple[CodeLine, ...]
    prediction_title: str
    warnings: tuple[str, ...]
    remarks: tuple[str, ...]


def lesson(settings: LessonSettings) -> Lesson:
    """Read the text with every cell; models that are not trained yet are, with a progress bar.

    Raises:
        Problem: there is no text to read, or too little.
    """
    from rnnviz.memory import token_sensitivity

    tokenised = tokenise(settings.text_to_read, settings.token_unit)
    experiments = {cell: _experiment(settings, cell) for cell in settings.cells}
    task = next(iter(experiments.values())).task
    # The last character is what has to be predicted; it is never read.
    many_to_one = task.kind == "many-to-one"
    tokens = tokenised.tokens if many_to_one else tokenised.tokens[:-1]
    ids = task.vocabulary.encode(tokens)
    models = _models(experiments, settings.weights)
    own_answer = settings.example == "own" and many_to_one
    own_remarks = _own_sentence_remarks(settings) if own_answer else ()
    batches = {
        cell: _predicted_batch(model, ids) if own_answer else task.example().batch
        for cell, model in models.items()
    }
    return Lesson(
        tokens=tokens,
        unknown=unknown_flags(task, tokens),
        cell_views=tuple(
            cell_view(cell, CELL_NAMES[cell], model, task, batches[cell], own_answer)
            for cell, model in models.items()
        ),
        sensitivity={cell: token_sensitivity(model, ids) for cell, model in models.items()},
        probed={
            cell: ProbedModel(f"{experiments[cell].to_json()} {settings.weights}", task, model)
            for cell, model in models.items()
        },
        ids=tuple(ids),
        pseudocode=MANY_TO_ONE if many_to_one else MANY_TO_MANY,
        prediction_title=_("What it asks for")
        if settings.token_unit == "word"
        else _("Next character"),
        warnings=_warnings(task, tokenised.total, tokens),
        remarks=_remarks(settings, experiments, models, own_remarks),
    )


def _experiment(settings: LessonSettings, cell: Any) -> "Experiment":
    from rnnviz.training import intent_experiment, text_experiment

    if settings.token_unit == "word":
        return intent_experiment(
            cell, settings.hidden, settings.layers, settings.seed, settings.intent_language
        )
    return text_experiment(
        settings.text_to_read, cell, settings.hidden, settings.layers, settings.seed
    )


def _models(
    experiments: Mapping[str, "Experiment"], weights: Weights
) -> dict[str, "SequenceModel"]:
    if weights == "untrained":
        return {cell: _untrained_model(experiment) for cell, experiment in experiments.items()}
    container, models = st.empty(), {}
    for done, (cell, experiment) in enumerate(experiments.items()):
        models[cell] = trained_model(
            experiment, _progress_bar(container, cell, done, len(experiments))
        )
    container.empty()
    return models


def _untrained_model(experiment: "Experiment") -> "SequenceModel":
    from rnnviz.model import SequenceModel
    from rnnviz.training import Trainer

    model = Trainer(experiment).model
    assert isinstance(model, SequenceModel), "the lessons have no other models"
    return model.eval()


def _progress_bar(container: Any, cell: str, done: int, count: int) -> Callable[[float], None]:
    """A callback that shows in `container` the progress of `cell`, after `done` of `count`."""
    last = -1

    def show_progress(share: float) -> None:
        nonlocal last
        percent = int(100 * (done + share) / count)
        if percent != last:  # A message for each of thousands of steps would slow them down.
            last = percent
            container.progress(percent, _(TRAINING, cell=CELL_NAMES[cell]))

    return show_progress


def _predicted_batch(model: "SequenceModel", ids: list[int]) -> "Batch":
    """A sentence of the visitor, which has no right answer: the model's answer is the target."""
    import torch

    from rnnviz.tasks import stack

    with torch.no_grad():
        answer = model(torch.tensor([ids]), torch.tensor([len(ids)])).argmax(-1)
    return stack([ids], answer.tolist())


def _warnings(task: "Task", total: int, tokens: tuple[str, ...]) -> tuple[str, ...]:
    cut = (_(TEXT_CUT, total=total, limit=LIMIT),) if total > LIMIT else ()
    return (*cut, *unknown_warnings(task, tokens))


def _own_sentence_remarks(settings: LessonSettings) -> tuple[str, ...]:
    if settings.reader != "script":
        return (_(PREDICTED_TARGET),)
    language = _(INTENT_LANGUAGES[settings.intent_language])
    return (_(READ_BY, language=language), _(PREDICTED_TARGET))


def _remarks(
    settings: LessonSettings,
    experiments: Mapping[str, "Experiment"],
    models: Mapping[str, "SequenceModel"],
    own_remarks: tuple[str, ...],
) -> tuple[str, ...]:
    import torch

    from rnnviz.training.lessons import MAX_STEPS

    if settings.weights == "untrained":
        return (_(UNTRAINED), *own_remarks)
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
        accuracies = ", ".join(f"{name} {score:.0%}" for name, score in scores.items())
        return (_(VALIDATION_SCORES, scores=accuracies, chance=task.chance), *own_remarks)
    count = batch.targets.shape[1]
    counts = ", ".join(f"{name} {round(score * count)}" for name, score in scores.items())
    remark = _(TRAINING_SCORES, count=count, scores=counts)
    return (remark, _(FEWER_STEPS, steps=steps)) if steps < MAX_STEPS else (remark,)
