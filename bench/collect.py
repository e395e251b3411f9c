"""1,000 answers from 20 workstations over connections cut at random, many times over: is anything lost?"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench.common import in_memory, print_result, print_table
from labcheck import collect
from labcheck.collect import Item, State, Station, collect_room
from labcheck.keeping import Keeping, digest
from labcheck.transport.ssh import connect
from tests.services.bundles import BUNDLES
from tests.services.cutting import Cutting, cutting
from tests.services.sshd import Sshd, sshd

FILES, WORKSTATIONS, SEEDS = 1000, 20, 50
BYTES = 8 * 1024
"""Of a file on average: it is the number of files and cuts that matters here."""
CUTS = 2
"""Connections of a workstation that are cut in each run, at random places; of many runs until all is here."""
RUNS = 3
"""Runs of the command for each seed: the first is stopped at a random moment, the last must bring nothing."""
OVERHEAD = 40_000
"""Bytes that a connection carries beside the files."""
ANSWERS = {"linux": "~/answers"}


@dataclasses.dataclass
class Tally:
    """What came of it, over all seeds."""

    files: int = 0
    lost: int = 0
    corrupt: int = 0
    copied_twice: int = 0


def fill(server: Sshd, chance: random.Random, number: int) -> dict[str, bytes]:
    """New answers on a workstation: names with codes, sizes of all kinds, some empty."""
    folder = server.home / "answers"
    shutil.rmtree(folder, ignore_errors=True)
    made = {}
    for index in range(FILES // WORKSTATIONS):
        code = 10_000 + number * 1000 + index
        name = chance.choice((f"{code}.wav", f"{code}/ответ 1.wav", f"7Б/{code}_2.ogg"))
        size = int(chance.expovariate(1 / BYTES)) if chance.random() > 0.02 else 0
        made[name] = chance.randbytes(size)
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(made[name])
    return made


class Bench:
    """One room, and what is known of a seed's run."""

    def __init__(self, servers: Sequence[Sshd], wires: Cutting) -> None:
        self._servers = servers
        self._budgets: dict[str, list[int]] = {}
        self.stations = [self._station(server, wires) for server in servers]

    def _station(self, server: Sshd, wires: Cutting) -> Station:
        seat = server.endpoint.seat
        host, port = wires.wire(
            server.endpoint.host, server.endpoint.port, lambda: next(iter(self._take(seat)), None)
        )
        there = dataclasses.replace(server.endpoint, host=host, port=port)
        return Station(seat, functools.partial(connect, there, server.credentials, deadline=30), ANSWERS)

    def _take(self, seat: str) -> list[int]:
        left = self._budgets.get(seat, [])
        return [left.pop()] if left else []

    def seed(self, seed: int, folder: Path, tally: Tally) -> None:
        """Fill, collect in several runs, compare byte by byte."""
        chance = random.Random(seed)
        wanted = {server.endpoint.seat: fill(server, chance, n) for n, server in enumerate(self._servers)}
        copied: Counter[tuple[str, str]] = Counter()
        for run in range(RUNS):
            for seat, files in wanted.items():
                whole = sum(map(len, files.values())) + OVERHEAD
                self._budgets[seat] = [chance.randrange(whole) for _ in range(CUTS)]
            stop_after = chance.randrange(FILES) if run == 0 else FILES + 1
            told, fetched = self._run(folder, stop_after)
            copied.update(told)
            if run == RUNS - 1:
                tally.copied_twice += fetched > 0
        tally.copied_twice += sum(count - 1 for count in copied.values())
        compare(wanted, Keeping(folder), tally)

    def _run(self, folder: Path, stop_after: int) -> tuple[list[tuple[str, str]], int]:
        """The files that were copied, and the bytes that came."""
        told: list[tuple[str, str]] = []
        stop = threading.Event()

        def heard(item: Item) -> None:
            if item.state is State.COPIED:
                told.append((item.seat, item.path))
            if len(told) >= stop_after:
                stop.set()

        found = collect_room(self.stations, BUNDLES, Keeping(folder), tell=heard, stop=stop, settle=0.0)
        return told, sum(one.fetched for one in found)


def compare(wanted: dict[str, dict[str, bytes]], keeping: Keeping, tally: Tally) -> None:
    here = {(kept.seat, kept.path): keeping.file(kept) for kept in keeping.all()}
    for seat, files in wanted.items():
        for path, data in files.items():
            tally.files += 1
            file = here.get((seat, path))
            if file is None or not file.is_file():
                tally.lost += 1
            elif file.read_bytes() != data:
                tally.corrupt += 1
    tally.copied_twice += len(keeping.all()) - len({(k.seat, k.path) for k in keeping.all()})
    tally.corrupt += sum(digest(keeping.file(kept)) != kept.sha256 for kept in keeping.all())


def main() -> None:
    """Run all seeds, print the table and the line of JSON."""
    parser = argparse.ArgumentParser(prog="bench collect")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = parser.parse_args(sys.argv[2:]).seeds
    collect.PAUSES = (0.01, 0.05)
    tally, began = Tally(), time.monotonic()
    with ExitStack() as stack:
        place = in_memory(4 * FILES * BYTES)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place)))
        servers = [stack.enter_context(sshd(folder / str(n), n)) for n in range(1, WORKSTATIONS + 1)]
        wires = stack.enter_context(cutting())
        bench = Bench(servers, wires)
        for seed in range(seeds):
            bench.seed(seed, folder / f"kept-{seed}", tally)
            shutil.rmtree(folder / f"kept-{seed}")
            if sys.stderr.isatty():
                print(f"seed {seed}: {wires.cuts} cuts, {time.monotonic() - began:.0f} s", file=sys.stderr)
        cuts = wires.cuts
    rows = [(str(seeds), str(tally.files), str(cuts), f"{time.monotonic() - began:.0f}")]
    print_table(("seeds", "files", "connections cut", "s"), rows)
    print_result(
        {
            "files": tally.files,
            "lost": tally.lost,
            "corrupt": tally.corrupt,
            "copied_twice": tally.copied_twice,
        }
    )


if __name__ == "__main__":
    main()
