"""The headsets' evidence on disk: a folder for each test, open to its owner alone.

A recording may hold the voices of children who spoke during the test.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from printing.documents.room import Translate
from provision.reports.headsets import Place, page

if TYPE_CHECKING:
    from labcheck.headset.test import RoomResult

FOLDER = "headsets"
"""In the site's own records, where nobody says another place."""
PAGE = "headsets.html"


def write(result: RoomResult, place: Place, into: Path, translate: Translate) -> Path:
    """Write the page and each recording (FLAC, as it came) to a new folder in ``into``; return the page.

    All of it is there or nothing. Raises OSError.
    """
    from labcheck.headset.evidence import flac  # noqa: PLC0415 - brings numpy

    into.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = {one.seat: f"{_safe(place.room)}-{_safe(one.seat)}.flac" for one in result.seats if one.heard}
    fresh = Path(tempfile.mkdtemp(prefix=".fresh-", dir=into))  # 0700
    try:
        for one in result.seats:
            if one.heard is not None:
                recording = one.heard.recording
                _write(fresh / files[one.seat], flac(recording.pcm, recording.rate))
        _write(fresh / PAGE, page(result, place, files, translate).encode("utf-8"))
        folder = _put(fresh, into, f"{_safe(place.room)}-{place.at:%Y%m%d-%H%M%S}")
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    return folder / PAGE


def _put(fresh: Path, into: Path, name: str) -> Path:
    """Under a name that is free: a second group of a large room has the next one."""
    number = 1
    while True:
        folder = into / (name if number == 1 else f"{name}-{number}")
        if not folder.exists():
            fresh.rename(folder)
            return folder
        number += 1


def _write(path: Path, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)


def _safe(name: str) -> str:
    """As a part of a file's name: a room's number may hold a slash."""
    return re.sub(r"[^\w]", "_", name)
