"""A text into numbers in three libraries: which words get a number, and on which side zeros stand.

T numbers for a text.
"""

import re
import string
from collections import Counter
from dataclasses import dataclass
from typing import Annotated

from rnnviz.ideas.keras.lines import Comparison, Line, Program, Replacement, lines
from rnnviz.messages import N_, Message
from rnnviz.settings import Range, check

LENGTH = 12
"""T, the length to which texts are brought."""

EXAMPLE = "the film is good, the film is so good, the end is bad"

MAX_TEXT = 120

TOKENIZER_FILTER = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
"""What the book's Tokenizer replaces by a space; the apostrophe stays."""


@dataclass(frozen=True)
class TextChoice:
    """A text, and the size of its dictionary as the libraries count it."""

    text: str = EXAMPLE
    words: Annotated[int, Range(3, 20, label=N_("Size of the dictionary"))] = 6

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Ids:
    """What becomes of a text.

    Attributes:
        words: of the text, in their order.
        book: by the book's Tokenizer, T numbers with zeros in front.
        current: by TextVectorization, and by PyTorch's few lines: zeros behind, 1 for unknown.
        dropped: how many words the Tokenizer leaves out.
        unknown: how many words are 1 in `current`, before it is cut.
    """

    words: tuple[str, ...]
    book: tuple[int, ...]
    current: tuple[int, ...]
    dropped: int
    unknown: int


def number_words(choice: TextChoice) -> Ids:
    """Number the words of a text as the book's Tokenizer does, and as Keras 3 does."""
    spaces = str.maketrans(TOKENIZER_FILTER, " " * len(TOKENIZER_FILTER))
    old = choice.text.lower().translate(spaces).split()
    ranks = {word: rank for rank, (word, _n) in enumerate(Counter(old).most_common(), start=1)}
    numbered = [ranks[word] for word in old if ranks[word] < choice.words]

    words = strip_punctuation(choice.text).split()
    counts = Counter(words)
    ranked = sorted(counts, key=lambda word: (counts[word], word), reverse=True)
    numbers = {word: number for number, word in enumerate(ranked[: choice.words - 2], start=2)}
    current = [numbers.get(word, 1) for word in words]
    return Ids(
        words=tuple(words),
        book=(*[0] * (LENGTH - len(numbered)), *numbered[-LENGTH:]),
        current=(*current[:LENGTH], *[0] * (LENGTH - len(current))),
        dropped=len(old) - len(numbered),
        unknown=current.count(1),
    )


def strip_punctuation(text: str) -> str:
    """Lower case without punctuation, as `TextVectorization` standardises a text."""
    return re.sub(f"[{re.escape(string.punctuation)}]", "", text.lower())


JOBS = {
    "words": N_("Lower case, no punctuation, split at spaces."),
    "dictionary": N_(
        "The most frequent words. Tokenizer({words}) leaves room for {book} words,"
        " TextVectorization({words}) for {current}: 0 is padding and 1 every unknown word."
    ),
    "ids": N_("A number for each word. The Tokenizer leaves out words that it does not know."),
    "length": N_(
        "All texts to one length: pad_sequences fills and cuts in front, TextVectorization behind."
    ),
    "labels": N_("Labels as an array: fit takes no list of numbers."),
}


def compare_texts(choice: TextChoice) -> Comparison:
    """The lines that number the words of `choice`, with the numbers that come out."""
    ids, n = number_words(choice), choice.words
    sizes = {"words": n, "book": n - 1, "current": n - 2}
    replacements = (
        Replacement(
            "Tokenizer",
            Message(N_("layers.TextVectorization (it needs the package tensorflow, always)")),
        ),
        Replacement(
            "aclImdb",
            Message(
                N_(
                    "keras.utils.text_dataset_from_directory; in this app the 10,072 sentences of"
                    " film reviews of the task Film reviews replace it"
                )
            ),
        ),
        Replacement("keras.preprocessing.text", Message(N_("no longer part of Keras"))),
    )
    return Comparison(
        Program(_keras(n), _printed(ids.current)),
        Program(_pytorch(n), _printed(ids.current)),
        Program(_book(n), _printed(ids.book)),
        {job: Message(text, sizes) for job, text in JOBS.items()},
        replacements,
    )


def _printed(ids: tuple[int, ...]) -> str:
    return f"[{' '.join(map(str, ids))}]"


def _keras(n: int) -> tuple[Line, ...]:
    return lines(
        "import numpy as np",
        "from keras import layers",
        "",
        ("texts, labels = [...], [...]",),
        ("vectorise = layers.TextVectorization(", "words"),
        (f"    max_tokens={n},", "dictionary"),
        (f"    output_sequence_length={LENGTH})", "length"),
        ("vectorise.adapt(texts)", "dictionary"),
        ("x = vectorise(texts)", "ids"),
        ("y = np.array(labels)", "labels"),
    )


def _pytorch(n: int) -> tuple[Line, ...]:
    return lines(
        "import re, string",
        "from collections import Counter",
        "import torch",
        "",
        "texts = [...]",
        ('marks = f"[{re.escape(string.punctuation)}]"', "words"),
        ('split = [re.sub(marks, "", text.lower()).split()', "words"),
        ("         for text in texts]", "words"),
        ("counts = Counter(w for row in split for w in row)", "dictionary"),
        ("ranked = sorted(", "dictionary"),
        ("    counts, reverse=True,", "dictionary"),
        ("    key=lambda w: (counts[w], w))", "dictionary"),
        (f"ids = {{w: i for i, w in enumerate(ranked[:{n - 2}], 2)}}", "dictionary"),
        ("x = [[ids.get(w, 1) for w in row] for row in split]", "ids"),
        (f"x = [(row + [0] * {LENGTH})[:{LENGTH}] for row in x]", "length"),
        ("x = torch.tensor(x)", "labels"),
    )


def _book(n: int) -> tuple[Line, ...]:
    rows = [
        ("from keras.preprocessing.text import Tokenizer", "", "all"),
        ("for name in os.listdir('aclImdb/train/pos'): ...", "", "all"),
        (f"tokenizer = Tokenizer(num_words={n})", "words", "all"),
        ("tokenizer.fit_on_texts(texts)", "dictionary", "all"),
        ("word_index = tokenizer.word_index", "dictionary", "all"),
        ("x = tokenizer.texts_to_sequences(texts)", "ids", "all"),
        (f"x = pad_sequences(x, maxlen={LENGTH})", "length", ""),
        ("labels = np.asarray(labels)", "labels", ""),
    ]
    return tuple(Line(text, job, text if part == "all" else "") for text, job, part in rows)
