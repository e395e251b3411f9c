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


def sent(made: Plan) -> frozenset[tuple[str, str]]:
    """Everything of a plan went to paper."""
    return frozenset((a.exam, a.number) for a in assignments(made))


def notices(made: Plan, exam_id: str = "ma-7a") -> list[tuple[str, object]]:
    """The beginnings of the notices, and the kits they name."""
    return [(n.template[:24], n.params.get("numbers")) for n in made.exams[exam_id].notices]


def test_a_printed_kit_whose_pupil_left_the_list_is_told() -> None:
    first = plan([pupil(1), pupil(2), pupil(3)])
    later = plan([pupil(1), pupil(3)], record=assignments(first), attempted=sent(first))
    assert [(n.template[:54], n.params) for n in later.exams["ma-7a"].notices] == [
        (
            "room {room}: kits and code slips {numbers} were printe",
            {"room": "201", "numbers": "201-02"},
        )
    ]


def test_kits_of_a_replaced_code_list_are_replaced_and_told() -> None:
    first = plan([pupil(1), pupil(2)])
    materials = {"ma-7a": Materials(codes(20, 50001), {"1": 8, "2": 8})}
    later = plan([pupil(1), pupil(2)], materials=materials, record=assignments(first), attempted=sent(first))
    assert notices(later) == [("room {room}: take out an", "201-01, 201-02, 201-03")]
    kits = [place.kit for place in later.exams["ma-7a"].rooms[0].kits]
    assert [(kit.number, kit.code) for kit in kits] == [
        ("201-04", "50001"),
        ("201-05", "50002"),
        ("201-06", "50020"),
    ]


def test_a_spare_kit_never_goes_to_paper_without_its_code_unless_allowed() -> None:
    first = plan([pupil(1)])
    materials = {"ma-7a": Materials((*codes(1), *codes(3, 50001)), {"1": 8, "2": 8})}
    later = plan([pupil(1)], materials=materials, record=assignments(first))
    assert [place.kit.code for place in later.exams["ma-7a"].rooms[0].spares] == ["50003"]


def test_kits_of_other_tasks_are_replaced_and_told() -> None:
    first_tasks = {"ma-7a": Materials(codes(9), {"1": 8, "2": 8}, {"1": "aa", "2": "bb"})}
    first = plan([pupil(1), pupil(2)], materials=first_tasks)
    other = {"ma-7a": Materials(codes(9), {"1": 8, "2": 8}, {"1": "aa", "2": "cc"})}
    later = plan([pupil(1), pupil(2)], materials=other, record=assignments(first), attempted=sent(first))
    stale = [a.number for a in assignments(first) if a.variant == "2"]
    assert notices(later) == [("room {room}: take out an", ", ".join(stale))]
    assert {a.source for a in assignments(later)} == {"aa", "cc"}
    same = plan([pupil(1), pupil(2)], materials=first_tasks, record=assignments(first), attempted=sent(first))
    assert assignments(same) == assignments(first)


def test_large_print_after_printing_is_a_new_kit_and_told() -> None:
    site = inventory(printers=[{"name": "П1", "queue": "folder:out/1", "pools": ["все"], "a3": True}])
    first = plan([pupil(1), pupil(2)], site=site)
    later = plan(
        [pupil(1, large_print=True), pupil(2)],
        site=site,
        record=assignments(first),
        attempted=sent(first),
    )
    assert notices(later) == [("room {room}: take out an", "201-01")]
    assert later.exams["ma-7a"].rooms[0].void == ("201-01",)
    made = later.exams["ma-7a"].rooms[0].places[0]
    assert (made.number, made.kit.media, made.kit.code) == ("201-04", Media.A3, "10001")


def test_a_pin_after_printing_is_told_and_moves_nobody() -> None:
    first = plan([pupil(1), pupil(2)])
    later = plan([pupil(1, room="202"), pupil(2)], record=assignments(first), attempted=sent(first))
    assert assignments(later) == assignments(first)
    assert [n.params for n in later.exams["ma-7a"].notices] == [
        {"row": 1, "number": "201-01", "room": "201", "seat": "1А"}
    ]


