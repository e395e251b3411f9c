"""A lab's results as files: JUnit for machines, the papers as a PDF."""

from __future__ import annotations

import datetime as dt
import io
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from labcheck.finding import Finding
from labcheck.outcome import Outcome
from labcheck.visit import Visited
from printing.documents.lab import Heard
from printing.documents.labmap import lab_map
from printing.documents.readiness import readiness
from provision.cli.lab_evidence import Tested
from provision.cli.lab_tables import shortly
from provision.labroom import status_of
from provision.ledger import Ledger
from provision.locale import gettext as _
from provision.locale import translator
from provision.reports.headset_lines import heard_by_all
from provision.reports.readiness import on_paper
from provision.site.model import Room
from provision.site.site import Site

_KINDS = {Outcome.FAIL: "failure"}
"""Of everything else that is not good: "error". None is "skipped", which programs show as green."""


def write_junit(path: Path, rooms: Sequence[tuple[Room, Sequence[Visited]]]) -> None:
    """A suite for each room; a case for each check of each seat, and one for the seat as a whole."""
    root = ET.Element("testsuites", name="labcheck")
    for room, visited in rooms:
        suite = ET.SubElement(root, "testsuite", name=f"room {room.number}")
        for one in visited:
            _case(suite, room, one, "ready", one.outcome, "", seconds=one.seconds)
            for finding in one.findings:
                text = "" if finding.outcome.good else _text(finding, one.seat)
                _case(suite, room, one, finding.check.value, finding.outcome, text)
        for kind in ("failure", "error"):
            suite.set(f"{kind}s", str(len(suite.findall(f"testcase/{kind}"))))
        suite.set("tests", str(len(suite)))
    ET.indent(root)
    path.write_bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _case(
    suite: ET.Element,
    room: Room,
    one: Visited,
    name: str,
    outcome: Outcome,
    text: str,
    seconds: float = 0.0,
) -> None:
    case = ET.SubElement(
        suite, "testcase", classname=f"{room.number}-{one.seat}", name=name, time=f"{seconds:.2f}"
    )
    if not outcome.good:
        kind = _KINDS.get(outcome, "error")
        ET.SubElement(case, kind, type=outcome.value, message=text or outcome.value)
    elif outcome is Outcome.WARN and name != "ready":
        ET.SubElement(case, "system-out").text = text or outcome.value


def _text(finding: Finding, seat: str) -> str:
    return " — ".join(filter(None, (shortly(finding, seat), finding.remedy.said(_))))


def _heard(site: Site, room: Room, tested: Tested) -> tuple[Heard, ...]:
    seats = [station.seat for station in room.workstations]
    here = [result for where, result in tested if where.number == room.number and result.began > 0]
    found = (
        heard_by_all(result, seats, dt.datetime.fromtimestamp(result.began, site.zone)) for result in here
    )
    return tuple(heard for heard in found if heard is not None)


def write_pdf(path: Path, site: Site, ledger: Ledger, rooms: Sequence[Room], tested: Tested) -> None:
    """The readiness protocol and the seat map of each room, as the record has them now, in one file. Who
    heard whom is there of headsets that were ``tested`` in this run."""
    import pikepdf  # noqa: PLC0415 - only for this

    translate = translator(site.inventory.school.language)
    made, record = site.now(), ledger.verify()
    with pikepdf.new() as whole:
        for room in rooms:
            status = status_of(site, ledger, room)
            lab = on_paper(status, site.inventory, made, record, translate, _heard(site, room, tested))
            for document in (readiness(lab, translate), lab_map(lab, translate)):
                with pikepdf.open(io.BytesIO(document)) as part:
                    whole.pages.extend(part.pages)
        beside = path.with_name(path.name + ".new")
        whole.save(beside)
    beside.replace(path)
