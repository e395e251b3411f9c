"""After the exam day: the whole day sealed for the deputy, and what was kept long enough removed."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import shutil
import threading
from importlib import resources
from pathlib import Path

import pytest

from labcheck.keeping import Listed
from provision.answervault import AnswerVault
from provision.belongings import Sort
from provision.cli.lab_answers import outcome_json, outcome_lines
from provision.downloads import take
from provision.example import letters, tables
from provision.forms.desk import named
from provision.forms.marks_vault import marks_of
from provision.forms.standing import uploaded
from provision.handover import hand_over
from provision.intake.catalog import judged
from provision.labanswers import Outcome, collect_answers
from provision.labexam import kept_in
from provision.labroom import bundles
from provision.ledger import Ledger, Refs
from provision.ledger import forms as forms_log
from provision.ledger.arrivals import arrived
from provision.runbook.board import Level, State
from provision.runbook.look import board
from provision.safe import Safe
from provision.secret import Secret
from provision.site.site import Site, open_site
from provision.vault import Kind, OpenVault
from provision.vault.archive import unseal
from provision.vault.errors import VaultMissing
from provision.wipe import NothingToWipe, plan, wipe

DAY = dt.date(2027, 4, 15)
PHRASE = Secret("ключ от хранилища школы")
LATE = DAY + dt.timedelta(days=400)
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
        (root / path).write_bytes(b'{"who": "", "works": []}')
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


PLAIN = {
    "out/print/laser/ma-7a/201/cover.pdf": Sort.PRINTS,
    "out/forms/Форма-заявка.xls": Sort.FORMS,
    "out/forms/Форма-заявка — changes.pdf": Sort.FORMS,
    "forms/Форма сбора результатов МА7.xlsx": Sort.FORMS,  # it may have come with codes
    ".provision/marks/ma-7a.1.json": Sort.MARKS,
    ".provision/answers/204/1А/answer.wav": Sort.ANSWERS,
    "inbox/критерии 7А.txt": Sort.MATERIALS,
}
UNBOUND = {"out/other.pdf", "out/forms/notes.txt", "inbox/что-то.bin", ".provision/evidence/1/room.flac"}
LATER = {".provision/marks/ma-7b.1.json", "inbox/коды.xlsx", "inbox/инструктаж.docx"}
"""Of another day, or of both."""
FEW = CRITERIA.replace(", 7Б", "")


@pytest.fixture(name="full")
def _full(kept: tuple[Site, Safe, OpenVault], tmp_path: Path) -> tuple[Site, Safe, OpenVault]:
    """A site of two exam days, with everything that the software keeps, in the open and in the vault."""
    root = Path(shutil.copytree(kept[0].root, tmp_path / "school"))
    inventory = (root / "inventory.yaml").read_text("utf-8")
    before, exam, after = inventory.partition("id: ma-7b")
    (root / "inventory.yaml").write_text(before + exam + after.replace(str(DAY), "2027-04-16", 1), "utf-8")
    site = open_site(root, kept[0].clock)
    assert {exam.id for exam in site.inventory.exams if exam.date == DAY} >= {"ma-7a", "en-7a"}
    safe = Safe.of(site)
    vault = safe.vault.open("specialist", PHRASE)
    for item in vault.items():
        safe.remove(item.id)
    mapping(root, "application", "Форма-заявка.xls", "application", "[ma-7a]")
    mapping(root, "results-ma-7", "Форма сбора результатов МА7.xlsx", "results", "[ma-7a]")
    (root / "forms/Форма-заявка.xls").write_bytes(b"as downloaded")
    (root / "inbox/критерии 7А.txt").write_text(FEW, encoding="utf-8")
    for path in (*PLAIN, *UNBOUND, *LATER):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        if not (root / path).exists():
            (root / path).write_bytes(b'{"who": "", "works": []}')
    return site, safe, vault


def mapping(root: Path, name: str, file: str, kind: str, exams: str) -> None:
    (root / "forms").mkdir(exist_ok=True)
    marks = "marks: {tasks: {1: 1}}\n" if kind == "results" else ""
    text = f"form: {kind}\ntitle: x\nfile: {file}\nexams: {exams}\n{marks}fields: [{{cell: A!A1, text: x}}]\n"
    (root / "forms" / f"{name}.yaml").write_text(text, encoding="utf-8")


def fill_vault(site: Site, safe: Safe, vault: OpenVault) -> dict[str, Sort | None]:
    """One of each kind by the way that it comes in; name -> what it is of the day, None for what stays."""
    ledger = safe.ledger
    answers = AnswerVault(
        kept_in(site, site.inventory.room("204")), safe, "204", Refs.of_site(site.state, fresh=True)
    )
    data = b"spoken"
    listed = Listed("10001.wav", len(data), hashlib.sha256(data).hexdigest())
    answers.keep("1А", listed, lambda out, offset: out.write(data[offset:]))
    marks = marks_of(site, ledger, vault)
    for exam in ("ma-7a", "ma-7b"):  # what lay in the open goes in, too
        forms_log.record_marks(ledger, exam, 1, "П", 1, "typed", marks.put(exam, 1, "П", []))
    uploaded(site, ledger, named(site, "application"), None, "П")
    (site.root / "критерии.txt").write_text(FEW + "Ещё одна строка\n", encoding="utf-8")
    arrival = judged(site.root / "критерии.txt", site.inbox, site.inventory)
    assert arrival.exams == ("ma-7a",)
    take(site, ledger, site.root / "критерии.txt", arrival, safe)
    for name, kind in (
        ("login", Kind.LOGIN),
        ("ours.txt", Kind.OTHER),
        (f"day/{DAY}/journal.pdf", Kind.OTHER),
    ):
        safe.put_bytes(name, kind, b"stays")
    safe.put_bytes(f"day/{DAY}/inbox/коды.xlsx", Kind.CODES, b"handed over")
    return {
        "answers/204/1А/10001.wav": Sort.ANSWERS,
        "marks/ma-7a.1.json": Sort.MARKS,
        "forms/application/Форма-заявка.xls": Sort.FORMS,
        "forms/application/Форма-заявка — changes.pdf": Sort.FORMS,
        "критерии.txt": Sort.MATERIALS,
        f"day/{DAY}/inbox/коды.xlsx": Sort.MATERIALS,
        "marks/ma-7b.1.json": None,
        "login": None,
        "ours.txt": None,
        f"day/{DAY}/journal.pdf": None,
    }


def files(site: Site) -> set[str]:
    """Where a day's things may lie."""
    tops = ("inbox", "out", "forms", ".provision/marks", ".provision/answers", ".provision/evidence")
    found = (path for top in tops for path in (site.root / top).rglob("*") if path.is_file())
    return {path.relative_to(site.root).as_posix() for path in found if path.suffix != ".yaml"}


