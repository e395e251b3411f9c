"""Leaks planted in real trees are found, look-alikes are not; what is said gives nothing away."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from bench.audit import School, alarms, look, names, one_seed, school
from bench.leaks.decoys import plant_decoys
from bench.leaks.plants import PLANTS, Planted, plant_leaks
from bench.leaks.tree import Tree, clean_tree
from provision.audit.bounds import Bounds
from provision.audit.gather import Gathered
from provision.audit.machine import Home, Machine, machine_at
from provision.audit.model import Check, Outcome, Report
from provision.audit.sitemodes import apply
from provision.audit.whole import Subject, audit
from provision.audit.words import OUTCOMES, SEVERITIES, TITLES, WHY
from provision.cli.exits import Exit
from provision.ledger import Ledger
from tests.e2e.site import example


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> School:
    return school(tmp_path_factory.mktemp("school"))


@pytest.fixture(scope="module")
def leaking(here: School, tmp_path_factory: pytest.TempPathFactory) -> tuple[Tree, list[Planted], Report]:
    """Every kind of leak at once, beside all look-alikes."""
    folder = tmp_path_factory.mktemp("leaking")
    tree = clean_tree(folder / "disk", 77)
    plant_decoys(tree, here.found, folder)
    planted = plant_leaks(tree, here.found, folder, sorted(PLANTS))
    return tree, planted, look(tree, here.gathered)


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return clean_tree(tmp_path / "disk", 1)


def test_forty_leaks_of_different_kinds_are_found_and_nothing_else(here: School, tmp_path: Path) -> None:
    for seed in (1001, 1002):
        planted, missed, false = one_seed(tmp_path / str(seed), seed, here)
        assert len(planted) == 40
        assert [one.kind for one in missed] == []
        assert [(one.check, one.place) for one in false] == []


def test_every_kind_of_leak_is_found_beside_all_others(leaking: tuple[Tree, list[Planted], Report]) -> None:
    tree, planted, report = leaking
    assert len(planted) == len(PLANTS) >= 50
    found = alarms(report)
    assert [one.kind for one in planted if not any(names(finding, one, tree) for finding in found)] == []


def test_a_clean_computer_is_clean_and_all_was_looked_at(here: School, tree: Tree) -> None:
    report = look(tree, here.gathered)
    assert [
        (one.check, one.place, str(one.what)) for one in report.findings if one.outcome is not Outcome.OK
    ] == []
    assert report.clean


def test_every_finding_has_a_reason_a_cure_and_a_severity(
    leaking: tuple[Tree, list[Planted], Report],
) -> None:
    assert set(TITLES) == set(WHY) == set(Check)
    for finding in leaking[2].findings:
        assert OUTCOMES[finding.outcome]
        if finding.outcome is not Outcome.OK:
            assert str(finding.cure), finding
            assert SEVERITIES[finding.severity], finding
        assert str(finding.what)


def test_nothing_confidential_is_said(here: School, leaking: tuple[Tree, list[Planted], Report]) -> None:
    """Codes, ciphers and names, planted in contents and in names of files, stand nowhere in the report."""
    tree, _planted, _report = leaking
    code, pupil, cipher = here.found.codes[5], here.found.pupil, here.found.cipher
    surname = pupil.split()[0]
    for name in (f"{pupil} {code}.txt", f"{surname}_{code}.txt", f"для {surname}у.txt", f"x{cipher}.txt"):
        tree.write(f"~/Рабочий стол/{name}", f"{pupil} {code}\n")
    report = look(tree, here.gathered)
    said = "\n".join(f"{one.place} {one.what} {one.cure} {one!r}" for one in report.findings)
    assert "…" in said
    assert cipher not in said
    assert surname.casefold() not in said.casefold()
    assert not [one for one in here.found.codes if one in said]


def test_what_was_not_looked_at_is_never_clean(here: School, tree: Tree) -> None:
    tree.write("~/Загрузки/big.bin", b"\1\2" * 200_000)
    tree.write("~/Загрузки/x/y/z.txt", "x")
    subject = Subject(tree.site, tree.site / ".provision", here.gathered)
    machine = machine_at(tree.root)
    for bounds, reason in (
        (Bounds(files=3), "beyond the number of files"),
        (Bounds(seconds=0), "beyond the time"),
        (Bounds(total_bytes=1), "beyond the amount of data"),
        (Bounds(file_bytes=1000), "too big"),
        (Bounds(depth=1), "too deep"),
    ):
        report = audit(machine, subject, bounds)
        assert not report.clean
        assert any(reason in str(one.what) for one in report.of(Outcome.NOT_CHECKED)), reason


def test_closed_stores_and_archives_are_told_of(here: School, tree: Tree) -> None:
    sealed = here.found.archives["5d1f0c2e.zip"][:-9] + b"x" * 9
    tree.write("~/.local/share/TelegramDesktop/tdata/key_datas", b"TDF$")
    tree.write("~/Documents/Outlook Files/a.pst", b"!BDN")
    tree.write("~/Загрузки/half.zip", sealed[:2000])
    said = {(one.check, str(one.what)) for one in look(tree, here.gathered).of(Outcome.NOT_CHECKED)}
    assert any(check is Check.MESSENGERS and "only Telegram reads: 1" in what for check, what in said)
    assert any(check is Check.MAIL and "Outlook's data files: 1" in what for check, what in said)
    assert any(check is Check.DOWNLOADS and "damaged" in what for check, what in said)


def test_without_materials_nothing_can_be_called_clean(tree: Tree) -> None:
    report = look(tree, Gathered())
    assert [one.check for one in report.of(Outcome.NOT_CHECKED)] == [Check.KNOWLEDGE]


def test_links_lead_nowhere(here: School, tree: Tree, tmp_path: Path) -> None:
    outside = tmp_path / "outside.pdf"
    outside.write_bytes(next(iter(here.found.variants.values())))
    (tree.home / "Загрузки/a.pdf").symlink_to(outside)
    (tree.home / "Загрузки/loop").symlink_to(tree.home)
    tree.write("/etc/samba/smb.conf", "").unlink()
    (tree.root / "etc/samba/smb.conf").symlink_to("/etc/passwd")
    (tree.home / ".bash_history").symlink_to(outside)
    os.mkfifo(tree.home / "Загрузки/pipe")
    assert look(tree, here.gathered).clean


def test_other_peoples_homes_are_said_to_be_unseen(here: School, tree: Tree) -> None:
    machine = Machine(tree.root, (Home(tree.home, tree.user),), 2, alive=False)
    report = audit(machine, Subject(tree.site, tree.site / ".provision", here.gathered))
    (unseen,) = report.of(Outcome.NOT_CHECKED)
    assert unseen.check is Check.HOME
    assert "only root may read: 2" in str(unseen.what)


def test_an_audit_changes_nothing_and_a_fix_only_rights(here: School, tree: Tree) -> None:
    rng = random.Random(3)
    kinds = [
        "site open to others",
        "key that all can read",
        "variant in downloads",
        "cipher in bash's history",
    ]
    plant_leaks(tree, here.found, tree.root, kinds)
    inbox = tree.site / "inbox"
    (inbox / "link").symlink_to(tree.home / ".bashrc")
    tree.write("~/.bashrc", str(rng.random()), 0o644)
    before = _state(tree.root)
    report = look(tree, here.gathered)
    assert {path: about for path, about in _state(tree.root).items() if "ledger.sqlite3" not in path} == {
        path: about for path, about in before.items() if "ledger.sqlite3" not in path
    }
    fixes = [fix for finding in report.findings for fix in finding.fixes]
    assert apply(tuple(fixes)) == len(fixes) >= 4
    again = look(tree, here.gathered)
    assert {one.check for one in alarms(again)} == {Check.DOWNLOADS, Check.SHELLS}
    assert (tree.home / ".bashrc").stat().st_mode & 0o777 == 0o644
    assert {path: about[1:] for path, about in _state(tree.root).items() if "ledger" not in path} == {
        path: about[1:] for path, about in before.items() if "ledger" not in path
    }


def _state(root: Path) -> dict[str, tuple[int, int, bytes]]:
    """Every file: rights, time of change, content."""
    return {
        str(path.relative_to(root)): (path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def test_who_opened_what_is_told(here: School, tree: Tree) -> None:
    report = look(tree, here.gathered)
    (access,) = report.accesses
    assert (access.who, str(access.what)) == (tree.user, "opened the vault (specialist, by passphrase)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("command"))


def run_audit(site: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("provision")), "audit", "--site", str(site), *words]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
        timeout=120,
        check=False,
    )


def test_json_pdf_and_exit_code(
    here: School, site: Path, leaking: tuple[Tree, list[Planted], Report], tmp_path: Path
) -> None:
    tree = leaking[0]
    pdf = tmp_path / "audit.pdf"
    ran = run_audit(site, "--root", str(tree.root), "--json", "--pdf", str(pdf))
    assert ran.returncode == Exit.LEAKS, ran.stderr
    told = json.loads(ran.stdout)
    assert told["leaks"] >= 30
    assert {"check", "outcome", "severity", "place", "what", "why", "cure"} == set(told["findings"][0])
    text = subprocess.run(
        ["pdftotext", "-layout", pdf, "-"], capture_output=True, text=True, check=True
    ).stdout
    assert pdf.stat().st_mode & 0o077 == 0
    for said in (ran.stdout, ran.stderr, text):
        assert here.found.cipher not in said
        assert here.found.pupil.split()[0] not in said
        assert not [code for code in here.found.codes if code in said]


def test_a_clean_tree_ends_well(site: Path, tree: Tree) -> None:
    site.chmod(0o700)
    ran = run_audit(site, "--root", str(tree.root))
    assert ran.returncode == Exit.DONE, ran.stdout + ran.stderr
    assert "Leaks: 0, risks: 0, not checked: 0" in ran.stdout


def test_what_it_found_is_recorded_of_this_computer_alone(site: Path, tree: Tree) -> None:
    Ledger(site / ".provision" if (site / ".provision").is_dir() else _state_of(site)).close()
    run_audit(site, "--root", str(tree.root))
    ran = run_audit(site, "--seconds", "1", "--json")
    assert ran.returncode in {Exit.LEAKS, Exit.INCOMPLETE}
    ledger = Ledger(site / ".provision")
    (event,) = ledger.events(["audit"])
    ledger.close()
    told = json.loads(ran.stdout)
    assert event.body["findings"] == told["leaks"] + told["risks"]
    assert event.body["not_checked"] == told["not_checked"] > 0
    assert set(event.body["checks"].values()) <= set(Outcome)


def _state_of(site: Path) -> Path:
    (site / ".provision").mkdir(mode=0o700)
    return site / ".provision"
