"""A room of twelve seats with things wrong that only sound shows: one ``labcheck --room`` names them all."""

from __future__ import annotations

import json
import signal
import subprocess
import time
import xml.etree.ElementTree as ET
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from labcheck.headset.causes import Cause
from labcheck.rehearsal.headset import MODEL, Cups
from provision.cli.exits import Exit
from tests.e2e.test_rehearsal import LABCHECK, environment, labcheck, rehearsal, temporary
from tests.services.process import until
from tests.unit.printing.documents.reading import texts

__all__ = ["environment", "temporary"]
FAULTS = {
    "204-02": ("mic-muted", {"1Б": Cause.SILENT}),
    "204-03": ("dead-left", {"1В": Cause.DEAD_LEFT}),
    "204-04": ("swapped", {"1Г": Cause.SWAPPED}),
    "204-05": ("mono", {"2А": Cause.MONO}),
    "204-06": ("clipping", {"2Б": Cause.CLIPPING}),
    "204-07": ("hum", {"2В": Cause.HUM}),
    "204-08": ("gap", {"2Г": Cause.DROPOUTS}),
    "204-09": ("source-removed", {"3А": Cause.DEVICE_CHANGED}),
    "204-11": ("neighbour-plug", {"3В": Cause.OTHER_SEATS_PLUG, "3Г": Cause.OTHER_SEATS_PLUG}),
}
"""Seat as a person counts -> fault, and which seat of the inventory shows which cause."""
WELL = {"1А", "3Б"}


def causes(seat: dict[str, Any]) -> list[str]:
    """Of what failed."""
    return [one["cause"] for one in seat["findings"] if one["outcome"] == "fail" and one["cause"]]


def test_every_sound_fault_is_named_in_one_run(
    tmp_path: Path, environment: dict[str, str], temporary: Path
) -> None:
    site, junit, report = tmp_path / "site", tmp_path / "lab.xml", tmp_path / "lab.pdf"
    faults = [word for seat, (fault, _causes) in FAULTS.items() for word in ("--fault", f"{seat}={fault}")]
    options = ("--seats", "12", "--reserves", "0", "--trusted", *faults)
    check = [LABCHECK, "--room", "204", "--site", str(site), "--json", "--junit", str(junit)]
    check += ["--pdf", str(report), "--evidence", str(tmp_path / "evidence")]
    done = labcheck(environment, "rehearse", "--site", site, *options, "--", *check)
    assert done.returncode == Exit.INCOMPLETE, done.stderr
    seats = {one["seat"]: one for one in json.loads(done.stdout)["rooms"][0]["workstations"]}
    expected = {seat: cause for _fault, of in FAULTS.values() for seat, cause in of.items()}
    found = {seat: causes(one) for seat, one in seats.items()}
    assert {seat for seat, cause in expected.items() if cause not in found[seat]} == set(), found
    assert {seat: seats[seat]["outcome"] for seat in expected} == dict.fromkeys(expected, "fail")
    assert {seat: seats[seat]["outcome"] for seat in WELL} == dict.fromkeys(WELL, "pass")
    told = {one["measured"] for one in seats["3В"]["findings"]}
    assert any("3Г" in said for said in told), "by the name of the other seat"
    for seat in expected:
        for finding in seats[seat]["findings"]:
            assert bool(finding["remedy"]) is (finding["outcome"] != "pass")
    failures = [case.get("message") or "" for case in ET.parse(junit).getroot().iter("failure")]
    for cause in set(expected.values()):
        assert any(f"[{cause}]" in message for message in failures), cause
    papers = " ".join(texts(report.read_bytes()))
    assert "Гарнитуры" in papers
    assert "Кто кого слышит" in papers
    (page,) = (tmp_path / "evidence").glob("*/headsets.html")
    assert page.stat().st_size < 12 * 100_000
    recorded = {file.stem.removeprefix("204-") for file in page.parent.glob("*.flac")}
    assert recorded >= {*expected, *WELL} - {"3А"}, "each seat whose recording came"
    assert not [*temporary.iterdir()], "something of the lab was left"


def test_the_test_alone_the_switch_that_leaves_it_out_and_ctrl_c(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    site = tmp_path / "site"
    room = ("--room", "204", "--site", site)
    with rehearsal(
        environment, site, "--seats", "2", "--reserves", "0", "--trusted", "--fault", "204-02=dead-right"
    ) as lab:
        done = labcheck(environment, "headset", *room, "--json")
        assert done.returncode == Exit.INCOMPLETE, done.stderr
        seats = {one["seat"]: one for one in json.loads(done.stdout)["rooms"][0]["workstations"]}
        assert seats["1А"]["outcome"] == "pass"
        assert causes(seats["1Б"]) == [Cause.DEAD_RIGHT]
        assert {one["check"] for one in seats["1А"]["findings"]} == {
            "sound-path", "headset-ears", "headset-channels", "headset-level", "headset-noise",
            "headset-quality", "headset-stream", "headset-neighbours",
        }  # fmt: skip
        _calibrates(environment, site)
        text = (site / "inventory.yaml").read_text()

        until(lambda: not _sound_runs(lab), "the calibration's end at the workstations")
        command = [LABCHECK, "headset", *map(str, room)]
        with subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True) as run:
            until(lambda: _sound_runs(lab), "the test under way")
            began = time.monotonic()
            run.send_signal(signal.SIGINT)
            _out, err = run.communicate(timeout=90)
        assert run.returncode == Exit.INTERRUPTED
        assert time.monotonic() - began < 60
        assert "Traceback" not in err

        (site / "inventory.yaml").write_text(
            text.replace("    headset: true\n", "    headset: true\n    headset_test: false\n")
        )
        left_out = labcheck(environment, *room, "--json")
        assert left_out.returncode == Exit.DONE, left_out.stderr
        for one in json.loads(left_out.stdout)["rooms"][0]["workstations"]:
            (said,) = [finding for finding in one["findings"] if finding["check"] == "headset-ears"]
            assert one["outcome"] == said["outcome"] == "warn"
            assert "not checked" in said["measured"]


def _calibrates(environment: dict[str, str], site: Path) -> None:
    """A seat whose headset is well becomes the measure of its model; a broken one does not."""
    before = (site / "inventory.yaml").read_text()
    room = ("--room", "204", "--site", site, "--json")
    refused = labcheck(environment, "calibrate", *room, "--seat", "1Б", "--yes")
    assert refused.returncode == Exit.INCOMPLETE, refused.stderr
    assert json.loads(refused.stdout)["outcome"] == "fail"
    assert (site / "inventory.yaml").read_text() == before
    done = labcheck(environment, "calibrate", *room, "--seat", "1А", "--yes")
    assert done.returncode == Exit.DONE, done.stderr
    told = json.loads(done.stdout)["calibration"]
    assert told["model"] == MODEL
    (new,) = set((site / "inventory.yaml").read_text().splitlines()) - set(before.splitlines()) - {
        "    headset_calibrations:"
    }  # fmt: skip
    assert f'{{model: "{MODEL}", left_db: {told["left_db"]}, ' in new
    cups = Cups.of("204-01")
    assert told["left_db"] - told["right_db"] == pytest.approx(cups.left_db - cups.right_db, abs=2.0)


def _sound_runs(lab: subprocess.Popen[str]) -> bool:
    """Whether an agent of this lab plays or records now; other tests have labs of their own."""
    for one in psutil.Process(lab.pid).children(recursive=True):
        with suppress(psutil.Error):
            if any("sound_child" in word for word in one.cmdline()):
                return True
    return False
