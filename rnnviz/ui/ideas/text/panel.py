"""Beside the conveyor: what the picked token's vector is made of."""

from collections.abc import Sequence

from markupsafe import Markup

from rnnviz.ideas.text import Conveyor, LookUp
from rnnviz.ideas.text.bags import idf
from rnnviz.ideas.text.hashing import birthday, expected_sharing, sharing
from rnnviz.palette import Theme
from rnnviz.ui.ideas.text import drawing
from rnnviz.ui.ideas.text.vector_station import SHOWN, largest_number
from rnnviz.ui.language import _
from rnnviz.ui.picture import tag

AROUND = 2
"""How many rows of the table are drawn above and below the picked one."""
BUCKET_MATES = 12
IDENTITY = 12
"""The largest identity matrix that is drawn whole."""


def draw_panel(conveyor: Conveyor, table: LookUp | None, theme: Theme) -> Markup:
    """The panel of the kind of vectors that is chosen."""
    kind = conveyor.settings.vectors
    name = conveyor.name_at(conveyor.picked)
    if name is None:
        return tag("div", _("No token of this text has a number."))
    label = "␣" if name == " " else name
    title = _("“{token}” is number {number}", token=label, number=conveyor.picked_number)
    if kind == "hashing":
        number = conveyor.bucket(name)
        title = _("“{token}” falls into bucket {number}", token=label, number=number)
        body = _hashing(conveyor, name)
    elif kind == "bag":
        body = _bag(conveyor)
    elif table is None:
        body = _identity(conveyor)
    else:
        body = _looked_up(conveyor, table, theme)
    heading = tag("div", title, style="font-weight:600;font-size:1.05rem;margin-bottom:.4rem")
    return tag("div", heading, body)


def _line(text: str, *, muted: bool = False, bold: bool = False) -> Markup:
    style = "margin:.25rem 0" + ";font-weight:600" * bold
    return tag("div", text, class_="muted" if muted else None, style=style)


def _head(text: str, side: str = "") -> Markup:
    return tag(
        "div",
        tag("span", text, style="font-weight:600"),
        tag("span", side, class_="muted"),
        style="display:flex;justify-content:space-between;margin:.6rem 0 .2rem",
    )


def _row(label: str, drawn: Markup, is_picked: bool = False) -> Markup:
    style = "display:grid;grid-template-columns:6.2rem 1fr;gap:.4rem;align-items:center"
    text = "overflow:hidden;white-space:nowrap;text-overflow:ellipsis;min-width:0"
    weight = ";font-weight:600" if is_picked else ""
    return tag("div", tag("span", label, style=text + weight), drawn, style=style)


def _looked_up(conveyor: Conveyor, table: LookUp, theme: Theme) -> list[Markup]:
    number, V = conveyor.picked_number, len(table.table)
    largest = largest_number(conveyor, table)
    parts = [_head(_("the embedding table"), _("{count:,} rows", count=V))]
    for place in range(max(0, number - AROUND), min(V, number + AROUND + 1)):
        here = place == number
        pieces = drawing.bar(table.table[place][:SHOWN].tolist(), largest, theme, framed=here)
        parts.append(_row(f"{place} {conveyor.dictionary.name(place)}", pieces, here))
    parts += [
        _head(_("the same by multiplying")),
        _row(_("one-hot"), _hot_bar(number, V)),
        _row(
            _("× table ="),
            drawing.bar(table.product[:SHOWN].tolist(), largest, theme, framed=True),
        ),
        _line(_("difference: {difference:g}", difference=table.difference), bold=True),
    ]
    if conveyor.settings.mask:
        parts.append(_line(_("Row 0 (MASK) is and stays 0: padding_idx=0."), muted=True))
    origin = conveyor.settings.origin
    if origin == "glove":
        text = _(
            "GloVe has a vector for {count:,} of the {size:,} tokens; the other rows are 0.",
            count=table.covered,
            size=len(conveyor.dictionary.known),
        )
        parts.append(_line(text, muted=True))
    elif origin == "training" and not table.covered:
        parts.append(_line(_("Only words have been trained: these rows are random."), muted=True))
    return parts


def _hot_bar(number: int, V: int) -> Markup:
    """A one-hot vector: its 1 at the place where it is."""
    place = 2 + 150 * number / max(1, V - 1)
    mark = tag("path", d=f"M{place:.5g} 2v16", stroke=drawing.PRIMARY, stroke_width=4)
    frame = drawing.box(2, 2, 150, 16, rx=2, stroke="currentcolor", stroke_opacity=0.5)
    label = tag("div", _("1 at place {place}", place=number), style="font-size:12px")
    return tag("div", tag("svg", frame, mark, width=154, height=20, aria_hidden="true"), label)


