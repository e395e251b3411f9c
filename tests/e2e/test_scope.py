"""What a command means is what it shows: no exam of another room, no waiting that is none."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from tests.e2e.site import example, inside


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("scope"))


def test_a_room_that_no_exam_uses_is_an_error_and_not_done(school: Path) -> None:
    done = inside(school, "rooms", "--exam", "ma-7a", "--room", "204", "--json")
    assert (done.code, done.json["error"]) == (3, "no-such-thing")
    assert "201" in done.json["message"]


def test_a_room_shows_its_own_exams_only(school: Path) -> None:
    status = inside(school, "status", "--room", "204", "--json").json
    assert [exam["id"] for exam in status["exams"]] == ["en-7a-2"]


def test_an_exam_without_anybody_waits_for_nothing(school: Path) -> None:
    """All of 7А are away: nothing is missing, and nothing is ready either."""
    book = openpyxl.load_workbook(school / "participants.xlsx")
    sheet = book.active
    assert sheet is not None
    column = sheet.max_column + 1
    sheet.cell(1, column).value = "Отсутствует"
    for row in range(2, sheet.max_row + 1):
        if str(sheet.cell(row, 1).value).replace(" ", "").upper().startswith("7А"):
            sheet.cell(row, column).value = "да"
    book.save(school / "participants.xlsx")
    status = inside(school, "status", "--json").json
    states = {exam["id"]: exam["state"] for exam in status["exams"]}
    assert (states["ma-7a"], states["ma-7b"]) == ("nobody", "todo")


def test_an_exam_that_cannot_be_planned_does_not_wait_for_materials(school: Path) -> None:
    inventory = school / "inventory.yaml"
    inventory.write_text(inventory.read_text(encoding="utf-8").replace("variants: 2", "variants: 3"))
    done = inside(school, "rooms", "--exam", "ma-7b", "--json")
    assert (done.code, done.json["exams"][0]["state"]) == (5, "refused")
