"""The data files of the app, each with its source and licence."""

import site
import sys
from dataclasses import dataclass
from pathlib import Path

from rnnviz.messages import N_, Problem

# In a checkout the files lie beside the package; an installed library comes without them.
FOLDERS = (
    Path(__file__).resolve().parents[2] / "assets" / "data",
    Path(sys.prefix) / "share" / "rnnviz" / "data",
    Path(site.getuserbase()) / "share" / "rnnviz" / "data",
)

NOT_INSTALLED = N_(
    "The data file {file} is not installed: the library comes without the data sets of the app, "
    "which are in assets/data of a checkout. Allowed is a copy of that folder's content in one of "
    "these folders: {folders}."
)


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
INTENT_SLOTS = DataSet(
    file="intents_slots_en.csv",
    title=N_("Word lists for the slots of the English templates"),
    source="rnnviz",
    licence="Apache-2.0",
    licence_file="licenses/rnnviz-Apache-2.0.txt",
)
INTENTS_KO = DataSet(
    file="intents_templates_ko.csv",
    title=N_("Korean templates of requests to a voice assistant"),
    source="rnnviz",
    licence="Apache-2.0",
    licence_file="licenses/rnnviz-Apache-2.0.txt",
)
INTENT_SLOTS_KO = DataSet(
    file="intents_slots_ko.csv",
    title=N_("Word lists for the slots of the Korean templates"),
    source="rnnviz",
    licence="Apache-2.0",
    licence_file="licenses/rnnviz-Apache-2.0.txt",
)
SURNAMES = DataSet(
    file="surnames_18lang.csv",
    title=N_("Surnames of 18 languages: a spelling toy, not a way to judge people"),
    source="https://github.com/spro/practical-pytorch",
    licence="MIT",
    licence_file="licenses/practical-pytorch-MIT.txt",
)
SNIPPETS = DataSet(
    file="movie_snippets_vader.csv",
    title=N_("Sentences of movie reviews (Pang and Lee), rated by 20 people each (VADER)"),
    source="https://github.com/cjhutto/vaderSentiment",
    licence=N_("MIT (ratings), CC-BY-4.0 (texts)"),
    licence_file="licenses/vaderSentiment-MIT.txt",
)
PRONUNCIATIONS = DataSet(
    file="cmudict_g2p_10k.csv",
    title=N_("Ten thousand words of the CMU Pronouncing Dictionary"),
    source="https://github.com/cmusphinx/cmudict",
    licence="BSD-2-Clause",
    licence_file="licenses/cmudict-BSD-2.txt",
)
ALICE = DataSet(
    file="alice29.txt",
    title=N_("Alice's Adventures in Wonderland"),
    source="https://github.com/google/brotli",
    licence=N_("public domain"),
    licence_file="licenses/brotli-MIT.txt",
)
CONSTITUTION = DataSet(
    file="constitution_ko.txt",
    title=N_("The Constitution of the Republic of Korea"),
    source="https://github.com/konlpy/konlpy",
    licence=N_("not protected (Korean Copyright Act, Article 7)"),
    licence_file="licenses/constitution-ko-statute.txt",
)
GLOVE = DataSet(
    file="glove_6b_50d_top20k_f16.npz",
    title=N_("GloVe: vectors of the 20,000 most frequent English words"),
    source="https://nlp.stanford.edu/projects/glove/",
    licence="PDDL-1.0",
    licence_file="licenses/glove-PDDL-1.0.txt",
)
MAST = DataSet(
    file="mast_10min_2016_2017.csv.gz",
    title=N_("Weather at a met mast, every ten minutes from January 2016 to November 2017"),
    source="https://github.com/brightwind-dev/brightwind",
    licence="MIT",
    licence_file="licenses/brightwind-MIT.txt",
)

DATASETS: dict[str, DataSet] = {
    "intents": INTENTS,
    "intent_slots": INTENT_SLOTS,
    "intents_ko": INTENTS_KO,
    "intent_slots_ko": INTENT_SLOTS_KO,
    "surnames": SURNAMES,
    "snippets": SNIPPETS,
    "pronunciations": PRONUNCIATIONS,
    "alice": ALICE,
    "constitution": CONSTITUTION,
    "glove": GLOVE,
    "mast": MAST,
}
