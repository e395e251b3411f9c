"""The documents of a room, read back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader

from printing.documents.briefing import briefing
from printing.documents.bundle import bundle, pages_of
from printing.documents.cover import cover
from printing.documents.cutsheet import cut_sheet
from printing.documents.protocol import protocol
from printing.documents.room import RoomSheet
from printing.documents.seatplan import grid
from printing.documents.testpage import test_page as printer_page
from tests.unit.printing.documents.reading import DPI, codes, dark, texts
from tests.unit.printing.documents.rooms import LONG_NAME, count, room, russian

SIZES = (1, 13, 25, 40)
WHEN = dt.datetime(2026, 4, 14, 15, 30)  # noqa: DTZ001 - local time, as on the wall


def _papers(sheet: RoomSheet) -> dict[str, bytes]:
    return {
        "cover": cover(sheet, count(sheet), russian),
        "cut-sheet": cut_sheet(sheet, russian),
        "protocol": protocol(sheet, russian),
        "briefing": briefing(sheet, None, russian),
    }


@pytest.mark.parametrize("pupils", SIZES)
@pytest.mark.parametrize("long", [False, True])
def test_protocol_holds_every_code_once_in_order(pupils: int, long: bool) -> None:
    sheet = room(pupils, spares=2, long=long, with_names=long)
    assert codes(protocol(sheet, russian)) == [line.code for line in (*sheet.seats, *sheet.spares)]


@pytest.mark.parametrize("pupils", SIZES)
def test_every_protocol_page_has_heads_rows_and_a_number(pupils: int) -> None:
    pdf = protocol(room(pupils, long=True, spares=3, revision=2), russian)
    pages = texts(pdf)
    for number, text in enumerate(pages, start=1):
        assert f"страница {number} из {len(pages)}" in text
        assert "Код участника" in text
        assert "редакция 2" in text
    assert ["Организатор в аудитории" in text for text in pages] == [False] * (len(pages) - 1) + [True]
    for page in range(len(pages)):
        document = codes(bundle([_page(pdf, page)]))
        assert len(document) >= min(2, pupils + 3)


def _page(pdf: bytes, number: int) -> bytes:
    from pypdf import PdfWriter  # noqa: PLC0415

    writer = PdfWriter()
    writer.add_page(PdfReader(io.BytesIO(pdf)).pages[number])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_class_of_25_and_a_spare_fit_on_one_protocol_page() -> None:
    assert pages_of(protocol(room(25), russian)) == 1


@pytest.mark.parametrize("pupils", range(1, 70, 3))
def test_protocol_signatures_never_stand_without_rows(pupils: int) -> None:
    pdf = protocol(room(pupils, spares=1), russian)
    last = _page(pdf, pages_of(pdf) - 1)
    assert len(codes(last)) >= 2


def test_names_appear_only_where_the_site_says_so() -> None:
    sheet = room(13, long=True, with_names=True, large_print=(2,))
    hidden = room(13, long=True, with_names=False, large_print=(2,))
    surnames = ("Константинопольская", "Кузнецов")
    for name, pdf in _papers(hidden).items():
        everything = " ".join(texts(pdf)) + str(PdfReader(io.BytesIO(pdf)).metadata)
        assert not any(surname in everything for surname in surnames), name
    shown = " ".join(texts(protocol(sheet, russian)))
    assert shown.count("Кузнецов") == 8
    for part in LONG_NAME.split():
        assert part in shown
        assert part in " ".join(texts(cut_sheet(sheet, russian)))


def test_large_print_is_marked_on_protocol_and_cover() -> None:
    sheet = room(13, large_print=(2, 7))
    on_protocol = " ".join(texts(protocol(sheet, russian)))
    assert on_protocol.count("крупный шрифт, A3") == 2
    (on_cover,) = texts(cover(sheet, count(sheet), russian))
    assert "Крупный шрифт, на листах A3: 204-03 (место 1В), 204-08 (место 2Г)" in on_cover
    assert "крупный" not in " ".join(texts(protocol(room(13), russian)))


@pytest.mark.parametrize("pupils", SIZES)
def test_cover_is_one_page_and_counts_the_bundle(pupils: int) -> None:
    sheet = room(pupils, long=True, revision=3, spares=2)
    (text,) = texts(cover(sheet, count(sheet), russian))
    sheets = (pupils + 2) * 8
    for words in (
        "204",
        "15.04.2026",
        "10:00",
        f"Индивидуальные комплекты в порядке мест {pupils}",
        f"{pupils} + 2 рез.",
        f"Всего листов {sheets + 5}",
        "Редакция 3: заменяет прежнюю обложку",
        "карманными компьютерами",
        "Пакет вскрыл в аудитории",
    ):
        assert words in text
    assert codes(cover(sheet, count(sheet), russian)) == []


def test_cover_without_a_briefing_has_no_line_for_it() -> None:
    sheet = room(5, spares=0)
    counts = count(sheet)
    fewer = type(counts)(5, 0, 40, 0, 1, 1, 5, 0)
    (text,) = texts(cover(sheet, fewer, russian))
    assert "инструктажа" not in text
    assert "Резервные" not in text
    assert "Редакция" not in text


def test_seat_plan_has_every_seat_where_its_label_says() -> None:
    rows = grid(room(13).seats)
    assert rows is not None
    assert [[seat.seat if seat else "" for seat in row] for row in rows] == [
        ["1А", "1Б", "1В", "1Г"],
        ["2А", "2Б", "2В", "2Г"],
        ["3А", "3Б", "3В", "3Г"],
        ["4А", "", "", ""],
    ]


def test_seat_plan_is_left_out_where_labels_are_no_grid() -> None:
    assert grid(()) is None
    assert grid((room(1).seats[0],) * 2) is None


@pytest.mark.parametrize("pupils", SIZES)
@pytest.mark.parametrize("long", [False, True])
def test_nothing_is_printed_outside_what_a_laser_reaches(pupils: int, long: bool) -> None:
    sheet = room(pupils, long=long, with_names=long, revision=2, spares=3, large_print=tuple(range(pupils)))
    for name, pdf in _papers(sheet).items():
        for page in range(pages_of(pdf)):
            dots = dark(pdf, page)
            edge = 5 * DPI * 10 // 254
            inside = dots[edge:-edge, edge:-edge]
            assert dots.sum() == inside.sum(), name


def test_same_room_gives_the_same_bytes_in_another_process() -> None:
    program = (
        "import hashlib, sys\n"
        "from tests.unit.printing.documents.test_papers import _papers, room\n"
        "print(*[hashlib.sha256(pdf).hexdigest() for pdf in _papers(room(13, long=True)).values()])"
    )
    root = Path(__file__).parents[4]
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
        ).stdout
        for _ in range(2)
    }
    assert len(outputs) == 1
    assert _papers(room(13)) == _papers(room(13))


def test_bundle_joins_in_order() -> None:
    parts = list(_papers(room(40)).values())
    joined = bundle(parts)
    assert texts(joined) == [text for part in parts for text in texts(part)]
    assert joined == bundle(parts)
    assert pages_of(joined) == sum(map(pages_of, parts))


def test_revision_one_says_nothing_of_revisions() -> None:
    for pdf in _papers(room(13)).values():
        assert "едакция" not in " ".join(texts(pdf))


def test_printer_page_measures_what_it_says() -> None:
    pdf = printer_page("Канцелярия", russian, when=WHEN)
    dots = dark(pdf, 0)
    for edge in (5, 10):
        for line in (dots[edge * 10, 200:-200], dots[200:-200, edge * 10]):
            assert line.mean() > 0.99, f"no frame at {edge} mm"
    ruler = dots[841, :]  # 0.1 mm below the ruler's line: the marks alone
    marks = np.flatnonzero(np.diff(ruler[290:1310].astype(int)) == 1)
    assert len(marks) == 101
    assert abs((marks[-1] - marks[0]) - 1000) <= 1


def test_printer_page_symbols_are_readable_at_150_dpi() -> None:
    pdf = printer_page("Канцелярия", russian, when=WHEN)
    big = Image.fromarray(np.where(dark(pdf, 0), 0, 255).astype("uint8"))
    small = big.resize((big.width * 150 // DPI, big.height * 150 // DPI), Image.Resampling.BOX)
    found = Counter(code.text for code in zxingcpp.read_barcodes(small))
    assert found == {"60894": 2}
    (text,) = texts(pdf)
    assert all(f"{percent} %" in text for percent in (5, 10, 50, 100))


def test_a_new_cover_keeps_the_kits_and_names_those_to_take_out() -> None:
    sheet = dataclasses.replace(room(13, revision=2), void=("204-03", "204-07"))
    (text,) = texts(cover(sheet, count(sheet), str))
    assert "replaces the earlier cover; kits printed before stay in the bundle" in text
    assert "Not valid, take out and put away: kits and codes 204-03, 204-07" in text
    assert "Not valid" not in texts(cover(room(13), count(room(13)), str))[0]
