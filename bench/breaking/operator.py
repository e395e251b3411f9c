"""The person at the printer, who does what the program and its documents say, and nothing else.

``provision rooms`` until nothing is left to print; wait until the printer is quiet; scan what lies in the
tray (``provision confirm --again --complete``) and do what that says: destroy second papers, order anew what
is missing, answer for papers without a barcode. And over again, until the room is ready. What comes out of
the printer later is scanned too.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.breaking.cell import Cell, Paper
from bench.breaking.command import PATIENCE, Running, Said
from bench.breaking.school import EXAM, ROOM

ROUNDS = 8
"""So often the person goes round before giving up."""

_BUSY = 9


@dataclass(slots=True)
class Report:
    """What the person did and saw."""

    ready: bool = False
    """Whether the program called the room ready in the end."""
    resolved: int = 0
    """Documents of unknown fate that were settled, by scanning or by answering."""
    warned: int = 0
    """Second papers that the program told of, and that were destroyed."""
    void: int = 0
    """Papers that the program refused because another copy replaces them, and that were destroyed."""
    reprinted: int = 0
    """Kits that were ordered anew."""
    pile: tuple[Paper, ...] = ()
    """What is handed to the room."""
    story: list[str] = field(default_factory=list)

    def note(self, what: str, said: Said) -> Said:
        """Keep what was done, and how it ended."""
        words = " ".join([*said.err.split(), str(said.json.get("message", ""))]).strip()
        self.story.append(f"{what} -> {said.code}{words and ': ' + words}")
        return said


class Operator:
    """One person in front of one cell's printer."""

    def __init__(self, cell: Cell, rng: random.Random) -> None:
        """``rng`` decides how they are today."""
        self._cell = cell
        self._patient = rng.random() < 0.8
        self._counts = rng.random() < 0.5
        self._destroyed: set[Path] = set()
        self.report = Report()

    def finish(self) -> Report:
        """Bring the room to its end, whatever happened before."""
        for _round in range(ROUNDS):
            self._cell.mend()
            said = self.report.note("rooms", self._attend(self._cell.rooms()))
            if said.code is None:
                break  # it never came to an end
            if "lpadmin -x" in said.err:
                self._cell.new_queue()
            elif said.code == _BUSY:
                time.sleep(1)
            elif self._scan():
                self.report.ready = self._nothing_came_later()
                if self.report.ready:
                    break
        self.report.pile = self._pile()
        return self.report

    def _attend(self, running: Running) -> Said:
        """Stay with a command to its end, and switch the printer off and on when it says so."""
        deadline, switched = time.monotonic() + PATIENCE, False
        while not running.ended() and time.monotonic() < deadline:
            if not switched and "switch it off and on" in running.err():
                self._cell.power_cycle()
                switched = True
            time.sleep(0.05)
        return running.wait(0.0 if not switched else PATIENCE)

    def _pile(self) -> tuple[Paper, ...]:
        return tuple(paper for paper in self._cell.tray() if paper.file not in self._destroyed)

    def _nothing_came_later(self) -> bool:
        """Whether the room is still ready when the printer has long been quiet."""
        before = self._pile()
        self._cell.wait_quiet()
        return self._pile() == before or self._scan()

    def _scan(self) -> bool:
        """Scan the room, do what the program says; whether it calls the room ready."""
        if self._patient:
            self._cell.wait_quiet()
        pile = self._pile()
        found = self._confirm("--again", "--complete", pile=pile)
        if found is None:
            return False
        self.report.resolved += len(found["resolved"])
        self._destroy_void(found, pile)
        if found["duplicates"]:
            found = self._destroy_second(found["duplicates"]) or found
        for lost in found["missing"]:
            self._reprint(lost["kit"], lost["pages"])
        for work in found["unknown"]:
            self._resolve(work)
        if found["state"] == "ready" and self._counts:
            found = self._count() or found
        return bool(found["state"] == "ready")

    def _count(self) -> dict[str, Any] | None:
        """Count the sheets. All kits are scanned: what is too many is a paper without a barcode."""
        found = self._confirm("--counted", str(sum(paper.sheets for paper in self._pile())))
        if found is None or found["evidence"]["count"]["word"] != "disagrees":
            return found
        seen: set[str] = set()
        for paper in self._pile():
            if not paper.marks and paper.attempt in seen:
                self._destroyed.add(paper.file)
                self.report.warned += 1
            seen.add(paper.attempt)
        return self._confirm("--counted", str(sum(paper.sheets for paper in self._pile())))

    def _confirm(self, *words: str, pile: tuple[Paper, ...] = ()) -> dict[str, Any] | None:
        scanned = self._cell.folder / "scanned.txt"
        scanned.write_text("".join(f"{mark}\n" for paper in pile for mark in paper.marks))
        scan = ("--scan", str(scanned)) if pile else ()
        said = self._cell.say("confirm", "--exam", EXAM, "--room", ROOM, *scan, *words, "--json")
        told = self.report.note(f"confirm {' '.join(words)} ({len(pile)} papers)", said).json
        if "state" not in told:
            return None
        self.report.story[-1] += f" {told['state']} " + "; ".join(
            f"{key} {told[key]}" for key in ("duplicates", "missing", "resolved", "unknown") if told[key]
        )
        self.report.story[-1] += "; ".join(doubt["message"] for doubt in told["evidence"]["doubts"])
        return told

    def _destroy_void(self, found: dict[str, Any], pile: tuple[Paper, ...]) -> None:
        lines = [paper for paper in pile for _mark in paper.marks]
        for refused in found["refused"]:
            self.report.story.append(f"  refused: {refused['reason']}")
            self._destroyed.add(lines[refused["line"] - 1].file)
            self.report.void += 1

    def _destroy_second(self, kits: list[str]) -> dict[str, Any] | None:
        """Take the second paper out of the pile and destroy it."""
        for kit in kits:
            number = int(kit.rpartition("-")[2])
            seen: Counter[str] = Counter()
            for paper in self._pile():
                if any(page.kit == number for page in paper.pages):
                    if any(seen[mark] for mark in paper.marks):
                        self._destroyed.add(paper.file)
                        self.report.warned += 1
                    seen.update(paper.marks)
        extra = [word for kit in kits for word in ("--extra-removed", kit)]
        self._confirm(*extra)
        return self._confirm("--again", "--complete", pile=self._pile())

    def _reprint(self, kit: str, pages: list[int]) -> None:
        only = ("--pages", ",".join(map(str, pages))) if pages else ()
        words = ("reprint", kit, *only, "--reason", "defect", "--exam", EXAM, "--json")
        self.report.note(" ".join(words), self._cell.say(*words))
        self.report.reprinted += 1

    def _resolve(self, work: str) -> None:
        """Look into the tray, and say whether the document lies there."""
        attempts = {entry.attempt.id for entry in self._cell.entries() if entry.attempt.work == work}
        lies_there = any(paper.attempt in attempts for paper in self._pile())
        answer = "--printed" if lies_there else "--not-printed"
        said = self.report.note(f"resolve {work} {answer}", self._cell.say("resolve", work, answer))
        self.report.resolved += said.code == 0
