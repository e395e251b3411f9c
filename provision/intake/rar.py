"""RAR archives: libarchive reads plain ones; encrypted ones need the system's ``unrar``.

The cipher reaches ``unrar`` through its standard input (which it reads when that is no terminal), never
through an argument, and the content comes back through a pipe.
"""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from provision.errors import N_
from provision.intake import unpack
from provision.intake.errors import (
    ArchiveDamaged,
    ArchiveRefused,
    ArchiveUnsupported,
    CipherRefused,
    IntakeError,
)
from provision.intake.members import ArchiveInfo, Member, shown
from provision.secret import Secret

_SECONDS = 120
_UNRAR_WRONG_PASSWORD = 11  # exit code RARX_BADPWD
_BLOCKS_LIMIT = 10_000
_RAR5 = b"Rar!\x1a\x07\x01\x00"


def inspect(path: Path, cipher: Secret | None) -> ArchiveInfo:
    """List ``path``; of an encrypted archive the names are known only with ``unrar`` and the cipher."""
    if not any(block.encrypted for block in _blocks(path)):
        return ArchiveInfo("rar", "", tuple(_plain_members(path)))
    if not cipher:
        return ArchiveInfo("rar", "RAR", (), names_hidden=True)
    listing = _unrar(path, cipher, "lt").decode("utf-8", "replace")
    return ArchiveInfo("rar", "RAR", tuple(_listed(listing)), names_hidden=True)


def read(path: Path, info: ArchiveInfo, cipher: Secret | None) -> dict[str, bytes]:
    """Unpack all members of the checked listing."""
    if cipher is None:
        return _read_plain(path, info)
    stream = _unrar(path, cipher, "p")
    if len(stream) != sum(member.size for member in info.members):
        raise _damaged(path)
    contents, at = {}, 0
    for member in info.members:
        contents[member.name] = stream[at : at + member.size]
        at += member.size
    return contents


def opens(path: Path, cipher: Secret) -> bool:
    """Whether ``unrar`` accepts ``cipher``; it tests the whole archive."""
    try:
        _unrar(path, cipher, "t")
    except CipherRefused:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Block:
    """A file's header, or a header that hides all others (``encrypted`` and no more)."""

    encrypted: bool
    size: int = 0
    crc: int | None = None


_END = _Block(encrypted=False, size=-1)
_HIDDEN = _Block(encrypted=True, size=-1)


def _blocks(path: Path) -> list[_Block]:
    """The headers of all files, walked to the block that ends the archive: a truncated one has none.

    libarchive takes an archive that is cut between two files for a whole one, hence this walk.
    Formats: RAR technote (versions 1.5-4), RAR 5.0 archive format.
    """
    with path.open("rb") as file:
        read = _rar5_block if file.read(8) == _RAR5 else _rar4_block
        file.seek(8 if read is _rar5_block else 7)
        blocks: list[_Block] = []
        while len(blocks) <= _BLOCKS_LIMIT:
            try:
                block = read(file)
            except (IndexError, struct.error, OverflowError, OSError):
                raise _damaged(path) from None
            if block is _END:
                return blocks
            if block is not None:
                blocks.append(block)
            if block == _HIDDEN:
                return blocks
    raise ArchiveRefused(
        N_("{file} holds more than {limit} files; it is not opened"), file=path.name, limit=_BLOCKS_LIMIT
    )


def _vint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while data[at] & 0x80 and shift < 63:
        value |= (data[at] & 0x7F) << shift
        at, shift = at + 1, shift + 7
    return value | data[at] << shift, at + 1


def _rar5_block(file: IO[bytes]) -> _Block | None:
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
    return None if flags & 1 else _Block(encrypted, unpacked, crc)


def _has_record(extra: bytes, wanted: int) -> bool:
    at = 0
    while at < len(extra):
        size, body = _vint(extra, at)
        if _vint(extra, body)[0] == wanted:
            return True
        at = body + size
    return False


def _rar4_block(file: IO[bytes]) -> _Block | None:
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
    return None if directory else _Block(bool(flags & 4), unpacked, content_crc)


def _plain_members(path: Path) -> list[Member]:
    members = []
    with path.open("rb") as file, _plain(path, file) as stream:
        for found in stream:
            entry = found.entry
            if not entry.isdir:
                link = not entry.isreg or entry.islnk
                members.append(Member(_name(found), int(entry.size or 0), 0, encrypted=False, link=link))
    if [member.size for member in members] != [block.size for block in _blocks(path)]:
        raise _damaged(path)
    return members


def _read_plain(path: Path, info: ArchiveInfo) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    with path.open("rb") as file, _plain(path, file) as stream:
        files = (found for found in stream if not found.entry.isdir)
        for found, member, block in zip(files, info.members, _blocks(path), strict=False):
            content = found.content(member.name, block.size)
            if block.crc is not None and zlib.crc32(content) != block.crc:
                raise ArchiveDamaged(
                    N_("{file}: {member} does not match its checksum"),
                    file=path.name,
                    member=shown(member.name),
                )
            contents[member.name] = content
    if len(contents) != len(info.members):
        raise _damaged(path)
    return contents


def _damaged(path: Path) -> ArchiveDamaged:
    return ArchiveDamaged(N_("{file} is not complete or is damaged"), file=path.name)


def _plain(path: Path, file: IO[bytes]) -> AbstractContextManager[Iterator[unpack.Found]]:
    return unpack.entries(path.name, file, "rar5" if file.read(8) == _RAR5 else "rar", None)


def _name(found: unpack.Found) -> str:
    return str(found.entry.pathname or "").replace("\\", "/")


def _listed(listing: str) -> list[Member]:
    """Members from ``unrar lt``: blocks of ``key: value`` lines."""
    members = []
    for block in re.split(r"\n\s*\n", listing):
        fields = dict(re.findall(r"^\s*([A-Za-z0-9 ]+): (.*)$", block, re.MULTILINE))
        if "Name" not in fields or fields.get("Type") == "Directory":
            continue
        name = fields["Name"].replace("\\", "/")
        size, packed = int(fields.get("Size", "0")), int(fields.get("Packed size", "0"))
        encrypted = "encrypted" in fields.get("Flags", "")
        members.append(Member(name, size, packed, encrypted, link=fields.get("Type") != "File"))
    return members


def _unrar(path: Path, cipher: Secret, command: str) -> bytes:
    """Run ``unrar``; the language is English so that its listing can be read."""
    program = shutil.which("unrar")
    if program is None:
        raise ArchiveUnsupported(
            N_("{file} is an encrypted rar archive; reading it needs the program 'unrar' (package unrar)"),
            file=path.name,
        )
    quiet = "-inul" if command == "p" else "-idcp"
    try:
        done = subprocess.run(
            [program, command, "-p", quiet, "-cfg-", "--", str(path.resolve())],
            input=cipher.reveal().encode() + b"\n",
            capture_output=True,
            timeout=_SECONDS,
            env={"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ArchiveUnsupported(N_("unrar did not finish with {file}"), file=path.name) from None
    if done.returncode == 0:
        return done.stdout
    raise _unrar_failed(path, done.returncode)


def _unrar_failed(path: Path, code: int) -> IntakeError:
    if code in (_UNRAR_WRONG_PASSWORD, 3):  # 3: CRC error, which is what RAR 4 gives for a wrong password
        return CipherRefused(N_("the cipher does not open {file}"), file=path.name)
    return ArchiveDamaged(N_("unrar cannot read {file} (exit code {code})"), file=path.name, code=code)
