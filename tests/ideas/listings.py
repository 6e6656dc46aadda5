"""Runs the programs with which a visitor checks a page, and compares what they print."""

from contextlib import redirect_stdout
from io import StringIO

from rnnviz.ideas.listing import Listing


def check_listing(listing: Listing) -> None:
    """The program prints exactly what the page says it prints."""
    printed = StringIO()
    with redirect_stdout(printed):
        exec(compile(listing.code, listing.language, "exec"), {"__name__": "__main__"})
    assert printed.getvalue().strip() == listing.output.strip()
