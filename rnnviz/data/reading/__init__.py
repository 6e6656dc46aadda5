"""Read a visitor's table of measurements: what was recognised is a proposal, to be corrected.

Needs pandas, which the bare library does not install; it is imported when a table is read.
"""

from rnnviz.data.reading.result import Choice, Question, Role, SeriesReading, Spacing

__all__ = ["Choice", "Question", "Role", "SeriesReading", "Spacing"]
