"""Who has which role, known again by their passphrases; and what they signed.

Names and hashes lie in the vault, as one item. In the ledger a signature names a person by an id drawn by
chance, so that every record and export made of it is without names; only the open vault says who.
The hashes are those of provision.second_person.
"""

from __future__ import annotations

import datetime as dt
import json
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from provision.errors import N_, ProvisionError
from provision.ledger import Draft, Ledger
from provision.safe import Safe
from provision.second_person import DELAY, MIN_LENGTH, TRIES, SecondPerson, digest_of
from provision.secret import Secret
from provision.vault import Kind, OpenVault
from provision.vault.errors import NoSuchItem, VaultDamaged

ITEM = "people.json"
KIND = "signed"
"""Kind of the event; its subject is what was signed."""
_SALT_BYTES = 16
_ID_BYTES = 4


class Role(StrEnum):
    """What a person is on the day."""

    SPECIALIST = "specialist"
    COORDINATOR = "coordinator"
    INVIGILATOR = "invigilator"
    DEPUTY = "deputy"


class PeopleError(ProvisionError):
    """Root of what goes wrong with people and signatures."""

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
    remedy = N_("Nothing was signed or changed. Let the person type it; it has 8 characters or more.")


class OnePersonTwice(PeopleError):
    """A step of two persons was signed by one."""

    code = "one-person-twice"
    remedy = N_("Let another person sign.")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a role. ``id`` stands for the name wherever names do not belong."""

    id: str
    role: Role
    name: Secret
    salt: bytes
    digest: bytes

    def knows(self, passphrase: Secret) -> bool:
        """Whether this is the person's passphrase."""
        return SecondPerson(self.id, self.salt, self.digest).knows(passphrase)


@dataclass(frozen=True, slots=True)
class Signature:
    """What the ledger has of a signature: no name."""

    subject: str
    role: Role
    person: str
    at: dt.datetime


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
        """Make somebody known. Raises PersonKnown, PersonPassphraseRefused."""
        told = Secret(" ".join(name.split()))
        if any(person.name == told and person.role is role for person in self._all):
            raise PersonKnown(N_("this person has the role {role} already"), role=role.value)
        check_passphrase(passphrase)
        salt = secrets.token_bytes(_SALT_BYTES)
        person = Person(secrets.token_hex(_ID_BYTES), role, told, salt, digest_of(passphrase, salt))
        self._write((*self._all, person))
        return person

    def remove(self, who: str) -> Person:
        """Forget somebody; what they signed stays signed by their id. Raises NoSuchPerson."""
        person = self.find(who)
        self._write(tuple(one for one in self._all if one.id != person.id))
        return person

    def find(self, who: str) -> Person:
        """By id, or by the name or its beginning if only one begins so. Raises NoSuchPerson."""
        wanted = " ".join(who.split()).casefold()
        found = [person for person in self._all if person.id == wanted]
        found = found or [one for one in self._all if wanted and one.name.reveal().casefold() == wanted]
        found = found or [
            one for one in self._all if wanted and one.name.reveal().casefold().startswith(wanted)
        ]
        if len(found) != 1:
            raise NoSuchPerson(N_("no one person is meant by this"))
        return found[0]

    def having(self, role: Role) -> tuple[Person, ...]:
        """Everybody of a role. Raises NoSuchPerson when there is nobody."""
        found = tuple(person for person in self._all if person.role is role)
        if not found:
            raise NoSuchPerson(N_("nobody has the role {role}"), role=role.value)
        return found

    def verify(
        self,
        some: Iterable[Person],
        ask: Callable[[], Secret],
        wait: Callable[[float], object] = time.sleep,
    ) -> Person:
        """Ask for a passphrase, a few times with growing delays; returns whose it is.

        Raises PersonPassphraseRefused after the last try."""
        among = tuple(some)
        for attempt in range(TRIES):
            typed = ask()
            found = [person for person in among if person.knows(typed)]
            if found:
                return found[0]
            wait(DELAY * 2**attempt)
        raise PersonPassphraseRefused(N_("the passphrase was wrong {tries} times"), tries=TRIES)

    def sign(
        self,
        role: Role,
        subject: str,
        ask: Callable[[], Secret],
        *,
        but: Iterable[Signature] = (),
        wait: Callable[[float], object] = time.sleep,
    ) -> Signature:
        """Somebody of the role signs ``subject`` (a step, a document's number: no names) with a passphrase.

        ``but``: signatures of others, for what two persons sign. Raises NoSuchPerson, OnePersonTwice,
        PersonPassphraseRefused."""
        person = self.verify(self.having(role), ask, wait)
        if person.id in {other.person for other in but}:
            raise OnePersonTwice(N_("the same person signed already"))
        ledger = self._safe.ledger
        ledger.append(Draft(KIND, subject, {"role": role.value, "person": person.id}))
        return [one for one in signatures(ledger, subject) if one.person == person.id][-1]

    def name_of(self, signature: Signature) -> Secret | None:
        """Who signed; None for somebody who is known no more."""
        return next((one.name for one in self._all if one.id == signature.person), None)

    def _write(self, everybody: tuple[Person, ...]) -> None:
        before = [item for item in self._vault.items() if item.name == ITEM]
        self._safe.put_bytes(ITEM, Kind.PEOPLE, _dumped(everybody))
        for item in before:  # last: killed before, the newest counts all the same
            self._safe.remove(item.id)
        self._all = everybody


def check_passphrase(passphrase: Secret) -> None:
    """Raises PersonPassphraseRefused for one that is too short."""
    if len(passphrase.reveal()) < MIN_LENGTH:
        raise PersonPassphraseRefused(N_("a passphrase has at least {least} characters"), least=MIN_LENGTH)


def signatures(ledger: Ledger, subject: str = "") -> tuple[Signature, ...]:
    """What was signed, in order; all, or of one subject. Needs no vault."""
    return tuple(
        Signature(
            event.subject, Role(event.body["role"]), event.body["person"], dt.datetime.fromisoformat(event.at)
        )
        for event in ledger.events([KIND])
        if subject in {"", event.subject}
    )


def _read(vault: OpenVault) -> tuple[Person, ...]:
    try:
        item = vault.newest(ITEM)
    except NoSuchItem:
        return ()
    try:
        return tuple(
            Person(
                one["id"],
                Role(one["role"]),
                Secret(one["name"]),
                bytes.fromhex(one["salt"]),
                bytes.fromhex(one["digest"]),
            )
            for one in json.loads(vault.take_bytes(item))["people"]
        )
    except (ValueError, KeyError, TypeError):
        raise VaultDamaged(N_("the item {id} is not the one that was written"), id=item.id) from None


def _dumped(everybody: Iterable[Person]) -> bytes:
    people = [
        {
            "id": one.id,
            "role": one.role.value,
            "name": one.name.reveal(),
            "salt": one.salt.hex(),
            "digest": one.digest.hex(),
        }
        for one in everybody
    ]
    return json.dumps({"people": people}, ensure_ascii=False).encode()
