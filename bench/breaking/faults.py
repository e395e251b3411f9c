"""What is broken while a room is printed, and how the world is put right again afterwards."""

from __future__ import annotations

import random
import resource
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.breaking.cell import Cell
from bench.breaking.command import PATIENCE, Point, Running, Said, Where
from tests.services.process import until

DOCUMENTS = 15
"""Of the whole room: cover, twelve kits, protocol, codes."""
STEPS = 4 * DOCUMENTS
"""Of the journal at a CUPS queue: submitting, accepted, printing, claimed (a quick job skips one)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault: what it does with a cell and a seed; returns what the program, if it lived on, had said."""

    name: str
    strike: Callable[[Cell, random.Random, int], Said]
    weight: int
    to_folder: bool = False
    remote: bool = False


def _struck(cell: Cell, point: Point | None, act: Callable[[Running], None]) -> Said:
    """Start the room's printing, and at ``point`` do ``act``; then let it go on to its end."""
    running = cell.rooms(point)
    if running.reached(PATIENCE):
        act(running)
        running.go_on()
    return running.wait()


def _at_paper(cell: Cell, rng: random.Random, act: Callable[[Running], None]) -> Said:
    """Start the room's printing, and do ``act`` while some document is being printed."""
    running = cell.rooms()
    count = rng.randint(1, DOCUMENTS - 2)

    def there() -> bool:
        return running.ended() or cell.printer.received_count() >= count

    until(there, "a document at the printer", seconds=PATIENCE, pause=0.01)
    time.sleep(rng.uniform(0, 0.3))
    act(running)
    return running.wait()


def _kill(running: Running) -> None:
    running.signal(signal.SIGKILL)


# --- our own process


