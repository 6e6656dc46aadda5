"""A tone that rises or falls: waveform, spectrogram, sequence of vectors.

N samples, T columns, F frequencies, W samples in a window.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rnnviz.ideas.claims import Claim, Verdict
from rnnviz.ideas.listing import Listing
from rnnviz.messages import N_, Message

RATE = 4000
"""Samples in a second; the tone lasts one."""
LOWEST, HIGHEST = 100, 1900
WINDOWS = (64, 128, 256, 512)
FLOOR = -60.0
"""Decibels below the loudest cell at which the colour ends."""

CUT = N_("Audio can be cut into a spectrogram and fed to an RNN.")
VECTORS = N_(
    "{samples} samples become {columns} columns of {frequencies} numbers; an RNN would make "
    "{columns} steps instead of {samples}, and the loudest number of a column is never more than "
    "{error} Hz from the tone."
)

LISTING_NUMPY = """\
import numpy as np

time = np.arange({rate}) / {rate}
tone = np.sin(2 * np.pi * ({start} * time + ({end} - {start}) / 2 * time**2))
starts = range(0, {rate} - {window} + 1, {hop})
hann = np.sin(np.pi * np.arange({window}) / {window}) ** 2
frames = np.stack([tone[start : start + {window}] * hann for start in starts])
columns = np.abs(np.fft.rfft(frames))
print(columns.shape)
print("loudest, in Hz:", (columns.argmax(1)[[0, -1]] * {rate} / {window}).tolist())
"""
LISTING_TORCH = """\
import torch

time = torch.arange({rate}, dtype=torch.float64) / {rate}
tone = torch.sin(2 * torch.pi * ({start} * time + ({end} - {start}) / 2 * time**2))
hann = torch.hann_window({window}, dtype=torch.float64)
spectrogram = torch.stft(
    tone, {window}, hop_length={hop}, window=hann, center=False, return_complex=True
)
columns = spectrogram.abs().T
print(tuple(columns.shape))
print("loudest, in Hz:", (columns.argmax(1)[[0, -1]] * {rate} / {window}).tolist())
"""


@dataclass(frozen=True, eq=False)
class Tone:
    """A tone and its spectrogram.

    wave         (N,) between -1 and 1
    columns      (T,F) magnitudes of the windowed Fourier transform
    times        (T,) seconds, the middle of each window
    frequencies  (F,) Hz
    """

    wave: NDArray[np.float64]
    columns: NDArray[np.float64]
    times: NDArray[np.float64]
    frequencies: NDArray[np.float64]

    @property
    def loudest(self) -> NDArray[np.float64]:
        """The loudest frequency of each column (T,), in Hz."""
        loudest: NDArray[np.float64] = self.frequencies[self.columns.argmax(1)]
        return loudest

    @property
    def decibels(self) -> NDArray[np.float64]:
        """The columns (T,F) in decibels below the loudest cell, down to the floor."""
        relative = self.columns / self.columns.max()
        levels: NDArray[np.float64] = 20 * np.log10(np.maximum(relative, 1e-12))
        return np.maximum(levels, FLOOR)


def make_tone(start: int, end: int, window: int) -> Tone:
    """A tone of one second that goes evenly from `start` to `end` Hz, cut by Hann windows.

    Each window begins half a window after the one before.
    """
    time = np.arange(RATE) / RATE
    wave = np.sin(2 * np.pi * (start * time + (end - start) / 2 * time**2))
    hann = np.sin(np.pi * np.arange(window) / window) ** 2
    starts = np.arange(0, RATE - window + 1, window // 2)
    frames = wave[starts[:, None] + np.arange(window)] * hann
    columns = np.abs(np.fft.rfft(frames))
    frequencies = np.arange(window // 2 + 1, dtype=np.float64) * RATE / window
    return Tone(wave, columns, (starts + window / 2) / RATE, frequencies)


def claim(start: int, end: int, tone: Tone) -> Claim:
    """What the article says of audio, and how well the columns tell the tone."""
    true = start + (end - start) * tone.times
    columns, frequencies = tone.columns.shape
    values = {
        "samples": f"{len(tone.wave):,}",
        "columns": columns,
        "frequencies": frequencies,
        "error": f"{np.abs(tone.loudest - true).max():.0f}",
    }
    return Claim(Message(CUT), Verdict.RIGHT, Message(VECTORS, values))


def listings(start: int, end: int, window: int) -> list[Listing]:
    """The spectrogram by NumPy's transform and by PyTorch's."""
    tone = make_tone(start, end, window)
    values = {"rate": RATE, "start": start, "end": end, "window": window, "hop": window // 2}
    ends = [float(tone.loudest[0]), float(tone.loudest[-1])]
    printed = f"{tone.columns.shape}\nloudest, in Hz: {ends}"
    return [
        Listing("NumPy", LISTING_NUMPY.format(**values), printed),
        Listing("PyTorch", LISTING_TORCH.format(**values), printed),
    ]
