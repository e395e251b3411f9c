"""After the exam day: the whole day sealed for the deputy, and what was kept long enough removed."""

from __future__ import annotations

import datetime as dt
import os
from importlib import resources
from pathlib import Path

import pytest

from provision.downloads import take
from provision.example import letters, tables
from provision.handover import hand_over
from provision.intake.catalog import judged
from provision.ledger import Ledger
from provision.ledger.arrivals import arrived
from provision.runbook.board import Level, State
from provision.runbook.look import board
from provision.safe import Safe
from provision.secret import Secret
from provision.site.site import Site, open_site
from provision.vault import Kind, OpenVault
from provision.vault.archive import unseal
from provision.wipe import NothingToWipe, Sort, plan, wipe

DAY = dt.date(2027, 4, 15)
PHRASE = Secret("ключ от хранилища школы")
CRITERIA = "Критерии оценивания\nМатематика, 7 класс\n7А, 7Б\n"


@pytest.fixture(scope="module", name="kept")
def _kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Safe, OpenVault]:
    """A school on the evening: codes in the inbox, criteria in the vault, prints, marks, answers."""
    root = tmp_path_factory.mktemp("after") / "school"
    root.mkdir()
    inventory = resources.files("provision.site") / "inventory.example.yaml"
    (root / "inventory.yaml").write_bytes(inventory.read_bytes())
    (root / "participants.xlsx").write_bytes(tables.participants_workbook())
    (root / "procedure.yaml").write_text("keep: {answers: 90}\n", encoding="utf-8")
    site = open_site(root, lambda: dt.datetime(2027, 4, 15, 18, tzinfo=dt.UTC))
    safe, _paper = Safe.create(site, "specialist", PHRASE)
    for name, content, into in (
        ("коды.xlsx", tables.codes_workbook(), None),
        ("инструктаж.docx", letters.briefing(), None),
        ("критерии.txt", CRITERIA.encode(), safe),
    ):
        (root / name).write_bytes(content)
        arrival = judged(root / name, site.inbox, site.inventory)
        take(site, safe.ledger, root / name, arrival, into)
    for path in (
        "out/print/laser/ma-7a/201/cover.pdf",
        "out/other.pdf",
        ".provision/marks/ma-7a.1.json",
        ".provision/answers/204/1А/answer.wav",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"content")
    safe.put_bytes("answers/204/1А/answer.wav", Kind.ANSWERS, b"content")
    return site, safe, safe.vault.open("specialist", PHRASE)


def test_a_day_is_handed_over_sealed(kept: tuple[Site, Safe, OpenVault], tmp_path: Path) -> None:
    site, safe, vault = kept
    seen = board(site, DAY)
    assert seen.facts["A1"].level is Level.OPEN  # criteria for mathematics only
    assert seen.facts["A1"].said is not None
    assert seen.facts["A1"].said.params == {"done": 2, "total": 5}
    phrase = Secret("фраза для заместителя")
    done = hand_over(seen, safe, vault, tmp_path / "day.tar", phrase, "README", names=True)
    assert (done.items, done.left_out) == (7, 0)
    names = unseal(tmp_path / "day.tar", phrase, tmp_path / "opened")
    prefix = "day/2027-04-15"
    assert {*names} == {
        "CONTENTS.txt",
        f"{prefix}/journal.pdf",
        f"{prefix}/checklist.pdf",
        f"{prefix}/ledger.jsonl",
        f"{prefix}/inbox/коды.xlsx",
        f"{prefix}/inbox/инструктаж.docx",
        "критерии.txt",
        "answers/204/1А/answer.wav",
    }
    assert (tmp_path / "opened" / "критерии.txt").read_text("utf-8") == CRITERIA
    lines = (tmp_path / "opened" / prefix / "ledger.jsonl").read_text("utf-8").splitlines()
    assert len(lines) >= 3
    bare = hand_over(seen, safe, vault, tmp_path / "bare.tar", phrase, "README", names=False)
    assert (bare.items, bare.left_out) == (4, 3)
    told = unseal(tmp_path / "bare.tar", phrase, tmp_path / "bare")
    assert not any("коды" in name or "журнал" in name or "journal" in name for name in told)
    assert sum(item.name == f"{prefix}/journal.pdf" for item in vault.items()) == 1


def test_what_was_kept_long_enough_goes_and_the_rest_stays(kept: tuple[Site, Safe, OpenVault]) -> None:
    site, safe, vault = kept
    ledger = Ledger(site.state)
    soon = plan(site, ledger, DAY, DAY + dt.timedelta(days=59), vault)
    assert soon.due == ()
    with pytest.raises(NothingToWipe):
        wipe(board(site, DAY), ledger, soon, safe, vault, lambda _target: None)
    locked = plan(site, ledger, DAY, DAY + dt.timedelta(days=60), None)
    assert locked.locked >= 1
    found = plan(site, ledger, DAY, DAY + dt.timedelta(days=60), vault)
    assert {one.sort for one in found.due} == {Sort.MATERIALS, Sort.PRINTS}
    assert {one.sort for one in found.later} == {Sort.MARKS, Sort.ANSWERS}
    before = board(site, DAY)
    proved = {name for name, fact in before.facts.items() if fact.level is Level.PROVED}
    other = site.root / "still"
    os.link(site.inbox / "коды.xlsx", other)  # another name: not gone, and told so
    done = wipe(before, ledger, found, safe, vault, lambda _target: None)
    assert [path.name for path in done.stayed] == ["коды.xlsx"]
    rows = {row.id: row for row in board(site, DAY).at(site.now())}
    assert rows["W1"].state.open
    assert {name for name in proved if rows[name].state is not State.PROVED} == set()
    assert not (site.root / "out/print/laser/ma-7a/201/cover.pdf").exists()
    assert (site.root / "out/other.pdf").exists()
    assert (site.root / ".provision/marks/ma-7a.1.json").exists()
    assert "критерии.txt" not in {item.name for item in vault.items()}
    assert arrived(ledger)  # the record stays

    late = plan(site, ledger, DAY, DAY + dt.timedelta(days=400), vault)
    assert {one.sort for one in late.due} == {Sort.MARKS, Sort.ANSWERS}
    wipe(board(site, DAY), ledger, late, safe, vault, lambda _target: None)
    assert not [item for item in vault.items() if item.kind is Kind.ANSWERS]
    last = {row.id: row for row in board(site, DAY).at(site.now())}
    assert last["W1"].state is State.PROVED
    assert ledger.verify()[0] > 5
