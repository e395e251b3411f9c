"""Who has which role, known again by their passphrases.

Names lie in the vault, as one item. Whose passphrase it is, is told while the vault is locked: by a card
(:mod:`provision.vault.cards`) for each person and role. The ledger has ids drawn by chance, roles and
initials; only the open vault says who.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from provision.errors import N_, ProvisionError
from provision.ledger import Ledger
from provision.ledger.people import Signer, record_forgotten, record_known, record_refused, signers
from provision.ledger.signoffs import initials
from provision.safe import Safe
from provision.secret import Secret
from provision.vault import Kind, OpenVault
from provision.vault.cards import opens, read_card, remove_card, write_card
from provision.vault.errors import NoSuchItem, VaultDamaged

ITEM = "people.json"
MIN_LENGTH = 8
"""NIST SP 800-63B, 5.1.1.1: at least 8 characters, and no rules about which."""
TRIES = 3
DELAY = 2.0
"""Seconds after the first wrong passphrase; twice as many after each further one."""
_ID_BYTES = 4


class Role(StrEnum):
    """What a person is on the day."""

    SPECIALIST = "specialist"
    COORDINATOR = "coordinator"
    INVIGILATOR = "invigilator"
    DEPUTY = "deputy"


class PeopleError(ProvisionError):
    """Root of what goes wrong with people and their passphrases."""

    code = "people"
    remedy = N_("'provision people list' shows who is known.")


class NoSuchPerson(PeopleError):
    """Nobody of that name, id or role is known."""

    code = "no-such-person"
    remedy = N_("'provision people list' shows who is known; 'provision people add' makes somebody known.")


class PersonKnown(PeopleError):
    """Somebody of that name has the role already."""

    code = "person-known"
    remedy = N_("Remove the person first to set another passphrase: 'provision people remove'.")


class PersonPassphraseRefused(PeopleError):
    """A passphrase that is not the person's, or too short to be set."""

    code = "person-passphrase-refused"
    remedy = N_(
        "Nothing was signed or changed; wrong tries are in the record. Let the person type it (8 characters "
        "or more); look at the keyboard's language and Caps Lock. If it is forgotten: 'provision people "
        "remove', then 'provision people add'."
    )


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role. ``id`` stands for the name wherever names do not belong; the same person has the
    same in every role."""

    id: str
    role: Role
    name: Secret


class People:
    """Those who are known. Changes are put into the vault at once, whole."""

    def __init__(self, safe: Safe, vault: OpenVault) -> None:
        """Read them. Raises VaultDamaged."""
        self._safe = safe
        self._vault = vault
        self._all = _read(vault)

    def all(self) -> tuple[Person, ...]:
        """By role, then in the order they were added."""
        return tuple(sorted(self._all, key=lambda person: [*Role].index(person.role)))

    def add(self, role: Role, name: str, passphrase: Secret) -> Person:
        """Make somebody known. Raises PersonKnown, PersonPassphraseRefused, NoSuchPerson for no name."""
        told = Secret(" ".join(name.split()))
        if not initials(told.reveal()):
            raise NoSuchPerson(N_("this is no name"))
        same = [person for person in self._all if person.name == told]
        if any(person.role is role for person in same):
            raise PersonKnown(N_("this person has the role {role} already"), role=role.value)
        check_passphrase(passphrase)
        person = Person(same[0].id if same else secrets.token_hex(_ID_BYTES), role, told)
        sha256 = write_card(self._vault.folder, _card(person.id, role), _text(person.id, role), passphrase)
        self._write((*self._all, person))
        # last: whoever is in the record has a name and a card
        record_known(self._safe.ledger, Signer(person.id, role.value, initials(told.reveal()), sha256))
        return person

    def remove(self, who: str) -> tuple[Person, ...]:
        """Forget somebody, in every role; what they signed stays signed. Raises NoSuchPerson."""
        gone = self.find(who)
        record_forgotten(self._safe.ledger, gone[0].id)
        for person in gone:
            remove_card(self._vault.folder, _card(person.id, person.role))
        self._write(tuple(one for one in self._all if one not in gone))
        return gone

    def find(self, who: str) -> tuple[Person, ...]:
        """One person, in every role: by id, or by the name or its beginning if only one begins so. Raises
        NoSuchPerson."""
        wanted = " ".join(who.split()).casefold()
        found = [person for person in self._all if person.id == wanted]
        found = found or [one for one in self._all if wanted and one.name.reveal().casefold() == wanted]
        found = found or [
            one for one in self._all if wanted and one.name.reveal().casefold().startswith(wanted)
        ]
        if len({one.id for one in found}) != 1:
            raise NoSuchPerson(N_("no one person is meant by this"))
        return tuple(found)

    def _write(self, everybody: tuple[Person, ...]) -> None:
        before = [item for item in self._vault.items() if item.name == ITEM]
        self._safe.put_bytes(ITEM, Kind.PEOPLE, _dumped(everybody))
        for item in before:  # last: killed before, the newest counts all the same
            self._safe.remove(item.id)
        self._all = everybody


def prove(
    folder: Path,
    ledger: Ledger,
    some: Iterable[Signer],
    subject: str,
    ask: Callable[[], Secret],
    wrong: Callable[[int, float], object],
) -> Signer:
    """Ask for a passphrase, a few times with growing delays; returns whose it is. ``folder``: the vault's,
    which may be locked; ``subject``: what is to be signed. ``wrong`` is told after a wrong one how many tries
    are left, and lets so many seconds go by.

    Raises PersonPassphraseRefused after the last try, VaultDamaged for a card that was exchanged."""
    cards = [(one, read_card(folder, _card(one.id, one.role), one.sha256)) for one in some]
    for attempt in range(TRIES):
        typed = ask()
        for one, card in cards:
            if opens(card, _text(one.id, one.role), typed):
                return one
        record_refused(ledger, subject, cards[0][0].role)
        if left := TRIES - attempt - 1:
            wrong(left, DELAY * 2**attempt)
    raise PersonPassphraseRefused(N_("the passphrase was wrong {tries} times"), tries=TRIES)


def signers_of(ledger: Ledger, people: Sequence[Person]) -> tuple[Signer, ...]:
    """What proves these people."""
    ids = {(person.id, person.role.value) for person in people}
    return tuple(one for one in signers(ledger) if (one.id, one.role) in ids)


def check_passphrase(passphrase: Secret) -> None:
    """Raises PersonPassphraseRefused for one that is too short."""
    if len(passphrase.reveal()) < MIN_LENGTH:
        raise PersonPassphraseRefused(N_("a passphrase has at least {least} characters"), least=MIN_LENGTH)


def _card(person: str, role: str) -> str:
    return f"{person}-{role}"


def _text(person: str, role: str) -> Secret:
    """What a card says: enough that none stands for another."""
    return Secret(f"{person} {role}")


def _read(vault: OpenVault) -> tuple[Person, ...]:
    try:
        item = vault.newest(ITEM)
    except NoSuchItem:
        return ()
    try:
        return tuple(
            Person(one["id"], Role(one["role"]), Secret(one["name"]))
            for one in json.loads(vault.take_bytes(item))["people"]
        )
    except (ValueError, KeyError, TypeError):
        raise VaultDamaged(N_("the item {id} is not the one that was written"), id=item.id) from None


def _dumped(everybody: Iterable[Person]) -> bytes:
    people = [{"id": one.id, "role": one.role.value, "name": one.name.reveal()} for one in everybody]
    return json.dumps({"people": people}, ensure_ascii=False).encode()
