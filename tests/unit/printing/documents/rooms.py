"""Rooms to typeset in the tests of this folder, and the Russian words of the paper."""

from __future__ import annotations

import datetime as dt
import io
from pathlib import Path

from babel.messages.pofile import read_po

from printing.documents.room import BundleCount, RoomSheet, SeatLine

SCHOOL = "МБОУ «Средняя общеобразовательная школа № 12»"
LONG_SCHOOL = (
    "Муниципальное бюджетное общеобразовательное учреждение «Средняя общеобразовательная школа № 12 с "
    "углублённым изучением отдельных предметов имени Героя Советского Союза "
    "Константина Константиновича Рождественского»"
)
LONG_SUBJECT = (
    "Иностранный язык (английский, немецкий, французский): письменная часть, задания с развёрнутым ответом "
    "и аудирование для обучающихся школ с углублённым изучением иностранных языков"
)
LONG_NAME = "Константинопольская-Рождественская Александра Вениаминовна"
_LOCALE = Path(__file__).parents[4] / "provision/locale"
_LETTERS = "АБВГДЕ"


_RUSSIAN = {
    str(message.id): str(message.string)
    for message in read_po(io.BytesIO((_LOCALE / "ru/LC_MESSAGES/messages.po").read_bytes()), locale="ru")
    if message.id and message.string
}


def russian(text: str) -> str:
    """gettext for the words of these documents; KeyError for one that is not translated."""
    return _RUSSIAN[text]


def room(
    pupils: int,
    *,
    spares: int = 1,
    long: bool = False,
    revision: int = 1,
    with_names: bool = False,
    number: str = "204",
    large_print: tuple[int, ...] = (),
) -> RoomSheet:
    """A room of ``pupils``; ``long`` makes every text as long as it gets."""
    columns = 4 if pupils < 30 else 6
    seats = tuple(
        SeatLine(
            seat=f"{i // columns + 1}{_LETTERS[i % columns]}",
            code=f"{10000 + (i * 7919) % 80000:05d}",
            variant=str((i // columns + i) % 2 + 1),
            kit=f"{number}-{i + 1:02d}",
            name=LONG_NAME if long and i % 3 == 0 else f"Кузнецов-{i:02d} Пётр Ильич",
            large_print=i in large_print,
        )
        for i in range(pupils)
    )
    extra = tuple(
        SeatLine(
            seat="",
            code=f"{90001 + i}",
            variant=str(i % 2 + 1),
            kit=f"{number}-{pupils + i + 1:02d}",
            spare=True,
        )
        for i in range(spares)
    )
    return RoomSheet(
        school=LONG_SCHOOL if long else SCHOOL,
        subject=LONG_SUBJECT if long else "Русский язык",
        class_name="7А",
        part=1,
        date=dt.date(2026, 4, 15),
        start=dt.time(10, 0),
        room=number,
        seats=seats,
        spares=extra,
        kit_pages=8,
        revision=revision,
        with_names=with_names,
    )


def count(sheet: RoomSheet) -> BundleCount:
    """The counts of a bundle with everything in it."""
    return BundleCount(
        kits=len(sheet.seats),
        spare_kits=len(sheet.spares),
        kit_sheets=(len(sheet.seats) + len(sheet.spares)) * sheet.kit_pages,
        briefing_sheets=2,
        protocol_sheets=1,
        cut_sheets=1,
        codes=len(sheet.seats),
        spare_codes=len(sheet.spares),
    )
