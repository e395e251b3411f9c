"""The records of an .xls workbook (BIFF8), read. Format: [MS-XLS]; records are numbered there in 2.3."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from provision.errors import N_
from provision.forms.book import ERRORS, MAX_CELLS, Area, Cell, Value
from provision.forms.errors import FormDamaged, FormRefused

BOF, EOF, CONTINUE = 0x809, 0x0A, 0x3C
BOUNDSHEET, SST, EXTSST, XF = 0x85, 0xFC, 0xFF, 0xE0
INDEX, DBCELL, DIMENSIONS, ROW, COLINFO, DEFCOLWIDTH = 0x20B, 0xD7, 0x200, 0x208, 0x7D, 0x55
BLANK, MULBLANK, NUMBER, RK, MULRK = 0x201, 0xBE, 0x203, 0x27E, 0xBD
LABELSST, LABEL, RSTRING, BOOLERR, FORMULA, STRING = 0xFD, 0x204, 0xD6, 0x205, 0x06, 0x207
ARRAY, SHRFMLA, TABLE = 0x221, 0x4BC, 0x236
MERGECELLS, PROTECT, DV, NAME, EXTERNSHEET, SUPBOOK = 0xE5, 0x12, 0x1BE, 0x18, 0x17, 0x1AE
FILEPASS, DATE1904 = 0x2F, 0x22
CELLS: Final = frozenset({BLANK, MULBLANK, NUMBER, RK, MULRK, LABELSST, LABEL, RSTRING, BOOLERR, FORMULA})
AFTER_FORMULA: Final = frozenset({STRING, ARRAY, SHRFMLA, TABLE, CONTINUE})
MAX_DATA: Final = 8224
_BIFF8 = 0x0600
_WORKSHEET = 0
_MOST_RECORDS = 2_000_000


class Record(NamedTuple):
    """One record: where it began in the stream that was read (-1 for a new one), its number and data."""

    at: int
    type: int
    data: bytes

    @property
    def raw(self) -> bytes:
        """Its bytes in a stream."""
        return struct.pack("<HH", self.type, len(self.data)) + self.data


@dataclass(frozen=True, slots=True)
class Tab:
    """A sheet as the workbook lists it: where it begins, and the list's own record."""

    name: str
    visible: bool
    worksheet: bool
    start: int
    record: int
    """Position of its BOUNDSHEET in :attr:`Stream.records`."""


class Stream:
    """A Workbook stream as records. Raises FormDamaged, and FormRefused for what is encrypted or too old."""

    def __init__(self, content: bytes) -> None:
        """Cut the stream into records and read the list of sheets."""
        self.records = list(_records(content))
        first = self.records[0] if self.records else None
        if first is None or first.type != BOF or len(first.data) < 4:
            raise damaged()
        if struct.unpack_from("<H", first.data)[0] != _BIFF8:
            raise FormRefused(N_("the form is of a version before Excel 97"))
        if any(record.type == FILEPASS for record in self.globals()):
            raise FormRefused(
                N_("the form is encrypted (a password protects it, or the order of its sheets)")
            )
        self.position = {record.at: index for index, record in enumerate(self.records)}
        self.tabs = tuple(self._tabs())

    def globals(self) -> Iterator[Record]:
        """The records before the first sheet."""
        for record in self.records:
            yield record
            if record.type == EOF:
                return

    def _tabs(self) -> Iterator[Tab]:
        for index, record in enumerate(self.globals()):
            if record.type == BOUNDSHEET:
                start, state, kind, length = struct.unpack_from("<IBBB", record.data)
                if start not in self.position:
                    raise damaged()
                name, _end = characters(record.data, 7, length)
                yield Tab(name, state & 3 == 0, kind == _WORKSHEET, start, index)

    def sheet(self, tab: Tab) -> range:
        """Positions of a sheet's records, from its BOF to its EOF; what is embedded in it included."""
        first = self.position[tab.start]
        depth = 0
        for index in range(first, len(self.records)):
            depth += {BOF: 1, EOF: -1}.get(self.records[index].type, 0)
            if depth == 0:
                return range(first, index + 1)
        raise damaged()

    def own(self, tab: Tab) -> Iterator[tuple[int, Record]]:
        """The records of the sheet itself, without those of charts embedded in it; with their positions."""
        depth = 0
        for index in self.sheet(tab):
            record = self.records[index]
            depth += record.type == BOF
            if depth == 1:
                yield index, record
            depth -= record.type == EOF


