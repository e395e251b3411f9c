"""What of a filled form is no value of an intended cell: it must be as it was, to the byte where possible.

Knows nothing of how forms are written; the writers are judged by this.
"""

from __future__ import annotations

import struct
from collections.abc import Collection, Iterator
from typing import Any

from lxml import etree

from printing.documents.sheet_xml import BOOK, NS, part_of
from provision.errors import N_, Phrase
from provision.forms import biff
from provision.forms.biff import Record, Stream, Tab
from provision.forms.book import Place, letters
from provision.forms.compound import Compound, Entry
from provision.forms.xls import WORKBOOK
from provision.forms.xlsx import package, part

Places = Collection[Place]


def differences(kind: str, before: bytes, after: bytes, written: Places, computed: Places) -> list[Phrase]:
    """All that differs and may not; empty when only values of ``written`` and results of ``computed`` cells
    do."""
    check = _xls if kind == "xls" else _xlsx
    return list(check(before, after, frozenset(written), frozenset(computed)))


_PART = N_("the part {part} of the file is not the same")


def _xlsx(before: bytes, after: bytes, written: Places, computed: Places) -> Iterator[Phrase]:
    with package(before) as old, package(after) as new:
        if [_head(info) for info in old.infolist()] != [_head(info) for info in new.infolist()]:
            yield Phrase(N_("the file has other parts, or the same in another order"), {})
            return
        book = part(old, BOOK)
        sheets: dict[str, str] = {}
        for sheet in {place.sheet for place in [*written, *computed]}:
            sheets[part_of(old, book, sheet)] = sheet
        for name in old.namelist():
            one, other = old.read(name), new.read(name)
            if one == other:
                continue
            touched = [place for place in [*written, *computed] if place.sheet == sheets.get(name)]
            if not touched or _bare(part(old, name), part(old, name), touched) != _bare(
                part(new, name), part(old, name), touched
            ):
                yield Phrase(_PART, {"part": name})


def _head(info: Any) -> tuple[object, ...]:
    return info.filename, info.compress_type, info.date_time, info.external_attr, info.flag_bits & 0x800


def _bare(root: Any, model: Any, touched: list[Place]) -> bytes:
    """The sheet without the values of ``touched``, and without cells and rows that ``model`` lacks."""
    had = {cell.get("r") for cell in model.iterfind("m:sheetData/m:row/m:c", NS)}
    rows = {row.get("r") for row in model.iterfind("m:sheetData/m:row", NS)}
    names = {f"{letters(place.column)}{place.row}" for place in touched}
    for cell in list(root.iterfind("m:sheetData/m:row/m:c", NS)):
        if cell.get("r") not in names:
            continue
        if cell.get("r") not in had:
            cell.getparent().remove(cell)
            continue
        cell.attrib.pop("t", None)
        for child in list(cell):
            if etree.QName(child).localname in ("v", "is"):
                cell.remove(child)
    wanted = {str(place.row) for place in touched}
    for row in list(root.iterfind("m:sheetData/m:row", NS)):
        if row.get("r") in wanted - rows and len(row) == 0:
            row.getparent().remove(row)
    return bytes(etree.tostring(root, method="c14n"))


def _xls(before: bytes, after: bytes, written: Places, computed: Places) -> Iterator[Phrase]:
    old, new = Compound(before), Compound(after)
    ours, theirs = old.streams(), new.streams()
    if {index: entry.head for index, (entry, _data) in ours.items()} != {
        index: entry.head for index, (entry, _data) in theirs.items()
    }:
        yield Phrase(N_("the file has other streams than before"), {})
        return
    for index, (entry, data) in ours.items():
        if not _is_workbook(entry) and data != theirs[index][1]:
            yield Phrase(_PART, {"part": "".join(c for c in entry.name if c.isprintable())})
    yield from _streams(Stream(_workbook(old)), Stream(_workbook(new)), written, computed)


def _is_workbook(entry: Entry) -> bool:
    return entry.name.lower() == WORKBOOK.lower()


def _workbook(file: Compound) -> bytes:
    return file.stream(WORKBOOK) or b""


def _streams(old: Stream, new: Stream, written: Places, computed: Places) -> Iterator[Phrase]:
    if list(_globals(old)) != list(_globals(new)):
        yield Phrase(_PART, {"part": "Workbook"})
    for kind in (biff.SST, biff.EXTSST):
        if not _table(new, kind).startswith(_table(old, kind)):
            yield Phrase(N_("the workbook's texts are not the same"), {})
    added = biff.shared_strings(old), biff.shared_strings(new)
    plain = added[1] is None or all(added[1].plain[len(added[0].texts) if added[0] else 0 :])
    if not plain or not _texts_counted(new, also_uses=_texts_counted(old)):
        yield Phrase(N_("the workbook's texts are not the same"), {})
    if [(tab.name, tab.visible, tab.worksheet) for tab in old.tabs] != [
        (tab.name, tab.visible, tab.worksheet) for tab in new.tabs
    ]:
        yield Phrase(N_("the workbook has other sheets"), {})
        return
    for one, other in zip(old.tabs, new.tabs, strict=True):
        here = frozenset((p.row - 1, p.column - 1) for p in written if p.sheet == one.name)
        results = frozenset((p.row - 1, p.column - 1) for p in computed if p.sheet == one.name)
        if list(_sheet(old, one, here, results)) != list(_sheet(new, other, here, results)):
            yield Phrase(N_("the sheet {sheet} is not the same beside its cells"), {"sheet": one.name})
        if _index_holds(old, one) and not _index_holds(new, other):
            yield Phrase(N_("the index of the rows of sheet {sheet} is wrong"), {"sheet": one.name})


