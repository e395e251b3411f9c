"""Lists of files that desktops and office programs keep: pure parsers of what stands in them.

xbel                  ~/.local/share/recently-used.xbel (freedesktop's recent files; bookmarks with times)
registrymodifications LibreOffice's settings: the PickList's and the last folders' URLs
trashinfo             freedesktop's trash: Path= (percent-encoded) and DeletionDate=
lnk                   Windows shortcuts in Recent ([MS-SHLLINK]): header, ID list, LinkInfo, local base path
$I…                   Windows' recycle bin: version, size, FILETIME, path in UTF-16
thumbnails            PNG with a tEXt chunk Thumb::URI (freedesktop's thumbnail standard)
"""

from __future__ import annotations

import datetime as dt
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

_UNIX_OF_FILETIME = 11_644_473_600
_URI = re.compile(r"file://[^\s\"'<>;]+")


@dataclass(frozen=True, slots=True)
class Pointer:
    """A file that a list names; ``at`` is when it was last used (seconds), 0 when the list does not say."""

    path: str
    at: float = 0.0
    size: int = -1


def path_of_uri(uri: str) -> str:
    """The path of a file: URI, decoded; "" for other URIs."""
    parts = urlsplit(uri)
    return unquote(parts.path) if parts.scheme == "file" else ""


def xbel(text: str) -> Iterator[Pointer]:
    """Recently used files. Read without an XML parser: the file is often cut short, and names no entities
    but the five."""
    for tag in re.finditer(r"<bookmark\b([^>]*)>", text):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag[1]))
        if path := path_of_uri(_unescaped(attributes.get("href", ""))):
            times = [_time(attributes.get(name, "")) for name in ("added", "modified", "visited")]
            yield Pointer(path, max(times))


def registrymodifications(text: str) -> Iterator[Pointer]:
    """Files that LibreOffice offers to open again."""
    for path in dict.fromkeys(path_of_uri(_unescaped(uri)) for uri in _URI.findall(text)):
        if path:
            yield Pointer(path)


def trashinfo(text: str) -> Pointer | None:
    """Where a file in the trash was."""
    path = re.search(r"^Path=(.+)$", text, re.MULTILINE)
    when = re.search(r"^DeletionDate=(.+)$", text, re.MULTILINE)
    return Pointer(unquote(path[1].strip()), _time(when[1].strip()) if when else 0.0) if path else None


def recycled(data: bytes) -> Pointer | None:
    """The same of Windows' recycle bin, versions 1 (Vista) and 2 (10); None for anything else."""
    if len(data) < 28:
        return None
    version, size, filetime = struct.unpack_from("<qqq", data)
    if version == 1:
        name = data[24 : 24 + 520]
    elif version == 2:
        (length,) = struct.unpack_from("<i", data, 24)
        name = data[28 : 28 + 2 * max(0, length)]
    else:
        return None
    path = name.decode("utf-16-le", "replace").split("\0", 1)[0]
    return Pointer(path, filetime / 1e7 - _UNIX_OF_FILETIME, size) if path else None


_LNK = struct.pack("<I", 0x4C) + bytes.fromhex("0114020000000000c000000000000046")


def lnk(data: bytes) -> Pointer | None:
    """The file that a Windows shortcut leads to; None when it names no local path."""
    if not data.startswith(_LNK) or len(data) < 76:
        return None
    flags = struct.unpack_from("<I", data, 20)[0]
    written, size = struct.unpack_from("<q", data, 44)[0], struct.unpack_from("<I", data, 52)[0]
    at = 76
    try:
        if flags & 1:
            at += 2 + int(struct.unpack_from("<H", data, at)[0])
        if not flags & 2:
            return None
        header, told = struct.unpack_from("<II", data, at + 4)
        local = struct.unpack_from("<I", data, at + 16)[0]
        if not told & 1:
            return None
        if header >= 0x24:
            wide = struct.unpack_from("<I", data, at + 28)[0]
            end = data.find(b"\0\0\0", at + wide)
            raw = data[at + wide : end + 1 if end >= 0 else len(data)]
            path = raw.decode("utf-16-le", "ignore").split("\0", 1)[0]
        else:
            path = data[at + local :].split(b"\0", 1)[0].decode("cp1251", "replace")
    except struct.error:
        return None
    return Pointer(path, max(0.0, written / 1e7 - _UNIX_OF_FILETIME), size) if path else None


def thumbnail(data: bytes) -> Pointer | None:
    """The file that a thumbnail shows."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return None
    at, found, when = 8, "", 0.0
    while at + 12 <= len(data):
        length = struct.unpack_from(">I", data, at)[0]
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        if kind == b"tEXt":
            name, _nul, value = body.partition(b"\0")
            if name == b"Thumb::URI":
                found = path_of_uri(value.decode("latin-1"))
            elif name == b"Thumb::MTime" and value.split(b".")[0].isdigit():
                when = float(value.split(b".")[0])
        at += 12 + length
    return Pointer(found, when) if found else None


def _time(text: str) -> float:
    try:
        return dt.datetime.fromisoformat(text).timestamp()
    except ValueError:
        return 0.0


def _unescaped(text: str) -> str:
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        text = text.replace(entity, char)
    return text