def _records(content: bytes) -> Iterator[Record]:
    """The records; what stands behind the last sheet's end is padding."""
    at, count, depth, last_end = 0, 0, 0, len(content)
    while at + 4 <= len(content):
        kind, length = struct.unpack_from("<HH", content, at)
        if kind == 0 and length == 0 and depth == 0:
            last_end = at
            break
        if at + 4 + length > len(content):
            raise damaged()
        count += 1
        if count > _MOST_RECORDS:
            raise FormRefused(N_("the form is too big to be read"))
        depth += {BOF: 1, EOF: -1}.get(kind, 0)
        yield Record(at, kind, content[at + 4 : at + 4 + length])
        at += 4 + length
    if depth or any(content[last_end:]):
        raise damaged()


def characters(data: bytes, at: int, count: int) -> tuple[str, int]:
    """``count`` characters behind a byte that says how wide they are; and where they end."""
    wide = data[at] & 1
    end = at + 1 + count * (2 if wide else 1)
    if end > len(data):
        raise damaged()
    return data[at + 1 : end].decode("utf-16-le" if wide else "latin-1", "replace"), end


def counted(data: bytes, at: int) -> tuple[str, int]:
    """A string behind its 16-bit length; and where it ends."""
    return characters(data, at + 2, struct.unpack_from("<H", data, at)[0])


def damaged() -> FormDamaged:
    """The error for records that contradict themselves."""
    return FormDamaged(N_("the form is not a whole .xls file"))


@dataclass(frozen=True, slots=True)
class Shared:
    """The table of shared strings: texts, which of them are plain, and the records that hold it; ``complete``
    says that nothing is left behind the last one."""

    texts: tuple[str, ...]
    plain: tuple[bool, ...]
    records: range
    total: int
    complete: bool


def shared_strings(stream: Stream) -> Shared | None:
    """The table; None when the workbook has no text in cells."""
    listed = list(stream.globals())
    first = next((index for index, record in enumerate(listed) if record.type == SST), None)
    if first is None:
        return None
    last = first + 1
    while listed[last].type == CONTINUE:
        last += 1
    total, count = struct.unpack_from("<II", listed[first].data)
    if count > MAX_CELLS:
        raise FormRefused(N_("the form is too big to be read"))
    reader = _Pieces([listed[first].data[8:], *(record.data for record in listed[first + 1 : last])])
    texts, plain = [], []
    for _number in range(count):
        text, is_plain = reader.text()
        texts.append(text)
        plain.append(is_plain)
    return Shared(tuple(texts), tuple(plain), range(first, last), total, reader.at_end())


