"""Cards: short texts in the vault's folder, each under the passphrase of one person.

A card is opened while the vault is locked, by that passphrase alone, and nothing else is: it holds no key. So
it tells whether somebody is who they say, and lets them at nothing.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from provision.errors import N_
from provision.secret import Secret
from provision.vault import age, keys, passphrase
from provision.vault.disk import remove, sync_folder, writing
from provision.vault.errors import VaultDamaged

CARDS = "cards"
_MAX_CARD = 4096


def write_card(folder: Path, name: str, text: Secret, phrase: Secret) -> str:
    """Put a card on disk; an older one of that name is void. Returns its SHA-256."""
    (folder / CARDS).mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder)
    locked = passphrase.lock(text, phrase)
    with writing(folder / keys.PARTS, _file(folder, name), replace=True) as file:
        file.write(locked)
    return hashlib.sha256(locked).hexdigest()


def read_card(folder: Path, name: str, sha256: str) -> bytes:
    """A card as it was written. Raises VaultDamaged when it is lost or another one."""
    try:
        with _file(folder, name).open("rb") as file:
            found = file.read(_MAX_CARD)
    except FileNotFoundError:
        found = b""
    if hashlib.sha256(found).hexdigest() != sha256:
        raise VaultDamaged(N_("the file {name} is not the one that was written"), name=f"{CARDS}/{name}.age")
    return found


def opens(card: bytes, text: Secret, phrase: Secret) -> bool:
    """Whether the passphrase opens the card, and the text is what it says."""
    try:
        return passphrase.unlock(card, phrase) == text
    except age.NotOpened:
        return False


def remove_card(folder: Path, name: str) -> None:
    """Take a card away, if it is there."""
    if _file(folder, name).exists():
        remove(_file(folder, name))


def _file(folder: Path, name: str) -> Path:
    return folder / CARDS / f"{name}.age"
