"""Collected answers go into the vault once, encrypted, while it is locked; its faults hold up nothing."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import cast

from labcheck.keeping import Keeping, Listed
from provision.answervault import vault_answers
from provision.ledger import Ledger
from provision.secret import Secret
from provision.site.model import Inventory, Room
from provision.site.people import Roster
from provision.site.site import Site
from provision.vault import Kind, Vault


def keep(keeping: Keeping, seat: str, path: str, data: bytes) -> None:
    listed = Listed(path, len(data), hashlib.sha256(data).hexdigest())
    keeping.keep(seat, listed, lambda out, offset: out.write(data[offset:]))


def test_each_answer_is_put_in_once(template: tuple[Path, Secret], tmp_path: Path) -> None:
    site = Site(tmp_path, cast(Inventory, None), cast(Roster, None))  # neither is looked at
    room, ledger = Room(number="301", rows=1, columns=2), Ledger(site.state)
    keeping = Keeping(tmp_path / "kept")
    keep(keeping, "1А", "12345.wav", b"one")
    assert vault_answers(site, ledger, room, keeping) is None
    shutil.copytree(template[0], site.state / "vault")
    keep(keeping, "1Б", "12346.wav", b"two")
    for expected in (2, 2):
        found = vault_answers(site, ledger, room, keeping)
        assert found is not None
        assert (found.there, found.of, found.error) == (expected, 2, None)
    keep(keeping, "1А", "12345.wav", b"later")
    found = vault_answers(site, ledger, room, keeping)
    assert found is not None
    assert found.there == 3
    opened = Vault(site.state / "vault").open_by_paper(template[1])
    assert [opened.take_bytes(item) for item in opened.items()] == [b"one", b"two", b"later"]
    assert {item.kind for item in opened.items()} == {Kind.ANSWERS}
    assert all(item.name.startswith(f"answers/{room.number}/1") for item in opened.items())
    said = "".join(f"{event.subject}{event.body}" for event in ledger.events())
    assert "12345" not in said
    # one that is lost from the vault is put in again; one that changed here is not taken for the pupil's
    (site.state / "vault/items" / f"{opened.items()[0].id}.age").unlink()
    (tmp_path / "kept/seats/1А/12345.wav").write_bytes(b"forged")
    found = vault_answers(site, ledger, room, keeping)
    assert found is not None
    assert found.error is not None
    assert found.there == 2
    assert len(opened.items()) == 2
