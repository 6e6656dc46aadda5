"""What a script contains as literals: modules of rnnviz, data, and word vectors."""

import base64
import hashlib
import io
import json
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnviz.data import UPLOADS, Series, glove, uploaded_series
from rnnviz.data.catalogue import GLOVE
from rnnviz.tasks import Forecast, Task
from rnnviz.training import Experiment


def modules_literal(files: Mapping[str, str]) -> str:
    """A dictionary of paths and the texts of modules, which read like themselves."""
    lines = [f"    {path!r}: {_verbatim(text)}," for path, text in files.items()]
    return "\n".join(["{", *lines, "}"])


def data_literal(experiment: Experiment, with_glove: bool, uploads: Mapping[str, bytes]) -> str:
    """A dictionary of paths and the compressed files that the task of `experiment` reads.

    `uploads`: the visitor's files by their keys.
    """
    files = {f"assets/data/{source.file}": source.path for source in experiment.task.data_files}
    if with_glove:
        files[f"assets/data/{GLOVE.file}"] = GLOVE.path
    contents = {name: path.read_bytes() for name, path in files.items()}
    contents |= {f"uploads/{key}": content for key, content in uploads.items()}
    lines = [f"    {name!r}: {_compress(content)}," for name, content in contents.items()]
    return "\n".join(["{", *lines, "}"])


def visitor_files(task: Task) -> tuple[dict[str, str], dict[str, bytes]]:
    """The visitor's files that `task` reads by their keys, and the settings that name them.

    Measurements are included as they were read of the file, so that a script needs no reader.

    Raises:
        Problem: a file is no longer available.
    """
    if not isinstance(task, Forecast) or not task.files:
        return {}, {key: UPLOADS.get(key) for key in task.files}
    content = series_archive(uploaded_series(task.file, task.reading))
    key = hashlib.sha256(content).hexdigest()
    return {"file": key, "reading": ""}, {key: content}


def series_archive(series: Series) -> bytes:
    """A series as an archive of NumPy, which `templates/visitor_series.py` reads."""
    fields = ("title", "columns", "units", "spacing", "target", "directions", "headers")
    names = {name: getattr(series, name) for name in fields}
    candidates = {"values": series.values, "times": series.times, "elapsed": series.elapsed}
    arrays: dict[str, Any] = {name: each for name, each in candidates.items() if each is not None}
    with io.BytesIO() as file:
        np.savez(file, names=np.array(json.dumps(names)), **arrays)
        return file.getvalue()


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
