"""What the articles say about text and numbers, and what the page's arrays say."""

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.text.conveyor import Conveyor
from rnnviz.ideas.text.embedding import analogy, nearest
from rnnviz.ideas.text.hashing import expected_sharing, sharing
from rnnviz.ideas.text.look_up import LookUp, stop
from rnnviz.ideas.text.reviews import TrainedEmbedding
from rnnviz.messages import N_, Message

GLOVE_SIZE = 50
ANALOGY = ("king", "man", "woman")


def claims(
    conveyor: Conveyor, table: LookUp | None, trained: TrainedEmbedding | None
) -> list[Claim]:
    """The claim about the chosen vectors, then the one about the table."""
    vectors = conveyor.settings.vectors
    if vectors == "one-hot":
        first = _sparse(conveyor)
    elif vectors == "bag":
        first = _unordered(conveyor)
    elif vectors == "hashing":
        first = _hashed(conveyor)
    elif trained is not None:
        first = _shaped(conveyor, trained)
    elif conveyor.settings.origin == "glove":
        first = _geometry()
    else:
        assert table is not None
        first = _dictionary(conveyor, table)
    return [first, _padding(conveyor)]


def _padding(conveyor: Conveyor) -> Claim:
    table = conveyor.table
    return Claim(
        Message(N_("padding = pre or post cuts a text that is longer than maxlen.")),
        Verdict.HALF_RIGHT,
        Message(
            N_(
                "padding fills, truncating cuts: here {padding} of {places} places are padding, and"
                " {cut} {cut:token is|tokens are} cut."
            ),
            {
                "padding": table.n_padding,
                "places": sum(map(len, table.rows)),
                "cut": sum(table.cut),
            },
        ),
    )


def _sparse(conveyor: Conveyor) -> Claim:
    V, places = len(conveyor.dictionary), sum(map(len, conveyor.table.rows))
    values = {
        "numbers": places * V,
        "ones": sum(conveyor.table.lengths),
        "dense": places * GLOVE_SIZE,
    }
    is_high = V > GLOVE_SIZE
    template = (
        N_(
            "This table becomes {numbers:,} numbers, {ones} of them 1 and all others 0; with GloVe"
            " it becomes {dense:,}."
        )
        if is_high
        else N_(
            "Sparse yes, high-dimensional not here: this table becomes {numbers:,} numbers, {ones}"
            " of them 1; with GloVe it becomes {dense:,}."
        )
    )
    return Claim(
        Message(N_("One-hot vectors are sparse and high-dimensional, embeddings dense and small.")),
        Verdict.RIGHT if is_high else Verdict.HALF_RIGHT,
        Message(template, values),
    )


def _unordered(conveyor: Conveyor) -> Claim:
    count, total = conveyor.backwards_differs()
    return Claim(
        Message(N_("A bag of words is a set of tokens: it has no order.")),
        Verdict.HALF_RIGHT if count else Verdict.RIGHT,
        Message(
            N_(
                "Of n-grams it has some: read backwards, {count} of {total} {total:place|places}"
                " differ."
            )
            if count
            else N_("Read backwards, {count} of {total} {total:place|places} differ."),
            {"count": count, "total": total},
        ),
    )


def _hashed(conveyor: Conveyor) -> Claim:
    known, buckets = conveyor.dictionary.known, conveyor.settings.buckets
    count = sharing(known, buckets)
    return Claim(
        Message(N_("Hashing spares the dictionary when there are too many tokens.")),
        Verdict.HALF_RIGHT if count else Verdict.RIGHT,
        Message(
            N_(
                "Its price is collisions: of the {V:,} tokens of this dictionary, {count:,} share"
                " one of {buckets} buckets; the formula expects {expected:,.0f}."
            ),
            {
                "V": len(known),
                "count": count,
                "buckets": buckets,
                "expected": expected_sharing(len(known), buckets),
            },
        ),
    )


def _shaped(conveyor: Conveyor, trained: TrainedEmbedding) -> Claim:
    step = stop(conveyor.settings.step)
    return Claim(
        Message(N_("The table begins at random; training shapes it for the one task.")),
        Verdict.RIGHT,
        Message(
            N_(
                "Neighbours of their own kind: {before:.0%} at step 0, {now:.0%} at step {step}."
                " Held-out sentences answered rightly: {first:.0%}, then {then:.0%}."
            ),
            {
                "before": trained.agreement(0),
                "now": trained.agreement(step),
                "step": step,
                "first": trained.accuracy[0],
                "then": trained.accuracy[step],
            },
        ),
    )


def _geometry() -> Claim:
    vector = analogy(*ANALOGY)
    assert vector is not None
    (itself, _cosine), *_rest = nearest(vector)
    (other, cosine), *_rest = nearest(vector, ANALOGY)
    return Claim(
        Message(N_("Word vectors are a geometry of language: king − man + woman = queen.")),
        Verdict.RIGHT if itself == "queen" else Verdict.HALF_RIGHT,
        Message(
            N_(
                "Nearest to that sum is “{itself}”; once the three words asked about are left out,"
                " it is “{other}” (cosine {cosine:.2f})."
            ),
            {"itself": itself, "other": other, "cosine": cosine},
        ),
    )


def _dictionary(conveyor: Conveyor, table: LookUp) -> Claim:
    return Claim(
        Message(N_("An embedding layer is a dictionary from a number to its vector.")),
        Verdict.RIGHT if table.difference == 0 else Verdict.WRONG,
        Message(
            N_("Row {number} of the table and one-hot × table differ by {difference:g}."),
            {"number": conveyor.picked_number, "difference": table.difference},
        ),
    )
