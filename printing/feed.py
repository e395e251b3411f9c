"""What is delivered, and where a dispatcher gets it from: piece by piece, as the printer needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from printing.queues.base import PrintOptions


@dataclass(frozen=True, slots=True)
class Work:
    """A document to deliver; ``key`` names it for ever, ``write`` streams the PDF and may be called again."""

    key: str
    path: str
    sheets: int
    covers: tuple[str, ...]
    options: PrintOptions
    write: Callable[[BinaryIO], None]


class Feed(Protocol):
    """Where one printer's work comes from. A dispatcher calls it from its own thread only."""

    def next(self) -> Work | None:
        """The next document for this printer; None when there is none for now."""
        ...

    def exhausted(self) -> bool:
        """Whether nothing will come any more."""
        ...

    def back(self, works: Sequence[Work]) -> None:
        """Take back, in their order, documents that were given out and surely are not on paper."""
        ...


class Listed:
    """A feed of works in a fixed order; each is pulled from ``works`` when it is asked for."""

    def __init__(self, works: Iterable[Work]) -> None:
        """Nothing is pulled yet."""
        self._rest = iter(works)
        self._ahead: list[Work] = []
        """What is known to come, the next one last."""

    def next(self) -> Work | None:
        """The next of the works."""
        return self._ahead.pop() if self._ahead else next(self._rest, None)

    def exhausted(self) -> bool:
        """Whether the works have ended."""
        work = self.next()
        if work is not None:
            self._ahead.append(work)
        return work is None

    def back(self, works: Sequence[Work]) -> None:
        """They come next, in their order."""
        self._ahead.extend(reversed(works))
