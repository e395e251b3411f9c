"""10,000 headsets, healthy and with every fault, whole rooms at once: who passes, who is told what is wrong?

``python -m bench headset [--cases N] [--seed S] [--fault NAME] [--show ROOM/SEAT] [--workers N]``. The
simulator (bench/headsets/) knows what is played and nothing of how we measure; here both meet."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator

import numpy as np

from bench.common import print_result, print_table
from bench.headsets import draw, others, render
from bench.headsets.tally import OURS, Row, figures, table
from labcheck.headset.causes import Cause
from labcheck.headset.signals import stimulus

CASES, SEED = 10_000, 2026


def rooms(cases: int, seed: int) -> Iterator[tuple[int, int]]:
    """(number, seats) of rooms that have so many seats together."""
    chance = np.random.default_rng([seed, 99])
    number = 0
    while cases > 0:
        seats = min(int(chance.integers(1, draw.SEATS + 1)), cases)
        yield number, seats
        number, cases = number + 1, cases - seats


def tested(task: tuple[int, int, int, Cause | None]) -> list[Row]:
    """One room: drawn, recorded, measured and judged."""
    seed, number, seats, only = task
    room = draw.room(seed, number, seats, only)
    recordings = render.recordings(room, seed)
    rows = []
    for case, seat, recording in zip(room.truth, room.seats, recordings, strict=True):
        one, arrives = stimulus(seat.number), render.arrives(seat)
        said = {name: rule(recording, one, arrives) for name, rule in others.RULES.items()}
        verdicts = {name: ("pass" if each.passed else "fail") for name, each in said.items()}
        rows.append(Row(number, case, verdicts, {}, {name: each.statistic for name, each in said.items()}))
    return rows


def main() -> None:
    """Draw, measure, count; print the tables and the line of JSON."""
    parser = argparse.ArgumentParser(prog="bench headset")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--fault", type=Cause, help="only this fault, in half of the seats")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(sys.argv[2:])
    tasks = [(options.seed, *one, options.fault) for one in rooms(options.cases, options.seed)]
    began, rows = time.monotonic(), []
    with multiprocessing.get_context("forkserver").Pool(options.workers) as pool:
        for some in pool.imap_unordered(tested, tasks):
            rows += some
            if sys.stderr.isatty():
                print(
                    f"\r{len(rows)} of {options.cases}, {time.monotonic() - began:.0f} s",
                    end="",
                    file=sys.stderr,
                )
    print(file=sys.stderr)
    rows.sort(key=lambda row: (row.room, row.case.seat))
    print_table(*table(rows))
    print_result(figures(rows, OURS))


if __name__ == "__main__":
    main()
