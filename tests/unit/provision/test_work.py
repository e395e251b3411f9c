"""Work = plan - ledger: nothing twice, nothing left out, whatever happened before."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printing.journal import Attempt, Delivery, Entry
from printing.kit import Media
from provision.copies import CopyBook, Order, Spoil
from provision.plan import RoomPlan
from provision.work import Item, RoomWork, Standing, What, attempted_kits, by_room, edition, totals
from tests.unit.provision.plan.school import assignments, inventory, plan, pupil

EVERYTHING = frozenset(What)


def room_of(pupils: int = 5, *, large_print: bool = False) -> RoomPlan:
    """Room 201 with some pupils and a spare kit."""
    made = plan([pupil(row, large_print=large_print and row == 1) for row in range(1, pupils + 1)])
    return made.exams["ma-7a"].rooms[0]


def work(
    room: RoomPlan, entries: Sequence[Entry] = (), briefing: str = "b1", copies: CopyBook | None = None
) -> RoomWork:
    editions = {What.COVER: edition(room), What.PROTOCOL: edition(room)}
    if briefing:
        editions[What.BRIEFING] = briefing
    return RoomWork(room, entries, editions, ("П1", "П2"), copies or CopyBook())


def entry(item: Item, state: Delivery, attempt: str = "") -> Entry:
    covers = tuple(place.number for place in item.places)
    return Entry(Attempt(attempt or item.key, item.key, item.printer, 8, covers), state)


def delivered(items: Sequence[Item]) -> list[Entry]:
    return [entry(item, Delivery.STORED) for item in items]


def test_a_bundle_is_in_order_and_whole() -> None:
    items = work(room_of()).items(EVERYTHING, 1)
    assert [item.what for item in items] == [
        What.COVER, *[What.KITS] * 6, What.BRIEFING, What.PROTOCOL, What.CODES,
    ]  # fmt: skip
    assert [item.path for item in items] == sorted(item.path for item in items)
    assert [place.kit.seat for item in items[1:6] for place in item.places] == ["1А", "1Б", "1В", "2А", "2Б"]
    assert items[6].places[0].kit.spare
    assert [place.number for place in items[-1].places] == [f"201-0{n}" for n in range(1, 7)]


def test_after_everything_is_delivered_nothing_is_left() -> None:
    room = room_of()
    entries = delivered(work(room).items(EVERYTHING, 1))
    assert work(room, entries).items(EVERYTHING, 1) == ()
    assert set(totals(work(room, entries).standings()).values()) == {(1, 1), (6, 6)}


def test_only_what_is_asked_for() -> None:
    items = work(room_of()).items(frozenset({What.PROTOCOL, What.CODES}), 1)
    assert [item.what for item in items] == [What.PROTOCOL, What.CODES]


def test_no_briefing_no_job() -> None:
    assert What.BRIEFING not in {item.what for item in work(room_of(), briefing="").items(EVERYTHING, 1)}


@pytest.mark.parametrize("state", list(Delivery))
def test_only_what_surely_left_no_paper_is_sent_again(state: Delivery) -> None:
    room = room_of()
    items = work(room).items(EVERYTHING, 1)
    again = work(room, [entry(item, state) for item in items]).items(EVERYTHING, 1)
    assert [item.key for item in again] == ([item.key for item in items] if state.may_send else [])


def test_a_later_failure_does_not_hide_an_earlier_delivery() -> None:
    room = room_of()
    kit = work(room).items(frozenset({What.KITS}), 1)[0]
    entries = [entry(kit, Delivery.UNKNOWN, "a1"), entry(kit, Delivery.FAILED, "a2")]
    assert kit.key not in {item.key for item in work(room, entries).items(EVERYTHING, 1)}


def test_kits_are_grouped_as_the_profile_says_and_never_sent_in_two_groups() -> None:
    room = room_of()
    first = work(room).items(frozenset({What.KITS}), 2)
    assert [[place.number for place in item.places] for item in first] == [
        ["201-01", "201-02"], ["201-03", "201-04"], ["201-05"], ["201-06"],
    ]  # fmt: skip
    rest = work(room, delivered(first[1:2])).items(frozenset({What.KITS}), 4)
    assert [[place.number for place in item.places] for item in rest] == [
        ["201-01", "201-02", "201-05"], ["201-06"],
    ]  # fmt: skip


def test_a_late_pupil_gets_kit_and_code_and_new_editions_of_cover_and_protocol() -> None:
    before = plan([pupil(row) for row in (1, 2, 4)])
    sent = delivered(work(before.exams["ma-7a"].rooms[0]).items(EVERYTHING, 1))
    after = plan(
        [pupil(row) for row in (1, 2, 3, 4)], record=assignments(before), attempted=attempted_kits(sent)
    )
    items = work(after.exams["ma-7a"].rooms[0], sent).items(EVERYTHING, 1)
    late = [[place.pupil and place.pupil.row for place in item.places] for item in items]
    assert [(item.what, item.revision) for item in items] == [
        (What.COVER, 2), (What.KITS, 1), (What.PROTOCOL, 2), (What.CODES, 2),
    ]  # fmt: skip
    assert late == [[], [3], [], [3]]
    assert len({item.path for item in items} & {e.attempt.work for e in sent}) == 0


def test_large_print_goes_to_the_a3_printer_or_waits() -> None:
    waiting = room_of(large_print=True)
    assert len([i for i in work(waiting).items(EVERYTHING, 1) if i.what is What.KITS]) == 5
    site = inventory(
        printers=[
            {"name": "П1", "queue": "folder:out/1", "pools": ["все"]},
            {"name": "А3", "queue": "folder:out/3", "a3": True},
        ]
    )
    room = plan([pupil(1, large_print=True), pupil(2)], site=site).exams["ma-7a"].rooms[0]
    kits = RoomWork(room, (), {}, ("П1", "А3"), CopyBook()).items(frozenset({What.KITS}), 5)
    assert [(item.printer, item.media, len(item.places)) for item in kits] == [
        ("А3", Media.A3, 1), ("П1", Media.A4, 1), ("П1", Media.A4, 1),
    ]  # fmt: skip


def test_a_room_stays_with_its_printer() -> None:
    room = room_of()
    first = work(room).items(EVERYTHING, 1)[0]
    other = "П2" if room.printer == "П1" else "П1"
    moved = Entry(Attempt("a", first.key, other, 1), Delivery.STORED)
    assert {item.printer for item in work(room, [moved]).items(EVERYTHING, 1)} == {other}


@given(states=st.lists(st.sampled_from([None, *Delivery]), min_size=11, max_size=11), size=st.integers(1, 4))
@settings(max_examples=80, deadline=None)
def test_every_kit_is_sent_or_accounted_for_exactly_once(states: list[Delivery | None], size: int) -> None:
    room = room_of(10)
    singles = work(room).items(frozenset({What.KITS}), 1)
    entries = [entry(item, state) for item, state in zip(singles, states, strict=True) if state is not None]
    again = work(room, entries).items(frozenset({What.KITS}), size)
    sent = [place.number for item in again for place in item.places]
    kept = [e.attempt.covers[0] for e in entries if not e.state.may_send]
    assert sorted(sent + kept) == sorted(place.number for place in room.kits)


def test_the_last_edition_on_paper_is_the_one_that_holds() -> None:
    """A pupil put into the wrong class, printed, and taken out again: the first cover must not pass for good
    while the second one lies on top of it."""
    one, other = room_of(3), room_of(4)
    sent: list[Entry] = []
    paths: list[str] = []
    for wanted in (one, other, one, one, other):
        items = [i for i in work(wanted, sent).items(EVERYTHING, 1) if i.what in {What.COVER, What.PROTOCOL}]
        assert work(wanted, sent + delivered(items)).standings()[0].state is Delivery.STORED
        assert [i.revision for i in items] == ([len(paths) + 1] * 2 if items else [])
        paths += [items[0].path] if items else []
        sent += delivered(items)
    assert len(paths) == len(set(paths)) == 4
    assert len({e.attempt.work for e in sent}) == len(sent) == 8


def test_another_time_is_another_edition_of_cover_and_protocol() -> None:
    room = room_of()
    sent = delivered(work(room).items(EVERYTHING, 1))
    later = dataclasses.replace(room, exam=room.exam.model_copy(update={"start": dt.time(9, 30)}))
    assert [item.what for item in work(later, sent).items(EVERYTHING, 1)] == [What.COVER, What.PROTOCOL]


def test_the_cover_counts_the_slips_that_lie_there_and_those_that_come() -> None:
    room = room_of(4)
    codes = work(room).items(frozenset({What.CODES}), 1)
    first, again = (work(room, e).items(EVERYTHING, 1)[0] for e in ((), delivered(codes)))
    assert (len(first.codes), first.code_sheets) == (5, 0)
    assert (len(again.codes), again.code_sheets) == (0, 8)


def test_attempts_are_told_apart_by_exam_and_room() -> None:
    made = plan([pupil(row) for row in range(1, 15)])
    items = [item for room in made.exams["ma-7a"].rooms for item in work(room).items(EVERYTHING, 1)]
    found = by_room(delivered(items))
    assert set(found) == {("ma-7a", "201"), ("ma-7a", "202")}
    assert [len(entries) for entries in found.values()] == [17, 7]


def spoiled(room: RoomPlan, kit: str, *pages: int) -> Spoil:
    return Spoil(room.exam.id, room.room, kit, pages, 1, "jam", "Технический специалист")


def ordered(room: RoomPlan, kit: str, copy: int, *pages: int) -> Order:
    return Order(room.exam.id, room.room, kit, pages, copy, "jam", "Технический специалист")


def book(*events: Spoil | Order) -> CopyBook:
    made = CopyBook()
    for event in events:
        made.note(event)
    return made


def standing(made: RoomWork, kit: str) -> Standing:
    return next(s for s in made.standings() if s.what is What.KITS and s.name == kit)


def test_a_spoiled_page_waits_for_its_order_and_the_kit_is_not_done() -> None:
    room = room_of()
    entries = delivered(work(room).items(EVERYTHING, 1))
    found = work(room, entries, copies=book(spoiled(room, "201-02", 3)))
    assert found.items(EVERYTHING, 1) == ()
    assert standing(found, "201-02").spoiled == (3,)
    assert totals(found.standings())[What.KITS] == (5, 6)


def test_an_ordered_copy_is_one_document_of_just_those_pages() -> None:
    room = room_of()
    entries = delivered(work(room).items(EVERYTHING, 1))
    copies = book(spoiled(room, "201-02", 3, 5), ordered(room, "201-02", 2, 3, 5))
    (item,) = work(room, entries, copies=copies).items(EVERYTHING, 1)
    assert item.key == "ma-7a/201/kits/201-02/copy2/p3,5"
    assert item.path.endswith("/2-kit-201-02-copy2-p3,5.pdf")
    (place,) = item.places
    first = next(p for p in room.kits if p.number == "201-02").kit
    assert (place.kit.copy, place.kit.pages, place.kit.code) == (2, (3, 5), first.code)
    after = work(room, [*entries, entry(item, Delivery.STORED)], copies=copies)
    assert after.items(EVERYTHING, 1) == ()
    assert standing(after, "201-02").done


def test_a_copy_of_the_whole_kit_has_no_pages_in_its_key() -> None:
    room = room_of()
    pages = tuple(range(1, room.pages[room.kits[0].kit.variant] + 1))
    copies = book(ordered(room, "201-01", 2, *pages))
    entries = delivered(work(room).items(EVERYTHING, 1))
    assert [i.key for i in work(room, entries, copies=copies).items(EVERYTHING, 1)] == [
        "ma-7a/201/kits/201-01/copy2"
    ]


@pytest.mark.parametrize("state", list(Delivery))
def test_a_copy_is_sent_again_only_when_it_surely_left_no_paper(state: Delivery) -> None:
    room = room_of()
    entries = delivered(work(room).items(EVERYTHING, 1))
    copies = book(ordered(room, "201-02", 2, 3))
    (item,) = work(room, entries, copies=copies).items(EVERYTHING, 1)
    found = work(room, [*entries, entry(item, state)], copies=copies)
    assert [i.key for i in found.items(EVERYTHING, 1)] == ([item.key] if state.may_send else [])
    assert standing(found, "201-02").done == state.delivered
    if not state.delivered:
        assert standing(found, "201-02").key == item.key


@pytest.mark.parametrize("state", list(Delivery))
def test_a_copy_on_its_way_says_nothing_of_the_first_print(state: Delivery) -> None:
    """What became of the copy never lets the first print be sent again, nor stops it."""
    room = room_of()
    copies = book(ordered(room, "201-02", 2, 3))
    copy = next(i for i in work(room, copies=copies).items(EVERYTHING, 1) if "/copy" in i.key)
    keys = {i.key for i in work(room, [entry(copy, state)], copies=copies).items(EVERYTHING, 1)}
    assert "ma-7a/201/kits/201-02" in keys


def test_copies_of_a_pupil_who_left_the_plan_are_not_printed() -> None:
    room = room_of()
    entries = delivered(work(room).items(EVERYTHING, 1))
    assert work(room, entries, copies=book(ordered(room, "201-99", 2, 3))).items(EVERYTHING, 1) == ()
