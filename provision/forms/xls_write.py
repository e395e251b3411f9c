"""Cells of an .xls form written in place: records exchanged in the Workbook stream, all others kept.

Why not through LibreOffice: it writes the whole file anew (styles, fonts, controls, passwords, macros), and a
proof that only the intended cells changed would have to excuse all of that. Here every other record and
stream stays byte for byte. What depends on positions in the stream is set right: the list of sheets, the
rows' index, the table of shared strings.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TypeGuard

from provision.errors import N_
from provision.forms import biff
from provision.forms.biff import Record, Stream, Tab
from provision.forms.book import Edits, Place, Results, Value, error_code
from provision.forms.errors import FormRefused
from provision.forms.xls import WORKBOOK, opened, styles_locked

MAX_TEXT = 4000
"""Characters of one cell; so that a text never goes over the end of a record."""


def write(content: bytes, edits: Edits, results: Results | None = None) -> bytes:
    """The form with ``edits`` in its cells, and ``results`` as the last values of its formulas.

    Raises FormRefused for a cell that cannot be written in place.
    """
    compound, stream = opened(content)
    work = _Work(stream)
    work.write(edits)
    work.results(results or {})
    return compound.replaced(WORKBOOK, work.finished())


@dataclass(slots=True)
class _Strings:
    """The shared strings, growing."""

    known: dict[str, int]
    count: int
    total: int
    added: list[str] = field(default_factory=list)

    def index(self, text: str) -> int:
        if text not in self.known:
            self.known[text] = self.count + len(self.added)
            self.added.append(text)
        self.total += 1
        return self.known[text]


class _Work:
    """Groups of records in place of each record that was read: most hold just that one."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._groups: list[list[Record]] = [[record] for record in stream.records]
        self._shared = biff.shared_strings(stream)
        known: dict[str, int] = {}
        if self._shared is not None:
            pairs = zip(self._shared.texts, self._shared.plain, strict=True)
            for number, (text, plain) in enumerate(pairs):
                if plain:
                    known.setdefault(text, number)
        size = len(self._shared.texts) if self._shared else 0
        self._strings = _Strings(known, size, self._shared.total if self._shared else 0)
        self._locked = styles_locked(stream)

    def write(self, edits: Edits) -> None:
        for tab in self._stream.tabs:
            here = {place: value for place, value in edits.items() if place.sheet == tab.name}
            if here:
                self._sheet(tab, here)

    def _sheet(self, tab: Tab, edits: Edits) -> None:
        look = biff.read_sheet(self._stream, tab, self._shared, self._locked)
        fresh: list[Place] = []
        for place, value in edits.items():
            at = look.at.get((place.row, place.column))
            if at is None:
                fresh.append(place)
                continue
            if look.cells[place.row, place.column].formula:
                raise FormRefused(N_("{place} is computed by the form; it is not written"), place=str(place))
            self._exchange(at, place, value)
        for place in sorted(fresh, reverse=True):
            self._insert(tab, place, edits[place])

    def _exchange(self, at: int, place: Place, value: str | float) -> None:
        """Put the new cell where the old one is; a record of several cells is cut into single ones."""
        wanted = (place.row - 1, place.column - 1)
        group: list[Record] = []
        for record in self._groups[at]:
            split = _single(record) if record.type in biff.CELLS else [record]
            places = [struct.unpack_from("<HHH", one.data) for one in split if one.type in biff.CELLS]
            if wanted not in [(row, column) for row, column, _style in places]:
                group.append(record)
                continue
            for (row, column, style), one in zip(places, split, strict=True):
                if (row, column) == wanted:
                    self._strings.total -= one.type == biff.LABELSST
                    one = self._cell(row, column, style, value)  # noqa: PLW2901 - in its place
                group.append(one)
        self._groups[at] = group

    def _cell(self, row: int, column: int, style: int, value: str | float) -> Record:
        head = struct.pack("<HHH", row, column, style)
        if isinstance(value, str):
            if len(value) > MAX_TEXT:
                raise FormRefused(N_("a text of {count} characters is too long for a cell"), count=len(value))
            return Record(-1, biff.LABELSST, head + struct.pack("<I", self._strings.index(value)))
        return Record(-1, biff.NUMBER, head + struct.pack("<d", value))

    def _insert(self, tab: Tab, place: Place, value: str | float) -> None:
        """A cell where the form has none: beside its neighbours, with its row's or column's style."""
        row, column = place.row - 1, place.column - 1
        own = list(self._stream.own(tab))
        rows = [i for i, r in own if r.type == biff.ROW and struct.unpack_from("<H", r.data)[0] == row]
        if not rows:
            raise FormRefused(N_("{place} lies outside of what the form has drawn"), place=str(place))
        before, behind = self._gap([(i, r) for i, r in own if i >= rows[0]], row, column)
        made = self._cell(row, column, self._style(own, rows[0], column), value)
        if before is not None:
            self._groups[before].insert(0, made)
        else:
            self._groups[behind].append(made)
        self._widen(rows[0], column)
        for index, record in own:
            if record.type == biff.DIMENSIONS:
                self._grow(index, row, column)

    @staticmethod
    def _gap(own: list[tuple[int, Record]], row: int, column: int) -> tuple[int | None, int]:
        """The record before which a cell belongs (None: there is no further cell), and the one behind
        which."""
        behind = own[0][0]
        for index, record in own:
            if record.type in biff.CELLS:
                if struct.unpack_from("<HH", record.data) > (row, column):
                    return index, behind
            elif record.type not in biff.AFTER_FORMULA and record.type != biff.ROW:
                break
            behind = index
        return None, behind

    @staticmethod
    def _style(own: list[tuple[int, Record]], at: int, column: int) -> int:
        """Of a cell that is not there: its row's, else its column's, else the usual one."""
        style = 15
        for index, record in own:
            if record.type == biff.COLINFO:
                first, last, _width, its_style = struct.unpack_from("<HHHH", record.data)
                style = its_style if first <= column <= last else style
            elif index == at:
                flags, packed = struct.unpack_from("<HH", record.data, 12)
                return packed & 0xFFF if flags & 0x80 else style
        return style

    def _widen(self, index: int, column: int) -> None:
        old = self._groups[index][0]
        first, end = struct.unpack_from("<HH", old.data, 2)
        first, end = (min(first, column), max(end, column + 1)) if end else (column, column + 1)
        data = old.data[:2] + struct.pack("<HH", first, end) + old.data[6:]
        self._groups[index][0] = old._replace(data=data)

    def _grow(self, index: int, row: int, column: int) -> None:
        old = self._groups[index][0]
        top, bottom, left, right = struct.unpack_from("<IIHH", old.data)
        box = (min(top, row), max(bottom, row + 1), min(left, column), max(right, column + 1))
        self._groups[index][0] = old._replace(data=struct.pack("<IIHH", *box) + old.data[12:])

    def results(self, results: Results) -> None:
        """The last values of formulas, as the program that computes them would leave them."""
        for tab in self._stream.tabs:
            here = {(p.row, p.column): v for p, v in results.items() if p.sheet == tab.name}
            if not here:
                continue
            look = biff.read_sheet(self._stream, tab, self._shared, self._locked)
            for at, value in here.items():
                self._result(look.at[at], value)

    def _result(self, index: int, value: Value) -> None:
        old = self._groups[index][0]
        self._groups[index][0] = old._replace(data=old.data[:6] + _result_of(value) + old.data[14:])
        behind = index + 1
        while self._stream.records[behind].type in biff.AFTER_FORMULA - {biff.STRING}:
            behind += 1
        had = self._stream.records[behind].type == biff.STRING
        group = [Record(-1, biff.STRING, _counted(value))] if _is_text(value) else []
        if had:
            self._groups[behind] = group
            if self._stream.records[behind + 1].type == biff.CONTINUE:
                self._groups[behind + 1] = []
        elif group:
            self._groups[behind - 1] += group

    def finished(self) -> bytes:
        """The stream, with everything in it that speaks of positions set right."""
        self._add_strings()
        where: dict[int, int] = {}
        at = 0
        for record, group in zip(self._stream.records, self._groups, strict=True):
            where[record.at] = at
            at += sum(4 + len(one.data) for one in group)
        for index, record in enumerate(self._stream.records):
            data = self._moved(record, where)
            if data is not None:
                self._groups[index] = [record._replace(data=data)]
        return b"".join(one.raw for group in self._groups for one in group)

    def _moved(self, record: Record, where: dict[int, int]) -> bytes | None:
        """The data of a record that names positions in the stream; None for any other."""
        data = record.data
        if record.type == biff.BOUNDSHEET:
            return struct.pack("<I", where[struct.unpack_from("<I", data)[0]]) + data[4:]
        if record.type == biff.INDEX:
            words = list(struct.unpack(f"<{len(data) // 4}I", data))
            return struct.pack(f"<{len(words)}I", *words[:3], *(where.get(word, word) for word in words[3:]))
        if record.type == biff.DBCELL:
            return _row_index(record, where)
        return None

    def _add_strings(self) -> None:
        """Put the new texts behind the last shared string, in further records where one is full."""
        strings, shared = self._strings, self._shared
        if shared is None:
            if strings.added:
                raise FormRefused(N_("the form has no text at all; it is not filled in place"))
            return
        first = self._groups[shared.records[0]][0]
        head = struct.pack("<II", strings.total, strings.count + len(strings.added))
        self._groups[shared.records[0]][0] = first._replace(data=head + first.data[8:])
        last = shared.records[-1]
        at = sum(len(one.raw) for group in self._groups[:last] for one in group)
        *kept, end = self._groups[last]
        places = []
        for text in strings.added:
            raw = _counted(text)
            if len(end.data) + len(raw) > biff.MAX_DATA:
                kept.append(end)
                at += len(end.raw)
                end = Record(-1, biff.CONTINUE, b"")
            places.append((at + len(end.raw), len(end.raw)))
            end = end._replace(data=end.data + raw)
        self._groups[last] = [*kept, end]
        self._index_strings(places)

    def _index_strings(self, places: list[tuple[int, int]]) -> None:
        """Entries for the added strings in the strings' index; those that it has still hold.

        ``places`` are each string's position in the stream and in its record, both with the record's head.
        """
        index = next((i for i, r in enumerate(self._stream.globals()) if r.type == biff.EXTSST), None)
        if index is None:
            return
        old = self._groups[index][0]
        step = struct.unpack_from("<H", old.data)[0]
        data = old.data
        for number, (absolute, offset) in enumerate(places, self._strings.count):
            if step and number % step == 0 and (len(data) - 2) // 8 == number // step:
                data += struct.pack("<IHH", absolute, offset, 0)
        if len(data) <= biff.MAX_DATA:
            self._groups[index] = [old._replace(data=data)]


