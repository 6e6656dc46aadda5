"""All that decides a run, as one frozen value that can be written as JSON."""

import json
from dataclasses import asdict, dataclass, field, fields
from typing import Annotated, Any, Literal, get_type_hints

from rnnviz.messages import N_, Problem
from rnnviz.model import ModelSpec
from rnnviz.settings import Choice, Range, check, rules
from rnnviz.tasks import TASKS, Intents, Task

NOT_JSON = N_("This is not an experiment: {reason}")
NOT_A_FIELD = N_("{name} is not a setting of {owner}; allowed is one of: {options}.")
NOT_A_TASK = N_("{value} is not a task; allowed is one of: {options}.")
NOT_OF_TYPE = N_("{name} is {value}; allowed is {kind}.")
NOT_CHANGEABLE = N_(
    "{name} cannot be changed while a run is in progress; allowed is one of: {options}."
)
A_TABLE = N_("a table of settings")

MAX_JSON_LENGTH = 20_000
"""The longest JSON text that is read, in characters."""


@dataclass(frozen=True)
class Optimiser:
    """Adam's settings, and when training stops: after `steps`, or at the first other condition.

    `stop_below`: the loss has stayed below it. `target`: the validation metric has reached it.
    `patience`: so many steps without a better one. `seconds` of training, which makes the last
    step depend on the machine.
    """

    lr: Annotated[float, Range(1e-4, 1.0, label=N_("Learning rate"), logarithmic=True)] = 0.01
    clip: Annotated[
        float | None,
        Range(
            0.01,
            100.0,
            label=N_("Gradient clipping"),
            help=N_("A gradient with a larger norm is scaled down to this norm."),
            logarithmic=True,
        ),
    ] = None
    batch: Annotated[int, Range(1, 256, label=N_("Batch size"), logarithmic=True)] = 32
    steps: Annotated[int, Range(1, 3_000_000, label=N_("Training steps"), logarithmic=True)] = 1000
    stop_below: Annotated[float | None, Range(0.0, 10.0, label=N_("Stop below this loss"))] = None
    target: Annotated[float | None, Range(0.0, 1000.0, label=N_("Stop at this metric"))] = None
    patience: Annotated[
        int | None, Range(10, 100_000, label=N_("Patience"), unit=N_("steps"), logarithmic=True)
    ] = None
    seconds: Annotated[
        float | None,
        Range(1.0, 3600.0, label=N_("Time limit"), unit=N_("seconds"), logarithmic=True),
    ] = None
    forcing: Annotated[
        float,
        Range(
            0.0,
            1.0,
            step=0.05,
            label=N_("Teacher forcing"),
            help=N_(
                "How often a decoder reads the correct previous symbol instead of its own "
                "(Williams and Zipser 1989; on a slider: Bengio et al. 2015)."
            ),
        ),
    ] = 1.0
    temperature: Annotated[
        float,
        Range(
            0.1,
            2.0,
            step=0.1,
            label=N_("Temperature"),
            help=N_(
                "Divides the logits before a symbol is drawn: small is careful, large is wild."
            ),
        ),
    ] = 0.8

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Experiment:
    """A task, a model, an optimiser, a seed, a device. Equal experiments give equal runs."""

    task: Task = field(default_factory=Intents)
    model: ModelSpec = field(default_factory=ModelSpec)
    optimiser: Optimiser = field(default_factory=Optimiser)
    seed: Annotated[int, Range(0, 2**31 - 1, label=N_("Seed"))] = 0
    device: Annotated[
        Literal["cpu", "cuda"], Choice({"cpu": "CPU", "cuda": "CUDA"}, label=N_("Device"))
    ] = "cpu"

    def __post_init__(self) -> None:
        check(self)

    def to_plain(self) -> dict[str, Any]:
        """The experiment as plain dictionaries, strings and numbers."""
        return {
            "task": {"name": self.task.name, **_settings(self.task)},
            "model": asdict(self.model),
            "optimiser": asdict(self.optimiser),
            "seed": self.seed,
            "device": self.device,
        }

    def to_json(self) -> str:
        """The experiment as JSON; `from_json` brings back an equal one."""
        return json.dumps(self.to_plain())

    @classmethod
    def from_plain(cls, plain: object) -> "Experiment":
        """Parse plain data; settings that are left out have their default.

        Raises:
            Problem: an unknown setting, or a value that is not allowed.
        """
        table = _require_table("experiment", plain)
        _check_names("experiment", table, [each.name for each in fields(cls)])
        parts: dict[str, Any] = {name: table[name] for name in ("seed", "device") if name in table}
        if "task" in table:
            parts["task"] = _parse_task(table["task"])
        if "model" in table:
            parts["model"] = _parse(ModelSpec, "model", table["model"])
        if "optimiser" in table:
            parts["optimiser"] = _parse(Optimiser, "optimiser", table["optimiser"])
        return cls(**parts)

    @classmethod
    def from_json(cls, text: str) -> "Experiment":
        """Parse a JSON text, which may come from anywhere.

        Raises:
            Problem: no JSON, an unknown setting, or a value that is not allowed.
        """
        if len(text) > MAX_JSON_LENGTH:
            raise Problem(NOT_JSON, reason=f"{len(text)} > {MAX_JSON_LENGTH}")
        try:
            plain = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Problem(NOT_JSON, reason=error) from error
        return cls.from_plain(plain)


def _settings(instance: Any) -> dict[str, Any]:
    return {each.name: getattr(instance, each.name) for each in fields(instance)}


def _require_table(name: str, value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Problem(NOT_OF_TYPE, name=name, value=repr(value)[:80], kind=A_TABLE)
    return value


def _check_names(owner: str, table: dict[str, Any], allowed: list[str]) -> None:
    for name in table:
        if name not in allowed:
            raise Problem(NOT_A_FIELD, name=name[:80], owner=owner, options=", ".join(allowed))


def _parse_task(value: object) -> Task:
    table = dict(_require_table("task", value))
    name = table.pop("name", None)
    if not isinstance(name, str) or name not in TASKS:
        raise Problem(NOT_A_TASK, value=repr(name)[:80], options=", ".join(TASKS))
    task: Task = _parse(TASKS[name], name, table)
    return task


def _parse(cls: type[Any], owner: str, value: object) -> Any:
    """Make an instance of the dataclass `cls` from a table of its fields."""
    table = _require_table(owner, value)
    _check_names(owner, table, [each.name for each in fields(cls)])
    hints, ranges = get_type_hints(cls), rules(cls)
    settings = {}
    for name, setting in table.items():
        rule, kind = ranges.get(name), hints[name]
        if isinstance(rule, Choice) and not isinstance(setting, str):
            raise Problem(NOT_OF_TYPE, name=name, value=repr(setting)[:80], kind=str.__name__)
        if rule is None and type(setting) is not kind:
            raise Problem(NOT_OF_TYPE, name=name, value=repr(setting)[:80], kind=kind.__name__)
        # A whole number may come as 16.0, and a fraction as 1.
        if isinstance(rule, Range) and isinstance(setting, int | float):
            rule.check(name, setting)
            setting = int(setting) if rule.whole else float(setting)
        settings[name] = setting
    return cls(**settings)
