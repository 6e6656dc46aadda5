"""A run as one file of Python: the model and the loop in plain PyTorch, the task as rnnviz has it.

What the task reads comes along: its modules as text, its data as base64. The model is spelled out
where it is an embedding, one of torch.nn's layers and a head; else its modules come along, too.
"""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from textwrap import indent
from typing import Any

import numpy as np

from rnnviz.data import UPLOADS, glove
from rnnviz.data.catalogue import GLOVE
from rnnviz.export.closure import Closure
from rnnviz.export.plain_model import is_plain, model_text
from rnnviz.export.training_text import FLATTENED, Course, constants, loop
from rnnviz.model import IOSpec
from rnnviz.training import Experiment

HEAD = '''"""{title}, learned by a network of rnnviz: the run as one script.

It needs Python 3.11 or later, torch and numpy, and where a text has to be split, the package regex.
It prints the course of the training as CSV: with the same torch, the numbers of the run itself.
"""
'''

IMPORTS = {
    "import base64": "base64.",
    "import importlib": "importlib.",
    "import sys": "sys.",
    "import tempfile": "tempfile.",
    "import types": "types.",
    "import zlib": "zlib.",
    "from pathlib import Path": "Path(",
    "": "",
    "import torch": "torch.",
    "from torch import nn": "nn.",
    "from torch.nn.functional import one_hot": "one_hot(",
    "from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence": "pack_padded",
}
"""Lines to import, and what a script has in it that needs them."""

UNPACK = '''
def unpack(folder):
    """Write what the task needs, its modules and its data, to where Python finds it."""
    for name, text in MODULES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    for name, packed in DATA.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(zlib.decompress(base64.b64decode(packed)))
    sys.path.insert(0, str(folder))
'''

LATER = '''
class Later(types.ModuleType):
    """Stands for the package regex, which only splits texts, until somebody really needs it."""

    VERSION1 = 0

    def compile(self, pattern, flags=0):
        return self

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        raise SystemExit("This task splits texts with the package regex: pip install regex")


try:
    importlib.import_module("regex")
except ImportError:
    sys.modules["regex"] = Later("regex")
'''

VECTORS = '''
def glove_vectors():
    """The GloVe vector of each word of the vocabulary that has one, by the number of the word."""
    packed = bytearray(zlib.decompress(base64.b64decode(GLOVE)))
    vectors = torch.frombuffer(packed, dtype=torch.float16).view(len(GLOVE_WORDS), -1).float()
    return dict(zip(GLOVE_WORDS, vectors))
'''

MAIN = """
def main():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # tiny gradients would slow the processor down
    with tempfile.TemporaryDirectory() as folder:
        unpack(Path(folder))
{body}


"""

BELOW = """
# What the task needs of rnnviz (Apache License 2.0): its modules, unchanged but for packages, which
# are cut down to what is used, and its data, compressed.
"""


def script(
    experiment: Experiment,
    history: Mapping[str, Sequence[Any]] | None = None,
    changes: object = None,
) -> str:
    """The text of a script that repeats the run of `experiment`.

    `history`: its course as columns, if it has one; the script then ends at the step where the run
    has ended. `changes`: the fact of this name, steps and what was set before them; the script sets
    it there, too.

    Raises:
        Problem: a file of the visitor that the task reads is not here any more, or changes that no
            run can have had.
    """
    task, spec, ends = experiment.task, experiment.model, IOSpec.of(experiment.task)
    course, plain = Course.of(experiment, history, changes), is_plain(spec, ends)
    glove_words = plain and ends.tokens and spec.embedding.startswith("glove")
    modules = [type(task).__module__]
    modules += ["rnnviz.data.uploads"] if task.files else []
    modules += [] if plain else ["rnnviz.model.build", "rnnviz.model.spec"]
    needed = Closure(*modules)
    code = [
        "\n".join(constants(experiment, course)) + "\n",
        f"\n{model_text(spec, ends)}\n" if plain else "",
        VECTORS if glove_words else "",
        "" if experiment.device == "cuda" else FLATTENED,
        "\n" + "\n".join(loop(experiment, course, plain)) + "\n",
        UNPACK,
        LATER if "regex" in needed.foreign else "",
        MAIN.format(body=indent("\n".join(_body(experiment, plain)), " " * 8)),
        BELOW,
        _glove(ends.words) if glove_words else "",
        _modules(needed.files()),
        _data(experiment, plain),
        '\nif __name__ == "__main__":\n    main()\n',
    ]
    text = "\n".join(part for part in code if part)
    imports = [line for line, sign in IMPORTS.items() if sign in text.partition(BELOW)[0]]
    return "\n".join([HEAD.format(title=task.title), *imports, "", text])


def _body(experiment: Experiment, plain: bool) -> list[str]:
    """The lines of `main` that make task and model and train."""
    task, spec = experiment.task, experiment.model
    kind = type(task)
    lines = []
    if task.files:
        lines += [
            "from rnnviz.data.uploads import UPLOADS",
            "",
            'for path in sorted((Path(folder) / "uploads").iterdir()):',
            "    UPLOADS.provide(path.read_bytes())",
            "",
        ]
    lines += [
        f"from {kind.__module__} import {kind.__name__}",
        "",
        f"task = {_made(task)}",
    ]
    if plain:
        lines += ["model = Model()", "starting_weights(model)"]
    else:
        lines += [
            "",
            "from rnnviz.model.build import build_for",
            "from rnnviz.model.spec import ModelSpec",
            "",
            f"spec = {_made(spec)}",
            "model = build_for(task, spec, torch.Generator().manual_seed(SEED))",
        ]
    return [*lines, "train(task, model)"]


def _made(instance: Any) -> str:
    """The call that makes `instance`, a dataclass; what has its default is left out."""
    given = [
        f"{each.name}={getattr(instance, each.name)!r}"
        for each in fields(instance)
        if getattr(instance, each.name) != each.default
    ]
    return f"{type(instance).__name__}({', '.join(given)})"


def _modules(files: Mapping[str, str]) -> str:
    lines = [f"    {name!r}: {_verbatim(text)}," for name, text in files.items()]
    return "\n".join(["MODULES = {", *lines, "}\n"])


def _verbatim(text: str) -> str:
    """A literal of `text` that reads like it."""
    if "'''" in text or not text.endswith("\n"):
        return repr(text)
    return f"r'''{text}'''"


def _data(experiment: Experiment, plain: bool) -> str:
    found = {f"assets/data/{each.file}": each.path.read_bytes() for each in experiment.task.data}
    if not plain and experiment.model.embedding.startswith("glove"):
        found[f"assets/data/{GLOVE.file}"] = GLOVE.path.read_bytes()
    found |= {f"uploads/{key}": UPLOADS.get(key) for key in experiment.task.files}
    lines = [f'    {name!r}: """\n{_packed(content)}""",' for name, content in found.items()]
    return "\n".join(["DATA = {", *lines, "}\n"])


def _glove(words: Sequence[str]) -> str:
    """The vectors of those `words` that have one, and what is done without for the others."""
    known = glove()
    numbers = [number for number, word in enumerate(words) if word in known.words]
    vectors = known.vectors[[known.words[words[number]] for number in numbers]]
    return (
        f"GLOVE_DEVIATION = {float(known.vectors.std())!r}  # of all vectors\n"
        f"GLOVE_WORDS = {numbers!r}\n"
        f'GLOVE = """\n{_packed(vectors.astype(np.float16).tobytes())}"""\n'
    )


def _packed(content: bytes) -> str:
    """`content` compressed, in lines of base64."""
    return base64.encodebytes(zlib.compress(content, 9)).decode("ascii")
