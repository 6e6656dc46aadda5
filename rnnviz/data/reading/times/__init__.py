"""Recognise the times of a table, from the names and all of the cells of its columns."""

from rnnviz.data.reading.times.reading import TimeReading
from rnnviz.data.reading.times.recognise import recognise_times

__all__ = ["TimeReading", "recognise_times"]
