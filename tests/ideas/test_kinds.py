"""The kinds of problems: states and logits against PyTorch, counts against a count by hand."""

from collections import Counter

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from rnnviz.ideas.claims import Verdict
from rnnviz.ideas.kinds.claims import claims
from rnnviz.ideas.kinds.findings import finding
from rnnviz.ideas.kinds.listings import listings
from rnnviz.ideas.kinds.networks import load_trained, loss_steps, train_model
from rnnviz.ideas.kinds.reading import double_softmax_loss, look_at, read_text, softmax
from rnnviz.ideas.kinds.settings import Problem
from rnnviz.ideas.kinds.small_tasks import HELD_OUT, NUMBERS
from rnnviz.model import EncoderDecoder, SequenceModel
from rnnviz.tasks.translate.captions import Captions, word_order
from rnnviz.tasks.translate.drawings import bits, drawings, split_drawings
from rnnviz.tasks.translate.numerals import cardinal
from tests.ideas.kinds_training import trained
from tests.ideas.listings import check_listing

NUMBER = Problem("not-in-step", "numbers")
ATTENTION = Problem("not-in-step", "numbers", attention=True)
HELLO = Problem("language-model", "hello", text="hello")
HELLO_LAST = Problem("language-model", "hello", loss_at="last", text="hello")
TAGS = Problem("in-step", "tags")
TAGS_BOTH = Problem("in-step", "tags", bidirectional=True)
FOUR = Problem("many-to-one", "four_words", loss_at="last")


def test_the_states_of_a_reading_are_those_of_torch() -> None:
    for problem, text in ((HELLO, "hell"), (TAGS_BOTH, "we met her friends"), (FOUR, "so good")):
        model, reading = load_trained(trained(problem)), read_text(trained(problem), text)
        assert isinstance(model, SequenceModel)
        _tokens, ids = problem.task.encode(text)
        inputs, lengths = torch.tensor([ids]), torch.tensor([len(ids)])
        expected = model(inputs, lengths)[0]
        assert torch.allclose(torch.tensor([s.logits for s in reading.read]), expected, atol=1e-5)
        h, _ = model.recurrent(model.embedding(inputs))
        assert torch.allclose(torch.tensor([s.state for s in reading.read]), h[0], atol=1e-6)


@pytest.mark.parametrize("problem", [NUMBER, ATTENTION], ids=["vector", "attention"])
def test_the_counts_are_those_of_an_own_decoding(problem: Problem) -> None:
    model, counts, task = load_trained(trained(problem)), trained(problem).counts, problem.task
    assert isinstance(model, EncoderDecoder)
    rows = [task.vocabulary.encode([*str(number)]) for number in range(NUMBERS)]
    inputs = torch.tensor([[*row, 0][:2] for row in rows])
    answers = model.greedy(inputs, torch.tensor([len(row) for row in rows]), 16)
    words = ["".join(task.labels[k] for k in answer.labels) for answer in answers]
    right = {n for n, word in enumerate(words) if word.removesuffix("<eos>") == cardinal(n)}
    assert (len(right), len(right & {*HELD_OUT})) == (counts.right, counts.unseen_right)
    assert (counts.total, counts.unseen) == (NUMBERS, len(HELD_OUT))
    assert len(right) >= 85
    for number in (7, 47, 91):
        read = "".join(read_text(trained(problem), str(number)).answers)
        assert read.removesuffix("<eos>") == words[number].removesuffix("<eos>")


def test_cutting_the_vector_leaves_one_answer_and_attention_many() -> None:
    [answer] = trained(NUMBER).counts.cut_answers
    for number in ("5", "47"):
        reading = read_text(trained(NUMBER), number, cut=True)
        assert "".join(reading.answers) == answer + "<eos>"
        assert not any(reading.vector)
    assert trained(NUMBER).counts.cut == (answer in map(cardinal, range(NUMBERS)))
    assert len(trained(ATTENTION).counts.cut_answers) > 5
    for step in read_text(trained(ATTENTION), "47").written:
        assert sum(step.attention) == pytest.approx(1, abs=1e-5)
        assert step.attention[2] == 0, "padding is masked"


def test_the_place_of_the_loss_decides_what_is_learned() -> None:
    everywhere, last = trained(HELLO).counts, trained(HELLO_LAST).counts
    assert (everywhere.last_right, everywhere.before_right) == (1, 3)
    assert last.last_right == 1
    assert last.before_right < 3


def test_both_directions_know_the_word_that_decides() -> None:
    one, both = trained(TAGS).counts, trained(TAGS_BOTH).counts
    assert one.right < both.right == both.total == one.total


def test_training_depends_on_the_problem_alone() -> None:
    before = torch.random.get_rng_state()
    assert train_model(FOUR) == train_model(FOUR)
    assert torch.equal(before, torch.random.get_rng_state())


def test_the_loss_asks_each_row_at_its_own_last_step() -> None:
    mask = torch.tensor([[True, True, False], [True, True, True]])
    assert loss_steps(mask, "last").tolist() == [[False, True, False], [False, False, True]]
    assert torch.equal(loss_steps(mask, "all"), mask)


