"""What all benchmarks share: contenders in processes of their own, a table, a last line of JSON."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

ROUNDS = 5
PASSES = 4
SLOW = 2.0
"""Seconds; the noise of a shared machine is small beside it."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One contender's run: CPU and wall seconds, peak memory in MB (10⁶ bytes), bytes written."""

    name: str
    seconds: float
    wall: float
    peak_mb: float
    written: int


def in_memory(size: int) -> Path:
    """A folder whose files lie in memory, where there is room for that many bytes; else the usual one. One
    disk would be measured in place of many workstations', and its file system remembers what was deleted."""
    shared = Path("/dev/shm")
    if shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > size:
        return shared
    return Path(tempfile.gettempdir())


def run_apart(module: str, name: str, *arguments: str) -> Measurement:
    """Run a contender of ``module`` in a process of its own, on one core, and return what it reports.

    ``python -m module name out arguments`` must end in :func:`report`; ``out`` is an empty folder."""
    with tempfile.TemporaryDirectory() as out:
        command = [sys.executable, "-m", module, name, out, *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True)
    return Measurement(**json.loads(done.stdout.splitlines()[-1]))


def run_all(module: str, names: Iterable[str], *arguments: str) -> dict[str, Measurement]:
    """Run every contender, the quick ones in rounds, in turn, so that they meet the same other load
    of the machine; of each the run that took least."""
    runs = {name: run_apart(module, name, *arguments) for name in names}
    for _round in range(ROUNDS - 1):
        for name, best in runs.items():
            if best.seconds < SLOW:
                runs[name] = min(best, run_apart(module, name, *arguments), key=lambda run: run.seconds)
    return runs


def report(name: str, work: Callable[[], int], out: Path) -> None:
    """In a contender's process: do ``work``, which writes files to ``out`` and returns their bytes; print the
    measurement. Quick work is done several times: in a virtual machine the kernel's first touch of memory for
    files costs more than all that is measured here, and at random."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    passes = [_pass(work, out)]
    while passes[0][0] < SLOW and len(passes) < PASSES:
        passes.append(_pass(work, out))
    cpu, wall, written = min(passes)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps(asdict(Measurement(name, round(cpu, 4), round(wall, 4), round(peak, 1), written))))


def _pass(work: Callable[[], int], out: Path) -> tuple[float, float, int]:
    wall, cpu = time.perf_counter(), time.process_time()
    written = work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    for path in out.iterdir():
        path.unlink()
    return cpu, wall, written


def print_table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print rows in columns, the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in [head, *rows]) for column in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        first, *others = row
        cells = [
            first.ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(others, widths[1:], strict=True)),
        ]
        print("  ".join(cells))


def print_result(result: Mapping[str, object]) -> None:
    """Print the last line."""
    print(json.dumps(result))
