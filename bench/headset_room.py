"""Headsets of a room proved as ``labcheck headset`` does it, in a virtual lab: how long after connecting?

``python -m bench headset_room [--seats N] [--trace]``. Real SSH servers on loopback, with a real PulseAudio
and a virtual headset behind each (labcheck.rehearsal). The clock starts when the last seat's agent runs, and
stops when every seat has its verdict. It is done twice: the first time brings the agents there, as on the day
before; the second is what counts. Controller and seats share this computer's processors, and what thirty
workstations do at once is done here by those few: a room of real ones takes no longer. Seconds of processors
are told for whoever took them, since on a busy computer those by the clock mean little. ``--trace``: the
course of each seat, by the clock.
"""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil

from bench.common import print_result, print_table
from labcheck.headset import asking
from labcheck.headset.test import RoomResult
from labcheck.outcome import Outcome
from labcheck.rehearsal.headset import MODEL
from labcheck.rehearsal.lab import Lab, host_keys
from labcheck.rehearsal.seat import Place
from labcheck.rehearsal.sshserver import free_port
from labcheck.requirements import HeadsetTest, Requirements
from labcheck.room import visit_all
from labcheck.transport import ssh
from labcheck.transport.base import Credentials, Endpoint, Transport
from labcheck.visit import Phase, Task, Visited
from tests.services.bundles import BUNDLES

CONNECTED, ENDED = Phase.SOUND.value, "verdict"
PARTS = {
    "get_ready_s": (CONNECTED, Phase.PLAY.value),
    "play_s": (Phase.PLAY.value, Phase.MEASURE.value),
    "measure_s": (Phase.MEASURE.value, ENDED),
}
"""Part -> what begins it and what ends it, at the last seat."""

STEPS: list[tuple[float, str, str]] = []
"""What ``--trace`` notes besides."""


class Course:
    """Who did what when; labcheck.room tells it."""

    def __init__(self, lab: Lab) -> None:
        """Nothing has happened yet."""
        self.moments: list[tuple[float, str, str]] = []
        self.used: dict[str, Mapping[str, float]] = {}
        self._lab, self._boxes = lab, frozenset(child.pid for child in psutil.Process().children())

    def note(self, seat: str, what: str) -> None:
        """It happens now; the processors are asked at the first and last such moment of the room."""
        self.moments.append((time.monotonic(), seat, what))

    def phase(self, seat: str, phase: Phase) -> None:
        """See labcheck.room.Observer."""
        if phase is Phase.SOUND and seat in self._seats(phase.value):
            return  # once more, with all the others
        self.note(seat, phase.value)
        if phase in (Phase.PLAY, Phase.MEASURE) and phase.value not in self.used:
            self.used[phase.value] = used(self._boxes)
        if phase is Phase.SOUND and len(self._seats(phase.value)) == len(self._lab.seats):
            self.used[phase.value] = used(self._boxes)

    def step(self, seat: str, step: str, done: int, size: int) -> None:
        """Likewise; nothing is installed here."""

    def ended(self, *visited: Visited) -> None:
        """Likewise."""
        self.used[ENDED] = used(self._boxes)
        for one in visited:
            self.note(one.seat, ENDED)

    def _seats(self, what: str) -> set[str]:
        return {seat for _at, seat, said in self.moments if said == what}

    def last(self, what: str) -> float:
        """When it happened for the last time."""
        return max(at for at, _seat, said in self.moments if said == what)

    def after_connecting(self) -> float:
        """Seconds by the clock."""
        return round(self.last(ENDED) - self.last(CONNECTED), 2)

    def took(self, begin: str, end: str) -> dict[str, float]:
        """Seconds of processors between two moments."""
        before = self.used[begin]
        return {who: round(now - before.get(who, 0.0), 2) for who, now in self.used[end].items()}


def used(seats: frozenset[int]) -> dict[str, float]:
    """Seconds of processors until now: of this process, of those that measure, of the seats' programs, below
    processes of those numbers."""
    ours = psutil.Process()
    times = ours.cpu_times()
    found = {"controller": sum(times[:2]), "measuring": sum(times[2:4]), "seats": 0.0}
    below = set(seats)
    for process in ours.children(recursive=True):  # parents first
        with suppress(psutil.Error):
            of_seat = process.pid in below or process.ppid() in below
            below |= {process.pid} if of_seat else set()
            # with those of its children that have ended
            found["seats" if of_seat else "measuring"] += sum(process.cpu_times()[:4])
    return found


