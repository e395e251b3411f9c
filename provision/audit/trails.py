"""What points at copies: download histories, lists of recent files, lock files, thumbnails.

A pointer is judged by what it points at: a file that is there is looked into. Of one that is gone only this
is known: its name stands inside an encrypted archive and nowhere else, so that it was unpacked here; or name
and size are those of a download of this site.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from provision.audit import browsers, formats
from provision.audit.copies import copy_finding, outside
from provision.audit.examined import FEW, Examination
from provision.audit.formats import Pointer
from provision.audit.machine import Home
from provision.audit.model import Check, Finding, Outcome, Severity
from provision.audit.walk import content
from provision.errors import N_, Phrase

_LISTS = (
    ".local/share/recently-used.xbel",
    ".recently-used.xbel",
    "snap/*/current/.local/share/recently-used.xbel",
    ".config/libreoffice/*/user/registrymodifications.xcu",
    ".var/app/org.libreoffice.LibreOffice/config/libreoffice/*/user/registrymodifications.xcu",
    "AppData/Roaming/LibreOffice/*/user/registrymodifications.xcu",
    "AppData/Roaming/Microsoft/Windows/Recent/*.lnk",
    "AppData/Roaming/Microsoft/Office/Recent/*.lnk",
)
_BROWSERS = (
    ".config/*/*/History",
    ".config/*/History",
    ".mozilla/firefox/*/places.sqlite",
    "snap/*/common/*/*/History",
    "snap/firefox/common/.mozilla/firefox/*/places.sqlite",
    ".var/app/*/config/*/*/History",
    ".var/app/org.mozilla.firefox/.mozilla/firefox/*/places.sqlite",
    "AppData/Local/*/*/User Data/*/History",
    "AppData/Roaming/Mozilla/Firefox/Profiles/*/places.sqlite",
)
_THUMBNAILS = (".cache/thumbnails/*/*.png", ".thumbnails/*/*.png")
_TRASH = (".local/share/Trash/info/*.trashinfo",)
_MOST_THUMBNAILS = 20_000
_BEFORE = 86_400.0
"""Seconds by which a trace may be older than the download that it is set against: clocks, and time zones."""

_CURES = {
    Check.BROWSERS: N_(
        "Delete the entry in the browser's list of downloads (Ctrl+J), and look where the file went."
    ),
    Check.RECENT: N_("Clear the list of recent files, and look where the file went."),
    Check.LOCKS: N_("Close the document in the office program; delete the copy and its lock file."),
    Check.THUMBNAILS: N_("Delete the small picture: {command}"),
}


def trails(examination: Examination) -> Iterator[Finding]:
    """Findings of all kinds of trails."""
    for check, pointers in (
        (Check.BROWSERS, _downloads),
        (Check.RECENT, _recent),
        (Check.THUMBNAILS, _thumbnails),
        (Check.LOCKS, _locks),
    ):
        coverage = examination.coverage(check)
        found = False
        for home in examination.machine.homes:
            for source, pointer in pointers(examination, home):
                for finding in _judged(examination, check, source, pointer):
                    found = True
                    yield finding
        if not found and not coverage.unseen:
            what = Phrase(
                N_("{count} lists read; none leads to this school's materials"), {"count": coverage.files}
            )
            yield Finding(check, Outcome.OK, Severity.NONE, "", what, Phrase("", {}))


def _judged(examination: Examination, check: Check, source: Path, pointer: Pointer) -> Iterator[Finding]:
    target = examination.machine.at(_posix(pointer.path))
    known_already = target in examination.recognised
    try:
        looked = outside(examination, target)
    except OSError:
        looked = None
    shown = examination.shown(source)
    cure = Phrase(_CURES[check], {"command": f"rm -- '{shown}'"})
    if looked is not None:
        seen, hits = looked
        if hits and not known_already:
            yield copy_finding(examination, check, seen, hits)
        if hits and check in {Check.THUMBNAILS, Check.LOCKS}:
            template = (
                N_("a small picture of the first page of {name}")
                if check is Check.THUMBNAILS
                else N_("{name} is open in an office program, or was when it crashed")
            )
            told = Phrase(template, {"name": examination.known.mask(seen.path.name)})
            yield Finding(check, Outcome.RISK, Severity.LOW, shown, told, cure)
        if hits or pointer.size in (-1, seen.size):
            return  # else another file has taken its place
    if _of_ours(examination, pointer):
        name = examination.known.mask(PurePosixPath(_posix(pointer.path)).name)
        what = Phrase(
            N_("{name} was unpacked or downloaded here, and is no longer where it was"), {"name": name}
        )
        yield Finding(check, Outcome.RISK, Severity.LOW, shown, what, cure)


def _of_ours(examination: Examination, pointer: Pointer) -> bool:
    """Whether a file that is gone was one of the site's."""
    known = examination.known
    if pointer.at and known.since and pointer.at < known.since - _BEFORE:
        return False  # older than the materials: another year's
    name = PurePosixPath(_posix(pointer.path)).name
    return name in known.member_names or (name, pointer.size) in known.downloads


