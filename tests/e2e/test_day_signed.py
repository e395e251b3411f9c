"""Steps signed with passphrases at a terminal, the vault locked; and the day handed over, sealed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest
from pypdf import PdfReader

from provision.ledger import Ledger
from provision.ledger.people import REFUSED
from provision.ledger.vault import accesses
from provision.vault import platform
from provision.vault.keys import recipient
from tests.e2e.site import command_line, environment, example, run
from tests.e2e.terminal import types

VAULT, ANNA, OLEG, COPY = "сорок сорок съели сыр", "пароль анны", "пароль олега", "совсем другая фраза"
EARLY = "typed too early"
NAMES = {"specialist": "Петрова Анна Ивановна", "coordinator": "Ким Олег"}
PROCEDURE = "steps:\n  D1: {second: coordinator}\n  P3: {passphrase: true}\n"
LOOK = ("--date", "2027-04-15", "--at", "07:00")


@pytest.fixture(scope="module", name="site")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The example school with a vault; of its downloads one is here, and nobody is known yet."""
    site = example(tmp_path_factory.mktemp("signed"))
    (site / "procedure.yaml").write_text(PROCEDURE, encoding="utf-8")
    for path in (site / "inbox").iterdir():
        if path.name != "export_14042027.xlsx":
            path.unlink()
    types(site, ["vault", "init", "--sheet", str(site.parent / "sheet.pdf")], VAULT, VAULT)
    yield site
    platform.forget(f"vpr-vault:{recipient(site / '.provision/vault')}")


def test_signed_with_passphrases_while_the_vault_is_locked(site: Path) -> None:
    # a word is refused where the procedure asks for more, and the cure is named
    for name in ("D1", "P3"):
        refused = run(site, "day", "sign", name, "--name", NAMES["specialist"])
        assert (refused.code, "provision people add ROLE NAME" in refused.err) == (3, True), refused.err
    for role, phrase in (("specialist", ANNA), ("coordinator", OLEG)):
        types(site, ["people", "add", role, NAMES[role]], VAULT, phrase, phrase)
    opened = len(accesses(Ledger(site / ".provision")))

    # from here on the vault's passphrase is typed nowhere: it stays locked
    assert run(site, "vault", "status", "--json").json["open"] is False
    shown = types(site, ["day", "sign", "D1"], "не та фраза", ANNA)
    assert "This is not the passphrase. Tries left: 2. Wait 2 s." in shown
    assert "Signed: D1, П.А.И., technical specialist" in shown
    again = run(site, "day", "sign", "D1")
    assert (again.code, "the same person signed step D1 already" in again.err) == (3, True)
    # the first person's passphrase is no second one's; three tries, and nothing is signed
    words = ["day", "sign", "Д1", "--role", "coordinator"]
    refused_thrice = types(site, words, ANNA, ANNA, ANNA, code=3)
    assert "the passphrase was wrong 3 times" in refused_thrice
    assert "Signed: D1, К.О., coordinator" in types(site, words, OLEG)
    row = next(one for one in run(site, "day", "--json", *LOOK).json["steps"] if one["step"] == "D1")
    assert (row["state"], row["second_missing"]) == ("signed", False)
    assert [(one["role"], one["initials"], one["way"]) for one in row["signed"]] == [
        ("specialist", "П.А.И.", "passphrase"),
        ("coordinator", "К.О.", "passphrase"),
    ]
    # a name alone is no signature of a role that has a passphrase, not even for an ordinary step
    nobody = run(site, "day", "sign", "P1", "--name", NAMES["specialist"])
    assert (nobody.code, "no passphrase was typed" in nobody.err) == (3, True)

    assert "Wrong passphrases typed for this step: 4" in run(site, "day", "show", "D1").out
    ledger = Ledger(site / ".provision")
    assert len(accesses(ledger)) == opened
    assert [one.subject for one in ledger.events([REFUSED])] == ["D1@2027-04-15"] * 4
    recorded = b"".join(path.read_bytes() for path in (site / ".provision").glob("ledger*"))
    assert not any(word.encode() in recorded for word in ("Петров", "Ким", ANNA, OLEG))


def test_what_is_typed_too_early_is_not_shown(site: Path) -> None:
    program, *words = command_line(site, "day", "sign", "P3")
    child = pexpect.spawn(program, words, env=environment(), encoding="utf-8", timeout=60)
    child.expect(": $")
    child.sendline("не та фраза")
    child.expect("Wait 2 s.")
    child.sendline(EARLY)
    child.expect(": $")
    waited = str(child.before)
    child.sendline(ANNA)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0, child.before
    assert EARLY not in waited + str(child.before)


def test_a_day_is_handed_over_sealed(site: Path, tmp_path: Path) -> None:
    copy, plain = tmp_path / "day.tar", tmp_path / "out"
    shown = types(
        site, ["day", "export", str(copy), "--date", "2027-04-15"], "не та фраза", VAULT, "short", code=11
    )
    assert "Passphrase of the copy" in shown
    assert not copy.exists()
    shown = types(site, ["day", "export", str(copy), "--date", "2027-04-15"], VAULT, COPY, COPY)
    assert "Copied, sealed: 4" in shown
    sealed = copy.read_bytes()
    assert not any(word.encode() in sealed for word in ("Петров", "П.А.И.", "checklist", "export_1404"))
    types(None, ["vault", "unseal", str(copy), "--to", str(plain)], COPY)
    files = {path.name: path for path in plain.rglob("*") if path.is_file()}
    assert {"checklist.pdf", "journal.pdf", "ledger.jsonl", "export_14042027.xlsx"} <= set(files)
    text = "".join(page.extract_text() for page in PdfReader(files["checklist.pdf"]).pages)
    assert "П.А.И." in text
    events = [json.loads(line) for line in files["ledger.jsonl"].read_text("utf-8").splitlines()]
    assert [one["body"]["way"] for one in events if one["kind"] == "day-signed"] == ["passphrase"] * 3
    assert files["export_14042027.xlsx"].read_bytes() == (site / "inbox/export_14042027.xlsx").read_bytes()