def test_a_wiped_day_leaves_nothing_in_the_open(full: tuple[Site, Safe, OpenVault]) -> None:
    """Everything of the day goes, nothing of another; what is nobody's is named."""
    site, safe, _vault = full
    found = plan(site, safe.ledger, DAY, LATE, None)
    there = {one.thing.path.relative_to(site.root).as_posix(): one.thing.sort for one in found.due}
    assert there == PLAIN
    assert {path.relative_to(site.root).as_posix() for path in found.unbound} == UNBOUND
    assert files(site) == {*PLAIN, *UNBOUND, *LATER, "forms/Форма-заявка.xls"}
    done = wipe(board(site, DAY), safe.ledger, found, None, lambda _target: None)
    assert (done.removed, done.stayed) == (len(PLAIN), ())
    assert files(site) == {*UNBOUND, *LATER, "forms/Форма-заявка.xls"}
    empty = [path for path in (site.state / "answers").rglob("*") if path.is_dir()]
    assert empty == [], "not even the name of a room or seat"
    last = [event for event in safe.ledger.events() if event.kind == "wiped"][-1]
    assert last.subject == str(DAY)
    assert last.body["removed"] == {s.value: list(PLAIN.values()).count(s) for s in Sort}
    assert not [name for name in ("коды", "10001", "ma-7a", "answer.wav") if name in str(last.body)]


