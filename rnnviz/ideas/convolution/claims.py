"""What the articles say about convolutions, and what the page's own numbers say about that."""

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.convolution.cost import LENGTHS, Cost
from rnnviz.ideas.convolution.fragments import Filter, Fragments
from rnnviz.ideas.convolution.order import STILL, Order
from rnnviz.ideas.convolution.shapes import FILTERS, StackShape, Station
from rnnviz.ideas.convolution.vectors import FEATURES
from rnnviz.ideas.convolution.window import FILTERS as WINDOW_FILTERS
from rnnviz.ideas.convolution.window import Window
from rnnviz.messages import N_, Message
from rnnviz.tasks.classify.surnames import LANGUAGES


def window_claims(window: Window) -> tuple[Claim, ...]:
    """On dilation, and on what is shared."""
    settings, T = window.settings, len(window.text)
    doubled = tuple(2**k for k in range(settings.layers))
    dilations = settings.dilations if max(settings.dilations) > 1 else doubled
    plain, dilated = (
        1 + (settings.kernel - 1) * sum(each) for each in ((1,) * settings.layers, dilations)
    )
    reaches_farther = dilated > plain
    units = WINDOW_FILTERS
    return (
        Claim(
            Message(N_("A dilated kernel has holes: it skips inputs and reaches farther.")),
            Verdict.RIGHT if reaches_farther else Verdict.HALF_RIGHT,
            Message(
                N_(
                    "The same {weights} weights span {plain} {plain:character|characters} without "
                    "holes, and {dilated} with these dilations, layer by layer: {dilations}."
                )
                if reaches_farther
                else N_(
                    "Holes lie between the inputs of a kernel of 2 or more, and a single layer "
                    "without dilation has none: here the span stays {plain}."
                ),
                {
                    "weights": f"{settings.weights:,}",
                    "plain": plain,
                    "dilated": dilated,
                    "dilations": ", ".join(map(str, dilations)),
                },
            ),
        ),
        Claim(
            Message(N_("An RNN shares its weights over time, a convolution over space.")),
            Verdict.RIGHT,
            Message(
                N_(
                    "In a text, space is time: {weights} weights read all {T} {T:place|places}; a "
                    "window of its own at each place would take {unshared}. An RNN uses its "
                    "{recurrent} weights {T} {T:time|times} too, but one step after the other."
                ),
                {
                    "weights": f"{settings.weights:,}",
                    "T": T,
                    "unshared": f"{settings.weights * T:,}",
                    "recurrent": units * (FEATURES + units) + 2 * units,
                },
            ),
        ),
    )


