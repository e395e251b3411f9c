"""Items out of the vault as files: of answers every content; what is damaged holds up nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from provision.errors import N_
from provision.vault.archive import counting
from provision.vault.errors import NoSuchItem, VaultDamaged
from provision.vault.item import Item
from provision.vault.laying import apart, lay
from provision.vault.vault import OpenVault


@dataclass(frozen=True, slots=True)
class Meant:
    """An item that is to be a file. ``name``: its own there; ``where``: one that no other has and every disk
    takes. ``copies``: of the same name and content, newest first."""

    copies: tuple[Item, ...]
    name: str
    where: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of an item. ``path``: its file; None when every copy of it is damaged. ``renamed``: the
    file is called otherwise than the item."""

    item: Item
    path: Path | None
    renamed: bool = False


def of_name(vault: OpenVault, name: str) -> tuple[Item, ...]:
    """What a name, or an id's beginning, means, oldest first: the newest of that name; of answers every
    content. Raises NoSuchItem."""
    newest = vault.newest(name)
    return tuple(item for item in counting(vault.items()) if item.name == name) or (newest,)


def meant(vault: OpenVault, name: str) -> tuple[Meant, ...]:
    """What a name means, or with a stroke at its end everything below it. Raises NoSuchItem."""
    every = vault.items()
    if name.endswith("/"):
        items = counting([item for item in every if item.name.startswith(name)])
        names = [item.name.removeprefix(name) for item in items]
    else:
        items = of_name(vault, name)
        names = [PurePosixPath(item.name).name for item in items]
    if not items:
        raise NoSuchItem(N_("the vault has no such item"))
    return tuple(
        Meant((item, *_older(every, item)), own, where)
        for item, own, where in zip(items, names, apart(names), strict=True)
    )


def _older(every: Sequence[Item], item: Item) -> Iterator[Item]:
    wanted = (item.name, item.sha256)
    return (one for one in reversed(every) if (one.name, one.sha256) == wanted and one != item)


def write_out(vault: OpenVault, items: Sequence[Meant], folder: Path) -> Iterator[Taken]:
    """Write each into the folder. Raises OSError."""
    for one in items:
        yield _written(vault, one, folder)


def _written(vault: OpenVault, one: Meant, folder: Path) -> Taken:
    for item in one.copies:
        try:
            path = lay(folder, one.where, partial(vault.take, item), item.sha256)
        except (VaultDamaged, NoSuchItem):
            continue
        return Taken(item, path, path.relative_to(folder).as_posix() != one.name)
    return Taken(one.copies[0], None)
