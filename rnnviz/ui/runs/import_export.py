"""Runs that a visitor brings: the archive of a run that was exported here or elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.store import RunRow, Store, Upload, read_archive, to_csv, write_archive
from rnnviz.store.archive_reader import LARGEST
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.runs import selection

if TYPE_CHECKING:
    from rnnviz.training import Experiment

NOTHING = N_("No file has arrived; allowed is a .zip of a run as it was exported here.")


def bring(store: Store) -> None:
    """A place to drop an archive; what is in it opens at once."""
    desk = selection.page_state()
    refused = desk.refused
    # Open as long as it has something to say: the rerun after a file may draw it anew.
    with st.expander(
        _("Import a run"), expanded=refused is not None, key="runs.import", icon=":material/upload:"
    ):
        # A new key after each file, so that the same one may come again.
        key = f"runs.upload.{desk.uploads}"
        st.file_uploader(
            _("The archive (.zip) of a run, as this page exports it"),
            type="zip",
            key=key,
            max_upload_size=LARGEST // 2**20,
            on_change=_brought,
            args=(store, key),
        )
        if refused is not None:
            show.problem(refused)
        st.caption(
            show.escape_markdown(_("Nothing in it is executed, and every setting is checked."))
        )


def _brought(store: Store, key: str) -> None:
    file = st.session_state[key]
    if file is None:
        return
    selection.page_state().uploads += 1
    selection.page_state().bring(lambda: take(store, file.getvalue()))


def take(store: Store, content: bytes) -> None:
    """Store the run in `content` and open it.

    Raises:
        Problem: it is not the archive of a run, or cannot be stored.
    """
    if not content:
        raise Problem(NOTHING)
    from rnnviz.data import UPLOADS
    from rnnviz.export import parse_changes
    from rnnviz.training import Experiment
    from rnnviz.ui.services.uploads import restore_upload

    def validate(plain: Any, file: Upload | None) -> dict[str, Any]:
        restore_upload(store, plain)
        if file is not None:
            UPLOADS.add(file.content)
        # The task reads its file as it reads one that was uploaded, and refuses the same.
        return Experiment.from_plain(plain).to_plain()

    bundle = read_archive(content, validate)
    experiment = Experiment.from_plain(bundle.experiment)
    parse_changes(experiment, bundle.facts.get("changes"))
    if not experiment.task.files:
        bundle = replace(bundle, file=None)
    elif bundle.file is None:  # of an earlier rnnviz, but the file was uploaded here meanwhile
        bundle = replace(bundle, file=Upload("", UPLOADS.get(experiment.task.files[0])))
    selection.open_run(store.put(bundle))


CHECKPOINT_STAYS = N_(
    "The checkpoint of this run is too large to go with it: where the whole run is imported, "
    "training starts anew."
)


def exports(store: Store, row: RunRow, experiment: "Experiment | None", moment: int | None) -> None:
    """A button for each; a file is made only when it is asked for. `moment`: of the weights."""
    run = row.id

    def button(label: str, what: str, ending: str, mime: str, make: Callable[[], Any]) -> None:
        st.download_button(
            label,
            data=make,
            file_name=f"rnnviz-{run[:12]}{ending}",
            mime=mime,
            key=f"runs.export.{what}",
            on_click="ignore",
            icon=":material/download:",
        )

    with st.container(horizontal=True, key="runs-exports"):
        button(_("History (CSV)"), "csv", ".csv", "text/csv", lambda: history_csv(store, run))
        if moment is not None:
            button(
                _("Weights after step {step} (safetensors)", step=moment),
                "weights",
                f"-{moment}.safetensors",
                "application/octet-stream",
                lambda: store.weights(run, moment) or b"",
            )
        if experiment is not None:
            text = experiment.to_json()
            button(_("Settings (JSON)"), "json", ".json", "application/json", lambda: text)
            button(
                _("PyTorch script"),
                "script",
                ".py",
                "text/x-python",
                lambda: standalone(store, row, experiment),
            )
        button(_("Whole run (.zip)"), "zip", ".zip", "application/zip", lambda: archive(store, run))
    st.caption(
        _(
            "The script needs Python, torch and numpy, and the package regex where a text has to "
            "be split; it repeats the training and prints the same numbers. The whole run can be "
            "imported on the list of runs, here or on another machine; a file of your own that it "
            "has read goes with it."
        )
    )
    if row.state != "finished" and store.omits_checkpoint(run):
        st.caption(_(CHECKPOINT_STAYS))


def history_csv(store: Store, run: str) -> str:
    """All rows of the history."""
    columns = store.history(run)
    names = list(columns)
    return to_csv(
        [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    )


def standalone(store: Store, row: RunRow, experiment: "Experiment") -> str:
    """The script that repeats the run."""
    from rnnviz.export import script
    from rnnviz.ui.services.uploads import restore_upload

    restore_upload(store, row.experiment)
    return script(experiment, store.history(row.id), row.facts.get("changes"))


def archive(store: Store, run: str) -> bytes:
    """The run with everything that belongs to it; empty where it has been deleted meanwhile."""
    bundle = store.bundle(run)
    return b"" if bundle is None else write_archive(bundle)