def test_a_room_taken_from_the_exam_keeps_the_pupils_whose_kits_are_printed() -> None:
    first = plan([pupil(row) for row in range(1, 15)])
    narrow = inventory(exams=[exam("ma-7a", rooms=["202"])])
    later = plan(
        [pupil(row) for row in range(1, 15)],
        site=narrow,
        record=assignments(first),
        attempted=sent(first),
    )
    assert sorted(assignments(later), key=lambda a: a.index) == sorted(
        assignments(first), key=lambda a: a.index
    )


def test_a_room_that_is_gone_with_printed_kits_is_refused() -> None:
    first = plan([pupil(1), pupil(2)])
    room = {"number": "301", "rows": 4, "columns": 3, "pool": "все"}
    site = inventory(rooms=[room], exams=[exam("ma-7a", rooms=["301"])])
    later = plan([pupil(1), pupil(2)], site=site, record=assignments(first), attempted=sent(first))
    assert {template[:56] for template in templates(later)} == {
        "participants, row {row}: the kit is printed for room {ro"
    }


def test_an_exam_renamed_after_printing_is_told_before_it_is_printed_again() -> None:
    first = plan([pupil(1)])
    site = inventory(exams=[exam("mat-7a")])
    later = plan([pupil(1)], site=site, record=assignments(first), attempted=sent(first))
    assert [n.params for n in later.exams["mat-7a"].notices] == [{"exam": "ma-7a", "rooms": "201"}]


@pytest.mark.parametrize("printed", [False, True])
def test_fewer_spare_kits_hold_for_those_not_printed_yet(printed: bool) -> None:
    first = plan([pupil(1)], site=inventory(profile={"spare_kits_per_room": 3}))
    later = plan([pupil(1)], record=assignments(first), attempted=sent(first) if printed else frozenset())
    assert len(later.exams["ma-7a"].rooms[0].spares) == (3 if printed else 1)


def test_spare_kits_leave_their_codes_to_an_exam_whose_tasks_are_not_here_yet() -> None:
    site = inventory(exams=[exam("ma-7a"), exam("ma-7b", **{"class": "7Б"})])
    pupils = [pupil(1), pupil(2), pupil(3, "7Б"), pupil(4, "7Б")]
    shared = codes(4)
    early = plan(
        pupils,
        site=site,
        materials={"ma-7a": Materials(shared, {"1": 8, "2": 8}), "ma-7b": Materials(shared, None)},
    )
    assert (set(early.exams), set(early.refused)) == ({"ma-7a"}, set())
    materials = {name: Materials(shared, {"1": 8, "2": 8}) for name in ("ma-7a", "ma-7b")}
    record = assignments(early)
    later = plan(pupils, site=site, materials=materials, record=record, attempted=sent(early))
    assert set(later.exams) == {"ma-7a", "ma-7b"}


def test_a_code_named_in_the_list_replaces_one_that_was_never_printed() -> None:
    first = plan([pupil(1), pupil(2)])
    named = [pupil(1, code="10002"), pupil(2, code="10060")]  # 10060 is on the spare kit
    later = plan(named, record=assignments(first))
    assert {a.pupil: a.code for a in assignments(later)} == {
        "7А-1": "ref-10002",
        "7А-2": "ref-10060",
        "": "ref-10059",
    }
    printed = plan(named, record=assignments(first), attempted=sent(first))
    assert [template[:60] for template in templates(printed)] == [
        "participants, row {row}: the code there ({place}) is already",
        "participants, row {row}: the code there ({place}) is on a sp",
    ]


def test_a_seat_pinned_again_after_a_corrected_name_says_what_to_do() -> None:
    first = plan([pupil(1)])
    corrected = pupil(1, ref="7А-new", room="201", seat="1А")
    later = plan([corrected], record=assignments(first), attempted=sent(first))
    assert later.refused["ma-7a"].refusals[0].cure.startswith("if only the name was corrected")


def test_a_kit_not_printed_yet_follows_the_seating_that_is_chosen_now() -> None:
    pupils = [pupil(row) for row in range(1, 7)]
    chess = plan(pupils)
    by_column = inventory(profile={"seating": "column"})
    later = plan(pupils, site=by_column, record=assignments(chess))
    fresh = plan(pupils, site=by_column)
    assert {a.seat: a.variant for a in assignments(later) if a.pupil} == {
        a.seat: a.variant for a in assignments(fresh) if a.pupil
    }
