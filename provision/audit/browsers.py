"""Download histories of browsers, read from copies in memory: the file is never opened by SQLite.

Chromium and its kin (Chrome, Yandex, Edge, Opera): table ``downloads`` of ``History``. Firefox:
``moz_annos`` of ``places.sqlite`` (downloads/destinationFileURI, downloads/metaData). What still stands in a
write-ahead log is put into the copy, as SQLite would (its file format, section 4).
"""

from __future__ import annotations

import json
import sqlite3
import struct
from collections.abc import Iterator
from contextlib import closing

from provision.audit.formats import Pointer, path_of_uri

MAX_BYTES = 256 << 20
_MAGIC = b"SQLite format 3\0"
_CHROME_EPOCH = 11_644_473_600
_CHROME = "SELECT target_path, current_path, total_bytes, received_bytes, start_time FROM downloads"
_FIREFOX = (
    "SELECT a.place_id, n.name, a.content, a.dateAdded FROM moz_annos a"
    " JOIN moz_anno_attributes n ON n.id = a.anno_attribute_id WHERE n.name LIKE 'downloads/%'"
)


class NoDatabase(Exception):
    """The file is no database that can be read."""


def downloads(data: bytes, log: bytes = b"") -> Iterator[Pointer]:
    """What a history says was downloaded. Raises NoDatabase."""
    with closing(_opened(with_log(data, log))) as database:
        try:
            tables = {
                name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            }
            if "downloads" in tables:
                yield from _chrome(database)
            if {"moz_annos", "moz_anno_attributes"} <= tables:
                yield from _firefox(database)
        except sqlite3.DatabaseError:
            raise NoDatabase from None


def with_log(data: bytes, log: bytes) -> bytes:
    """A database with the committed pages of its write-ahead log, as one that needs no log any more."""
    if not data.startswith(_MAGIC) or len(data) < 100:
        raise NoDatabase
    size = struct.unpack_from(">H", data, 16)[0]
    size = 65536 if size == 1 else size
    pages = bytearray(data)
    waiting: dict[int, bytes] = {}
    if len(log) > 32 and struct.unpack_from(">I", log)[0] in (0x377F0682, 0x377F0683):
        salts = log[16:24]
        for at in range(32, len(log) - size - 23, size + 24):
            number, commit = struct.unpack_from(">II", log, at)
            if log[at + 8 : at + 16] != salts:
                break  # of an earlier round: SQLite stops here too
            waiting[number] = log[at + 24 : at + 24 + size]
            if commit and commit * size <= MAX_BYTES * 2:
                pages.extend(bytes(max(0, commit * size - len(pages))))
                for page, content in waiting.items():
                    if 0 < page <= commit:
                        pages[(page - 1) * size : page * size] = content
                waiting.clear()
    pages[18:20] = b"\1\1"
    return bytes(pages)


def _opened(data: bytes) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    try:
        database.deserialize(data)
        database.execute("PRAGMA query_only = ON")
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    except sqlite3.DatabaseError:
        database.close()
        raise NoDatabase from None
    return database


def _chrome(database: sqlite3.Connection) -> Iterator[Pointer]:
    for target, current, total, received, start in database.execute(_CHROME):
        size = total if isinstance(total, int) and total > 0 else received
        when = start / 1e6 - _CHROME_EPOCH if isinstance(start, int) and start else 0.0
        for path in dict.fromkeys((target, current)):
            if isinstance(path, str) and path:
                yield Pointer(path, when, size if isinstance(size, int) else -1)


def _firefox(database: sqlite3.Connection) -> Iterator[Pointer]:
    paths: dict[int, str] = {}
    sizes: dict[int, int] = {}
    times: dict[int, float] = {}
    for place, name, content, added in database.execute(_FIREFOX):
        if name == "downloads/destinationFileURI":
            paths[place] = path_of_uri(str(content))
            times[place] = added / 1e6 if isinstance(added, int) else 0.0
        elif name == "downloads/metaData":
            try:
                told = json.loads(content).get("fileSize", -1)
            except (ValueError, AttributeError, TypeError):
                continue
            sizes[place] = told if isinstance(told, int) else -1
    for place, path in paths.items():
        if path:
            yield Pointer(path, times[place], sizes.get(place, -1))
