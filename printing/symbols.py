"""Barcode symbols of the 36-digit marks, two microseconds each, and how they lie in a PDF.

Making a symbol in a library costs 20 µs (zxing-cpp, DataMatrix) to 400 µs (segno, QR with everything
fixed): more than all the rest of a page. But at a fixed size, mode and mask every module of a
DataMatrix or QR symbol is an affine function over GF(2) of the bits of its data words: Reed-Solomon
codes and placement are linear, masks and fixed patterns are constants. So a hundred symbols of the
library, each with a single bit changed, give tables from which every other symbol is an XOR of one
entry per group of digits, equal bit for bit to the library's own. Code 128 is not linear (its check
is a sum modulo 103), but its symbol is a row of 11-module patterns, which the library's symbols show.

A symbol is held as one integer: rows from the top, each padded to whole bytes, 0 dark and 1 light,
as a PDF image mask wants its samples (ISO 32000-1, 8.9.6.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import segno
import zxingcpp

from printing.mark import LENGTH

SYMBOLS: Final = ("datamatrix", "qr", "code128", "none")
"""What a profile may name."""

_QR_VERSION: Final = 2
_QR_ERROR: Final = "q"
"""Version 2 at level Q holds 48 digits and mends a quarter of its words; version 1 holds 36 only at
level L, which mends almost nothing on a smudged sheet."""

_QR_MASK: Final = 0
"""Any of the eight is read; a constant one keeps the symbol affine in its digits."""

_C128_MODULES: Final = 11
_C128_STOP: Final = 13
_C128_START_C: Final = 105
_C128_PRIME: Final = 103


@dataclass(frozen=True, slots=True)
class SymbolTable:
    """All symbols of one kind: ``columns`` × ``rows`` modules without quiet zone.

    ``tables[i]`` gives, for the i-th group of digits, the integer to XOR to ``base``.
    ``check``, for Code 128 only, gives the same for each value of its check.
    """

    columns: int
    rows: int
    base: int
    group: int
    tables: tuple[dict[str, int], ...]
    check: tuple[int, ...] = ()

    def bits(self, digits: str) -> int:
        """Return the symbol of 36 ``digits``."""
        return self.series(digits, [""])[0]

    def series(self, head: str, tails: Iterable[str]) -> list[int]:
        """Return the symbols of ``head`` + tail, working on what they share only once."""
        group = self.group
        shared = len(head) // group
        value, total = self._add(self.base, _C128_START_C, head, 0, shared)
        rest = head[shared * group :]
        count = len(self.tables)
        sums = [self._add(value, total, rest + tail, shared, count) for tail in tails]
        if not self.check:
            return [value for value, _ in sums]
        return [value ^ self.check[total % _C128_PRIME] for value, total in sums]

    def _add(self, value: int, total: int, digits: str, first: int, end: int) -> tuple[int, int]:
        """Add the groups from ``first`` to ``end`` to a symbol and to Code 128's weighted sum."""
        start, group, weighted = 0, self.group, bool(self.check)
        for place in range(first, end):
            text = digits[start : start + group]
            value ^= self.tables[place][text]
            if weighted:
                total += (place + 1) * int(text)
            start += group
        return value, total

    @property
    def hex_length(self) -> int:
        """Hexadecimal digits of a symbol's integer."""
        return (self.columns + 7) // 8 * 2 * self.rows

    def image(self) -> bytes:
        """Return a template for ``% bits``: an inline image mask that fills the unit square.

        Hexadecimal, because binary samples can hold ``EI`` and Ascii85 costs five times the time.
        """
        return (
            b"BI/W %d/H %d/IM true/BPC 1/F/AHx ID %%0%dx>\nEI"
            % (self.columns, self.rows, self.hex_length)
        )  # fmt: skip


@cache
def table(symbol: str) -> SymbolTable:
    """Return the tables of ``"datamatrix"`` (18×18), ``"qr"`` (25×25) or ``"code128"`` (233×1)."""
    return {"datamatrix": _datamatrix, "qr": _qr, "code128": _code128}[symbol]()


