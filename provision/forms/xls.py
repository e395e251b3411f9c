"""An .xls form (BIFF8 in a compound file) as a :class:`Book`."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import replace

from provision.errors import N_
from provision.forms import biff
from provision.forms.book import Area, Ask, Book, Place, Rule, Sheet, range_values
from provision.forms.compound import Compound
from provision.forms.errors import FormDamaged, FormRefused

WORKBOOK = "Workbook"
_KINDS = (Ask.ANY, Ask.WHOLE, Ask.DECIMAL, Ask.LIST, Ask.DATE, Ask.TIME, Ask.LENGTH, Ask.CUSTOM)
_OPERATORS = (
    "between",
    "notBetween",
    "equal",
    "notEqual",
    "greaterThan",
    "lessThan",
    "greaterThanOrEqual",
    "lessThanOrEqual",
)
_SELF = 0x0401
_RELATIVE = 0xC000
_SIGNED = ("_signatures", "_xmlsignatures")


def opened(content: bytes) -> tuple[Compound, biff.Stream]:
    """File and stream. Raises FormDamaged, and FormRefused for what could not be kept when it is filled."""
    compound = Compound(content)
    names = {entry.name.lower() for entry in compound.entries}
    if {"encryptedpackage", "encryptioninfo"} & names:
        raise FormRefused(N_("the form is encrypted (a password protects it, or the order of its sheets)"))
    if names & set(_SIGNED):
        raise FormRefused(N_("the form carries a digital signature, which filling it would break"))
    if "user names" in names or "revision log" in names:
        raise FormRefused(N_("the form is shared between several people and keeps a log of their changes"))
    stream = compound.stream(WORKBOOK)
    if stream is None:
        old = "book" in names
        raise (
            FormRefused(N_("the form is of a version before Excel 97"))
            if old
            else FormDamaged(N_("the form is not a whole .xls file"))
        )
    return compound, biff.Stream(stream)


def read(content: bytes) -> Book:
    """The form. Raises FormDamaged and FormRefused."""
    compound, stream = opened(content)
    try:
        return _read(compound, stream)
    except (struct.error, IndexError) as error:
        raise biff.damaged() from error


def _read(compound: Compound, stream: biff.Stream) -> Book:
    shared = biff.shared_strings(stream)
    links = _links(stream)
    bound = tuple(_supporting(stream))
    sheets, formulas = [], []
    for tab in stream.tabs:
        if not tab.worksheet:
            continue
        look = biff.read_sheet(stream, tab, shared, styles_locked(stream))
        formulas.append([record.data for _index, record in stream.own(tab) if record.type == biff.DV])
        sheets.append(Sheet(tab.name, tab.visible, look.protected, look.cells, look.merged))
    names = _names(stream, bound)
    ranges = _Ranges(stream, sheets, bound, names)
    ruled = tuple(
        replace(sheet, rules=tuple(ranges.rule(sheet, data) for data in found))
        for sheet, found in zip(sheets, formulas, strict=True)
    )
    storages = {entry.name.lower() for entry in compound.entries}
    single = {
        name: Place(sheet, area.top, area.left)
        for name, (sheet, area) in names.values()
        if (area.top, area.left) == (area.bottom, area.right)
    }
    date1904 = any(r.type == biff.DATE1904 and r.data[:1] == b"\x01" for r in stream.globals())
    return Book("xls", ruled, single, "_vba_project_cur" in storages, links, date1904)


def styles_locked(stream: biff.Stream) -> tuple[bool, ...]:
    """Whether each style locks its cells on a protected sheet."""
    return tuple(
        bool(struct.unpack_from("<H", r.data, 4)[0] & 1) for r in stream.globals() if r.type == biff.XF
    )


def _links(stream: biff.Stream) -> tuple[str, ...]:
    found = []
    for record in stream.globals():
        if record.type == biff.SUPBOOK and len(record.data) > 5:
            length = struct.unpack_from("<H", record.data, 2)[0]
            if length not in (_SELF, 0x3A01):
                path = "".join(c for c in biff.characters(record.data, 4, length)[0] if c.isprintable())
                found.append(path.replace("\\", "/").rpartition("/")[2])
    return tuple(found)


def _supporting(stream: biff.Stream) -> Iterator[str | None]:
    """For each line of the table of outside sheets: the sheet of this workbook, None for any other."""
    own = [
        struct.unpack_from("<H", r.data, 2)[0] == _SELF for r in stream.globals() if r.type == biff.SUPBOOK
    ]
    for record in stream.globals():
        if record.type != biff.EXTERNSHEET:
            continue
        for number in range(struct.unpack_from("<H", record.data)[0]):
            book, first, last = struct.unpack_from("<HHH", record.data, 2 + 6 * number)
            inside = book < len(own) and own[book] and first == last and first < len(stream.tabs)
            yield stream.tabs[first].name if inside else None


_Names = Mapping[int, tuple[str, tuple[str, Area]]]


def _names(stream: biff.Stream, bound: tuple[str | None, ...]) -> _Names:
    """The names that stand for one range, by their number from 1."""
    found: dict[int, tuple[str, tuple[str, Area]]] = {}
    listed = [r for r in stream.globals() if r.type == biff.NAME]
    for number, record in enumerate(listed, 1):
        flags, _key, length, size = struct.unpack_from("<HBBH", record.data)
        name, end = biff.characters(record.data, 14, length)
        target = _target(record.data[end : end + size], bound)
        if target is not None and not flags & 0x20:
            found[number] = (name, target)
    return found


def _target(tokens: bytes, bound: tuple[str | None, ...]) -> tuple[str, Area] | None:
    """The range of a formula that is nothing but a reference to another sheet."""
    if not tokens:
        return None
    kind = tokens[0] & 0x1F | 0x20
    if kind == 0x3B and len(tokens) == 11:
        sheet, top, bottom, left, right = struct.unpack_from("<HHHHH", tokens, 1)
    elif kind == 0x3A and len(tokens) == 7:
        sheet, top, left = struct.unpack_from("<HHH", tokens, 1)
        bottom, right = top, left
    else:
        return None
    name = bound[sheet] if sheet < len(bound) else None
    if name is None or (left | right) & _RELATIVE:
        return None
    return name, Area(top + 1, left + 1, bottom + 1, right + 1)


class _Ranges:
    """Reads validation rules, with the ranges that their lists come from."""

    def __init__(
        self, stream: biff.Stream, sheets: list[Sheet], bound: tuple[str | None, ...], names: _Names
    ) -> None:
        self._stream, self._bound, self._names = stream, bound, names
        self._sheets = {sheet.name: sheet for sheet in sheets}

    def rule(self, sheet: Sheet, data: bytes) -> Rule:
        """One DV record."""
        flags = struct.unpack_from("<I", data)[0]
        at = 4
        for _text in range(4):
            _words, at = biff.counted(data, at)
        formulas = []
        for _formula in range(2):
            size = struct.unpack_from("<H", data, at)[0]
            formulas.append(data[at + 4 : at + 4 + size])
            at += 4 + size
        areas = tuple(biff.areas(data, at + 2, struct.unpack_from("<H", data, at)[0]))
        ask = _KINDS[flags & 15] if flags & 15 < len(_KINDS) else Ask.CUSTOM
        operator = _OPERATORS[flags >> 20 & 7]
        if ask is Ask.LIST:
            return Rule(areas, ask, choices=self._choices(sheet, formulas[0]))
        return Rule(areas, ask, operator, None, _constant(formulas[0]), _constant(formulas[1]))

    def _choices(self, sheet: Sheet, tokens: bytes) -> tuple[str, ...] | None:
        if not tokens:
            return None
        kind = tokens[0]
        if kind == 0x17:
            text, _end = biff.characters(tokens, 2, tokens[1])
            return tuple(word.strip() for word in text.replace("\0", ",").split(",") if word.strip())
        if kind & 0x1F | 0x20 == 0x25 and len(tokens) == 9:
            top, bottom, left, right = struct.unpack_from("<HHHH", tokens, 1)
            if (left | right) & _RELATIVE:
                return None
            return range_values(sheet, Area(top + 1, left + 1, bottom + 1, right + 1))
        target: tuple[str, Area] | None
        if kind & 0x1F | 0x20 == 0x23 and len(tokens) == 5:
            target = self._names.get(struct.unpack_from("<I", tokens, 1)[0], ("", None))[1]
        else:
            target = _target(tokens, self._bound)
        if target is None or target[0] not in self._sheets:
            return None
        return range_values(self._sheets[target[0]], target[1])


def _constant(tokens: bytes) -> float | None:
    if len(tokens) == 3 and tokens[0] == 0x1E:
        return float(struct.unpack_from("<H", tokens, 1)[0])
    if len(tokens) == 9 and tokens[0] == 0x1F:
        return float(struct.unpack_from("<d", tokens, 1)[0])
    return None