LOGITS = st.lists(st.floats(-30, 30), min_size=1, max_size=20).map(tuple)


@given(LOGITS, st.floats(0.2, 5))
def test_softmax_is_that_of_torch_and_never_changes_the_order(
    logits: tuple[float, ...], temperature: float
) -> None:
    shares = softmax(logits, temperature)
    expected = (torch.tensor(logits, dtype=torch.float64) / temperature).softmax(-1)
    assert torch.allclose(torch.tensor(shares, dtype=torch.float64), expected, atol=1e-12)
    assert shares[max(range(len(logits)), key=logits.__getitem__)] == max(shares)


def test_the_loss_of_logits_and_of_their_softmax() -> None:
    z, target = torch.tensor([[2.2, -1.0, 0.3]]), torch.tensor([0])
    loss, twice = double_softmax_loss((2.2, -1.0, 0.3), 0)
    assert loss == pytest.approx(-float(z.log_softmax(-1)[0, 0]))
    assert twice == pytest.approx(cross_entropy(z.softmax(-1), target).item())
    assert twice > loss


def test_the_listings_print_what_the_page_says() -> None:
    step = read_text(trained(HELLO), "hello").read[0]
    labels = HELLO.task.labels
    for temperature in (1.0, 2.5):
        for listing in listings(labels, step.logits, temperature):
            check_listing(listing)
            assert "argmax: 'e'" in listing.output


def test_the_head_predicts_and_not_the_state() -> None:
    result = trained(NUMBER)
    reading = read_text(result, "47")
    own, of_head = claims(NUMBER, reading, result.counts, 0)
    assert [claim.verdict for claim in of_head] == [
        Verdict.WRONG,
        Verdict.HALF_RIGHT,
        Verdict.RIGHT,
    ]
    assert result.counts.fresh_head < result.counts.right / 2
    assert own.verdict is Verdict.RIGHT
    text = str(finding(NUMBER, reading, result.counts, step=0, cut=False, text="47"))
    assert "forty-seven" in text


# Pictures ----------------------------------------------------------------------------------------


def connected_parts(picture: int) -> list[set[tuple[int, int]]]:
    """The connected parts of a picture, neighbours in all eight directions."""
    left = {divmod(k, 8) for k, ink in enumerate(bits(picture)) if ink}
    parts = []
    while left:
        part, edge = set(), [left.pop()]
        while edge:
            r, c = edge.pop()
            part.add((r, c))
            near = {(r + i, c + j) for i in (-1, 0, 1) for j in (-1, 0, 1)} & left
            left -= near
            edge += near
        parts.append(part)
    return parts


def shape_of(part: set[tuple[int, int]]) -> str:
    rows, columns = {r for r, _c in part}, {c for _r, c in part}
    if len(rows) == 1 or len(columns) == 1:
        return "bar" if len(rows) == 1 else "pole"
    return "ring" if (min(rows), min(columns)) in part else "cross"


def test_every_caption_says_what_is_there() -> None:
    for caption, group in drawings().items():
        for picture in group[:8]:
            parts = connected_parts(picture)
            assert Counter(map(shape_of, parts)) == Counter(caption[::2])
            if len(parts) == 2:
                axis = 0 if caption[1] == "over" else 1
                first, second = sorted(parts, key=lambda part: min(cell[axis] for cell in part))
                assert (shape_of(first), shape_of(second)) == caption[::2]
                assert max(cell[axis] for cell in first) < min(cell[axis] for cell in second)


def test_no_picture_has_two_captions_or_lies_in_two_splits() -> None:
    pictures = [picture for group in drawings().values() for picture in group]
    assert len(pictures) == len(set(pictures)) > 30_000
    by_split = [
        {p for group in split_drawings()[split].values() for p in group}
        for split in ("train", "validation", "test")
    ]
    assert sum(map(len, by_split)) == len(set.union(*by_split)) == len(pictures)


def test_korean_captions_name_the_same_in_their_own_order() -> None:
    assert word_order(("ring", "over", "bar"), "ko") == ("가로선", "위", "동그라미")
    task = Captions("ko")
    batch = task.example().batch
    assert task.answer_text(batch.targets, 0, batch) == "가로선 위 동그라미"
    assert task.answers(torch.nn.functional.one_hot(batch.targets, 7), batch)[0].correct


def test_a_drawn_picture_gets_its_caption() -> None:
    problem = Problem("one-to-many", "caption")
    counts = trained(problem).counts
    assert counts.unseen_right > 0.8 * counts.unseen
    assert counts.cut < 0.1 * counts.total
    captions = [caption for caption in drawings() if len(caption) == 3][::4]
    answers = [
        look_at(trained(problem), split_drawings()["test"][caption][0]).answers
        for caption in captions
    ]
    pairs = zip(answers, captions, strict=True)
    assert sum(answer == (*caption, "<eos>") for answer, caption in pairs) >= 6
