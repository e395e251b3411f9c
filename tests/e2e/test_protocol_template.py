"""The downloaded template of the paper protocol: filled where it can be; where not, the person is told."""

from __future__ import annotations

import io
import os
import re
import shutil
from pathlib import Path

import docx
import pytest
from pypdf import PdfReader

from provision.cli.exits import Exit
from provision.example.build import build
from provision.example.letters import PROTOCOL_TITLE
from provision.rooms import Morning, Scope
from provision.site.site import open_site
from provision.survey import survey
from tests.e2e.site import Ran, inside, run

TEMPLATE = "Документ3.docx"
MATHEMATICS = {"ma-7a", "ma-7b"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example school with the template; to be copied."""
    folder = tmp_path_factory.mktemp("template") / "school"
    build(folder, with_template=True)
    return folder


@pytest.fixture
def school(tmp_path: Path, built: Path) -> Path:
    return shutil.copytree(built, tmp_path / "school")


def planned_codes(site: Path, exam: str, room: str) -> list[str]:
    """The codes of a room in seat order, those of the spare kits behind them."""
    morning = Morning(survey(open_site(site), {exam}), Scope(frozenset({exam})))
    morning.survey.ledger.close()
    plan = next(room_plan for room_plan in morning.plans[0].rooms if room_plan.room == room)
    return [place.kit.code for place in plan.places + plan.spares if place.kit.code]


def protocols(site: Path) -> dict[tuple[str, str], str]:
    """(exam, room) -> all that the printed protocol says."""
    return {
        (path.parts[-3], path.parts[-2]): "\n".join(page.extract_text() for page in PdfReader(path).pages)
        for path in sorted((site / "out").rglob("5-protocol.pdf"))
    }


def on_template(text: str) -> bool:
    return PROTOCOL_TITLE in " ".join(text.split())


def notices(ran: Ran) -> dict[str, list[str]]:
    return {exam["id"]: exam["notices"] for exam in ran.json["exams"]}


def test_the_template_is_filled_for_its_exams_and_ours_printed_for_the_others(school: Path) -> None:
    done = run(school, "print", "матем", "--what", "protocol", "--json")
    assert done.code == Exit.INCOMPLETE, done.err
    assert notices(done) == {"ma-7a": [], "ma-7b": []}
    run(school, "print", "англ", "--what", "protocol")
    printed = protocols(school)
    assert {key for key, text in printed.items() if on_template(text)} == {
        key for key in printed if key[0] in MATHEMATICS
    }
    assert {exam for exam, _room in printed} > MATHEMATICS
    for (exam, room), text in printed.items():
        assert re.findall(r"(?<!\d)\d{5}(?!\d)", text) == planned_codes(school, exam, room), (exam, room)


def test_without_libreoffice_the_person_is_told(school: Path, tmp_path: Path) -> None:
    done = run(school, "print", "матем", "--what", "protocol", "--json", PATH=str(tmp_path))
    told = notices(done)["ma-7a"]
    assert len(told) == 1
    assert TEMPLATE in told[0]
    assert "printed in our own form" in told[0]
    assert "LibreOffice is not installed (apt install libreoffice-writer-nogui)" in told[0]
    printed = protocols(school)
    assert {exam for exam, _room in printed} == MATHEMATICS
    assert not any(on_template(text) for text in printed.values())
    shown = run(school, "status", "--exam", "ma-7a", PATH=str(tmp_path), LC_ALL="ru_RU.UTF-8").out
    assert "LibreOffice не установлен" in " ".join(shown.split())


def test_a_template_that_cannot_be_filled_stops_nothing_and_is_told(school: Path) -> None:
    template = docx.Document(str(school / "inbox" / TEMPLATE))
    table = template.tables[0]
    for row in table.rows[1:]:
        table._tbl.remove(row._tr)
    changed = io.BytesIO()
    template.save(changed)
    (school / "inbox" / TEMPLATE).write_bytes(changed.getvalue())
    dry = inside(school, "print", "матем", "--what", "protocol", "--dry-run", "--json")
    done = run(school, "print", "матем", "--what", "protocol", "--json")
    assert notices(dry) == notices(done)
    assert "no empty row" in notices(done)["ma-7b"][0]
    printed = protocols(school)
    assert {exam for exam, _room in printed} == MATHEMATICS
    assert not any(on_template(text) for text in printed.values())


def test_a_libreoffice_that_fails_is_tried_once_and_told(school: Path, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    program = tmp_path / "bin" / "soffice"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho called >> '{calls}'\n", encoding="utf-8")
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    done = run(school, "print", "матем", "--what", "protocol", "--json", PATH=path)
    assert calls.read_text(encoding="utf-8").splitlines() == ["called"]
    assert "LibreOffice cannot convert this .docx file" in notices(done)["ma-7a"][0]
    printed = protocols(school)
    assert {exam for exam, _room in printed} == MATHEMATICS
    assert not any(on_template(text) for text in printed.values())
