"""Papers made for several printers at once are the same as made one after another."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import docx
import pytest

from provision.intake.codes import read_codes
from provision.intake.model import CodeList
from provision.rooms import Morning, Scope, Todo
from provision.site.site import open_site
from provision.survey import survey
from provision.work import What
from tests.e2e.site import example

EXAMS = frozenset({"ma-7a", "ma-7b"})


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    site = example(tmp_path_factory.mktemp("papers"))
    opened = Morning(survey(open_site(site), EXAMS), Scope(EXAMS))
    yield opened
    opened.survey.ledger.close()


def small(morning: Morning) -> list[Todo]:
    return [one for one in morning.todo() if one.item.what is not What.KITS]


def test_two_printers_at_once_get_the_same_papers(morning: Morning) -> None:
    items = [one.item for one in small(morning)]
    alone = [morning.papers.make(item) for item in items]
    with ThreadPoolExecutor(max_workers=4) as pool:
        for _round in range(3):
            assert list(pool.map(morning.papers.make, items)) == alone


def test_the_sheets_promised_are_the_sheets_made(morning: Morning) -> None:
    todo = small(morning)
    assert {one.item.what for one in todo} == set(What) - {What.KITS}
    assert all(one.sheets == morning.papers.sheets(one.item) >= 1 for one in todo)


def test_kits_of_different_rooms_are_written_at_once(morning: Morning) -> None:
    kits = [one.item for one in morning.todo() if one.item.what is What.KITS][::8]
    alone = [morning.papers.make(item) for item in kits]
    with ThreadPoolExecutor(max_workers=4) as pool:
        assert list(pool.map(morning.papers.make, kits)) == alone


@pytest.mark.parametrize("ending", ["txt", "docx"])
def test_a_briefing_that_has_lost_its_bold_type_is_told(tmp_path: Path, ending: str) -> None:
    site = example(tmp_path)
    inbox = site / "inbox"
    document = docx.Document(str(inbox / "Документ1.docx"))
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            run.bold = False
    (inbox / "Документ1.docx").unlink()
    if ending == "docx":
        document.save(str(inbox / "briefing.docx"))
    else:
        text = "\r\n\r\n".join(paragraph.text for paragraph in document.paragraphs)
        (inbox / "briefing.txt").write_bytes(text.encode("cp1251"))
    morning = Morning(survey(open_site(site), EXAMS), Scope(EXAMS))
    morning.survey.ledger.close()
    (notice,) = morning.papers.notices("ma-7a", morning.plans[0].rooms)
    assert "speaks of bold type and has none" in notice.template
    assert notice.params == {"file": f"briefing.{ending}"}


def test_a_briefing_with_its_bold_type_is_not_spoken_of(morning: Morning) -> None:
    assert morning.papers.notices("ma-7a", morning.plans[0].rooms) == ()


def test_a_small_paper_is_drawn_once(morning: Morning) -> None:
    """Counted for the summary, counted for the cover, then sent: 40 rooms would be drawn three times over."""
    for one in small(morning):
        assert morning.papers.make(one.item) is morning.papers.make(one.item)


def test_a_list_of_codes_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = example(tmp_path)
    read: list[Path] = []

    def counted(path: Path, pattern: str) -> CodeList:
        read.append(path)
        return read_codes(path, pattern)

    monkeypatch.setattr("provision.survey.read_codes", counted)
    survey(open_site(site), EXAMS).ledger.close()
    assert len(read) == len(set(read)) >= 1
