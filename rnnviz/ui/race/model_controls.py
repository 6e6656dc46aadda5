"""What shapes the models of a race and how they are trained, behind two buttons."""

from typing import TYPE_CHECKING, Any

from rnnviz.messages import N_
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui import controls
from rnnviz.ui.language import _
from rnnviz.ui.services.ranges import (
    CLIP,
    FORGET_BIAS,
    PATIENCE,
    SEEDS,
    TIME_LIMIT,
    step_limit,
)

if TYPE_CHECKING:
    from rnnviz.model import ModelSpec
    from rnnviz.races.contestants import Contestant
    from rnnviz.tasks import Task
    from rnnviz.training import Optimiser

DEFAULT_SECONDS = 10.0
"""Seconds that each model gets where the same time is what is fair."""


def model(kind: type["Task"], task: "Task", racing: "list[Contestant]", hidden: int) -> "ModelSpec":
    """Draw what all models have in common; each contestant then adds what sets it apart."""
    from rnnviz.model import ModelSpec

    recipe: dict[str, Any] = dict(kind.recipe)
    plain = ModelSpec()

    def ruled(name: str) -> Any:
        rule = rules(ModelSpec)[name]
        key, start = f"race.{name}", recipe.get(name, getattr(plain, name))
        if isinstance(rule, Range):
            return controls.slider(key, _(rule.label), rule, start, help=_(rule.help))
        return controls.choose(key, _(rule.label), _titles(rule), start, help=_(rule.help))

    given: dict[str, Any] = {"hidden": hidden}
    with controls.popover(_("Model"), icon=":material/neurology:", width="stretch"):
        given["layers"] = ruled("layers")
        if not task.features:
            given["embedding"] = _embedding(task, str(recipe.get("embedding", "one-hot")))
            if given["embedding"] == "learned":
                given["embedding_size"] = ruled("embedding_size")
        given["initialisation"] = ruled("initialisation")
        given["dropout"] = ruled("dropout")
        given["recurrent_dropout"] = ruled("recurrent_dropout")
        told = _("Two linear layers with ReLU between them instead of one.")
        begun = bool(recipe.get("deep_head", False))
        given["deep_head"] = controls.toggle("race.deep_head", _("Deep head"), begun, help=told)
        for bias in (
            each.fixed["forget_bias"] for each in racing if "forget_bias" in each.adjustable
        ):
            told = _(FORGET_BIAS.help)
            given["forget_bias"] = controls.slider(
                "race.forget_bias", "", FORGET_BIAS, bias, help=told
            )
        if any({"front", "family"} & {*each.fixed} for each in racing):
            given["kernel"], given["pool"] = ruled("kernel"), ruled("pool")
    return ModelSpec(**given)


def training(
    kind: type["Task"], task: "Task", rate: float, steps: int, fair: str
) -> tuple["Optimiser", int, int]:
    """Draw how the models are trained; answers also with the first seed and how many there are."""
    from rnnviz.training import Optimiser

    recipe: dict[str, Any] = dict(kind.recipe)
    plain = Optimiser()
    allowed = rules(Optimiser)

    def slider(name: str, rule: Any, start: float, help: str = "") -> Any:
        return controls.slider(f"race.{name}", _(rule.label), rule, start, help=help)

    given: dict[str, Any] = {"lr": rate, "steps": steps}
    with controls.popover(_("Training"), icon=":material/tune:", width="stretch"):
        told = _("Decides the starting weights and the training examples: same seed, same race.")
        seed = controls.slider("race.seed", "", Range(0, 99, label=N_("Seed")), 1, help=told)
        told = _("More than one: the lines show the median, the bands the best and the worst.")
        seeds = slider("seeds", SEEDS, 1, told)
        given["batch"] = slider("batch", allowed["batch"], recipe.get("batch", plain.batch))
        live = _("May be changed while the race is running.")
        if controls.toggle("race.set_clip", _("Clip the gradient"), True, help=live):
            given["clip"] = slider("clip", CLIP, recipe.get("clip", 1.0), live)
        for name, wanted in (
            ("forcing", task.kind in ("one-to-many", "sequence-to-sequence")),
            ("temperature", task.streams),
        ):
            if wanted:
                rule: Any = allowed[name]
                start = recipe.get(name, getattr(plain, name))
                given[name] = slider(name, rule, start, f"{_(rule.help)} {live}")
        given |= _ends(task, fair)
    if fair == "time":
        given["steps"] = step_limit(given["seconds"])
    return Optimiser(**given), seed, seeds


def _ends(task: "Task", fair: str) -> dict[str, Any]:
    """What may end a run before its last step."""
    given: dict[str, Any] = {}
    if fair == "time":
        given["seconds"] = controls.slider("race.seconds", "", TIME_LIMIT, DEFAULT_SECONDS)
    elif controls.toggle("race.set_seconds", _("Stop when the time is up"), False):
        given["seconds"] = controls.slider("race.seconds", "", TIME_LIMIT, 60.0)
    told = _("As soon as a test on the validation examples is that good.")
    if controls.toggle("race.set_target", _("Stop at a goal"), False, help=told):
        given["target"] = _target(task)
    told = _("When the validation examples have not become any better for so many steps.")
    if controls.toggle("race.set_patience", _("Stop without progress"), False, help=told):
        given["patience"] = controls.slider("race.patience", "", PATIENCE, 500)
    return given


def _target(task: "Task") -> float:
    """The metric at which to stop: a share in percent, an error in its own unit."""
    label = _("Goal: {metric}", metric=_(task.metric_name))
    if task.is_share:
        rule = Range(1, 100, unit="%")
        share: float = controls.slider("race.target", label, rule, 95)
        return share / 100
    rule = Range(0.0, float(f"{max(task.chance, 1e-3):.2g}"), unit=_(task.metric_unit))
    start = float(f"{rule.high / 4:.2g}")
    return float(controls.slider("race.target", label, rule, start))


def _embedding(task: "Task", start: str) -> str:
    from rnnviz.data import glove
    from rnnviz.model import ModelSpec

    rule = rules(ModelSpec)["embedding"]
    assert isinstance(rule, Choice)
    # The vectors that ship are of English words; names and rare words have none in English either.
    words = task.vocabulary.tokens if task.unit == "word" else ()
    known = 2 * sum(word in glove().words for word in words) > len(words)
    options = {c: title for c, title in _titles(rule).items() if known or "glove" not in c}
    told = _("All models read the very same kind of vectors.")
    return controls.choose("race.embedding", _(rule.label), options, start, help=told)


def _titles(rule: Choice) -> dict[str, str]:
    return {code: _(title) for code, title in rule.options.items()}
