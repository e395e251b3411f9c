"""OLE2 compound files (.xls): the streams, and one of them exchanged in place.

All other streams (macros, properties, controls), the directory's order, names, class ids and times stay byte
for byte; what grows goes behind the end of the file. Format: [MS-CFB].
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final

from provision.errors import N_
from provision.forms.errors import FormDamaged, FormRefused

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER = struct.Struct("<8s16sHHHHH6sIIIIIIIII")
_FREE, _END, _FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
_IN_HEADER = 109
_ENTRY = 128
_NAME_CHARS = 32
_ROOT = 5
_STREAM = 2
_MOST_ENTRIES = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the directory: ``head`` are its bytes without start and size."""

    index: int
    name: str
    kind: int
    start: int
    size: int
    head: bytes


class Compound:
    """A compound file in memory, checked while it is read. Raises FormDamaged for one that is not whole."""

    def __init__(self, content: bytes) -> None:
        """Read header, sector tables and directory."""
        self.content = content
        try:
            self._read()
        except (struct.error, IndexError, UnicodeDecodeError) as error:
            raise _damaged() from error

    def _read(self) -> None:
        fields = _HEADER.unpack_from(self.content)
        if fields[0] != MAGIC or fields[5] not in (9, 12) or fields[6] != 6:
            raise _damaged()
        self._sector, self._version = 1 << fields[5], fields[3]
        (_fats, self._directory_start, _txn, self._cutoff) = fields[9:13]
        minifat_start, difat_start = fields[13], fields[15]
        self._fat_sectors = self._difat(difat_start)
        self._fat = self._table(self._fat_sectors)
        if len(self._fat) > len(self.content) // 4 + self._sector:
            raise _damaged()
        self._minifat_chain = self._chain(minifat_start)
        self._minifat = self._table(self._minifat_chain)
        self.entries = self._directory()
        root = next((entry for entry in self.entries if entry.kind == _ROOT), None)
        if root is None:
            raise _damaged()
        self._mini = b"".join(self._at(sector) for sector in self._chain(root.start))

    def _at(self, sector: int) -> bytes:
        start = (sector + 1) * self._sector
        if start >= len(self.content):
            raise _damaged()
        return self.content[start : start + self._sector]

    def _difat(self, start: int) -> list[int]:
        listed = list(struct.unpack_from(f"<{_IN_HEADER}I", self.content, 76))
        seen: set[int] = set()
        while start not in (_END, _FREE):
            if start in seen:
                raise _damaged()
            seen.add(start)
            words = struct.unpack(f"<{self._sector // 4}I", self._at(start))
            listed += words[:-1]
            start = words[-1]
        return [sector for sector in listed if sector < _FAT_SECTOR]

    def _table(self, sectors: list[int]) -> list[int]:
        raw = b"".join(self._at(sector) for sector in sectors)
        return list(struct.unpack(f"<{len(raw) // 4}I", raw))

    def _chain(self, start: int, table: list[int] | None = None) -> list[int]:
        table = self._fat if table is None else table
        found: list[int] = []
        while start < _FAT_SECTOR:
            if start >= len(table) or len(found) >= len(table):
                raise _damaged()
            found.append(start)
            start = table[start]
        return found

    def _directory(self) -> tuple[Entry, ...]:
        raw = b"".join(self._at(sector) for sector in self._chain(self._directory_start))
        found = []
        for index in range(min(len(raw) // _ENTRY, _MOST_ENTRIES)):
            line = raw[index * _ENTRY : (index + 1) * _ENTRY]
            length, kind = struct.unpack_from("<HB", line, 64)
            if not kind:
                continue
            name = line[: max(0, min(length, 2 * _NAME_CHARS) - 2)].decode("utf-16-le")
            start, size = struct.unpack_from("<II", line, 116)
            found.append(Entry(index, name, kind, start, size, line[:116]))
        return tuple(found)

    def stream(self, name: str) -> bytes | None:
        """The content of the first stream of that name; None when there is none."""
        entry = self._named(name)
        return None if entry is None else self.content_of(entry)

    def content_of(self, entry: Entry) -> bytes:
        """The bytes of one stream of the directory."""
        if entry.size < self._cutoff:
            pieces = [self._mini[at * 64 : at * 64 + 64] for at in self._chain(entry.start, self._minifat)]
        else:
            pieces = [self._at(sector) for sector in self._chain(entry.start)]
        found = b"".join(pieces)[: entry.size]
        if len(found) < entry.size:
            raise _damaged()
        return found

    def streams(self) -> dict[int, tuple[Entry, bytes]]:
        """Every line of the directory with its content (empty for storages), by its number."""
        return {
            entry.index: (entry, self.content_of(entry) if entry.kind == _STREAM else b"")
            for entry in self.entries
        }

    def _named(self, name: str) -> Entry | None:
        return next((e for e in self.entries if e.kind == _STREAM and e.name.lower() == name.lower()), None)

    def replaced(self, name: str, data: bytes) -> bytes:
        """The file with another content of the stream ``name``. Raises FormRefused for a file too big."""
        entry = self._named(name)
        if entry is None:
            raise _damaged()
        out = bytearray(self.content)
        out += bytes(-len(out) % self._sector)
        small = entry.size < self._cutoff
        data += bytes(max(0, self._cutoff - len(data)))  # as Excel pads them: it stays out of the mini stream
        chain = [] if small else self._chain(entry.start)
        if small:
            for at in self._chain(entry.start, self._minifat):
                self._put(out, self._minifat_chain, at, _FREE)
        wanted = -(-len(data) // self._sector)
        chain += self._more(out, wanted - len(chain))
        for position, sector in enumerate(chain):
            piece = data[position * self._sector : (position + 1) * self._sector]
            last = position >= wanted - 1
            after = _FREE if position >= wanted else _END if last else chain[position + 1]
            self._put(out, self._fat_sectors, sector, after)
            start = (sector + 1) * self._sector
            out[start : start + self._sector] = piece + bytes(self._sector - len(piece))
        sectors = self._chain(self._directory_start)
        line, within = divmod(entry.index * _ENTRY, self._sector)
        struct.pack_into("<II", out, (sectors[line] + 1) * self._sector + within + 116, chain[0], len(data))
        return bytes(out)

    def _put(self, out: bytearray, table: list[int], index: int, value: int) -> None:
        """Set one word of a sector table that lies in the sectors ``table``."""
        per = self._sector // 4
        struct.pack_into("<I", out, (table[index // per] + 1) * self._sector + index % per * 4, value)

    def _more(self, out: bytearray, count: int) -> list[int]:
        """Numbers of ``count`` new sectors behind the end, with room for them in the table."""
        per = self._sector // 4
        added: list[int] = []
        while len(added) < count:
            sector = len(out) // self._sector - 1
            out += bytes(self._sector)
            if sector >= len(self._fat_sectors) * per:
                if len(self._fat_sectors) >= _IN_HEADER:
                    raise FormRefused(N_("the form is too big to be filled in place"))
                struct.pack_into("<I", out, 76 + 4 * len(self._fat_sectors), sector)
                self._fat_sectors = [*self._fat_sectors, sector]
                start = (sector + 1) * self._sector
                out[start : start + self._sector] = b"\xff" * self._sector
                self._put(out, self._fat_sectors, sector, _FAT_SECTOR)
                struct.pack_into("<I", out, 44, len(self._fat_sectors))
            else:
                added.append(sector)
        return added


def _damaged() -> FormDamaged:
    return FormDamaged(N_("the form is not a whole .xls file"))