def _identity(conveyor: Conveyor) -> list[Markup]:
    """One-hot is a look-up, too: in the identity matrix, which is not trained."""
    number, V = conveyor.picked_number, len(conveyor.dictionary)
    parts = [_head(_("the vector"), _("{count:,} numbers", count=V)), _hot_bar(number, V)]
    if V <= IDENTITY:
        parts += [_head(_("the identity matrix")), _matrix(conveyor)]
    text = _(
        "A frozen Embedding whose table is the identity matrix (row {number}: 1 at place {number})"
        " gives the same vector.",
        number=number,
    )
    parts.append(_line(text))
    if conveyor.settings.mask:
        text = _("mask_zero=True: hatched places are skipped, so padding changes nothing.")
        parts.append(_line(text, muted=True))
    return parts


def _matrix(conveyor: Conveyor) -> Markup:
    V, each = len(conveyor.dictionary), 15
    cells = [
        drawing.box(
            30 + column * each,
            row * each + 2,
            each - 2,
            each - 2,
            rx=1,
            fill=drawing.PRIMARY if row == column else "none",
        )
        for row in range(V)
        for column in range(V)
    ]
    names = [
        drawing.words(
            13, row * each + 8, drawing.shorten(conveyor.dictionary.name(row), 28, 12), font_size=12
        )
        for row in range(V)
    ]
    here = drawing.box(29, conveyor.picked_number * each + 1, V * each, each, rx=2, class_="here")
    return tag(
        "svg", cells, names, here, width=34 + V * each, height=V * each + 4, aria_hidden="true"
    )


def _bag(conveyor: Conveyor) -> list[Markup]:
    settings, number = conveyor.settings, conveyor.picked_number
    numbers, first = conveyor.sequences[0], len(conveyor.dictionary.specials)
    count, length = numbers.count(number), max(1, len(conveyor.sequences[0]))
    texts = conveyor.dictionary.documents[number - first] if number >= first else 0
    values = {
        "count": count,
        "length": length,
        "share": count / length,
        "N": conveyor.dictionary.n_texts,
        "n": texts,
        "idf": idf(number, conveyor.dictionary),
        "weight": count * idf(number, conveyor.dictionary),
    }
    lines = {
        "binary": _("binary: {value}", value=int(count > 0)),
        "count": _("count: {count}", **values),
        "frequency": _("frequency: {count} / {length} = {share:.3g}", **values),
        "tf-idf": _("tf-idf: {count} × {idf:.3g} = {weight:.3g}", **values),
    }
    return [
        _head(_("its place in the first bag")),
        *(_line(line, bold=code == settings.weighting) for code, line in lines.items()),
        _line(_("idf = ln((1 + {N:,}) / (1 + {n:,})) + 1 = {idf:.3g}", **values)),
        _line(
            _(
                "{n:,} of the {N:,} training texts have this token: the fewer, the larger its"
                " weight."
                " This is scikit-learn's formula; Keras' old Tokenizer had another.",
                **values,
            ),
            muted=True,
        ),
    ]


def _hashing(conveyor: Conveyor, name: str) -> list[Markup]:
    buckets, known = conveyor.settings.buckets, conveyor.dictionary.known
    mates = [each for each in known if each != name and _same(conveyor, each, name)]
    listed = ", ".join(mates[:BUCKET_MATES]) + " …" * (len(mates) > BUCKET_MATES)
    count = len(conveyor.distinct)
    return [
        _head(
            _("in the same bucket"), _("{count:,} of {total:,}", count=len(mates), total=len(known))
        ),
        _line(listed or _("nobody else")),
        _head(_("collisions")),
        _facts(
            [
                (_("tokens of this page"), str(count)),
                (
                    _("that any two share a bucket (birthday formula)"),
                    f"{birthday(count, buckets):.1%}",
                ),
                (_("tokens of the dictionary"), f"{len(known):,}"),
                (_("of them share a bucket"), f"{sharing(known, buckets):,}"),
                (
                    _("expected: n (1 − (1 − 1/m)ⁿ⁻¹)"),
                    f"{expected_sharing(len(known), buckets):,.1f}",
                ),
            ]
        ),
        _line(
            _(
                "Python's own hash() of a text differs from one process to the next; this is"
                " MurmurHash3, as in scikit-learn."
            ),
            muted=True,
        ),
    ]


def _same(conveyor: Conveyor, one: str, other: str) -> bool:
    return conveyor.bucket(one) == conveyor.bucket(other)


def _facts(facts: Sequence[tuple[str, str]]) -> Markup:
    rows = [
        tag(
            "div",
            tag("span", name),
            tag("span", value, style="font-weight:600;white-space:nowrap"),
            style="display:flex;justify-content:space-between;gap:.6rem",
        )
        for name, value in facts
    ]
    return tag("div", rows)
