"""What a picture of the page shows, in one sentence that follows from its numbers."""

from rnnviz.ideas.text.conveyor import Conveyor
from rnnviz.ideas.text.dictionary import MASK
from rnnviz.ideas.text.hashing import birthday
from rnnviz.ideas.text.look_up import stop
from rnnviz.ideas.text.reviews import TrainedEmbedding
from rnnviz.messages import N_, Message

APART, MIXED = 0.9, 0.6
"""From which share of neighbours of their own kind words form two clouds; up to which, one."""


def finding(conveyor: Conveyor, trained: TrainedEmbedding | None = None) -> Message:
    """The sentence above the picture."""
    vectors = conveyor.settings.vectors
    if vectors == "bag":
        return _about_order(conveyor)
    if vectors == "hashing":
        return _about_collisions(conveyor)
    if vectors == "embedding" and trained is not None:
        return _about_training(conveyor, trained)
    if vectors == "one-hot":
        return Message(
            N_("A one-hot vector has {V:,} numbers here, and all but one of them are 0."),
            {"V": len(conveyor.dictionary)},
        )
    return _about_numbers(conveyor)


def _about_numbers(conveyor: Conveyor) -> Message:
    settings, dictionary, table = conveyor.settings, conveyor.dictionary, conveyor.table
    if dictionary.special(MASK) is None and table.n_padding:
        return Message(
            N_(
                "0 is padding and also the number of “{token}”: without MASK the network reads"
                " “{token}” {count} {count:time|times} where nothing stands."
            ),
            {"token": dictionary.name(0), "count": table.n_padding},
        )
    cut = conveyor.cut_names
    if cut:
        names = ", ".join(f"“{name}”" for name in cut[:3]) + "…" * (len(cut) > 3)
        return Message(
            N_("The row has room for {longest}: {names} {count:is|are} cut off and never read."),
            {"longest": settings.longest, "names": names, "count": len(cut)},
        )
    unknown = conveyor.unknown
    if unknown and settings.unk:
        return Message(
            N_(
                "“{token}” is not among the {size:,} tokens of the dictionary: the network reads"
                " “unknown”."
            ),
            {"token": unknown[0], "size": len(dictionary.known)},
        )
    if unknown:
        return Message(
            N_(
                "“{token}” is not among the {size:,} tokens of the dictionary, and without UNK it"
                " is left out."
            ),
            {"token": unknown[0], "size": len(dictionary.known)},
        )
    return Message(
        N_("The dictionary of {size:,} tokens has a number for each token of this text."),
        {"size": len(dictionary.known)},
    )


def _about_order(conveyor: Conveyor) -> Message:
    count, total = conveyor.backwards_differs()
    if not count:
        return Message(N_("Read backwards, this text has the very same bag: its order is lost."))
    return Message(
        N_(
            "Read backwards, {count} of {total} {total:place|places} of the bag change: groups of"
            " {n} keep some of the order."
        ),
        {"count": count, "total": total, "n": int(conveyor.settings.n)},
    )


def _about_collisions(conveyor: Conveyor) -> Message:
    buckets, shared = conveyor.settings.buckets, conveyor.collisions()
    if shared:
        number, names = shared[0]
        return Message(
            N_(
                "“{first}” and “{second}” both fall into bucket {number} of {buckets}: no network"
                " can tell them apart."
            ),
            {"first": names[0], "second": names[1], "number": number, "buckets": buckets},
        )
    count = len(conveyor.distinct)
    return Message(
        N_(
            "{count} {count:token|tokens} in {buckets} buckets and no collision: the probability of"
            " that is {share:.0%}."
        ),
        {"count": count, "buckets": buckets, "share": 1 - birthday(count, buckets)},
    )


def _about_training(conveyor: Conveyor, trained: TrainedEmbedding) -> Message:
    step = stop(conveyor.settings.step)
    share = trained.agreement(step)
    values = {"step": step, "share": share}
    if share >= APART:
        return Message(
            N_(
                "After {step} training {step:step|steps} words of liked and of disliked films form"
                " two clouds: {share:.0%} have a nearest neighbour of their own kind."
            ),
            values,
        )
    if share > MIXED:
        return Message(
            N_(
                "After {step} training {step:step|steps} the two kinds of words begin to part:"
                " {share:.0%} have a nearest neighbour of their own kind."
            ),
            values,
        )
    return Message(
        N_(
            "After {step} training {step:step|steps} the table is as good as random: {share:.0%} of"
            " the words have a nearest neighbour of their own kind, as by chance."
        ),
        values,
    )
