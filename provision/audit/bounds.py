"""How much an audit reads at the most, and what it says about the rest."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one audit. ``total_bytes`` are of contents; a file of more than ``file_bytes`` is told
    apart by its fingerprint alone, which needs the size of something known."""

    files: int = 300_000
    file_bytes: int = 64 << 20
    total_bytes: int = 8 << 30
    seconds: float = 600.0
    depth: int = 24


@dataclass(slots=True)
class Budget:
    """What is left of the bounds. ``spent`` says why nothing more is read: "", files, bytes or seconds."""

    bounds: Bounds
    clock: Callable[[], float] = time.monotonic
    files: int = 0
    read: int = 0
    began: float = field(init=False)

    def __post_init__(self) -> None:
        """Time runs from now."""
        self.began = self.clock()

    @property
    def spent(self) -> str:
        """Which bound is reached."""
        if self.files >= self.bounds.files:
            return "files"
        if self.read >= self.bounds.total_bytes:
            return "bytes"
        return "seconds" if self.seconds >= self.bounds.seconds else ""

    @property
    def seconds(self) -> float:
        """Since it began."""
        return self.clock() - self.began


@dataclass(slots=True)
class Coverage:
    """What was and was not looked at in one place. ``why`` counts reasons, as codes of words.UNSEEN."""

    files: int = 0
    unseen: int = 0
    why: dict[str, int] = field(default_factory=dict)

    def miss(self, reason: str, count: int = 1) -> None:
        """Something was not looked at."""
        self.unseen += count
        self.why[reason] = self.why.get(reason, 0) + count
