"""RAR archives: libarchive reads plain ones; encrypted ones need the system's ``unrar``.

The cipher reaches ``unrar`` through its standard input (which it reads when that is no terminal), never
through an argument, and the content comes back through a pipe.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO

from provision.errors import N_
from provision.intake import unpack
from provision.intake.errors import (
    ArchiveDamaged,
    ArchiveUnsupported,
    CipherRefused,
    IntakeError,
)
from provision.intake.members import ArchiveInfo, Member, shown
from provision.intake.rarblocks import RAR5, blocks, damaged
from provision.secret import Secret

_SECONDS = 120
_UNRAR_WRONG_PASSWORD = 11  # exit code RARX_BADPWD


def inspect(path: Path, cipher: Secret | None) -> ArchiveInfo:
    """List ``path``; of an encrypted archive the names are known only with ``unrar`` and the cipher."""
    if not any(block.encrypted for block in blocks(path)):
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
        raise damaged(path)
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


def _plain_members(path: Path) -> list[Member]:
    members = []
    with path.open("rb") as file, _plain(path, file) as stream:
        for found in stream:
            entry = found.entry
            if not entry.isdir:
                link = not entry.isreg or entry.islnk
                members.append(Member(_name(found), int(entry.size or 0), 0, encrypted=False, link=link))
    if [member.size for member in members] != [block.size for block in blocks(path)]:
        raise damaged(path)
    return members


def _read_plain(path: Path, info: ArchiveInfo) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    with path.open("rb") as file, _plain(path, file) as stream:
        files = (found for found in stream if not found.entry.isdir)
        for found, member, block in zip(files, info.members, blocks(path), strict=False):
            content = found.content(member.name, block.size)
            if block.crc is not None and zlib.crc32(content) != block.crc:
                raise ArchiveDamaged(
                    N_("{file}: {member} does not match its checksum"),
                    file=path.name,
                    member=shown(member.name),
                )
            contents[member.name] = content
    if len(contents) != len(info.members):
        raise damaged(path)
    return contents


def _plain(path: Path, file: IO[bytes]) -> AbstractContextManager[Iterator[unpack.Found]]:
    return unpack.entries(path.name, file, "rar5" if file.read(8) == RAR5 else "rar", None)


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


def program(path: Path) -> str:
    """Where ``unrar`` is; raises :class:`ArchiveUnsupported` when it is not installed."""
    found = shutil.which("unrar")
    if found is None:
        raise ArchiveUnsupported(
            N_("{file} is an encrypted rar archive; reading it needs the program 'unrar' (package unrar)"),
            file=path.name,
        )
    return found


def _unrar(path: Path, cipher: Secret, command: str) -> bytes:
    """Run ``unrar``; the language is English so that its listing can be read."""
    quiet = "-inul" if command == "p" else "-idcp"
    try:
        done = subprocess.run(
            [program(path), command, "-p", quiet, "-cfg-", "--", str(path.resolve())],
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
