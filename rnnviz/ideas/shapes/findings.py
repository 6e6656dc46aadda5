"""What the shapes, the modes of Keras and the padding say about the articles' claims."""

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.shapes.layers import Reading
from rnnviz.ideas.shapes.parts import Padded, Returned
from rnnviz.messages import N_, Message

EQUAL = 1e-6
"""Two float32 values that differ by less are the same number, rounded on two ways."""


def shapes_finding(reading: Reading) -> Message:
    """Which steps of output are in h_n."""
    settings, shapes = reading.settings, reading.shapes
    last = "output[:, -1]" if settings.batch_first else "output[-1]"
    values = {name: str(shapes[name]) for name in ("output", "h_n")}
    if settings.steps == 1:
        if settings.layers == 1:
            return Message(
                N_("With one time step, output {output} and h_n {h_n} hold the same numbers."),
                values,
            )
        return Message(
            N_(
                "With one time step, output {output} holds what h_n {h_n} ends with: layer {layer}."
            ),
            values | {"layer": settings.layers},
        )
    if reading.backward_distance > EQUAL:
        return Message(
            N_(
                "h_n is not {last}: the backward half sits at the first step, up to {distance} "
                "away from it."
            ),
            {"last": last, "distance": f"{reading.backward_distance:.2f}"},
        )
    if settings.layers == 1:
        return Message(
            N_(
                "h_n {h_n} is {last}: the last of the {steps} time {steps:step|steps} of output "
                "{output}."
            ),
            values | {"last": last, "steps": settings.steps},
        )
    return Message(
        N_(
            "h_n[-1] is {last}; the states of the {others} lower {others:layer|layers} are not in "
            "output."
        ),
        {"last": last, "others": settings.layers - 1},
    )


def shapes_claim(reading: Reading) -> Claim:
    """What the articles say of the last states."""
    settings = reading.settings
    if reading.cell_error is not None and reading.cell_distance is not None:
        return Claim(
            Message(N_("hidden is the result of the last step, cell that of all steps before.")),
            Verdict.WRONG,
            Message(
                N_(
                    "h_n and c_n are both of the last step: c_n differs by {error} from the cell "
                    "state after it and by up to {distance} from the one before."
                ),
                {
                    "error": f"{reading.cell_error:.0e}" if reading.cell_error else "0",
                    "distance": f"{reading.cell_distance:.2f}",
                },
            ),
        )
    text = Message(N_("outputs holds the hidden state of every step, states only the last one."))
    if reading.backward_distance > EQUAL:
        return Claim(
            text,
            Verdict.HALF_RIGHT,
            Message(
                N_(
                    "The last one that each direction has read: for the backward one it is the "
                    "first step (difference {error}), not the last (up to {distance})."
                ),
                {
                    "error": f"{reading.backward_error:g}",
                    "distance": f"{reading.backward_distance:.2f}",
                },
            ),
        )
    return Claim(
        text,
        Verdict.RIGHT,
        Message(
            N_("h_n of layer {layer} and the last step of output differ by {error}."),
            {"layer": settings.layers, "error": f"{reading.forward_error:g}"},
        ),
    )


def returns_finding(reading: Reading, values: Returned) -> Message:
    """What a Keras layer returns."""
    shapes = ", ".join(map(str, values.shapes))
    steps = reading.settings.steps
    if len(values.shapes[0]) == 3:
        return Message(
            N_("return_sequences=True returns all {steps} {steps:step|steps}: {shapes}."),
            {"steps": steps, "shapes": shapes},
        )
    if reading.settings.is_bidirectional:
        return Message(
            N_(
                "Without return_sequences Keras joins the last step forwards and the first step "
                "backwards: {shapes}."
            ),
            {"shapes": shapes},
        )
    return Message(
        N_(
            "Without return_sequences only the last of {steps} {steps:step|steps} is returned: "
            "{shapes}."
        ),
        {"steps": steps, "shapes": shapes},
    )


def returns_claim(reading: Reading, values: Returned) -> Claim:
    """The two modes of a Keras layer."""
    returned = sum(map(sum, values.is_returned))
    return Claim(
        Message(
            N_(
                "A layer has two modes: it returns the output of every time step, (batch, "
                "timesteps, outputs), or only the last one, (batch, outputs)."
            )
        ),
        Verdict.HALF_RIGHT if reading.settings.is_bidirectional else Verdict.RIGHT,
        Message(
            N_(
                "Here {returned} of {all} states of each sequence are returned; the backward "
                "direction's last one belongs to the first time step."
            )
            if reading.settings.is_bidirectional
            else N_("Here {returned} of {all} states of each sequence are returned."),
            {"returned": returned, "all": reading.settings.steps * reading.settings.ways},
        ),
    )


def padding_finding(padded: Padded) -> Message:
    """What reading the last column of a padded batch costs."""
    values = {
        "distance": f"{padded.last_distance:.2f}",
        "norm": f"{padded.norm:.2f}",
        "own": f"{padded.length_distance:.2f}",
    }
    if not padded.pads:
        return Message(
            N_("Without padding, y_out[:, -1] is the vector at the true length: {distance} apart."),
            values,
        )
    if padded.length_distance > EQUAL:
        return Message(
            N_(
                "Backwards, the padding is read first: even the vector at the true length is off "
                "by {own} of norm {norm}; y_out[:, -1] by {distance}."
            ),
            values,
        )
    return Message(
        N_(
            "y_out[:, -1] reads the padding: {distance} away from the vector at the true length, "
            "of norm {norm}."
        ),
        values,
    )


def padding_claim(padded: Padded) -> Claim:
    """What an article's classifier does where it is not told the lengths."""
    values = {
        "distance": f"{padded.last_distance:.2f}",
        "own": f"{padded.length_distance:.2f}",
        "packed": f"{padded.packed_distance:.2f}",
    }
    return Claim(
        Message(
            N_("Without lengths, y_out[:, -1] is the last vector; with lengths, column_gather.")
        ),
        Verdict.WRONG if padded.last_distance > EQUAL else Verdict.RIGHT,
        Message(
            N_(
                "Distance from the vector of the sequence alone: y_out[:, -1] {distance}, "
                "column_gather {own}, pack_padded_sequence {packed}."
            ),
            values,
        ),
    )
