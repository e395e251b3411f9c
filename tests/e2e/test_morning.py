"""One exam morning on paper, end to end, on the example school and folder queues."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import stat
import subprocess
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from tests.e2e.site import ALL_DAYS, command_line, environment, example, only, pdfs, run
from tests.services.process import until

PUPILS = 43


@dataclass(frozen=True, slots=True)
class Printed:
    """The example school after one ``provision rooms``, and what was said before, at and after it."""

    site: Path
    dry: dict[str, Any]
    between: list[Path]
    said: str
    status: dict[str, Any]


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Printed:
    site = example(tmp_path_factory.mktemp("morning"))
    dry = run(site, "rooms", *ALL_DAYS, "--dry-run", "--json")
    assert dry.code == 0, dry.err
    between = pdfs(site)
    done = run(site, "rooms", *ALL_DAYS)
    assert done.code == 0, done.err + done.out
    return Printed(site, dry.json, between, done.out, run(site, "status", *ALL_DAYS, "--json").json)


@pytest.fixture
def morning(printed: Printed) -> Path:
    """The printed school's site."""
    return printed.site


def kit_files(site: Path, exam: str) -> list[Path]:
    return [path for path in pdfs(site) if f"/{exam}/" in str(path) and re.match(r"[23]-", path.name)]


def codes_in(path: Path) -> list[str]:
    """The code stamped on each page of a kit."""
    return [re.findall(r"(?<!\d)(\d{5})(?!\d)", page.extract_text())[-1] for page in PdfReader(path).pages]


def listed_codes(site: Path) -> set[str]:
    """Every five-digit cell of the workbooks in the inbox."""
    found: set[str] = set()
    for path in (site / "inbox").glob("*.xlsx"):
        for sheet in openpyxl.load_workbook(path):
            for row in sheet.iter_rows(values_only=True):
                found |= {str(cell) for cell in row if re.fullmatch(r"\d{5}", str(cell))}
    return found


def test_every_room_is_ready(printed: Printed) -> None:
    status = printed.status
    assert status["schema_version"] == 1
    states = {(exam["id"], room["room"]): room["state"] for exam in status["exams"] for room in exam["rooms"]}
    assert len(states) >= 4
    assert states.pop(("en-7a-2", "204")) == "lab", "papers make no oral exam ready"
    assert set(states.values()) == {"ready"}


def test_there_is_exactly_one_kit_per_pupil_plus_the_spares(printed: Printed) -> None:
    morning = printed.site
    for exam in printed.status["exams"]:
        files = kit_files(morning, exam["id"])
        planned = sum(room["done"].get("kits", {"planned": 0})["planned"] for room in exam["rooms"])
        assert len(files) == planned, exam["id"]
    written = kit_files(morning, "ma-7a") + kit_files(morning, "ma-7b")
    assert len([path for path in written if path.name.startswith("2-")]) == PUPILS
    assert len([path for path in written if path.name.startswith("3-")]) == 2


def test_every_kit_has_one_code_on_all_its_pages_and_no_code_two_kits(morning: Path) -> None:
    listed = listed_codes(morning)
    codes: Counter[str] = Counter()
    for path in kit_files(morning, "ma-7a") + kit_files(morning, "ma-7b"):
        on_pages = set(codes_in(path))
        assert len(on_pages) == 1, path.name
        assert on_pages <= listed
        codes += Counter(on_pages)
    assert len(codes) == PUPILS + 2
    assert set(codes.values()) == {1}


def test_a_second_run_prints_nothing(morning: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in pdfs(morning)}
    again = run(morning, "rooms", *ALL_DAYS, "--json")
    assert again.code == 0
    assert again.json["printed"] == {"documents": 0, "sheets": 0}
    assert {path: path.stat().st_mtime_ns for path in pdfs(morning)} == before


def test_dry_run_writes_nothing_and_tells_everything(printed: Printed) -> None:
    assert printed.between == []
    files = pdfs(printed.site)
    assert len(printed.dry["todo"]) == len(files)
    sheets = sum(one["sheets"] for one in printed.dry["todo"])
    assert sheets == sum(len(PdfReader(path).pages) for path in files)
    assert f"Printed now: {len(files)} documents, {sheets} sheets." in printed.said


def test_files_are_for_the_owner_alone(morning: Path) -> None:
    assert {stat.S_IMODE(path.stat().st_mode) for path in pdfs(morning)} == {0o600}
    assert stat.S_IMODE((morning / ".provision").stat().st_mode) == 0o700


def test_the_record_is_whole_and_holds_no_name_code_or_cipher(morning: Path) -> None:
    assert run(morning, "ledger", "verify", "--json").json["events"] > PUPILS
    secrets = listed_codes(morning) | canaries(morning)
    for path in (morning / ".provision").iterdir():
        data = path.read_bytes()
        for text in secrets:
            if not re.fullmatch(r"\d{5}", text):  # five digits are met by chance in hashes
                assert text.encode() not in data, path.name
    events = (morning / ".provision" / "ledger.sqlite3").read_bytes()
    stamped = {code for path in kit_files(morning, "ma-7a") for code in codes_in(path)}
    assert not [code for code in stamped if b'"' + code.encode() + b'"' in events]


