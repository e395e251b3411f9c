"""Marks and filled forms where there is a vault: in it alone, and nothing is lost on the way."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import pytest

from provision.example.build import build
from provision.forms import desk, standing
from provision.forms.away import lying
from provision.forms.errors import FormNotReady, MarksRefused
from provision.forms.marks import Work
from provision.forms.marks_desk import MarksDesk
from provision.forms.marks_store import SECOND, MarksStore
from provision.forms.marks_vault import MarksVault, marks_of
from provision.ledger import Ledger
from provision.secret import Secret
from provision.site.site import Site, open_site
from provision.vault import Kind, OpenVault, Vault
from provision.vault.errors import VaultLocked
from tests.services.dying import killed_at

CODE = Secret("12345")
FILLED = b"the filled form"


@pytest.fixture(scope="module", name="school")
def _school(tmp_path_factory: pytest.TempPathFactory, template: tuple[Path, Secret]) -> Path:
    folder = tmp_path_factory.mktemp("forms") / "school"
    build(folder)
    shutil.copytree(template[0], open_site(folder).state / "vault")
    return folder


@pytest.fixture
def site(school: Path, tmp_path: Path) -> Site:
    return open_site(Path(shutil.copytree(school, tmp_path / "school")))


def vault_of(site: Site, template: tuple[Path, Secret]) -> OpenVault:
    return Vault(site.state / "vault").open_by_paper(template[1])


def laid(site: Site) -> tuple[Path, ...]:
    """What lies there after filling; a form of the other mapping, and what nobody knows."""
    folder = desk.out_folder(site)
    names = ("Форма-заявка.xls", "Форма-заявка — changes.pdf", "draft-Форма-заявка.xls", "Форма-заявка.pdf")
    for name in (*names, "Форма сбора результатов МА7.xlsx", "notes.txt"):
        (folder / name).write_bytes(FILLED)
    return tuple(folder / name for name in names)


def plain_left(site: Site) -> set[str]:
    return {path.name for path in lying(site)}


def test_an_uploaded_form_goes_into_the_vault_and_its_plain_files_go(
    site: Site, template: tuple[Path, Secret]
) -> None:
    ledger, mapping = Ledger(site.state), desk.named(site, "app")
    files = laid(site)
    assert desk.out_folder(site).stat().st_mode & 0o777 == 0o700
    status = {one.mapping.key: one.open for one in standing.statuses(site, ledger)}
    assert status == {"application": 4, "results-ma-7": 1}
    event = standing.uploaded(site, ledger, mapping, None, "Петрова")
    assert len(event.items) == 4
    assert plain_left(site) == {"Форма сбора результатов МА7.xlsx", "notes.txt"}
    vault = vault_of(site, template)
    assert {(item.name, item.kind, vault.take_bytes(item)) for item in vault.items()} == {
        (f"forms/application/{path.name}", Kind.FORM, FILLED) for path in files
    }
    with pytest.raises(FormNotReady):
        standing.uploaded(site, ledger, mapping, None, "Петрова")
    # a file that a person filled elsewhere is taken in too; it is theirs, and stays
    other = site.root / "Форма-заявка.xls"
    other.write_bytes(b"by hand")
    assert len(standing.uploaded(site, ledger, mapping, other, "Петрова").items) == 1
    assert other.exists()


def test_a_vault_that_refuses_keeps_the_form_where_it_is(site: Site) -> None:
    laid(site)
    (site.state / "vault/parts").rmdir()
    with pytest.raises(OSError, match="parts"):
        standing.uploaded(site, Ledger(site.state), desk.named(site, "app"), None, "Петрова")
    assert len(plain_left(site)) == 6
    assert {one.state for one in standing.statuses(site, Ledger(site.state))} == {standing.State.TO_FILL}


def test_marks_lie_in_the_vault_alone_and_are_compared_there(
    site: Site, template: tuple[Path, Secret]
) -> None:
    ledger = Ledger(site.state)
    tasks = dict.fromkeys(MarksDesk(site, ledger, "ma-7a", MarksStore(site.state)).rules.tasks, "1")
    MarksStore(site.state).put("ma-7a", 1, "Петрова", [Work(CODE, "1", tasks)])  # before there was a vault
    with pytest.raises(VaultLocked):
        marks_of(site, ledger)
    vault = vault_of(site, template)
    marks = MarksDesk(site, ledger, "ma-7a", marks_of(site, ledger, vault))
    assert not list((site.state / "marks").iterdir())
    with pytest.raises(MarksRefused):
        marks.put(SECOND, "петрова", [Work(CODE, "1", tasks)], "typed")
    marks.put(SECOND, "Орлов", [Work(CODE, "1", {**tasks, "5": "0"})], "typed")
    assert len(marks.sum().differences) == 1
    again = MarksDesk(site, ledger, "ma-7a", marks_of(site, ledger, vault))  # another day
    again.put(SECOND, "Орлов", [Work(CODE, "1", tasks)], "typed")
    assert again.sum().differences == ()
    assert desk.entered(again.mapping, marks_of(site, ledger, vault))[1] == []
    assert sorted(item.name for item in vault.items()) == ["marks/ma-7a.1.json", "marks/ma-7a.2.json"]
    assert CODE.reveal() not in str([(event.subject, event.body) for event in ledger.events()])
    assert not [path for path in site.state.rglob("*") if path.is_file() and b"12345" in path.read_bytes()]


def test_killed_at_every_step_of_uploading_nothing_is_lost(site: Site, template: tuple[Path, Secret]) -> None:
    Ledger(site.state)
    number, status = 0, -signal.SIGKILL
    while status == -signal.SIGKILL:
        number += 1
        files = {path.name for path in laid(site)}
        mapping = desk.named(site, "app")
        status = killed_at(number, lambda: standing.uploaded(site, Ledger(site.state), mapping, None, "П"))  # noqa: B023
        vault = vault_of(site, template)
        sealed = {item.name.rpartition("/")[2] for item in vault.items() if vault.take_bytes(item) == FILLED}
        assert files - plain_left(site) <= sealed, "gone only when it is in the vault"
        if "Форма-заявка.xls" in plain_left(site):
            standing.uploaded(site, Ledger(site.state), mapping, None, "П")
        assert not files & plain_left(site)
        for item in vault.items():
            vault.remove(item.id)
    assert status == 0
    assert number > 20


def test_killed_at_every_step_of_typing_marks_nothing_is_lost(
    site: Site, template: tuple[Path, Secret]
) -> None:
    ledger = Ledger(site.state)
    vault = vault_of(site, template)
    rules = MarksDesk(site, ledger, "ma-7a", MarksStore(site.state)).rules
    tasks = dict.fromkeys(rules.tasks, "1")
    number, status, known = 0, -signal.SIGKILL, 0
    while status == -signal.SIGKILL:
        number += 1
        code = Secret(f"{number:05}")

        def enter(code: Secret = code) -> None:
            marks_of(site, Ledger(site.state), vault).put("ma-7a", 1, "П", [Work(code, "1", tasks)])

        status = killed_at(number, enter)
        works = marks_of(site, Ledger(site.state), vault).works("ma-7a")
        assert len(works) in {known, known + 1}, "what was there stays; the line is there or not"
        known = len(works)
    assert status == 0
    assert isinstance(marks_of(site, ledger, vault), MarksVault)
    assert works[-1].code == code
    assert number > 8
