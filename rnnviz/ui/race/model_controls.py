"""What shapes the models of a race and how they are trained, behind two buttons."""

from typing import TYPE_CHECKING, Any

from rnnviz.messages import N_
from rnnviz.settings import Choice, Range, rules
from rnnviz.ui import controls
from rnnviz.ui.language import _
from rnnviz.ui.services.ranges import CLIP, FORGET_BIAS, PATIENCE, SEEDS, TIME_LIMIT, step_limit

if TYPE_CHECKING:
    from rnnviz.model import ModelSpec
    from rnnviz.races.contestants import Contestant
    from rnnviz.tasks import Task
    from rnnviz.training import Optimiser

DEFAULT_SECONDS = 10.0
"""Seconds that each model gets where the same time is what is fair."""


def draw_model_controls(
    kind: type["Task"], task: "Task", contestants: "list[Contestant]", hidden: int
) -> "ModelSpec":
    """Draw what all models have in common; each contestant then adds what sets it apart."""
    from rnnviz.model import ModelSpec

    recipe: dict[str, Any] = dict(kind.recipe)
    defaults = ModelSpec()

    def control(name: str) -> Any:
        rule = rules(ModelSpec)[name]
        key, default = f"race.{name}", recipe.get(name, getattr(defaults, name))
        if isinstance(rule, Range):
            return controls.slider(key, _(rule.label), rule, default, help=_(rule.help))
        return controls.choose(key, _(rule.label), _titles(rule), default, help=_(rule.help))

    values: dict[str, Any] = {"hidden": hidden}
    with controls.popover(
        _("Model"), key="race.model.open", icon=":material/neurology:", width="stretch"
    ):
        values["layers"] = control("layers")
        if not task.features:
            values["embedding"] = _embedding(task, str(recipe.get("embedding", "one-hot")))
            if values["embedding"] == "learned":
                values["embedding_size"] = control("embedding_size")
        values["initialisation"] = control("initialisation")
        values["dropout"] = control("dropout")
        values["recurrent_dropout"] = control("recurrent_dropout")
        values["state_dropout"] = control("state_dropout")
        note = _("Two linear layers with ReLU between them instead of one.")
        deep = bool(recipe.get("deep_head", False))
        values["deep_head"] = controls.toggle("race.deep_head", _("Deep head"), deep, help=note)
        for contestant in contestants:
            if "forget_bias" in contestant.adjustable:
                bias, note = contestant.fields["forget_bias"], _(FORGET_BIAS.help)
                values["forget_bias"] = controls.slider(
                    "race.forget_bias", "", FORGET_BIAS, bias, help=note
                )
        if any({"front", "family"} & {*contestant.fields} for contestant in contestants):
            for name in ("kernel", "dilation", "pool", "pooling"):
                values[name] = control(name)
    return ModelSpec(**values)


def draw_training_controls(
    kind: type["Task"], task: "Task", rate: float, steps: int, fairness: str
) -> tuple["Optimiser", int, int]:
    """Draw how the models are trained; returns also the first seed and the number of seeds."""
    from rnnviz.training import Optimiser

    recipe: dict[str, Any] = dict(kind.recipe)
    defaults = Optimiser()
    optimiser_rules = rules(Optimiser)

    def slider(name: str, rule: Any, default: float, help: str = "") -> Any:
        return controls.slider(f"race.{name}", _(rule.label), rule, default, help=help)

    values: dict[str, Any] = {"lr": rate, "steps": steps}
    with controls.popover(
        _("Training"), key="race.training.open", icon=":material/tune:", width="stretch"
    ):
        note = _("Decides the starting weights and the training examples: same seed, same race.")
        seed = controls.slider("race.seed", "", Range(0, 99, label=N_("Seed")), 1, help=note)
        note = _("More than one: the lines show the median, the bands the best and the worst.")
        seeds = slider("seeds", SEEDS, 1, note)
        batch = recipe.get("batch", defaults.batch)
        values["batch"] = slider("batch", optimiser_rules["batch"], batch)
        live = _("May be changed while the race is running.")
        if controls.toggle("race.set_clip", _("Clip the gradient"), True, help=live):
            values["clip"] = slider("clip", CLIP, recipe.get("clip", 1.0), live)
        for name, applies in (
            ("forcing", task.kind in ("one-to-many", "sequence-to-sequence")),
            ("temperature", task.stateful),
        ):
            if applies:
                rule: Any = optimiser_rules[name]
                default = recipe.get(name, getattr(defaults, name))
                values[name] = slider(name, rule, default, f"{_(rule.help)} {live}")
        values |= _stopping_controls(task, fairness)
    if fairness == "time":
        values["steps"] = step_limit(values["seconds"])
    return Optimiser(**values), seed, seeds


def _stopping_controls(task: "Task", fairness: str) -> dict[str, Any]:
    """What may end a run before its last step."""
    values: dict[str, Any] = {}
    if fairness == "time":
        values["seconds"] = controls.slider("race.seconds", "", TIME_LIMIT, DEFAULT_SECONDS)
    elif controls.toggle("race.set_seconds", _("Stop when the time is up"), False):
        values["seconds"] = controls.slider("race.seconds", "", TIME_LIMIT, 60.0)
    note = _("As soon as the metric of the curve is that good.")
    if controls.toggle("race.set_target", _("Stop at a goal"), False, help=note):
        values["target"] = _target(task)
    note = _("When the metric of the curve has not improved for so many steps.")
    if controls.toggle("race.set_patience", _("Early stopping"), False, help=note):
        values["patience"] = controls.slider("race.patience", "", PATIENCE, 500)
    return values


def _target(task: "Task") -> float:
    """The metric of the curve at which to stop: a share in percent, an error in its own unit."""
    label = _("Goal: {metric}", metric=_(task.metric_name))
    if task.is_share:
        rule = Range(1, 100, unit="%")
        percent: float = controls.slider("race.target", label, rule, 95)
        return percent / 100
    rule = Range(0.0, float(f"{max(task.chance, 1e-3):.2g}"), unit=_(task.metric_unit))
    default = float(f"{rule.high / 4:.2g}")
    return float(controls.slider("race.target", label, rule, default))


def _embedding(task: "Task", default: str) -> str:
    from rnnviz.data import glove
    from rnnviz.model import ModelSpec

    rule = rules(ModelSpec)["embedding"]
    assert isinstance(rule, Choice)
    # The vectors that ship are of English words; names and rare words have none in English either.
    words = task.vocabulary.tokens if task.unit == "word" else ()
    has_vectors = 2 * sum(word in glove().words for word in words) > len(words)
    titles = _titles(rule)
    options = {code: titles[code] for code in titles if has_vectors or "glove" not in code}
    note = _("All models read the same kind of vectors.")
    return controls.choose("race.embedding", _(rule.label), options, default, help=note)


def _titles(rule: Choice) -> dict[str, str]:
    return {code: _(title) for code, title in rule.options.items()}
