"""What is there: the school, its rooms, printers and exams, as the inventory states them.

Frozen types that are at once the inventory's schema; reading and checking a file is in
:mod:`provision.site.inventory`. Times are local to the school's time zone.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

SEAT_LETTERS = "АБВГДЕЖИКЛМН"  # without З, Й and О, which are read as 3, И and 0
"""Letters of the columns in a seat's label, from the board's left."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Seating(StrEnum):
    """How variants are dealt to seats."""

    CHESS = "chess"
    COLUMN = "column"
    LIST = "list"


class Symbol(StrEnum):
    """The barcode of a kit's stamp."""

    DATAMATRIX = "datamatrix"
    QR = "qr"
    CODE128 = "code128"
    NONE = "none"


class StampField(StrEnum):
    """What a kit's stamp says in plain text."""

    CODE = "code"
    KIT = "kit"
    PAGE = "page"
    ROOM = "room"
    SEAT = "seat"


class StampRules(_Frozen):
    """Which fields the stamp shows, and which symbol."""

    fields: tuple[StampField, ...] = tuple(StampField)
    symbol: Symbol = Symbol.DATAMATRIX


class Profile(_Frozen):
    """The rules of a year or an exam: everything that may differ from one to the next."""

    name: str = "ВПР"
    specialist_start: dt.time = dt.time(7, 30)
    ready_before_minutes: Annotated[int, Field(ge=0, le=240)] = 20
    """Rooms are to be ready this many minutes before the exam starts."""
    code_pattern: str = r"\d{5}"
    variants: Annotated[int, Field(ge=1, le=20)] = 2
    seating: Seating = Seating.CHESS
    seating_list: PurePosixPath | None = None
    """With ``seating: list``: a table of room, seat, variant, relative to the site."""
    spare_kits_per_room: Annotated[int, Field(ge=0, le=20)] = 1
    spare_without_code: bool = False
    """Whether a spare kit may be printed with a blank code when the spare codes run out."""
    kits_per_job: Annotated[int, Field(ge=1, le=100)] = 1
    names_on_protocol: bool = False
    names_on_cut_sheet: bool = False
    seconds_per_job: Annotated[float, Field(ge=0, le=600)] = 3.0
    """What a printer loses between two jobs; used in forecasts only."""
    safety_factor: Annotated[float, Field(ge=1, le=5)] = 1.25
    """Forecast printing times are multiplied by this."""
    stamp: StampRules = StampRules()


class Printer(_Frozen):
    """A queue to print on: a CUPS queue or a folder."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    queue: Annotated[str, Field(pattern=r"^(folder:.+|cups:.+)$")]
    """``folder:out/print`` (relative to the site), ``cups:QUEUE`` or ``cups://host:port/QUEUE``."""
    ppm: Annotated[float, Field(gt=0, le=400)] = 30
    pools: tuple[str, ...] = ()
    a3: bool = False


class Workstation(_Frozen):
    """A computer of the language lab, in a seat."""

    seat: str
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: str = "exam"
    host_key: str | None = None
    reserve: bool = False


class Room(_Frozen):
    """A room (аудитория) with its grid of seats; row 1 is nearest the board."""

    number: Annotated[str, Field(min_length=1, max_length=12)]
    rows: Annotated[int, Field(ge=1, le=40)]
    columns: Annotated[int, Field(ge=1, le=len(SEAT_LETTERS))]
    without: tuple[str, ...] = ()
    """Seats of the grid that do not exist."""
    printer: str | None = None
    pool: str | None = None
    workstations: tuple[Workstation, ...] = ()

    def seat_label(self, row: int, column: int) -> str:
        """Label of the seat in ``row`` and ``column``, both from 1: row number and column letter."""
        return f"{row}{SEAT_LETTERS[column - 1]}"

    def grid(self) -> tuple[tuple[int, int, str], ...]:
        """The seats that exist, as (row, column, label), row by row from the board."""
        return tuple(
            (row, column, label)
            for row in range(1, self.rows + 1)
            for column in range(1, self.columns + 1)
            if (label := self.seat_label(row, column)) not in self.without
        )


class Exam(_Frozen):
    """One subject for one class on one day; part 2 of a work is an exam of its own."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")]
    subject: Annotated[str, Field(min_length=1, max_length=200)]
    class_name: Annotated[str, Field(alias="class", min_length=1, max_length=8)]
    date: dt.date
    start: dt.time
    rooms: Annotated[tuple[str, ...], Field(min_length=1)]
    part: Annotated[int, Field(ge=1, le=2)] = 1
    follows: str | None = None
    """For part 2: the id of part 1; pupils keep code and room."""
    oral: bool = False


class School(_Frozen):
    """Who and where."""

    name: Annotated[str, Field(min_length=1, max_length=300)]
    time_zone: str = "Europe/Moscow"
    language: Annotated[str, Field(pattern=r"^(ru|en)$")] = "ru"
    """Of everything printed for the rooms."""


class Inventory(_Frozen):
    """The whole of ``inventory.yaml``."""

    school: School
    profile: Profile = Profile()
    printers: Annotated[tuple[Printer, ...], Field(min_length=1)]
    rooms: Annotated[tuple[Room, ...], Field(min_length=1)]
    exams: Annotated[tuple[Exam, ...], Field(min_length=1)]
    participants: PurePosixPath = PurePosixPath("participants.xlsx")

    def room(self, number: str) -> Room:
        """The room of that number; the inventory's checks guarantee it for rooms of exams."""
        return next(room for room in self.rooms if room.number == number)

    def exam(self, exam_id: str) -> Exam:
        """The exam of that id; KeyError when there is none."""
        for exam in self.exams:
            if exam.id == exam_id:
                return exam
        raise KeyError(exam_id)
