"""Who opens the vault, and how: files of the vault's folder beside its items.

    recipient.txt         the public half of the vault's key; what is put in is encrypted to it, locked or not
    identity.age          the vault's key, encrypted to every holder and to the recovery key on paper
    holders/ROLE.age      a holder's own key, encrypted with their passphrase (scrypt)

A passphrase is changed by writing one small file; so is the set of holders. Each file is replaced at one
instant, and in an order in which every state between two of them opens all items.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path

from provision.errors import N_
from provision.secret import Secret
from provision.vault import age, passphrase
from provision.vault.disk import remove, writing
from provision.vault.errors import (
    NameRefused,
    NoSuchHolder,
    NoVault,
    PassphraseTooShort,
    RecoveryRefused,
    VaultChanged,
    VaultDamaged,
    VaultLocked,
)

RECIPIENT, IDENTITY, HOLDERS, PARTS = "recipient.txt", "identity.age", "holders", "parts"
MIN_LENGTH = 12
"""Characters of a passphrase. Whoever steals the disk may try as long as they like: longer than where tries
are counted (NIST SP 800-63B, 5.1.1.1: 8)."""
PAPER = "paper"
"""Stands for the recovery key among the holders."""
_MAX_FILE = 64 * 1024
_ROLE = re.compile(r"[a-z][a-z0-9-]{0,31}")
_MARK = "# vpr-vault 1"


@dataclass(frozen=True, slots=True)
class Keys:
    """The vault's keys, and to whom they are given. The first of ``own`` is the one that is encrypted to;
    others are there while a rotation is under way. ``holders``: role, or PAPER -> public half; two of them
    when the process died while one was replaced."""

    own: tuple[Secret, ...]
    holders: Mapping[str, tuple[str, ...]] = field(hash=False)

    def text(self) -> Secret:
        """As a file of identities that age reads; what is more stands in comments."""
        told = [f"# holder {role} {half}" for role, halves in sorted(self.holders.items()) for half in halves]
        return Secret("\n".join([_MARK, *told, *(key.reveal() for key in self.own), ""]))

    def recipients(self) -> list[str]:
        """The public halves of all who open: the holders, and whoever has the vault's key in memory."""
        return [age.public(self.own[0]), *(half for halves in self.holders.values() for half in halves)]

    @classmethod
    def of(cls, text: Secret) -> Keys:
        """Read it again. Raises VaultDamaged."""
        lines = text.reveal().splitlines()
        own = tuple(Secret(line) for line in lines if line and not line.startswith("#"))
        told = [line.split() for line in lines if line.startswith("# holder ")]
        if lines[:1] != [_MARK] or not own or any(len(words) != 4 for words in told):
            raise VaultDamaged(N_("the file {name} is damaged"), name=IDENTITY)
        holders: dict[str, tuple[str, ...]] = {}
        for _mark, _holder, role, half in told:
            holders[role] = (*holders.get(role, ()), half)
        return cls(own, holders)


def begin(folder: Path, role: str, phrase: Secret) -> tuple[Keys, Secret]:
    """The files of a new vault in ``folder``; returns its keys and the recovery key, which is kept nowhere.

    identity.age is written last: before it, there is no vault. Raises PassphraseTooShort."""
    check_phrase(phrase)
    paper, own = age.new_key(), age.new_key()
    keys = Keys((age.new_key(),), {PAPER: (age.public(paper),), role: (age.public(own),)})
    _lock_holder(folder, role, own, phrase)
    write_recipient(folder, keys)
    write_identity(folder, keys)
    return keys, paper


def exists(folder: Path) -> bool:
    """Whether there is a vault."""
    return (folder / IDENTITY).exists()


def recipient(folder: Path) -> str:
    """What is encrypted to. Raises NoVault, VaultDamaged."""
    if not exists(folder):
        raise NoVault(N_("there is no vault here"))
    text = _read(folder / RECIPIENT).decode("ascii", "replace")
    if not re.fullmatch("age1[a-z0-9]{58}\n", text):
        raise VaultDamaged(N_("the file {name} is damaged"), name=RECIPIENT)
    return text.strip()


def open_as(folder: Path, role: str, phrase: Secret) -> Keys:
    """The keys, by a holder's passphrase. Raises NoVault, NoSuchHolder, VaultLocked, VaultDamaged."""
    return _open_identity(folder, _holder_key(folder, role, phrase))


def open_by_paper(folder: Path, paper: Secret) -> Keys:
    """The keys, by the recovery key. Raises NoVault, RecoveryRefused, VaultDamaged."""
    try:
        half = age.public(paper)
    except age.NotOpened:
        raise RecoveryRefused(N_("this is no recovery key")) from None
    try:
        keys = _open_identity(folder, paper)
    except VaultDamaged:
        raise RecoveryRefused(
            N_("this recovery key does not open the vault, or {name} is damaged"), name=IDENTITY
        ) from None
    if half not in keys.holders.get(PAPER, ()):
        raise RecoveryRefused(N_("this is no recovery key"))
    return keys


