"""A whole room's recordings measured as labcheck does it when the sound has ended: how long to the verdicts?

``python -m bench headset_measuring [--seats N] [--seed S] [--threads]``. The recordings are simulated
(bench/headsets/) before the clock starts. Processes are started when the sound would begin to play, and get
their first recording when it would have ended. What a network takes to bring the recordings here is not in
it. ``--threads``: the same work in threads of this process, which is not what labcheck does."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import psutil

from bench.common import print_result, print_table
from bench.headsets import draw, render
from labcheck.headset.crew import Crew
from labcheck.headset.judge import judge
from labcheck.headset.limits import Limits
from labcheck.headset.matrix import together
from labcheck.headset.recording import Recording
from labcheck.headset.test import LEAD_SECONDS, PLAY_SECONDS
from labcheck.headset.worker import Answer, Question, answer, warm
from labcheck.outcome import worst

ROUNDS = 5
Answers = Mapping[int, Answer]


def in_processes(recordings: dict[int, Recording]) -> tuple[list[float], list[float], Answers]:
    """Seconds by the clock and of the processors, each round; and what was found."""
    with Crew(len(recordings)) as crew:
        time.sleep(LEAD_SECONDS + PLAY_SECONDS)
        return _rounds(lambda: crew.answers(recordings), lambda: sum(map(_used, crew.pids)))


def in_threads(recordings: dict[int, Recording]) -> tuple[list[float], list[float], Answers]:
    """Likewise."""
    seats = len(recordings)
    warm(seats)

    def answers() -> Answers:
        with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
            found = pool.map(lambda number: answer(Question(number, seats, recordings[number])), recordings)
            return dict(zip(recordings, found, strict=True))

    return _rounds(answers, time.process_time)


def _used(pid: int) -> float:
    times = psutil.Process(pid).cpu_times()
    return float(times.user + times.system)


def _rounds(
    work: Callable[[], Answers], used: Callable[[], float]
) -> tuple[list[float], list[float], Answers]:
    walls, cpus = [], []
    for _round in range(ROUNDS):
        before, began = used(), time.monotonic()
        found = work()
        walls.append(time.monotonic() - began)
        cpus.append(used() - before)
    return walls, cpus, found


def main() -> None:
    """Render, measure, judge; print the table and the line of JSON."""
    parser = argparse.ArgumentParser(prog="bench headset_measuring")
    parser.add_argument("--seats", type=int, default=30)
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--threads", action="store_true")
    options = parser.parse_args(sys.argv[2:])
    began = time.process_time()
    room = draw.room(options.seed, 0, options.seats)
    recordings = dict(enumerate(render.recordings(room, options.seed)))
    rendered = time.process_time() - began
    walls, cpus, found = (in_threads if options.threads else in_processes)(recordings)
    began = time.monotonic()
    matrix = together([found[number].hearing for number in recordings])
    outcomes: Counter[str] = Counter()
    for number in recordings:
        measures = found[number].measures
        findings = judge(measures, Limits(), matrix.row(number), None) if measures else ()
        outcomes[worst(one.outcome for one in findings).value] += 1
    judged = time.monotonic() - began
    wall, cpu = sorted(walls)[ROUNDS // 2], sorted(cpus)[ROUNDS // 2]
    total = LEAD_SECONDS + PLAY_SECONDS + wall + judged
    print_table(
        ("step", "seconds", "of processors"),
        [
            ("(render the recordings)", "", f"{rendered:.1f}"),
            ("lead and play", f"{LEAD_SECONDS + PLAY_SECONDS:.1f}", ""),
            ("measure, matrix included", f"{wall:.2f}", f"{cpu:.2f}"),
            ("judge", f"{judged:.2f}", ""),
            ("together", f"{total:.1f}", ""),
        ],
    )
    print_result(
        {
            "seats": options.seats,
            "processors": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
            "measure_s": round(wall, 2),
            "measure_best_s": round(min(walls), 2),
            "measure_cpu_s": round(cpu, 2),
            "cpu_per_seat_s": round(cpu / options.seats, 3),
            "judge_s": round(judged, 3),
            "after_connecting_s": round(total, 1),
            "outcomes": dict(outcomes),
        }
    )


if __name__ == "__main__":
    main()
