"""The vault beside the ledger: what was lost or slipped in is told without opening it."""

from __future__ import annotations

from pathlib import Path

import pytest

from provision.ledger import Ledger
from provision.ledger.vault import recorded
from provision.safe import Safe
from provision.vault import Kind, OpenVault, Vault
from provision.vault.errors import VaultDamaged


@pytest.fixture
def safe(vault: OpenVault, tmp_path: Path) -> Safe:
    return Safe(Vault(vault.folder), Ledger(tmp_path), "Кораблёва")


def test_the_record_tells_what_is_missing_changed_and_slipped_in(safe: Safe, vault: OpenVault) -> None:
    items = [safe.put_bytes(f"{number}", Kind.CIPHER, b"x" * number) for number in range(5)]
    assert safe.standing(deep=True).sound
    slipped, _sealed = vault.put_bytes("slipped", Kind.OTHER, b"")
    paths = [vault.folder / "items" / f"{item.id}.age" for item in items]
    paths[0].unlink()
    paths[1].write_bytes(paths[1].read_bytes()[:-1] + b"!")
    paths[2].write_bytes(paths[3].read_bytes())  # a whole item of this vault, under another's id
    shallow, deep = safe.standing(deep=False), safe.standing(deep=True)
    assert shallow.missing == deep.missing == (items[0].id,)
    assert shallow.unrecorded == deep.unrecorded == (slipped.id,)
    assert set(deep.changed) == {items[1].id, items[2].id}
    with pytest.raises(VaultDamaged):
        safe.rotate(vault)
    assert safe.adopt(vault, slipped.id) == slipped
    assert safe.standing(deep=True).unrecorded == ()
    said = "".join(str(event) for event in safe.ledger.events())
    assert "slipped" not in said


def test_removed_and_rotated_are_not_missed(safe: Safe, vault: OpenVault) -> None:
    first, second = (safe.put_bytes(name, Kind.CIPHER, b"x") for name in "ab")
    safe.remove(first.id)
    fresh = safe.rotate(vault)
    assert safe.standing(deep=True).sound
    assert set(recorded(safe.ledger)) == {second.id}
    assert fresh.items() == (second,)