def _texts_counted(stream: Stream, *, also_uses: bool = True) -> bool:
    """Whether the table of texts holds exactly as many as it says, and how often they are used."""
    shared = biff.shared_strings(stream)
    if shared is None:
        return True
    uses = sum(record.type == biff.LABELSST for record in stream.records)
    return shared.complete and (not also_uses or shared.total == uses)


_TABLES = frozenset({biff.SST, biff.EXTSST})


def _globals(stream: Stream) -> Iterator[bytes]:
    """The records before the sheets, without those tables that grow, and without positions."""
    of_table = False
    for record in stream.globals():
        of_table = record.type in _TABLES or (of_table and record.type == biff.CONTINUE)
        if not of_table:
            yield record.raw[:4] + record.data[4:] if record.type == biff.BOUNDSHEET else record.raw


def _table(stream: Stream, kind: int) -> bytes:
    """A table with its continuations, without its counts."""
    found, inside = b"", False
    for record in stream.globals():
        inside = record.type == kind or (inside and record.type == biff.CONTINUE)
        if inside:
            found += record.data[8:] if record.type == biff.SST else record.data
    return found


_At = frozenset[tuple[int, int]]


def _sheet(stream: Stream, tab: Tab, written: _At, computed: _At) -> Iterator[bytes]:
    """The records of a sheet, charts in it included, one per cell, without what may differ."""
    rows = {row for row, _column in written}
    in_result = False
    for index in stream.sheet(tab):
        record = stream.records[index]
        if record.type in biff.CELLS:
            in_result = False
            for one in _cells(record):
                at = struct.unpack_from("<HH", one.data)
                if at in written:
                    continue
                in_result = at in computed
                yield one.data[:6] + one.data[14:] if in_result else one.raw
        elif in_result and record.type in (biff.STRING, biff.CONTINUE):
            continue
        elif record.type == biff.INDEX:
            yield record.raw[:16] + struct.pack("<i", _type_at(stream, _word(record.data, 12)) or -1)
        elif record.type == biff.DBCELL:
            yield struct.pack("<HH", record.type, len(record.data))
        elif record.type == biff.ROW and struct.unpack_from("<H", record.data)[0] in rows:
            mine = struct.unpack_from("<H", record.data)[0]
            columns = [column for row, column in written if row == mine]
            yield _widened(record, "<HH", 2, columns)
        elif record.type == biff.DIMENSIONS and written:
            taller = Record(-1, record.type, _widened(record, "<II", 0, [row for row, _column in written]))
            yield _widened(taller, "<HH", 8, [column for _row, column in written])
        else:
            yield record.raw


def _widened(record: Record, form: str, at: int, numbers: list[int]) -> bytes:
    """A record's data with the bounds that it has at ``at`` stretched over ``numbers``."""
    low, high = struct.unpack_from(form, record.data, at)
    stretched = struct.pack(form, min([low, *numbers]), max([high, *(number + 1 for number in numbers)]))
    return record.data[:at] + stretched + record.data[at + len(stretched) :]


def _word(data: bytes, at: int) -> int:
    return int(struct.unpack_from("<I", data, at)[0]) if len(data) >= at + 4 else -1


def _cells(record: Record) -> Iterator[Record]:
    """A record of several cells as records of one each."""
    data = record.data
    row, column = struct.unpack_from("<HH", data)
    width = {biff.MULBLANK: 2, biff.MULRK: 6}.get(record.type)
    if width is None:
        yield record
        return
    single = biff.BLANK if record.type == biff.MULBLANK else biff.RK
    for number in range((len(data) - 6) // width):
        own = data[4 + width * number : 4 + width * (number + 1)]
        yield Record(-1, single, struct.pack("<HH", row, column + number) + own)


def _index_holds(stream: Stream, tab: Tab) -> bool:
    """Whether the index of a sheet's rows leads to its blocks, and from there to rows and cells."""
    for _index, record in stream.own(tab):
        if record.type == biff.INDEX:
            words = struct.unpack(f"<{len(record.data) // 4}I", record.data)
            if any(_type_at(stream, word) != biff.DBCELL for word in words[4:]):
                return False
        elif record.type == biff.DBCELL:
            back, *steps = struct.unpack(f"<I{(len(record.data) - 4) // 2}H", record.data)
            at = record.at - back
            if _type_at(stream, at) != biff.ROW:
                return False
            at += 20
            for step in steps:
                at += step
                if _type_at(stream, at) not in biff.CELLS:
                    return False
    return True


def _type_at(stream: Stream, position: int) -> int | None:
    index = stream.position.get(position)
    return None if index is None else stream.records[index].type
