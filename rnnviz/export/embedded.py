"""What a script contains as literals: modules of rnnviz, data, and word vectors."""

import base64
import zlib
from collections.abc import Mapping, Sequence

import numpy as np

from rnnviz.data import UPLOADS, glove
from rnnviz.data.catalogue import GLOVE
from rnnviz.training import Experiment


def modules_literal(files: Mapping[str, str]) -> str:
    """A dictionary of paths and the texts of modules, which read like themselves."""
    lines = [f"    {path!r}: {_verbatim(text)}," for path, text in files.items()]
    return "\n".join(["{", *lines, "}"])


def data_literal(experiment: Experiment, with_glove: bool) -> str:
    """A dictionary of paths and the compressed files that the task of `experiment` reads.

    Raises:
        Problem: a file of the visitor is no longer available.
    """
    files = {f"assets/data/{source.file}": source.path for source in experiment.task.data_files}
    if with_glove:
        files[f"assets/data/{GLOVE.file}"] = GLOVE.path
    contents = {name: path.read_bytes() for name, path in files.items()}
    contents |= {f"uploads/{key}": UPLOADS.get(key) for key in experiment.task.files}
    lines = [f"    {name!r}: {_compress(content)}," for name, content in contents.items()]
    return "\n".join(["{", *lines, "}"])


def glove_literals(words: Sequence[str]) -> dict[str, str]:
    """The vectors of those `words` that have one, and what the other words need."""
    known = glove()
    ids = [token_id for token_id, word in enumerate(words) if word in known.words]
    vectors = known.vectors[[known.words[words[token_id]] for token_id in ids]]
    return {
        "GLOVE_DEVIATION": repr(float(known.vectors.std())),
        "GLOVE_IDS": repr(ids),
        "GLOVE": _compress(vectors.astype(np.float16).tobytes()),
    }


def _verbatim(text: str) -> str:
    """A literal of `text` that reads like it."""
    if "'''" in text or not text.endswith("\n"):
        return repr(text)
    return f"r'''{text}'''"


def _compress(content: bytes) -> str:
    """A literal of `content`, compressed, in lines of base64."""
    return f'"""\n{base64.encodebytes(zlib.compress(content, 9)).decode("ascii")}"""'
