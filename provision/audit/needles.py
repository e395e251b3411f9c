"""Finds secrets in bytes without keeping them: by hashes keyed for this process alone.

Wherever two bytes stand with which a secret begins, a hash (a polynomial over the bytes, modulo 2**64, with a
random odd base) of as many bytes as it has is compared, at once for a whole buffer; what matches is confirmed
by keyed BLAKE2. A secret is found at any offset, in any file, in each encoding that it may stand in.
"""

from __future__ import annotations

import hashlib
import secrets as random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from provision.secret import Secret

SHORTEST = 6
"""Characters; a shorter secret stands in any file by chance, and is looked for between word ends only."""
_ENCODINGS = ("utf-8", "utf-16-le", "cp1251", "cp866")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class _Needle:
    digest: bytes
    number: int
    bounded: bool


class Needles:
    """The secrets that are looked for, by the number that :meth:`add` was given."""

    def __init__(self) -> None:
        """Draw the keys."""
        self._key = random.token_bytes(32)
        self._base = np.uint64(random.randbits(63) * 2 + 1)
        self._known: dict[int, dict[int, _Needle]] = {}
        self._pairs = np.zeros(65536, np.bool_)

    def add(self, secret: Secret, number: int) -> None:
        """Look for ``secret`` too."""
        text = secret.reveal().strip()
        for encoding in _ENCODINGS:
            try:
                data = text.encode(encoding)
            except UnicodeEncodeError:
                continue
            if len(data) >= 3:
                rolled = self._rolled(data)
                self._pairs[data[0] * 256 + data[1]] = True
                needle = _Needle(self._digest(data), number, bounded=len(text) < SHORTEST)
                self._known.setdefault(len(data), {})[rolled] = needle

    def __bool__(self) -> bool:
        return bool(self._known)

    def find(self, content: bytes) -> frozenset[int]:
        """The numbers of the secrets that stand in ``content``."""
        return frozenset(number for number, _start, _end in self.spans(content))

    def spans(self, content: bytes) -> Iterable[tuple[int, int, int]]:
        """(number, start, end) of every occurrence."""
        whole = np.frombuffer(content, np.uint8)
        for begin in range(0, max(0, len(whole) - 1), _PIECE):
            piece = whole[begin : begin + _PIECE + 1]
            pairs = piece[:-1].astype(np.uint16) * np.uint16(256) + piece[1:]
            places = np.flatnonzero(self._pairs[pairs]) + begin
            yield from self._confirmed(content, whole, places)

    def _confirmed(
        self, content: bytes, whole: NDArray[np.uint8], places: NDArray[np.intp]
    ) -> Iterator[tuple[int, int, int]]:
        """Of the places where a secret may begin, those where one does."""
        for length, known in self._known.items():
            starts = places[places <= len(whole) - length]
            rolled = np.zeros(len(starts), np.uint64)
            for offset in range(length):
                rolled = rolled * self._base + whole[starts + offset]
            for at in np.flatnonzero(np.isin(rolled, np.fromiter(known, np.uint64, len(known)))):
                first = int(starts[at])
                needle = known[int(rolled[at])]
                yield from self._if_it_is(content, needle, first, length)

    def _if_it_is(
        self, content: bytes, needle: _Needle, first: int, length: int
    ) -> Iterator[tuple[int, int, int]]:
        found = self._digest(content[first : first + length]) == needle.digest
        if found and not (needle.bounded and _within_word(content, first, first + length)):
            yield needle.number, first, first + length

    def _digest(self, data: bytes) -> bytes:
        return hashlib.blake2b(data, key=self._key, digest_size=16).digest()

    def _rolled(self, data: bytes) -> int:
        rolled = 0
        for byte in data:
            rolled = (rolled * int(self._base) + byte) & 0xFFFF_FFFF_FFFF_FFFF
        return rolled


def _within_word(content: bytes, start: int, end: int) -> bool:
    beside = content[max(0, start - 1) : start] + content[end : end + 1]
    return any(chr(byte).isalnum() or byte >= 0x80 for byte in beside)
