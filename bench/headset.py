"""10,000 headsets, healthy and with every fault, whole rooms at once: who passes, who is told what is wrong?

``python -m bench headset [--cases N] [--seed S] [--workers N] [--fault NAME] [--show ROOM/SEAT] [--list FILE]
[--roc FILE]``. What went wrong stands in FILE, and the figures so far on stderr, while it still runs: a run
that is ended early has said what it found.

The simulator (bench/headsets/) knows what is played and nothing of how we measure; here both meet. Faults
count from where bench/headsets/severity.py says; a false pass is any faulty headset that passes, however
slight its fault is by that table and however loud its room.

A healthy headset that does not pass is a false fail, also when it was honestly not checked: but for murky
ones (severity.MURKY_DB: the weaker ear's tone is more than 6 dB below everything else that its microphone
hears, all of them RMS, voices while they speak), of which the same is asked as of faulty ones, never to be
told a fault that they do not have. A faulty headset that is not checked is neither a false pass nor a wrong
cause: a person looks at it. How many they are stands in ``by_fault``.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TextIO

import numpy as np

from bench.common import print_result, print_table
from bench.headset_numbers import PANELS, numbers
from bench.headsets import draw, others, render, roc
from bench.headsets.kinds import Room
from bench.headsets.tally import FAIL, OURS, PASS, UNSURE, Row, figures, sums, table, wrong
from labcheck.finding import Finding
from labcheck.headset.acoustics import Measures, measure
from labcheck.headset.causes import Cause
from labcheck.headset.judge import judge, primary
from labcheck.headset.limits import Limits, calibrate
from labcheck.headset.matrix import Row as Matrixrow
from labcheck.headset.matrix import who_hears_whom
from labcheck.headset.recording import Recording
from labcheck.headset.signals import stimulus
from labcheck.outcome import Outcome

CASES, SEED, WORKERS = 10_000, 2026, 2
TELL_SECONDS = 30.0


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
    for index, ours in enumerate(judged(room, recordings, seed)):
        one, arrives = stimulus(index), render.arrives(room.seats[index])
        said = {name: rule(recordings[index], one, arrives) for name, rule in others.RULES.items()}
        verdicts = {name: PASS if each.passed else FAIL for name, each in said.items()}
        statistics = {name: each.statistic for name, each in said.items()}
        if ours.measures is not None:
            statistics |= numbers(ours.measures, ours.row)
        case = room.truth[index]
        rows.append(Row(number, case, {OURS: ours.verdict, **verdicts}, {OURS: ours.cause}, statistics))
    return rows


@dataclass(frozen=True, slots=True)
class Ours:
    """What we say of one headset."""

    verdict: str
    cause: str
    measures: Measures | None
    row: Matrixrow | None
    findings: tuple[Finding, ...]


def judged(room: Room, recordings: Sequence[Recording], seed: int) -> list[Ours]:
    """As labcheck does it with a whole room, one after the other."""
    calibration = None
    if room.calibrated:
        calibration = calibrate("simulated", [measure(render.sample(room, seed), stimulus(0))])
    stimuli = [stimulus(index) for index in range(len(recordings))]
    matrix = who_hears_whom(recordings, stimuli) if len(recordings) > 1 else None
    said = []
    for index, recording in enumerate(recordings):
        row = matrix.row(index) if matrix else None
        try:
            measures = measure(recording, stimuli[index])
            findings = judge(measures, Limits(), row, calibration)
        except (ArithmeticError, LookupError, ValueError) as error:  # they promise to raise nothing
            said.append(Ours(FAIL, f"raised {error!r}", None, row, ()))
            continue
        outcomes = {one.outcome for one in findings}
        verdict = FAIL if Outcome.FAIL in outcomes else UNSURE if Outcome.NOT_CHECKED in outcomes else PASS
        said.append(Ours(verdict, primary(findings) or "", measures, row, findings))
    return said


def show(seed: int, rooms: dict[int, int], which: str, only: Cause | None) -> None:
    """Everything of one case, ``ROOM/SEAT``: what is true of it, what was measured, what we say."""
    number, seat = map(int, which.split("/"))
    room = draw.room(seed, number, rooms[number], only)
    ours = judged(room, render.recordings(room, seed), seed)[seat]
    print(f"{room.truth[seat]}\n{len(room.seats)} seats, {room.calibrated=}, RT60 {room.reverb_s:.2f} s")
    print(room.seats[seat], f"others at {[round(db) for db in room.paths_db[seat]]}", sep="\n")
    if ours.measures is None:
        print(ours.cause)
        return
    for name in (item.name for item in fields(Measures) if item.name not in {"left", "right"}):
        print(f"  {name} = {getattr(ours.measures, name)}")
    for side in (ours.measures.left, ours.measures.right):
        print("  ear:", {f.name: getattr(side, f.name) for f in fields(side) if f.name != "impulse"})
    print(ours.row, *ours.findings, f"{ours.verdict} {ours.cause}", sep="\n")


def all_of(tasks: Sequence[tuple[int, int, int, Cause | None]], workers: int, listed: TextIO) -> list[Row]:
    """Every room's rows, in the rooms' order, whatever order they are done in. What went wrong is
    ``listed`` as soon as it is known."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # or each worker's threads fight for all cores
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    cases, told, rows = sum(task[2] for task in tasks), time.monotonic(), []
    context = multiprocessing.get_context("forkserver")
    with ProcessPoolExecutor(workers, context) as pool:
        for room in as_completed([pool.submit(tested, task) for task in tasks]):
            rows += room.result()
            listed.writelines(f"{line}\n" for line in wrong(room.result()))
            listed.flush()
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                print(f"{len(rows)} of {cases}: {sums(rows, OURS)}", file=sys.stderr, flush=True)
    return sorted(rows, key=lambda row: (row.room, row.case.seat))


def main() -> None:
    """Draw, measure, count; print the tables and the line of JSON."""
    parser = argparse.ArgumentParser(prog="bench headset")
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--fault", type=Cause, help="only this fault, in half of the seats")
    parser.add_argument("--show", metavar="ROOM/SEAT", help="all of one case, instead")
    parser.add_argument("--list", metavar="FILE", help="write every case that went wrong there")
    parser.add_argument("--roc", type=Path, metavar="FILE", help="draw how well each measure tells its fault")
    parser.add_argument("--workers", type=int, default=WORKERS)
    options = parser.parse_args(sys.argv[2:])
    if options.show:
        show(options.seed, dict(rooms(options.cases, options.seed)), options.show, options.fault)
        return
    tasks = [(options.seed, *one, options.fault) for one in rooms(options.cases, options.seed)]
    with open(options.list or os.devnull, "w", encoding="utf-8") as listed:
        rows = all_of(tasks, options.workers, listed)
    if options.roc:
        roc.plot(rows, PANELS, options.roc)
    print_table(*table(rows))
    for name in others.RULES:
        print(f"{name} (our reading): {sums(rows, name)}")
    for one in roc.summary(rows, PANELS):
        print("our threshold alone, {measure}: {detected} of {bad}, {false_alarms} of {good}".format(**one))
    print_result(figures(rows, OURS))


if __name__ == "__main__":
    main()
