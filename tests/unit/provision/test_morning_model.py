"""Any sequence of changes and deliveries: what lies in the rooms never parts unnoticed from the plan."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from printing.journal import Attempt, Delivery, Entry
from provision.copies import CopyBook
from provision.plan import Assignment, Materials, Plan, RoomPlan
from provision.site.model import Inventory
from provision.work import RoomWork, What, attempted_kits, by_room, edition
from tests.unit.provision.plan.school import codes, exam, inventory, plan, pupil

ROWS = st.integers(1, 8)
CHANGES = [
    {"room": "202"},
    {"room": None},
    {"absent": True},
    {"absent": False},
    {"large_print": True},
    {"ref": "a corrected name"},
]
OUTCOMES = st.sampled_from([Delivery.STORED, Delivery.STORED, Delivery.FAILED, Delivery.UNKNOWN])


class AMorning(RuleBasedStateMachine):
    """Two classes share a code list and a room; everything may change between two runs."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count(1)
        self.pupils = {row: pupil(row, "7А" if row < 6 else "7Б") for row in range(1, 8)}
        self.rooms, self.spares, self.first_code, self.tasks = ["201", "202"], 1, 10001, "a"
        self.opened = {"ma-7a": True, "ma-7b": True}
        self.record: list[Assignment] = []
        self.entries: list[Entry] = []

    def site(self) -> Inventory:
        exams = [
            exam("ma-7a", rooms=self.rooms),
            exam("ma-7b", rooms=["202"], **{"class": "7Б"}),
        ]
        return inventory(exams=exams, profile={"spare_kits_per_room": self.spares})

    def plan(self) -> Plan:
        listed = codes(14, self.first_code)
        sources = {"1": f"{self.tasks}1", "2": f"{self.tasks}2"}
        materials = {
            name: Materials(listed, {"1": 2, "2": 2} if here else None, sources)
            for name, here in self.opened.items()
        }
        return plan(
            list(self.pupils.values()),
            site=self.site(),
            materials=materials,
            record=self.record,
            attempted=attempted_kits(self.entries),
        )

    def work(self, room: RoomPlan) -> RoomWork:
        own = by_room(self.entries).get((room.exam.id, room.room), [])
        wanted = {What.COVER: edition(room, *room.void), What.PROTOCOL: edition(room)}
        return RoomWork(room, own, wanted, ("П1", "П2"), CopyBook())

    @rule(row=ROWS, changes=st.sampled_from(CHANGES))
    def change_a_pupil(self, row: int, changes: dict[str, Any]) -> None:
        if row in self.pupils:
            if "ref" in changes:  # a corrected name
                changes = {"ref": f"renamed-{row}-{next(self.numbers)}"}
            self.pupils[row] = dataclasses.replace(self.pupils[row], **changes)

    @rule(row=ROWS)
    def come_or_go(self, row: int) -> None:
        if self.pupils.pop(row, None) is None:
            self.pupils[row] = pupil(row, "7А" if row < 6 else "7Б")

    @rule(rooms=st.sampled_from([["201", "202"], ["202"], ["201"]]), spares=st.integers(0, 2))
    def change_the_inventory(self, rooms: list[str], spares: int) -> None:
        self.rooms, self.spares = rooms, spares

    @rule(tasks=st.sampled_from("ab"), first=st.sampled_from([10001, 10008]))
    def download_again(self, tasks: str, first: int) -> None:
        self.tasks, self.first_code = tasks, first

    @rule(name=st.sampled_from(["ma-7a", "ma-7b"]), here=st.booleans())
    def archive_comes_or_goes(self, name: str, here: bool) -> None:
        self.opened[name] = here

    @rule(size=st.integers(1, 3), outcomes=st.lists(OUTCOMES, min_size=1, max_size=40))
    def print_rooms(self, size: int, outcomes: list[Delivery]) -> None:
        """One run, which may break off anywhere: what comes after the outcomes was never sent."""
        made = self.plan()
        self.record += [a for exam_plan in made.exams.values() for a in exam_plan.new]
        items = [
            item
            for exam_plan in made.exams.values()
            for room in exam_plan.rooms
            for item in self.work(room).items(frozenset(What), size)
        ]
        for item, outcome in zip(items, outcomes, strict=False):
            covers = tuple(place.number for place in item.places)
            attempt = Attempt(str(next(self.numbers)), item.key, item.printer, 1, covers)
            self.entries.append(Entry(attempt, outcome))

    @precondition(lambda self: any(entry.state is Delivery.UNKNOWN for entry in self.entries))
    @rule(said=st.sampled_from([Delivery.PRINTED_SAYS_PERSON, Delivery.NOT_PRINTED_SAYS_PERSON]))
    def resolve(self, said: Delivery) -> None:
        at = next(n for n, entry in enumerate(self.entries) if entry.state is Delivery.UNKNOWN)
        self.entries[at] = dataclasses.replace(self.entries[at], state=said)

    @invariant()
    def no_document_is_on_paper_twice(self) -> None:
        lying = [entry.attempt.work for entry in self.entries if not entry.state.may_send]
        assert len(lying) == len(set(lying))
        kits = [
            (*work.split("/")[:3], number)
            for work, entry in ((e.attempt.work, e) for e in self.entries)
            if not entry.state.may_send
            for number in entry.attempt.covers
        ]
        assert len(kits) == len(set(kits))

    @invariant()
    def a_number_and_a_code_mean_one_thing_for_ever(self) -> None:
        numbers = [(a.exam, a.number) for a in self.record]
        assert len(numbers) == len(set(numbers))
        attempted = attempted_kits(self.entries)
        owners: dict[str, str] = {}
        for a in self.record:
            if (a.exam, a.number) in attempted and a.code:
                owner = a.pupil or f"spare {a.exam}"
                assert owners.setdefault(a.code, owner) == owner

    @invariant()
    def everybody_has_one_kit_and_what_lies_wrong_is_told(self) -> None:
        made = self.plan()
        attempted = attempted_kits(self.entries)
        for exam_id, exam_plan in made.exams.items():
            places = [place for room in exam_plan.rooms for place in room.places]
            refs = [place.assignment.pupil for place in places]
            class_name = exam_plan.exam.class_name
            mine = [p for p in self.pupils.values() if p.class_name == class_name]
            assert {p.ref for p in mine if not p.absent} <= set(refs) <= {p.ref for p in mine}
            assert len(refs) == len(set(refs))
            own = [place.kit.code for room in exam_plan.rooms for place in room.places + room.spares]
            assert all(own)
            assert len(own) == len(set(own))
            valid = {place.number for room in exam_plan.rooms for place in room.places + room.spares}
            told = {
                n for notice in exam_plan.notices for n in str(notice.params.get("numbers", "")).split(", ")
            }
            lying = {number for exam_name, number in attempted if exam_name == exam_id}
            assert lying - valid == told - {""}

    @invariant()
    def when_all_is_delivered_the_last_cover_is_the_right_one(self) -> None:
        for exam_plan in self.plan().exams.values():
            for room in exam_plan.rooms:
                work = self.work(room)
                if any(s.state is None or not s.state.delivered for s in work.standings()):
                    continue
                assert work.items(frozenset(What), 1) == ()
                covers = [
                    entry.attempt.work
                    for entry in by_room(self.entries)[room.exam.id, room.room]
                    if "/cover/" in entry.attempt.work and not entry.state.may_send
                ]
                assert covers[-1].rpartition("/")[2].partition(".")[0] == edition(room, *room.void)


TestAMorning = AMorning.TestCase
TestAMorning.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
