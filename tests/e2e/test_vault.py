"""The vault as a person uses it: from init to a copy for the inspector; and what others can see meanwhile."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pexpect
import psutil
import pypdfium2
import pytest

from provision.ledger import Ledger
from provision.safe import Safe
from provision.secret import Secret
from provision.site.site import open_site
from provision.vault import Kind, passphrase, platform
from provision.vault.keys import recipient
from tests.e2e.site import command_line, environment, example, inside, on_cups, run
from tests.services.cups import PrintServer, VirtualPrinter
from tests.services.process import until

PHRASE, NEW, COPY, PERSON = "канарейка фраза", "канарейка новая", "канарейка копия", "канарейка Анны"
PASSWORD = "канарейка-пароль-ФИС"
NAME = "Анна Канарейкина"
ITEM = "канарейка логин.txt"
CANARIES = (PHRASE, NEW, COPY, PERSON, PASSWORD, NAME, ITEM, "Канарейкин", "канарейка")


@dataclass
class Person:
    """Types at a terminal, and remembers what could be seen of the commands."""

    site: Path
    tmp: Path
    seen: list[str] = field(default_factory=list)

    def types(self, words: Sequence[str], *lines: str, code: int = 0) -> str:
        """Run a command and answer each prompt that ends in ": "; returns what was shown."""
        program, *rest = command_line(self.site, *words)
        child = pexpect.spawn(
            program, rest, env=environment(TMPDIR=str(self.tmp)), encoding="utf-8", timeout=60
        )
        shown = ""
        for line in lines:
            child.expect(r": $")
            shown += str(child.before)
            process = psutil.Process(child.pid)
            self.seen += [*process.cmdline(), *process.environ().values()]
            child.sendline(line)
        child.expect(pexpect.EOF)
        shown += str(child.before)
        child.close()
        assert child.exitstatus == code, shown
        return shown


@pytest.fixture(scope="module")
def person(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Person]:
    folder = tmp_path_factory.mktemp("vault")
    tmp = folder / "tmp"
    tmp.mkdir()
    site = example(folder)
    yield Person(site, tmp)
    platform.forget(f"vpr-vault:{recipient(site / '.provision/vault')}")


def test_a_vault_from_beginning_to_copy(person: Person, tmp_path: Path) -> None:
    """Nothing that is typed or kept is in argv, environment, output, ledger, or any file in plain."""
    site = person.site
    assert run(site, "vault", "status").code == 11
    sheet = tmp_path / "sheet.pdf"
    shown = person.types(["vault", "init", "--sheet", str(sheet)], PHRASE, "another phrase", PHRASE, PHRASE)
    assert "not the same" in shown
    assert sheet.stat().st_mode & 0o077 == 0
    shown += person.types(["vault", "put", "--name", ITEM, "--kind", "login"], PASSWORD)
    plain = site / "inbox" / "код.txt"
    plain.write_text("60894")
    ran = run(site, "vault", "put", str(plain), "--kind", "codes", "--move", "--json")
    assert ran.code == 0, ran.err
    assert not plain.exists()
    # locked: it asks, three times; unlocked: it does not
    refused = person.types(["vault", "list"], "wrong passphrase", "wrong again!", "and again!!!", code=11)
    assert "recovery sheet" in refused
    shown += refused + person.types(["vault", "unlock", "--minutes", "5"], PHRASE)
    assert "login" in person.types(["vault", "list"])
    assert PASSWORD in person.types(["vault", "take", ITEM])  # asked for, on the screen
    assert run(site, "vault", "take", "код.txt").out == "60894"
    assert run(site, "vault", "take", "код.txt", "--to", str(tmp_path)).code == 11
    assert not (tmp_path / "код.txt").exists()
    shown += person.types(["people", "add", "coordinator", "Координатор"], PERSON, PERSON)
    shown += person.types(["people", "verify", "Координатор"], PERSON)
    people = run(site, "people", "list", "--without-names", "--json").json["people"]
    assert [[*one] for one in people] == [["id", "role"]]
    copy = tmp_path / "copy.tar"
    shown += person.types(["vault", "export", str(copy), "--without-names"], COPY, COPY)
    assert "Left out, because they could name a person: 2" in shown
    shown += person.types(["vault", "verify"])
    shown += person.types(["vault", "lock"])
    assert run(site, "vault", "status", "--json").json["open"] is False
    _nobody_saw(person, shown, [site, person.tmp, copy, sheet])
    _unsealed(person, copy, tmp_path)


def _unsealed(person: Person, copy: Path, folder: Path) -> None:
    program, *words = command_line(person.site, "vault", "unseal", str(copy), "--to", str(folder / "out"))
    child = pexpect.spawn(program, words[:-2], env=environment(), encoding="utf-8", timeout=60)
    child.expect(": $")
    child.sendline(COPY)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert (folder / "out/codes/0001.txt").read_text() == "60894"


def _nobody_saw(person: Person, shown: str, places: Sequence[Path]) -> None:
    everything = "\n".join([shown, *person.seen])
    # the names of commands' arguments are what the person typed in the open: an item's name is one of them
    assert [word for word in CANARIES[:6] if word in everything] == []
    files = [path for place in places for path in ([place] if place.is_file() else place.rglob("*"))]
    for path in files:
        if path.is_file():
            data = path.read_bytes()
            assert [w for w in CANARIES if any(w.encode(c) in data for c in ("utf-8", "utf-16-le"))] == [], (
                path
            )
    assert [*person.tmp.iterdir()] == []


def test_a_service_opens_it_by_a_credential(person: Person, tmp_path: Path) -> None:
    (tmp_path / "provision-vault").write_text(PHRASE + "\n")
    person.types(["vault", "put", "--kind", "login"], PASSWORD)
    ran = run(person.site, "vault", "list", "--json", CREDENTIALS_DIRECTORY=str(tmp_path))
    assert ran.code == 0, ran.err
    assert [item["name"] for item in ran.json["items"]] == [ITEM, "код.txt", "people.json", "login"]


def test_what_is_damaged_is_told_and_everything_else_goes_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer damaged, one lost, and two of one name."""
    monkeypatch.setattr(passphrase, "LOG_N", 10)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "provision-vault").write_text(PHRASE)
    site = example(tmp_path)
    safe, _paper = Safe.create(open_site(site), "specialist", Secret(PHRASE))
    first, _second, damaged, lost = [
        safe.put_bytes(f"answers/204/1А/{name}", Kind.ANSWERS, os.urandom(100_000)).id
        for name in ("a.wav", "a.wav", "b.wav", "c.wav")
    ]
    files = {one: site / f".provision/vault/items/{one}.age" for one in (damaged, lost)}
    files[damaged].write_bytes(files[damaged].read_bytes()[:-100] + bytes(100))
    files[lost].unlink()
    out = tmp_path / "out"
    out.mkdir()
    words = ("vault", "take", "answers/204/", "--to", str(out), "--in-the-open")
    ran = inside(site, *words)
    assert ran.code == 11
    assert sorted(path.name for path in out.rglob("*.wav")) == ["a (2).wav", "a.wav"]
    assert [one in ran.err for one in (first, damaged, lost)] == [False, True, True]
    assert ran.err.count("It is called otherwise there") == 1
    assert {*inside(site, *words, "--json").json["damaged"]} == {damaged, lost}
    assert len([*out.rglob("*.wav")]) == 2, "what is there is not written twice"
    assert inside(site, "vault", "take", "answers/204/1А/b.wav", *words[3:]).code == 11
    assert inside(site, "vault", "take", "answers/204/1А/a.wav", *words[3:]).code == 0
    (site / ".provision/vault").rename(tmp_path / "elsewhere")
    ran = inside(site, "vault", "status")
    assert ran.code == 11
    assert "Do not make a new vault" in ran.err


