"""A whole task: its description, its examples, and how answers are evaluated.

Shapes: B sequences, T time steps, U steps of an answer, V labels, O values.
"""

import math
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any, ClassVar

from torch import Tensor
from torch.nn.functional import cross_entropy, mse_loss

from rnnviz.messages import N_, Message
from rnnviz.settings import rules
from rnnviz.tasks.framework.batches import Answer, Baseline, Batch
from rnnviz.tasks.framework.examples import TaskExamples, fingerprints
from rnnviz.tasks.framework.kinds import DECODER_KINDS, END_LABEL, Split

LEARNED = N_("{cells} learned the task.")
LEARNED_PARTLY = N_("{cells} learned a part of the task.")
LEARNED_NOTHING = N_("{cells} did not get far above chance.")


class Task(TaskExamples):
    """A problem with its settings, as a frozen dataclass. Its docstring is its help.

    A task reads tokens (it has a `vocabulary`) or `features`, and is answered with one of its
    `labels` or with numbers, its `values`. Where the examples are a finite set, it says its `size`
    and returns them by `select`; else `batch` draws new ones. A task whose text goes on from one
    batch to the next is `stateful`, and `consecutive_batch` returns the next piece of it.
    """

    metric_name: ClassVar[str] = N_("accuracy")
    metric_unit: ClassVar[str] = "%"
    """"%" for a share of right answers, else the unit of an error; "" for none."""
    best_metric: ClassVar[float] = 1.0
    """The metric of a perfect model: 1 for a share of right answers, 0 for an error."""
    verdicts: ClassVar[tuple[str, str, str]] = (LEARNED, LEARNED_PARTLY, LEARNED_NOTHING)
    """What is said of `{cells}` that learned all, a part, or less than that, which is not nothing;
    the task's settings are fields as well."""
    memoryless_verdicts: ClassVar[tuple[str, str, str] | None] = None
    """Verdicts of models that needed no memory, where `verdicts` speak of remembering."""
    reference: ClassVar[str | None] = None
    """The title of the baseline that the task is about, if it is about one."""
    reference_verdicts: ClassVar[tuple[str, str, str]] = ("", "", "")
    """What is said of `{cells}` that are better than it, not clearly different, or worse: their
    `{count}`, and its `{baseline_score}`."""
    learned_threshold: ClassVar[float] = 0.9
    """The least normalised metric of a model that has learned the task."""
    partly_threshold: ClassVar[float] = 0.25
    """The least normalised metric of a model that has learned a part of it."""

    @property
    def chance(self) -> float:
        """The metric that blind guessing reaches on average."""
        return 1 / len(self.labels)

    @property
    def chance_loss(self) -> float:
        """The loss of equal probabilities for all labels."""
        return math.log(len(self.labels))

    def chance_for(self, split: Split) -> float:
        """`chance` on the evaluation examples of `split`, where it depends on them."""
        return self.chance

    def chance_loss_for(self, split: Split) -> float:
        """`chance_loss` on the evaluation examples of `split`, where it depends on them."""
        return self.chance_loss

    @property
    def is_share(self) -> bool:
        """Whether the metric is a share of right answers, to be written in percent."""
        return self.metric_unit == "%" and not self.values

    def normalised(self, metric: float, split: Split = "validation") -> float:
        """`metric` on `split` scaled so that chance is 0 and the best metric is 1.

        1 where there is only one possible answer, so that guessing is always right.
        """
        chance = self.chance_for(split)
        span = self.best_metric - chance
        return (metric - chance) / span if span else 1.0

    def effective_size(self, size: int, split: Split = "validation") -> int:
        """How many of `size` evaluation examples say something of their own, not the same twice.

        Of examples that are drawn, those that differ: of aⁿbⁿ there is one for each n.
        """
        if self.stateful or self.size(split) is not None:
            return size
        return min(size, len(set(fingerprints(self.evaluation_batch(split)))))

    def significance_margin(
        self, scores: Sequence[float], baseline: Baseline, split: Split = "validation"
    ) -> float:
        """How far the mean of `scores`, one of each example, and `baseline` may differ by chance.

        Two standard errors, as if there were no difference: of the differences on the same
        examples, or where the mark is known exactly, of a mean that should be equal to it. Answers
        inside one example hang together, so examples are counted. 0 where they are all there are.
        """
        if self.memorised:
            return 0.0
        if self.is_share and not baseline.scores:
            spread = baseline.metric * (1 - baseline.metric)
        else:
            others = baseline.scores or [baseline.metric] * len(scores)
            spread = fmean((own - other) ** 2 for own, other in zip(scores, others, strict=True))
        return 2 * math.sqrt(spread / self.effective_size(len(scores), split))

    def baselines(self, split: Split = "validation") -> tuple[Baseline, ...]:
        """What methods without a network reach on the evaluation examples of `split`.

        They are fitted on the training examples; may take seconds, so call once.
        """
        return ()

    def remarks(self, model: Any) -> tuple[Message, ...]:
        """Remarks on a trained model of this task beyond its metric."""
        return ()

    @property
    def verdict_values(self) -> dict[str, object]:
        """The fields of `verdicts` beside `{cells}`: the task's settings."""
        return {name: getattr(self, name) for name in rules(type(self))}

    @property
    def obstacle(self) -> Message | None:
        """Why no training leads to right answers, where the task is so; else None."""
        return None

    def measurements(self, model: Any) -> dict[str, Any]:
        """What else is measured of a trained model, as plain data; stored with its result."""
        return {}

    def model_message(self, name: str, measurements: Mapping[str, Any]) -> Message | None:
        """One sentence on the model called `name`, from its `measurements`, which may be none."""
        return None

    def loss(self, output: Tensor, batch: Batch) -> Tensor:
        """The mean over the masked steps: cross entropy of labels, squared error of values.

        `output`: (B,V), (B,T,V), (B,U,V), or (B,O), (B,T,O).
        """
        targets = batch.targets
        if self.kind not in ("many-to-one", "forecast"):
            output, targets = output[batch.mask], targets[batch.mask]
        if self.values:
            return mse_loss(output, targets)
        return cross_entropy(output, targets)

    def metric(self, output: Tensor, batch: Batch) -> float:
        """The share of masked answers that are right, of values the mean absolute error.

        `output` as for `loss`. An answer that is a sequence of its own is right as a whole or not
        at all.
        """
        if self.values:
            errors = (output - batch.targets).abs()
            return (errors[batch.mask] if self.kind == "many-to-many" else errors).mean().item()
        right = output.argmax(-1) == batch.targets
        if self.kind in DECODER_KINDS:
            right = (right | ~batch.mask).all(-1)
        elif self.kind == "many-to-many":
            right = right[batch.mask]
        return right.float().mean().item()

    def scores(self, output: Tensor, batch: Batch) -> tuple[float, ...]:
        """The metric of each example of `batch` by itself, to six digits.

        All evaluation examples count the same, so over them the mean is their metric.
        """
        per_example = (self.metric(output[[row]], batch.row(row)) for row in range(len(batch)))
        return tuple(float(f"{score:.6g}") for score in per_example)

    def measured_baseline(self, title: str, output: Tensor, batch: Batch) -> Baseline:
        """What a method reaches that answers the evaluation examples `batch` with `output`."""
        loss = self.loss(output, batch).item()
        return Baseline(title, self.metric(output, batch), loss, self.scores(output, batch))

    def metrics(self, output: Tensor, batch: Batch) -> dict[str, float]:
        """Every measure of the answers by its name (a message to translate): first the metric.

        `output` as for `loss`.
        """
        return {self.metric_name: self.metric(output, batch)}

    def answers(self, output: Tensor, batch: Batch) -> list[Answer]:
        """The model's `output` for each example of `batch`, beside what was wanted, in words."""
        joiner = "" if self.unit == "character" else " "
        answers = []
        for row in range(len(batch)):
            tokens = self.vocabulary.decode(batch.inputs[row, : batch.lengths[row]].tolist())
            target = self.answer_text(batch.targets, row, batch)
            prediction = self.answer_text(output.argmax(-1), row, batch)
            answers.append(Answer(joiner.join(tokens), target, prediction, target == prediction))
        return answers

    def answer_text(self, labels: Tensor, row: int, batch: Batch) -> str:
        """The answer (or target) of one example in words; `labels` (B,), (B,T) or (B,U)."""
        if self.kind in ("many-to-one", "forecast"):
            label = self.labels[int(labels[row])]
            return self.label_titles.get(label, label)
        answer = labels[row].tolist()
        if self.kind in DECODER_KINDS:
            answer = answer[: answer.index(END_LABEL)] if END_LABEL in answer else answer
        else:
            answer = labels[row][batch.mask[row]].tolist()
        return self.join_labels([self.labels[label] for label in answer])

    def join_labels(self, labels: Sequence[str]) -> str:
        """A sequence of labels as it is written."""
        return "".join(labels) if self.unit == "character" else " ".join(labels)
