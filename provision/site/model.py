"""What is there: the school, its rooms, printers and exams, as the inventory states them.

Frozen types that are at once the inventory's schema; reading and checking a file is in
:mod:`provision.site.inventory`. Times are local to the school's time zone.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import Field

from provision.site.access import Access, Account, Host, HostKey, Port
from provision.site.fieldtypes import (
    ClassName,
    CodePattern,
    Date,
    InsidePath,
    RoomNumber,
    Seat,
    Time,
    TimeZone,
)
from provision.site.frozen import Frozen as _Frozen
from provision.site.labrules import LabRules

SEAT_LETTERS = "АБВГДЕЖИКЛМН"  # without З, Й and О, which are read as 3, И and 0
"""Letters of the columns in a seat's label, from the board's left."""


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


class Failover(StrEnum):
    """What becomes of a stopped printer's papers that were never sent."""

    ASK = "ask"
    ALWAYS = "always"
    NEVER = "never"


class StampField(StrEnum):
    """What a kit's stamp says in plain text."""

    CODE = "code"
    KIT = "kit"
    PAGE = "page"
    ROOM = "room"
    SEAT = "seat"


class StampRules(_Frozen):
    """Which fields the stamp of a kit's page shows, and which barcode."""

    fields: Annotated[tuple[StampField, ...], Field(examples=["[code, kit, page]"])] = tuple(StampField)
    """What the stamp says in plain text."""
    symbol: Annotated[Symbol, Field(examples=["datamatrix"])] = Symbol.DATAMATRIX
    """The barcode, which carries code, kit, page, copy and batch."""


class Profile(_Frozen):
    """The rules of a year or an exam: everything that may differ from one to the next."""

    name: Annotated[str, Field(min_length=1, max_length=60, examples=["ВПР"])] = "ВПР"
    """What the test is called on paper and on the screen."""
    specialist_start: Time = dt.time(7, 30)
    """When the technical specialist starts work, local time."""
    ready_before_minutes: Annotated[int, Field(ge=0, le=240, examples=["20"])] = 20
    """Rooms are to be ready this many minutes before the exam starts."""
    code_pattern: CodePattern = r"\d{5}"
    """Regular expression that a participant code must match as a whole."""
    variants: Annotated[int, Field(ge=1, le=20, examples=["2"])] = 2
    """How many variants every class gets."""
    seating: Annotated[Seating, Field(examples=["chess"])] = Seating.CHESS
    """How variants are dealt to seats: like a chess board, by column, or by a supplied list."""
    seating_list: Annotated[InsidePath | None, Field(examples=["seating.csv"])] = None
    """With ``seating: list``: a table of room, seat, variant, relative to the site."""
    spare_kits_per_room: Annotated[int, Field(ge=0, le=20, examples=["1"])] = 1
    """Reserve kits printed for every room of an exam."""
    spare_without_code: Annotated[bool, Field(examples=["false"])] = False
    """Whether a spare kit may be printed with a blank code when the spare codes run out."""
    kits_per_job: Annotated[int, Field(ge=1, le=100, examples=["1"])] = 1
    """Kits in one print job; with 1 a paper jam costs one kit."""
    failover: Annotated[Failover, Field(examples=["ask"])] = Failover.ASK
    """When a printer stops: whether what was never sent goes to another printer of its pool."""
    names_on_protocol: Annotated[bool, Field(examples=["false"])] = False
    """Whether the paper protocol shows the pupils' names; otherwise it has blanks for them."""
    names_on_cut_sheet: Annotated[bool, Field(examples=["false"])] = False
    """Whether the slips with the codes show the pupils' names."""
    second_person_for_reprint: Annotated[bool, Field(examples=["false"])] = False
    """Whether an additional print of a kit needs a second person's passphrase."""
    seconds_per_job: Annotated[float, Field(ge=0, le=600, examples=["3"])] = 3.0
    """What a printer loses between two jobs, in seconds; used in forecasts only."""
    safety_factor: Annotated[float, Field(ge=1, le=5, examples=["1.25"])] = 1.25
    """Forecast printing times are multiplied by this."""
    stamp: Annotated[StampRules, Field(examples=["{symbol: datamatrix}"])] = StampRules()
    """What the stamp on every page of a kit shows."""
    lab: Annotated[LabRules, Field(examples=["{memory_gb: 4}"])] = LabRules()
    """What the computers of a language lab must be and have; what is left out has a usual value."""


class Printer(_Frozen):
    """A queue to print on: a CUPS queue or a folder."""

    name: Annotated[str, Field(min_length=1, max_length=60, examples=["Учительская"])]
    """What people call the printer; rooms refer to it by this name."""
    queue: Annotated[str, Field(pattern=r"^(folder:.+|cups:.+)$", examples=["folder:out/print"])]
    """``folder:out/print`` (relative to the site), ``cups:QUEUE`` or ``cups://host:port/QUEUE``."""
    ppm: Annotated[float, Field(gt=0, le=400, examples=["30"])] = 30
    """Pages per minute; used in forecasts only."""
    pools: Annotated[tuple[str, ...], Field(examples=["[основной]"])] = ()
    """Pools of printers that it belongs to; a room may print on a pool instead of one printer."""
    a3: Annotated[bool, Field(examples=["false"])] = False
    """Whether it takes A3 paper (large print)."""


