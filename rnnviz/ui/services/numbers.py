"""Many numbers for a component: packed once for all visitors, fetched by each browser once.

A few travel with the component's own message. More would be copied several times for each visitor
on their way through Streamlit, so the message has only their address.

    packer = NumberPacker()
    slice = packer.float32(values)      # goes into the payload: where they are
    numbers = packer.numbers()
    payload | numbers.transport()       # {"numbers": ...} or {"address": ...}
"""

import gzip
import hashlib
from base64 import b64encode
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypedDict
from weakref import WeakValueDictionary

import numpy as np
import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

INLINE_BYTES = 100_000
"""Up to so many bytes travel with the message."""

SMALLEST = 1e-300
"""Below it the upper half of a float64 has fewer than 20 bits of the fraction, above its inverse
it may be rounded to infinity."""

FOLDER = "numbers"

Slice = list[int]
"""Where an array is: [the number of 4-byte words before it, its own number of words].

Of a wide one also the words that each number takes: 1 for the upper half of a float64, or 2."""


class Transport(TypedDict):
    """`numbers`: base64 of all words; or "" and the `address` from which to fetch them."""

    numbers: str
    address: str


@dataclass(frozen=True, eq=False)
class Numbers:
    """Packed numbers, which nobody changes; `packed` is compressed by gzip."""

    id: str
    packed: bytes
    size: int

    @cached_property
    def inline(self) -> str:
        """All words as base64."""
        return b64encode(gzip.decompress(self.packed)).decode()

    def transport(self, inline: bool = False) -> Transport:
        """How the component gets them: few, or `inline` ones, with its message."""
        if inline or self.size <= INLINE_BYTES:
            return {"numbers": self.inline, "address": ""}
        return {"numbers": "", "address": f"{FOLDER}/{self.id}"}


# One for the process: an address names its content. What no lesson holds any more leaves.
_BY_ID: "WeakValueDictionary[str, Numbers]" = WeakValueDictionary()


class NumberPacker:
    """Collects arrays, each as little-endian words of four bytes."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._words = 0

    def float32(self, values: Any) -> Slice:
        """Pack numbers of any shape, row by row, as float32."""
        with np.errstate(over="ignore"):  # the gradient of a run that diverged becomes infinite
            return self._add(np.asarray(values).astype("<f4"))

    def wide(self, values: Any) -> Slice:
        """Pack numbers that may be smaller than float32 can be, to six digits.

        Each is the upper half of a float64: its sign, its exponent, and 20 bits of the fraction.
        Near the ends of its range, where that would lose more digits, all are whole.
        """
        numbers = np.ascontiguousarray(np.asarray(values), dtype="<f8")
        sizes = np.abs(numbers[np.isfinite(numbers) & (numbers != 0)])
        if sizes.size and (sizes.min() < SMALLEST or sizes.max() > 1 / SMALLEST):
            return self.float64(numbers)
        halves = (numbers.view("<u8") + np.uint64(1 << 31)) >> np.uint64(32)
        halves[np.isnan(numbers)] = 0x7FF80000
        return [*self._add(halves.astype("<u4")), 1]

    def float64(self, values: Any) -> Slice:
        """Pack numbers as float64."""
        numbers = np.ascontiguousarray(np.asarray(values), dtype="<f8")
        return [*self._add(numbers.view("<u4")), 2]

    def numbers(self) -> Numbers:
        """All arrays as one, the same object for the same numbers."""
        content = b"".join(self._parts)
        key = hashlib.sha256(content).hexdigest()[:32]
        numbers = _BY_ID.get(key)
        if numbers is None:
            # A trained network's states repeat where tokens do: level 1 saves a third already.
            packed = gzip.compress(content, compresslevel=1, mtime=0)
            numbers = _BY_ID.setdefault(key, Numbers(key, packed, len(content)))
        return numbers

    def _add(self, words: "np.ndarray[Any, np.dtype[Any]]") -> Slice:
        place = [self._words, words.size]
        self._parts.append(words.tobytes())
        self._words += words.size
        return place


def route() -> Route:
    """Where browsers fetch numbers."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return Route(f"{base and '/'}{base}/{FOLDER}/{{id:str}}", _send, methods=["GET"])


async def _send(request: Request) -> Response:
    numbers = _BY_ID.get(request.path_params["id"])
    if numbers is None:
        return Response(status_code=404)
    headers = {"cache-control": "private, max-age=31536000, immutable", "vary": "accept-encoding"}
    content = numbers.packed
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["content-encoding"] = "gzip"
    else:
        content = gzip.decompress(content)
    return Response(content, headers=headers, media_type="application/octet-stream")
