"""The downloaded template of the paper protocol: filled for each room, or told why it is not used."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from printing.documents import office
from printing.documents.room import RoomSheet
from printing.documents.template import fill_protocol_template
from printing.errors import PrintingError
from provision.errors import N_, Phrase
from provision.intake.model import Arrival, Catalog, Kind
from provision.plan.model import Notice

MAX_TEMPLATE_BYTES: Final = 32 * 1024 * 1024
_PACKAGES: Final = {"docx": "libreoffice-writer-nogui", "xlsx": "libreoffice-calc-nogui"}
_OWN_FORM = N_(
    "rooms {rooms}: the protocol is printed in our own form; the downloaded template {file} is not used: "
    "{reason}"
)


class Templates:
    """The protocol templates of one inbox. What cannot be filled or converted stops nothing: the protocol is
    then printed in our own form, and :meth:`notices` says so.

    Every protocol is converted once. After a conversion has failed, its template is not tried again: half of
    the rooms would wait for the deadline, each anew.
    """

    def __init__(self, catalog: Catalog) -> None:
        """Nothing is read yet."""
        self._catalog = catalog
        self._made: dict[tuple[Path, RoomSheet], bytes] = {}
        self._failed: dict[Path, Phrase] = {}

    def protocol(self, exam: str, sheet: RoomSheet) -> bytes | None:
        """The filled template as PDF; None when the exam has none, or it cannot be used. Not for two threads
        at once."""
        arrival = self._of(exam)
        if arrival is None:
            return None
        key = _key(arrival, sheet)
        if key not in self._made:
            filled = self._filled(arrival, sheet)
            if isinstance(filled, Phrase):
                return None
            try:
                self._made[key] = office.to_pdf(filled, f".{arrival.container}")
            except PrintingError as error:
                self._failed[arrival.path] = _reason(error)
                return None
        return self._made[key]

    def notices(self, exam: str, sheets: Iterable[RoomSheet]) -> tuple[Notice, ...]:
        """For which of the exam's rooms the template is not used, and why. Converts nothing."""
        arrival = self._of(exam)
        if arrival is None:
            return ()
        rooms: dict[str, tuple[Phrase, list[str]]] = {}
        for sheet in sheets:
            filled = None if _key(arrival, sheet) in self._made else self._filled(arrival, sheet)
            if isinstance(filled, Phrase):
                rooms.setdefault(str(filled), (filled, []))[1].append(sheet.room)
        return tuple(
            Notice(_OWN_FORM, {"rooms": ", ".join(names), "file": arrival.path.name, "reason": reason})
            for reason, names in rooms.values()
        )

    def _of(self, exam: str) -> Arrival | None:
        return next(iter(self._catalog.of(exam, Kind.PROTOCOL)), None)

    def _filled(self, arrival: Arrival, sheet: RoomSheet) -> bytes | Phrase:
        """The template with the room's lines, or why it is not used."""
        if arrival.path in self._failed:
            return self._failed[arrival.path]
        if arrival.container not in _PACKAGES:
            return Phrase(N_("only DOCX and XLSX can be filled"), {})
        if not office.available():
            package = _PACKAGES[arrival.container]
            return Phrase(N_("LibreOffice is not installed (apt install {package})"), {"package": package})
        kind: Literal["docx", "xlsx"] = "docx" if arrival.container == "docx" else "xlsx"
        try:
            with arrival.path.open("rb") as file:
                return fill_protocol_template(file.read(MAX_TEMPLATE_BYTES), kind, sheet)
        except PrintingError as error:
            return _reason(error)


def _key(arrival: Arrival, sheet: RoomSheet) -> tuple[Path, RoomSheet]:
    return arrival.path, replace(sheet, revision=1)  # a template has no place for the revision


def _reason(error: PrintingError) -> Phrase:
    """An error's sentence as a part of another."""
    return Phrase(error.template, error.params)
