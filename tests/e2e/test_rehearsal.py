"""A rehearsal as a trainer holds it: a virtual lab, things wrong in it, and labcheck run on it as on any."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from provision.cli.exits import Exit
from tests.services.bundles import BUNDLES
from tests.services.process import until

LABCHECK = str(Path(sys.executable).with_name("labcheck"))
FAULTS = {
    "204-02": ("dead", "1Б", "unreachable", {"connection": "SSH is not running"}),
    "204-03": ("changed-key", "1В", "untrusted", {"connection": "until somebody knows why its key changed"}),
    "204-04": ("full-disk", "1Г", "fail", {"disk": "Free at least"}),
    "204-05": ("hangs", "2А", "timed-out", {"connection": "See what keeps the computer"}),
    "204-06": ("sound-hangs", "2Б", "not-checked", {"headset": "see to it at the computer itself"}),
    "204-07": ("muted", "2В", "fail", {"input-muted": "Switch the microphone on"}),
}
"""Seat as a person counts -> fault; seat of the inventory, its outcome, and check -> gist of its cure."""
OF_SIX = {"pass", "warn"}
WELL = ["1А", "2Г", "3А", "3Б", "3В", "3Г"]


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A place for temporary files whose name is short enough for sockets."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture
def environment(tmp_path: Path, temporary: Path) -> dict[str, str]:
    """A person's environment in English, with bundles that need no network."""
    cache = tmp_path / "cache" / "vpr-morning"
    cache.mkdir(parents=True)
    (cache / "bundles").symlink_to(BUNDLES.folder)
    (cache / "wheels").symlink_to(BUNDLES.wheels)
    changes = {"LC_ALL": "C.UTF-8", "XDG_CACHE_HOME": str(tmp_path / "cache"), "TMPDIR": str(temporary)}
    return {**os.environ, **changes}


def labcheck(environment: dict[str, str], *words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LABCHECK, *map(str, words)],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def checked(environment: dict[str, str], site: Path, *words: str) -> tuple[int, dict[str, Any]]:
    """Exit code, and seat -> what was found there."""
    done = labcheck(environment, "--room", "204", "--site", site, "--json", *words)
    room = json.loads(done.stdout)["rooms"][0]
    return done.returncode, {one["seat"]: one for one in room["workstations"]}


def collected(environment: dict[str, str], site: Path) -> tuple[int, int, int]:
    """Answers that are here; that something is wrong with; of pupils of whom nothing was found."""
    done = labcheck(environment, "collect", "--room", "204", "--site", site, "--json")
    room = json.loads(done.stdout)["rooms"][0]
    missing = sum(problem["fault"] == "missing" for problem in room["problems"])
    return room["copied"] + room["here"], len(room["problems"]) - missing, missing