def test_the_passphrase_is_changed_and_recovered_by_the_sheet(person: Person, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pdf"
    person.types(["vault", "recovery", "--sheet", str(sheet)], PHRASE)

    text = pypdfium2.PdfDocument(sheet)[0].get_textpage().get_text_range()
    (key,) = re.findall(r"AGE-SECRET-KEY-1\s*((?:[A-Z0-9]{2,4}\s+)+)", text)
    wrong = person.types(["vault", "recover"], "абзац " * 24, code=11)
    assert "абзац" not in wrong
    person.types(["vault", "recover"], "AGE-SECRET-KEY-1 " + " ".join(key.split()), NEW, NEW)
    person.types(["vault", "unlock", "--minutes", "1"], PHRASE, PHRASE, NEW)
    person.types(["vault", "rotate", "--key"], NEW)
    assert run(person.site, "vault", "status", "--json").json["open"] is False
    person.types(["vault", "verify"], NEW)


def test_the_sheet_on_a_real_printer(
    person: Person, print_server: PrintServer, printer: VirtualPrinter
) -> None:
    """It comes out once, and nothing of it stays at the print server."""
    on_cups(person.site, {"Учительская": print_server.uri(printer.name)})
    before = _in_spool(print_server)
    person.types(["vault", "recovery", "--printer", "Учительская"], NEW)
    (received,) = printer.received()
    assert "AGE-SECRET-KEY-1" in received.pages[0]
    until(lambda: _in_spool(print_server) <= before, "the sheet gone from the print server's spool")
    assert "AGE-SECRET" not in "".join(str(event) for event in Ledger(person.site / ".provision").events())


def _in_spool(server: PrintServer) -> set[str]:
    """Names of the documents that lie at the print server; other tests' papers may be among them."""
    return {file.name for file in (server.folder / "spool").glob("d*")}


def test_a_printer_that_is_a_folder_gets_no_sheet(person: Person) -> None:
    ran = run(person.site, "vault", "recovery", "--printer", "Кабинет информатики")
    assert ran.code == 11
    assert "is a folder" in ran.err
