"""Never an idle printer: rooms of kits on two printers, by this program, by lp per room, by lp per kit.

``python -m bench throughput [--rooms N] [--kits N] [--speed-up N] [--kits-per-job N] [--ours]``. Two
simulated printers of 30 pages per minute behind a private cupsd with CUPS's own settings and driverless
queues. The contenders get fresh servers, one after the other:

- ours: the real command, ``provision print --what kits``, on a school with encrypted tasks, from the start of
  its process: one job per kit, every step synced to the ledger;
- ``lp`` of one PDF per room, and AMC's way, one ``lp`` per copy: of the same kits, as files that were made
  before the clock started.

This is done twice. At the printers' real speed with a few kits: utilisation and the two comparisons, because
what lies between two kits is CUPS's and ours and does not shrink with the printer's speed: 0.3 s are 2 % of a
kit of 16 s, and 30 % of one of 0.8 s. And with all rooms on printers that are ``--speed-up`` times as fast,
so that it ends in minutes: time to the first sheet, and CPU. The gaps of both stand in the table.

A printer is *busy* for the nominal time of the sheets that it delivered (sheets x 60 / pages per minute).
*Utilisation* is busy time / time from the arrival of a printer's first document until its last sheet is out,
the mean of both printers; "from start" is busy time / time from the start of the first command until the last
sheet of all. *First sheet* is the time from the start of the command until the first document has arrived
whole at a printer. What every document really holds is counted afterwards by a second reader.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import sys
import tempfile
from pathlib import Path

from bench.common import print_result, print_table
from bench.pace import school
from bench.pace.contenders import PRINTERS, Result, Size, papers, run_lp, run_ours

ROOMS, KITS, SPEED_UP = 10, 25, 20.0
FEW = (2, 6)
"""Rooms and kits in each that are printed at the real speed: 96 seconds of it."""


def main() -> None:
    """Run the contenders, print the tables and the line of figures."""
    parser = argparse.ArgumentParser(prog="bench throughput")
    parser.add_argument("--rooms", type=int, default=ROOMS)
    parser.add_argument("--kits", type=int, default=KITS, help="in each room")
    parser.add_argument("--speed-up", type=float, default=SPEED_UP, help="how much faster than 30 ppm")
    parser.add_argument("--kits-per-job", type=int, default=1, help="for our way; lp's ways stay as they are")
    parser.add_argument("--ours", action="store_true", help="only our way, and only so many rooms, once")
    options = parser.parse_args(sys.argv[2:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))  # so that everything is stopped with us
    every = Size(options.rooms, options.kits, options.speed_up, options.kits_per_job)
    with tempfile.TemporaryDirectory(prefix="vpr-throughput-", ignore_cleanup_errors=True) as folder:
        if options.ours:
            (Path(folder) / "ours").mkdir()
            _say(every)
            _table([run_ours(Path(folder) / "ours" / "school", school.archive(), every)])
            return
        few = Size(*FEW, 1.0, options.kits_per_job)
        slow, by_room, by_kit = _contend(Path(folder) / "slow", few)
        quick = _contend(Path(folder) / "quick", every)[0]
    print_result(
        {
            "utilisation": round(slow.utilisation, 3),
            "first_sheet_s": round(quick.first_sheet, 2),
            "cpu_ms_per_sheet": round(1000 * quick.ours_cpu / quick.sheets, 1),
            "vs_lp": round(by_room.seconds / slow.seconds, 2),
            "vs_lp_per_kit": round(by_kit.seconds / slow.seconds, 2),
        }
    )


def _say(size: Size) -> None:
    print(
        f"{size.rooms} rooms x {size.kits} kits x {school.SHEETS_PER_KIT} sheets on {len(PRINTERS)} printers "
        f"of {school.PPM} ppm x {size.speed_up:g}",
        flush=True,
    )


def _contend(folder: Path, size: Size) -> tuple[Result, Result, Result]:
    folder.mkdir()
    _say(size)
    tasks = school.archive()
    rooms = papers(folder / "by-room", tasks, size, size.kits)
    kits = papers(folder / "by-kit", tasks, size, 1)
    results = (
        run_ours(folder / "school", tasks, size),
        run_lp("lp, one PDF per room", rooms, size),
        run_lp("lp, one PDF per kit", kits, size),
    )
    _table(list(results))
    print(flush=True)
    return results


def _table(results: list[Result]) -> None:
    print_table(
        (
            "way", "jobs", "seconds", "utilisation", "from start", "first sheet s",
            "gap s, median", "longest", "CPU ms/sheet", "CUPS's",
        ),
        [_row(result) for result in results],
    )  # fmt: skip


def _row(result: Result) -> tuple[str, ...]:
    gaps = result.gaps or [0.0]
    return (
        result.name,
        str(sum(map(len, result.printed))),
        f"{result.seconds:.1f}",
        f"{result.utilisation:.3f}",
        f"{result.utilisation_from_start:.3f}",
        f"{result.first_sheet:.2f}",
        f"{statistics.median(gaps):.2f}",
        f"{gaps[-1]:.2f}",
        f"{1000 * result.ours_cpu / result.sheets:.1f}",
        f"{1000 * result.cups_cpu / result.sheets:.1f}",
    )
