"""Entered marks where there is no vault: in the site's private folder (0600). They hold codes, and never go
into the ledger."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from provision.errors import N_
from provision.forms.errors import MarksRefused
from provision.forms.marks import Work
from provision.secret import Secret
from provision.site.site import private_folder

FOLDER: Final = "marks"
FIRST, SECOND = 1, 2
"""The two entries of a work by two people."""
_VERSION: Final = 1


class MarksStore:
    """The entries of one site. Everything written is on disk when a call returns."""

    def __init__(self, state: Path) -> None:
        """Use the site's private folder."""
        self._folder = private_folder(state / FOLDER)

    def works(self, exam: str, entry: int = FIRST) -> tuple[Work, ...]:
        """What was entered, in its order. Raises MarksRefused for a damaged file."""
        return self._read(exam, entry)[1]

    def who(self, exam: str, entry: int = FIRST) -> str:
        """Who entered last; "" when nobody did."""
        return self._read(exam, entry)[0]

    def put(self, exam: str, entry: int, who: str, works: Sequence[Work]) -> str:
        """Add works; a code that is there already gets the new marks. Returns the item of the vault: none."""
        content = written(who, merged(self.works(exam, entry), works))
        path = self._path(exam, entry)
        fresh = path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        return ""

    def _path(self, exam: str, entry: int) -> Path:
        return self._folder / f"{exam}.{entry}.json"

    def _read(self, exam: str, entry: int) -> tuple[str, tuple[Work, ...]]:
        try:
            return read(self._path(exam, entry).read_bytes(), exam)
        except FileNotFoundError:
            return "", ()


def merged(before: Sequence[Work], works: Sequence[Work]) -> list[Work]:
    """With the new marks of codes that are there already."""
    held = {work.code: work for work in before}
    return [*(held | {work.code: work for work in works}).values()]


def written(who: str, works: Sequence[Work], serial: int = 0) -> bytes:
    """One entry as it is kept; ``serial`` is greater for each later one."""
    kept = {"version": _VERSION, "who": who, "serial": serial, "works": [_data(work) for work in works]}
    return json.dumps(kept, ensure_ascii=False).encode()


def serial_of(content: bytes) -> int:
    """Of an entry that ``read`` reads."""
    return int(json.loads(content).get("serial", 0))


def read(content: bytes, exam: str) -> tuple[str, tuple[Work, ...]]:
    """Who entered last, and the works. Raises MarksRefused."""
    try:
        kept = json.loads(content)
        return str(kept["who"]), tuple(_work(data) for data in kept["works"])
    except (ValueError, KeyError, TypeError, AttributeError):
        raise MarksRefused(N_("the file of the marks of {exam} is damaged"), exam=exam) from None


def _data(work: Work) -> Mapping[str, object]:
    return {
        "code": work.code.reveal(),
        "variant": work.variant,
        "marks": dict(work.marks),
        "absent": work.absent,
    }


def _work(data: Mapping[str, object]) -> Work:
    marks = data["marks"]
    if not isinstance(marks, dict):
        raise TypeError
    held = {str(task): str(mark) for task, mark in marks.items()}
    return Work(Secret(str(data["code"])), str(data["variant"]), held, bool(data["absent"]))