def order_claims(order: Order, pieces: Order) -> tuple[Claim, ...]:
    """On invariance, where `pieces` are the same words pooled in windows; and on order."""
    pooled, moved = max(order.pooled_by_start), max(pieces.pooled_by_start)
    still = pooled < STILL
    blind = [gap for gap, change in enumerate(order.pooled_by_gap) if change < STILL]
    if blind:
        finding = Message(
            N_(
                "Swapped side by side, the words change its answer by {near:.0%}; from {gap} "
                "{gap:blank|blanks} between them on by 0 %, the RNN's state by up to {state:.1%}."
            ),
            {
                "near": order.pooled_by_gap[0],
                "gap": blind[0],
                "state": max(order.state_by_gap[gap] for gap in blind),
            },
        )
    else:
        finding = Message(
            N_(
                "Here its answer changes at every distance, by at least {least:.1%}: a window of "
                "{kernel} sees both words, or their places are laid side by side."
            ),
            {"least": min(order.pooled_by_gap), "kernel": order.settings.kernel},
        )
    return (
        Claim(
            Message(
                N_("Convolutions are translation invariant: a pattern is recognised anywhere.")
            ),
            Verdict.HALF_RIGHT,
            Message(
                N_(
                    "The answers of the filters move along with the pattern. Pooled as chosen, "
                    "they change by at most {pooled:.0%} over all places; in {count} windows side "
                    "by side by up to {moved:.0%}. Pooling over all of time makes the invariance."
                )
                if still
                else N_(
                    "The answers of the filters move along with the pattern. Pooled as chosen, "
                    "they change by up to {pooled:.0%} over all places; in {count} windows side "
                    "by side by up to {moved:.0%}. Only pooling over all of time makes them "
                    "invariant."
                ),
                {"pooled": pooled, "moved": moved, "count": len(pieces.pooled[0]) // 8},
            ),
        ),
        Claim(
            Message(N_("A convolution is not sensitive to order beyond its window.")),
            Verdict.RIGHT if blind else Verdict.HALF_RIGHT,
            finding,
        ),
    )


def shape_claim(shape: StackShape, rows: tuple[Station, ...]) -> Claim:
    """On what Conv1D and global pooling return."""
    last = [row for row in rows if row.name == "Conv1D"][-1]
    return Claim(
        Message(N_("Conv1D returns (time, features) for each sample; global pooling drops time.")),
        Verdict.RIGHT,
        Message(
            N_(
                "The last Conv1D returns {before}, global pooling {after}: {filters} numbers, "
                "whatever T is. A Dense layer can read them."
            ),
            {"before": str(last.shape), "after": f"({FILTERS},)", "filters": FILTERS},
        ),
    )


def cost_claims(cost: Cost) -> tuple[Claim, ...]:
    """On the price of a convolution, and on one in front of an RNN."""
    more, slower = cost.more("gru"), cost.slower("gru")
    gain = cost.ratios["gru"][-1] / cost.ratios["both"][-1]
    helps = gain > 1.1
    return (
        Claim(
            Message(N_("A convolution is far cheaper to compute than an RNN.")),
            Verdict.RIGHT if more > 2 else Verdict.HALF_RIGHT,
            Message(
                N_(
                    "The GRU takes {more:.1f} times the multiply-adds and {slower:.0f} times the "
                    "time: what costs is to wait for the step before."
                ),
                {"more": more, "slower": slower},
            ),
        ),
        Claim(
            Message(N_("For long sequences, a convolution in front makes an RNN affordable.")),
            Verdict.RIGHT if helps else Verdict.WRONG,
            Message(
                N_(
                    "With pooling by {pool} the GRU has {steps} {steps:step|steps} instead of {T}, "
                    "and both together take 1/{gain:.1f} of the time."
                )
                if helps
                else N_(
                    "With pooling by {pool} the GRU has {steps} {steps:step|steps} instead of {T}: "
                    "it is the pooling that saves time, not the convolution."
                ),
                {
                    "pool": cost.pool,
                    "steps": -(-LENGTHS[-1] // cost.pool),
                    "T": LENGTHS[-1],
                    "gain": gain,
                },
            ),
        ),
    )


def fragment_claim(net: Fragments) -> Claim:
    """On the fragments that the filters of a trained convolution look for."""
    best = most_telling(net)
    return Claim(
        Message(
            N_(
                "A window over characters learns words and parts of words up to its length, and "
                "recognises them anywhere: it learns morphology."
            )
        ),
        Verdict.RIGHT if best.share > 2 * best.base else Verdict.HALF_RIGHT,
        Message(
            N_(
                "No rule mentions “{fragment}”, and yet a filter looks for it: the names in which "
                "it finds its pattern are {language} {lift:.1f} times as often as all names. Of "
                "new names the network classifies {accuracy:.0%} correctly."
            ),
            {
                "fragment": best.fragments[0],
                "language": Message(LANGUAGES[best.language]),
                "lift": best.share / best.base,
                "accuracy": net.accuracy,
            },
        ),
    )


def most_telling(net: Fragments) -> Filter:
    """The filter whose names are most often of one language, compared with all names."""
    return max(net.filters, key=lambda each: each.share / each.base)
