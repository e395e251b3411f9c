"""The block headers of RAR archives: which files there are, their sizes and checksums, and what is encrypted.

Formats: RAR technote (versions 1.5-4), RAR 5.0 archive format.
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from provision.errors import N_
from provision.intake.errors import ArchiveDamaged, ArchiveRefused

_BLOCKS_LIMIT = 10_000
RAR5 = b"Rar!\x1a\x07\x01\x00"


@dataclass(frozen=True, slots=True)
class Block:
    """A file's header, or a header that hides all others (``encrypted`` and no more)."""

    encrypted: bool
    size: int = 0
    crc: int | None = None


_END = Block(encrypted=False, size=-1)
_HIDDEN = Block(encrypted=True, size=-1)


def blocks(path: Path) -> list[Block]:
    """The headers of all files, walked to the block that ends the archive: a truncated one has none.

    libarchive takes an archive that is cut between two files for a whole one, hence this walk.
    Formats: RAR technote (versions 1.5-4), RAR 5.0 archive format.
    """
    with path.open("rb") as file:
        read = _rar5_block if file.read(8) == RAR5 else _rar4_block
        file.seek(8 if read is _rar5_block else 7)
        found: list[Block] = []
        while len(found) <= _BLOCKS_LIMIT:
            try:
                block = read(file)
            except (IndexError, struct.error, OverflowError, OSError):
                raise damaged(path) from None
            if block is _END:
                return found
            if block is not None:
                found.append(block)
            if block == _HIDDEN:
                return found
    raise ArchiveRefused(
        N_("{file} holds more than {limit} files; it is not opened"), file=path.name, limit=_BLOCKS_LIMIT
    )


def _vint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80 and shift < 63:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1


def _rar5_block(file: IO[bytes]) -> Block | None:
    """Read one block and step over its data; None for one that is of no interest."""
    start = file.tell()
    size, body = _vint(file.read(14), 4)
    file.seek(start)
    data = file.read(body + min(size, 1 << 21))
    if len(data) != body + size or zlib.crc32(data[4:]) != int.from_bytes(data[:4], "little"):
        raise IndexError
    kind, at = _vint(data, body)
    flags, at = _vint(data, at)
    extra, at = _vint(data, at) if flags & 1 else (0, at)
    packed, at = _vint(data, at) if flags & 2 else (0, at)
    file.seek(packed, 1)
    if kind == 4:
        return _HIDDEN
    if kind == 5:
        return _END
    if kind != 2:
        return None
    flags, at = _vint(data, at)
    unpacked, at = _vint(data, at)
    _, at = _vint(data, at)
    at += 4 if flags & 2 else 0
    crc = struct.unpack_from("<I", data, at)[0] if flags & 4 else None
    encrypted = _has_record(data[len(data) - extra :] if extra else b"", 1)
    return None if flags & 1 else Block(encrypted, unpacked, crc)


def _has_record(extra: bytes, wanted: int) -> bool:
    at = 0
    while at < len(extra):
        size, body = _vint(extra, at)
        if _vint(extra, body)[0] == wanted:
            return True
        at = body + size
    return False


def _rar4_block(file: IO[bytes]) -> Block | None:
    """Read one block and step over its data; None for one that is of no interest."""
    crc, kind, flags, size = struct.unpack("<HBHH", file.read(7))
    body = file.read(size - 7) if size >= 7 else b""
    head = struct.pack("<BHH", kind, flags, size) + body
    if len(body) != size - 7 or zlib.crc32(head) & 0xFFFF != crc:
        raise IndexError
    if kind == 0x7B:
        return _END
    if kind == 0x73:
        return _HIDDEN if flags & 0x80 else None
    packed = struct.unpack_from("<I", body)[0] if flags & 0x8000 else 0
    if kind != 0x74:
        file.seek(packed, 1)
        return None
    unpacked, _, content_crc = struct.unpack_from("<IBI", body, 4)
    if flags & 0x100:
        high_packed, high = struct.unpack_from("<II", body, 25)
        packed, unpacked = packed | high_packed << 32, unpacked | high << 32
    file.seek(packed, 1)
    directory = flags & 0xE0 == 0xE0
    return None if directory else Block(bool(flags & 4), unpacked, content_crc)


def damaged(path: Path) -> ArchiveDamaged:
    return ArchiveDamaged(N_("{file} is not complete or is damaged"), file=path.name)
