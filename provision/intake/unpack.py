"""libarchive, used so that it only ever writes into memory that was measured before."""

from __future__ import annotations

import ctypes
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

import libarchive
from libarchive import ffi

from provision.errors import N_
from provision.intake.errors import (
    ArchiveDamaged,
    ArchiveRefused,
    ArchiveUnsupported,
    CipherRefused,
    IntakeError,
)
from provision.intake.members import shown
from provision.secret import Secret

# It warns of each Cyrillic name under LANG=C; names are decoded elsewhere, from their bytes.
logging.getLogger("libarchive").setLevel(logging.ERROR)

_ENCODINGS = ("utf-8", "cp866", "cp1251")


def spellings(cipher: Secret) -> tuple[bytes, ...]:
    """The cipher in the encodings that archivers give a password; one when it is ASCII."""
    text = cipher.reveal()
    found: dict[bytes, None] = {}
    for encoding in _ENCODINGS:
        try:
            found.setdefault(text.encode(encoding))
        except UnicodeEncodeError:
            continue
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Found:
    """One entry that libarchive stands at; its content can be read until the next is asked for."""

    file: str
    entry: Any
    archive: Any

    def content(self, name: str, size: int) -> bytes:
        """Read the entry, which must be a regular file of exactly ``size`` bytes."""
        if not self.entry.isreg or self.entry.islnk:
            raise ArchiveRefused(
                N_("{file}: {member} is a link or a device, not a file"), file=self.file, member=shown(name)
            )
        buffer = bytearray(size + 1)  # one more than promised: what fills it is bigger than it said
        target = (ctypes.c_char * len(buffer)).from_buffer(buffer)
        filled = got = 0
        try:
            while filled <= size:
                got = ffi.read_data(self.archive, ctypes.byref(target, filled), len(buffer) - filled)
                if got <= 0:
                    break
                filled += got
        except libarchive.ArchiveError as error:
            raise translated(error, self.file, name) from None
        if got < 0:  # libarchive's warnings, a checksum that does not match among them
            raise _damaged(self.file, name)
        if filled > size:
            raise ArchiveRefused(
                N_("{file}: {member} is bigger than the archive says"), file=self.file, member=shown(name)
            )
        if filled < size:
            raise _damaged(self.file, name)
        return bytes(memoryview(buffer)[:size])


@contextmanager
def entries(file: str, stream: IO[bytes], format_name: str, key: bytes | None) -> Iterator[Iterator[Found]]:
    """Walk the archive ``stream`` (a real file, read from its start) as one format and nothing else."""

    def walk(archive: Any) -> Iterator[Found]:
        try:
            for entry in archive:
                yield Found(file, entry, archive._pointer)
        except libarchive.ArchiveError as error:
            raise translated(error, file, "") from None

    os.lseek(stream.fileno(), 0, os.SEEK_SET)
    try:
        with libarchive.fd_reader(
            stream.fileno(), format_name=format_name, filter_name="none", block_size=1 << 16, passphrase=key
        ) as archive:
            yield walk(archive)
    except libarchive.ArchiveError as error:
        raise translated(error, file, "") from None


def translated(error: libarchive.ArchiveError, file: str, member: str) -> IntakeError:
    """libarchive's error as ours; its text is English prose, without names or secrets."""
    text = str(error.msg or "")
    if "passphrase" in text.lower():
        return CipherRefused(N_("the cipher does not open {file}"), file=file)
    if "nsupported" in text or "not supported" in text:
        return ArchiveUnsupported(
            N_("{file}: {member} is packed in a way that cannot be read here"),
            file=file,
            member=shown(member),
        )
    return _damaged(file, member)


def _damaged(file: str, member: str) -> ArchiveDamaged:
    if not member:
        return ArchiveDamaged(N_("{file} is not complete or is damaged"), file=file)
    return ArchiveDamaged(
        N_("{file}: {member} is not complete or is damaged"), file=file, member=shown(member)
    )
