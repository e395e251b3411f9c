"""Open any archive by its content, in memory only: zip (plain, ZipCrypto, AES), 7z, rar.

The name of the file on disk plays no part. Members are listed and checked against :class:`Limits` before a
byte is unpacked, and are handed over as ``bytes``: nothing decrypted is ever written to a file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provision.errors import N_
from provision.intake import rar, zipfiles
from provision.intake.errors import ArchiveUnsupported, CipherNeeded
from provision.intake.members import ArchiveInfo, Limits, Member, check_content, check_members
from provision.secret import Secret

__all__ = ["DEFAULT_LIMITS", "ArchiveInfo", "Limits", "Member", "container", "inspect", "opens", "read"]

DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class _Format:
    inspect: Callable[[Path, Secret | None], ArchiveInfo]
    read: Callable[[Path, ArchiveInfo, Secret | None], dict[str, bytes]]
    opens: Callable[[Path, Secret], bool]


_MAGIC: dict[bytes, str] = {
    b"PK\x03\x04": "zip",
    b"PK\x05\x06": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "rar",
}


def container(path: Path) -> str | None:
    """Format of the archive ``path`` by its first bytes: "zip", "7z", "rar"; None when it is none."""
    with path.open("rb") as file:
        head = file.read(8)
    return next((name for magic, name in _MAGIC.items() if head.startswith(magic)), None)


def inspect(path: Path, cipher: Secret | None = None, limits: Limits = DEFAULT_LIMITS) -> ArchiveInfo:
    """List an archive without unpacking; ``cipher`` is used only where the names themselves are hidden.

    Raises :class:`ArchiveDamaged`, :class:`ArchiveRefused`, :class:`ArchiveUnsupported`, and with a cipher
    :class:`CipherRefused`.
    """
    info = _format(path).inspect(path, cipher)
    if not info.names_hidden or info.members:
        check_members(path.name, info.members, path.stat().st_size, limits)
    return info


def read(path: Path, cipher: Secret | None, limits: Limits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """Unpack all members into memory: name -> content, in the archive's order.

    Raises what :func:`inspect` raises, :class:`CipherNeeded`, and :class:`MemberRefused`.
    """
    info = inspect(path, cipher, limits)
    if info.encryption and not cipher:
        raise CipherNeeded(N_("{file} is encrypted and its cipher is not here"), file=path.name)
    contents = _format(path).read(path, info, cipher if info.encryption else None)
    for name, content in contents.items():
        check_content(path.name, name, content)
    return contents


def opens(path: Path, cipher: Secret) -> bool:
    """Whether ``cipher`` really opens the encrypted archive; False for one that is not encrypted.

    Cheap: for AES zip one key derivation, for ZipCrypto the smallest member, for 7z the first.
    """
    info = inspect(path)
    return bool(info.encryption) and bool(cipher) and _format(path).opens(path, cipher)


def require_program(path: Path, info: ArchiveInfo) -> None:
    """Raise :class:`ArchiveUnsupported` when reading the archive needs a program that is not installed."""
    if info.format == "rar" and info.encryption:
        rar.program(path)


def _format(path: Path) -> _Format:
    name = container(path)
    if name is None:
        raise ArchiveUnsupported(N_("{file} is neither a zip, a 7z nor a rar archive"), file=path.name)
    if name == "zip":
        return _Format(zipfiles.inspect, zipfiles.read, zipfiles.opens)
    if name == "rar":
        return _Format(rar.inspect, rar.read, rar.opens)
    from provision.intake import sevenzip  # noqa: PLC0415 - takes long to import, and is seldom needed

    return _Format(sevenzip.inspect, sevenzip.read, sevenzip.opens)
