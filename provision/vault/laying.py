"""Items as files of an ordinary disk: no name too long for it, no two alike, no file where a folder must be.

What must change its name for that gets a number or a hash, and its content is never dropped. Names that
differ by case alone are alike: a copy goes to a memory stick, or to Windows.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

PART_BYTES = 200
"""Of one part of a path, in UTF-8: file systems take 255, and a number may be added."""
_TAKEN_BYTES = 255
_HASH = 16
_SUFFIX_BYTES = 20


def fitting(part: str, at_most: int = PART_BYTES) -> str:
    """A part of a path that a file system takes: itself, or its beginning, a hash and its suffix."""
    if len(_bytes(part)) <= at_most:
        return part
    suffix = PurePosixPath(part).suffix
    suffix = suffix if len(_bytes(suffix)) <= _SUFFIX_BYTES else ""
    end = f"~{hashlib.sha256(_bytes(part)).hexdigest()[:_HASH]}{suffix}"
    begins = _bytes(part)[: PART_BYTES - len(_bytes(end))].decode("utf-8", "ignore")
    if "%" in begins[-2:]:  # no half of a quoted byte
        begins = begins[: begins.rindex("%")]
    return begins + end


def numbered(name: str) -> Iterator[str]:
    """The name, and then with (2), (3)… before its suffix."""
    path = PurePosixPath(name)
    yield name
    for number in itertools.count(2):
        yield path.with_name(f"{path.stem} ({number}){path.suffix}").as_posix()


def apart(names: Sequence[str], taken: Sequence[str] = ()) -> tuple[str, ...]:
    """For each name one that no other has; the first of several keeps it, and folders keep theirs.
    ``taken``: none of these."""
    fits = ["/".join(map(fitting, name.split("/"))) for name in names]
    used = {_alike(name) for name in taken}
    used |= {_alike(str(above)) for name in fits for above in PurePosixPath(name).parents}
    found: dict[int, str] = {}
    for own in (True, False):  # a number is never the name that another has by right
        for number, name in enumerate(fits):
            if number in found or (own and _alike(name) in used):
                continue
            found[number] = next(one for one in numbered(name) if _alike(one) not in used)
            used.add(_alike(found[number]))
    return tuple(found[number] for number in range(len(fits)))


def lay(folder: Path, name: str, write: Callable[[BinaryIO], object], sha256: str = "") -> Path:
    """Let ``write`` fill a new file (0600) of that name in the folder, or of a usable one like it; returns
    it. Not over what is there, and not half. A file there that has that hash already is the one.

    Folders that are made are closed to others (0700): names hold codes. Raises what ``write`` does, and
    OSError."""
    *above, last = (fitting(part, _TAKEN_BYTES) for part in name.split("/"))
    for part in above:
        folder = _folder(folder, part)
    for one in numbered(last):
        path = folder / one
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            if sha256 and _has(path, sha256):
                return path
            continue
        break
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
    except BaseException:
        path.unlink()
        raise
    return path


def _folder(within: Path, part: str) -> Path:
    """Made or there already; beside a file of that name."""
    return next(path for path in (within / one for one in numbered(part)) if _made(path))


def _made(path: Path) -> bool:
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
    return path.is_dir()


def _has(path: Path, sha256: str) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == sha256


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _alike(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()
