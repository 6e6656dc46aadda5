"""A short program with which a visitor checks the numbers of a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Listing:
    """A program that prints the page's own numbers.

    Attributes:
        language: what it is written with: "PyTorch", "Keras", "NumPy" or "scikit-learn".
        code: the program, complete, with the settings of the page.
        output: what it prints; tests run the code and compare.
    """

    language: str
    code: str
    output: str
