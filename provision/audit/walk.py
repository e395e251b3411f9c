"""Walking folders: within bounds, never through a link, each folder once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from provision.audit.bounds import Budget, Coverage


@dataclass(frozen=True, slots=True)
class Seen:
    """A regular file, as it was when the folder was read."""

    path: Path
    size: int
    mode: int
    modified: float


@dataclass(slots=True)
class Walker:
    """Walks for one audit; folders that were walked once are not walked again under another name.

    ``skip`` are folders that nothing is looked for in: the site itself.
    """

    budget: Budget
    skip: frozenset[tuple[int, int]] = frozenset()
    walked: set[tuple[int, int]] = field(default_factory=set)

    def files(self, top: Path, coverage: Coverage) -> Iterator[Seen]:
        """The regular files at or below ``top``; what may not be read is counted as not looked at."""
        try:
            about = top.lstat()
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError:
            coverage.miss("denied")
            return
        if stat.S_ISREG(about.st_mode):
            yield from self._file(top, about, coverage)
        elif stat.S_ISDIR(about.st_mode):
            yield from self._folder(top, about, 0, coverage)

    def _file(self, path: Path, about: os.stat_result, coverage: Coverage) -> Iterator[Seen]:
        if self.budget.spent:
            coverage.miss(self.budget.spent)
            return
        self.budget.files += 1
        coverage.files += 1
        yield Seen(path, about.st_size, stat.S_IMODE(about.st_mode), about.st_mtime)

    def _folder(self, path: Path, about: os.stat_result, depth: int, coverage: Coverage) -> Iterator[Seen]:
        known = (about.st_dev, about.st_ino)
        if known in self.skip or known in self.walked:
            return
        if self.budget.spent:
            coverage.miss(self.budget.spent)
            return
        if depth > self.budget.bounds.depth:
            coverage.miss("depth")
            return
        self.walked.add(known)
        try:
            with os.scandir(path) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError:
            coverage.miss("denied")
            return
        folders: list[tuple[Path, os.stat_result]] = []
        for entry in entries:
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:
                coverage.miss("denied")
                continue
            if stat.S_ISREG(found.st_mode):
                yield from self._file(Path(entry.path), found, coverage)
            elif stat.S_ISDIR(found.st_mode):
                folders.append((Path(entry.path), found))
        for folder, found in folders:
            yield from self._folder(folder, found, depth + 1, coverage)


def content(path: Path, limit: int) -> bytes:
    """At most ``limit`` bytes of a regular file, which is not waited for and no link. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("not a regular file")
        return file.read(limit)
