"""The control flow of each kind of task, as the pseudocode beside the stage."""

from typing import TYPE_CHECKING, Literal

from rnnviz.ui.stage import CodeLine

if TYPE_CHECKING:  # Torch stays out of the start of the web process.
    from rnnviz.tasks import Task

START = CodeLine("state = zeros(H)", when="first", value="start")
READ = CodeLine("  output, state = rnn(x, state)", value="state")
BACKWARD = (
    CodeLine("for t in reversed(steps):", phase="backward", value="token"),
    CodeLine("  dh = d_output + back(dh)", phase="backward", value="gradient"),
    CodeLine("  dW_hh += contribution(t)", phase="backward", value="sum"),
)


def pseudocode(task: "Task") -> tuple[CodeLine, ...]:
    """How a recurrent model reads an example of `task`, answers, and computes its gradient."""
    return (
        START,
        CodeLine("for x in sequence:", value="token"),
        READ,
        *_answer(task),
        *BACKWARD,
    )


def _answer(task: "Task") -> tuple[CodeLine, ...]:
    from rnnviz.tasks import DECODER_KINDS

    if task.kind in DECODER_KINDS:
        return (
            CodeLine("for target in answer:", when="last"),
            CodeLine("  prediction, s = decoder(previous, s)", when="last"),
            CodeLine("loss = mean(−log(prediction[target]))", when="last", value="loss"),
        )
    each = task.kind == "many-to-many"
    indent = "  " if each else ""
    when: Literal["each", "last"] = "each" if each else "last"
    if task.values:
        return (
            CodeLine(f"{indent}prediction = head(output)", when=when),
            CodeLine("loss = mean(error(prediction, target))", when="last", value="loss"),
        )
    mean = "mean(−log(prediction[target]))" if each else "−log(prediction[target])"
    return (
        CodeLine(f"{indent}prediction = softmax(head(output))", when=when, value="prediction"),
        CodeLine(f"loss = {mean}", when="last", value="loss"),
    )