class _Pieces:
    """Reads strings that go over the ends of records."""

    def __init__(self, pieces: list[bytes]) -> None:
        self._pieces, self._piece, self._at = pieces, 0, 0

    def _more(self) -> None:
        while self._at >= len(self._pieces[self._piece]):
            self._piece, self._at = self._piece + 1, 0
            if self._piece >= len(self._pieces):
                raise damaged()

    def _take(self, count: int) -> bytes:
        found = b""
        while count:
            self._more()
            piece = self._pieces[self._piece][self._at : self._at + count]
            found += piece
            self._at += len(piece)
            count -= len(piece)
        return found

    def at_end(self) -> bool:
        """Whether everything was read."""
        last = len(self._pieces) - 1
        return self._piece == last and self._at == len(self._pieces[last])

    def text(self) -> tuple[str, bool]:
        """The next string, and whether it has neither runs of fonts nor readings."""
        length, first = struct.unpack("<HB", self._take(3))
        flags = first
        runs = struct.unpack("<H", self._take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", self._take(4))[0] if flags & 4 else 0
        text = ""
        while len(text) < length:
            if self._at >= len(self._pieces[self._piece]):
                self._more()
                flags = self._take(1)[0]  # a string that goes on says anew how wide it is
            width = 2 if flags & 1 else 1
            here = min((len(self._pieces[self._piece]) - self._at) // width, length - len(text))
            if here == 0:
                raise damaged()
            text += self._take(here * width).decode("utf-16-le" if width == 2 else "latin-1", "surrogatepass")
        self._take(4 * runs + extra)
        return text, not first & ~1


@dataclass(frozen=True, slots=True)
class Look:
    """The reading of one sheet's cells; ``at`` are the positions of their records."""

    cells: dict[tuple[int, int], Cell]
    at: dict[tuple[int, int], int]
    merged: tuple[Area, ...]
    protected: bool


def read_sheet(stream: Stream, tab: Tab, shared: Shared | None, locked: tuple[bool, ...]) -> Look:
    """Cells, merged areas and protection of one sheet; ``locked`` is said by each style."""
    cells: dict[tuple[int, int], Cell] = {}
    at: dict[tuple[int, int], int] = {}
    merged: list[Area] = []
    protected = False
    texts = shared.texts if shared else ()
    awaited: tuple[int, int] | None = None
    for index, record in stream.own(tab):
        if record.type in CELLS:
            for row, column, style, value in cells_of(record, texts):
                formula = record.type == FORMULA
                is_locked = locked[style] if style < len(locked) else True
                cells[row + 1, column + 1] = Cell(value, formula, is_locked, style)
                at[row + 1, column + 1] = index
                awaited = (row + 1, column + 1) if formula and value == "" else None
            if len(cells) > MAX_CELLS:
                raise FormRefused(N_("the form is too big to be read"))
        elif record.type == STRING and awaited is not None:
            before = cells[awaited]
            cells[awaited] = Cell(counted(record.data, 0)[0], True, before.locked, before.style)
        elif record.type == MERGECELLS:
            merged += areas(record.data, 2, struct.unpack_from("<H", record.data)[0])
        elif record.type == PROTECT:
            protected = struct.unpack_from("<H", record.data)[0] == 1
    return Look(cells, at, tuple(merged), protected)


def areas(data: bytes, at: int, count: int) -> list[Area]:
    """``count`` rectangles of 16-bit numbers."""
    found = [struct.unpack_from("<HHHH", data, at + 8 * number) for number in range(count)]
    return [Area(top + 1, left + 1, bottom + 1, right + 1) for top, bottom, left, right in found]


def cells_of(record: Record, texts: tuple[str, ...]) -> Iterator[tuple[int, int, int, Value]]:
    """The cells of one record: row, column (from 0), style, value."""
    data = record.data
    try:
        row, column = struct.unpack_from("<HH", data)
        if record.type == MULBLANK:
            for number in range((len(data) - 6) // 2):
                yield row, column + number, struct.unpack_from("<H", data, 4 + 2 * number)[0], None
            return
        if record.type == MULRK:
            for number in range((len(data) - 6) // 6):
                style, packed = struct.unpack_from("<HI", data, 4 + 6 * number)
                yield row, column + number, style, _unpacked(packed)
            return
        style = struct.unpack_from("<H", data, 4)[0]
        yield row, column, style, _value(record, texts)
    except (struct.error, IndexError) as error:
        raise damaged() from error


def _value(record: Record, texts: tuple[str, ...]) -> Value:
    data = record.data
    if record.type in (NUMBER, RK):
        wide = record.type == NUMBER
        return float(struct.unpack_from("<d", data, 6)[0]) if wide else _unpacked(_word(data))
    if record.type == LABELSST:
        return texts[_word(data)]
    if record.type in (LABEL, RSTRING):
        return counted(data, 6)[0]
    if record.type == BOOLERR:
        return bool(data[6]) if not data[7] else ERRORS.get(data[6], "#?")
    return _result(data[6:14]) if record.type == FORMULA else None


def _word(data: bytes) -> int:
    return int(struct.unpack_from("<I", data, 6)[0])


def _result(raw: bytes) -> Value:
    """What a formula gave last; "" for a text, which stands in the record that follows."""
    if raw[6:8] != b"\xff\xff":
        return float(struct.unpack("<d", raw)[0])
    if raw[0] == 1:
        return bool(raw[2])
    if raw[0] == 2:
        return ERRORS.get(raw[2], "#?")
    return "" if raw[0] == 0 else None


def _unpacked(packed: int) -> float:
    """A number of 30 bits: an integer or the upper part of a float, and whether it is hundredths."""
    if packed & 2:
        whole = packed >> 2
        number = float(whole - (1 << 30) if whole & (1 << 29) else whole)
    else:
        number = float(struct.unpack("<d", struct.pack("<Q", (packed & 0xFFFFFFFC) << 32))[0])
    return number / 100 if packed & 1 else number
