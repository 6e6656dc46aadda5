"""What networks compute of a visitor's text: their views, their sensitivity, remarks.

T time steps, V labels.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from rnnviz.lessons.cell_view import cell_view
from rnnviz.lessons.networks import experiment_of, lesson_model
from rnnviz.lessons.settings import INTENT_LANGUAGES, LessonSettings
from rnnviz.lessons.unknown_words import unknown_flags, unknown_warnings
from rnnviz.lessons.view import LessonData, Notice
from rnnviz.memory import token_sensitivity
from rnnviz.memory.probe import final_states
from rnnviz.messages import N_, Message, Problem
from rnnviz.model import SequenceModel
from rnnviz.names import CELL_NAMES
from rnnviz.tasks import Batch, Task, stack
from rnnviz.text import LIMIT, tokenise
from rnnviz.training import Experiment
from rnnviz.training.lessons import MAX_STEPS

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


def read_text(settings: LessonSettings, weights: tuple[bytes, ...]) -> LessonData:
    """Let every cell read the text, with `weights` in their order, or untrained without any.

    Raises:
        Problem: there is no text to read, or too little.
    """
    tokenised = tokenise(settings.text_to_read, settings.token_unit)
    experiments = {cell: experiment_of(settings, cell) for cell in settings.cells}
    task = next(iter(experiments.values())).task
    # The last character is what has to be predicted; it is never read.
    many_to_one = task.kind == "many-to-one"
    tokens = tokenised.tokens if many_to_one else tokenised.tokens[:-1]
    ids = task.vocabulary.encode(tokens)
    models = {
        cell: lesson_model(experiment, weights[number] if weights else None)
        for number, (cell, experiment) in enumerate(experiments.items())
    }
    own_answer = settings.example == "own" and many_to_one
    batches = {
        cell: _predicted_batch(model, ids) if own_answer else task.example().batch
        for cell, model in models.items()
    }
    cut = ((Message(TEXT_CUT, {"total": tokenised.total, "limit": LIMIT}),),)
    return LessonData(
        tokens=tokens,
        unknown=unknown_flags(task, tokens),
        cell_views=tuple(
            cell_view(cell, CELL_NAMES[cell], model, task, batches[cell], own_answer)
            for cell, model in models.items()
        ),
        warnings=(cut if tokenised.total > LIMIT else ()) + unknown_warnings(task, tokens),
        remarks=(
            *_remarks(experiments, models, trained=bool(weights)),
            *(_own_sentence_remarks(settings) if own_answer else ()),
        ),
        **memory_data(models, task, ids),  # type: ignore[arg-type]
    )


def memory_data(
    models: Mapping[str, SequenceModel], task: Task, ids: list[int]
) -> dict[str, object]:
    """The fields of a lesson that say what the states keep of the tokens `ids`."""
    specs = [model.spec for model in models.values()]
    return {
        "ids": tuple(ids),
        "sensitivity": {cell: token_sensitivity(model, ids) for cell, model in models.items()},
        "final_states": {cell: _final_state(model, ids) for cell, model in models.items()},
        "unbounded": any(spec.cell == "rnn" and spec.nonlinearity == "relu" for spec in specs),
        "memorised": task.memorised,
        "bidirectional": any(spec.bidirectional for spec in specs),
    }


def _final_state(model: SequenceModel, ids: list[int]) -> Tensor:
    try:
        [states] = final_states(model, torch.tensor([ids]), (len(ids),))
    except Problem:  # Training has diverged: the probe says so, and the stage shows it.
        return torch.full((model.spec.hidden * (1 + model.spec.bidirectional),), torch.nan)
    return states[0]


def _predicted_batch(model: SequenceModel, ids: list[int]) -> Batch:
    """A sentence of the visitor, which has no right answer: the model's answer is the target."""
    with torch.no_grad():
        answer = model(torch.tensor([ids]), torch.tensor([len(ids)])).argmax(-1)
    return stack([ids], answer.tolist())


def _own_sentence_remarks(settings: LessonSettings) -> tuple[Notice, ...]:
    target = (Message(PREDICTED_TARGET),)
    if settings.reader != "script":
        return (target,)
    language = Message(INTENT_LANGUAGES[settings.intent_language])
    return ((Message(READ_BY, {"language": language}),), target)


def _remarks(
    experiments: Mapping[str, Experiment], models: Mapping[str, SequenceModel], trained: bool
) -> tuple[Notice, ...]:
    if not trained:
        return ((Message(UNTRAINED),),)
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
        return ((Message(VALIDATION_SCORES, {"scores": accuracies, "chance": task.chance}),),)
    count = batch.targets.shape[1]
    counts = ", ".join(f"{name} {round(score * count)}" for name, score in scores.items())
    remark = (Message(TRAINING_SCORES, {"count": count, "scores": counts}),)
    fewer = (Message(FEWER_STEPS, {"steps": steps}),)
    return (remark, fewer) if steps < MAX_STEPS else (remark,)
