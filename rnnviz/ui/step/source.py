"""Where a lesson comes from: a visitor's text or a stored run, and what is computed of it.

A source names everything that decides its results, which all visitors share.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from rnnviz.jobs.apart import Call
from rnnviz.lessons.settings import LessonSettings
from rnnviz.lessons.view import LessonData
from rnnviz.messages import N_, Problem, excerpt
from rnnviz.ui import permalink
from rnnviz.ui.background import computed
from rnnviz.ui.services import store as storage
from rnnviz.ui.services.computations import computations
from rnnviz.ui.services.uploads import stored_experiment, task_files
from rnnviz.ui.session import session_id
from rnnviz.ui.stage import MANY_TO_MANY, MANY_TO_ONE, CodeLine
from rnnviz.ui.step.pseudocode import pseudocode
from rnnviz.ui.visitor import visitor_id

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.memory import ProbeCurve
    from rnnviz.training import Experiment

INTENT, CHARACTER = N_("What it asks for"), N_("Next character")
NO_RUN = N_("{value} is not a stored run; allowed is the code in a link of the page Runs.")

NETWORKS, LESSON, RUN = (
    "rnnviz.lessons.networks",
    "rnnviz.lessons.lesson",
    "rnnviz.lessons.stored_run",
)


class Source(Protocol):
    """What is read, and by which networks."""

    def data(self) -> LessonData:
        """What the networks compute of it.

        Raises:
            Problem: there is nothing to read.
        """
        ...

    def candidates(self) -> tuple[int, ...]:
        """The ids of the tokens that its texts begin with most often."""
        ...

    def probe_curves(
        self, cells: Sequence[str], candidates: tuple[int, ...], lengths: tuple[int, ...]
    ) -> "list[ProbeCurve]":
        """How well a probe names which of `candidates` the network of each of `cells` read first.

        Raises:
            Problem: the vocabulary is too small to tell first tokens apart.
        """
        ...

    def pseudocode(self) -> tuple[CodeLine, ...]:
        """The control flow of its networks."""
        ...

    def prediction_title(self) -> str:
        """What they predict, a message."""
        ...


@dataclass(frozen=True)
class TextSource:
    """A text that networks of the lessons read."""

    settings: LessonSettings

    def data(self) -> LessonData:
        cells = self.settings.cells if self.settings.weights == "trained" else ()
        weights = tuple(side_by_side([self._training(cell) for cell in cells]))
        data: LessonData = computed(f"{LESSON}:read_text", self.settings, weights)
        return data

    def candidates(self) -> tuple[int, ...]:
        # The tokens are those of the task, whichever network learns it.
        network = replace(self.settings, hidden=16, layers=1, seed=0).of_network("rnn")
        ids: tuple[int, ...] = computed(f"{NETWORKS}:lesson_candidates", network)
        return ids

    def probe_curves(
        self, cells: Sequence[str], candidates: tuple[int, ...], lengths: tuple[int, ...]
    ) -> "list[ProbeCurve]":
        weights: list[bytes | None] = [None] * len(cells)
        if self.settings.weights == "trained":
            weights = side_by_side([self._training(cell) for cell in cells])
        networks = [self.settings.of_network(cell) for cell in cells]
        return side_by_side(
            [
                Call(f"{NETWORKS}:lesson_probe", (network, each, candidates, lengths))
                for network, each in zip(networks, weights, strict=True)
            ]
        )

    def pseudocode(self) -> tuple[CodeLine, ...]:
        return MANY_TO_ONE if self.settings.token_unit == "word" else MANY_TO_MANY

    def prediction_title(self) -> str:
        return INTENT if self.settings.token_unit == "word" else CHARACTER

    def _training(self, cell: str) -> Call:
        return Call(f"{NETWORKS}:trained_weights", (self.settings.of_network(cell),))


@dataclass(frozen=True)
class RunSource:
    """An example of a stored run, or a visitor's text, after a saved step of its training.

    Args:
        code: of the run.
        created: when, for a code may come back with an imported archive.
        step: the training step.
        choice: the number of the example, or `OWN`.
        text: the visitor's own.
    """

    code: str
    created: float
    step: int
    choice: str
    text: str = ""

    def data(self) -> LessonData:
        from rnnviz.races.setup import model_title

        experiment = self._experiment()
        data: LessonData = computed(
            f"{RUN}:read_run",
            experiment.to_json(),
            self._weights(),
            model_title(experiment.model),
            self.choice,
            self.text,
            task_files(experiment.task),
        )
        return data

    def candidates(self) -> tuple[int, ...]:
        experiment = self._experiment()
        ids: tuple[int, ...] = computed(
            f"{NETWORKS}:run_candidates", experiment.to_json(), task_files(experiment.task)
        )
        return ids

    def probe_curves(
        self, cells: Sequence[str], candidates: tuple[int, ...], lengths: tuple[int, ...]
    ) -> "list[ProbeCurve]":
        experiment = self._experiment()
        run = (experiment.to_json(), task_files(experiment.task), self._weights())
        return [computed(f"{NETWORKS}:run_probe", *run, candidates, lengths)]

    def pseudocode(self) -> tuple[CodeLine, ...]:
        return pseudocode(self._experiment().task)

    def prediction_title(self) -> str:
        return str(self._experiment().task.title)

    def _experiment(self) -> "Experiment":
        store = storage.open_store()
        run = None if store is None else store.run(self.code)
        if store is None or run is None:
            raise Problem(NO_RUN, value=excerpt(self.code))
        experiment: Experiment = stored_experiment(store, run)
        return experiment

    def _weights(self) -> bytes:
        store = storage.open_store()
        return (store and store.weights(self.code, self.step)) or b""


def side_by_side(calls: Sequence[Call]) -> list[Any]:
    """The results of several calls, which are computed at the same time where there is room."""
    visitor = (visitor_id() or session_id()) if permalink.in_session() else "download"
    with ExitStack() as requests:
        for call in calls:
            requests.enter_context(computations().request(call, visitor))
        return [computed(call.function, *call.args) for call in calls]