@pytest.mark.parametrize("locked", [False, True])
def test_the_vaults_items_of_the_day_go_locked_or_open(
    full: tuple[Site, Safe, OpenVault], locked: bool
) -> None:
    """The record knows them without a key; only what was put in by hand is told by its name."""
    site, safe, vault = full
    expected = fill_vault(site, safe, vault)
    sorts = {item.id: expected[item.name] for item in vault.items()}
    assert sorted(item.name for item in vault.items()) == sorted(expected)
    found = plan(site, safe.ledger, DAY, LATE, safe.vault if locked else vault)
    due = {one.thing.item: one.thing.sort for one in found.due if one.thing.item}
    by_hand = {item.id for item in vault.items() if item.name.startswith("day/") and sorts[item.id]}
    of_day = {item: sort for item, sort in sorts.items() if sort is not None}
    assert due == {item: sort for item, sort in of_day.items() if not (locked and item in by_hand)}
    # closed, it cannot be told of login, journal and the copy of codes whose they are; open, only of ours.txt
    assert (found.locked, found.unbound_items) == ((True, 4) if locked else (False, 1))
    done = wipe(board(site, DAY), safe.ledger, found, safe, lambda _target: None)
    assert done.stayed == ()
    left = {item.id for item in vault.items()}
    assert left == {item for item in sorts if item not in due}
    removed = {event.subject for event in safe.ledger.events() if event.kind == "vault-removed"}
    assert removed >= set(due)
    assert safe.standing(deep=True).sound
    row = {row.id: row for row in board(site, DAY).at(site.now())}["W1"]
    assert row.state is State.PROVED if not locked else row.state.open, (
        "not proved while it was not looked at"
    )
    assert plan(site, safe.ledger, DAY, LATE, vault).due == () or locked


def test_a_vault_that_is_not_there_any_more_is_missed(
    full: tuple[Site, Safe, OpenVault], tmp_path: Path
) -> None:
    """Its disk is not connected, say: that is not a site without a vault. Nor is a lost answer forgotten."""
    site, safe, vault = full
    fill_vault(site, safe, vault)
    room = site.inventory.room("204")
    safe.vault.folder.rename(site.root / "elsewhere")
    outcome = collected(site, safe.ledger)
    assert outcome.vaulted is not None
    assert isinstance(outcome.vaulted.error, VaultMissing)
    assert not outcome.complete
    told = "\n".join(outcome_lines(room, outcome, kept_in(site, room)))
    assert "Do not make a new vault" in told
    (site.root / "elsewhere").rename(safe.vault.folder)
    (gone,) = [item for item in vault.items() if item.name == "answers/204/1А/10001.wav"]
    (safe.vault.folder / "items" / f"{gone.id}.age").unlink()
    outcome = collected(site, safe.ledger)
    told = "\n".join(outcome_lines(room, outcome, kept_in(site, room)))
    assert "LOST or damaged in the vault, and not here either: 1." in told
    assert outcome_json(room, outcome, kept_in(site, room))["lost_from_vault"] == 1
    done = hand_over(board(site, DAY), safe, vault, tmp_path / "day.tar", PHRASE, "", names=True)
    assert done.damaged == (gone.id,)
    assert done.items > 5


def collected(site: Site, ledger: Ledger) -> Outcome:
    room = site.inventory.room("204")
    return collect_answers(site, ledger, room, (), bundles(), stop=threading.Event(), tell=lambda _item: None)


def test_what_was_kept_long_enough_goes_and_the_rest_stays(kept: tuple[Site, Safe, OpenVault]) -> None:
    site, safe, vault = kept
    ledger = Ledger(site.state)
    soon = plan(site, ledger, DAY, DAY + dt.timedelta(days=59), vault)
    assert soon.due == ()
    with pytest.raises(NothingToWipe):
        wipe(board(site, DAY), ledger, soon, safe, lambda _target: None)
    found = plan(site, ledger, DAY, DAY + dt.timedelta(days=60), vault)
    assert {one.thing.sort for one in found.due} == {Sort.MATERIALS, Sort.PRINTS}
    assert {one.thing.sort for one in found.later} == {Sort.MARKS, Sort.ANSWERS}
    before = board(site, DAY)
    proved = {name for name, fact in before.facts.items() if fact.level is Level.PROVED}
    other = site.root / "still"
    os.link(site.inbox / "коды.xlsx", other)  # another name: not gone, and told so
    done = wipe(before, ledger, found, safe, lambda _target: None)
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
    assert {one.thing.sort for one in late.due} == {Sort.MARKS, Sort.ANSWERS}
    wipe(board(site, DAY), ledger, late, safe, lambda _target: None)
    assert not [item for item in vault.items() if item.kind is Kind.ANSWERS]
    last = {row.id: row for row in board(site, DAY).at(site.now())}
    assert last["W1"].state is State.PROVED
    assert ledger.verify()[0] > 5