@contextmanager
def rehearsal(environment: dict[str, str], site: Path, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A rehearsal that runs, ended as a closed terminal ends it."""
    process = subprocess.Popen(
        [LABCHECK, "rehearse", "--site", str(site), *words],
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert next((True for line in process.stdout if "Ctrl-C ends" in line), False), "it did not start"
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


def _speaks(process: subprocess.Popen[str]) -> bool:
    """Whether the exam program records at any of the lab's computers."""
    for one in psutil.Process(process.pid).children(recursive=True):
        with suppress(psutil.Error):
            if "--record" in one.cmdline():
                return True
    return False


def answer(process: subprocess.Popen[str], line: str) -> str:
    """What the running rehearsal says to a line."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line + "\n")
    process.stdin.flush()
    return process.stdout.readline()


def test_each_fault_is_reported_with_its_outcome_and_remedy_and_the_others_are_ready(
    tmp_path: Path, environment: dict[str, str], temporary: Path
) -> None:
    site = tmp_path / "кабинет"
    report = tmp_path / "протокол.pdf"
    faults = [word for seat, (fault, *_rest) in FAULTS.items() for word in ("--fault", f"{seat}={fault}")]
    options = ("--seats", "12", "--reserves", "0", "--trusted", *faults)
    check = [LABCHECK, "--room", "204", "--site", str(site), "--json", "--pdf", str(report)]
    done = labcheck(environment, "rehearse", "--site", site, *options, "--", *check)
    assert done.returncode == Exit.INCOMPLETE, done.stderr
    room = json.loads(done.stdout)["rooms"][0]
    seats = {one["seat"]: one for one in room["workstations"]}
    assert len(seats) == 12
    for fault, seat, outcome, cures in FAULTS.values():
        assert seats[seat]["outcome"] == outcome, fault
        findings = {one["check"]: one for one in seats[seat]["findings"]}
        for name, cure in cures.items():
            assert findings[name]["outcome"] == outcome, fault
            assert cure in findings[name]["remedy"], fault
    bad = {seat: [f for f in seats[seat]["findings"] if f["outcome"] not in OF_SIX] for seat in WELL}
    assert bad == {seat: [] for seat in WELL}
    assert [seat for seat, one in seats.items() if one["outcome"] in OF_SIX] == WELL
    assert (room["ready"], room["of"]) == (6, 12)
    assert all(not [f for f in seats[seat]["findings"] if f["outcome"] != "pass"] for seat in WELL)
    assert report.read_bytes().startswith(b"%PDF-")
    assert not [*temporary.iterdir()], "something of the lab was left"


def test_a_trainer_breaks_and_repairs_seats_while_the_lab_runs(
    tmp_path: Path, environment: dict[str, str], temporary: Path
) -> None:
    site = tmp_path / "site"
    with rehearsal(environment, site, "--seats", "2", "--reserves", "1", "--trusted") as lab:
        code, seats = checked(environment, site)
        assert code == Exit.DONE, seats
        assert all(one["changed"] for one in seats.values())

        code, seats = checked(environment, site)
        assert code == Exit.DONE
        assert not any(one["changed"] for one in seats.values()), "the second run changes nothing"

        assert "3 pupils speak for 1 s" in answer(lab, "exam 1")
        until(lambda: not _speaks(lab), "the pupils' last words")
        until(lambda: collected(environment, site) == (3, 0, 19), "three of the plan's 22 answers, whole")
        assert "3 pupils speak for 600 s" in answer(lab, "exam 600")
        assert "crashed" in answer(lab, "204-01=program-ended")
        assert collected(environment, site) == (4, 3, 16), "the cut one, with it two that are being spoken"
        assert "nothing" in answer(lab, "204-01=well")

        assert "no headset" in answer(lab, "204-02=unplugged")
        assert "switched off" in answer(lab, "204-R1=dead")
        code, seats = checked(environment, site)
        assert code == Exit.INCOMPLETE
        assert {seat: one["outcome"] for seat, one in seats.items()} == {
            "1А": "pass",
            "1Б": "fail",
            "1В": "unreachable",
        }

        assert "nothing" in answer(lab, "204-02=well")
        assert "nothing" in answer(lab, "204-R1=well")
        code, seats = checked(environment, site, "--retry-failed")
        assert code == Exit.DONE, seats
        assert set(seats) == {"1Б", "1В"}
    assert lab.returncode == Exit.DONE
    assert not [*temporary.iterdir()], "something of the lab was left"


def test_a_program_that_ended_is_noticed_and_started_again(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    site = tmp_path / "site"
    there = ("--room", "204", "--site", str(site))
    with rehearsal(environment, site, "--seats", "2", "--reserves", "0", "--trusted") as lab:
        code, seats = checked(environment, site)
        assert code == Exit.DONE, seats
        assert "2 pupils speak" in answer(lab, "exam 600")
        with watching(environment, *there) as watch:
            answer(lab, "204-01=muted")
            assert "204-1А" in heard(watch, "NOTED: the microphone is muted"), "it looks at this seat"
            answer(lab, "204-01=program-ended")
            noted = heard(watch, "NOTED: the exam program does not run")
            assert "labcheck fix --seat 204-1А restart-app" in noted
            fixed = labcheck(environment, "fix", "restart-app", *there, "--seat", "1А", "--yes")
            assert fixed.returncode == Exit.DONE, fixed.stderr
            assert "204-1А: DONE" in fixed.stdout
            assert "204-1А" in heard(watch, "over: the exam program does not run")
            watch.send_signal(signal.SIGINT)
            assert "204-1Б" not in watch.communicate(timeout=60)[1], "the other seat was left alone"
        again = labcheck(environment, "fix", "restart-app", *there, "--seat", "1А", "--yes", "--json")
        assert json.loads(again.stdout)["fixes"][0]["done"], "a program that runs is ended and started anew"


@contextmanager
def watching(environment: dict[str, str], *there: str) -> Iterator[subprocess.Popen[str]]:
    """A watch that looks twice a second; what it notes comes line by line."""
    process = subprocess.Popen(
        [LABCHECK, "watch", *there, "--every", "0.5"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def heard(process: subprocess.Popen[str], words: str) -> str:
    """The next line with these words."""
    assert process.stderr is not None
    return next(line for line in process.stderr if words in line)


def test_a_rehearsal_that_is_killed_takes_its_computers_with_it(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    with rehearsal(environment, tmp_path / "site", "--seats", "2", "--reserves", "0") as lab:
        begun = psutil.Process(lab.pid).children(recursive=True)
        assert sum(process.name() == "sshd" for process in begun) == 2
        lab.send_signal(signal.SIGKILL)
        lab.wait()
        until(lambda: not any(process.is_running() for process in begun), "all of it ended")


def test_the_command_in_a_lab_ends_with_it_when_it_is_told_to(
    tmp_path: Path, environment: dict[str, str], temporary: Path
) -> None:
    begun = tmp_path / "begun"
    command = ["sh", "-c", f"touch '{begun}'; exec sleep 600"]
    process = subprocess.Popen(
        [LABCHECK, "rehearse", "--site", str(tmp_path / "site"), "--seats", "1", "--", *command],
        env=environment,
    )
    try:
        until(begun.exists, "the command in the lab")
        all_of_it = psutil.Process(process.pid).children(recursive=True)
        assert "sleep" in {one.name() for one in all_of_it}
        process.terminate()
        assert process.wait(60) == Exit.INTERRUPTED
        assert not any(one.is_running() for one in all_of_it)
        assert not [*temporary.iterdir()]
    finally:
        process.kill()
        process.wait()


def test_what_cannot_be_is_refused_before_anything_is_made(
    tmp_path: Path, environment: dict[str, str], temporary: Path
) -> None:
    site = tmp_path / "site"
    for words, said in (
        (("--fault", "204-01=broken"), "names no fault"),
        (("--fault", "204-40=muted", "--seats", "2"), "there is no seat"),
        (("--seats", "25"), "25"),
        (("--", "/nonexistent"), "No such file"),
    ):
        done = labcheck(environment, "rehearse", "--site", site, *words)
        assert done.returncode != Exit.DONE
        assert said in done.stderr
        assert "Traceback" not in done.stderr
    assert not [*temporary.iterdir()]