class Workstation(_Frozen):
    """A computer of the language lab, in a seat."""

    seat: Seat
    """The seat where it stands."""
    host: Annotated[Host, Field(examples=["192.168.1.21"])]
    """Its address or name in the school's network."""
    port: Annotated[Port, Field(examples=["22"])] = 22
    """Its SSH port."""
    user: Annotated[Account, Field(examples=["exam"])] = "exam"
    """The account that checks run under."""
    host_key: Annotated[HostKey | None, Field(examples=["ssh-ed25519 AAAA…"])] = None
    """Its SSH host key as in ``known_hosts``; without it the workstation is not trusted."""
    reserve: Annotated[bool, Field(examples=["false"])] = False
    """Whether it is kept free to replace one that fails."""


class Room(_Frozen):
    """A room (аудитория) with its grid of seats; row 1 is nearest the board."""

    number: RoomNumber
    """The room's number or name, as on its door."""
    rows: Annotated[int, Field(ge=1, le=40, examples=["6"])]
    """Rows of seats from the board to the back."""
    columns: Annotated[int, Field(ge=1, le=len(SEAT_LETTERS), examples=["4"])]
    """Columns of seats from the board's left; a seat is a row number and a column letter, 1А."""
    without: Annotated[tuple[Seat, ...], Field(examples=["[6Г]"])] = ()
    """Seats of the grid that do not exist."""
    printer: Annotated[str | None, Field(examples=["Учительская"])] = None
    """The printer for this room's bundle."""
    pool: Annotated[str | None, Field(examples=["основной"])] = None
    """The pool of printers for this room's bundle."""
    workstations: Annotated[
        tuple[Workstation, ...], Field(examples=["[{seat: 1А, host: 192.168.1.21}]"])
    ] = ()
    """The computers of a language lab."""
    access: Annotated[Access, Field(examples=["{key: ~/.ssh/lab}"])] = Access()
    """How this computer logs in to them; left out, the password is asked for."""

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

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,30}$", examples=["ma-7a"])]
    """A short name of its own: Latin small letters, digits, hyphens. It names folders and print jobs."""
    subject: Annotated[str, Field(min_length=1, max_length=200, examples=["Математика"])]
    """The subject as on the materials."""
    class_name: Annotated[ClassName, Field(alias="class")]
    """The class, as in the list of participants; the spelling is evened out."""
    date: Date
    """The day, year-month-day."""
    start: Time
    """When the exam starts, local time."""
    rooms: Annotated[tuple[RoomNumber, ...], Field(min_length=1, examples=["[201]"])]
    """The rooms where the class sits, filled in this order."""
    part: Annotated[int, Field(ge=1, le=2, examples=["1"])] = 1
    """Which part of the work this is."""
    follows: Annotated[str | None, Field(examples=["ma-7a"])] = None
    """For part 2: the id of part 1; pupils keep code and room."""
    oral: Annotated[bool, Field(examples=["false"])] = False
    """Whether it has an oral part at the computers of a language lab."""


class School(_Frozen):
    """Who and where."""

    name: Annotated[str, Field(min_length=1, max_length=300, examples=["МБОУ «Школа № 12»"])]
    """The school's name as it stands on paper."""
    time_zone: TimeZone = "Europe/Moscow"
    """The zone of all times, by its IANA name."""
    language: Annotated[str, Field(pattern=r"^(ru|en)$", examples=["ru"])] = "ru"
    """Of everything printed for the rooms."""


class Inventory(_Frozen):
    """The whole of ``inventory.yaml``."""

    school: Annotated[School, Field(examples=["{name: МБОУ «Школа № 12», time_zone: Europe/Moscow}"])]
    """The school: its name, time zone and language."""
    profile: Annotated[Profile, Field(examples=["{variants: 2}"])] = Profile()
    """The rules of this year; what is left out has a usual value."""
    printers: Annotated[
        tuple[Printer, ...],
        Field(min_length=1, examples=["[{name: Учительская, queue: 'folder:out/print'}]"]),
    ]
    """Where to print."""
    rooms: Annotated[
        tuple[Room, ...],
        Field(min_length=1, examples=["[{number: 201, rows: 6, columns: 4, printer: Учительская}]"]),
    ]
    """The rooms and their seats."""
    exams: Annotated[
        tuple[Exam, ...],
        Field(
            min_length=1,
            examples=[
                "[{id: ma-7a, subject: Математика, class: 7А, date: 2027-04-15, start: 09:00, rooms: [201]}]"
            ],
        ),
    ]
    """What is written, by whom, when and where."""
    participants: InsidePath = PurePosixPath("participants.xlsx")
    """The list of participants, relative to the site."""

    def room(self, number: str) -> Room:
        """The room of that number; the inventory's checks guarantee it for rooms of exams."""
        return next(room for room in self.rooms if room.number == number)

    def exam(self, exam_id: str) -> Exam:
        """The exam of that id; KeyError when there is none."""
        for exam in self.exams:
            if exam.id == exam_id:
                return exam
        raise KeyError(exam_id)
