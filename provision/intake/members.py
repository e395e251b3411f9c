"""What an archive lists, and the limits that a listing must keep before anything is unpacked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from provision.errors import N_
from provision.intake.errors import ArchiveRefused, MemberRefused

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read into memory at the most; sizes in bytes.

    ``ratio`` is unpacked to packed size. Deflate reaches 1032 on zeros; a real PDF or DOCX stays below 20,
    an uncompressed scan with much white below 200. It counts only above ``ratio_from`` bytes.
    """

    members: int = 500
    member_bytes: int = 256 * MIB
    total_bytes: int = 512 * MIB
    ratio: int = 250
    ratio_from: int = 4 * MIB


@dataclass(frozen=True, slots=True)
class Member:
    """A file inside an archive; sizes in bytes, ``packed`` 0 when the format does not tell."""

    name: str
    size: int
    packed: int
    encrypted: bool
    link: bool = False


@dataclass(frozen=True, slots=True)
class ArchiveInfo:
    """What an archive says about itself.

    ``encryption`` is "" for none; ``members`` is empty when names are hidden and the cipher is not here.
    """

    format: str
    encryption: str
    members: tuple[Member, ...]
    names_hidden: bool = False


def shown(name: str) -> str:
    """``name`` fit for a message: no control characters, not endless."""
    text = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in name)
    return text if len(text) <= 120 else text[:117] + "…"


def check_members(file: str, members: Sequence[Member], packed_bytes: int, limits: Limits) -> None:
    """Refuse a listing that is empty, too big, or leads outside an archive of ``packed_bytes``."""
    if not members:
        raise ArchiveRefused(N_("{file} is an empty archive"), file=file)
    if len(members) > limits.members:
        raise ArchiveRefused(
            N_("{file} holds {count} files; more than {limit} are not opened"),
            file=file,
            count=len(members),
            limit=limits.members,
        )
    seen: set[str] = set()
    for member in members:
        _check_name(file, member)
        key = unicodedata.normalize("NFC", member.name).casefold()
        if key in seen:
            raise ArchiveRefused(N_("{file} holds {member} twice"), file=file, member=shown(member.name))
        seen.add(key)
        _check_size(file, member, limits)
    total = sum(member.size for member in members)
    if total > limits.total_bytes or _bomb(total, packed_bytes, limits):
        raise ArchiveRefused(
            N_("{file} would unpack to {size} MB; that is no set of tasks"), file=file, size=total // MIB
        )


def _check_name(file: str, member: Member) -> None:
    name = member.name
    reason = ""
    if member.link:
        reason = N_("{file}: {member} is a link or a device, not a file")
    elif not name.strip() or any(ord(char) < 32 for char in name):
        reason = N_("{file}: {member} is not a file name")
    elif name.startswith("/") or re.match(r"[A-Za-z]:", name):
        reason = N_("{file}: {member} is an absolute path")
    elif ".." in name.split("/"):
        reason = N_("{file}: {member} leads out of the archive")
    if reason:
        raise ArchiveRefused(reason, file=file, member=shown(name))


def _bomb(size: int, packed: int, limits: Limits) -> bool:
    return size > limits.ratio_from and size > limits.ratio * max(packed, 1)


def _check_size(file: str, member: Member, limits: Limits) -> None:
    if member.size > limits.member_bytes or (member.packed and _bomb(member.size, member.packed, limits)):
        raise ArchiveRefused(
            N_("{file}: {member} would unpack to {size} MB"),
            file=file,
            member=shown(member.name),
            size=member.size // MIB,
        )


# By a name's ending: what the content must begin with. A PDF may have up to 1 KiB before its header
# (Adobe's implementation note 13 to PDF 1.7).
_STARTS: dict[str, tuple[bytes, int]] = {
    ".pdf": (b"%PDF-", 1024),
    ".docx": (b"PK\x03\x04", 4),
    ".xlsx": (b"PK\x03\x04", 4),
    ".doc": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8),
    ".xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8),
}
_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00")


def check_content(file: str, name: str, content: bytes) -> None:
    """Refuse a member that is not what its name says, and an archive inside the archive."""
    ending = name[name.rfind(".") :].lower() if "." in name else ""
    start = _STARTS.get(ending)
    if start is not None and start[0] not in content[: max(start[1], len(start[0]))]:
        raise MemberRefused(
            N_("{file}: {member} is named {ending} but is not such a file ({size} bytes)"),
            file=file,
            member=shown(name),
            ending=ending,
            size=len(content),
        )
    office = b"[Content_Types].xml" in content or b"mimetypeapplication/vnd.oasis" in content[:100]
    if content.startswith(_ARCHIVES) or (content.startswith(b"PK\x03\x04") and not office):
        raise ArchiveRefused(
            N_("{file}: {member} is an archive inside the archive; put it into the inbox by itself"),
            file=file,
            member=shown(name),
        )
