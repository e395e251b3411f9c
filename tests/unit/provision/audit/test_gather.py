"""What is looked for comes from the inbox, and from the vault when it is open."""

from __future__ import annotations

from pathlib import Path

from provision.audit.gather import gather, passwords
from provision.audit.known import Sort
from provision.example.build import CIPHERS
from provision.secret import Secret
from provision.site.site import open_site
from provision.vault import Kind, Vault
from tests.e2e.site import example


def test_the_vault_knows_what_the_inbox_holds_no_more(tmp_path: Path) -> None:
    site = open_site(example(tmp_path))
    before = gather(site, {})
    vault, _paper = Vault.create(tmp_path / "vault", "specialist", Secret("a long passphrase"))
    kinds = {".zip": Kind.MATERIAL, ".txt": Kind.CIPHER, ".xlsx": Kind.CODES}
    for path in sorted(site.inbox.iterdir()):
        if path.suffix in kinds:
            vault.put_bytes(path.name, kinds[path.suffix], path.read_bytes())
        path.unlink()
    vault.put_bytes("вход.txt", Kind.LOGIN, "Логин: sch7701\nПароль: Zima-2027\n".encode())
    assert not gather(site, {}).known.codes
    after = gather(site, {}, (), vault.open("specialist", Secret("a long passphrase")))
    assert after.known.codes == before.known.codes
    assert after.known.digests.keys() == before.known.digests.keys()
    assert (after.archives, after.closed, len(after.ciphers)) == (2, 0, 2)
    for secret in (*CIPHERS.values(), "Zima-2027"):
        assert [hit.sort for hit in after.known.secrets_in(f"x {secret}.".encode())] == [Sort.CIPHER]


def test_a_cipher_typed_opens_what_is_here(tmp_path: Path) -> None:
    site = open_site(example(tmp_path))
    for note in site.inbox.glob("*.txt"):
        note.unlink()
    assert gather(site, {}).closed == 2
    found = gather(site, {}, [Secret(cipher) for cipher in CIPHERS.values()])
    assert (found.closed, found.archives) == (0, 2)
    assert len(found.known.member_names) == 4


def test_passwords_of_a_note() -> None:
    note = "Логин: sch7701\nПароль:\tZima-2027\r\nшкола двенадцать\nhttps://example 12\n"
    assert [secret.reveal() for secret in passwords(note.encode("cp1251"))] == ["sch7701", "Zima-2027"]