def _row_index(record: Record, where: dict[int, int]) -> bytes:
    """DBCELL: back to the block's first row, then from cell to cell."""
    back, *steps = struct.unpack(f"<I{(len(record.data) - 4) // 2}H", record.data)
    first = record.at - back
    if first not in where:
        return record.data
    old = first + 20  # behind the first ROW record
    new = where[first] + 20
    made = [where[record.at] - where[first]]
    for step in steps:
        old += step
        if old not in where:
            return record.data
        made.append(where[old] - new)
        new = where[old]
    if max(made[1:], default=0) > 0xFFFF:
        return record.data
    return struct.pack(f"<I{len(steps)}H", *made)


def _single(record: Record) -> list[Record]:
    """A record of several cells as records of one each."""
    data = record.data
    row, column = struct.unpack_from("<HH", data)
    if record.type == biff.MULBLANK:
        return [
            Record(-1, biff.BLANK, struct.pack("<HH", row, column + n) + data[4 + 2 * n : 6 + 2 * n])
            for n in range((len(data) - 6) // 2)
        ]
    if record.type == biff.MULRK:
        return [
            Record(-1, biff.RK, struct.pack("<HH", row, column + n) + data[4 + 6 * n : 10 + 6 * n])
            for n in range((len(data) - 6) // 6)
        ]
    return [record]


def _is_text(value: Value) -> TypeGuard[str]:
    return isinstance(value, str) and bool(value) and error_code(value) is None


def _result_of(value: Value) -> bytes:
    """The eight bytes of a formula's last value; a text stands in a record of its own."""
    code = error_code(value)
    if isinstance(value, bool) or code is not None:
        kind = 1 if isinstance(value, bool) else 2
        return bytes((kind, 0, int(value) if isinstance(value, bool) else code or 0, 0, 0, 0, 255, 255))
    if isinstance(value, float):
        return struct.pack("<d", value)
    return bytes((0 if value else 3, 0, 0, 0, 0, 0, 255, 255))


def _counted(text: str) -> bytes:
    """A text as the format stores it: its length, its width, its characters."""
    raw = text.encode("utf-16-le", "surrogatepass")
    length = len(raw) // 2
    if all(ord(character) < 256 for character in text):
        return struct.pack("<HB", length, 0) + text.encode("latin-1")
    return struct.pack("<HB", length, 1) + raw
