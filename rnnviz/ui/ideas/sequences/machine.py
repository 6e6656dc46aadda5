"""The memory machine: typed numbers go from processor to processor."""

import streamlit as st
from markupsafe import Markup

from rnnviz.ideas.sequences import machine
from rnnviz.messages import N_, Message, Problem
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.ideas import draw_claim, draw_finding, draw_listings
from rnnviz.ui.ideas.sequences import marks
from rnnviz.ui.ideas.sequences.machine_picture import chain, dense, loop, tree
from rnnviz.ui.language import _, current
from rnnviz.ui.picture import draw as draw_picture
from rnnviz.ui.picture import tag
from rnnviz.ui.shared_cache import shared

FORMS = {
    "chain": N_("unrolled chain"),
    "loop": N_("folded loop"),
    "tree": N_("tree (recursive)"),
}

REMEMBERS = N_(
    "Processor {step} reads {number} and remembers {memory} from before: together {state}."
)
FIRST = N_("Processor 1 reads {number}; there is nothing to remember yet.")
FORGETS = N_(
    "Without memory processor {step} knows only its own {number}; the {lost} before it "
    "{count:is|are} lost."
)
JOINS = N_(
    "A recursive network joins neighbours: {depth} {depth:level|levels} up to the total {total}, "
    "where the recurrent one takes {steps} {steps:step|steps}."
)


def draw() -> None:
    """Draw the numbers, the switches, and the machine."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        text = controls.text(
            "sequences.numbers",
            _("Numbers, one for each processor"),
            machine.EXAMPLE,
            limit=100,
            help=_("Up to eight whole numbers from 0 to 1,000,000, with a space between them."),
        )
        form = controls.choose(
            "sequences.form",
            _("Drawn as"),
            {code: _(title) for code, title in FORMS.items()},
            "chain",
            help=_("Chain and loop are the same network: once for every time step, or once."),
        )
        has_memory = controls.toggle(
            "sequences.memory",
            _("Memory"),
            True,
            help=_("Off: the weight from the state before to the next one is 0."),
        )
    step = controls.address_value("sequences.t", 2, rule=Range(1, machine.MOST_NUMBERS))
    try:
        numbers = machine.parse_numbers(text)
    except Problem as problem:
        show.problem(problem)
        return
    step = min(step, len(numbers))
    draw_finding(_finding(numbers, form, has_memory, step))
    draw_picture(
        _picture(numbers, form, has_memory, step, current()),
        key="sequences.machine",
        pick="sequences.t",
    )
    st.caption(_caption(form))
    draw_claim(machine.claim(numbers, form))
    draw_listings(
        lambda: machine.listings(numbers, has_memory=has_memory), key="sequences.machine-listing"
    )


def _caption(form: str) -> str:
    if form == "tree":
        return _(
            "Why: recurrent means that the result comes back at the next time step; recursive "
            "means that a whole is made of parts which are made like it, as a sentence of phrases. "
            "The names are alike, the drawings are not."
        )
    return _(
        "Why: a feed-forward network has an edge from each input to the hidden unit and no other. "
        "The recurrent edge leads from the hidden unit back to itself, a directed cycle, so what "
        "it holds (the hidden state) is there at the next time step. Click a step."
    )


def _finding(numbers: tuple[int, ...], form: str, has_memory: bool, step: int) -> Message:
    run = machine.run(numbers, has_memory=has_memory)
    if form == "tree":
        levels = machine.tree(numbers)
        values: dict[str, object] = {
            "depth": len(levels) - 1,
            "steps": len(numbers) - 1,
            "total": f"{levels[-1][0]:,}",
        }
        return Message(JOINS, values)
    number = f"{numbers[step - 1]:,}"
    if step == 1:
        return Message(FIRST, {"number": number})
    if not has_memory:
        lost = ", ".join(f"{each:,}" for each in numbers[: step - 1])
        return Message(FORGETS, {"step": step, "number": number, "lost": lost, "count": step - 1})
    values = {
        "step": step,
        "number": number,
        "memory": f"{run.memories[step - 1]:,}",
        "state": f"{run.states[step - 1]:,}",
    }
    return Message(REMEMBERS, values)


@shared(max_entries=300)
def _picture(
    numbers: tuple[int, ...], form: str, has_memory: bool, step: int, language: str
) -> Markup:
    run = machine.run(numbers, has_memory=has_memory)
    if form == "tree":
        levels = machine.tree(numbers)
        return tag("div", marks.heading(_("Recursive: a tree over the numbers")), tree(levels))
    heading, drawing = (
        (_("Recurrent: the same processor at every time step"), chain(run, step))
        if form == "chain"
        else (_("Recurrent: one processor, and an edge back to itself"), loop(run, step))
    )
    count = len(numbers)
    weights = _(
        "2 weights, for any number of inputs: one for the input, one for the memory (now "
        "{memory}).",
        memory=int(has_memory),
    )
    fixed = _(
        "{count} {count:weight|weights}, for exactly {count} {count:input|inputs}, read all at "
        "once; one more number does not fit.",
        count=count,
    )
    return marks.side_by_side(
        tag(
            "div",
            marks.heading(heading),
            tag("div", drawing, style="overflow-x:auto"),
            tag("div", weights, class_="muted"),
            style="max-width:100%",
        ),
        tag(
            "div",
            marks.heading(_("Feed-forward: a dense network")),
            dense(numbers),
            tag("div", fixed, class_="muted", style="max-width:22rem"),
        ),
    )
