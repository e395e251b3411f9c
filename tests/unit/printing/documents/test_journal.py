"""The print journal on paper, from one line to four hundred."""

from __future__ import annotations

import datetime as dt

import pytest

from printing.documents.happened import Line, PrintJournal, RoomSum, Section
from printing.documents.journal import journal
from tests.unit.printing.documents.reading import DPI, dark, texts

DAY = dt.datetime(2027, 4, 15, 7, 31, 5, tzinfo=dt.timezone(dt.timedelta(hours=3)))
HASH = "109985cf3e6a7e233935255294904f2abe38fdb5e960adce4ed313efb1e19f7d"
LONG = "Заказана дополнительная печать: ИК 201-14, стр. 3-5, 7, копия 2: лист залит чаем, кромка порвана"


def line(number: int) -> Line:
    at = DAY + dt.timedelta(seconds=20 * number)
    what = LONG if number % 10 == 0 else f"ИК 201-{number:03}"
    return Line(at, "201", what, "Кабинет информатики", 8, "напечатано (принтер)", "Петров П. П.")


def book(lines: int, rooms: int = 1, **changes: bool) -> PrintJournal:
    return PrintJournal(
        "МБОУ «Школа № 12»",
        DAY,
        tuple(RoomSum("Математика 7А", str(201 + n), 184, 189, 5, 6, 4, 0) for n in range(rooms)),
        (Section("Математика 7А", tuple(map(line, range(1, lines + 1)))),) if lines else (),
        1234,
        HASH,
        **changes,
    )


@pytest.mark.parametrize("count", [0, 1, 2, 17, 18, 19, 20, 21, 22, 23, 24, 45, 400])
def test_every_line_stands_there_once_and_the_last_ones_with_the_signatures(count: int) -> None:
    pages = texts(journal(book(count), str))
    whole = " ".join(pages)
    for number in range(1, count + 1):
        if number % 10:
            assert whole.count(f"ИК 201-{number:03}") == 1
    assert whole.count("лист залит чаем, кромка порвана") == count // 10, "nothing is cut off"
    assert "Technical specialist" in pages[-1]
    if count > 1:
        assert all(f"{line(n).at:%H:%M:%S}" in pages[-1] for n in (count - 1, count))


@pytest.mark.parametrize("count", [1, 45, 400])
def test_the_proof_is_on_every_page_and_pages_are_numbered(count: int) -> None:
    pages = texts(journal(book(count), str))
    for number, text in enumerate(pages, start=1):
        assert HASH in text
        assert "1234" in text
        assert f"Page {number} of {len(pages)}" in text


def test_sums_of_many_rooms_run_over_pages_and_end_in_a_total() -> None:
    pages = texts(journal(book(3, rooms=60), str))
    assert len(pages) > 1
    whole = " ".join(pages)
    assert all(whole.count(f" {201 + n} 184 189 5 6 183 4 0") == 1 for n in range(60))
    assert f"{184 * 60} {189 * 60} {5 * 60} {6 * 60} {183 * 60} {4 * 60} 0" in whole


def test_a_plan_that_is_gone_is_a_dash() -> None:
    gone = RoomSum("Математика 7А", "201", None, 8, 0, 0, 0, 0)
    made = PrintJournal("Школа", DAY, (gone,), (), 1, HASH)
    assert "201 — 8 0 0 8 0 0" in texts(journal(made, str))[0]


def test_the_second_person_signs_only_when_there_was_one() -> None:
    assert "Confirmed additional prints" not in texts(journal(book(1), str))[0]
    assert "Confirmed additional prints" in texts(journal(book(1, second_person=True), str))[0]


@pytest.mark.parametrize("count", [1, 45])
def test_nothing_leaves_the_margins(count: int) -> None:
    made = journal(book(count), str)
    for page in range(len(texts(made))):
        dots = dark(made, page)
        per_mm = DPI / 25.4
        assert not dots[:, : int(19.5 * per_mm)].any()
        assert not dots[:, int(200.8 * per_mm) :].any()
        assert not dots[int(290.5 * per_mm) :].any()


def test_the_same_journal_gives_the_same_bytes() -> None:
    assert journal(book(45), str) == journal(book(45), str)
