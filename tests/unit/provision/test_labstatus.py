"""How a lab stands: green only by today's results of every workstation that is no reserve."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from labcheck.outcome import Outcome
from provision.cli.lab_summary import lab_cell, lab_json, lab_notes
from provision.lab import requirements_of, terms_of
from provision.labstatus import LabState, LabStatus, lab_status, ready_of
from provision.ledger.lab import Checked, SeatResult
from provision.site.model import Inventory, Room
from tests.unit.provision.plan.school import inventory

MOSCOW = ZoneInfo("Europe/Moscow")
START = dt.datetime(2027, 4, 15, 11, 40, tzinfo=MOSCOW)
MORNING = dt.datetime(2027, 4, 15, 4, 52, tzinfo=dt.UTC)
SEATS = ("1А", "1Б", "2А", "2Б")
LAB = Room.model_validate(
    {
        "number": "204",
        "rows": 2,
        "columns": 2,
        "printer": "П1",
        "workstations": [
            {"seat": seat, "host": f"127.0.204.{number}", "reserve": seat == "2Б"}
            for number, seat in enumerate(SEATS, start=1)
        ],
    }
)


def site(**lab: object) -> Inventory:
    return inventory(profile={"lab": lab})


def checked(outcome: Outcome, seat: str, at: dt.datetime = MORNING, room: Room = LAB) -> Checked:
    (station,) = [w for w in room.workstations if w.seat == seat]
    terms = terms_of(requirements_of(site(), START), station)
    return Checked(SeatResult(seat, outcome, (), terms), at)


def results(outcomes: Mapping[str, Outcome], at: dt.datetime = MORNING) -> dict[tuple[str, str], Checked]:
    return {("204", seat): checked(outcome, seat, at) for seat, outcome in outcomes.items()}


def status(outcomes: Mapping[str, Outcome], at: dt.datetime = MORNING) -> LabStatus:
    return lab_status(site(), LAB, results(outcomes, at), START)


def test_nothing_on_record_is_not_checked() -> None:
    lab = status({})
    assert lab.state is LabState.NOT_CHECKED
    assert lab.last_check is None
    assert lab_cell(lab) == "[yellow]PCs 0/3[/]"
    assert list(lab_notes("English", lab)) == [
        "[yellow]![/] English, lab in room 204: NOT CHECKED — labcheck --room 204"
    ]


def test_a_reserve_is_not_needed_and_does_not_stand_in_by_itself() -> None:
    main = dict.fromkeys(SEATS[:3], Outcome.PASS)
    assert status(main).state is LabState.READY
    assert status({**main, "2Б": Outcome.FAIL}).state is LabState.READY
    assert status({**main, "1А": Outcome.FAIL, "2Б": Outcome.PASS}).state is LabState.PROBLEMS
    assert status({"1А": Outcome.PASS, "2Б": Outcome.PASS}).state is LabState.PROBLEMS
    assert lab_cell(status(main)) == "[green]PCs 3/3[/]"
    assert list(lab_notes("English", status(main))) == []


def test_problems_are_named_by_kind_and_seat() -> None:
    lab = status({"1А": Outcome.WARN, "1Б": Outcome.UNREACHABLE, "2А": Outcome.FAIL, "2Б": Outcome.PASS})
    (line,) = lab_notes("English", lab)
    assert "READY 1 of 3, reserves 1 of 1; no connection: 1Б; not ready: 2А" in line
    assert line.endswith("labcheck --room 204 --retry-failed")
    assert ready_of(lab.main) == (1, 3)


def test_yesterday_is_not_today_by_the_schools_clock() -> None:
    well = dict.fromkeys(SEATS, Outcome.PASS)
    assert status(well, START - dt.timedelta(days=1)).state is LabState.EARLIER
    assert status(well, dt.datetime(2027, 4, 14, 21, 30, tzinfo=dt.UTC)).state is LabState.READY
    assert status(well, dt.datetime(2027, 4, 15, 21, 30, tzinfo=dt.UTC)).state is LabState.EARLIER
    (line,) = lab_notes("English", status(well, START - dt.timedelta(days=1)))
    assert "READY" not in line


def test_a_result_holds_for_the_computer_and_the_demands_of_its_time() -> None:
    found = results(dict.fromkeys(SEATS, Outcome.PASS))
    assert lab_status(site(), LAB, found, START).state is LabState.READY
    assert lab_status(site(memory_gb=8), LAB, found, START).state is LabState.EARLIER
    other = [w.model_copy(update={"host_key": "ssh-ed25519 BBBB"}) for w in LAB.workstations]
    another = LAB.model_copy(update={"workstations": tuple(other)})
    assert lab_status(site(), another, found, START).state is LabState.EARLIER


def test_other_rooms_results_do_not_count() -> None:
    found = {("205", seat): one for (_room, seat), one in results(dict.fromkeys(SEATS, Outcome.PASS)).items()}
    assert lab_status(site(), LAB, found, START).state is LabState.NOT_CHECKED


@given(st.dictionaries(st.sampled_from(SEATS), st.tuples(st.sampled_from(Outcome), st.integers(-2, 2))))
def test_ready_takes_a_good_result_of_the_day_for_every_main_seat(
    said: dict[str, tuple[Outcome, int]],
) -> None:
    found = {
        ("204", seat): checked(outcome, seat, MORNING + dt.timedelta(days=day))
        for seat, (outcome, day) in said.items()
    }
    lab = lab_status(site(), LAB, found, START)
    good = all(
        said.get(seat, (Outcome.FAIL, 0)) in {(Outcome.PASS, 0), (Outcome.WARN, 0)} for seat in SEATS[:3]
    )
    assert (lab.state is LabState.READY) == good


def test_as_data() -> None:
    data = lab_json(status({"1А": Outcome.FAIL}))
    assert data is not None
    assert data["state"] == "problems"
    assert data["workstations"][0] == {
        "seat": "1А", "reserve": False, "outcome": "fail", "checked_at": "2027-04-15T04:52:00+00:00",
    }  # fmt: skip
    assert data["workstations"][3]["reserve"] is True
    assert lab_json(None) is None
    assert dataclasses.is_dataclass(LabStatus)
