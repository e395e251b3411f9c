"""Keyed hashes that stand in the ledger for pupils and codes.

Names and five-digit codes are few enough to be guessed from a plain hash; with a key that only the site
has (0600), the ledger can be shown to an inspector without giving either away.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from provision.errors import N_
from provision.ledger.store import LedgerDamaged

KEY = "key"
KEY_BYTES = 32
REF_CHARACTERS = 24
"""96 bits: no two of a school's pupils meet by chance."""


def _whole(key: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise LedgerDamaged(N_("the file {name} is damaged"), name=KEY)
    return key


class Refs:
    """Makes references for one site."""

    def __init__(self, key: bytes) -> None:
        """Use the site's key."""
        self._key = key

    @classmethod
    def of_site(cls, state: Path, *, fresh: bool) -> Refs:
        """The site's key. Only a ``fresh`` site, of whose pupils nothing is recorded yet, gets a new one:
        with another key nobody would be known again, and everything would be printed twice.

        Raises LedgerDamaged.
        """
        path = state / KEY
        try:
            return cls(_whole(path.read_bytes()))
        except FileNotFoundError:
            if not fresh:
                raise LedgerDamaged(N_("the file {name} is missing"), name=KEY) from None
            new = path.with_suffix(".new")
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(new, path)  # the first of two that start at once wins
            except FileExistsError:
                pass
            finally:
                new.unlink(missing_ok=True)
            return cls(_whole(path.read_bytes()))

    def pupil(self, class_name: str, name: str) -> str:
        """Reference of a pupil of a class."""
        return self._ref("pupil", class_name, name.casefold().replace("ё", "е"))

    def code(self, code: str) -> str:
        """Reference of a participant code."""
        return self._ref("code", code)

    def answer(self, room: str, seat: str, path: str) -> str:
        """Reference of a workstation's file: its path may hold a code, or a name."""
        return self._ref("answer", room, seat, path)

    def _ref(self, *parts: str) -> str:
        text = "\0".join(parts).encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:REF_CHARACTERS]