def _killed_at_step(cell: Cell, _rng: random.Random, number: int) -> Said:
    """Every step in turn, from run to run; killed before, inside or after it."""
    where = (Where.BEFORE_STEP, Where.AFTER_STEP, Where.INSIDE_STEP)[number // STEPS % 3]
    inside = 2 if where is Where.INSIDE_STEP else 0  # seed and assignments are events too
    return _struck(cell, Point(where, number % STEPS + 1 + inside), _kill)


def _killed_at_folder_step(cell: Cell, rng: random.Random, number: int) -> Said:
    where = rng.choice((Where.BEFORE_STEP, Where.AFTER_STEP, Where.INSIDE_STEP))
    return _struck(cell, Point(where, number % (3 * DOCUMENTS) + 1), _kill)


def _killed_in_hand_over(cell: Cell, rng: random.Random, number: int) -> Said:
    where = (Where.JOB_MADE, Where.HANDED_OVER)[number % 2]
    return _struck(cell, Point(where, rng.randint(1, DOCUMENTS)), _kill)


def _killed_any_time(cell: Cell, rng: random.Random, _number: int) -> Said:
    running = cell.rooms()
    deadline = time.monotonic() + rng.uniform(0, 1.0 if cell.to_folder else 16.0)
    while time.monotonic() < deadline and not running.ended():
        time.sleep(0.005)
    _kill(running)
    return running.wait()


def _two_operators(cell: Cell, rng: random.Random, number: int) -> Said:
    """Two people start the same room; now and then one of the two is killed."""
    first = cell.rooms(name="first")
    time.sleep(rng.choice((0, 0, rng.uniform(0, 0.5), rng.uniform(0, 8))))
    second = cell.rooms(name="second")
    if number % 3 == 2:
        time.sleep(rng.uniform(0, 5))
        _kill(rng.choice((first, second)))
    said = [first.wait(), second.wait()]
    return min(said, key=lambda one: (one.code is not None, one.code in {9, -9}))


def _disk_full(cell: Cell, rng: random.Random, _number: int) -> Said:
    """No file of our process can grow any more, from some instant on."""
    running = cell.rooms()
    time.sleep(rng.uniform(0, 0.8 if cell.to_folder else 12.0))
    # Below the size of the write-ahead log: the ledger is full; above it, only the documents are.
    limit = rng.choice((0, 512, 4096, 20_000, 80_000, 100_000, 300_000))
    if not running.ended():
        resource.prlimit(running.pid, resource.RLIMIT_FSIZE, (limit, limit))
    return running.wait()


# --- the print server


def _server_off(*, gently: bool, at: str) -> Callable[[Cell, random.Random, int], Said]:
    def strike(cell: Cell, rng: random.Random, number: int) -> Said:
        def act(_running: Running) -> None:
            (cell.server.stop if gently else cell.server.kill)()

        def act_and_mend(running: Running) -> None:
            act(running)
            time.sleep(rng.uniform(0, 3))
            cell.server.start()

        if at == "printing":
            return _at_paper(cell, rng, act_and_mend)
        # 'accepted' is the second step of each document
        where, count = {
            "submit": (rng.choice((Where.JOB_MADE, Where.HANDED_OVER)), rng.randint(1, DOCUMENTS)),
            "accepted": (Where.BEFORE_STEP, rng.choice((2, 4, 6, rng.randint(6, STEPS)))),
        }[at]
        point = Point(where, count)
        if number % 2:
            return _struck(cell, point, act_and_mend)  # back before the program notices
        running = cell.rooms(point)
        if running.reached(PATIENCE):
            act(running)
            running.go_on()
            time.sleep(rng.uniform(0.5, 4))
            cell.server.start()
        return running.wait()

    return strike


def _cancelled_on_server(cell: Cell, rng: random.Random, number: int) -> Said:
    def act(_running: Running) -> None:
        cell.server.administer("cancel", *(("-a",) if number % 2 else ()), "laser")

    return _at_paper(cell, rng, act)


# --- the printer


def _printer_off(cell: Cell, rng: random.Random, _number: int) -> Said:
    def act(_running: Running) -> None:
        cell.printer.kill()
        time.sleep(rng.uniform(0, 4))
        cell.printer.start()

    return _at_paper(cell, rng, act)


def _cancelled_at_panel(cell: Cell, rng: random.Random, _number: int) -> Said:
    def act(_running: Running) -> None:
        cell.printer.cancel()

    return _at_paper(cell, rng, act)


def _stopped_printer(reason: str, *, clears: bool) -> Callable[[Cell, random.Random, int], Said]:
    def strike(cell: Cell, rng: random.Random, _number: int) -> Said:
        def act(running: Running) -> None:
            cell.printer.raise_reason(reason)
            time.sleep(rng.uniform(0.5, 4))
            if clears:
                cell.printer.clear_reasons()
                return
            # The person gives up: Ctrl-C, once more, and switches the printer off and on.
            running.signal(signal.SIGINT)
            time.sleep(1)
            running.signal(signal.SIGINT)
            time.sleep(0.5)
            cell.printer.kill()
            cell.printer.clear_reasons()
            time.sleep(rng.uniform(0, 2))
            cell.printer.start()

        return _at_paper(cell, rng, act)

    return strike


# --- the network


def _network(*, silent: bool) -> Callable[[Cell, random.Random, int], Said]:
    def strike(cell: Cell, rng: random.Random, number: int) -> Said:
        def act(_running: Running) -> None:
            (cell.network.silence if silent else cell.network.cut)()

        def act_and_mend(running: Running) -> None:
            act(running)
            time.sleep(rng.uniform(0.2, 8))
            cell.network.restore()

        if number % 2:
            return _at_paper(cell, rng, act_and_mend)
        running = cell.rooms(
            Point(rng.choice((Where.JOB_MADE, Where.HANDED_OVER)), rng.randint(1, DOCUMENTS))
        )
        if running.reached(PATIENCE):
            act(running)
            running.go_on()
            time.sleep(rng.uniform(0.2, 8))
            cell.network.restore()
        return running.wait()

    return strike


FAULTS = {
    fault.name: fault
    for fault in (
        Fault("killed at a journal step", _killed_at_step, STEPS),
        Fault("killed in the hand-over", _killed_in_hand_over, 20),
        Fault("killed any time", _killed_any_time, 20),
        Fault("two operators", _two_operators, 10),
        Fault("ledger's disk full", _disk_full, 12),
        Fault("cupsd TERM in submit", _server_off(gently=True, at="submit"), 12),
        Fault("cupsd TERM after submit", _server_off(gently=True, at="accepted"), 12),
        Fault("cupsd TERM printing", _server_off(gently=True, at="printing"), 12),
        Fault("cupsd KILL in submit", _server_off(gently=False, at="submit"), 12),
        Fault("cupsd KILL after submit", _server_off(gently=False, at="accepted"), 12),
        Fault("cupsd KILL printing", _server_off(gently=False, at="printing"), 12),
        Fault("cancelled on server", _cancelled_on_server, 8),
        Fault("cancelled at panel", _cancelled_at_panel, 12),
        Fault("printer off and on", _printer_off, 16),
        Fault("jam clears", _stopped_printer("media-jam-error", clears=True), 8),
        Fault("jam stays", _stopped_printer("media-jam-error", clears=False), 10),
        Fault("paper out, refilled", _stopped_printer("media-empty-error", clears=True), 6),
        Fault("paper out, stays", _stopped_printer("media-empty-error", clears=False), 8),
        Fault("network cut", _network(silent=False), 10, remote=True),
        Fault("network silent", _network(silent=True), 10, remote=True),
        Fault("folder: killed at a step", _killed_at_folder_step, 24, to_folder=True),
        Fault("folder: killed in hand-over", _killed_in_hand_over, 10, to_folder=True),
        Fault("folder: killed any time", _killed_any_time, 10, to_folder=True),
        Fault("folder: disk full", _disk_full, 16, to_folder=True),
        Fault("folder: two operators", _two_operators, 6, to_folder=True),
    )
}
"""By name."""


def schedule(runs: int, only: str | None) -> Iterator[tuple[str, int]]:
    """``runs`` times a fault's name and the how-manieth run of that fault it is; by weight, well mixed."""
    if only is not None:
        yield from ((only, number) for number in range(runs))
        return
    total = sum(fault.weight for fault in FAULTS.values())
    given = dict.fromkeys(FAULTS, 0)
    for done in range(1, runs + 1):
        # the fault that lags most behind its share
        name = max(FAULTS, key=lambda n: FAULTS[n].weight * done / total - given[n])
        yield name, given[name]
        given[name] += 1
