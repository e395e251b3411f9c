"""The readiness protocol of a language lab, in the manner of ППЭ-01-01.

Which workstation is ready for the exam and by which values, what is wrong with the others and what to do
about it, and who answers for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from printing.documents.heard import draw_heard, heard_height
from printing.documents.lab import Fault, Lab, Station, ready
from printing.documents.layout import BOTTOM, LEFT, RIGHT, TOP, date_text
from printing.documents.marks import Mark, sign, word
from printing.documents.paged import Paged, in_two_passes, record_proof, signatures
from printing.documents.paper import Area
from printing.documents.room import Translate
from printing.documents.rows import Columns
from printing.documents.type import Face, Style

_DEMANDS = Columns(
    (38.0, 52.0, 38.0, 52.0),
    (
        Style(8, 6.5, lines=2, leading=1.12),
        Style(8, 6.5, Face.BOLD, lines=2, leading=1.12),
        Style(8, 6.5, lines=2, leading=1.12),
        Style(8, 6.5, Face.BOLD, lines=2, leading=1.12),
    ),
    least=5.0,
)
_STATIONS = Columns(
    (8.0, 13.0, 18.0, 28.0, 34.0, 13.0, 66.0),
    (
        Style(8, 6, align="centre"),
        Style(11, 7, Face.BOLD, align="centre"),
        Style(8.5, 6),
        Style(8, 6, lines=2, leading=1.12),
        Style(8.5, 6, Face.BOLD, lines=2, leading=1.12),
        Style(8, 6, align="centre"),
        Style(7, 6, lines=7, leading=1.15),
    ),
    least=8.0,
)
_RESULT = 4
_HEADSETS = Columns(
    (14.0, 36.0, 14.0, 116.0),
    (
        Style(10, 7, Face.BOLD, align="centre"),
        Style(8, 6, Face.BOLD),
        Style(8, 6, align="centre"),
        Style(8, 6, lines=2, leading=1.12),
    ),
    least=5.4,
)
_SMALL_SIGN = 3.6
_FAULTS = Columns(
    (38.0, 24.0, 42.0, 62.0, 14.0),
    (
        Style(8.5, 6.5, Face.BOLD, lines=12, leading=1.15),
        Style(9.5, 7, Face.BOLD, lines=12, leading=1.15),
        Style(8, 6.5, lines=12, leading=1.15),
        Style(8.5, 6.5, lines=14, leading=1.18),
        Style(8, 6),
    ),
    least=9.0,
)
_SECTION = 11.0
"""Height of a section's title, the white above it included."""
_SIGN = 4.6
_BOX = 4.4
_END = 46.0
"""Height of the signatures."""
_LAST = 2
_MEASURED = 4
"""Values of one fault, and seats of a room where all have it, that are written out."""
"""Rows, at least, that stand on the page with the signatures."""


def readiness(lab: Lab, translate: Translate) -> bytes:
    """The protocol, as many pages as it takes, the last one with the signatures."""
    return in_two_passes(lambda pages: _Drawing(lab, translate, pages))


@dataclass(slots=True)
class _Shared:
    """One fault of one seat or several that is put right in the same way."""

    title: str
    limit: str
    remedy: str
    seats: list[str]
    measured: list[str]


def _together(lab: Lab) -> list[_Shared]:
    """The faults, each once; in the order in which the seats bring them up."""
    found: dict[tuple[str, str, str], _Shared] = {}
    for station in lab.stations:
        for fault in _alike(station.faults):
            key = (fault.title, fault.limit, fault.remedy)
            shared = found.setdefault(key, _Shared(*key, [], []))
            shared.seats.append(station.seat)
            if fault.measured not in shared.measured:
                shared.measured.append(fault.measured)
    return list(found.values())


def _alike(faults: Sequence[Fault]) -> Iterator[Fault]:
    """Those of a seat that follow each other and say the same, as one: a sound server that does not answer
    leaves nine checks open, and is put right once."""
    for (measured, remedy), same in groupby(faults, key=lambda fault: (fault.measured, fault.remedy)):
        first, *others = same
        if others:
            title = ", ".join((first.title, *(_lowered(fault.title) for fault in others)))
            yield Fault(title, measured, "", remedy)
        else:
            yield first


def _lowered(title: str) -> str:
    """As it stands within a sentence: "USB" stays."""
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


