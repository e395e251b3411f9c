"""People are known again by their passphrases while the vault is locked, and no name leaves the vault."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provision.ledger import Ledger
from provision.ledger.people import REFUSED, Signer, signers
from provision.people import (
    ITEM,
    NoSuchPerson,
    People,
    PersonKnown,
    PersonPassphraseRefused,
    Role,
    prove,
    signers_of,
)
from provision.safe import Safe
from provision.secret import Secret
from provision.vault import OpenVault, Vault
from provision.vault.errors import VaultDamaged


@pytest.fixture
def safe(vault: OpenVault, tmp_path: Path) -> Safe:
    return Safe(Vault(vault.folder), Ledger(tmp_path), "Кораблёва")


def typing(*phrases: str) -> Callable[[], Secret]:
    waiting: Iterator[str] = iter(phrases)
    return lambda: Secret(next(waiting))


def not_told(left: int, seconds: float) -> None:
    raise AssertionError((left, seconds))


def coordinators(safe: Safe) -> tuple[Signer, ...]:
    return tuple(one for one in signers(safe.ledger) if one.role == "coordinator")


def test_a_passphrase_is_known_again_while_the_vault_is_locked(safe: Safe, vault: OpenVault) -> None:
    people = People(safe, vault)
    anna = people.add(Role.COORDINATOR, "Анна  Павловна Зорина", Secret("пароль анны"))
    oleg = people.add(Role.COORDINATOR, "Олег Ким", Secret("пароль олега"))
    people.add(Role.INVIGILATOR, "Олег Ким", Secret("другой пароль олега"))
    found = signers(safe.ledger)
    assert [(one.role, one.initials) for one in found] == [
        ("coordinator", "А.П.З."),
        ("coordinator", "О.К."),
        ("invigilator", "О.К."),
    ]
    assert found[1].id == found[2].id == oleg.id != anna.id
    # only the folder and the ledger are needed: no key of the vault's is at hand
    folder, told = safe.vault.folder, list[tuple[int, float]]()
    some = coordinators(safe)
    tell = lambda left, seconds: told.append((left, seconds))  # noqa: E731 - typed by what takes it
    signer = prove(folder, safe.ledger, some, "D2", typing("wrong one", "пароль олега"), tell)
    assert (signer.id, told) == (oleg.id, [(2, 2.0)])
    tries = typing("другой пароль олега", "x", "")  # another role's passphrase is as wrong as any
    with pytest.raises(PersonPassphraseRefused):
        prove(folder, safe.ledger, some, "D3", tries, tell)
    assert told[1:] == [(2, 2.0), (1, 4.0)]
    wrong = [(event.subject, event.body) for event in safe.ledger.events([REFUSED])]
    assert wrong == [(step, {"role": "coordinator"}) for step in ("D2", "D3", "D3", "D3")]

    # no name and no passphrase outside of the vault's encrypted files
    words = ("Олег", "Зорина", "пароль")
    for event in safe.ledger.events():
        assert not any(word in str(event.body) + event.subject for word in words)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert not any(word.encode() in path.read_bytes() for path in files for word in words)
    assert "Зорина" not in repr(anna)


def test_who_is_forgotten_is_so_in_every_role(safe: Safe, vault: OpenVault) -> None:
    people = People(safe, vault)
    for role in (Role.COORDINATOR, Role.INVIGILATOR):
        people.add(role, "Олег Ким", Secret("пароль олега"))
    people.add(Role.COORDINATOR, "Анна", Secret("пароль анны"))
    assert [one.role for one in People(safe, vault).remove("олег")] == [Role.COORDINATOR, Role.INVIGILATOR]
    assert [one.initials for one in signers(safe.ledger)] == ["А."]
    assert len([*(vault.folder / "cards").iterdir()]) == 1
    assert [item.name for item in vault.items()] == [ITEM]
    tries = typing("пароль олега", "пароль олега", "пароль олега")
    with pytest.raises(PersonPassphraseRefused):
        prove(vault.folder, safe.ledger, coordinators(safe), "D2", tries, lambda _left, _seconds: None)


def test_a_card_that_was_exchanged_or_lost_proves_nobody(safe: Safe, vault: OpenVault) -> None:
    people = People(safe, vault)
    people.add(Role.COORDINATOR, "Анна", Secret("пароль анны"))
    people.add(Role.INVIGILATOR, "Олег Ким", Secret("пароль олега"))
    mine, other = (vault.folder / "cards" / f"{one.id}-{one.role}.age" for one in signers(safe.ledger))
    mine.write_bytes(other.read_bytes())
    with pytest.raises(VaultDamaged, match="cards/"):
        prove(vault.folder, safe.ledger, coordinators(safe), "D2", typing(), not_told)
    mine.unlink()
    with pytest.raises(VaultDamaged, match="cards/"):
        prove(vault.folder, safe.ledger, coordinators(safe), "D2", typing(), not_told)


def test_people_are_told_apart(safe: Safe, vault: OpenVault) -> None:
    people = People(safe, vault)
    with pytest.raises(PersonPassphraseRefused):
        people.add(Role.DEPUTY, "Анна", Secret("short"))
    with pytest.raises(NoSuchPerson):
        people.add(Role.DEPUTY, " 12 ", Secret("пароль анны"))
    anna = people.add(Role.DEPUTY, "Анна", Secret("пароль анны"))
    with pytest.raises(PersonKnown):
        people.add(Role.DEPUTY, " Анна ", Secret("другой пароль"))
    people.add(Role.DEPUTY, "Анна Зорина", Secret("пароль зориной"))
    assert people.find("Анна") == people.find(anna.id) == (anna,)
    assert [one.initials for one in signers_of(safe.ledger, people.find("анна з"))] == ["А.З."]
    for who in ("", "А", "Борис"):
        with pytest.raises(NoSuchPerson):
            people.find(who)
    assert [one.role for one in people.all()] == [Role.DEPUTY, Role.DEPUTY]
