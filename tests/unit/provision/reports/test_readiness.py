"""From facts over the ledger to paper: what was found stands there, in the school's language."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from labcheck import soundpath
from labcheck.deployerrors import InstallFailed
from labcheck.failure import finding_of
from labcheck.finding import Check, Finding
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.verdict import judge, not_reached, required, verdict
from labcheck.visit import HEARD
from printing.documents.lab import Lab
from printing.documents.labmap import lab_map
from printing.documents.marks import Mark
from printing.documents.readiness import readiness
from provision.lab import requirements_of, terms_of
from provision.labstatus import lab_status
from provision.ledger import Ledger
from provision.ledger.lab import SeatResult, latest, record
from provision.reports.readiness import on_paper
from tests.unit.labcheck.workstations import SEEN, changed, good
from tests.unit.printing.documents.reading import texts
from tests.unit.provision.test_labstatus import LAB, MORNING, START, site

WANTED = requirements_of(site(), START)
SOFTWARE = {
    "name": "Станция", "version": "2.1", "folder": "software",
    "files": [{"path": "setup.sh", "sha256": "ab" * 32}],
    "linux": {"install": ["sh", "setup.sh"], "answers": "~/answers"},
}  # fmt: skip


def paper(tmp_path: Path, facts: dict[str, object]) -> Lab:
    """The lab on paper after these facts (or an outcome) of its seats were recorded and read back."""
    found: dict[str, tuple[Outcome, tuple[Finding, ...]]] = {}
    for seat, said in facts.items():
        if isinstance(said, Outcome):
            found[seat] = (said, (not_reached(said, phrase("no answer"), phrase("Check the cable.")),))
        else:
            findings = judge(said, WANTED, SEEN)
            found[seat] = (verdict(findings, required(WANTED)), findings)
    return drawn(tmp_path, found)


def drawn(tmp_path: Path, found: Mapping[str, tuple[Outcome, tuple[Finding, ...]]], **rules: object) -> Lab:
    """The lab on paper after these findings of its seats were recorded and read back."""
    ledger = Ledger(tmp_path, clock=lambda: MORNING)
    inventory = site(**rules)
    wanted = requirements_of(inventory, START)
    stations = {station.seat: station for station in LAB.workstations}
    results = [
        SeatResult(seat, outcome, findings, terms_of(wanted, stations[seat]))
        for seat, (outcome, findings) in found.items()
    ]
    record(ledger, LAB.number, results)
    status = lab_status(inventory, LAB, latest(ledger), START)
    made = START.replace(hour=8, minute=5)
    return on_paper(status, inventory, made, ledger.verify(), str)


def test_each_workstation_has_its_mark_values_and_faults(tmp_path: Path) -> None:
    lab = paper(
        tmp_path,
        {"1А": good(), "1Б": changed("sound.inputs.0.muted", True), "2А": Outcome.UNREACHABLE},
    )
    marks = {station.seat: station.mark for station in lab.stations}
    assert marks == {
        "1А": Mark.READY, "1Б": Mark.NOT_READY, "2А": Mark.UNREACHABLE, "2Б": Mark.NOT_CHECKED,
    }  # fmt: skip
    well, muted, gone, never = lab.stations
    assert well.faults == ()
    assert "memory 7.8 GB" in well.values
    assert "microphone 70 %" in well.values
    assert (well.row, well.column) == (1, 1)
    assert well.checked is not None
    assert f"{well.checked:%H:%M}" == "07:52", "on the school's clock"
    assert [fault.title for fault in muted.faults] == ["Sound of the microphone"]
    assert muted.faults[0].measured == "muted"
    assert gone.faults[0].remedy == "Check the cable."
    assert never.faults[0].remedy == "Check it: labcheck --room 204."
    assert never.checked is None
    assert never.reserve
    whole = " ".join(texts(readiness(lab, str)))
    assert "Switch the microphone on" in whole
    assert lab.last_hash in whole
    assert "Ready: 1 of 3 workstations · reserves: 0 of 1" in texts(lab_map(lab, str))[0]


def test_what_was_done_there_is_demanded_and_told(tmp_path: Path) -> None:
    """The installation and the trial recording: no facts, but findings and demands like the others."""
    done = (
        *judge(good(), WANTED, SEEN),
        Finding(Check.INSTALL, Outcome.PASS, phrase("installed now")),
        soundpath.judge(recording(b"\0\1" * soundpath.RATE), WANTED),
    )
    broken = (
        finding_of(
            InstallFailed("{seat}: the install command failed: {output}", seat="1Б", output="no space")
        ),
        soundpath.judge(recording(bytes(2 * soundpath.RATE)), WANTED),
    )
    lab = drawn(tmp_path, {"1А": (Outcome.PASS, done), "1Б": (Outcome.FAIL, broken)}, software=SOFTWARE)
    demands = dict(lab.demands)
    assert (demands["Installation"], demands["Sound path opened and recorded"]) == (
        "Станция 2.1", "opened and recorded",
    )  # fmt: skip
    well, wrong = lab.stations[:2]
    assert "exam program installed now" in well.values
    assert "trial recording: Headset mic, Headset out: peak -42 dB" in well.values
    assert "Logitech H340" not in well.values, "the recording has named the devices"
    assert wrong.values == "", "an error is no value"
    assert [(fault.title, fault.measured) for fault in wrong.faults] == [
        ("Connection", "the install command failed: no space"),
        ("Sound path opened and recorded", "Headset mic: absolute silence"),
    ], "the seat stands beside it already"


def recording(pcm: bytes) -> dict[str, object]:
    """What the agent answers to a trial recording."""
    heard = {"device": {"name": "Headset mic"}, "pcm": base64.b64encode(pcm).decode()}
    return {"input": heard, "output": {"device": {"name": "Headset out"}}}


def test_every_demand_of_the_profile_is_named(tmp_path: Path) -> None:
    lab = paper(tmp_path, {})
    demands = dict(lab.demands)
    assert demands["Processor"] == "2 × 2.5 GHz or 1 × 3.0 GHz"
    assert demands["Time zone"] == "UTC+03:00"
    heard = {*HEARD, Check.NEIGHBOURS}
    assert len(lab.demands) == len(required(WANTED)) + len(heard), "sound is none of the facts"
    assert demands["Both ears heard by the microphone"] == "left and right"
    assert "Installation" not in demands, "there is no software"
    assert all(demands.values())


def test_yesterdays_result_is_no_result(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path, clock=lambda: MORNING - dt.timedelta(days=1))
    wanted = requirements_of(site(), START)
    station = LAB.workstations[0]
    findings = judge(good(), wanted, SEEN)
    record(ledger, "204", [SeatResult(station.seat, Outcome.PASS, findings, terms_of(wanted, station))])
    status = lab_status(site(), LAB, latest(ledger), START)
    shown = on_paper(status, site(), START, ledger.verify(), str).stations[0]
    assert shown.mark is Mark.NOT_CHECKED
    assert shown.values == ""
    assert shown.faults[0].measured == "there is an earlier result, which no longer counts"
