"""An item of the vault: what is known of it, and its plain form.

Decrypted, an item is a tar archive (POSIX pax) with one member: ``age -d -i KEY ITEM.age | tar x`` gives the
file back without this program. What there is to know of it stands in the pax header, records ``VPR.*``.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePosixPath

from provision.errors import N_
from provision.vault.age import Reads
from provision.vault.errors import NameRefused

NAME_BYTES = 1000
HEADER_BYTES = 16 * 1024
"""A header is never longer: its name is bounded, all else is short."""
MAX_BYTES = 64 * 2**30
"""Of one item; a whole room's answers are some gigabytes."""
PIECE = 256 * 1024
_BLOCK = tarfile.BLOCKSIZE
_END = bytes(2 * _BLOCK)
_SHA256 = re.compile("[0-9a-f]{64}")


class Kind(StrEnum):
    """What an item is. Decides what leaves in an export without names."""

    LOGIN = "login"
    """Login and password of the information system."""
    CIPHER = "cipher"
    MATERIAL = "material"
    """Anything downloaded: archives, instructions, templates, criteria."""
    CODES = "codes"
    """The table of participant codes, without names."""
    CODE_TABLE = "code-table"
    """Which pupil has which code."""
    ANSWERS = "answers"
    FORM = "form"
    PEOPLE = "people"
    """Who has which role, and the hashes of their passphrases."""
    OTHER = "other"

    @property
    def nameless(self) -> bool:
        """Whether its content names no person, as far as the kind tells."""
        return self in {Kind.CIPHER, Kind.MATERIAL, Kind.CODES, Kind.ANSWERS}


@dataclass(frozen=True, slots=True)
class Item:
    """What is known of an item. ``id``: 32 hexadecimal digits, drawn by chance; ``size`` in bytes and
    ``sha256`` are of its content, ``at`` is when it was put in, UTC."""

    id: str
    name: str = field(repr=False)
    kind: Kind
    size: int
    sha256: str = field(repr=False)
    at: dt.datetime


class NotAnItem(Exception):
    """Decrypted bytes that no item begins with."""


def check_name(name: str) -> str:
    """The name, if an item can have it: a relative path with ``/``. Raises NameRefused."""
    path = PurePosixPath(name)
    fine = (
        name == path.as_posix()
        and name not in {"", "."}
        and not path.is_absolute()
        and ".." not in path.parts
        and name.isprintable()
        and len(name.encode("utf-8", "surrogatepass")) <= NAME_BYTES
    )
    if not fine:
        raise NameRefused(N_("an item cannot have such a name"))
    return name


def header(item: Item) -> bytes:
    """What stands before the content."""
    member = tarfile.TarInfo(item.name)
    member.size, member.mode, member.mtime = item.size, 0o600, int(item.at.timestamp())
    member.pax_headers = {
        "VPR.kind": item.kind.value,
        "VPR.sha256": item.sha256,
        "VPR.at": item.at.isoformat(),
    }
    return member.tobuf(tarfile.PAX_FORMAT)


def plain(item: Item, source: Reads) -> Iterator[bytes]:
    """The item's plain form, piece by piece; the content is what ``source`` gives."""
    yield header(item)
    while piece := source.read(PIECE):
        yield piece
    yield padding(item.size) + _END


def padding(size: int) -> bytes:
    """What fills the last block of a content."""
    return bytes(-size % _BLOCK)


def parse(item_id: str, beginning: bytes) -> tuple[Item, int]:
    """The item whose plain form begins so, and where its content starts. Raises NotAnItem.

    The bytes are authentic, but whoever knows the vault's public half could have written them: nothing is
    believed."""
    try:
        with tarfile.open(fileobj=io.BytesIO(beginning), mode="r:") as archive:
            member = archive.next()
        if member is None or not member.isreg() or not 0 <= member.size <= MAX_BYTES:
            raise NotAnItem
        records = member.pax_headers
        at = dt.datetime.fromisoformat(records["VPR.at"]).astimezone(dt.UTC)
        sha256 = records["VPR.sha256"]
        if not _SHA256.fullmatch(sha256):
            raise NotAnItem
        kind = Kind(records["VPR.kind"])
        return Item(item_id, check_name(member.name), kind, member.size, sha256, at), member.offset_data
    except (tarfile.TarError, KeyError, ValueError, OverflowError, NameRefused):
        raise NotAnItem from None
