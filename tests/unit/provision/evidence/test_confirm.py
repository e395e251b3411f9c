"""A person scans and counts one room of the example school; the ledger is real, the paper is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from printing.journal import Delivery
from printing.kit import Mark
from printing.mark import encode
from provision.copies import Order, Spoil, draft
from provision.evidence.confirm import (
    Accepted,
    NoExtraPaper,
    Refused,
    Report,
    RoomNotPlanned,
    Session,
    confirm,
)
from provision.ledger import Ledger, assignments
from provision.ledger.evidence import Scan, record, record_meter, said
from provision.lock import AnotherRun, exclusive
from provision.resolve import resolve
from provision.status import Verdict
from tests.unit.provision.evidence.rooms import (
    EXAM,
    ROOM,
    Sheets,
    deliver,
    look,
    morning,
    new_school,
    standing,
)

UNKNOWN = Delivery.UNKNOWN

NewSchool = Callable[..., tuple[Path, Sheets]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("school")


@pytest.fixture
def school(folder: Path) -> NewSchool:
    """Makes the example school with everything delivered but what the test says otherwise."""

    def make(states: dict[str, Delivery] | None = None, *exams: str) -> tuple[Path, Sheets]:
        site = new_school(folder)
        deliver(site, states or {}, *exams)
        return site, Sheets.of(site)

    return make


def say(site: Path, lines: list[str], **words: object) -> Report:
    return confirm(look(site), EXAM, ROOM, lines, **words)  # type: ignore[arg-type]


def test_the_printers_word_alone_is_not_ready(school: NewSchool) -> None:
    site, _sheets = school()
    assert standing(site).verdict is Verdict.CLAIMED


def test_a_room_that_is_scanned_is_ready(school: NewSchool) -> None:
    site, sheets = school()
    report = say(site, sheets.firsts("201-07"), complete=False)
    assert report.unscanned == ("201-07",)
    assert standing(site).verdict is Verdict.CLAIMED
    report = say(site, [sheets.mark("201-07", 8)], complete=True)
    assert (report.refused, report.missing, report.duplicates, report.unscanned) == ((), (), (), ())
    assert report.voices.ready
    assert standing(site).verdict is Verdict.READY


def test_a_kit_left_out_is_named_until_it_is_found(school: NewSchool) -> None:
    site, sheets = school()
    report = say(site, sheets.firsts("201-07"), complete=True)
    assert [missing.kit for missing in report.missing] == ["201-07"]
    status = standing(site)
    assert status.verdict is Verdict.DISAGREE
    assert [doubt.kits for doubt in status.voices.doubts] == [("201-07",)]
    assert say(site, [sheets.mark("201-07")]).voices.ready


def test_a_sheet_scanned_twice_is_remembered_until_the_second_is_destroyed(school: NewSchool) -> None:
    site, sheets = school()
    report = say(site, [*sheets.firsts(), sheets.mark("201-03")], complete=True)
    assert report.duplicates == ("201-03",)
    assert standing(site).verdict is Verdict.DISAGREE
    assert say(site, []).duplicates == ("201-03",)
    with pytest.raises(NoExtraPaper):
        say(site, [], extra_removed=["201-04"])
    assert say(site, [], extra_removed=["201-03"]).voices.ready
    assert standing(site).verdict is Verdict.READY


def test_the_whole_room_can_be_scanned_again(school: NewSchool) -> None:
    site, sheets = school()
    assert say(site, sheets.firsts()).voices.ready
    assert len(say(site, sheets.firsts()).duplicates) == len(sheets.numbers())
    assert say(site, sheets.firsts(), again=True, complete=True).voices.ready


def test_an_unknown_kit_is_on_paper_once_every_page_was_seen(school: NewSchool) -> None:
    site, sheets = school({"201-05": UNKNOWN})
    report = say(site, [*sheets.firsts("201-05"), *sheets.kit("201-05", range(1, 8))])
    assert report.unknown == ("ma-7a/201/kits/201-05",)
    assert standing(site).verdict is Verdict.UNKNOWN
    report = say(site, sheets.kit("201-05", [8]))
    assert [(one.work, one.printed) for one in report.resolved] == [("ma-7a/201/kits/201-05", True)]
    assert report.voices.ready
    assert standing(site).verdict is Verdict.READY


def test_an_unknown_kit_that_is_not_there_is_printed_by_the_next_run(school: NewSchool) -> None:
    site, sheets = school({"201-05": UNKNOWN})
    report = say(site, sheets.firsts("201-05"), complete=True)
    assert [one.printed for one in report.resolved] == [False]
    assert standing(site).verdict is Verdict.TODO
    assert [one.item.key for one in morning(site).todo()] == ["ma-7a/201/kits/201-05"]
    deliver(site)
    assert standing(site).verdict is Verdict.CLAIMED
    assert say(site, [sheets.mark("201-05")], complete=True).voices.ready


def test_half_a_kit_is_not_sent_again_but_its_missing_pages_are_named(school: NewSchool) -> None:
    site, sheets = school({"201-05": UNKNOWN})
    half = [*sheets.firsts("201-05"), *sheets.kit("201-05", range(1, 5))]
    report = say(site, half, complete=True)
    assert [(missing.kit, missing.pages) for missing in report.missing] == [("201-05", (5, 6, 7, 8))]
    assert [one.printed for one in report.resolved] == [True]
    assert morning(site).todo() == ()
    assert standing(site).verdict is Verdict.DISAGREE
    order_copy(site, "201-05", (5, 6, 7, 8))
    assert standing(site).verdict is Verdict.TODO
    deliver(site)
    assert standing(site).verdict is Verdict.CLAIMED
    assert say(site, [sheets.mark("201-05", 6, 2)], complete=True).voices.ready


def order_copy(site: Path, kit: str, pages: tuple[int, ...], copy: int = 2) -> None:
    words = (EXAM, ROOM, kit, pages)
    Ledger(site / ".provision").append(
        draft(Spoil(*words, copy - 1, "jam", "Staff")), draft(Order(*words, copy, "jam", "Staff"))
    )


def test_a_void_sheet_is_refused_and_the_new_one_asked_for(school: NewSchool) -> None:
    site, sheets = school()
    assert say(site, sheets.firsts()).voices.ready
    order_copy(site, "201-02", (1, 2))
    deliver(site)
    report = say(site, [sheets.mark("201-02", 2, 1), sheets.mark("201-02", 3)])
    assert [(line, refused.code) for line, refused in report.refused] == [(1, "void")]
    assert report.unscanned == ("201-02",)
    assert say(site, [sheets.mark("201-02", 2, 2)]).voices.ready


def test_a_spoiled_sheet_is_refused(school: NewSchool) -> None:
    site, sheets = school()
    spoiled = Spoil(EXAM, ROOM, "201-02", (3,), 1, "jam", "Staff")
    Ledger(site / ".provision").append(draft(spoiled))
    report = say(site, [*sheets.firsts(), sheets.mark("201-02", 3)], complete=True)
    assert [refused.code for _line, refused in report.refused] == ["void"]
    assert not report.voices.ready
    assert standing(site).verdict is Verdict.SPOILED


def alien(sheets: Sheets, **changes: object) -> str:
    place = sheets.place("201-01")
    values = {
        "batch": sheets.plan.batch,
        "kit": place.assignment.index,
        "page": 1,
        "copy": 1,
        "code": place.kit.code,
    }
    return encode(Mark(**{**values, **changes}))  # type: ignore[arg-type]


def test_what_does_not_belong_is_refused_and_told_where_it_does(school: NewSchool) -> None:
    site, sheets = school(None, "ma-7a", "ma-7b", "en-7a")
    other = Sheets.of(site, "ma-7b")
    english = Sheets.of(site, "en-7a")
    lines = {
        other.mark(other.numbers("202")[0]): "other-exam",
        english.mark(english.numbers()[0]): "other-exam",
        alien(sheets, batch="000000"): "foreign",
        alien(sheets, kit=9000): "foreign",
        alien(sheets, page=9): "no-such-page",
        alien(sheets, copy=2): "void",
        alien(sheets, code="00000"): "other-code",
        alien(sheets)[:-1]: "mark-refused",
        "201-99": "no-such-kit",
        "ЙЦУКЕН": "mark-refused",
    }
    report = say(site, list(lines))
    assert [refused.code for _line, refused in report.refused] == list(lines.values())
    assert report.accepted == ()
    rooms = [refused.params.get("room") for _line, refused in report.refused]
    assert rooms[:2] == ["202", "201"]
    assert say(site, sheets.firsts()).voices.ready


def test_a_kit_of_another_room_of_the_same_exam_is_sent_there(school: NewSchool) -> None:
    site, sheets = school()
    ledger = Ledger(site / ".provision")
    moved = assignments.recorded(ledger)[0]
    elsewhere = type(moved)(
        moved.exam, "p", "202", "1А", moved.code, moved.variant, index=500, number="202-50"
    )
    gone = type(moved)(moved.exam, "q", ROOM, "1А", moved.code, moved.variant, index=501, number="201-51")
    assignments.record(ledger, [elsewhere, gone])
    report = say(site, [alien(sheets, kit=500), alien(sheets, kit=501)])
    assert [refused.code for _line, refused in report.refused] == ["other-room", "not-planned"]
    assert report.refused[0][1].params["room"] == "202"


def test_a_number_can_be_typed_where_no_barcode_can_be_read(school: NewSchool) -> None:
    site, sheets = school({"201-05": UNKNOWN})
    typed = [f"201-05/{page}" for page in range(1, 9)]
    report = say(site, [*sheets.firsts("201-04", "201-05"), " 201-04\r\n", "201-04", *typed], complete=True)
    assert report.refused == ()
    assert report.voices.ready


@pytest.mark.parametrize(("sheets_counted", "verdict"), [(0, Verdict.READY), (-1, Verdict.DISAGREE)])
def test_a_count_confirms_or_disagrees(school: NewSchool, sheets_counted: int, verdict: Verdict) -> None:
    site, _sheets = school()
    expected = standing(site).voices.count.of
    say(site, [], counted=expected + sheets_counted)
    assert standing(site).verdict is verdict
    say(site, [], counted=expected)
    assert standing(site).verdict is Verdict.READY


def test_a_count_settles_what_has_no_barcode(school: NewSchool) -> None:
    site, sheets = school({"cover": UNKNOWN, "protocol": UNKNOWN})
    known = standing(site).voices.count.of
    report = say(site, sheets.firsts(), complete=True, counted=known)
    assert sorted(one.printed for one in report.resolved) == [False, False]
    assert len(report.resolved) == 2
    assert standing(site).verdict is Verdict.TODO
    deliver(site)
    whole = standing(site).voices.count.of
    assert whole > known
    assert standing(site).verdict is Verdict.READY  # every kit was scanned; the queue vouches for the rest
    assert say(site, [], counted=whole).voices.ready


def test_a_late_pupils_kit_needs_evidence_of_its_own(school: NewSchool) -> None:
    site, sheets = school({"201-05": UNKNOWN})
    expected = standing(site).voices.count.of
    resolve(site, "ma-7a/201/kits/201-05", printed=False)
    say(site, [], counted=expected)
    deliver(site)
    assert standing(site).verdict is Verdict.CLAIMED
    assert say(site, [sheets.mark("201-05")]).voices.ready


def test_a_paper_that_was_never_printed_by_all_records(school: NewSchool) -> None:
    site, sheets = school({"201-05": Delivery.FAILED, "201-06": Delivery.FAILED})
    session = Session(look(site), EXAM, ROOM)
    told = session.scan(sheets.mark("201-05"))
    assert isinstance(told, Accepted)
    assert told.stray
    report = session.finish()
    assert report.duplicates == ("201-05",)
    deliver(site)  # it is printed again, as the ledger says it must
    say(site, sheets.firsts("201-05"))
    assert standing(site).verdict is Verdict.DISAGREE  # the first paper is still somewhere
    report = say(site, [], extra_removed=["201-05"])
    assert not report.voices.ready
    assert say(site, [sheets.mark("201-05")]).voices.ready


def test_a_failed_kit_that_was_seen_whole_is_not_printed_again(school: NewSchool) -> None:
    site, sheets = school({"201-05": Delivery.FAILED})
    assert say(site, [*sheets.firsts("201-05"), *sheets.kit("201-05")]).voices.ready
    assert morning(site).todo() == ()


def test_what_is_printed_while_the_session_goes_on_is_seen(school: NewSchool) -> None:
    site, sheets = school({"201-05": Delivery.FAILED})
    session = Session(look(site), EXAM, ROOM)
    deliver(site)
    told = session.scan(sheets.mark("201-05"))
    assert isinstance(told, Accepted)
    assert not told.stray
    order_copy(site, "201-06", (1,))
    assert isinstance(session.scan(sheets.mark("201-06")), Refused)


def test_every_scan_is_on_disk_when_it_is_answered_and_holds_no_code(school: NewSchool) -> None:
    site, sheets = school()
    session = Session(look(site), EXAM, ROOM)
    session.scan(sheets.mark("201-01", 3))
    ledger = Ledger(site / ".provision")
    (scan,) = said(ledger)[(EXAM, ROOM)]
    assert isinstance(scan, Scan)
    assert (scan.kit, scan.page, scan.copy) == (sheets.place("201-01").assignment.index, 3, 1)
    session.scan(alien(sheets, code="00000"))
    session.finish(complete=True)
    codes = {place.kit.code for place in sheets.room().kits}
    for event in ledger.events():
        assert not [code for code in codes if f'"{code}"' in json.dumps(event.body)]
        assert sheets.mark("201-01", 3) not in json.dumps(event.body)
    report = confirm(look(site), EXAM, ROOM, [alien(sheets, code="00000")])
    assert not [code for code in codes if code in repr(report)]


def test_a_room_is_scanned_while_others_print_but_settled_by_one_at_a_time(school: NewSchool) -> None:
    site, sheets = school()
    with exclusive(site / ".provision"):
        assert say(site, sheets.firsts()).voices.ready
    with exclusive(site / ".provision", "confirm"), pytest.raises(AnotherRun):
        say(site, [sheets.mark("201-01", 2)])
    assert say(site, [sheets.mark("201-01", 2)]).duplicates == ("201-01",)  # it was kept


def test_the_meter_is_heard(school: NewSchool) -> None:
    site, sheets = school({"201-05": Delivery.FAILED})
    printer = standing(site).printer
    ledger = Ledger(site / ".provision")
    record_meter(ledger, printer, "before", 1000, "x")
    deliver(site)
    record_meter(ledger, printer, "after", 1009, "x")
    report = say(site, sheets.firsts(), complete=True)
    assert [doubt.kits for doubt in report.voices.doubts] == [("201-05",)]
    assert standing(site).verdict is Verdict.DISAGREE
    assert say(site, [], counted=report.voices.count.of).voices.ready  # a count overrules it


def test_there_must_be_something_to_confirm(school: NewSchool) -> None:
    site, _sheets = school()
    with pytest.raises(RoomNotPlanned):
        confirm(look(site), EXAM, "204", [])


def test_events_of_one_room_are_no_evidence_for_another(school: NewSchool) -> None:
    site, sheets = school()
    ledger = Ledger(site / ".provision")
    for number in sheets.numbers():
        record(ledger, "ma-7b", ROOM, Scan(sheets.place(number).assignment.index, 1, 1))
    assert standing(site).verdict is Verdict.CLAIMED