@contextmanager
def a_lab(seats: int) -> Iterator[tuple[Lab, list[Endpoint]]]:
    """So many workstations that run, and the way to them."""
    hosts = [f"127.0.204.{number + 1}" for number in range(seats)]
    places = [Place(f"{number + 1:02}", host, free_port(host)) for number, host in enumerate(hosts)]
    with tempfile.TemporaryDirectory() as folder, Lab(places, Path(folder), utc_offset_minutes=180) as lab:
        lab.start({})
        keys = host_keys(Path(folder), places)
        user = getpass.getuser()
        yield lab, [Endpoint(to.seat, to.host, to.port, user, keys[to.seat]) for to in places]


def traced() -> None:
    """Have the steps of each seat noted, too: nothing in labcheck itself tells of them."""

    def noted(name: str, do: Callable[..., Any]) -> Callable[..., Any]:
        def doing(link: Any, *given: Any, **more: Any) -> Any:
            STEPS.append((time.monotonic(), link.seat, f"{name} begins"))
            try:
                return do(link, *given, **more)
            finally:
                STEPS.append((time.monotonic(), link.seat, f"{name} ends"))

        return doing

    for name in ("prepare", "clock", "play"):
        setattr(asking, name, noted(name, getattr(asking, name)))


def proved(lab: Lab, to: Sequence[Endpoint], course: Course) -> tuple[tuple[Visited, ...], list[RoomResult]]:
    """Test the headsets of all."""
    rooms: list[RoomResult] = []
    wanted = Requirements(headset=True, headset_usb_ids=(MODEL,), headset_test=HeadsetTest(boom="left"))
    task = Task(wanted, BUNDLES, only_headsets=True)
    credentials = Credentials((lab.login_key,))

    def connect(endpoint: Endpoint, *, deadline: float) -> Transport:
        return ssh.connect(endpoint, credentials, deadline=deadline)

    def keep(result: RoomResult) -> None:
        rooms.append(result)

    return visit_all(to, task, connect, course, stop=threading.Event(), sink=keep), rooms


def main() -> None:
    """Start the lab, prove it, print the table and the line of JSON."""
    parser = argparse.ArgumentParser(prog="bench headset_room")
    parser.add_argument("--seats", type=int, default=30)
    parser.add_argument("--trace", action="store_true")
    options = parser.parse_args(sys.argv[2:])
    with a_lab(options.seats) as (lab, to):
        if options.trace:
            traced()
        first = Course(lab)
        proved(lab, to, first)
        course = Course(lab)
        visited, rooms = proved(lab, to, course)
    if options.trace:
        show(course, visited)
    late = max((seat.heard.late for room in rooms for seat in room.seats if seat.heard), default=0.0)
    parts = {part: round(course.last(end) - course.last(begin), 2) for part, (begin, end) in PARTS.items()}
    rows = []
    for part, seconds in parts.items():
        took = course.took(*PARTS[part])
        rows.append((part, f"{seconds:.2f}", *(f"{took[who]:.1f}" for who in took)))
    print_table(("part", "seconds", *(f"CPU: {who}" for who in took)), rows)
    print_result(
        {
            "seats": options.seats,
            "processors": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "after_connecting_s": course.after_connecting(),
            **parts,
            "first_time_s": first.after_connecting(),
            "late_ms": round(late * 1000),
            "outcomes": dict(Counter(one.outcome.value for one in visited)),
        }
    )


def show(course: Course, visited: Sequence[Visited]) -> None:
    """What everybody did, and whom something was found of."""
    for at, seat, what in sorted([*course.moments, *STEPS]):
        print(f"{at - course.last(CONNECTED):8.3f}  {seat}  {what}")
    for one in visited:
        for finding in one.findings:
            if finding.outcome is not Outcome.PASS:
                print(f"{one.seat}: {finding.check.value} {finding.outcome.value}: {finding.measured}")


if __name__ == "__main__":
    main()