def canaries(site: Path) -> set[str]:
    """Surnames of the pupils, and the ciphers: what must never be seen outside paper."""
    rows = openpyxl.load_workbook(site / "participants.xlsx").active.iter_rows(values_only=True)
    names = {str(cell).split()[0] for row in list(rows)[1:] for cell in row[1:3] if cell}
    ciphers = {
        word
        for path in (site / "inbox").glob("*.txt")
        for word in re.findall(r"[A-Za-z0-9-]{8,}", path.read_bytes().decode("cp1251", "replace"))
    }
    return {text for text in names | ciphers if len(text) > 5}


def documents(site: Path) -> list[tuple[str, ...]]:
    """Exam, room and name of every document, of whichever printer."""
    return sorted(path.parts[-3:] for path in pdfs(site))


def test_one_subject_one_room_some_documents(tmp_path: Path, morning: Path) -> None:
    site = example(tmp_path)
    done = run(site, "print", "матем", "--class", "7а", "--room", "201", "--what", "codes,protocol", "--json")
    assert done.code == 7, done.err  # the kits of the room are still to be printed
    assert [path.name for path in pdfs(site)] == ["5-protocol.pdf", "6-codes.pdf"]
    assert run(site, "rooms", "--exam", "ma-7a").code == 0
    assert documents(site) == [one for one in documents(morning) if one[0] == "ma-7a"]


def killed(site: Path, when: Callable[[], bool], what: str) -> None:
    """Begin to print the whole school, and kill the run at a moment of its work."""
    process = subprocess.Popen(
        command_line(site, "rooms", *ALL_DAYS),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        until(lambda: when() or process.poll() is not None, what, seconds=120, pause=0.005)
        assert process.poll() is None, "it is still at work"
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_killed_anywhere_and_run_again_it_finishes(tmp_path: Path, morning: Path) -> None:
    """Killed before the first document, and while the runs that go on with its work are printing."""
    site = example(tmp_path)
    killed(site, (site / ".provision" / "lock").exists, "the start of the work")
    for number in (1, 20, 60):
        assert len(pdfs(site)) < number < len(pdfs(morning))
        killed(site, lambda: len(pdfs(site)) >= number, f"document {number}")  # noqa: B023 - called in this turn
    assert run(site, "rooms", *ALL_DAYS).code == 0
    assert documents(site) == documents(morning), "each once, whichever printer of the pool took the room"
    bundles = {path.parent for path in pdfs(site)}
    assert len({folder.parts[-2:] for folder in bundles}) == len(bundles), "no room is divided"


def test_two_at_once_do_not_meet(tmp_path: Path) -> None:
    site = example(tmp_path)
    words = ("rooms", "--exam", "ma-7b")
    first = subprocess.Popen(
        command_line(site, *words, "--json"), env=environment(), stdout=subprocess.PIPE, text=True
    )
    until((site / ".provision" / "lock").exists, "the first one at work", seconds=60)
    second = run(site, *words)
    out, _ = first.communicate(timeout=120)
    assert (first.returncode, second.code) in {(0, 9), (0, 0)}
    found = pdfs(site)
    sheets = sum(len(PdfReader(path).pages) for path in found)
    assert json.loads(out)["printed"] == {"documents": len(found), "sheets": sheets}


def test_a_missing_cipher_stops_its_exams_and_no_other(tmp_path: Path) -> None:
    site = only(example(tmp_path), "ma-7a", "ma-7b", "en-7b")
    status = run(site, "intake", "--json").json
    archive = next(a for a in status["arrivals"] if a["kind"] == "tasks" and "ma-7a" in a["exams"])
    (site / "inbox" / archive["opened_by"]).unlink()
    done = run(site, "rooms", *ALL_DAYS, "--json")
    assert done.code == 4
    states = {exam["id"]: exam["state"] for exam in done.json["exams"]}
    assert states["ma-7a"] == states["ma-7b"] == "blocked"
    assert states["en-7b"] == "ready"
    assert {path.parts[-3] for path in pdfs(site)}.isdisjoint({"ma-7a", "ma-7b"})
    restored = example(tmp_path / "again")
    shutil.copy(restored / "inbox" / archive["opened_by"], site / "inbox")
    assert run(site, "rooms", *ALL_DAYS).code == 0


def test_a_late_pupil_and_an_absent_one(tmp_path: Path, morning: Path) -> None:
    site = shutil.copytree(morning, tmp_path / "school")
    before = {path: path.read_bytes() for path in pdfs(site)}
    book = openpyxl.load_workbook(site / "participants.xlsx")
    sheet = book.active
    sheet.insert_rows(3)
    for column in range(1, sheet.max_column + 1):
        sheet.cell(3, column).value = sheet.cell(2, column).value if column == 1 else None
    sheet.cell(3, 2).value = "Опоздавшая Мария Ивановна"
    book.save(site / "participants.xlsx")
    done = run(site, "rooms", "--exam", "ma-7a", "--json")
    assert done.code == 0, done.err
    assert {path: path.read_bytes() for path in before} == before
    fresh = [path.name for path in pdfs(site) if path not in before]
    assert sorted(name[:2] for name in fresh) == ["1-", "2-", "5-", "6-"]
    assert run(site, "rooms", "--exam", "ma-7a", "--json").json["printed"]["documents"] == 0


def test_the_summary_says_what_a_person_needs(printed: Printed) -> None:
    morning = printed.site
    assert printed.said.count("READY") >= 4
    assert "Printed now:" in printed.said
    russian = run(morning, "status", *ALL_DAYS, LC_ALL="ru_RU.UTF-8").out
    assert "ГОТОВО" in russian
    for text in (*canaries(morning), *listed_codes(morning)):
        assert text not in russian
