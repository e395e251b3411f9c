"""Papers made for several printers at once are the same as made one after another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from provision.example.build import build
from provision.rooms import Morning, Scope, Todo
from provision.site.site import open_site
from provision.survey import survey
from provision.work import What

EXAMS = frozenset({"ma-7a", "ma-7b"})


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Morning:
    site = tmp_path_factory.mktemp("papers") / "school"
    build(site)
    return Morning(survey(open_site(site), EXAMS), Scope(EXAMS))


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