def _posix(path: str) -> str:
    """A drive, a backslash and folders, as a path of Unix: the drive is the root that is looked at."""
    return PureWindowsPath(path).as_posix()[2:] if re.match(r"[A-Za-z]:\\", path) else path


def _found(examination: Examination, home: Home, patterns: tuple[str, ...], check: Check) -> Iterator[Path]:
    for pattern in patterns:
        try:
            yield from sorted(home.path.glob(pattern))
        except OSError:
            examination.coverage(check).miss("denied")


def _read(examination: Examination, path: Path, check: Check, limit: int = FEW) -> bytes | None:
    seen = examination.file(path)
    if seen is None:
        return None
    coverage = examination.coverage(check)
    if examination.budget.spent:
        coverage.miss(examination.budget.spent)
        return None
    coverage.files += 1
    if seen.size > limit:
        coverage.miss("big")
        return None
    try:
        return content(path, limit)
    except OSError:
        coverage.miss("denied")
        return None


def _downloads(examination: Examination, home: Home) -> Iterator[tuple[Path, Pointer]]:
    for path in _found(examination, home, _BROWSERS, Check.BROWSERS):
        data = _read(examination, path, Check.BROWSERS, browsers.MAX_BYTES)
        if data is None:
            continue
        log = (
            _read(examination, path.with_name(path.name + "-wal"), Check.BROWSERS, browsers.MAX_BYTES) or b""
        )
        try:
            for pointer in browsers.downloads(data, log):
                yield path, pointer
        except browsers.NoDatabase:
            examination.coverage(Check.BROWSERS).miss("damaged")


def _recent(examination: Examination, home: Home) -> Iterator[tuple[Path, Pointer]]:
    for path in _found(examination, home, _LISTS + _TRASH, Check.RECENT):
        data = _read(examination, path, Check.RECENT, 4 * FEW)
        if data is None:
            continue
        text = data.decode("utf-8", "replace")
        if path.suffix == ".lnk":
            pointers = [formats.lnk(data)]
        elif path.suffix == ".trashinfo":
            pointers = [_still_gone(path, formats.trashinfo(text))]
        else:
            pointers = [
                *(formats.xbel(text) if path.suffix == ".xbel" else formats.registrymodifications(text))
            ]
        for pointer in pointers:
            if pointer is not None:
                yield path, pointer


def _still_gone(info: Path, pointer: Pointer | None) -> Pointer | None:
    """A trashinfo whose file is in the trash says no more than the file itself, which is looked into."""
    there = (info.parent.parent / "files" / info.stem).exists()
    return None if there else pointer


def _thumbnails(examination: Examination, home: Home) -> Iterator[tuple[Path, Pointer]]:
    for count, path in enumerate(_found(examination, home, _THUMBNAILS, Check.THUMBNAILS)):
        if count >= _MOST_THUMBNAILS:
            examination.coverage(Check.THUMBNAILS).miss("files")
            return
        data = _read(examination, path, Check.THUMBNAILS)
        if data is not None and (pointer := formats.thumbnail(data)) is not None:
            yield path, pointer


def _locks(examination: Examination, home: Home) -> Iterator[tuple[Path, Pointer]]:
    """``.~lock.NAME#`` beside a document that LibreOffice has open; found while the files were walked."""
    for path in list(examination.recognised):
        match = re.fullmatch(r"\.~lock\.(.+)#", path.name)
        if match and path.is_relative_to(home.path):
            examination.coverage(Check.LOCKS).files += 1
            yield path, Pointer(examination.machine.shown(path.with_name(match[1])), _modified(path))


def _modified(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0
