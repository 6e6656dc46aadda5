"""The programs with which the page's numbers can be checked."""

from pprint import pformat

import numpy as np

from rnnviz.ideas.listing import Listing
from rnnviz.ideas.text.conveyor import Conveyor
from rnnviz.ideas.text.look_up import LookUp
from rnnviz.ideas.text.table import PADDING

KERAS_SIDES = {"before": "pre", "after": "post"}


def listings(conveyor: Conveyor, table: LookUp | None) -> list[Listing]:
    """The padded table with Keras; then the vectors with what computes them."""
    vectors = conveyor.settings.vectors
    programs = [_padded(conveyor)]
    if conveyor.settings.padding == "after" and not conveyor.table.cut[0]:
        programs.append(_vectorised(conveyor))
    if vectors == "bag":
        programs.insert(0, _counted(conveyor))
    elif vectors == "hashing":
        programs.insert(0, _hashed(conveyor))
    elif table is not None:
        programs.insert(0, _looked_up(conveyor, table))
    return programs


def _rows(conveyor: Conveyor) -> list[list[int]]:
    return [conveyor.dictionary.encode(tokens) for tokens in conveyor.tokens]


def _padded(conveyor: Conveyor) -> Listing:
    settings, rows = conveyor.settings, _rows(conveyor)
    code = f"""from keras.utils import pad_sequences

x_data = {pformat(rows, compact=True)}
x_data_len = [len(row) for row in x_data]
print(x_data_len)
print(pad_sequences(x_data, maxlen={settings.longest},
                    padding="{KERAS_SIDES[settings.padding]}",
                    truncating="{KERAS_SIDES[settings.cutting]}"))"""
    printed = np.array(conveyor.table.rows, dtype=np.int32)
    return Listing("Keras", code, f"{[len(row) for row in rows]}\n{printed}")


def _vectorised(conveyor: Conveyor) -> Listing:
    indices = _rows(conveyor)[0]
    code = f"""import numpy as np

indices = {indices}
out_vector = np.zeros({conveyor.settings.longest}, dtype=np.int64)
out_vector[:len(indices)] = indices
out_vector[len(indices):] = {PADDING}  # mask_index
print(out_vector, len(indices))"""
    row = np.array(conveyor.table.rows[0], dtype=np.int64)
    return Listing("NumPy", code, f"{row} {len(indices)}")


def _looked_up(conveyor: Conveyor, table: LookUp) -> Listing:
    """The rows around the picked one are the whole table of the program, to keep it short."""
    number, V = conveyor.picked_number, len(table.table)
    first = min(max(0, number - 2), max(0, V - 5))
    rows = [[round(float(x), 4) for x in row[:8]] for row in table.table[first : first + 5]]
    place = number - first
    code = f"""import torch
from torch.nn.functional import embedding, one_hot

# Rows {first} to {first + len(rows) - 1} of the table, the first {len(rows[0])} numbers of each.
W = torch.tensor({pformat(rows, compact=True, width=96)})
number = torch.tensor({number} - {first})
row = embedding(number, W)
print([round(x, 4) for x in row.tolist()])
print(torch.equal(row, one_hot(number, len(W)).float() @ W))"""
    return Listing("PyTorch", code, f"{rows[place]}\nTrue")


def _counted(conveyor: Conveyor) -> Listing:
    dictionary, weighting = conveyor.dictionary, conveyor.settings.weighting
    known = [
        [token for token in tokens if dictionary.is_known(token)] for tokens in conveyor.tokens
    ]
    vocabulary = sorted({token for tokens in known for token in tokens}, key=dictionary.known.index)
    first = len(dictionary.specials)
    texts_with = [
        dictionary.documents[(dictionary.number(token) or 0) - first] for token in vocabulary
    ]
    lengths = [max(1, len(numbers)) for numbers in conveyor.sequences]
    weigh = {
        "binary": "table = (table > 0).astype(int)",
        "count": "",
        "frequency": f"table = table / np.array({lengths})[:, None]",
        "tf-idf": f"""N, n = {dictionary.n_texts}, np.array({texts_with})
table = table * (np.log((1 + N) / (1 + n)) + 1)  # as TfidfVectorizer(norm=None)""",
    }[weighting]
    code = f"""import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

tokens = {pformat(known, compact=True, width=96)}
counter = CountVectorizer(analyzer=list, vocabulary={pformat(vocabulary, compact=True, width=60)})
table = counter.transform(tokens).toarray()
{weigh}
for row in table:
    print([round(float(x), 3) for x in row])"""
    places = [dictionary.number(token) for token in vocabulary]
    rows = [
        [round(float(bag.get(place or 0, 0)), 3) for place in places] for bag in conveyor.bags()
    ]
    return Listing("scikit-learn", code, "\n".join(map(str, rows)))


def _hashed(conveyor: Conveyor) -> Listing:
    buckets = conveyor.settings.buckets
    code = f"""from sklearn.utils import murmurhash3_32

for token in {pformat(list(conveyor.distinct), compact=True, width=90)}:
    print(token, abs(murmurhash3_32(token)) % {buckets})"""
    lines = [f"{token} {conveyor.bucket(token)}" for token in conveyor.distinct]
    return Listing("scikit-learn", code, "\n".join(lines))
