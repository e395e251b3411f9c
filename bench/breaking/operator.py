"""The person at the printer, who does what the program and its documents say, and nothing else."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field

from bench.breaking.cell import Cell, Paper
from bench.breaking.command import Said

ROUNDS = 8
"""So often the person runs the command again before giving up."""


@dataclass(slots=True)
class Report:
    """What the person did and saw."""

    ended: bool = False
    resolved: int = 0
    said: list[str] = field(default_factory=list)
    warned: Counter[str] = field(default_factory=Counter)
    """Marks of which the program said that they are on two papers; those papers were destroyed."""

    def note(self, what: str, said: Said) -> Said:
        """Keep what was done, and how it ended."""
        self.said.append(f"{what} -> {said.code}{' ' + said.err.strip() if said.err.strip() else ''}")
        return said


class Operator:
    """One person in front of one cell's printer."""

    def __init__(self, cell: Cell, rng: random.Random) -> None:
        """``rng`` decides how patient they are today."""
        self._cell = cell
        self._patient = rng.random() < 0.8
        self.report = Report()

    def finish(self) -> Report:
        """Bring the room to its end, whatever happened before."""
        for _round in range(ROUNDS):
            self._cell.mend()
            said = self.report.note("rooms", self._cell.rooms().wait())
            if said.code is None:
                return self.report  # it never came to an end
            unknown = _unknown(said)
            if unknown:
                self._resolve(unknown)
            elif said.code == 0:
                self.report.ended = True
                return self.report
            elif "lpadmin -x" in said.err:
                self._cell.new_queue()
            elif said.code == 9:
                time.sleep(1)
        return self.report

    def _resolve(self, unknown: list[str]) -> None:
        """Look into the tray, and say of each document in doubt whether it lies there."""
        if self._patient:
            self._cell.wait_quiet()
        papers = self._cell.tray()
        for work in unknown:
            answer = "--printed" if self._lies_there(work, papers) else "--not-printed"
            said = self.report.note(f"resolve {work} {answer}", self._cell.say("resolve", work, answer))
            self.report.resolved += said.code == 0

    def _lies_there(self, work: str, papers: tuple[Paper, ...]) -> bool:
        attempts = {e.attempt.id for e in self._cell.journal().entries() if e.attempt.work == work}
        return any(paper.attempt in attempts for paper in papers)


def _unknown(said: Said) -> list[str]:
    rooms = [room for exam in said.json.get("exams", ()) for room in exam["rooms"]]
    return [key for room in rooms for key in room["unknown"]]
