"""A sealed copy of items for the deputy or an inspector: one age file, for a passphrase of its own or a
public key.

Inside is a tar archive: the items under their names, and CONTENTS first, with a hash for each (as
``sha256sum -c`` reads it). Without names,
items that could name a person stay out, and the others are called by kind and number.
"""

from __future__ import annotations

import os
import re
import shutil
import tarfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from provision.errors import N_
from provision.secret import Secret
from provision.vault import age, keys, passphrase
from provision.vault.disk import writing
from provision.vault.errors import NameRefused, NoSuchItem, VaultDamaged, VaultLocked
from provision.vault.item import PIECE, Item, Kind, check_name, padding
from provision.vault.laying import apart, lay
from provision.vault.vault import OpenVault

CONTENTS = "CONTENTS.txt"
README, KEY, ITEMS = "README.txt", "key.age", "items.tar.age"
_MAX_KEY = 64 * 1024
_END = bytes(2 * tarfile.BLOCKSIZE)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What goes out, under which name; how many items stay in because they could name a person; and how many
    are called otherwise than in the vault, because another has their name or a disk would not take it."""

    items: tuple[tuple[Item, str], ...]
    left_out: int
    renamed: int = 0


@dataclass(frozen=True, slots=True)
class Copied:
    """What an archive holds: see Chosen. ``damaged``: ids of items that are lost or damaged; of some nobody
    can say whether they belong to it."""

    items: int
    left_out: int
    renamed: int
    damaged: tuple[str, ...]


def counting(items: Iterable[Item]) -> tuple[Item, ...]:
    """Those that count, of items oldest first: of each name the newest, of answers every content."""
    return tuple({_same(item): item for item in items}.values())


def _same(item: Item) -> tuple[str, str]:
    return item.name, item.sha256 if item.kind is Kind.ANSWERS else ""


def choose(items: Sequence[Item], *, names: bool) -> Chosen:
    """Of those that count. No two get one name, and none gets one that no disk takes."""
    counted = counting(items)
    if names:
        told = apart([item.name for item in counted], taken=[CONTENTS])
        renamed = sum(item.name != name for item, name in zip(counted, told, strict=True))
        return Chosen(tuple(zip(counted, told, strict=True)), 0, renamed)
    kept = [item for item in counted if item.kind.nameless]
    bare = [(item, f"{item.kind.value}/{number:04d}{_suffix(item)}") for number, item in enumerate(kept, 1)]
    return Chosen(tuple(bare), len(counted) - len(kept))


def sound(vault: OpenVault, items: Iterable[Item]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """Those whose every byte is as it was put in; and the ids of others of which no copy is whole."""
    whole, damaged = [], []
    for item in items:
        try:
            vault.verify(item.id)
            whole.append(item)
        except (VaultDamaged, NoSuchItem):
            damaged.append(item)
    good = {(item.name, item.sha256) for item in whole}
    return tuple(whole), tuple(item.id for item in damaged if (item.name, item.sha256) not in good)


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


def unseal(
    source: Path, phrase: Secret, folder: Path, renamed: Callable[[str], object] = lambda _name: None
) -> tuple[str, ...]:
    """Decrypt an archive into a new folder (0700); returns the names. ``renamed`` hears those that differ
    from the archive's, where a disk does not take that. Raises VaultLocked, VaultDamaged; then what the
    folder holds is removed again."""
    try:
        with tarfile.open(source) as outer:
            locked, sealed = outer.extractfile(KEY), outer.extractfile(ITEMS)
            if locked is None or sealed is None:
                raise VaultDamaged(N_("the file {name} is damaged"), name=source.name)
            key = passphrase.unlock(locked.read(_MAX_KEY), phrase)
            folder.mkdir(mode=0o700)
            try:
                with age.decrypting(sealed, [key]) as inner:
                    return tuple(_unpack(inner, folder, renamed))
            except BaseException:
                shutil.rmtree(folder)
                raise
    except age.NotOpened:
        raise VaultLocked(
            N_("the passphrase is wrong, or the file {name} is damaged"), name=source.name
        ) from None
    except (tarfile.TarError, NameRefused, KeyError):
        raise VaultDamaged(N_("the file {name} is damaged"), name=source.name) from None


def _unpack(inner: age.Reads, folder: Path, renamed: Callable[[str], object]) -> Iterator[str]:
    with tarfile.open(fileobj=inner, mode="r|") as archive:  # type: ignore[call-overload]
        for member in archive:
            content = archive.extractfile(member) if member.isreg() else None
            if content is None:
                raise tarfile.TarError
            path = lay(folder, check_name(member.name), partial(shutil.copyfileobj, content))
            os.utime(path, (member.mtime, member.mtime))
            name = path.relative_to(folder).as_posix()
            if name != member.name:
                renamed(name)
            yield name
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
