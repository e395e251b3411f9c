"""The evidence of the headsets' tests, written where a person wants it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from provision.cli.common import warn
from provision.cli.screen import console
from provision.locale import gettext as _
from provision.locale import translator
from provision.site.model import Room
from provision.site.site import Site

if TYPE_CHECKING:  # brings numpy
    from labcheck.headset.test import RoomResult, Sink

Tested: TypeAlias = "list[tuple[Room, RoomResult]]"
"""What was recorded, by room."""


def evidence_folder(given: Path) -> Path:
    """A folder that is there before anything is played. Raises OSError."""
    given.mkdir(mode=0o700, parents=True, exist_ok=True)
    return given


def keeper(tested: Tested, room: Room) -> Sink:
    """Keeps what was recorded until all is written."""

    def keep(result: RoomResult) -> None:
        tested.append((room, result))

    return keep


def write_evidence(site: Site, into: Path, tested: Iterable[tuple[Room, RoomResult]]) -> list[Path]:
    """The pages. A disk that is full takes no result away."""
    from provision.reports.headset_files import write  # noqa: PLC0415 - brings numpy and scipy
    from provision.reports.headsets import Place  # noqa: PLC0415

    school = site.inventory.school
    pages = []
    for room, result in tested:
        seats = tuple(station.seat for station in room.workstations)
        place = Place(school.name, room.number, seats, site.now(), school.language)
        try:
            pages.append(write(result, place, into, translator(school.language)))
        except OSError as error:
            text = _("The evidence of room {room} could not be written: {reason}")
            warn(text.format(room=room.number, reason=error.strerror or error))
    return pages


def show_pages(pages: Sequence[Path]) -> None:
    """Where they are."""
    for page in pages:
        text = _("Evidence: {file}").format(file=page)
        console().print(text, soft_wrap=True, markup=False)
