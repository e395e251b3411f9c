"""One audit under way: what it looks for, what it may still read, and what it has recognised so far."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

from provision.audit.bounds import Budget, Coverage
from provision.audit.known import Hit, Known, most
from provision.audit.look import Look
from provision.audit.machine import Machine
from provision.audit.walk import Seen, Walker, content
from provision.secret import Secret

_DIGEST = 1 << 20
FEW = 4 << 20
"""Bytes of a list or a history that are read."""


@dataclass(slots=True)
class Examination:
    """What the checks share. ``recognised``: real place -> hits, of every file that was looked into."""

    machine: Machine
    known: Known
    ciphers: tuple[Secret, ...] = field(repr=False)
    walker: Walker
    recognised: dict[Path, tuple[Hit, ...]] = field(default_factory=dict)
    coverages: dict[str, Coverage] = field(default_factory=dict)

    @property
    def budget(self) -> Budget:
        """The walker's."""
        return self.walker.budget

    def coverage(self, check: str) -> Coverage:
        """What was looked at for a check."""
        return self.coverages.setdefault(check, Coverage())

    def hits(self, seen: Seen, coverage: Coverage, limit: int) -> tuple[Hit, ...]:
        """What a file is recognised as; each file is read once."""
        if seen.path not in self.recognised:
            self.recognised[seen.path] = self._look(seen, coverage, limit)
        return self.recognised[seen.path]

    def _look(self, seen: Seen, coverage: Coverage, limit: int) -> tuple[Hit, ...]:
        try:
            if seen.size > limit:
                return self._big(seen, coverage)
            data = content(seen.path, limit)
        except OSError:
            coverage.miss("denied")
            return ()
        self.budget.read += len(data)
        look = Look(self.known, self.ciphers)
        found = most(look.hits(seen.path.name, data, seen.path))
        if not found:
            for reason, count in look.unseen.items():
                coverage.miss(reason, count)
        return found

    def _big(self, seen: Seen, coverage: Coverage) -> tuple[Hit, ...]:
        """Too big to be held: known by its fingerprint or not at all."""
        if seen.size not in self.known.sizes:
            coverage.miss("big")
            return ()
        descriptor = os.open(seen.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(descriptor, "rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        self.budget.read += seen.size
        hit = self.known.by_digest(digest)
        return (hit,) if hit else ()

    def file(self, path: Path) -> Seen | None:
        """A regular file outside of the places that are walked; None when there is none."""
        try:
            about = path.lstat()
        except OSError:
            return None
        if not stat.S_ISREG(about.st_mode):
            return None
        return Seen(path, about.st_size, stat.S_IMODE(about.st_mode), about.st_mtime)

    def shown(self, path: Path) -> str:
        """A place as it may be shown."""
        return self.known.mask(self.machine.shown(path))
