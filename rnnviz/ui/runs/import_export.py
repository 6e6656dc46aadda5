"""Runs that a visitor brings: the archive of a run that was exported here or elsewhere."""

from dataclasses import replace
from typing import Any

import streamlit as st

from rnnviz.messages import N_, Problem
from rnnviz.store import Store, Upload, read_archive
from rnnviz.store.archive_reader import LARGEST
from rnnviz.ui import show
from rnnviz.ui.language import _
from rnnviz.ui.runs import selection

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
            UPLOADS.provide(file.content)
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