def library_rows(symbol: str, digits: str) -> list[list[bool]]:
    """Return the symbol as its library makes it, rows of dark modules from the top."""
    if symbol == "qr":
        code = segno.make(
            digits, version=_QR_VERSION, error=_QR_ERROR, mode="numeric", mask=_QR_MASK, boost_error=False
        )
        return [[bool(module) for module in row] for row in code.matrix]
    name = {"datamatrix": "DataMatrix", "code128": "Code128"}[symbol]
    barcode = zxingcpp.create_barcode(digits, getattr(zxingcpp.BarcodeFormat, name))
    image: Any = barcode.to_image(scale=1, add_quiet_zones=False)
    samples: Any = memoryview(image).tolist()
    rows = [[sample == 0 for sample in row] for row in samples]
    return rows if symbol == "datamatrix" else rows[:1]


def pack(rows: Iterable[Iterable[bool]]) -> int:
    """Return rows of dark modules as the integer of an image mask; padding is light."""
    value = 0
    for row in rows:
        samples = "".join("0" if dark else "1" for dark in row)
        width = (len(samples) + 7) // 8 * 8
        value = value << width | int(samples.ljust(width, "1"), 2)
    return value


def _datamatrix() -> SymbolTable:
    """ECC 200: a pair of digits nn is the codeword 130 + nn (ISO/IEC 16022, 5.2.4)."""
    return _affine("datamatrix", 18, 2, lambda value: 130 + value)


def _qr() -> SymbolTable:
    """Numeric mode: three digits are their value in 10 bits (ISO/IEC 18004, 7.4.3)."""
    return _affine("qr", 25, 3, lambda value: value)


def _affine(symbol: str, size: int, group: int, word: Callable[[int], int]) -> SymbolTable:
    """Build the tables of a square symbol from one library symbol per bit of each data word."""
    count = 10**group
    words = {word(value): value for value in range(count)}
    zero = word(0)
    pairs = [
        next((words[low], words[low ^ bit]) for low in words if low ^ bit in words)
        for bit in (1 << place for place in range(max(words).bit_length()))
        if any(low ^ bit in words for low in words)
    ]
    base = pack(library_rows(symbol, "0" * LENGTH))
    tables = []
    for index in range(LENGTH // group):
        changes: dict[int, int] = {}
        for one, other in pairs:
            texts = (_with_group(index, group, value) for value in (one, other))
            first, second = (pack(library_rows(symbol, text)) for text in texts)
            changes[word(one) ^ word(other)] = first ^ second
        entries = {}
        for value in range(count):
            difference = word(value) ^ zero
            entry = 0
            for bit, change in changes.items():
                if difference & bit:
                    entry ^= change
            entries[f"{value:0{group}}"] = entry
        tables.append(entries)
    return SymbolTable(size, size, base, group, tuple(tables))


def _with_group(index: int, group: int, value: int) -> str:
    return f"{value:0{group}}".rjust((index + 1) * group, "0").ljust(LENGTH, "0")


def _code128() -> SymbolTable:
    """Start C, 18 pairs of digits, the check, stop: 11 modules each, 13 for stop (ISO/IEC 15417)."""

    def dark(digits: str) -> int:
        return int("".join("1" if module else "0" for module in library_rows("code128", digits)[0]), 2)

    def word(digits: str, place: int) -> int:
        """Return the pattern ``place`` words before stop in the library's symbol of ``digits``."""
        return dark(digits) >> _C128_STOP + place * _C128_MODULES & (1 << _C128_MODULES) - 1

    patterns = [word(f"{value:02}", 1) for value in range(100)]
    checks = [*patterns, word("98", 0), word("99", 0), word("9801", 0)]
    count = LENGTH // 2
    columns = (count + 2) * _C128_MODULES + _C128_STOP
    width = (columns + 7) // 8 * 8
    whole = dark("0" * LENGTH)
    start, stop = whole >> columns - _C128_MODULES, whole & (1 << _C128_STOP) - 1

    def at(pattern: int, index: int) -> int:
        return pattern << width - (index + 1) * _C128_MODULES

    tables = tuple(
        {f"{value:02}": at(pattern, index) for value, pattern in enumerate(patterns)}
        for index in range(1, count + 1)
    )
    base = ((1 << width) - 1) ^ at(start, 0) ^ stop << width - columns
    return SymbolTable(columns, 1, base, 2, tables, tuple(at(check, count + 1) for check in checks))
