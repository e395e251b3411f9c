"""What is told of answers that were collected: nothing that is still at a workstation goes unsaid."""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

from labcheck.answers import Answer, Fault, Problem, Shape
from labcheck.collect import Collected, Item, State
from provision.cli.lab_answers import FAULT_WORDS, outcome_json, problem_table
from provision.labanswers import Expected, Outcome
from provision.site.model import Room

ROOM = Room(number="204", rows=3, columns=4, printer="П1")
FOLDER = Item("1А", "second/", 0, State.UNREAD, file=False)
UNREAD = Answer("1А", "second/", 0, "", Shape.UNKNOWN, kept=False, read=False, file=False)


def outcome(*, whole_room: bool, problems: tuple[Problem, ...] = ()) -> Outcome:
    return Outcome((Collected("1А", (FOLDER,)),), (UNREAD,), problems, Expected((), ("10001",)), whole_room)


def shown(found: Outcome) -> str:
    out = io.StringIO()
    Console(file=out, width=120).print(problem_table(ROOM, found))
    return out.getvalue()


def test_every_fault_has_its_words() -> None:
    assert set(FAULT_WORDS) == set(Fault)


def test_what_one_workstation_kept_back_is_told_without_the_whole_room() -> None:
    found = outcome(whole_room=False)
    assert not found.complete
    assert {"204-1А:", "second/", "NOT", "READ"} <= set(shown(found).split())
    said = outcome_json(ROOM, found, Path("answers"))
    assert (said["unread"], said["complete"]) == (1, False)
    assert said["problems"] == [{"fault": "not-read", "code": "", "seat": "1А", "path": "second/"}]
    assert said["workstations"][0]["complete"] is False


def test_of_a_whole_room_it_is_told_once() -> None:
    found = outcome(whole_room=True, problems=(Problem(Fault.NOT_READ, "", "1А", "second/"),))
    assert shown(found).split().count("NOT") == 1


def test_a_foreign_name_writes_nothing_over_the_screen() -> None:
    found = outcome(whole_room=True, problems=(Problem(Fault.NOT_READ, "", "1А", "a\x1b[2J" + "d" * 1000),))
    assert "\x1b" not in shown(found)
    assert shown(found).count("d") < 200
