"""The plan: seats, codes, variants and kits, and everything it must refuse."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from printing.kit import Media
from provision.plan import ListedCode, Materials, Plan, batch_of
from tests.unit.provision.plan.school import assignments, codes, exam, inventory, plan, pupil


def templates(made: Plan, exam_id: str = "ma-7a") -> list[str]:
    return [refusal.template for refusal in made.refused[exam_id].refusals]


def test_everybody_has_one_seat_one_code_one_kit() -> None:
    made = plan([pupil(row) for row in range(1, 21)])
    found = assignments(made)
    assert len([a for a in found if a.pupil]) == 20
    assert len({(a.room, a.seat) for a in found if a.seat}) == 20
    assert len({a.code for a in found}) == len(found) == 22
    assert len({a.number for a in found}) == len({a.index for a in found}) == 22


def test_the_same_request_gives_the_same_plan() -> None:
    pupils = [pupil(row) for row in range(1, 21)]
    assert assignments(plan(pupils)) == assignments(plan(pupils))


def test_rooms_are_filled_in_the_inventorys_order_and_spares_follow_each() -> None:
    made = plan([pupil(row) for row in range(1, 15)])
    rooms = made.exams["ma-7a"].rooms
    assert [(room.room, len(room.places), len(room.spares)) for room in rooms] == [
        ("201", 12, 1),
        ("202", 2, 1),
    ]
    assert [place.kit.seat for place in rooms[0].places][:4] == ["1А", "1Б", "1В", "2А"]
    assert rooms[0].kit_sheets == 13 * 8


@pytest.mark.parametrize("seating", ["chess", "column"])
@given(
    rows=st.integers(1, 6),
    columns=st.integers(1, 6),
    seed=st.integers(0, 2**32 - 1),
    variants=st.integers(2, 4),
)
@settings(max_examples=60, deadline=None)
def test_neighbours_never_share_a_variant(
    seating: str, rows: int, columns: int, seed: int, variants: int
) -> None:
    room = {"number": "201", "rows": rows, "columns": columns, "pool": "все"}
    site = inventory(
        rooms=[room],
        exams=[exam("ma-7a", rooms=["201"])],
        profile={"seating": seating, "variants": variants},
    )
    materials = {"ma-7a": Materials(codes(60), {str(n): 4 for n in range(1, variants + 1)})}
    made = plan(
        [pupil(row) for row in range(1, rows * columns + 1)], site=site, materials=materials, seed=seed
    )
    dealt = {place.kit.seat: place.kit.variant for place in made.exams["ma-7a"].rooms[0].places}
    grid = {(row, column): dealt[label] for row, column, label in site.room("201").grid()}
    for (row, column), variant in grid.items():
        assert grid.get((row, column + 1)) != variant
        if seating == "chess":
            assert grid.get((row + 1, column)) != variant


def test_two_classes_share_a_room_without_sharing_seats_or_numbers() -> None:
    site = inventory(exams=[exam("ma-7a"), exam("ma-7b", **{"class": "7Б"})])
    pupils = [pupil(row) for row in range(1, 9)] + [pupil(row, "7Б") for row in range(9, 17)]
    found = assignments(plan(pupils, site=site))
    seated = [(a.room, a.seat) for a in found if a.seat]
    assert len(set(seated)) == len(seated) == 16
    assert len({a.number for a in found}) == len(found)
    assert len({a.code for a in found}) == len(found)


def test_pins_are_respected() -> None:
    made = plan([pupil(1, seat="4В", room="202"), pupil(2, seat="1А"), pupil(3)])
    seats = {a.pupil: (a.room, a.seat) for a in assignments(made) if a.pupil}
    assert seats == {"7А-1": ("202", "4В"), "7А-2": ("201", "1А"), "7А-3": ("201", "1Б")}


def test_a_late_pupil_changes_nobody_else() -> None:
    first = plan([pupil(row) for row in (1, 2, 4, 5)])
    record = assignments(first)
    later = plan([pupil(row) for row in (1, 2, 3, 4, 5)], record=record)
    assert set(record) < set(assignments(later))
    assert [a.pupil for a in later.exams["ma-7a"].new] == ["7А-3"]


def test_an_absent_pupil_changes_nobody_else() -> None:
    record = assignments(plan([pupil(row) for row in (1, 2, 3)]))
    later = plan([pupil(1), pupil(2, absent=True), pupil(3)], record=record)
    assert set(assignments(later)) == {a for a in record if a.pupil != "7А-2"}
    assert later.exams["ma-7a"].new == ()


def test_an_absent_pupil_whose_kit_was_sent_keeps_it() -> None:
    record = assignments(plan([pupil(row) for row in (1, 2, 3)]))
    sent = frozenset({("ma-7a", a.number) for a in record})
    later = plan([pupil(1), pupil(2, absent=True), pupil(3)], record=record, attempted=sent)
    assert set(assignments(later)) == set(record)


def test_a_seat_whose_kit_was_sent_is_not_given_to_another() -> None:
    record = assignments(plan([pupil(1), pupil(2)]))
    sent = frozenset({("ma-7a", a.number) for a in record})
    later = plan([pupil(2), pupil(3)], record=record, attempted=sent)
    seats = {a.pupil: a.seat for a in assignments(later) if a.pupil}
    assert seats == {"7А-2": "1Б", "7А-3": "1В"}


def test_a_pin_moves_a_pupil_only_while_the_kit_was_not_sent() -> None:
    record = assignments(plan([pupil(1), pupil(2)]))
    moved = plan([pupil(1, seat="4А"), pupil(2)], record=record)
    assert {a.seat for a in assignments(moved) if a.pupil == "7А-1"} == {"4А"}
    sent = frozenset({("ma-7a", a.number) for a in record})
    kept = plan([pupil(1, seat="4А"), pupil(2)], record=record, attempted=sent)
    assert {a.seat for a in assignments(kept) if a.pupil == "7А-1"} == {"1А"}


def test_one_code_for_all_works() -> None:
    site = inventory(exams=[exam("ma-7a"), exam("an-7a", subject="Английский язык", start="11:00:00")])
    found = assignments(plan([pupil(row) for row in range(1, 6)], site=site))
    by_pupil = {a.pupil: set[str]() for a in found if a.pupil}
    for a in found:
        if a.pupil:
            by_pupil[a.pupil].add(a.code)
    assert all(len(own) == 1 for own in by_pupil.values())


def test_part_two_keeps_code_room_and_seat() -> None:
    two = exam("ma-7a-2", part=2, follows="ma-7a", start="10:00:00", rooms=["202", "201"])
    found = assignments(plan([pupil(row) for row in range(1, 6)], site=inventory(exams=[exam("ma-7a"), two])))
    first = {a.pupil: (a.code, a.room, a.seat) for a in found if a.exam == "ma-7a" and a.pupil}
    second = {a.pupil: (a.code, a.room, a.seat) for a in found if a.exam == "ma-7a-2" and a.pupil}
    assert first == second


def test_part_two_with_another_code_is_refused() -> None:
    site = inventory(exams=[exam("ma-7a"), exam("ma-7a-2", part=2, follows="ma-7a", start="10:00:00")])
    materials = {
        "ma-7a": Materials(codes(20), {"1": 8, "2": 8}),
        "ma-7a-2": Materials(codes(20, first=90001), {"1": 8, "2": 8}),
    }
    made = plan([pupil(1)], site=site, materials=materials)
    assert templates(made, "ma-7a-2") == [
        "participants, row {row}: part 2 would have another code than part 1"
    ]
    assert "ma-7a" in made.exams


def test_a_named_code_is_kept_for_its_pupil() -> None:
    made = plan([pupil(1), pupil(2, code="10001")])
    assert {a.pupil: a.code for a in assignments(made) if a.pupil} == {
        "7А-1": "ref-10002",
        "7А-2": "ref-10001",
    }


def test_every_reason_is_told_at_once() -> None:
    listed = (*codes(3), ListedCode("ref-10001", "10001", "row 9"), ListedCode("ref-x", "1000x", "row 10"))
    materials = {"ma-7a": Materials(listed, {"1": 8, "2": 0})}
    pupils = [
        pupil(1, code="99999"),
        pupil(2, code="10002"),
        pupil(3, code="10002"),
        pupil(4, room="301"),
        pupil(5, seat="9Я"),
        *(pupil(row) for row in range(6, 12)),
    ]
    made = plan(pupils, materials=materials)
    assert made.exams == {}
    assert templates(made) == [
        "participants, row {row}: room {room} is not among the exam's rooms",
        "participants, row {row}: there is no seat {seat} in {rooms}",
        "code list, {place}: the same code stands at {other} already",
        "code list, {place}: this is not a participant code (pattern {pattern})",
        "variant {variant} has no pages",
        "participants, row {row}: the code there is not in the code list",
        "participants, row {row}: the code there ({place}) is already another pupil's",
        "{pupils} pupils, but only {codes} codes in the list: {short} pupils would have none",
    ]


def test_more_pupils_than_seats_is_refused() -> None:
    made = plan([pupil(row) for row in range(1, 27)])
    assert templates(made) == ["participants, row {row}: no free seat is left in {rooms}"] * 2


def test_a_wrong_number_of_variants_is_refused() -> None:
    made = plan([pupil(1)], materials={"ma-7a": Materials(codes(5), {"1": 8})})
    assert templates(made) == ["the archive holds {found} variants, the profile says {wanted}"]


def test_spare_kits_never_take_a_pupils_code() -> None:
    materials = {"ma-7a": Materials(codes(14), {"1": 8, "2": 8})}
    made = plan([pupil(row) for row in range(1, 15)], materials=materials)
    rooms = made.exams["ma-7a"].rooms
    assert [len(room.spares) for room in rooms] == [0, 0]
    assert [notice.params["room"] for notice in made.exams["ma-7a"].notices] == ["201", "202"]


def test_spare_kits_without_code_where_the_profile_allows() -> None:
    materials = {"ma-7a": Materials(codes(1), {"1": 8, "2": 8})}
    site = inventory(profile={"spare_without_code": True})
    made = plan([pupil(1)], site=site, materials=materials)
    assert [place.kit.code for place in made.exams["ma-7a"].rooms[0].spares] == [""]


def test_an_exam_whose_materials_come_late_finds_its_seats_free() -> None:
    site = inventory(exams=[exam("ma-7a"), exam("ma-7b", **{"class": "7Б"})])
    pupils = [pupil(row) for row in range(1, 9)] + [pupil(row, "7Б") for row in range(9, 17)]
    all_here = assignments(plan(pupils, site=site))
    only_b = plan(pupils, site=site, materials={"ma-7b": Materials(codes(30, 20001), {"1": 8, "2": 8})})
    seats = {a.pupil: (a.room, a.seat) for a in all_here if a.exam == "ma-7b"}
    assert {a.pupil: (a.room, a.seat) for a in assignments(only_b) if a.pupil} == {
        ref: seat for ref, seat in seats.items() if ref
    }


def test_an_oral_exam_has_codes_and_no_kits() -> None:
    made = plan([pupil(row) for row in range(1, 31)], site=inventory(exams=[exam("ma-7a", oral=True)]))
    room = made.exams["ma-7a"].rooms[0]
    assert (len(room.places), room.kits, room.spares) == (30, (), ())
    assert len({place.kit.code for place in room.places}) == 30


def test_large_print_is_a3_and_needs_a_printer_for_it() -> None:
    made = plan([pupil(1, large_print=True)])
    assert made.exams["ma-7a"].rooms[0].places[0].kit.media is Media.A3
    assert [notice.template for notice in made.exams["ma-7a"].notices] == [
        "no printer of the inventory prints A3: kits in large print wait (printers: a3: true)"
    ]


def test_rooms_of_a_pool_are_shared_out() -> None:
    made = plan([pupil(row) for row in range(1, 25)])
    assert sorted(room.printer for room in made.exams["ma-7a"].rooms) == ["П1", "П2"]


def test_batches_differ_by_exam_and_seed() -> None:
    marks = {batch_of(seed, exam_id) for seed in range(50) for exam_id in ("ma-7a", "ma-7b")}
    assert len(marks) == 100
    assert all(len(mark) == 6 for mark in marks)


@given(
    present=st.lists(st.booleans(), min_size=20, max_size=20),
    sent=st.sets(st.integers(0, 30)),
    seed=st.integers(0, 1000),
)
@settings(max_examples=60, deadline=None)
def test_whatever_changes_a_sent_kit_stays_as_it_was(present: list[bool], sent: set[int], seed: int) -> None:
    everybody = [pupil(row) for row in range(1, 21)]
    before = plan([p for p, here in zip(everybody, present, strict=True) if here], seed=seed)
    record = assignments(before)
    on_their_way = [a for n, a in enumerate(record) if n in sent]
    attempted = frozenset((a.exam, a.number) for a in on_their_way)
    changed = [dataclasses.replace(p, absent=not here) for p, here in zip(everybody, present, strict=True)]
    after = assignments(plan(changed, record=record, attempted=attempted, seed=seed))
    kept = {a.number: a for a in after}
    for a in on_their_way:
        assert kept[a.number] == a
    owners: dict[str, str] = {}
    for a in (*record, *after):
        assert owners.setdefault(a.code, a.pupil or a.number) == (a.pupil or a.number)
    numbers = [a.number for a in {*record, *after}]
    assert len(numbers) == len(set(numbers))
