"""From events to lines: a delivery is one line however it went, a person's word is another."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from printing.journal import Attempt, Delivery
from provision.copies import Order, Spoil, draft
from provision.ledger import Ledger, LedgerJournal, judged
from provision.ledger.evidence import Counted, Scan, record, record_meter
from provision.printjournal import KINDS, Act, Happening, happenings
from provision.printjournal.words import line_of, ranges
from provision.second_person import appoint
from provision.secret import Secret
from provision.work import What

ZONE = ZoneInfo("Asia/Yekaterinburg")
START = dt.datetime(2027, 4, 15, 2, 30, tzinfo=dt.UTC)
KIT = ("ma-7a", "204", "204-07")


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    ticks = iter(range(1000))
    made = Ledger(tmp_path, lambda: START + dt.timedelta(seconds=next(ticks)))
    yield made
    made.close()


def lines(ledger: Ledger) -> list[Happening]:
    return happenings(ledger.events(KINDS), ZONE)


def send(ledger: Ledger, work: str, *states: Delivery, sheets: int = 8) -> None:
    journal = LedgerJournal(ledger)
    journal.intend(Attempt(f"id-{work}", work, "Учительская", sheets, ("204-07",)))
    for state in states:
        journal.advance(f"id-{work}", state)


def test_a_delivery_is_one_line_at_the_schools_time_with_its_last_state(ledger: Ledger) -> None:
    states = (Delivery.ACCEPTED, Delivery.PRINTING, Delivery.CLAIMED)
    send(ledger, "ma-7a/204/kits/204-07", *states)
    (line,) = lines(ledger)
    assert line.at.isoformat() == "2027-04-15T07:30:00+05:00"
    assert (line.act, line.what, line.kits, line.state) == (
        Act.PRINTED, What.KITS, ("204-07",), Delivery.CLAIMED,
    )  # fmt: skip
    assert (line.exam, line.room, line.printer, line.sheets) == ("ma-7a", "204", "Учительская", 8)


def test_a_persons_word_is_a_line_of_its_own(ledger: Ledger) -> None:
    send(ledger, "ma-7a/204/kits/204-07", Delivery.UNKNOWN, Delivery.PRINTED_SAYS_PERSON)
    sent, said = lines(ledger)
    assert (sent.act, sent.state, sent.sheets) == (Act.PRINTED, Delivery.UNKNOWN, 8)
    assert (said.act, said.state, said.sheets) == (Act.RESOLVED, Delivery.PRINTED_SAYS_PERSON, None)


def test_a_copy_says_its_number_and_pages(ledger: Ledger) -> None:
    ledger.append(
        draft(Spoil(*KIT, (3, 5), 1, "jam", "Петров")),
        draft(Order(*KIT, (3, 5), 2, "jam", "Петров", "Иванова")),
    )
    send(ledger, "ma-7a/204/kits/204-07/copy2/p3,5", Delivery.STORED, sheets=2)
    words = [line_of(line, str) for line in lines(ledger)]
    assert [line.what for line in words] == [
        "Spoiled: kit 204-07, p. 3, 5: paper jam",
        "Additional print ordered: kit 204-07, p. 3, 5, copy 2: paper jam",
        "Kit 204-07, p. 3, 5, copy 2",
    ]
    assert [line.outcome for line in words] == ["", "confirmed by Иванова", "stored as a file"]
    assert [line.who for line in words] == ["Петров", "Петров", ""]


def test_scans_in_a_row_are_one_line_until_something_else_happens_to_the_room(ledger: Ledger) -> None:
    record(ledger, "ma-7a", "204", *(Scan(1, page, 1) for page in range(1, 9)))
    record(ledger, "ma-7a", "205", Scan(9, 1, 1))
    record(ledger, "ma-7a", "204", Scan(2, 1, 1), Counted(9, 10, agrees=False), Scan(2, 2, 1))
    found = [(line.act, line.room, line.sheets, line.good) for line in lines(ledger)]
    assert found == [
        (Act.SCANNED, "204", 9, None),
        (Act.SCANNED, "205", 1, None),
        (Act.COUNTED, "204", 9, False),
        (Act.SCANNED, "204", 1, None),
    ]


def test_a_printers_counter_is_told_by_what_it_gained(ledger: Ledger) -> None:
    record_meter(ledger, "Учительская", "before", 1000, "printer-impressions-completed")
    record_meter(ledger, "Учительская", "after", 1188, "printer-impressions-completed")
    (line,) = lines(ledger)
    assert (line.act, line.exam, line.printer, line.sheets) == (Act.METERED, "", "Учительская", 188)


def test_a_test_page_is_a_printers_line_and_so_is_its_judgement(ledger: Ledger) -> None:
    send(ledger, "test-page/1", Delivery.CLAIMED, sheets=1)
    judged.record(ledger, "Учительская", good=True, who="Петров", note="")
    sent, said = lines(ledger)
    assert (sent.act, sent.exam, sent.state) == (Act.TESTED, "", Delivery.CLAIMED)
    assert line_of(said, str).outcome == "good"


def test_it_shows_who_was_appointed_to_confirm(ledger: Ledger, tmp_path: Path) -> None:
    appoint(tmp_path, ledger, "Иванова А. С.", Secret("long enough"))
    (line,) = lines(ledger)
    assert (line.act, line.exam, line.who) == (Act.APPOINTED, "", "Иванова А. С.")
    assert line_of(line, str).what == "Appointed to confirm additional prints"


@pytest.mark.parametrize("state", list(Delivery))
def test_every_state_has_words(state: Delivery, ledger: Ledger) -> None:
    send(ledger, "ma-7a/204/cover/abc", state)
    assert all(line_of(line, str).outcome for line in lines(ledger))


@pytest.mark.parametrize(
    ("pages", "text"), [((3,), "3"), ((3, 4), "3, 4"), ((1, 2, 3, 4, 7), "1-4, 7"), ((1, 3, 5), "1, 3, 5")]
)
def test_pages_as_people_write_them(pages: tuple[int, ...], text: str) -> None:
    assert ranges(pages) == text