class _Drawing(Paged):
    def __init__(self, lab: Lab, translate: Translate, pages: int) -> None:
        _ = translate
        title = _("Readiness protocol, room {room}").format(room=lab.room)
        running, room = (_("Readiness protocol"), lab.school), _("Room {room}").format(room=lab.room)
        super().__init__(title, running, translate, pages, room=room)
        self._lab = lab

    def _content(self) -> None:
        faults = _together(self._lab)
        self._first_head()
        self._demands()
        self._stations(_END if not faults and not self._lab.headsets else 0.0)
        if faults:
            self._faults(faults)
        if self._lab.headsets:
            self._headsets(4 if faults else 3)
        self._end()

    def _foot(self) -> None:
        if self._lab.last_hash:
            record_proof(self._paper, self._lab.events, self._lab.last_hash, self._translate)

    def _first_head(self) -> None:
        _ = self._translate
        lab, paper, room_x = self._lab, self._paper, 160.0
        top = paper.fitted(LEFT, TOP + 3, RIGHT - LEFT, lab.school, Style(9, 7, lines=2)) + 2
        paper.rule(LEFT, top, RIGHT, top, 0.5)
        y = paper.fitted(LEFT, top + 8, 136, _("Readiness protocol"), Style(17, 12, Face.BOLD))
        about = _("language lab, oral part · {test}").format(test=lab.test)
        y = paper.fitted(LEFT, y + 6, 136, about, Style(11, 8, Face.BOLD, lines=2))
        made = _("as of {date}, {time:%H:%M}").format(date=date_text(lab.made.date(), _), time=lab.made)
        if lab.software:
            made += " · " + lab.software
        y = paper.fitted(LEFT, y + 5.5, 136, made, Style(10, 7, lines=2))
        paper.text(room_x, top + 5.5, _("Room"), 9)
        paper.fitted(room_x, top + 17.5, RIGHT - room_x, lab.room, Style(40, 10, Face.BOLD))
        self._y = max(y, top + 18) + 5
        self._sum()

    def _sum(self) -> None:
        """How many are ready, in large: the sentence that somebody looks for."""
        _ = self._translate
        lab, paper, y = self._lab, self._paper, self._y
        if lab.stations:
            words = _("Ready: {ready} of {all} workstations").format(ready=ready(lab.main), all=len(lab.main))
            if lab.reserves:
                spare = _("reserves: {ready} of {all}")
                words += " · " + spare.format(ready=ready(lab.reserves), all=len(lab.reserves))
        else:
            words = _("There are no workstations in this room.")
        good = bool(lab.main) and ready(lab.main) == len(lab.main)
        paper.box(Area(LEFT, y, RIGHT - LEFT, 10), 1.2 if good else 0.5)
        sign(paper, Mark.READY if good else Mark.NOT_READY, LEFT + 6, y + 5, 6.4)
        paper.fitted(LEFT + 12, y + 6.6, RIGHT - LEFT - 16, words, Style(13, 8, Face.BOLD))
        self._y = y + 10

    def _title(self, text: str) -> None:
        self._paper.text(LEFT, self._y + _SECTION - 2.5, text, 11.5, Face.BOLD)
        self._y += _SECTION

    def _demands(self) -> None:
        """What was checked and demanded, in two columns side by side."""
        _ = self._translate
        demands = self._lab.demands
        if not demands:
            return
        half = (len(demands) + 1) // 2
        rows = [
            (*demands[number], *(demands[number + half] if number + half < len(demands) else ("", "")))
            for number in range(half)
        ]
        self._title(_("1. What was checked"))
        heads = (_("Check"), _("demanded"), _("Check"), _("demanded"))
        self._y = _DEMANDS.draw_head(self._paper, self._y, heads)
        for row in rows:
            height = _DEMANDS.height(row)
            if self._need(height):
                self._y = _DEMANDS.draw_head(self._paper, self._y, heads)
            self._y = _DEMANDS.draw_row(self._paper, self._y, height, row)

    def _stations(self, behind: float) -> None:
        """A row for each workstation; ``behind`` must fit on the page of the last ones."""
        _ = self._translate
        heads = (
            _("No."),
            _("Seat"),
            _("Kind"),
            _("Computer"),
            _("Result"),
            _("Time"),
            _("Measured"),
        )
        rows = [self._station_cells(number, one) for number, one in enumerate(self._lab.stations, start=1)]
        heights = [_STATIONS.height(cells) for cells in rows]
        if not rows:
            return
        self._need(_SECTION + _STATIONS.head + sum(heights[:_LAST]))
        self._title(_("2. Workstations"))
        self._y = _STATIONS.draw_head(self._paper, self._y, heads)
        for index, (station, cells) in enumerate(zip(self._lab.stations, rows, strict=True)):
            if self._need(_until(heights, index, behind)):
                self._y = _STATIONS.draw_head(self._paper, self._y, heads)
            x = LEFT + sum(_STATIONS.widths[:_RESULT]) + 4
            sign(self._paper, station.mark, x, self._y + heights[index] / 2, _SIGN)
            blank = tuple("" if column == _RESULT else cell for column, cell in enumerate(cells))
            beside = Area(x + 2.6, self._y, _STATIONS.widths[_RESULT] - 6.6, heights[index])
            self._paper.in_cell(beside, cells[_RESULT], _STATIONS.styles[_RESULT], pad=1)
            self._y = _STATIONS.draw_row(self._paper, self._y, heights[index], blank)

    def _station_cells(self, number: int, station: Station) -> tuple[str, ...]:
        _ = self._translate
        return (
            str(number),
            station.seat,
            _("reserve") if station.reserve else _("main"),
            station.host,
            word(station.mark, _),
            _time(station.checked),
            station.values or "—",
        )

    def _faults(self, faults: Sequence[_Shared]) -> None:
        """What did not come out well, with what to do and a box to tick when it is done."""
        _ = self._translate
        heads = (_("Check"), _("Seats"), _("measured / demanded"), _("What to do"), _("Done"))
        rows = [self._fault_cells(fault) for fault in faults]
        heights = [_FAULTS.height(cells) for cells in rows]
        self._need(_SECTION + _FAULTS.head + _until(heights, 0, _END))
        self._title(_("3. What is to be put right"))
        self._y = _FAULTS.draw_head(self._paper, self._y, heads)
        for index, cells in enumerate(rows):
            if self._need(_until(heights, index, _END)):
                self._y = _FAULTS.draw_head(self._paper, self._y, heads)
            x = RIGHT - (_FAULTS.widths[-1] + _BOX) / 2
            self._paper.box(Area(x, self._y + (heights[index] - _BOX) / 2, _BOX, _BOX), 0.7)
            self._y = _FAULTS.draw_row(self._paper, self._y, heights[index], cells)

    def _fault_cells(self, fault: _Shared) -> tuple[str, ...]:
        _ = self._translate
        words = "; ".join(fault.measured[:_MEASURED]) + (" …" if len(fault.measured) > _MEASURED else "")
        if fault.limit:
            words = _("{measured} (demanded: {limit})").format(measured=words, limit=fault.limit)
        seats = ", ".join(fault.seats)
        if len(fault.seats) == len(self._lab.stations) > _MEASURED:
            seats = _("all {count}").format(count=len(fault.seats))
        return (fault.title, seats, words, fault.remedy, "")

    def _headsets(self, number: int) -> None:
        """A line for each headset, and who heard whom where that was measured now."""
        _ = self._translate
        heads = (_("Seat"), _("Result"), _("Time"), _("What the microphone heard"))
        rows = [
            (one.seat, _of_headset(one.mark, _), _time(one.tested), one.said) for one in self._lab.headsets
        ]
        heights = [_HEADSETS.height(cells) for cells in rows]
        end = 0.0 if self._lab.heard else _END
        self._need(_SECTION + _HEADSETS.head + sum(heights[:_LAST]))
        self._title(_("{number}. Headsets").format(number=number))
        self._y = _HEADSETS.draw_head(self._paper, self._y, heads)
        for index, (one, cells) in enumerate(zip(self._lab.headsets, rows, strict=True)):
            if self._need(_until(heights, index, end)):
                self._y = _HEADSETS.draw_head(self._paper, self._y, heads)
            middle = self._y + heights[index] / 2
            sign(self._paper, one.mark, LEFT + _HEADSETS.widths[0] + 4, middle, _SMALL_SIGN)
            beside = Area(
                LEFT + _HEADSETS.widths[0] + 6.6, self._y, _HEADSETS.widths[1] - 6.6, heights[index]
            )
            self._paper.in_cell(beside, cells[1], _HEADSETS.styles[1], pad=1)
            self._y = _HEADSETS.draw_row(self._paper, self._y, heights[index], (cells[0], "", *cells[2:]))
        for heard in self._lab.heard:
            self._need(heard_height(heard) + _END)
            self._y = draw_heard(self._paper, self._y, heard, _)

    def _end(self) -> None:
        """Who answers for it."""
        _ = self._translate
        self._need(_END)
        paper = self._paper
        words = _("Only workstations that are shown as ready may be used in the exam.")
        paper.fitted(LEFT, BOTTOM - 38, RIGHT - LEFT, words, Style(9.5, 8, lines=2))
        people = (_("Technical specialist"), _("Responsible organiser of the school"))
        signatures(paper, BOTTOM - 22, 14, people, _)


def _of_headset(mark: Mark, translate: Translate) -> str:
    """The sign's word: "ready" is said of workstations alone, and one with a good headset need not be."""
    _ = translate
    words = {
        Mark.READY: _("headset well"),
        Mark.REMARKS: _("headset well, see remarks"),
        Mark.NOT_READY: _("headset faulty"),
    }
    return words.get(mark) or word(mark, _)


def _time(at: dt.datetime | None) -> str:
    return f"{at:%H:%M}" if at else "—"


def _until(heights: Sequence[float], index: int, end: float) -> float:
    """What must fit on this page: the row, and where it is among the last, those behind it and the end."""
    behind = heights[index:]
    return sum(behind) + end if len(behind) <= _LAST else heights[index]
