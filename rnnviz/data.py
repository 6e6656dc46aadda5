"""The data sets that ship with rnnviz, each with its source and licence."""

import csv
import site
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from rnnviz.messages import N_, Problem

# In a checkout the files lie beside the package, in an installed wheel under share/.
FOLDERS = (
    Path(__file__).resolve().parent.parent / "assets" / "data",
    Path(sys.prefix) / "share" / "rnnviz" / "data",
    Path(site.getuserbase()) / "share" / "rnnviz" / "data",
)

NOT_INSTALLED = N_("The data file {file} is not installed; looked in {folders}.")


@dataclass(frozen=True)
class DataSet:
    """One data file, and what must be said about it wherever it is used."""

    file: str
    title: str
    source: str
    licence: str
    licence_file: str

    @property
    def path(self) -> Path:
        """Where the file lies.

        Raises:
            Problem: it lies in none of `FOLDERS`.
        """
        for folder in FOLDERS:
            if (folder / self.file).is_file():
                return folder / self.file
        folders = ", ".join(str(folder) for folder in FOLDERS)
        raise Problem(NOT_INSTALLED, file=self.file, folders=folders)


INTENTS = DataSet(
    file="intents_ovos_templates_en.csv",
    title=N_("Utterance templates of five Open Voice OS skills"),
    source="https://github.com/OpenVoiceOS",
    licence="Apache-2.0",
    licence_file="licenses/ovos-Apache-2.0.txt",
)

DATASETS: dict[str, DataSet] = {"intents": INTENTS}


@dataclass(frozen=True)
class Utterance:
    """A template such as "what time is it in {location}", and the intent behind it."""

    text: str
    intent: str


@cache
def utterances() -> tuple[Utterance, ...]:
    """Every template of the intents data set, in the order of the file."""
    with INTENTS.path.open(encoding="utf-8", newline="") as file:
        return tuple(Utterance(row["text"], row["intent"]) for row in csv.DictReader(file))
