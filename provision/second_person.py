"""The second person, without whose passphrase nothing is printed again where the profile asks for one.

Kept in .provision as a salted scrypt hash. N = 2^17, r = 8, p = 1 (128 MiB, some tenths of a second) is what
OWASP's Password Storage Cheat Sheet recommends; scrypt is RFC 7914.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from provision.errors import N_, ProvisionError
from provision.ledger import Draft, Ledger
from provision.secret import Secret

KIND = "second-person"
"""Kind of the event that says who was appointed; its subject is "site"."""

MIN_LENGTH = 8
"""NIST SP 800-63B, 5.1.1.1: at least 8 characters, and no rules about which."""
TRIES = 3
DELAY = 2.0
"""Seconds after the first wrong passphrase; twice as many after each further one."""

_N, _R, _P = 2**17, 8, 1
_MEMORY = 2 * 128 * _N * _R
_SALT_BYTES = 16


class SecondPersonMissing(ProvisionError):
    """The profile asks for a second person, and none has set a passphrase."""

    code = "second-person-missing"
    remedy = N_("Let the second person run 'provision second-person' and set a passphrase.")


class PassphraseRefused(ProvisionError):
    """A passphrase that is not the second person's, or too short to be set."""

    code = "passphrase-refused"
    remedy = N_("Nothing was ordered or changed. Let the second person type it; it has 8 characters or more.")


@dataclass(frozen=True, slots=True)
class SecondPerson:
    """Who it is, and how the passphrase is known again."""

    who: str
    salt: bytes
    digest: bytes

    def knows(self, passphrase: Secret) -> bool:
        """Whether this is the passphrase."""
        return hmac.compare_digest(self.digest, digest_of(passphrase, self.salt))


def second_person(state: Path) -> SecondPerson | None:
    """Who was appointed; None when nobody was. Raises SecondPersonMissing for a damaged file."""
    try:
        kept = json.loads((state / KIND).read_text(encoding="utf-8"))
        return SecondPerson(kept["who"], bytes.fromhex(kept["salt"]), bytes.fromhex(kept["digest"]))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        raise SecondPersonMissing(N_("the file {name} is damaged"), name=KIND) from None


def appoint(state: Path, ledger: Ledger, who: str, passphrase: Secret) -> None:
    """Keep ``who`` and the passphrase's hash (0600); the ledger notes that it happened.

    Raises PassphraseRefused when it is too short.
    """
    if len(passphrase.reveal()) < MIN_LENGTH:
        raise PassphraseRefused(N_("a passphrase has at least {least} characters"), least=MIN_LENGTH)
    salt = secrets.token_bytes(_SALT_BYTES)
    kept = {"who": who, "salt": salt.hex(), "digest": digest_of(passphrase, salt).hex()}
    fresh = state / f"{KIND}.new"
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(kept, file, ensure_ascii=False)
        file.flush()
        os.fsync(file.fileno())
    ledger.append(Draft(KIND, "site", {"who": who}))
    fresh.replace(state / KIND)


def authorise(
    person: SecondPerson, ask: Callable[[], Secret], wait: Callable[[float], object] = time.sleep
) -> str:
    """Ask for the passphrase, a few times with growing delays; returns who knew it.

    Raises PassphraseRefused after the last try.
    """
    for attempt in range(TRIES):
        if person.knows(ask()):
            return person.who
        wait(DELAY * 2**attempt)
    raise PassphraseRefused(N_("the passphrase was wrong {tries} times"), tries=TRIES)


def digest_of(passphrase: Secret, salt: bytes) -> bytes:
    """NFC: the same letters typed on another keyboard are the same passphrase."""
    text = unicodedata.normalize("NFC", passphrase.reveal()).encode()
    return hashlib.scrypt(text, salt=salt, n=_N, r=_R, p=_P, maxmem=_MEMORY)
