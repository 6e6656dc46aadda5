"""Tasks whose answer is a sequence: what people write, what is wanted, what can be learned."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
import torch

from rnnviz.data import pronunciations
from rnnviz.messages import Problem
from rnnviz.model import EncoderDecoder, ModelSpec
from rnnviz.tasks import END_LABEL, Batch, Task
from rnnviz.tasks.translate.date_forms import ENGLISH, KOREAN
from rnnviz.tasks.translate.dates import DAYS, FIRST, FORMS, LAST, Dates, copied_digits
from rnnviz.tasks.translate.numerals import cardinal, ordinal, ordinal_digits, sino_korean
from rnnviz.tasks.translate.pronunciation import (
    EXACT_MATCH,
    PHONEME_ERROR_RATE,
    Phonemes,
    edit_distance,
    letter_phonemes,
)
from rnnviz.tasks.translate.spelled_out import SpelledOut
from rnnviz.text import UNK
from rnnviz.training import (
    Experiment,
    Optimiser,
    Trainer,
    checkpoint,
    load_checkpoint,
    load_model,
    train,
    weights_of,
)
from tests.generators import make_generator

TASKS: list[Task] = [
    *(Dates(language) for language in ("en", "ko", "both")),
    *(
        SpelledOut(what, language)
        for what in ("weekdays", "months", "numbers", "dates")
        for language in ("en", "ko")
    ),
    Phonemes(),
    Phonemes(500),
]


def sources(task: Task, batch: Batch) -> list[str]:
    rows = zip(batch.inputs.tolist(), batch.lengths.tolist(), strict=True)
    return ["".join(task.vocabulary.decode(ids[:length])) for ids, length in rows]


def targets(task: Task, batch: Batch) -> list[str]:
    return [task.answer_text(batch.targets, row, batch) for row in range(len(batch))]


@pytest.mark.parametrize("task", TASKS, ids=repr)
def test_every_setting_gives_inputs_with_their_targets(task: Task) -> None:
    assert task.labels[END_LABEL] == "<eos>"
    assert len(set(task.labels)) == len(task.labels)
    for split in ("train", "validation", "test"):
        batch = task.batch(64, make_generator(), split)
        assert UNK not in batch.inputs
        assert all(targets(task, batch))
        assert torch.equal(batch.mask.sum(1) - 1, (batch.targets != END_LABEL).sum(1))
    output = torch.nn.functional.one_hot(task.questions().targets, task.n_out).float()
    answers = task.answers(output, task.questions())
    assert all(each.correct for each in answers)
    assert len({each.question for each in answers}) == 6
    example = task.example()
    assert task.vocabulary.encode(example.tokens) == example.batch.inputs[0].tolist()
    # One wrong label makes the whole answer wrong; what follows the end does not count.
    logits = torch.nn.functional.one_hot(example.batch.targets, task.n_out).float()
    assert task.metric(logits, example.batch) == 1
    longer = torch.cat([logits, torch.ones(1, 3, task.n_out)], dim=1)
    padded = torch.nn.functional.pad(example.batch.targets, (0, 3))
    mask = torch.nn.functional.pad(example.batch.mask, (0, 3))
    batch = Batch(example.batch.inputs, example.batch.lengths, padded, mask)
    assert task.metric(longer, batch) == 1
    logits[0, 0] = logits[0, 0].roll(1)
    assert task.metric(logits, example.batch) == 0


# Dates --------------------------------------------------------------------------------------------


def test_numbers_in_words() -> None:
    assert [cardinal(n) for n in (0, 7, 13, 20, 47, 99)] == (
        ["zero", "seven", "thirteen", "twenty", "forty-seven", "ninety-nine"]
    )
    names = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    assert [ordinal(n) for n in range(1, 13)] == names.split()
    assert [ordinal(n) for n in (13, 20, 21, 22, 23, 30, 31)] == (
        [
            "thirteenth",
            "twentieth",
            "twenty-first",
            "twenty-second",
            "twenty-third",
            "thirtieth",
            "thirty-first",
        ]
    )
    endings = dict.fromkeys(range(1, 32), "th") | {1: "st", 2: "nd", 3: "rd", 21: "st", 22: "nd"}
    endings |= {23: "rd", 31: "st"}
    assert [ordinal_digits(n) for n in endings] == [f"{n}{end}" for n, end in endings.items()]
    spoken = {0: "영", 1: "일", 10: "십", 11: "십일", 20: "이십", 99: "구십구", 100: "백"}
    spoken |= {1900: "천구백", 2000: "이천", 2026: "이천이십육", 2105: "이천백오", 1111: "천백십일"}
    assert {n: sino_korean(n) for n in spoken} == spoken


def korean_number(text: str) -> int:
    """Reads what `sino_korean` writes."""
    total, digit = 0, 0
    for character in text:
        if character in "천백십":
            total += max(digit, 1) * {"천": 1000, "백": 100, "십": 10}[character]
            digit = 0
        else:
            digit = "영일이삼사오육칠팔구".index(character)
    return total + digit


def test_korean_numbers_can_be_read_back() -> None:
    assert all(korean_number(sino_korean(n)) == n for n in range(10_000))


def test_dates_are_written_as_people_write_them() -> None:
    day = date(2026, 11, 21)
    assert [form(day) for form in ENGLISH] == [
        "21 November 2026",
        "21 Nov 2026",
        "21-Nov-2026",
        "21st November 2026",
        "the 21st of November 2026",
        "the twenty-first of November, 2026",
        "November 21, 2026",
        "November 21st, 2026",
        "November the twenty-first, 2026",
        "NOV 21 2026",
        "Saturday, November 21, 2026",
        "Sat 21 Nov 2026",
        "21.11.2026",
        "2026/11/21",
    ]
    assert [form(day) for form in KOREAN] == [
        "2026년 11월 21일",
        "2026년 11월 21일 토요일",
        "2026년 11월 21일(토)",
        "서기 2026년 11월 21일",
        "2026. 11. 21.",
        "2026.11.21",
        "2026년 십일월 이십일일",
        "이천이십육년 십일월 이십일일",
        "이천이십육 년 십일월 이십일 일",
    ]
    assert KOREAN[7](date(1910, 6, 10)) == "천구백십년 유월 십일"


def test_no_writing_is_that_of_two_dates_and_every_character_is_known() -> None:
    days = [FIRST + timedelta(days=number) for number in range(0, DAYS, 7)]
    meant: dict[str, date] = {}
    met: dict[str, set[str]] = {}
    for language in ("en", "ko"):
        texts = [(form(day), day) for form in FORMS[language] for day in days]
        assert all(meant.setdefault(text, day) == day for text, day in texts)
        met[language] = set("".join(text for text, _ in texts))
    for language, characters in {**met, "both": met["en"] | met["ko"]}.items():
        assert UNK not in Dates(language).vocabulary.encode(sorted(characters))
    assert days[0] == date(1900, 1, 1)
    assert FIRST + timedelta(days=DAYS - 1) == LAST


@pytest.mark.parametrize("language", ["en", "ko", "both"])
def test_dates_are_the_days_that_are_meant_and_none_is_in_two_splits(language: str) -> None:
    task, days = Dates(language), {}
    for split in ("train", "validation", "test"):
        batch = task.batch(3000, make_generator(), split)
        dates = [date.fromisoformat(text) for text in targets(task, batch)]
        days[split] = set(dates)
        forms = FORMS[language]
        pairs = list(zip(sources(task, batch), dates, strict=True))
        assert all(any(form(day) == text for form in forms) for text, day in pairs)
        # Every form is met about equally often.
        counts = [sum(form(day) == text for text, day in pairs) for form in forms]
        assert min(counts) > 0.6 * 3000 / len(forms)
    assert not days["train"] & days["validation"]
    assert not days["train"] & days["test"]
    assert not days["validation"] & days["test"]
    # Days are drawn from all the years alike.
    assert {day.year for day in days["train"]} == set(range(1900, 2101))
    assert len(days["validation"]) > 2000


def test_the_figures_can_be_copied_where_they_stand_in_order() -> None:
    assert copied_digits("2026. 1. 2.") == "2026-01-02"
    assert copied_digits("2026년 11월 21일(토)") == "2026-11-21"
    assert copied_digits("21.11.2026") == "21-11-2026"
    assert copied_digits("이천이십육년") == ""
    english, korean, both = (
        Dates(language).baselines()[0].metric for language in ("en", "ko", "both")
    )
    # One English form of 14 and 6 Korean ones of 9 have all figures in the right order.
    assert english == pytest.approx(1 / 14, abs=0.05)
    assert korean == pytest.approx(6 / 9, abs=0.08)
    assert both == pytest.approx(7 / 23, abs=0.08)


# One to many --------------------------------------------------------------------------------------


def test_classes_are_spelled_out() -> None:
    names = {
        (what, language): list(SpelledOut(what, language).names.items())
        for what in ("weekdays", "months", "numbers", "dates")
        for language in ("en", "ko")
    }
    assert names["weekdays", "en"][5] == ("6", "Saturday")
    assert names["weekdays", "ko"][5] == ("6", "토요일")
    assert names["months", "en"][10] == ("11", "November")
    assert names["months", "ko"][9] == ("10", "시월")
    assert names["numbers", "en"][47] == ("47", "forty-seven")
    assert names["numbers", "ko"][47] == ("47", "사십칠")
    assert names["dates", "en"][59] == ("0229", "February twenty-ninth")
    assert names["dates", "ko"][-1] == ("1231", "십이월 삼십일일")
    sizes = {what: len(each) for (what, _language), each in names.items()}
    assert sizes == {"weekdays": 7, "months": 12, "numbers": 100, "dates": 366}
    for (what, language), each in names.items():
        task = SpelledOut(what, language)
        assert len({name for _, name in each}) == len(each) == task.size() == 1 / task.chance
        batch = task.select(range(len(each)))
        assert targets(task, batch) == [name for _, name in each]
        assert batch.lengths.unique().tolist() == [task.steps] == [1]
    with pytest.raises(Problem, match="what"):
        SpelledOut("planets")


# Pronunciation ------------------------------------------------------------------------------------


def test_words_have_their_phonemes_and_none_is_in_two_splits() -> None:
    task = Phonemes()
    known = {entry.word: " ".join(entry.phonemes) for entry in pronunciations()}
    words: dict[str, set[str]] = {}
    for split in ("train", "validation", "test"):
        size = task.size(split)
        batch = task.select(range(size), split)
        pairs = dict(zip(sources(task, batch), targets(task, batch), strict=True))
        assert all(known[word] == name for word, name in pairs.items())
        assert len(pairs) == size
        words[split] = set(pairs)
    assert [len(each) for each in words.values()] == [8000, 1000, 1000]
    assert set.union(*words.values()) == set(known)
    # Fewer words are the most frequent ones, and they stay in their splits.
    small = Phonemes(500)
    for split, every in words.items():
        batch = small.select(range(small.size(split)), split)
        assert set(sources(small, batch)) == every & {each.word for each in pronunciations()[:500]}


def test_phoneme_errors_are_counted_by_levenshtein() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "abc") == edit_distance("abc", "") == 3
    assert edit_distance("flaw", "lawn") == 2
    task = Phonemes()
    batch = task.select([0, 1, 2], "validation")
    right = torch.nn.functional.one_hot(batch.targets, task.n_out).float()
    assert task.metrics(right, batch) == {EXACT_MATCH: 1.0, PHONEME_ERROR_RATE: 0.0}
    silent = torch.zeros_like(right)
    silent[..., END_LABEL] = 1
    assert task.metrics(silent, batch) == {EXACT_MATCH: 0.0, PHONEME_ERROR_RATE: 1.0}
    one_off = right.clone()
    one_off[0, 0] = one_off[0, 0].roll(1)
    phonemes = int(batch.mask.sum()) - len(batch)
    assert task.metrics(one_off, batch) == pytest.approx(
        {EXACT_MATCH: 2 / 3, PHONEME_ERROR_RATE: 1 / phonemes}
    )


def test_the_phoneme_error_rate_of_a_word_does_not_depend_on_its_batch() -> None:
    """For endless answers, too: 1.89 in the tested batch, which has longer words."""
    task = Phonemes()
    batch = task.evaluation_batch()
    generator = torch.Generator().manual_seed(0)
    endless = torch.rand(*batch.targets.shape, task.n_out, generator=generator)
    endless[..., END_LABEL] = -1
    together = task.metrics(endless, batch)[PHONEME_ERROR_RATE]
    counts, alone = (batch.mask.sum(1) - 1).tolist(), []
    for row, size in enumerate(batch.mask.sum(1).tolist()):
        one = task.select([task.evaluation_indices()[row]], "validation")
        assert one.targets.shape[1] == size
        alone.append(task.metrics(endless[[row], :size], one)[PHONEME_ERROR_RATE])
    faults = sum(rate * n for rate, n in zip(alone, counts, strict=True))
    assert together == pytest.approx(faults / sum(counts))
    assert together < 1.3


def test_letters_alone_do_not_determine_the_pronunciation() -> None:
    phonemes = letter_phonemes(pronunciations())
    assert {letter: phonemes[letter] for letter in "bdfklmnpstvz"} == dict(
        zip(
            "bdfklmnpstvz",
            ["B", "D", "F", "K", "L", "M", "N", "P", "S", "T", "V", "Z"],
            strict=True,
        )
    )
    (baseline,) = Phonemes().baselines()
    assert 0.01 < baseline.metric < 0.1


# They can be learned ------------------------------------------------------------------------------


def train_to_end(task: Task, spec: ModelSpec, optimiser: Optimiser) -> Trainer:
    trainer = Trainer(Experiment(task, spec, optimiser))
    for _ in train(trainer):
        pass
    return trainer


def test_months_are_learned_by_heart() -> None:
    trainer = train_to_end(
        SpelledOut(), ModelSpec("gru", hidden=32), Optimiser(batch=12, steps=200, target=1.0)
    )
    assert trainer.validate() == 1
    shot = trainer.snapshot()
    assert [each.prediction for each in shot.answers] == (
        ["January", "March", "May", "July", "September", "November"]
    )
    assert len(shot.gradient_norms) == len(shot.states) == 1
    assert shot.attention == ()


@pytest.mark.long
@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_dates_are_learned_with_attention_and_not_without(cell: str) -> None:
    spec = ModelSpec(cell, hidden=64, embedding_size=16, attention=True)
    optimiser = Optimiser(lr=0.005, clip=1.0, batch=32, steps=800)
    task = Dates()
    tested = task.batch(2000, make_generator(7), "test")
    metrics = {}
    for attention in (True, False):
        model = train_to_end(task, replace(spec, attention=attention), optimiser).model.eval()
        with torch.no_grad():
            metrics[attention] = task.metric(model.predict(tested), tested)
    assert metrics[True] > 0.9
    assert metrics[False] < 0.1
    assert metrics[True] > task.baselines()[0].metric


@pytest.mark.long
def test_words_never_seen_are_pronounced() -> None:
    task = Phonemes()
    spec = ModelSpec("gru", hidden=64, embedding_size=32, attention=True, bidirectional=True)
    trainer = train_to_end(task, spec, Optimiser(lr=0.005, clip=1.0, batch=64, steps=1000))
    tested = task.select(range(1000), "validation")
    with torch.no_grad():
        output = trainer.model.eval().predict(tested)
    metrics = task.metrics(output, tested)
    assert metrics[EXACT_MATCH] > 0.4 > 5 * task.baselines()[0].metric
    assert metrics[PHONEME_ERROR_RATE] < 0.2
    # Looking for the likeliest pronunciation finds likelier ones than taking the likeliest phoneme.
    model = trainer.model
    assert isinstance(model, EncoderDecoder)
    few = task.select(range(200), "validation")
    greedy = model.greedy(few.inputs, few.lengths, 20)
    beams = model.beam(few.inputs, few.lengths, 4, 20)
    better = [
        beam[0].log_probability - one.log_probability
        for one, beam in zip(greedy, beams, strict=True)
    ]
    assert sum(better) > 0


@pytest.mark.long
def test_a_hundred_numbers_are_learned_by_heart() -> None:
    optimiser = Optimiser(lr=0.01, clip=1.0, batch=32, steps=2000, target=1.0)
    assert (
        train_to_end(SpelledOut("numbers"), ModelSpec("lstm", hidden=64), optimiser).validate() == 1
    )


def test_a_run_resumed_from_its_checkpoint_has_the_same_results() -> None:
    spec = ModelSpec("lstm", hidden=6, attention=True, dropout=0.2, recurrent_dropout=0.1)
    experiment = Experiment(Dates("both"), spec, Optimiser(steps=8, batch=4, forcing=0.5))
    whole, part = Trainer(experiment), Trainer(experiment)
    for _ in range(4):
        part.advance()
    part = load_checkpoint(experiment, checkpoint(part))
    for trainer in (whole, part):
        while not trainer.done:
            trainer.advance()
    assert weights_of(part.model) == weights_of(whole.model)
    # Every moment of it can be looked at again.
    stored, batch = load_model(experiment, weights_of(whole.model)), Dates("both").questions()
    whole.model.eval()
    assert torch.equal(stored.predict(batch), whole.model.predict(batch))
    shot = whole.snapshot().to_plain()
    T, U = len(experiment.task.example().tokens), len("2026-11-21") + 1
    assert (len(shot["attention"]), len(shot["attention"][0])) == (U, T)
    assert len(shot["norms"]) == len(shot["states"]) == T
