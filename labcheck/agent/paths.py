"""Where things are on the workstation."""

from __future__ import annotations

import os

from .programs import WINDOWS
from .typed import Any

PRODUCT = "vpr-morning"


def data_folder() -> str:
    """Where what must last is kept: software, locks."""
    if WINDOWS:
        base = os.environ.get("LOCALAPPDATA") or os.path.expanduser(r"~\AppData\Local")
    else:
        base = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
    return os.path.join(base, PRODUCT)


def expand(path: str) -> str:
    """A path as the profile has it: a leading ``~`` is the account's home, %NAME% a variable on Windows."""
    return os.path.abspath(os.path.expanduser(os.path.expandvars(path) if WINDOWS else path))


def nearest(path: str) -> str:
    """The path, or the nearest folder above it that exists."""
    while not os.path.exists(path):
        above = os.path.dirname(path)
        if above == path:
            break
        path = above
    return path


def names(folder: str) -> Any:
    """What a folder holds; nothing when it is not there."""
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
