"""A sealed copy of items for the deputy or an inspector: one age file, for a passphrase of its own or a
public key.

Inside is a tar archive: the items under their names, and CONTENTS first, with a hash for each (as
``sha256sum -c`` reads it). Without names,
items that could name a person stay out, and the others are called by kind and number.
"""

from __future__ import annotations

import re
import shutil
import tarfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from provision.errors import N_
from provision.secret import Secret
from provision.vault import age, keys, passphrase
from provision.vault.disk import writing
from provision.vault.errors import VaultDamaged, VaultLocked
from provision.vault.item import PIECE, Item, padding
from provision.vault.vault import OpenVault

CONTENTS = "CONTENTS.txt"
README, KEY, ITEMS = "README.txt", "key.age", "items.tar.age"
_MAX_KEY = 64 * 1024
_END = bytes(2 * tarfile.BLOCKSIZE)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What goes into the archive, under which name; and how many items stay out because they could name a
    person."""

    items: tuple[tuple[Item, str], ...]
    left_out: int


def choose(items: Sequence[Item], *, names: bool) -> Chosen:
    """Newest of each name only."""
    newest = list({item.name: item for item in items}.values())
    if names:
        return Chosen(tuple((item, item.name) for item in newest), 0)
    kept = [item for item in newest if item.kind.nameless]
    told = [(item, f"{item.kind.value}/{number:04d}{_suffix(item)}") for number, item in enumerate(kept, 1)]
    return Chosen(tuple(told), len(newest) - len(kept))


def export(vault: OpenVault, chosen: Chosen, target: Path, phrase: Secret, readme: str) -> None:
    """Write the archive, to be opened with the passphrase; memory is bounded. There is a file of that name
    only once it is whole. Raises VaultDamaged, PassphraseTooShort, FileExistsError.

    A passphrase is for short texts: it opens KEY, which opens ITEMS. Both lie in a plain tar, beside
    ``readme``."""
    keys.check_phrase(phrase)
    key = age.new_key()
    locked = passphrase.lock(key, phrase)
    with writing(target.parent, target) as file:
        for name, data in ((README, readme.encode()), (KEY, locked)):
            file.write(_head(name, len(data)) + data + padding(len(data)))
        at = file.tell()
        file.write(_head(ITEMS, 0))
        start = file.tell()
        age.encrypt(age.Joined(_plain(vault, chosen)), file, [age.public(key)])
        size = file.tell() - start
        file.write(padding(size) + _END)
        file.patch(at, _head(ITEMS, size))


def unseal(source: Path, phrase: Secret, folder: Path) -> tuple[str, ...]:
    """Decrypt an archive into a new folder (0700); returns the names. Raises VaultLocked, VaultDamaged; then
    what the folder holds is removed again."""
    try:
        with tarfile.open(source) as outer:
            locked, sealed = outer.extractfile(KEY), outer.extractfile(ITEMS)
            if locked is None or sealed is None:
                raise VaultDamaged(N_("the file {name} is damaged"), name=source.name)
            key = passphrase.unlock(locked.read(_MAX_KEY), phrase)
            folder.mkdir(mode=0o700)
            try:
                with age.decrypting(sealed, [key]) as inner:
                    return tuple(_unpack(inner, folder))
            except BaseException:
                shutil.rmtree(folder)
                raise
    except age.NotOpened:
        raise VaultLocked(
            N_("the passphrase is wrong, or the file {name} is damaged"), name=source.name
        ) from None
    except (tarfile.TarError, KeyError):
        raise VaultDamaged(N_("the file {name} is damaged"), name=source.name) from None


def _unpack(inner: age.Reads, folder: Path) -> Iterator[str]:
    with tarfile.open(fileobj=inner, mode="r|") as archive:  # type: ignore[call-overload]
        for member in archive:
            if not member.isreg():
                raise tarfile.TarError
            archive.extract(member, folder, filter="data")
            yield member.name
    while inner.read(PIECE):  # to the last piece: only there is a cut noticed
        pass


def _plain(vault: OpenVault, chosen: Chosen) -> Iterator[bytes]:
    """The tar of items, piece by piece."""
    lines = [f"{item.sha256}  {name}\n" for item, name in chosen.items]
    contents = "".join(lines).encode()
    yield _head(CONTENTS, len(contents)) + contents + padding(len(contents))
    for item, name in chosen.items:
        yield _head(name, item.size, int(item.at.timestamp()))
        with vault.reading(item) as source:
            while piece := source.read(PIECE):
                yield piece
        yield padding(item.size)
    yield _END


def _head(name: str, size: int, mtime: int = 0) -> bytes:
    member = tarfile.TarInfo(name)
    member.size, member.mode, member.mtime = size, 0o600, mtime
    # GNU: sizes above 8 GiB stay within one block, so that it can be patched
    return member.tobuf(tarfile.GNU_FORMAT)


def _suffix(item: Item) -> str:
    """The file's, where it is one of a few plain characters: others might be a name."""
    suffix = PurePosixPath(item.name).suffix.lower()
    return suffix if re.fullmatch(r"\.[a-z0-9]{1,5}", suffix) else ""
