"""7z archives through py7zr, into memory, with visible or hidden names.

7z has no value that tells a wrong password: whatever breaks while the header or the first member is
decrypted is taken for one. That is sound because the encrypted header's own CRC-32 was verified before
decryption, and a truncated 7z loses its header, which stands at the end.
"""

from __future__ import annotations

import struct
from pathlib import Path, PurePosixPath
from typing import IO, Any

import py7zr
from py7zr.exceptions import PasswordRequired, UnsupportedCompressionMethodError
from py7zr.io import Py7zIO, WriterFactory

from provision.errors import N_
from provision.intake.errors import ArchiveDamaged, ArchiveRefused, ArchiveUnsupported, CipherRefused
from provision.intake.members import ArchiveInfo, Member
from provision.secret import Secret

_HEADER_LIMIT = 256 * 1024
"""Bytes of the packed table of contents; 500 files need about 100 KiB, and LZMA expands without mercy."""


def inspect(path: Path, cipher: Secret | None) -> ArchiveInfo:
    """List ``path``; with hidden names the list is empty unless the right cipher is given."""
    with path.open("rb") as file:
        archive = _open(path, file, None)
        hidden = archive is None
        if archive is None and cipher:
            archive = _open(path, file, cipher)
        if archive is None:
            return ArchiveInfo("7z", "AES-256", (), names_hidden=True)
        with archive:
            members = tuple(_member(item) for item in archive.files if not item.is_directory)
            encrypted = hidden or archive.needs_password()
        return ArchiveInfo("7z", "AES-256" if encrypted else "", members, names_hidden=hidden)


def read(path: Path, info: ArchiveInfo, cipher: Secret | None) -> dict[str, bytes]:
    """Unpack all members of the checked listing."""
    names = {PurePosixPath(member.name).as_posix(): member for member in info.members}
    sinks = _Sinks({name: member.size for name, member in names.items()})
    with path.open("rb") as file:
        archive = _open(path, file, cipher)
        if archive is None:
            raise _refused(path)
        with archive:
            try:
                archive.extract(factory=sinks)
            except Exception as error:  # noqa: BLE001 - py7zr lets anything through, see the module's docstring
                raise _failed(path, error, decrypting=cipher is not None and not sinks.complete()) from None
    return {member.name: sinks.content(path, name) for name, member in names.items()}


def opens(path: Path, cipher: Secret) -> bool:
    """Whether ``cipher`` decrypts the hidden names, or else the first member with content."""
    with path.open("rb") as file:
        try:
            if _open(path, file, None) is None:
                return _open(path, file, cipher) is not None
            archive = _open(path, file, cipher)
            if archive is None:
                return False
            with archive:
                first = next((item for item in archive.files if item.uncompressed), None)
                if first is None:
                    return False
                sinks = _Sinks({PurePosixPath(first.filename).as_posix(): first.uncompressed})
                archive.extract(targets=[first.filename], factory=sinks)
        except CipherRefused:
            return False
        except Exception:  # noqa: BLE001 - see the module's docstring
            return False
    return True


class _Sink(Py7zIO):
    """One member in memory, never longer than listed."""

    def __init__(self, size: int) -> None:
        self.limit = size
        self.data = bytearray()

    def write(self, s: bytes | bytearray) -> int:
        if len(self.data) + len(s) > self.limit:
            msg = "longer than listed"
            raise ValueError(msg)
        self.data += s
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        return bytes(self.data[:size])

    def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002 - py7zr rewinds what it has written
        return 0

    def flush(self) -> None:
        return None

    def size(self) -> int:
        return len(self.data)


class _Sinks(WriterFactory):
    """Memory for the members that were listed, and for no other."""

    def __init__(self, sizes: dict[str, int]) -> None:
        self.sizes = sizes
        self.made: dict[str, _Sink] = {}

    def create(self, filename: str) -> _Sink:
        name = PurePosixPath(filename).as_posix()
        self.made[name] = _Sink(self.sizes[name])
        return self.made[name]

    def complete(self) -> bool:
        """Whether some member with content came out whole: then the cipher is right."""
        return len([sink for sink in self.made.values() if sink.limit and len(sink.data) == sink.limit]) > 1

    def content(self, path: Path, name: str) -> bytes:
        sink = self.made.get(name)
        if sink is None or len(sink.data) != self.sizes[name]:
            if self.sizes[name] == 0:
                return b""
            raise ArchiveDamaged(N_("{file} is not complete or is damaged"), file=path.name)
        return bytes(sink.data)


def _member(item: Any) -> Member:
    link = item.is_symlink or item.is_junction or item.is_socket
    encrypted = item.folder is not None and any(
        coder["method"] == b"\x06\xf1\x07\x01" for coder in item.folder.coders
    )
    # In a solid block only the block's size is known, so ``packed`` stays 0 and the archive's ratio counts.
    return Member(item.filename.replace("\\", "/"), int(item.uncompressed or 0), 0, encrypted, link=link)


def _open(path: Path, file: IO[bytes], cipher: Secret | None) -> py7zr.SevenZipFile | None:
    """Open for reading; None when the names are hidden and no cipher is given."""
    file.seek(0)
    head = file.read(32)
    if len(head) < 32:
        raise ArchiveDamaged(N_("{file} is not complete or is damaged"), file=path.name)
    if struct.unpack_from("<Q", head, 20)[0] > _HEADER_LIMIT:
        raise ArchiveRefused(N_("{file} has a table of contents of suspicious size"), file=path.name)
    file.seek(0)
    try:
        archive = py7zr.SevenZipFile(file, "r", password=cipher.reveal() if cipher else None)
    except PasswordRequired:
        return None
    except Exception as error:  # noqa: BLE001 - py7zr lets anything through, see the module's docstring
        raise _failed(path, error, decrypting=cipher is not None) from None
    if not hasattr(archive, "files"):
        raise ArchiveRefused(N_("{file} is an empty archive"), file=path.name)
    return archive


def _failed(path: Path, error: Exception, *, decrypting: bool) -> Exception:
    if isinstance(error, UnsupportedCompressionMethodError):
        return ArchiveUnsupported(N_("{file} is packed in a way that cannot be read here"), file=path.name)
    if decrypting:
        return _refused(path)
    if isinstance(error, MemoryError):
        return ArchiveRefused(N_("{file} asks for more memory than this computer has"), file=path.name)
    return ArchiveDamaged(N_("{file} is not complete or is damaged"), file=path.name)


def _refused(path: Path) -> CipherRefused:
    return CipherRefused(N_("the cipher does not open {file}"), file=path.name)
