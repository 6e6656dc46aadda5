"""A tone: waveform, spectrogram, and one of its columns as the vector of a time step."""

from typing import TYPE_CHECKING, Any

import streamlit as st

from rnnviz.ideas.sequences import tone
from rnnviz.messages import N_, Message
from rnnviz.palette import SEQUENTIAL, Theme
from rnnviz.settings import Range
from rnnviz.ui import controls, show
from rnnviz.ui.ideas import draw_claim, draw_listings
from rnnviz.ui.language import _, current, say
from rnnviz.ui.shared_cache import shared

if TYPE_CHECKING:
    import pandas as pd

    from rnnviz.ideas.claims import Claim
    from rnnviz.ideas.listing import Listing

PITCH = Range(tone.LOWEST, tone.HIGHEST, step=50, unit="Hz")
RISES = N_(
    "A rising tone: {columns} columns, and the loudest frequency climbs from {first} to {last} Hz."
)
FALLS = N_(
    "A falling tone: {columns} columns, and the loudest frequency drops from {first} to {last} Hz."
)
STAYS = N_("A steady tone: {columns} columns, and all are alike; {first} Hz is the loudest.")


def draw() -> None:
    """Draw the pitches, the window, and the three views of the tone."""
    with st.container(horizontal=True, gap="medium"):
        pitch = _("Vibrations in a second.")
        start = controls.slider("sequences.start", _("Pitch at the start"), PITCH, 200, help=pitch)
        end = controls.slider("sequences.end", _("Pitch at the end"), PITCH, 1600, help=pitch)
        window = controls.choose(
            "sequences.window",
            _("Window, in samples"),
            {str(size): str(size) for size in tone.WINDOWS},
            "256",
            help=_(
                "A long window tells pitches apart, a short one moments; 4,000 samples a second."
            ),
        )
        moment = controls.slider(
            "sequences.moment",
            _("Column, in % of the time"),
            Range(0, 100),
            50,
            help=_("The column of the spectrogram that is drawn as a vector."),
        )
    figure = _figure(start, end, int(window), moment, current(), show.theme())
    show.figure(figure, key="sequences.tone", data=lambda: _table(start, end, int(window)))
    draw_claim(_claim(start, end, int(window)))
    draw_listings(lambda: _listings(start, end, int(window)), key="sequences.tone-listing")


@shared(max_entries=100)
def _claim(start: int, end: int, window: int) -> "Claim":
    return tone.claim(start, end, tone.make_tone(start, end, window))


@shared(max_entries=100)
def _listings(start: int, end: int, window: int) -> "list[Listing]":
    return tone.listings(start, end, window)


def _table(start: int, end: int, window: int) -> "pd.DataFrame":
    """The spectrogram: a row for each column, in decibels."""
    import pandas as pd

    sound = tone.make_tone(start, end, window)
    return pd.DataFrame(
        sound.decibels.round(2),
        columns=[f"{frequency:g} Hz" for frequency in sound.frequencies],
        index=pd.Index(sound.times, name="seconds"),
    ).reset_index()


def _finding(sound: tone.Tone) -> Message:
    first, last = float(sound.loudest[0]), float(sound.loudest[-1])
    template = STAYS if first == last else RISES if last > first else FALLS
    values = {"columns": len(sound.columns), "first": f"{first:.0f}", "last": f"{last:.0f}"}
    return Message(template, values)


@shared(max_entries=100)
def _figure(
    start: int, end: int, window: int, moment: int, language: str, theme: Theme
) -> show.ReadyFigure:
    sound = tone.make_tone(start, end, window)
    column = round(moment / 100 * (len(sound.columns) - 1))
    title = say(_finding(sound))
    return show.finish(
        _plot(sound, column, theme),
        title=title,
        caption=_(
            "Top: the waveform, one number per sample. Middle: how loud each frequency is in one "
            "window after the other (the Fourier transform), the stronger the colour the louder; "
            "read from left to right it is a sequence of vectors. Bottom: the marked column, the "
            "{count} numbers that an RNN reads at this time step.",
            count=len(sound.frequencies),
        ),
        alt=_("A waveform, its spectrogram, and one column of it. {finding}", finding=title),
        theme=theme,
    )


def _plot(sound: tone.Tone, column: int, theme: Theme) -> dict[str, Any]:
    colours = SEQUENTIAL[theme]
    scale = [[place / (len(colours) - 1), colour] for place, colour in enumerate(colours)]
    decibels = sound.decibels.round().astype(int)
    time = float(sound.times[column])
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x0": 0,
                "dx": 1 / tone.RATE,
                "y": sound.wave.round(2).tolist(),
                "line": {"width": 1, "color": "#0072B2"},
                "hoverinfo": "skip",
            },
            {
                "type": "heatmap",
                "x": sound.times.round(4).tolist(),
                "y": sound.frequencies.round(2).tolist(),
                "z": decibels.T.tolist(),
                "colorscale": scale,
                "showscale": False,
                "xaxis": "x",
                "yaxis": "y2",
                "hovertemplate": "%{x:.2f} s, %{y:.0f} Hz: %{z} dB<extra></extra>",
            },
            {
                "type": "bar",
                "x": sound.frequencies.round(2).tolist(),
                "y": (decibels[column] - int(tone.FLOOR)).tolist(),
                "base": int(tone.FLOOR),
                "marker": {"color": "#0072B2"},
                "xaxis": "x3",
                "yaxis": "y3",
                "hovertemplate": "%{x:.0f} Hz<extra></extra>",
            },
        ],
        "layout": {
            "height": 560,
            "showlegend": False,
            "margin": {"l": 60, "r": 10, "t": 10, "b": 50},
            "xaxis": {"anchor": "y2", "title": {"text": _("seconds")}, "range": [0, 1]},
            "yaxis": {"domain": [0.8, 1], "title": {"text": _("wave")}},
            "yaxis2": {"domain": [0.36, 0.74], "title": {"text": "Hz"}},
            "xaxis3": {"anchor": "y3", "title": {"text": "Hz"}},
            "yaxis3": {"domain": [0, 0.2], "title": {"text": "dB"}},
            "shapes": [
                {
                    "type": "line",
                    "xref": "x",
                    "yref": "paper",
                    "x0": time,
                    "x1": time,
                    "y0": 0.36,
                    "y1": 1,
                    "line": {"color": "#E69F00", "width": 2},
                }
            ],
        },
    }
