"""From facts over the ledger to paper: what was found stands there, in the school's language."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from labcheck.finding import Finding
from labcheck.outcome import Outcome
from labcheck.phrase import phrase
from labcheck.verdict import judge, not_reached, required, verdict
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


def paper(tmp_path: Path, facts: dict[str, object]) -> Lab:
    """The lab on paper after these facts (or an outcome) of its seats were recorded and read back."""
    ledger = Ledger(tmp_path, clock=lambda: MORNING)
    inventory = site()
    wanted = requirements_of(inventory, START)
    results = []
    for station in LAB.workstations:
        if station.seat not in facts:
            continue
        found = facts[station.seat]
        findings: tuple[Finding, ...]
        if isinstance(found, Outcome):
            findings = (not_reached(found, phrase("no answer"), phrase("Check the cable.")),)
        else:
            findings = judge(found, wanted, SEEN)
        outcome = verdict(findings, required(wanted))
        results.append(SeatResult(station.seat, outcome, findings, terms_of(wanted, station)))
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


def test_every_demand_of_the_profile_is_named(tmp_path: Path) -> None:
    lab = paper(tmp_path, {})
    demands = dict(lab.demands)
    assert demands["Processor"] == "2 × 2.5 GHz or 1 × 3.0 GHz"
    assert demands["Time zone"] == "UTC+03:00"
    assert len(lab.demands) == len(required(requirements_of(site(), START)))
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