def reload(folder: Path, known: Keys) -> Keys:
    """The keys as they are now, by those of a moment ago. Raises VaultChanged after a rotation elsewhere."""
    try:
        return _open_identity(folder, *known.own)
    except VaultDamaged:
        raise VaultChanged(N_("the vault's key was changed meanwhile")) from None


def set_phrase(folder: Path, keys: Keys, role: str, phrase: Secret) -> Keys:
    """Give a role a passphrase, with a new key of its own; a former one of the role is void.

    Raises PassphraseTooShort, NameRefused."""
    check_phrase(phrase)
    if not _ROLE.fullmatch(role) or role == PAPER:
        raise NameRefused(N_("a role has a name of small Latin letters, digits and hyphens"))
    own = age.new_key()
    # for the former key and the new one until the file is replaced: one of the two opens at any instant
    both = _with(keys, role, (*keys.holders.get(role, ()), age.public(own)))
    write_identity(folder, both)
    _lock_holder(folder, role, own, phrase)
    changed = _with(keys, role, (age.public(own),))
    write_identity(folder, changed)
    return changed


def change_phrase(folder: Path, role: str, old: Secret, new: Secret) -> None:
    """Another passphrase around the same key: one file is replaced. Raises VaultLocked,
    PassphraseTooShort."""
    check_phrase(new)
    _lock_holder(folder, role, _holder_key(folder, role, old), new)


def dismiss(folder: Path, keys: Keys, role: str) -> Keys:
    """Take a role's way in. Raises NoSuchHolder."""
    if role not in keys.holders or role == PAPER:
        raise NoSuchHolder(N_("nobody opens the vault as {role}"), role=role)
    left = _with(keys, role, ())
    write_identity(folder, left)
    remove(_holder_file(folder, role))
    return left


def new_paper(folder: Path, keys: Keys) -> tuple[Keys, Secret]:
    """Another recovery key; the former sheet opens this vault no more."""
    paper = age.new_key()
    changed = _with(keys, PAPER, (age.public(paper),))
    write_identity(folder, changed)
    return changed, paper


def write_identity(folder: Path, keys: Keys) -> None:
    """Put the keys on disk, for all holders."""
    with writing(folder / PARTS, folder / IDENTITY, replace=True) as file:
        age.encrypt(BytesIO(keys.text().reveal().encode()), file, keys.recipients())


def write_recipient(folder: Path, keys: Keys) -> None:
    """Say what is encrypted to from now on."""
    with writing(folder / PARTS, folder / RECIPIENT, replace=True) as file:
        file.write(age.public(keys.own[0]).encode() + b"\n")


def roles(folder: Path) -> tuple[str, ...]:
    """The roles that have a passphrase."""
    return tuple(sorted(path.stem for path in (folder / HOLDERS).glob("*.age") if _ROLE.fullmatch(path.stem)))


def check_phrase(phrase: Secret) -> None:
    """Raises PassphraseTooShort."""
    if len(phrase.reveal()) < MIN_LENGTH:
        raise PassphraseTooShort(
            N_("the vault's passphrase has at least {least} characters"), least=MIN_LENGTH
        )


def _with(keys: Keys, role: str, halves: tuple[str, ...]) -> Keys:
    """The keys, given to the role in these halves; to it no more when there are none."""
    holders = {name: known for name, known in keys.holders.items() if name != role}
    return replace(keys, holders={**holders, role: halves} if halves else holders)


def _holder_file(folder: Path, role: str) -> Path:
    return folder / HOLDERS / f"{role}.age"


def _holder_key(folder: Path, role: str, phrase: Secret) -> Secret:
    if not exists(folder):
        raise NoVault(N_("there is no vault here"))
    if not _ROLE.fullmatch(role):
        raise NoSuchHolder(N_("nobody opens the vault as {role}"), role=role)
    try:
        locked = _read(_holder_file(folder, role))
    except NoVault:
        raise NoSuchHolder(N_("nobody opens the vault as {role}"), role=role) from None
    try:
        return passphrase.unlock(locked, phrase)
    except age.NotOpened:
        raise VaultLocked(
            N_("the passphrase is wrong, or the file {name} is damaged"), name=f"{HOLDERS}/{role}.age"
        ) from None


def _lock_holder(folder: Path, role: str, key: Secret, phrase: Secret) -> None:
    locked = passphrase.lock(key, phrase)
    with writing(folder / PARTS, _holder_file(folder, role), replace=True) as file:
        file.write(locked)


def _open_identity(folder: Path, *own: Secret) -> Keys:
    out = BytesIO()
    try:
        age.decrypt(BytesIO(_read(folder / IDENTITY)), out, own)
        return Keys.of(Secret(out.getvalue().decode("ascii", "replace")))
    except age.NotOpened:
        raise VaultDamaged(N_("the file {name} is damaged"), name=IDENTITY) from None


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MAX_FILE)
    except FileNotFoundError:
        raise NoVault(N_("there is no vault here")) from None
