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

KEY_BYTES = 32
REF_CHARACTERS = 24
"""96 bits: no two of a school's pupils meet by chance."""


class Refs:
    """Makes references for one site."""

    def __init__(self, key: bytes) -> None:
        """Use the site's key."""
        self._key = key

    @classmethod
    def of_site(cls, state: Path) -> Refs:
        """The site's key, made at the first call."""
        path = state / "key"
        try:
            return cls(path.read_bytes())
        except FileNotFoundError:
            fresh = path.with_suffix(".new")
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(KEY_BYTES))
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(fresh, path)  # the first of two that start at once wins
            except FileExistsError:
                pass
            finally:
                fresh.unlink(missing_ok=True)
            return cls(path.read_bytes())

    def pupil(self, class_name: str, name: str) -> str:
        """Reference of a pupil of a class."""
        return self._ref("pupil", class_name, name.casefold().replace("ё", "е"))

    def code(self, code: str) -> str:
        """Reference of a participant code."""
        return self._ref("code", code)

    def _ref(self, *parts: str) -> str:
        text = "\0".join(parts).encode()
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()[:REF_CHARACTERS]
