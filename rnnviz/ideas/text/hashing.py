"""The hashing trick: no dictionary, a token's number is its hash modulo the number of buckets."""

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

_MASK = 0xFFFFFFFF
_C1, _C2 = 0xCC9E2D51, 0x1B873593


@lru_cache(maxsize=20_000)
def murmur3(text: str) -> int:
    """MurmurHash3, 32 bits, seed 0, as a signed number (Appleby 2011; scikit-learn's choice).

    Unlike Python's own `hash`, it is the same in every process and on every machine.
    """
    data = text.encode()
    value = 0
    tail = len(data) % 4
    for start in range(0, len(data) - tail, 4):
        value ^= _scramble(int.from_bytes(data[start : start + 4], "little"))
        value = (_rotate(value, 13) * 5 + 0xE6546B64) & _MASK
    if tail:
        value ^= _scramble(int.from_bytes(data[-tail:], "little"))
    value ^= len(data)
    value = ((value ^ value >> 16) * 0x85EBCA6B) & _MASK
    value = ((value ^ value >> 13) * 0xC2B2AE35) & _MASK
    value ^= value >> 16
    return value - (1 << 32) if value >> 31 else value


def _rotate(value: int, bits: int) -> int:
    return (value << bits | value >> 32 - bits) & _MASK


def _scramble(block: int) -> int:
    return _rotate(block * _C1 & _MASK, 15) * _C2 & _MASK


def bucket(token: str, buckets: int) -> int:
    """The bucket of `token`: |hash| modulo `buckets`."""
    return abs(murmur3(token)) % buckets


def sharing(tokens: Iterable[str], buckets: int) -> int:
    """How many of the distinct `tokens` share their bucket with another one."""
    sizes = [0] * buckets
    for token in set(tokens):
        sizes[bucket(token, buckets)] += 1
    return sum(size for size in sizes if size > 1)


def expected_sharing(n: int, buckets: int) -> float:
    """How many of `n` tokens share a bucket if each falls anywhere: n (1 - (1 - 1/m)^(n-1))."""
    return n * (1 - (1 - 1 / buckets) ** max(0, n - 1))


def birthday(n: int, buckets: int) -> float:
    """The probability that two of `n` tokens share one of `buckets`: the birthday formula."""
    if n > buckets:
        return 1.0
    return -math.expm1(sum(math.log1p(-place / buckets) for place in range(n)))


def collisions(tokens: Sequence[str], buckets: int) -> list[tuple[int, list[str]]]:
    """The buckets with several of the distinct `tokens`, with these tokens in their order."""
    members: dict[int, list[str]] = {}
    for token in dict.fromkeys(tokens):
        members.setdefault(bucket(token, buckets), []).append(token)
    return [(number, names) for number, names in members.items() if len(names) > 1]
