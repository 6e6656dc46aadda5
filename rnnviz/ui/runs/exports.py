"""What can be taken away of a run: numbers, weights, settings, a script, all of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.messages import N_
from rnnviz.store import RunRow, Store, to_csv, write_archive
from rnnviz.ui.language import _

if TYPE_CHECKING:
    from rnnviz.training import Experiment

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
    if row.state != "finished" and store.checkpoint_stays(run):
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
