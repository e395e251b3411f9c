"""The computer that is looked at: its root, its people's homes, and who is looking. Read-only.

The root is a parameter: a disk that is mounted elsewhere can be looked at, and tests plant real trees.
"""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

_PEOPLE = range(1000, 60000)
"""User numbers of people on Linux; 0 is root."""
SMALL = 4 << 20
"""Bytes of a settings file that are read; the rest of one that is bigger does not count."""


@dataclass(frozen=True, slots=True)
class Home:
    """Somebody's home folder."""

    path: Path
    user: str


@dataclass(frozen=True, slots=True)
class Machine:
    """``root`` is "/" or where another system's disk lies; ``others`` says that there are homes which this
    user may not look into; ``alive`` that it is the running system, whose /proc speaks of it."""

    root: Path
    homes: tuple[Home, ...]
    others: int
    alive: bool

    def at(self, name: str) -> Path:
        """A place of the system: ``/etc/exports`` below the root."""
        return self.root / name.lstrip("/")

    def text(self, name: str) -> str | None:
        """A settings file, "" when it is empty; None when there is none. Raises OSError when it may not be
        read. What a link leads to is read only within the root."""
        return self.text_of(self.at(name))

    def text_of(self, path: Path) -> str | None:
        """The same of a path below the root."""
        try:
            real = path.resolve(strict=True)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if not self.holds(real) or not stat.S_ISREG(real.stat().st_mode):
            return None
        with real.open("rb") as file:
            return file.read(SMALL).decode("utf-8", "replace")

    def holds(self, path: Path) -> bool:
        """Whether a path that was resolved lies below the root."""
        return path.is_relative_to(self.root.resolve())

    def shown(self, path: Path) -> str:
        """The path as the looked-at system calls it."""
        if self.root == Path("/") or not path.is_relative_to(self.root):
            return str(path)
        return "/" + str(path.relative_to(self.root))

    @property
    def windows(self) -> bool:
        """Whether it is Windows: then half of the checks cannot be made."""
        return sys.platform == "win32" if self.alive else self.at("Windows/System32").is_dir()


def this_machine() -> Machine:
    """The running computer: every home for root, one's own for anybody else."""
    if sys.platform == "win32":
        return Machine(
            Path(Path.home().anchor), (Home(Path.home(), os.environ.get("USERNAME", "")),), 0, alive=True
        )
    root = Path("/")
    everyone = _homes(root)
    if os.geteuid() == 0:
        return Machine(root, everyone, 0, alive=True)
    mine = Home(Path.home(), os.environ.get("USER", ""))
    others = [one for one in everyone if one.path != mine.path and one.path != Path("/root")]
    return Machine(root, (mine,), len(others), alive=True)


def machine_at(root: Path) -> Machine:
    """Another system's disk, or a planted tree, with all its homes."""
    return Machine(root.resolve(), _homes(root.resolve()), 0, alive=False)


def _homes(root: Path) -> tuple[Home, ...]:
    """By /etc/passwd, and every folder of /home and /Users; each that exists, once, never by a link."""
    found: dict[Path, str] = {}
    try:
        lines = (root / "etc/passwd").read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        fields = line.split(":")
        if len(fields) == 7 and fields[2].isdigit() and (int(fields[2]) in _PEOPLE or fields[2] == "0"):
            found.setdefault(root / fields[5].lstrip("/"), fields[0])
    for parent in ("home", "Users"):
        try:
            inside = sorted((root / parent).iterdir())
        except OSError:
            continue
        for folder in inside:
            found.setdefault(folder, folder.name)
    return tuple(
        Home(path, user)
        for path, user in found.items()
        if path.is_dir() and not path.is_symlink() and path != root
    )
