"""Import and export of runs: the archive of a run, and its numbers, weights, settings, script."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from rnnviz.messages import N_, Problem
from rnnviz.store import RunRow, Store, Upload, read_archive, to_csv, write_archive
from rnnviz.store.archive_reader import MAX_SIZE
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.run_text import csv_columns
from rnnviz.ui.runs import scores, selection
from rnnviz.ui.runs.allowance import import_allowance
from rnnviz.ui.services.uploads import restore_upload
from rnnviz.ui.visitor import visitor_id

if TYPE_CHECKING:
    from rnnviz.training import Experiment

EMPTY_FILE = N_("The file is empty; allowed is a .zip of a run as it was exported here.")

CHECKPOINT_TOO_LARGE = N_(
    "The checkpoint of this run is too large for the archive: where the whole run is imported, "
    "training starts anew."
)


def draw_import(store: Store) -> None:
    """Draw an uploader for an archive; the imported run opens at once."""
    page_state = selection.page_state()
    problem = page_state.import_problem
    # Open as long as it displays a problem: the rerun after an upload may draw it anew.
    with st.expander(
        _("Import a run"), expanded=problem is not None, key="runs.import", icon=":material/upload:"
    ):
        # A new key after each file, so that the same one may be uploaded again.
        key = f"runs.upload.{page_state.uploads}"
        st.file_uploader(
            _("The archive (.zip) of a run, as this page exports it"),
            type="zip",
            key=key,
            max_upload_size=MAX_SIZE // 2**20,
            on_change=_import_upload,
            args=(store, key),
        )
        if problem is not None:
            show.problem(problem)
        st.caption(
            show.escape_markdown(_("Nothing in it is executed, and every setting is checked."))
        )


def _import_upload(store: Store, key: str) -> None:
    file = st.session_state[key]
    if not isinstance(file, UploadedFile):  # none, or one whose upload has been deleted
        return
    selection.page_state().uploads += 1

    def import_upload() -> None:
        with import_allowance().use(visitor_id(), file.size):
            import_run(store, file.getvalue())

    selection.page_state().attempt_import(import_upload)


def import_run(store: Store, content: bytes) -> None:
    """Store the run in `content` and open it.

    Raises:
        Problem: it is not the archive of a run, or cannot be stored.
    """
    if not content:
        raise Problem(EMPTY_FILE)
    from rnnviz.data import UPLOADS
    from rnnviz.export import parse_changes
    from rnnviz.training import Experiment

    def validate(plain: Any, file: Upload | None) -> dict[str, Any]:
        restore_upload(store, plain)
        if file is not None:
            UPLOADS.add(file.content)
        # The task parses its file as it parses an uploaded one, with the same checks.
        return Experiment.from_plain(plain).to_plain()

    bundle = read_archive(content, validate)
    experiment = Experiment.from_plain(bundle.experiment)
    parse_changes(experiment, bundle.facts.get("changes"))
    if not experiment.task.files:
        bundle = replace(bundle, file=None)
    elif bundle.file is None:  # from an earlier rnnviz, but the file was uploaded here meanwhile
        bundle = replace(bundle, file=Upload("", UPLOADS.get(experiment.task.files[0])))
    selection.open_run(store.put(bundle))


def draw_exports(
    store: Store, row: RunRow, experiment: "Experiment | None", saved_step: int | None
) -> None:
    """Draw a download button for each format; a file is made only when its button is pressed.

    `saved_step` is the training step of the weights.
    """
    run = row.id

    def button(label: str, name: str, suffix: str, mime: str, make: Callable[[], Any]) -> None:
        st.download_button(
            label,
            data=make,
            file_name=f"rnnviz-{run[:12]}{suffix}",
            mime=mime,
            key=f"runs.export.{name}",
            on_click="ignore",
            icon=":material/download:",
        )

    with st.container(horizontal=True, key="runs-exports"):
        button(_("History (CSV)"), "csv", ".csv", "text/csv", lambda: history_csv(store, row))
        if saved_step is not None:
            button(
                _("Weights after step {step} (safetensors)", step=saved_step),
                "weights",
                f"-{saved_step}.safetensors",
                "application/octet-stream",
                lambda: store.weights(run, saved_step) or b"",
            )
        if experiment is not None:
            text = experiment.to_json()
            button(_("Settings (JSON)"), "json", ".json", "application/json", lambda: text)
            button(
                _("PyTorch script"),
                "script",
                ".py",
                "text/x-python",
                lambda: standalone_script(store, row, experiment),
            )
        button(_("Whole run (.zip)"), "zip", ".zip", "application/zip", lambda: archive(store, run))
    st.caption(
        _(
            "The script needs Python, torch and numpy, and the package regex where it splits a "
            "text; it repeats the training and prints the same numbers. The whole run can be "
            "imported on the list of runs, here or on another machine; it includes a file of "
            "yours that the run has read."
        )
    )
    if row.state != "finished" and store.omits_checkpoint(run):
        st.caption(_(CHECKPOINT_TOO_LARGE))


def history_csv(store: Store, row: RunRow) -> str:
    """All rows of the history as CSV."""
    columns = csv_columns(store.history(row.id), scores.curve_kind(row))
    names = list(columns)
    return to_csv(
        [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)],
        names,
    )


def standalone_script(store: Store, row: RunRow, experiment: "Experiment") -> str:
    """The script that repeats the run."""
    from rnnviz.export import script

    restore_upload(store, row.experiment)
    return script(experiment, store.history(row.id), row.facts.get("changes"))


def archive(store: Store, run: str) -> bytes:
    """The archive with everything that is stored of the run; empty if it was deleted meanwhile."""
    bundle = store.bundle(run)
    return b"" if bundle is None else write_archive(bundle)
