"""The vault beside the ledger: what was lost or slipped in is told without opening it; people sign."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provision import second_person
from provision.ledger import Ledger
from provision.ledger.vault import recorded
from provision.people import (
    ITEM,
    KIND,
    NoSuchPerson,
    OnePersonTwice,
    People,
    PersonKnown,
    PersonPassphraseRefused,
    Role,
    signatures,
)
from provision.safe import Safe
from provision.secret import Secret
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


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """scrypt as cheap as it can be: what is tested here is who signs, not what a guess costs."""
    monkeypatch.setattr(second_person, "_N", 2)


def typing(*phrases: str) -> Callable[[], Secret]:
    waiting: Iterator[str] = iter(phrases)
    return lambda: Secret(next(waiting))


@pytest.mark.usefixtures("quick")
def test_people_sign_by_passphrase_and_no_name_leaves_the_vault(safe: Safe, vault: OpenVault) -> None:
    people = People(safe, vault)
    anna = people.add(Role.COORDINATOR, "Анна  Павловна Зорина", Secret("пароль анны"))
    oleg = people.add(Role.COORDINATOR, "Олег Ким", Secret("пароль олега"))
    people.add(Role.INVIGILATOR, "Олег Ким", Secret("пароль олега"))
    delays: list[float] = []
    signed = people.sign(
        Role.COORDINATOR, "D2", typing("wrong passphrase", "пароль олега"), wait=delays.append
    )
    assert (signed.person, signed.role, signed.subject) == (oleg.id, Role.COORDINATOR, "D2")
    assert delays == [2.0]
    again = People(safe, vault)  # read anew
    assert again.name_of(signed) == Secret("Олег Ким")
    with pytest.raises(OnePersonTwice):
        again.sign(Role.COORDINATOR, "D2", typing("пароль олега"), but=[signed])
    second = again.sign(Role.COORDINATOR, "D2", typing("пароль анны"), but=[signed])
    assert signatures(safe.ledger, "D2") == (signed, second)
    assert signatures(safe.ledger, "D3") == ()
    with pytest.raises(PersonPassphraseRefused):
        again.sign(Role.INVIGILATOR, "D2", typing("x", "y", "z"), wait=delays.append)
    with pytest.raises(NoSuchPerson):
        again.sign(Role.DEPUTY, "D2", typing())
    assert len(list(safe.ledger.events([KIND]))) == 2
    for event in safe.ledger.events():
        assert not any(word in str(event.body) + event.subject for word in ("Олег", "Зорина", "пароль"))
    for path in vault.folder.rglob("*.age"):
        assert "Зорина".encode() not in path.read_bytes()
    assert "Зорина" not in repr(anna)
    again.remove("анна")
    assert again.name_of(second) is None
    assert [item.name for item in vault.items()] == [ITEM]


@pytest.mark.usefixtures("quick")
def test_people_are_told_apart(safe: Safe, vault: OpenVault) -> None:
    people = People(safe, vault)
    with pytest.raises(PersonPassphraseRefused):
        people.add(Role.DEPUTY, "Анна", Secret("short"))
    anna = people.add(Role.DEPUTY, "Анна", Secret("пароль анны"))
    with pytest.raises(PersonKnown):
        people.add(Role.DEPUTY, " Анна ", Secret("другой пароль"))
    people.add(Role.DEPUTY, "Анна Зорина", Secret("пароль зориной"))
    assert people.find("Анна") == people.find(anna.id) == anna
    for who in ("", "А", "Борис"):
        with pytest.raises(NoSuchPerson):
            people.find(who)
    assert [one.role for one in people.all()] == [Role.DEPUTY, Role.DEPUTY]
