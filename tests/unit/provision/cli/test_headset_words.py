"""``labcheck headset --explain``: the last result of a seat, in words that a teacher understands."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from labcheck.finding import Check, Finding
from labcheck.headset.causes import Cause
from labcheck.headset.judge import CHECKS
from labcheck.headset.words import remedy
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from provision.cli.exits import Exit
from provision.cli.labcheck import labcheck as group
from provision.ledger import Ledger
from provision.ledger.lab import SeatResult, record, record_headsets
from provision.site.site import open_site
from tests.e2e.site import Ran, example, inside
from tests.unit.provision.cli.test_commands import labcheck

WELL = {
    check: Finding(check, Outcome.PASS, phrase("-40 dB"), phrase("-71 dB to -25 dB"))
    for check in (Check.SOUND_PATH, *CHECKS)
}
DEAD = Finding(
    Check.EARS,
    Outcome.FAIL,
    phrase("left below {left}, right {right}", left=phrase("{value} dB", value=-79), right="-45 dB"),
    phrase("left and right"),
    -0.4,
    remedy(Cause.DEAD_LEFT),
    0.99,
    Cause.DEAD_LEFT,
)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Each test takes a seat of its own."""
    return example(tmp_path_factory.mktemp("headsets"))


def seats(school: Path) -> tuple[str, list[str]]:
    room = next(room for room in open_site(school).inventory.rooms if room.workstations)
    return room.number, [station.seat for station in room.workstations]


def found(school: Path, room: str, seat: str, **wrong: Finding) -> None:
    findings = {**WELL, **{one.check: one for one in wrong.values()}}
    with closing(Ledger(open_site(school).state)) as ledger:
        outcome = Outcome.FAIL if wrong else Outcome.PASS
        record(ledger, room, [SeatResult(seat, outcome, tuple(findings.values()), "terms")])


def explained(school: Path, seat: str, *words: str) -> Ran:
    """Asked within this process: one test of a process of its own is enough."""
    return inside(school, "headset", "--explain", seat, *words, group=group)


def test_a_dead_ear_is_explained(school: Path) -> None:
    room, (first, *_rest) = seats(school)
    found(school, room, first, dead=DEAD)
    ran = labcheck(school, "headset", "--explain", f"{room}-{first}")
    assert ran.code == Exit.INCOMPLETE, ran.err
    lines = ran.out.splitlines()
    assert lines[0].startswith(f"{room}-{first}: headset not in order (checked ")
    assert "What was heard: Only the right earphone; the left one was silent." in lines
    assert "  (Both ears heard by the microphone: left below -79 dB, right -45 dB" in ran.out
    assert (
        "What should be heard: the headset's own microphone hears the left and the right earphone." in lines
    )
    assert any(line.startswith("Why: The plug is not fully in") for line in lines)
    assert any(line.startswith("What to do: The left earphone is silent: push the plug in") for line in lines)


def test_the_last_result_counts_and_all_may_be_well(school: Path) -> None:
    room, (_one, seat, *_rest) = seats(school)
    found(school, room, seat, dead=DEAD)
    found(school, room, seat)
    ran = explained(school, f"{room}-{seat}", "--room", room)
    assert ran.code == Exit.DONE, ran.err
    assert "headset in order" in ran.out
    assert "Both earphones, each by itself" in ran.out
    assert "What to do" not in ran.out


def test_what_was_not_tested_is_said(school: Path) -> None:
    room, (_one, _two, seat, *_rest) = seats(school)
    ran = explained(school, f"{room}-{seat}")
    assert ran.code == Exit.INCOMPLETE
    assert f"{room}-{seat}: the headset was not tested yet." in ran.out


def test_a_later_test_of_the_headset_alone_counts_and_one_that_did_not_come_to_it_is_told(
    school: Path,
) -> None:
    room, seat = seats(school)[0], seats(school)[1][4]
    found(school, room, seat)
    gone = Finding(Check.CONNECTION, Outcome.UNREACHABLE, phrase("no answer"), remedy=phrase("Switch it on."))
    alone = tuple({**WELL, Check.EARS: DEAD}.values())
    with closing(Ledger(open_site(school).state)) as ledger:
        record_headsets(ledger, room, [SeatResult(seat, Outcome.FAIL, alone, "terms")])
    ran = explained(school, f"{room}-{seat}")
    assert "headset not in order" in ran.out.splitlines()[0]
    with closing(Ledger(open_site(school).state)) as ledger:
        record_headsets(ledger, room, [SeatResult(seat, Outcome.UNREACHABLE, (gone,), "terms")])
    lines = explained(school, f"{room}-{seat}").out.splitlines()
    assert "did not come to the headset" in lines[0]
    assert lines[1:3] == ["  Connection: no answer", "What to do: Switch it on."]
    assert "headset not in order" in lines[3], "what was heard before is still told, with its time"


def test_as_data(school: Path) -> None:
    room, (_one, _two, _three, seat, *_rest) = seats(school)
    found(school, room, seat, dead=DEAD)
    ran = explained(school, f"{room}-{seat}", "--json")
    told = ran.json["explained"]
    assert told["outcome"] == "fail"
    assert [point["cause"] for point in told["points"]] == ["dead-left"]


def test_unknown_seats_and_other_options_are_refused(school: Path, tmp_path: Path) -> None:
    room, (first, *_rest) = seats(school)
    assert explained(school, f"{room}-99Я").code == Exit.SITE
    both = explained(school, first, "--evidence", str(tmp_path))
    assert both.code == Exit.USAGE
