"""An item as a file, for a program that needs one: in memory alone, and gone when the block ends."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from provision.errors import N_
from provision.vault import platform
from provision.vault.errors import PlaceRefused
from provision.vault.item import Item
from provision.vault.laying import fitting
from provision.vault.vault import OpenVault

_PREFIX = "vpr-plain-"


@contextlib.contextmanager
def plain_file(vault: OpenVault, item: Item) -> Iterator[Path]:
    """The decrypted item (0600, in a folder 0700 of a memory file system), called by its own last name.

    When the block ends, however it does, folder and all that a program put beside it are removed, and it is
    looked that they are. What a killed process left is removed at the next call. Raises PlaceRefused,
    VaultDamaged."""
    memory = platform.memory_folder()
    if memory is None:
        raise PlaceRefused(N_("this computer has no folder that lies in memory alone"))
    sweep(memory)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=memory))
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        platform.lock_file(descriptor)  # says to sweep that somebody is at it
        path = folder / fitting(PurePosixPath(item.name).name)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            vault.take(item, file)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)
        if folder.exists():
            raise PlaceRefused(N_("the decrypted folder {folder} could not be removed"), folder=folder)


def sweep(memory: Path) -> int:
    """Remove what killed processes left in the folder; returns how many."""
    swept = 0
    for folder in memory.glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's, or another command's at this moment
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                platform.lock_file(descriptor, wait=False)
                shutil.rmtree(folder)
                swept += 1
            finally:
                os.close(descriptor)
    return swept
